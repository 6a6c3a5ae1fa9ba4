"""How long answers took lately: what an autoscaler may act on, unlike a total since the start."""

import threading
import time
from collections.abc import Callable

HALF_SECONDS = 15.0


class Recent:
    """The mean of the last 15 to 30 seconds; 0 when nothing was answered, so that load that is gone is forgotten."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._half = self._now()
        self._current = (0.0, 0)
        self._previous = (0.0, 0)

    def add(self, seconds: float) -> None:
        with self._lock:
            self._turn()
            total, count = self._current
            self._current = (total + seconds, count + 1)

    def mean(self) -> float:
        with self._lock:
            self._turn()
            total = self._current[0] + self._previous[0]
            count = self._current[1] + self._previous[1]
        return total / count if count > 0 else 0.0

    def _now(self) -> int:
        return int(self._clock() / HALF_SECONDS)

    def _turn(self) -> None:
        half = self._now()
        if half == self._half:
            return
        self._previous = self._current if half == self._half + 1 else (0.0, 0)
        self._current = (0.0, 0)
        self._half = half
