"""SageMaker's container contract over real HTTP."""

import uuid

import pytest
from serving import ROW, SCHEMA, save_code, serving


def test_ping(server):
    answer = server.get("/ping")
    assert answer.status == 200
    assert answer.headers["X-Model-Version"] == "3"


def test_predicts_json_instances_and_names_the_version(server):
    # WHEN
    answer = server.invoke({"a": 2.0, "b": 0}, {"b": 0, "a": -2.0})

    # THEN
    assert answer.status == 200
    assert answer.headers["X-Model-Version"] == "3"
    assert (answer.json["model"], answer.json["version"]) == ("rain", "3")
    assert [each["prediction"] for each in answer.json["predictions"]] == [1, 0]
    first = answer.json["predictions"][0]
    assert 0.5 < first["score"] <= 1
    assert uuid.UUID(first["request_id"].rsplit("-0", 1)[0])


def test_uses_the_inference_id_of_the_caller(server):
    headers = {"X-Amzn-SageMaker-Inference-Id": "order-7"}
    assert server.invoke(ROW, headers=headers).json["predictions"][0]["request_id"] == "order-7"
    ids = [each["request_id"] for each in server.invoke(ROW, ROW, headers=headers).json["predictions"]]
    assert ids == ["order-7-0", "order-7-1"]


def test_uses_a_gateways_request_id(server):
    answer = server.invoke(ROW, headers={"X-Request-Id": "abc"})
    assert answer.json["predictions"][0]["request_id"] == "abc"


def test_many_rows_give_the_same_scores_as_one(server):
    # GIVEN more rows than are scored in the event loop
    rows = [{"a": index / 100 - 1, "b": index} for index in range(200)]

    # WHEN
    scores = [each["score"] for each in server.invoke(*rows).json["predictions"]]

    # THEN
    one = server.invoke(rows[150]).json["predictions"][0]["score"]
    assert scores[150] == pytest.approx(one)
    assert len(scores) == 200


def test_leaves_unknown_names_alone(server):
    # callers may send the next version's features before it serves
    assert server.invoke({**ROW, "new_feature": 1}).status == 200


def test_leaves_ranges_to_the_monitors(server):
    assert server.invoke({"a": 1e6, "b": 0}).status == 200


@pytest.mark.parametrize("header", ["", "a,b\n", "a, b\r\n"])
def test_predicts_csv(server, header):
    # WHEN
    answer = server.call("POST", "/invocations", f"{header}2.0,0\n-2.0,1\n", {"Content-Type": "text/csv"})

    # THEN
    assert [each["prediction"] for each in answer.json["predictions"]] == [1, 0]


def test_answers_in_csv_when_asked(server):
    headers = {"Content-Type": "text/csv; charset=utf-8", "Accept": "text/csv"}
    answer = server.call("POST", "/invocations", "2.0,0\n", headers)
    header, line = answer.text.splitlines()
    assert header == "prediction,score,request_id,model,version"
    assert line.startswith("1,0.9")
    assert line.endswith(",rain,3")


@pytest.mark.parametrize(
    ("instances", "prop", "fix"),
    [
        (None, "instances", "send the rows"),
        ([], "instances", "send the rows"),
        ([1], "instances[0]", "name each value"),
        ([{"a": 1.0}], "instances[0].b", "send 'b' in each row"),
        ([ROW, {**ROW, "a": None}], "instances[1].a", "send 'a' in each row"),
        ([{**ROW, "a": "warm"}], "instances[0].a", "convert 'a'"),
        ([{**ROW, "a": True}], "instances[0].a", "convert 'a'"),
        ([{**ROW, "b": 1.5}], "instances[0].b", "convert 'b'"),
        ([{**ROW, "b": 1e300}], "instances[0].b", "convert 'b'"),
    ],
)
def test_fails_with_400_naming_property_value_allowed_and_fix(server, instances, prop, fix):
    # WHEN
    answer = server.call("POST", "/invocations", {"instances": instances})

    # THEN
    assert answer.status == 400
    assert answer.json["details"]["property"] == prop
    assert set(answer.json["details"]) == {"property", "value", "allowed", "fix"}
    assert fix in answer.json["details"]["fix"]
    assert answer.json["version"] == "3"


@pytest.mark.parametrize("body", ["", "{", "[1]", "null", '{"instances": [{"a": NaN}]}'])
def test_fails_with_400_on_a_body_that_is_no_json_object(server, body):
    answer = server.call("POST", "/invocations", body)
    assert answer.status == 400
    assert answer.json["details"]["property"] == "body"


@pytest.mark.parametrize(
    ("body", "prop"),
    [
        ("", "body"),
        ("a,b\n", "body"),
        ("1,2,3\n", "lines[0]"),
        ("1,2\nx,2\n", "lines[1].a"),
        ("1,\n", "lines[0].b"),
        ("nan,1\n", "lines[0].a"),
        (b"\xff\xfe", "body"),
    ],
)
def test_fails_with_400_on_broken_csv(server, body, prop):
    answer = server.call("POST", "/invocations", body, {"Content-Type": "text/csv"})
    assert answer.status == 400
    assert answer.json["details"]["property"] == prop


def test_fails_with_415_on_other_content(server):
    answer = server.call("POST", "/invocations", "<a/>", {"Content-Type": "application/xml"})
    assert answer.status == 415
    assert "application/json or text/csv" in answer.json["error"]


def test_an_endless_id_of_a_gateway_fails_no_prediction(server):
    answer = server.invoke(ROW, headers={"X-Request-Id": "x" * 300})
    assert answer.status == 200
    assert len(answer.json["predictions"][0]["request_id"]) == len(str(uuid.uuid4()))


def test_fails_with_413_on_a_body_that_no_service_hands_on(server):
    assert server.call("POST", "/invocations", b"x" * (26 * 1024 * 1024)).status == 413


def test_own_code_gets_text_and_missing_values(tmp_path):
    # GIVEN
    schema = {
        "features": [
            {"name": "plan", "type": "string", "nullable": True},
            {"name": "age", "type": "bigint", "nullable": True},
        ]
    }
    code = "import math\ndef model_fn(folder): return {'gold': 0.9, None: 0.1}\n"
    code += "def predict_fn(features, model):\n"
    code += "    return [model[plan] if not math.isnan(age) else 0.5 for plan, age in features]\n"

    # WHEN
    with serving(save_code(tmp_path / "model", code, schema)) as caller:
        answer = caller.invoke({"plan": "gold", "age": 3}, {"age": 3}, {"plan": None, "age": None})

    # THEN
    assert [each["score"] for each in answer.json["predictions"]] == [0.9, 0.1, 0.5]


def test_fails_with_500_and_lives_on_when_the_model_raises(tmp_path):
    # GIVEN
    code = "def model_fn(folder): return 0\n"
    code += (
        "def predict_fn(features, model):\n    if features[0, 0] < 0: raise KeyError('cold')\n    return features[:, 0]"
    )

    # WHEN
    with serving(save_code(tmp_path / "model", code, SCHEMA)) as caller:
        failed = caller.invoke({"a": -1.0, "b": 0})
        after = caller.invoke({"a": 0.25, "b": 0})

    # THEN
    assert failed.status == 500
    assert failed.json["error"] == "prediction failed, KeyError: 'cold'"
    assert after.json["predictions"][0]["score"] == 0.25


def test_metrics_count_requests_and_rows(server):
    # GIVEN
    names = ("model_server_requests_total", "model_server_predictions_total", "model_server_request_seconds_count")
    before = {name: server.metric(name) for name in names}

    # WHEN
    server.invoke(ROW, ROW)
    server.invoke({})

    # THEN
    assert [server.metric(name) - before[name] for name in names] == [2, 2, 2]
    assert 'model_server_info{model="rain",version="3"} 1.0' in server.get("/metrics").text
