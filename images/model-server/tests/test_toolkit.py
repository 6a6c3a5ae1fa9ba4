"""An `inference.py` that was written for SageMaker's inference toolkit is served as it is."""

import io
import json
from pathlib import Path

import joblib
import numpy as np
import pytest
from serving import save_model, serving

from model_server.app import create_app
from model_server.schema import ModelError
from model_server.settings import Settings

ALL = """
import json, os
def model_fn(model_dir):
    with open(os.path.join(model_dir, 'weights.json')) as file:
        return json.load(file)
def input_fn(request_body, request_content_type):
    assert request_content_type == 'application/json', request_content_type
    return json.loads(request_body)['inputs']
def predict_fn(data, model):
    return [value * model['factor'] for value in data]
def output_fn(prediction, accept):
    return json.dumps({'predictions': prediction, 'accept': accept})
"""


class Doubling:
    """A model of which pickle needs no more than this module."""

    def predict(self, data: np.ndarray) -> np.ndarray:
        return data * 2


def folder_of(folder: Path, code: str) -> Path:
    (folder / "code").mkdir(parents=True)
    (folder / "code" / "inference.py").write_text(code)
    (folder / "weights.json").write_text(json.dumps({"factor": 3}))
    joblib.dump(Doubling(), folder / "model.joblib")
    return folder


def test_calls_the_four_functions(tmp_path):
    with serving(folder_of(tmp_path / "model", ALL)) as caller:
        assert caller.get("/ping").status == 200
        answer = caller.call("POST", "/invocations", {"inputs": [1, 2]}, {"Accept": "application/json"})
        assert answer.json == {"predictions": [3, 6], "accept": "application/json"}
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.headers["X-Model-Version"] == "3"
        assert caller.metric("model_server_requests_total") == 1


@pytest.mark.parametrize("accept", ["*/*", "application/json"])
def test_does_itself_what_no_function_does(tmp_path, accept):
    with serving(folder_of(tmp_path / "model", "")) as caller:
        answer = caller.call("POST", "/invocations", "[[1, 2], [3, 4]]", {"Accept": accept})
        assert (answer.status, answer.json) == (200, [[2, 4], [6, 8]])


def test_reads_and_writes_csv(tmp_path):
    with serving(folder_of(tmp_path / "model", "")) as caller:
        headers = {"Content-Type": "text/csv; charset=utf-8", "Accept": "text/csv"}
        answer = caller.call("POST", "/invocations", "1,2\n3,4\n", headers)
        assert answer.text == "2.0,4.0\n6.0,8.0\n"
        assert answer.headers["Content-Type"].startswith("text/csv")


def test_reads_arrays_of_numpy(tmp_path):
    data = io.BytesIO()
    np.save(data, np.array([1.5, 2]))
    with serving(folder_of(tmp_path / "model", "")) as caller:
        answer = caller.call("POST", "/invocations", data.getvalue(), {"Content-Type": "application/x-npy"})
        assert answer.json == [3.0, 4.0]


def test_each_function_alone_takes_the_place_of_what_is_done_without_it(tmp_path):
    # GIVEN only the input is the team's
    code = "def input_fn(body, content_type): return len(body)"
    with serving(folder_of(tmp_path / "input", code)) as caller:
        # THEN other types than the toolkit's come as bytes
        assert caller.call("POST", "/invocations", b"\xff\xfe\xfd", {"Content-Type": "image/png"}).json == 6
    # GIVEN only the output is
    code = "def output_fn(prediction, accept): return str(prediction.sum()), 'text/plain'"
    with serving(folder_of(tmp_path / "output", code)) as caller:
        # THEN it may name its content type
        answer = caller.call("POST", "/invocations", "[1, 2]")
        assert (answer.text, answer.headers["Content-Type"].split(";")[0]) == ("6", "text/plain")


def test_transform_fn_takes_the_place_of_three(tmp_path):
    code = "def transform_fn(model, body, content_type, accept): return body.upper(), 'text/plain'"
    with serving(folder_of(tmp_path / "model", code)) as caller:
        assert caller.call("POST", "/invocations", '"abc"').text == '"ABC"'


@pytest.mark.parametrize(
    ("body", "headers", "status", "message"),
    [
        ("x", {"Content-Type": "text/xml"}, 415, "'content-type' is 'text/xml', allowed is application/json, text/csv"),
        ("[1]", {"Accept": "text/xml"}, 406, "'accept' is 'text/xml'"),
        ("[1", {}, 400, "send what the content type says"),
        (b"\xff", {}, 400, "text in UTF-8"),
    ],
)
def test_refuses_what_it_cannot_read_or_write(tmp_path, body, headers, status, message):
    with serving(folder_of(tmp_path / "model", "")) as caller:
        answer = caller.call("POST", "/invocations", body, headers)
        assert answer.status == status
        assert message in answer.json["error"]


def test_answers_when_the_code_fails_and_serves_on(tmp_path, capfd):
    code = "def predict_fn(data, model): return 1 / int(data[0])"
    with serving(folder_of(tmp_path / "model", code)) as caller:
        answer = caller.call("POST", "/invocations", "[0]")
        assert (answer.status, answer.json) == (500, {"error": "ZeroDivisionError: division by zero"})
        assert caller.call("POST", "/invocations", "[2]").json == 0.5
    assert "ZeroDivisionError" in capfd.readouterr().err


def test_a_schema_makes_it_a_model_of_ours(tmp_path):
    # GIVEN
    folder = save_model(tmp_path / "model")
    (folder / "code").mkdir()
    (folder / "code" / "inference.py").write_text(
        "def model_fn(folder): return 0\ndef predict_fn(matrix, model): return matrix[:, 0]\n"
        "def input_fn(body, content_type): raise AssertionError('not of our contract')"
    )

    # WHEN / THEN
    with serving(folder) as caller:
        assert caller.invoke({"a": 0.75, "b": 0}).json["predictions"][0]["score"] == 0.75


@pytest.mark.parametrize(
    ("code", "stream", "message"),
    [
        (ALL, "rain-log", "has no 'schema.json', without which nothing can be written to 'INFERENCE_LOG_STREAM'"),
        (ALL + "\ntransform_fn = predict_fn", None, "has 'transform_fn' and"),
    ],
)
def test_fails_to_start_on_code_that_cannot_be_served(tmp_path, code, stream, message):
    folder = folder_of(tmp_path / "model", code)
    with pytest.raises(ModelError, match=message):
        create_app(Settings("rain", "3", folder, stream, None, "127.0.0.1", 0))


def test_fails_to_start_without_any_model(tmp_path):
    folder = folder_of(tmp_path / "model", "")
    (folder / "model.joblib").unlink()
    with pytest.raises(ModelError, match="no 'model_fn' that loads another"):
        create_app(Settings("rain", "3", folder, None, None, "127.0.0.1", 0))
