"""How threads wait: by shifted time, told by a move of the clock when they are due, and known to be at rest.

Those of executions and of asynchronous invocations do.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from . import moments

# Threads that wait so: the clock's own settling leaves them to this module.
THREAD_NAME = "waits-by-clock"
# How long, in real seconds, the clock waits for them to come to rest before it moves on.
SETTLE_SECONDS = 2.0
# Between two threads of one execution neither may be counted for a moment, so rest must last.
_REST_SECONDS = 0.02

_changed = threading.Condition()


@dataclass(eq=False)
class _Sleeper:
    until: float | None
    woken: bool = False


_sleepers: set[_Sleeper] = set()
_busy = 0
# Whether something has been at work since everything was last seen at rest.
_stirred = False


def _count(change: int) -> None:
    global _busy, _stirred
    with _changed:
        _busy += change
        _stirred = True
        _changed.notify_all()


@contextmanager
def working() -> Iterator[None]:
    """Something goes on: the clock does not pass over it."""
    _count(1)
    try:
        yield
    finally:
        _count(-1)


@contextmanager
def resting() -> Iterator[None]:
    """This thread only waits for others that do so."""
    _count(-1)
    try:
        yield
    finally:
        _count(1)


def passed(moment: float) -> bool:
    """Whether the shifted time has come to this moment."""
    return moment - moments.TOLERANCE_SECONDS <= time.time()


def wait(until: float | None, ready: Callable[[], bool], poll: float | None = None) -> bool:
    """Wait until ``ready`` or the shifted time ``until``, and with ``poll`` no longer than so many real seconds.

    Tells whether it is ready. Whoever makes it ready calls ``changed``.
    """
    sleeper = _Sleeper(until)
    with _changed:
        _sleepers.add(sleeper)
        _count(-1)
        give_up = None if poll is None else time.monotonic() + poll
        try:
            while not ready():
                if until is not None and passed(until):
                    return False
                left = [] if until is None else [until - time.time()]
                if give_up is not None:
                    left.append(give_up - time.monotonic())
                if left and min(left) <= 0:
                    return False
                # A lock cannot be waited for as long as some timeouts are.
                _changed.wait(min([*left, threading.TIMEOUT_MAX]))
            return True
        finally:
            _sleepers.discard(sleeper)
            if not sleeper.woken:
                _count(1)


def changed() -> None:
    """Something that is waited for may have happened."""
    with _changed:
        _changed.notify_all()


def wake(now: float) -> bool:
    """Let go on what is due; tells whether something was."""
    woken = False
    with _changed:
        for sleeper in _sleepers:
            if sleeper.until is not None and sleeper.until - moments.TOLERANCE_SECONDS <= now and not sleeper.woken:
                # At work from now on: the clock may look again before the thread runs.
                sleeper.woken = woken = True
                _count(1)
        _changed.notify_all()
    return woken


def next_due() -> float | None:
    """When the next wait ends, once what is at work has come to rest."""
    settle()
    with _changed:
        waiting = [sleeper.until for sleeper in _sleepers if sleeper.until is not None and not sleeper.woken]
        return min(waiting, default=None)


def settle(seconds: float = SETTLE_SECONDS) -> bool:
    """Wait until everything is at rest or so many real seconds have passed; tells whether all are."""
    global _stirred
    deadline = time.monotonic() + seconds
    with _changed:
        while _stirred:
            left = deadline - time.monotonic()
            if left <= 0:
                return _busy == 0
            if _busy > 0:
                _changed.wait(left)
            elif not _changed.wait(_REST_SECONDS) and _busy == 0:
                _stirred = False
    return True
