"""Asynchronous invocations of Lambda: tried again after AWS's pauses, by the clock of the local cloud.

By "How Lambda handles errors and retries with asynchronous invocation": the second attempt comes one minute after the
first, the third two minutes after that.
"""

import contextlib
import threading
import time

from ministack.core.responses import request_scope
from ministack.services import lambda_svc

from . import hooks, waits

_PAUSES_SECONDS = (60, 120)
_MAX_AGE_SECONDS = 6 * 3600


def invoke(function: dict, event: dict) -> None:
    """Start the attempts; nobody waits for them but the clock."""
    config = function.get("config") or function
    account, region = lambda_svc._account_region_from_function_config(config)
    work = contextlib.ExitStack()
    # From here on, not from when the thread runs: the clock may look before that.
    work.enter_context(waits.working())

    def run() -> None:
        with work, request_scope(account, region):
            _attempts(function, config, event)

    threading.Thread(target=run, name=waits.THREAD_NAME, daemon=True).start()


def _attempts(function: dict, config: dict, event: dict) -> None:
    settings = function.get("event_invoke_config") or (function.get("event_invoke_configs") or {}).get("$LATEST") or {}
    retries = int(settings.get("MaximumRetryAttempts", len(_PAUSES_SECONDS)))
    oldest = time.time() + int(settings.get("MaximumEventAgeInSeconds", _MAX_AGE_SECONDS))
    outcome = lambda_svc._execute_function(function, event)
    for pause in _PAUSES_SECONDS[:retries]:
        again = time.time() + pause
        if not outcome.get("error") or again > oldest:
            break
        waits.wait(again, lambda: False)
        outcome = lambda_svc._execute_function(function, event)
    if not outcome.get("error"):
        return
    destination = ((settings.get("DestinationConfig") or {}).get("OnFailure") or {}).get("Destination")
    target = destination or (config.get("DeadLetterConfig") or {}).get("TargetArn")
    if target:
        lambda_svc._route_async_failure(target, config.get("FunctionName", "unknown"), event, outcome)


def install() -> None:
    """Replace MiniStack's retries, which pause for a second or two of real time."""
    hooks.wrap(lambda_svc, "invoke_async_with_retry", lambda original: invoke)
