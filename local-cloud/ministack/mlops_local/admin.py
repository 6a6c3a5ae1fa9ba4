"""``/_mlops/…``: what no AWS API does, for the local SageMaker and the rehearsal; and the short way of a prediction."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

from ministack.core import iam_evaluator, router
from ministack.core.responses import set_request_account_id, set_request_region

from . import application_auto_scaling, cloudformation, event_sources, events, firehose, moments, sagemaker_iam
from . import sagemaker_timers, schedules, time_to_live, waits
from .alarms import service as alarms
from .clock import Clock
from .dates import dated_by_caller
from .eks import clusters, pod_identity
from .faults.fault import RESOURCE
from .faults.requests import RequestFaults
from .faults.store import FaultStore
from .rights.review import RightsReview
from .sagemaker import SERVICE, SageMaker

_PREFIX = "/_mlops/"
# A move of more than ten years is a mistake in the unit.
_MAX_ADVANCE_SECONDS = 10 * 365 * 24 * 3600


class BadRequest(ValueError):
    """The admin request cannot be served; the message says what to change."""


@dataclass(frozen=True)
class Parts:
    """What the admin calls work on."""

    clock: Clock
    sagemaker: SageMaker
    rights: RightsReview
    faults: FaultStore


def wrap(asgi: Callable[..., Awaitable[None]], parts: Parts) -> Callable[..., Awaitable[None]]:
    """The application with the admin routes before it."""
    requests = RequestFaults(parts.faults)

    async def forward(method, path, headers, body, query_params):
        return await parts.sagemaker.forward(method, path, headers, body)

    async def application(scope, receive, send):
        if scope["type"] != "http":
            return await asgi(scope, receive, send)
        send = dated_by_caller(scope, send)
        path = scope["path"]
        if path.startswith(_PREFIX):
            return await _admin(scope, receive, send, parts)
        if sagemaker_iam.invocation(path) and (headers := _root_request(scope)) is not None:
            # Root is allowed everything: the prediction of a load test need not pass MiniStack's dispatcher.
            set_request_account_id(router.extract_access_key_id(headers))
            set_request_region(router.extract_region(headers))
            body = await _body(receive)
            request = (scope["method"], path, headers, body, {})
            status, answer, content = await requests.carry_out(SERVICE, request, forward)
            return await _send(send, status, answer, content)
        return await asgi(scope, receive, send)

    return application


def _root_request(scope) -> dict[str, str] | None:
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    key = router.extract_access_key_id(headers)
    if not key or not iam_evaluator.is_root_access_key(key):
        return None
    return headers


async def _body(receive) -> bytes:
    chunks = []
    while True:
        message = await receive()
        chunks.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(chunks)


async def _send(send, status: int, headers: dict[str, str], content: bytes) -> None:
    listed = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    listed.append((b"content-length", str(len(content)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": listed})
    await send({"type": "http.response.body", "body": content})


async def _admin(scope, receive, send, parts: Parts) -> None:
    route = (scope["method"], scope["path"][len(_PREFIX) :])
    body = await _body(receive)
    # of the local SageMaker, which says whose event it is
    for name, value in scope["headers"]:
        if name == b"x-mlops-account":
            set_request_account_id(value.decode("latin-1"))
        elif name == b"x-mlops-region":
            set_request_region(value.decode("latin-1"))
    try:
        handler = _ROUTES.get(route)
        if handler is None:
            known = ", ".join(f"{method} {_PREFIX}{name}" for method, name in _ROUTES)
            status, answer = 404, {"message": f"no such admin call {route[0]} {scope['path']}; there are {known}"}
        else:
            # Worker threads: moving the clock and putting events call back into the services.
            status, answer = 200, await asyncio.to_thread(handler, parts, body)
    except ValueError as error:
        status, answer = 400, {"message": str(error)}
    await _send(send, status, {"content-type": "application/json"}, json.dumps(answer).encode())


def _json_object(body: bytes) -> dict:
    try:
        request = json.loads(body or b"{}")
    except ValueError as error:
        raise BadRequest(f"the body is not JSON: {error}") from error
    if not isinstance(request, dict):
        raise BadRequest("the body must be a JSON object")
    return request


def _clock_state(clock: Clock) -> dict:
    return {"now": clock.now(), "offsetMs": clock.offset_ms()}


def _get_clock(parts: Parts, body: bytes) -> dict:
    return _clock_state(parts.clock)


def _move_clock(parts: Parts, body: bytes) -> dict:
    seconds = _json_object(body).get("advanceSeconds")
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 0 <= seconds <= _MAX_ADVANCE_SECONDS:
        raise BadRequest(f"'advanceSeconds' must be a number from 0 to {_MAX_ADVANCE_SECONDS}, got {seconds!r}")

    def due(start: float, end: float) -> Iterator[float]:
        sources = (waits, firehose, alarms, time_to_live, event_sources, sagemaker_timers)
        timers = [source.next_due for source in sources]
        return moments.in_order(schedules.due(start, end), start, end, moments.earliest(*timers))

    def tick(now: float) -> bool:
        happened = [
            firehose.deliver_due(now),
            waits.wake(now),
            time_to_live.expire(now),
            event_sources.wake(now),
            schedules.tick(),
            alarms.evaluate_all(now),
        ]
        if any(happened):
            sagemaker_timers.let_look()
        # Last, since what is over has seen what came before its end.
        return sagemaker_timers.wake(now) or any(happened)

    started = time.monotonic()
    stops = parts.clock.advance(seconds, due, tick)
    return {**_clock_state(parts.clock), "stops": stops, "tookSeconds": round(time.monotonic() - started, 3)}


def _put_events(parts: Parts, body: bytes) -> dict:
    return events.put_events(_json_object(body))


def _recorded(parts: Parts, body: bytes) -> dict:
    return {"resources": cloudformation.recorded() + application_auto_scaling.recorded()}


def _clusters(parts: Parts, body: bytes) -> dict:
    """Where each cluster is reached here, as its administrator and by its gateway."""
    return {"clusters": clusters.listed()}


def _has_role(parts: Parts, body: bytes) -> dict:
    return pod_identity.associated(_json_object(body))


def _pod_credentials(parts: Parts, body: bytes) -> dict:
    return pod_identity.credentials(_json_object(body))


def _rights(parts: Parts, body: bytes) -> dict:
    return {"roles": parts.rights.report()}


def _get_faults(parts: Parts, body: bytes) -> dict:
    return {"faults": parts.faults.listed()}


def _add_faults(parts: Parts, body: bytes) -> dict:
    return {"faults": parts.faults.add(_json_object(body))}


def _clear_faults(parts: Parts, body: bytes) -> dict:
    parts.faults.clear()
    return {"faults": []}


def _take_fault(parts: Parts, body: bytes) -> dict:
    """For the local SageMaker: the fault that strikes a resource at a step."""
    about = _json_object(body)
    fault = parts.faults.take(RESOURCE, {"resource": about.get("resource", ""), "step": about.get("step", "")})
    return {} if fault is None else {"fault": fault.described()}


_ROUTES = {
    ("GET", "clock"): _get_clock,
    ("POST", "clock"): _move_clock,
    ("POST", "events"): _put_events,
    ("GET", "faults"): _get_faults,
    ("POST", "faults"): _add_faults,
    ("DELETE", "faults"): _clear_faults,
    ("POST", "faults/take"): _take_fault,
    ("GET", "clusters"): _clusters,
    ("POST", "pod-identity/associated"): _has_role,
    ("POST", "pod-identity/credentials"): _pod_credentials,
    ("GET", "recorded"): _recorded,
    ("GET", "rights"): _rights,
}
