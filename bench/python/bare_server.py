"""The least that serves the same model: one route, no checks, no metrics, no version: folder, port."""

import sys
from pathlib import Path

import joblib
import numpy
import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


def main() -> None:
    folder, port = Path(sys.argv[1]), int(sys.argv[2])
    model = joblib.load(folder / "model.joblib")

    async def ping(_: Request) -> Response:
        return Response()

    async def invocations(request: Request) -> Response:
        instances = orjson.loads(await request.body())["instances"]
        scores = model.predict_proba(numpy.array([list(instance.values()) for instance in instances]))[:, 1]
        answer = {"predictions": [{"prediction": int(score >= 0.5), "score": score} for score in scores.tolist()]}
        return Response(orjson.dumps(answer), media_type="application/json")

    routes = [Route("/ping", ping), Route("/invocations", invocations, methods=["POST"])]
    uvicorn.run(Starlette(routes=routes), host="127.0.0.1", port=port, log_level="warning", access_log=False)


main()
