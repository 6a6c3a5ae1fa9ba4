"""Retry and Catch: how long to wait for the next attempt, and what an error that remains leads to."""

import random
import time
from collections.abc import Callable

from ministack.services import stepfunctions

from .. import waits
from . import lifetime
from .errors import ExecutionEnded

_INTERVAL_SECONDS = 1
_BACKOFF_RATE = 2.0


def delay(retrier: dict, retries: int) -> float:
    """Seconds before the next attempt, after so many retries by this retrier."""
    seconds = retrier.get("IntervalSeconds", _INTERVAL_SECONDS) * retrier.get("BackoffRate", _BACKOFF_RATE) ** retries
    if "MaxDelaySeconds" in retrier:
        seconds = min(seconds, retrier["MaxDelaySeconds"])
    return random.uniform(0, seconds) if retrier.get("JitterStrategy") == "FULL" else seconds


def run(state: dict, raw_input: object, execution: dict, ctx: dict, attempt: Callable[[], tuple]) -> tuple:
    """Output and next state of an attempt, made again and caught as the state says."""
    # Branches share the context and leave their own state in it.
    entered = ctx["State"]
    retries: dict[int, int] = {}
    while True:
        ctx["State"] = {**entered, "RetryCount": sum(retries.values())}
        try:
            return attempt()
        except ExecutionEnded:
            raise
        except stepfunctions._ExecutionError as error:
            # What a state makes of its branches' ends is no error of its own.
            lifetime.check_running(execution)
            retrier, index = stepfunctions._find_matching_retrier(state.get("Retry", []), error.error, retries)
            if retrier is None:
                return _caught(state, raw_input, ctx, error)
            count = retries.get(index, 0)
            retries[index] = count + 1
            waits.wait(time.time() + delay(retrier, count), lambda: lifetime.ended(execution))
            lifetime.check_running(execution)


def _caught(state: dict, raw_input: object, ctx: dict, error: stepfunctions._ExecutionError) -> tuple:
    catcher = stepfunctions._find_matching_catcher(state.get("Catch", []), error.error)
    if catcher is None:
        raise error
    described = {"Error": error.error, "Cause": error.cause}
    language = stepfunctions._state_query_language(state, ctx)
    return stepfunctions._apply_catcher(catcher, raw_input, ctx, language, described), catcher["Next"]
