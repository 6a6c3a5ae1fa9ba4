"""What every endpoint that predicts has in common: measured, never without an answer, and the version named in it."""

import sys
import time
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from .bad_request import BadRequest
from .predictor import Predictor

# the largest payload that SageMaker hands to a container
LARGEST_BODY = 25 * 1024 * 1024
LONGEST_ID = 256
# SageMaker's InferenceId; the other one is what gateways in front of Kubernetes set
ID_HEADERS = ("x-amzn-sagemaker-inference-id", "x-request-id")

Endpoint = Callable[[Request], Awaitable[Response]]
Answer = Callable[[Request, float], Awaitable[Response]]


def predicting(predictor: Predictor, protocol: str, answer: Answer) -> Endpoint:
    """An endpoint that predicts: beside what every endpoint does, it counts for autoscalers and alarms."""
    metrics = predictor.metrics
    handle = endpoint(predictor, protocol, answer)

    async def counted(request: Request) -> Response:
        started = time.perf_counter()
        with metrics.in_flight.track_inprogress():
            response = await handle(request)
        metrics.predicted(response.status_code, time.perf_counter() - started)
        return response

    return counted


def endpoint(predictor: Predictor, protocol: str, answer: Answer) -> Endpoint:
    """An endpoint that answers, counts and times; errors become answers that say what to do."""
    metrics = predictor.metrics
    seconds = metrics.seconds.labels(protocol)
    ok = metrics.requests.labels(protocol, "200")

    async def handle(request: Request) -> Response:
        started = time.perf_counter()
        try:
            response = await answer(request, started)
            ok.inc()
        except BadRequest as error:
            response = json_response(predictor, {"error": str(error), "details": error.details}, error.status)
            metrics.requests.labels(protocol, str(error.status)).inc()
        except ClientDisconnect:
            # nobody is left to answer; nginx's status for it, which is no error of the server
            response = Response(status_code=499)
            metrics.requests.labels(protocol, "499").inc()
        except Exception as error:  # the model is a team's code: whatever it raises, the caller gets an answer
            traceback.print_exc(file=sys.stderr)
            response = json_response(predictor, {"error": f"prediction failed, {type(error).__name__}: {error}"}, 500)
            metrics.requests.labels(protocol, "500").inc()
        seconds.observe(time.perf_counter() - started)
        return response

    return handle


def json_response(predictor: Predictor, document: dict[str, Any], status: int = 200, named: bool = True) -> Response:
    """A JSON answer that names the version in its header and, unless a protocol says what stands there, in its body."""
    settings = predictor.settings
    if named:
        document = {**document, "model": settings.model_name, "version": settings.model_version}
    return Response(
        orjson.dumps(document),
        status_code=status,
        media_type="application/json",
        headers={"X-Model-Version": settings.model_version},
    )


async def json_body(request: Request) -> dict[str, Any]:
    body = await limited_body(request)
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        shown = body[:80].decode(errors="replace")
        raise BadRequest("body", shown, "a JSON object", f"send valid JSON ({error})") from error
    if not isinstance(document, dict):
        raise BadRequest("body", document, "a JSON object", "put the rows into an object")
    return document


async def limited_body(request: Request) -> bytes:
    """The body, as long as it is not larger than any service would hand on."""
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > LARGEST_BODY:
            allowed = f"at most {LARGEST_BODY} bytes"
            raise BadRequest("body", f"over {LARGEST_BODY} bytes", allowed, "send fewer rows in a request", 413)
        parts.append(part)
    return b"".join(parts)


def caller_id(request: Request) -> str | None:
    """The id that the caller gave the request, or None.

    A header's id is for the log alone, and a gateway may have set it: one that is too long is no reason to fail.
    """
    for header in ID_HEADERS:
        value = request.headers.get(header, "")
        if 0 < len(value) <= LONGEST_ID:
            return value
    return None
