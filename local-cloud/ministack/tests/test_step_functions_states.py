import pytest
from mlops_local.step_functions import functions, retries, starts, task
from mlops_local.step_functions.integrations import CALLS
from ministack.services import stepfunctions


@pytest.mark.parametrize(
    ("retrier", "delays"),
    [
        ({}, [1, 2, 4]),
        ({"IntervalSeconds": 5, "BackoffRate": 3}, [5, 15, 45]),
        ({"IntervalSeconds": 90, "BackoffRate": 2}, [90, 180, 360]),
        ({"IntervalSeconds": 5, "MaxDelaySeconds": 8}, [5, 8, 8]),
    ],
)
def test_delays_before_the_next_attempt(retrier, delays):
    assert [retries.delay(retrier, count) for count in range(3)] == delays


def test_a_full_jitter_lies_below_the_delay(monkeypatch):
    monkeypatch.setattr(retries.random, "uniform", lambda low, high: (low, high))
    assert retries.delay({"IntervalSeconds": 3, "JitterStrategy": "FULL"}, 1) == (0, 6)


@pytest.mark.parametrize(
    ("state", "seconds"),
    [
        ({}, None),
        ({"TimeoutSeconds": 30}, 30),
        ({"TimeoutSecondsPath": "$.limit"}, 7),
        ({"QueryLanguage": "JSONata", "TimeoutSeconds": "{% $states.input.limit * 2 %}"}, 14),
    ],
)
def test_limits_of_a_task(state, seconds):
    assert task.limit(state, "Timeout", {"limit": 7}, {}) == seconds


def test_fails_on_a_limit_that_is_no_time():
    with pytest.raises(stepfunctions._ExecutionError, match="'HeartbeatSeconds' must be a number above 0, got 0"):
        task.limit({"HeartbeatSecondsPath": "$.limit"}, "Heartbeat", {"limit": 0}, {})


@pytest.mark.parametrize(
    ("stopped", "forgotten"),
    [
        (None, False),
        ("2026-01-01T00:00:00.000Z", False),
        ("2025-12-31T23:59:59.000Z", True),
    ],
)
def test_a_name_is_free_ninety_days_after_the_end(stopped, forgotten):
    ninety_days_later = 1775001600  # 2026-04-01T00:00:00Z
    assert starts.is_forgotten({"stopDate": stopped}, ninety_days_later) is forgotten


@pytest.mark.parametrize(
    ("integration", "parameters", "request_made"),
    [
        ("sqs:sendMessage", {"MessageBody": {"a": 1}}, {"MessageBody": '{"a": 1}'}),
        ("events:putEvents", {"Entries": [{"Detail": {"a": 1}}]}, {"Entries": [{"Detail": '{"a": 1}'}]}),
        ("states:startExecution", {"Name": "n", "Input": {"a": 1}}, {"name": "n", "input": '{"a": 1}'}),
        ("states:startExecution", {"StateMachineArn": "m"}, {"stateMachineArn": "m", "input": "{}"}),
    ],
)
def test_documents_are_sent_as_text(integration, parameters, request_made):
    assert CALLS[integration].parameters(parameters) == request_made


def test_an_event_that_was_not_put_fails_the_state():
    with pytest.raises(stepfunctions._ExecutionError) as failed:
        CALLS["events:putEvents"].result({"FailedEntryCount": 1, "Entries": [{"ErrorCode": "InternalFailure"}]})
    assert failed.value.error == "EventBridge.FailedEntry"


@pytest.mark.parametrize(
    ("parameters", "named"),
    [
        ({"InvocationType": "Event"}, "InvocationType Event"),
        ({"LogType": "x", "ClientContext": "y"}, "ClientContext, LogType"),
    ],
)
def test_fails_on_what_an_invocation_would_ignore(parameters, named):
    with pytest.raises(stepfunctions._ExecutionError, match=f"lambda:invoke does not take {named}"):
        functions.invoke({"FunctionName": "f", **parameters})
