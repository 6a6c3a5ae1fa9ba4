"""Faults of requests: throttled, refused, slow, answered by nobody, or the death of who has asked."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable

from ministack import app
from ministack.core import iam_actions, iam_evaluator, lambda_runtime
from ministack.core.responses import get_account_id, get_region

from .fault import REQUEST, Fault
from .store import FaultStore

Answer = tuple[int, dict, bytes | str]

# AWS's names for "too many requests" differ; 400 where nothing else is said.
_THROTTLED = {
    "s3": ("SlowDown", 503),
    "lambda": ("TooManyRequestsException", 429),
    "cloudformation": ("Throttling", 400),
    "cloudwatch": ("Throttling", 400),
    "iam": ("Throttling", 400),
    "sns": ("Throttling", 400),
    "sts": ("Throttling", 400),
}


class RequestFaults:
    """What stands before every service's handler, whether a request came in by the gateway or from another service."""

    def __init__(self, store: FaultStore) -> None:
        self._store = store

    async def carry_out(
        self, service: str, request: tuple[str, str, dict, bytes, dict], handler: Callable[..., Awaitable[Answer]]
    ) -> Answer:
        """Let the request through, or do what the fault says."""
        if not self._store.any_at(REQUEST):
            return await handler(*request)
        method, path, headers, body, query = request
        action = iam_actions.extract_iam_action(service, method, path, headers, body, query)
        if action is None:
            return await handler(*request)
        resource = iam_actions.extract_resource_arn(
            service, method, path, headers, body, query, get_region(), get_account_id()
        )
        fault = self._store.take(REQUEST, {"action": action, "resource": resource})
        if fault is None:
            return await handler(*request)
        return await _strike(fault, service, action, request, handler)


async def _strike(fault: Fault, service: str, action: str, request: tuple, handler) -> Answer:
    headers = request[2]
    if fault.effect == "throttle":
        code, status = _THROTTLED.get(service, ("ThrottlingException", 400))
        return error_answer(service, action, headers, code, status, "Rate exceeded")
    if fault.effect == "error":
        options = fault.options
        return error_answer(service, action, headers, options["code"], options["status"], options["message"])
    if fault.effect == "slow":
        await asyncio.sleep(fault.options["seconds"])
        return await handler(*request)
    if fault.effect == "answer-lost":
        await handler(*request)
        await asyncio.sleep(fault.options["seconds"])
        return error_answer(service, action, headers, "GatewayTimeout", 504, "the answer was lost by a fault")
    return await _kill_caller(fault, request, handler)


async def _kill_caller(fault: Fault, request: tuple, handler) -> Answer:
    headers, query = request[2], request[4]
    role = role_of_session(iam_evaluator.request_caller_arn(headers, query))
    if fault.options["when"] == "after":
        answer = await handler(*request)
        kill_functions(role)
        return answer
    kill_functions(role)
    # Nobody is there any more to read it.
    return 503, {}, b""


def role_of_session(arn: str) -> str:
    """Name of the role that a session's ARN names; empty for any other caller."""
    kind, _, rest = arn.rsplit(":", 1)[-1].partition("/")
    return rest.split("/")[0] if kind == "assumed-role" else ""


def kill_functions(role: str) -> None:
    """Kill each Lambda worker that is invoked just now and runs as the role, as a lost machine would."""
    for worker in [worker for workers in list(lambda_runtime._workers.values()) for worker in workers]:
        runs_as = str(worker.config.get("Role", "")).rsplit("/", 1)[-1]
        if role and runs_as == role and worker.in_use and worker._proc is not None:
            worker._proc.kill()


def error_answer(service: str, action: str, headers: dict, code: str, status: int, message: str) -> Answer:
    """An error in the form in which the service gives its own."""
    _, answer, body = iam_actions.access_denied_response(
        service, action, "", str(uuid.uuid4()), headers=headers, message=message, error_code=code
    )
    return status, answer, body


def install(store: FaultStore) -> None:
    """Stand before every handler."""
    faults = RequestFaults(store)

    def guarded(service: str, handler):
        async def handle(method, path, headers, body, query_params):
            return await faults.carry_out(service, (method, path, headers, body, query_params), handler)

        return handle

    for service, handler in list(app.SERVICE_HANDLERS.items()):
        app.SERVICE_HANDLERS[service] = guarded(service, handler)
