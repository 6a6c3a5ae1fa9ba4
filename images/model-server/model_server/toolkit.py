"""Serves an `inference.py` of others as SageMaker's inference toolkit does: its functions say what comes and goes.

Without a schema there are no features to name, so that nothing is logged and the Open Inference Protocol is not served.
"""

import asyncio
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .bad_request import BadRequest
from .codecs import JSON, TEXT_TYPES, media_type
from .endpoint import limited_body
from .handlers import Handlers
from .metrics import Metrics


def toolkit_routes(handlers: Handlers, version: str, metrics: Metrics) -> list[Route]:
    """The two routes that SageMaker calls."""
    headers = {"X-Model-Version": version}
    # one thread: a team's own code need not be safe for more
    thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="predict")

    async def ping(_: Request) -> Response:
        return Response(headers=headers)

    async def invocations(request: Request) -> Response:
        with metrics.seconds.labels("sagemaker").time():
            try:
                response = await predict(request)
            except BadRequest as error:
                response = JSONResponse({"error": str(error), "details": error.details}, error.status, headers)
            except Exception as error:  # the code is a team's: whatever it raises, the caller gets an answer
                traceback.print_exc(file=sys.stderr)
                response = JSONResponse({"error": f"{type(error).__name__}: {error}"}, 500, headers)
        metrics.requests.labels("sagemaker", str(response.status_code)).inc()
        return response

    async def predict(request: Request) -> Response:
        content_type = request.headers.get("content-type", JSON)
        accept = request.headers.get("accept", "*/*")
        accept = JSON if accept == "*/*" else accept
        body: str | bytes = await limited_body(request)
        if media_type(content_type) in TEXT_TYPES:
            body = _text(body)
        loop = asyncio.get_running_loop()
        answer = await loop.run_in_executor(thread, handlers.transform, handlers.model, body, content_type, accept)
        # an `output_fn` may say what it has made of it
        content, answered_type = answer if isinstance(answer, tuple) else (answer, accept)
        return Response(content, headers=headers, media_type=answered_type)

    return [Route("/ping", ping, methods=["GET"]), Route("/invocations", invocations, methods=["POST"])]


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise BadRequest("body", body[:80], "text in UTF-8", "encode it as UTF-8") from error
