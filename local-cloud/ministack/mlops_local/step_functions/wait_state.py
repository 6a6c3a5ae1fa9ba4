"""Wait states: they take their time by the clock of the local cloud."""

import time

from ministack.services import stepfunctions

from .. import hooks, waits
from . import lifetime


def sleep(seconds: float) -> None:
    """Wait for so many seconds of shifted time, or until the execution ends."""
    execution = lifetime.current()
    waits.wait(time.time() + seconds, lambda: lifetime.ended(execution))
    lifetime.check_running(execution)


def install() -> None:
    """Every pause of MiniStack's wait states is one of these; it scales them and sleeps in real time."""
    hooks.wrap(stepfunctions, "_scaled_sleep", lambda original: sleep)
