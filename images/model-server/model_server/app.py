"""The server: both protocols and the metrics around one predictor."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .cloudwatch import connect_cloudwatch
from .firehose import Firehose
from .guardrail import Guardrail
from .handlers import load_handlers
from .inference_log import InferenceLog
from .metrics import Metrics
from .model import load_model
from .open_inference import open_inference_routes
from .predictor import Predictor
from .sagemaker import sagemaker_routes
from .schema import SCHEMA_FILE, ModelError
from .settings import Settings
from .team_code import team_code
from .toolkit import toolkit_routes

# SageMaker kills a container 30 seconds after it asked it to end; requests in flight come first (see __main__)
LOG_CLOSE_SECONDS = 8.0
# only on Kubernetes, which gives more time
GUARDRAIL_CLOSE_SECONDS = 2.0
METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def create_app(settings: Settings) -> Starlette:
    """Loads the model and gives the application that serves it."""
    if _is_of_others(settings):
        handlers = load_handlers(settings.model_dir)
        metrics = Metrics(settings.model_name, settings.model_version)
        return Starlette(
            routes=[*toolkit_routes(handlers, settings.model_version, metrics), _metrics_route(metrics)],
        )
    model = load_model(settings.model_dir)
    guardrail = _guardrail(settings)
    metrics = Metrics(settings.model_name, settings.model_version, guardrail)
    log = _inference_log(settings, metrics)
    predictor = Predictor(settings, model, metrics, log)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        if log is not None:
            log.close(LOG_CLOSE_SECONDS)
        if guardrail is not None:
            guardrail.close(GUARDRAIL_CLOSE_SECONDS)

    routes = [
        *sagemaker_routes(predictor),
        *open_inference_routes(predictor),
        _metrics_route(metrics),
    ]
    return Starlette(routes=routes, lifespan=lifespan)


def _is_of_others(settings: Settings) -> bool:
    """Whether the folder holds code alone, as others' models do: training always leaves a schema beside ours."""
    folder = settings.model_dir
    if (folder / SCHEMA_FILE).exists() or not team_code(folder).is_file():
        return False
    if settings.log_stream is not None:
        raise ModelError(
            f"'{folder}' has no '{SCHEMA_FILE}', without which nothing can be written to 'INFERENCE_LOG_STREAM': train "
            "the model with images/trainer, or leave the variable out"
        )
    return True


def _metrics_route(metrics: Metrics) -> Route:
    async def metrics_text(_: Request) -> Response:
        return Response(metrics.text(), headers={"Content-Type": METRICS_TYPE})

    return Route("/metrics", metrics_text, methods=["GET"])


def _guardrail(settings: Settings) -> Guardrail | None:
    namespace = settings.metric_namespace
    if namespace is None:
        return None
    return Guardrail(
        lambda: connect_cloudwatch(settings.region), namespace, settings.model_name, settings.metric_interval
    )


def _inference_log(settings: Settings, metrics: Metrics) -> InferenceLog | None:
    stream = settings.log_stream
    if stream is None:
        return None
    log = InferenceLog(lambda: Firehose.connect(stream, settings.region), metrics.log_written, metrics.log_dropped)
    metrics.log_waiting.set_function(lambda: log.waiting_bytes)
    return log
