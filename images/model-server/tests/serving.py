"""A served model and a Firehose, both over real HTTP."""

import base64
import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import uvicorn
from sklearn.linear_model import LogisticRegression

from model_server.app import create_app
from model_server.settings import Settings

SCHEMA = {
    "features": [
        {"name": "a", "type": "double", "min": -1, "max": 1},
        {"name": "b", "type": "bigint"},
    ],
    "label": "rain",
}
ROW = {"a": 0.5, "b": 2}


def save_model(folder: Path, schema: dict[str, Any] | None = None) -> Path:
    """A model that says `rain` where a is over zero."""
    random = np.random.default_rng(1)
    features = random.normal(size=(200, 2))
    model = LogisticRegression().fit(features, (features[:, 0] > 0).astype(int))
    folder.mkdir(parents=True, exist_ok=True)
    joblib.dump(model, folder / "model.joblib")
    (folder / "schema.json").write_text(json.dumps(SCHEMA if schema is None else schema))
    return folder


def save_code(folder: Path, code: str, schema: dict[str, Any]) -> Path:
    """A model that is the team's own code."""
    (folder / "code").mkdir(parents=True)
    (folder / "code" / "inference.py").write_text(code)
    (folder / "schema.json").write_text(json.dumps(schema))
    return folder


class Answer:
    """Status, headers and body of an answer."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.headers = response.headers
        self.text = response.read().decode()

    @property
    def json(self) -> Any:
        return json.loads(self.text)


class Caller:
    """Calls a server on this machine."""

    def __init__(self, port: int) -> None:
        self.port = port

    def call(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        data = body if isinstance(body, str | bytes | None) else json.dumps(body)
        all_headers = {"Content-Type": "application/json", **({} if headers is None else headers)}
        try:
            connection.request(method, path, body=data, headers=all_headers)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def get(self, path: str) -> Answer:
        return self.call("GET", path)

    def invoke(self, *instances: Any, headers: dict[str, str] | None = None) -> Answer:
        return self.call("POST", "/invocations", {"instances": list(instances)}, headers)

    def metric(self, name: str) -> float:
        """The sum of a metric over its labels."""
        lines = self.get("/metrics").text.splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.split("{")[0].split(" ")[0] == name)


@contextmanager
def serving(folder: Path, log_stream: str | None = None, metric_namespace: str | None = None) -> Iterator[Caller]:
    """The application behind uvicorn, in this process, on a free port."""
    app = create_app(Settings("rain", "3", folder, log_stream, "eu-central-1", "127.0.0.1", 0, metric_namespace))
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    started = threading.Event()
    while not server.started and thread.is_alive():
        started.wait(0.01)
    try:
        yield Caller(server.servers[0].sockets[0].getsockname()[1])
    finally:
        server.should_exit = True
        thread.join(20)


class FakeFirehose:
    """Takes PutRecordBatch calls; `refuse` says how many records of the next calls it refuses.

    It answers nothing while `answering` is not set.
    """

    def __init__(self) -> None:
        self.calls: list[list[str]] = []
        self.refuse: list[int] = []
        self.down = False
        self.asked = threading.Event()
        self.answering = threading.Event()
        self.answering.set()
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                fake.asked.set()
                fake.answering.wait()
                if fake.down:
                    self._answer(503, {"__type": "ServiceUnavailableException"})
                    return
                data = [base64.b64decode(record["Data"]).decode() for record in body["Records"]]
                refused = fake.refuse.pop(0) if fake.refuse else 0
                fake.calls.append(data[refused:])
                results = [{"ErrorCode": "ServiceUnavailableException"} for _ in data[:refused]]
                results += [{"RecordId": "r"} for _ in data[refused:]]
                self._answer(200, {"FailedPutCount": refused, "Encrypted": False, "RequestResponses": results})

            def _answer(self, status: int, document: dict[str, Any]) -> None:
                data = json.dumps(document).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/x-amz-json-1.1")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: Any) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Every line that arrived."""
        return [json.loads(line) for call in self.calls for record in call for line in record.splitlines()]

    def stop(self) -> None:
        self.answering.set()
        self._server.shutdown()
        self._server.server_close()
