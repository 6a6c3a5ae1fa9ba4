"""Records that wait for their delivery.

They are held in memory, as all of MiniStack's data are: what waits when the local cloud stops is gone with its buckets.
"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

from . import destination


@dataclass(frozen=True)
class Key:
    """One buffer: those of a destination differ by partition, and by the type of error for what cannot be delivered."""

    account: str
    region: str
    stream: str
    destination_id: str
    query_keys: tuple[tuple[str, str], ...] = ()
    lambda_keys: tuple[tuple[str, str], ...] = ()
    error: str | None = None


@dataclass
class Buffer:
    """What waits, with the configuration that the stream had when the first record came."""

    key: Key
    config: dict
    version: int
    opened: float
    records: list[bytes] = field(default_factory=list)
    size: int = 0

    @property
    def due(self) -> float:
        return self.opened + destination.interval(self.config)

    @property
    def full(self) -> bool:
        return self.size >= destination.size_limit(self.config)


class Buffers:
    """All buffers; each leaves by one hand only, so nothing is delivered twice."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[Key, Buffer] = {}

    def add(self, key: Key, config: dict, version: int, data: bytes, size: int, now: float) -> Buffer | None:
        """Take a record in; the buffer, taken out, when it must be delivered at once."""
        with self._lock:
            buffer = self._open.get(key)
            if buffer is None:
                buffer = self._open[key] = Buffer(key, config, version, now)
            buffer.records.append(data)
            buffer.size += size
            if buffer.full or buffer.due <= now:
                return self._open.pop(key)
            return None

    def next_due(self) -> float | None:
        """When the first buffer is due."""
        with self._lock:
            return min((buffer.due for buffer in self._open.values()), default=None)

    def take_due(self, now: float) -> Iterator[Buffer]:
        """Take out what is due, in its order."""
        while True:
            with self._lock:
                ready = [buffer for buffer in self._open.values() if buffer.due <= now]
                if not ready:
                    return
                first = min(ready, key=lambda buffer: buffer.due)
                del self._open[first.key]
            yield first

    def discard(self, account: str, region: str, stream: str) -> None:
        """Forget what a deleted stream holds: AWS promises nothing for it."""
        with self._lock:
            gone = (account, region, stream)
            for key in [key for key in self._open if (key.account, key.region, key.stream) == gone]:
                del self._open[key]
