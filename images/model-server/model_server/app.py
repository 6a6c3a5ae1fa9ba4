"""The server: both protocols and the metrics around one predictor."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .firehose import Firehose
from .inference_log import InferenceLog
from .metrics import Metrics
from .model import load_model
from .open_inference import open_inference_routes
from .predictor import Predictor
from .sagemaker import sagemaker_routes
from .settings import Settings

# SageMaker kills a container 30 seconds after it asked it to end; requests in flight come first (see __main__)
LOG_CLOSE_SECONDS = 8.0
METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def create_app(settings: Settings) -> Starlette:
    """Loads the model and gives the application that serves it."""
    model = load_model(settings.model_dir)
    metrics = Metrics(settings.model_name, settings.model_version)
    log = _inference_log(settings, metrics)
    predictor = Predictor(settings, model, metrics, log)

    async def metrics_text(_: Request) -> Response:
        return Response(metrics.text(), headers={"Content-Type": METRICS_TYPE})

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        if log is not None:
            log.close(LOG_CLOSE_SECONDS)

    routes = [
        *sagemaker_routes(predictor),
        *open_inference_routes(predictor),
        Route("/metrics", metrics_text, methods=["GET"]),
    ]
    return Starlette(routes=routes, lifespan=lifespan)


def _inference_log(settings: Settings, metrics: Metrics) -> InferenceLog | None:
    stream = settings.log_stream
    if stream is None:
        return None
    log = InferenceLog(lambda: Firehose.connect(stream, settings.region), metrics.log_written, metrics.log_dropped)
    metrics.log_waiting.set_function(lambda: log.waiting_bytes)
    return log
