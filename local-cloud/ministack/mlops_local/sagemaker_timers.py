"""What waits in the local SageMaker, baking fleets above all, in the time of a move: it is a process of its own."""

import json
import math
import os
import time
import urllib.request

from . import moments

_PATH = "/_local/health"
_ANSWER_SECONDS = 2.0
# For so long, in real seconds, it is let look: alarms are read each quarter of a second while a fleet bakes.
LOOK_SECONDS = 0.4

# What it said last stands for so long, in real seconds, unless something happens: a move of a day has many stops at which
# nothing does.
_STANDS_SECONDS = 0.02

# The soonest of its timers when it was asked last, and when that was on the clock that does not move.
_due: float | None = None
_asked_at = -math.inf


def next_due() -> float | None:
    """When the first of its timers ends; None when none runs or nobody answers."""
    global _due, _asked_at
    if time.monotonic() < _asked_at + _STANDS_SECONDS:
        return _due
    _asked_at = time.monotonic()
    try:
        with urllib.request.urlopen(os.environ["MLOPS_LOCAL_SAGEMAKER_URL"] + _PATH, timeout=_ANSWER_SECONDS) as answer:
            millis = json.load(answer).get("nextDue")
    except OSError:
        millis = None
    _due = None if millis is None else millis / 1000
    return _due


def wake(now: float) -> bool:
    """Let it go on when a timer is due; tells whether one was."""
    is_due = _due is not None and _due <= now + moments.TOLERANCE_SECONDS
    if is_due:
        _look()
    return is_due


def let_look() -> None:
    """Something has happened that what waits may have to see, before time moves on."""
    _ask_again()
    if _due is not None:
        _look()


def _look() -> None:
    _ask_again()
    time.sleep(LOOK_SECONDS)


def _ask_again() -> None:
    global _asked_at
    _asked_at = -math.inf
