import time

import pytest
import time_machine
from ministack.services import lambda_svc
from mlops_local import async_invocations, waits

FUNCTION = {"FunctionName": "f", "FunctionArn": "arn:aws:lambda:us-east-1:000000000000:function:f"}
BEGIN = 1_800_000_000.0


@pytest.fixture
def attempts(monkeypatch):
    """The times of the attempts, all of which fail, and where the event went at the end."""
    times: list[float] = []
    routed: list[str] = []
    monkeypatch.setattr(lambda_svc, "_execute_function", lambda function, event: times.append(time.time()) or {"error": True})
    monkeypatch.setattr(lambda_svc, "_route_async_failure", lambda target, *rest: routed.append(target))
    with time_machine.travel(BEGIN, tick=False) as traveller:

        def invoke(settings: dict, **config) -> tuple[list[int], list[str]]:
            async_invocations.invoke({"config": {**FUNCTION, **config}, "event_invoke_config": settings}, {})
            while (due := waits.next_due()) is not None:
                traveller.move_to(due)
                waits.wake(due)
            return [round(moment - BEGIN) for moment in times], routed

        yield invoke


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, [0, 60, 180]),
        ({"MaximumRetryAttempts": 1}, [0, 60]),
        ({"MaximumRetryAttempts": 0}, [0]),
        ({"MaximumEventAgeInSeconds": 60}, [0, 60]),
        ({"MaximumEventAgeInSeconds": 59}, [0]),
    ],
)
def test_a_failed_invocation_is_tried_again_as_often_and_as_late_as_on_aws(attempts, settings, expected):
    assert attempts(settings) == (expected, [])


def test_what_fails_for_good_goes_to_the_destination_before_the_queue(attempts):
    destination = {"DestinationConfig": {"OnFailure": {"Destination": "arn:destination"}}, "MaximumRetryAttempts": 0}
    assert attempts(destination, DeadLetterConfig={"TargetArn": "arn:queue"}) == ([0], ["arn:destination"])


def test_without_a_destination_it_goes_to_the_queue(attempts):
    assert attempts({"MaximumRetryAttempts": 0}, DeadLetterConfig={"TargetArn": "arn:queue"}) == ([0], ["arn:queue"])
