import json

import pytest
from ministack import app
from ministack.services import lambda_svc
from mlops_local import function_targets

ARN = "arn:aws:lambda:us-east-1:000000000000:function:f"
RULE = "arn:aws:events:us-east-1:000000000000:rule/r"
TOPIC = "arn:aws:sns:us-east-1:000000000000:t"


def permission(service: str, source: str, resource: str = ARN) -> dict:
    return {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "lambda:InvokeFunction",
        "Resource": resource,
        "Condition": {"ArnLike": {"AWS:SourceArn": source}},
    }


@pytest.fixture
def function(monkeypatch):
    """A function with these statements in its policy; tells the events that reach it."""
    events: list = []

    def make(*statements: dict) -> list:
        config = {"FunctionName": "f", "FunctionArn": ARN, "Version": "$LATEST"}
        record = {"config": config, "policy": {"Version": "2012-10-17", "Statement": list(statements)}}
        monkeypatch.setattr(app, "AUTH", True)
        monkeypatch.setattr(lambda_svc, "_get_func_record_for_ref", lambda ref: (record, config, "f"))
        monkeypatch.setattr(lambda_svc, "_get_base_func_record_for_ref", lambda ref: (record, config, "f"))
        monkeypatch.setattr(lambda_svc, "invoke_async_with_retry", lambda function, event: events.append(event))
        return events

    return make


def test_a_rule_invokes_what_lets_it(function):
    events = function(permission(function_targets.RULES, RULE))
    token = function_targets.rule_arn.set(RULE)
    function_targets._of_rule(ARN, json.dumps({"a": 1}))
    function_targets.rule_arn.reset(token)
    assert events == [{"a": 1}]


@pytest.mark.parametrize(
    "statement",
    [
        permission(function_targets.RULES, f"{RULE}-other"),
        permission("sns.amazonaws.com", RULE),
        permission(function_targets.RULES, RULE, resource=f"{ARN}:live"),
        {**permission(function_targets.RULES, RULE), "Action": "lambda:GetFunction"},
    ],
)
def test_fails_to_invoke_what_lets_another(function, statement):
    events = function(statement)
    with pytest.raises(function_targets.NotInvoked, match="events.amazonaws.com is not authorized .* lambda:InvokeFunction"):
        function_targets.invoke(ARN, function_targets.RULES, RULE, {})
    assert events == []


def test_a_topic_invokes_with_its_records_what_lets_it(function):
    events = function(permission("sns.amazonaws.com", TOPIC))
    function_targets._of_topic(ARN, '{"Message": "m"}', TOPIC, f"{TOPIC}:s", "id", "m", {})
    function_targets._of_topic(ARN, '{"Message": "m"}', f"{TOPIC}-other", f"{TOPIC}:s", "id", "m", {})
    [event] = events
    assert event["Records"][0]["Sns"] == {"Message": "m"}
    assert event["Records"][0]["EventSubscriptionArn"] == f"{TOPIC}:s"


def test_a_schedule_whose_role_was_asked_needs_no_policy(function):
    events = function()
    function_targets._of_rule(ARN, "{}")
    assert events == [{}]


def test_fails_for_a_function_that_is_not_there(function, monkeypatch):
    function()
    monkeypatch.setattr(lambda_svc, "_get_func_record_for_ref", lambda ref: (None, None, "f"))
    with pytest.raises(function_targets.NotInvoked, match="function f does not exist"):
        function_targets.invoke(ARN, function_targets.RULES, RULE, {})
