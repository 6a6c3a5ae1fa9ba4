"""Open Inference Protocol v2 over real HTTP."""

import pytest
from serving import save_model, serving

COLUMNS = [
    {"name": "a", "shape": [2], "datatype": "FP64", "data": [2.0, -2.0]},
    {"name": "b", "shape": [2, 1], "datatype": "INT64", "data": [[0], [1]]},
]
MATRIX = {"name": "rows", "shape": [2, 2], "datatype": "FP32", "data": [2.0, 0, -2.0, 1]}
INFER = "/v2/models/rain/infer"


def outputs(answer):
    return {tensor["name"]: tensor for tensor in answer.json["outputs"]}


def test_server_metadata_and_health(server):
    assert server.get("/v2").json == {"name": "mlops-model-server", "version": "1", "extensions": []}
    assert server.get("/v2/health/live").json == {"live": True}
    assert server.get("/v2/health/ready").json == {"ready": True}


def test_a_load_balancer_that_asks_by_its_default_path_finds_a_healthy_target(server):
    answer = server.get("/")
    assert (answer.status, answer.json) == (200, {"ready": True})


@pytest.mark.parametrize("prefix", ["/v2/models/rain", "/v2/models/rain/versions/3"])
def test_model_metadata_and_readiness(server, prefix):
    # WHEN
    metadata = server.get(prefix)

    # THEN
    assert metadata.status == 200
    assert metadata.headers["X-Model-Version"] == "3"
    assert set(metadata.json) == {"name", "versions", "platform", "inputs", "outputs"}
    assert metadata.json["versions"] == ["3"]
    assert metadata.json["inputs"] == [
        {"name": "a", "datatype": "FP64", "shape": [-1]},
        {"name": "b", "datatype": "INT64", "shape": [-1]},
    ]
    assert server.get(f"{prefix}/ready").json == {"name": "rain", "ready": True}


@pytest.mark.parametrize("path", [INFER, "/v2/models/rain/versions/3/infer"])
def test_infers_from_a_tensor_per_feature(server, path):
    # WHEN
    answer = server.call("POST", path, {"id": "call-1", "inputs": COLUMNS})

    # THEN
    assert answer.status == 200
    assert (answer.json["model_name"], answer.json["model_version"], answer.json["id"]) == ("rain", "3", "call-1")
    assert answer.headers["X-Model-Version"] == "3"
    assert outputs(answer)["prediction"] == {"name": "prediction", "datatype": "INT64", "shape": [2], "data": [1, 0]}
    assert outputs(answer)["request_id"]["data"] == ["call-1-0", "call-1-1"]
    assert outputs(answer)["score"]["datatype"] == "FP64"


@pytest.mark.parametrize("data", [[2.0, 0, -2.0, 1], [[2.0, 0], [-2.0, 1]]])
def test_infers_from_one_matrix_flat_or_nested(server, data):
    answer = server.call("POST", INFER, {"inputs": [{**MATRIX, "data": data}]})
    assert outputs(answer)["prediction"]["data"] == [1, 0]
    assert "id" not in answer.json


def test_both_protocols_give_the_same_score(server):
    answer = server.call("POST", INFER, {"inputs": COLUMNS})
    invoked = server.invoke({"a": 2.0, "b": 0}).json["predictions"][0]["score"]
    assert outputs(answer)["score"]["data"][0] == pytest.approx(invoked)


def test_gives_the_outputs_asked_for(server):
    answer = server.call("POST", INFER, {"inputs": COLUMNS, "outputs": [{"name": "score"}]})
    assert list(outputs(answer)) == ["score"]


def test_a_nullable_feature_may_be_left_out(tmp_path):
    # GIVEN a model that takes NaN would be needed to predict; the check comes first, and that is what is tried here
    schema = {"features": [{"name": "a", "type": "double"}, {"name": "b", "type": "bigint", "nullable": True}]}
    with serving(save_model(tmp_path / "model", schema)) as caller:
        answer = caller.call("POST", INFER, {"inputs": COLUMNS[:1]})
    assert answer.status == 500
    assert "NaN" in answer.json["error"]


@pytest.mark.parametrize(
    ("document", "prop"),
    [
        ({}, "inputs"),
        ({"inputs": []}, "inputs"),
        ({"inputs": [1]}, "inputs[0].name"),
        ({"inputs": COLUMNS[:1]}, "inputs"),
        ({"inputs": [COLUMNS[0], COLUMNS[0]]}, "inputs[1].name"),
        ({"inputs": [COLUMNS[0], {**COLUMNS[1], "shape": [3]}]}, "inputs[1].data"),
        ({"inputs": [COLUMNS[0], {**COLUMNS[1], "shape": [1], "data": [1]}]}, "inputs[1].shape"),
        ({"inputs": [COLUMNS[0], {**COLUMNS[1], "shape": "2"}]}, "inputs[1].shape"),
        ({"inputs": [COLUMNS[0], {**COLUMNS[1], "data": 5}]}, "inputs[1].data"),
        ({"inputs": [COLUMNS[0], {**COLUMNS[1], "datatype": "BYTES"}]}, "inputs[1].datatype"),
        ({"inputs": [COLUMNS[0], {**COLUMNS[1], "data": [0, "x"]}]}, "inputs[1].data[1]"),
        ({"inputs": [{**COLUMNS[0], "shape": [0], "data": []}, COLUMNS[1]]}, "inputs[0].shape"),
        ({"inputs": [{**MATRIX, "shape": [4]}]}, "inputs[0].shape"),
        ({"inputs": [{**MATRIX, "shape": [1, 4]}]}, "inputs[0].shape"),
        ({"inputs": [{**MATRIX, "data": [2.0, 0, -2.0, None]}]}, "inputs[0].data[1].b"),
        ({"inputs": COLUMNS, "outputs": [{"name": "label"}]}, "outputs[0].name"),
        ({"inputs": COLUMNS, "outputs": "score"}, "outputs"),
        ({"inputs": COLUMNS, "id": 5}, "id"),
        ({"inputs": COLUMNS, "id": "x" * 257}, "id"),
    ],
)
def test_fails_with_400_naming_the_place(server, document, prop):
    answer = server.call("POST", INFER, document)
    assert answer.status == 400
    assert answer.json["details"]["property"] == prop
    assert isinstance(answer.json["error"], str)


@pytest.mark.parametrize(
    "path", ["/v2/models/sun", "/v2/models/sun/ready", "/v2/models/rain/versions/2", "/v2/models/rain/versions/2/ready"]
)
def test_fails_with_404_on_what_does_not_serve_here(server, path):
    answer = server.get(path)
    assert answer.status == 404
    assert "allowed is" in answer.json["error"]


def test_fails_with_415_on_binary_tensors(server):
    answer = server.call("POST", INFER, b"\x00", {"Inference-Header-Content-Length": "10"})
    assert answer.status == 415
