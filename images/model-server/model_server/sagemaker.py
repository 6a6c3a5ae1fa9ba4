"""SageMaker's container contract: `GET /ping`, `POST /invocations`."""

import csv
import io

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .bad_request import BadRequest
from .endpoint import caller_id, json_body, json_response, limited_body, predicting
from .predictor import Prediction, Predictor
from .rows import Rows, rows_from_csv, rows_from_instances


def sagemaker_routes(predictor: Predictor) -> list[Route]:
    """The two routes that SageMaker calls."""

    async def ping(_: Request) -> Response:
        # the model was loaded before the port was opened: who answers, can predict
        return json_response(predictor, {"status": "healthy"})

    async def invocations(request: Request, started: float) -> Response:
        rows = await _rows(request, predictor)
        predictions = await predictor.predict(rows, caller_id(request), started)
        if "text/csv" in request.headers.get("accept", ""):
            return _csv_response(predictor, predictions)
        return json_response(
            predictor,
            {
                "predictions": [
                    {"prediction": each.prediction, "score": each.score, "request_id": each.request_id}
                    for each in predictions
                ]
            },
        )

    return [
        Route("/ping", ping, methods=["GET"]),
        Route("/invocations", predicting(predictor, "sagemaker", invocations), methods=["POST"]),
    ]


async def _rows(request: Request, predictor: Predictor) -> Rows:
    content_type = request.headers.get("content-type", "application/json").split(";")[0].strip().lower()
    if content_type == "application/json":
        document = await json_body(request)
        return rows_from_instances(document.get("instances"), predictor.schema)
    if content_type == "text/csv":
        body = await limited_body(request)
        try:
            return rows_from_csv(body.decode(), predictor.schema)
        except UnicodeDecodeError as error:
            raise BadRequest("body", body[:80], "text in UTF-8", "encode the lines as UTF-8") from error
    raise BadRequest(
        "content-type", content_type, "application/json or text/csv", "send one of them as the content type", 415
    )


def _csv_response(predictor: Predictor, predictions: list[Prediction]) -> Response:
    settings = predictor.settings
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(["prediction", "score", "request_id", "model", "version"])
    lines.writerows(
        [each.prediction, each.score, each.request_id, settings.model_name, settings.model_version]
        for each in predictions
    )
    return Response(text.getvalue(), media_type="text/csv", headers={"X-Model-Version": settings.model_version})
