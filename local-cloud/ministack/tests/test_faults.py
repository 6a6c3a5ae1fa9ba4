"""Faults: what is refused as one, and when one strikes."""

import asyncio
import json

import pytest
from ministack.core.responses import request_scope

from mlops_local.faults.fault import EVENT, REQUEST, RESOURCE, InvalidFault, parse
from mlops_local.faults.requests import RequestFaults, role_of_session
from mlops_local.faults.store import FaultStore


def store_of(*faults: dict) -> FaultStore:
    store = FaultStore()
    store.add({"faults": list(faults)})
    return store


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("throttle", "must be a JSON object"),
        ({"effect": "explode"}, "'effect' must be one of throttle, error"),
        ({"effect": "throttle"}, "'action' must be given"),
        ({"effect": "throttle", "action": "UpdateItem"}, "got 'UpdateItem'"),
        ({"effect": "throttle", "action": "dynamodb:*", "seconds": 1}, "'seconds' is not a property of a fault 'throttle'"),
        ({"effect": "slow", "action": "s3:*", "seconds": -1}, "'seconds' must be a number of at least 0, got -1"),
        ({"effect": "error", "action": "s3:*", "status": 200}, "'status' must be an HTTP status from 400 to 599, got 200"),
        ({"effect": "caller-killed", "action": "s3:*", "when": "now"}, "'when' must be one of before, after; got 'now'"),
        ({"effect": "event-lost", "times": 0}, "'times' must be a whole number of at least 1 or 'always', got 0"),
        ({"effect": "event-lost", "after": True}, "'after' must be a whole number of at least 0, got True"),
        ({"effect": "process-killed", "step": "Lunch"}, "'step' of 'process-killed' must be one of Training"),
    ],
)
def test_what_is_no_fault_is_refused_by_name(written, told):
    with pytest.raises(InvalidFault) as refused:
        parse(written, "fault-1")
    assert told in str(refused.value)


def test_one_wrong_fault_puts_none_in_force():
    store = FaultStore()
    with pytest.raises(InvalidFault):
        store.add({"faults": [{"effect": "event-lost"}, {"effect": "explode"}]})
    assert store.listed() == []


def test_strikes_as_often_as_it_says_and_not_before():
    # GIVEN
    store = store_of({"effect": "throttle", "action": "dynamodb:Update*", "after": 1, "times": 2})
    about = {"action": "dynamodb:UpdateItem", "resource": "arn:aws:dynamodb:us-east-1:0:table/ledger"}

    # WHEN
    struck = [store.take(REQUEST, about) is not None for _ in range(5)]

    # THEN
    assert struck == [False, True, True, False, False]
    assert store.listed()[0]["struck"] == 2


def test_always_is_always():
    store = store_of({"effect": "event-lost", "times": "always"})
    assert all(store.take(EVENT, {"detailType": "x", "resource": []}) for _ in range(50))


def test_strikes_only_what_it_means():
    store = store_of(
        {"effect": "event-lost", "detailType": "SageMaker Endpoint*", "resource": "*:endpoint/a", "times": "always"}
    )
    about = {"detailType": "SageMaker Endpoint State Change", "resource": ["arn:aws:sagemaker:r:0:endpoint/a"]}
    assert store.take(EVENT, about) is not None
    assert store.take(EVENT, {**about, "resource": ["arn:aws:sagemaker:r:0:endpoint/b"]}) is None
    assert store.take(EVENT, {**about, "detailType": "SageMaker Model State Change"}) is None
    assert store.take(REQUEST, about) is None


def test_a_resource_is_struck_at_its_step():
    store = store_of({"effect": "job-failure", "resource": "*training-job/rain*", "step": "Training"})
    about = {"resource": "arn:aws:sagemaker:us-east-1:0:training-job/rain-1", "step": "Downloading"}
    assert store.take(RESOURCE, about) is None
    assert store.take(RESOURCE, {**about, "step": "Training"}) is not None


def carry_out(store: FaultStore, calls: list) -> tuple:
    async def handler(*request):
        calls.append(request)
        return 200, {}, b"{}"

    body = json.dumps({"TableName": "ledger", "Key": {}}).encode()
    headers = {"x-amz-target": "DynamoDB_20120810.UpdateItem", "content-type": "application/x-amz-json-1.0"}
    with request_scope("000000000000", "us-east-1"):
        request = ("POST", "/", headers, body, {})
        return asyncio.run(RequestFaults(store).carry_out("dynamodb", request, handler))


def test_a_throttled_request_is_not_carried_out_and_told_in_the_services_form():
    calls: list = []
    store = store_of({"effect": "throttle", "action": "dynamodb:UpdateItem", "resource": "*:table/ledger"})
    status, _, body = carry_out(store, calls)
    assert (status, json.loads(body)["__type"].split("#")[-1], calls) == (400, "ThrottlingException", [])
    assert carry_out(store, calls)[0] == 200


def test_a_lost_answer_is_one_of_a_request_that_was_carried_out():
    calls: list = []
    status, _, _ = carry_out(store_of({"effect": "answer-lost", "action": "dynamodb:*"}), calls)
    assert (status, len(calls)) == (504, 1)


def test_an_error_has_the_name_and_status_that_the_fault_gives():
    calls: list = []
    fault = {"effect": "error", "action": "dynamodb:*", "code": "InternalServerError", "status": 500}
    status, _, body = carry_out(store_of(fault), calls)
    assert (status, json.loads(body)["__type"].split("#")[-1], calls) == (500, "InternalServerError", [])


def test_a_session_names_its_role():
    assert role_of_session("arn:aws:sts::000000000000:assumed-role/worker/session") == "worker"
    assert role_of_session("arn:aws:iam::000000000000:root") == ""
