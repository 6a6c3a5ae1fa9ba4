"""The stops of a move of the clock: those known before, and timers that start while it moves."""

from collections.abc import Callable, Iterator, Sequence

# The clock moves by whole milliseconds, so a stop may lie a little before its moment.
TOLERANCE_SECONDS = 0.001


def in_order(
    planned: Sequence[float], start: float, end: float, upcoming: Callable[[], float | None]
) -> Iterator[float]:
    """Each planned moment and, in its order among them, what ``upcoming`` tells next after each stop."""
    rest = iter([*planned, None])
    soonest = next(rest)
    last = start
    while True:
        timer = upcoming()
        if timer is not None and last < timer <= end and (soonest is None or timer < soonest):
            last = timer
        elif soonest is not None:
            last = soonest
            soonest = next(rest)
        else:
            return
        yield last


def earliest(*upcoming: Callable[[], float | None]) -> Callable[[], float | None]:
    """What comes first of several kinds of timers."""

    def first() -> float | None:
        return min((timer for timer in [tell() for tell in upcoming] if timer is not None), default=None)

    return first
