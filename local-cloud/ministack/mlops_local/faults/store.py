"""The faults that are in force."""

import itertools
import threading
from collections.abc import Mapping

from .fault import Fault, InvalidFault, parse


class FaultStore:
    """Faults in the order in which they were added; the first that is meant and due strikes."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._ids = itertools.count(1)
        self._lock = threading.Lock()

    def add(self, request: Mapping) -> list[dict]:
        """Put all of `faults` in force, or none when one of them is wrong."""
        written = request.get("faults")
        unknown = [name for name in request if name != "faults"]
        if not isinstance(written, list) or not written or unknown:
            raise InvalidFault('the body must be {"faults": [...]} with at least one fault')
        added = [parse(one, f"fault-{next(self._ids)}") for one in written]
        with self._lock:
            self._faults = [*self._faults, *added]
        return [fault.described() for fault in added]

    def clear(self) -> None:
        """Let everything go well again."""
        with self._lock:
            self._faults = []

    def listed(self) -> list[dict]:
        """Each with how often it has struck."""
        with self._lock:
            return [fault.described() for fault in self._faults]

    def any_at(self, point: str) -> bool:
        """Whether there is a fault to look for; for those who look at each request."""
        return any(fault.point == point for fault in self._faults)

    def take(self, point: str, about: Mapping[str, str | list[str]]) -> Fault | None:
        """The fault that strikes now, counted as having struck."""
        with self._lock:
            return next((fault for fault in self._faults if fault.point == point and fault.strikes(about)), None)
