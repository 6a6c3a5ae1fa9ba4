"""Open Inference Protocol v2 over REST, as Kubernetes serving stacks speak it."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .bad_request import BadRequest
from .endpoint import Answer, caller_id, endpoint, json_body, json_response, predicting
from .predictor import Prediction, Predictor
from .tensors import rows_from_inputs

SERVER_NAME = "mlops-model-server"
SERVER_VERSION = "1"
DATATYPES = {"double": "FP64", "bigint": "INT64", "string": "BYTES"}
OUTPUTS = {"prediction": "INT64", "score": "FP64", "request_id": "BYTES"}


def open_inference_routes(predictor: Predictor) -> list[Route]:
    """Every route of the protocol, with and without a version."""
    settings = predictor.settings
    metadata = {
        "name": settings.model_name,
        "versions": [settings.model_version],
        "platform": "mlops-blueprint",
        "inputs": [
            {"name": column.name, "datatype": DATATYPES[column.type], "shape": [-1]}
            for column in predictor.schema.features
        ],
        "outputs": [{"name": name, "datatype": datatype, "shape": [-1]} for name, datatype in OUTPUTS.items()],
    }

    async def server(_: Request, __: float) -> Response:
        return json_response(predictor, {"name": SERVER_NAME, "version": SERVER_VERSION, "extensions": []}, named=False)

    async def live(_: Request, __: float) -> Response:
        return json_response(predictor, {"live": True}, named=False)

    async def ready(_: Request, __: float) -> Response:
        # the model was loaded before the port was opened
        return json_response(predictor, {"ready": True}, named=False)

    async def model(request: Request, __: float) -> Response:
        _check_model(request, predictor)
        return json_response(predictor, metadata, named=False)

    async def model_ready(request: Request, __: float) -> Response:
        _check_model(request, predictor)
        return json_response(predictor, {"name": settings.model_name, "ready": True}, named=False)

    async def infer(request: Request, started: float) -> Response:
        _check_model(request, predictor)
        if "inference-header-content-length" in request.headers:
            raise BadRequest(
                "inference-header-content-length", "set", "JSON tensors", "send no binary tensor data", status=415
            )
        document = await json_body(request)
        outputs = _wanted_outputs(document.get("outputs"))
        rows = rows_from_inputs(document.get("inputs"), predictor.schema)
        id_ = _request_id(document, request)
        predictions = await predictor.predict(rows, id_, started)
        answer = {"model_name": settings.model_name, "model_version": settings.model_version}
        if document.get("id") is not None:
            answer["id"] = document["id"]
        return json_response(predictor, {**answer, "outputs": _tensors(predictions, outputs)}, named=False)

    def route(path: str, answer: Answer) -> Route:
        return Route(path, endpoint(predictor, "open-inference", answer), methods=["GET"])

    routes = [route("/v2", server), route("/v2/health/live", live), route("/v2/health/ready", ready)]
    # where a load balancer asks that was told no other path
    routes.append(route("/", ready))
    for prefix in ("/v2/models/{model}", "/v2/models/{model}/versions/{version}"):
        routes += [
            route(prefix, model),
            route(f"{prefix}/ready", model_ready),
            Route(f"{prefix}/infer", predicting(predictor, "open-inference", infer), methods=["POST"]),
        ]
    return routes


def _check_model(request: Request, predictor: Predictor) -> None:
    settings = predictor.settings
    wanted = request.path_params
    if wanted["model"] != settings.model_name:
        raise BadRequest(
            "model", wanted["model"], f"'{settings.model_name}'", "ask for the model that serves here", 404
        )
    if wanted.get("version", settings.model_version) != settings.model_version:
        allowed = f"'{settings.model_version}'"
        raise BadRequest("version", wanted["version"], allowed, "ask for this version, or for none", 404)


def _request_id(document: dict[str, Any], request: Request) -> str | None:
    id_ = document.get("id")
    if id_ is None:
        return caller_id(request)
    if not isinstance(id_, str) or not 0 < len(id_) <= 256:
        raise BadRequest("id", id_, "a text of 1 to 256 characters", "send such an id, or none")
    return id_


def _wanted_outputs(outputs: Any) -> list[str]:
    if outputs is None:
        return list(OUTPUTS)
    if not isinstance(outputs, list):
        raise BadRequest("outputs", outputs, f"a list of {list(OUTPUTS)}", "ask for these, or leave it out")
    names = [output.get("name") if isinstance(output, dict) else None for output in outputs]
    for index, name in enumerate(names):
        if name not in OUTPUTS:
            raise BadRequest(
                f"outputs[{index}].name", name, f"one of {list(OUTPUTS)}", "ask for these, or leave it out"
            )
    return names


def _tensors(predictions: list[Prediction], outputs: list[str]) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "datatype": OUTPUTS[name],
            "shape": [len(predictions)],
            "data": [getattr(each, name) for each in predictions],
        }
        for name in outputs
    ]
