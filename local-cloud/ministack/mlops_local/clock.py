"""The movable clock of the local cloud: one offset to real time, kept in a file that every process reads."""

import math
import os
import threading
import time
from collections.abc import Callable, Iterable

import time_machine
from ministack.core import sigv4
from ministack.services import sts

from . import event_sources, hooks, waits


# How long, in real seconds, a step waits for the Lambda functions that it started.
_SETTLE_SECONDS = 2.0
# Other processes may go on for so long, in real seconds, by the time they read last: see the files in `local-cloud/clock`.
_FOLLOWED_AFTER_SECONDS = 0.025


def _real_time() -> float:
    """Real time in seconds: what `time.time` tells until something travels, and only this tells afterwards."""
    if time_machine.escape_hatch.is_travelling():
        return time_machine.escape_hatch.time.time_ns() / 1e9
    return time.time()


class Clock:
    """Shifted time for this process; the file's offset follows it."""

    def __init__(self, path: str):
        self._path = path
        self._lock = threading.RLock()
        # When another process may have read the time last, on the clock that does not move.
        self._read_at = 0.0
        offset = read_offset(path)
        self._travel = time_machine.travel(_real_time() + offset / 1000, tick=True)
        self._traveller = self._travel.start()

    def now(self) -> float:
        """Shifted time in seconds since the epoch."""
        return time.time()

    def real_now(self) -> float:
        """Real time in seconds since the epoch."""
        return _real_time()

    def offset_ms(self) -> int:
        """How far shifted time is ahead."""
        return read_offset(self._path)

    def unless_moving(self, action: Callable[[], object]) -> None:
        """Run what time brings about, unless a move does so itself: what it starts must be waited for there."""
        if self._lock.acquire(blocking=False):
            try:
                action()
            finally:
                self._lock.release()

    def advance(
        self, seconds: float, due: Callable[[float, float], Iterable[float]], tick: Callable[[float], bool]
    ) -> int:
        """Move on by ``seconds``, stopping at each due time on the way so that things happen in their order.

        ``due(start, end)`` lists when something may happen; ``tick(now)`` lets it happen and tells whether it did.
        Returns how many stops there were.
        """
        with self._lock:
            start = self.now()
            # The clock runs on while steps are taken, so the end is fixed as an offset.
            end_offset = self.offset_ms() + round(seconds * 1000)
            stops = 0
            self._read_at = time.monotonic()
            for moment in due(start, start + seconds):
                # Rounded up: what is due at the moment looks whether it has come.
                wanted = math.ceil((moment - self.real_now()) * 1000)
                if self.offset_ms() < wanted <= end_offset:
                    self._set(wanted)
                self._step(tick)
                stops += 1
            self._set(max(end_offset, self.offset_ms()))
            self._step(tick)
            return stops + 1

    def _step(self, tick: Callable[[float], bool]) -> None:
        # What ran at the last stop has read its time, and would tell it at this one.
        time.sleep(max(0.0, self._read_at + _FOLLOWED_AFTER_SECONDS - time.monotonic()))
        before = set(threading.enumerate())
        if tick(self.now()):
            _settle(before)
            self._read_at = time.monotonic()

    def _set(self, offset_ms: int) -> None:
        moved = offset_ms - read_offset(self._path)
        if moved == 0:
            return
        # Written beside and renamed: a reader never sees half a number.
        temporary = f"{self._path}.new"
        with open(temporary, "w", encoding="ascii") as file:
            file.write(str(offset_ms))
        os.replace(temporary, self._path)
        self._traveller.move_to(_real_time() + offset_ms / 1000)
        # Whoever holds temporary credentials renews them before they expire; here time jumps over the renewal.
        for session in sts._sessions.values():
            if isinstance(session.get("Expiration"), (int, float)):
                session["Expiration"] += moved / 1000


def read_offset(path: str) -> int:
    """Milliseconds by which the file at ``path`` shifts time; 0 without one."""
    try:
        with open(path, encoding="ascii") as file:
            return int(file.read().strip() or "0")
    except FileNotFoundError:
        return 0


def _settle(before: set[threading.Thread]) -> None:
    """Let what a step started finish before time moves on, so that it sees its own time.

    MiniStack delivers each event in a thread of its own; readers of a new Lambda worker's output live on, and what
    waits by the clock may rest for long, which it tells itself.
    """
    deadline = time.monotonic() + _SETTLE_SECONDS
    while time.monotonic() < deadline:
        started = [thread for thread in threading.enumerate() if thread not in before]
        if all(thread.name.startswith(("stderr-", waits.THREAD_NAME)) for thread in started):
            break
        time.sleep(0.01)
    waits.settle()
    event_sources.settle()


def install(path: str) -> Clock:
    """Shift this process's time, and accept requests signed at any time between the real and the shifted one."""
    clock = Clock(path)

    def tolerant(original):
        def request_time_failure(signature, *, now=None):
            signed_at = sigv4._amz_datetime(signature.amz_date)
            if now is None and signed_at is not None and clock.real_now() <= signed_at.timestamp() <= clock.now():
                return None
            # Programs outside the local cloud, the CDK CLI for one, sign with the real time.
            if now is None and signed_at is not None and signed_at.timestamp() < clock.real_now():
                import datetime

                now = datetime.datetime.fromtimestamp(clock.real_now(), datetime.timezone.utc)
            return original(signature, now=now)

        return request_time_failure

    hooks.wrap(sigv4, "request_time_failure", tolerant)
    return clock
