"""What another account may do with a bus, and which repository and version a request names."""

import json

import pytest

from ministack.core.responses import request_scope
from mlops_local.accounts import event_buses, principals, shared_images
from mlops_local.accounts.shared_versions import SharedVersions

GIVER, TAKER = "000000000000", "111111111111"
BUS = f"arn:aws:events:us-east-1:{TAKER}:event-bus/promotion"
EVENT = {"Source": "aws.sagemaker", "DetailType": "SageMaker Model Package State Change"}


def policy(**given):
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{GIVER}:root"},
        "Action": "events:PutEvents",
        "Resource": BUS,
        "Condition": {
            "ForAllValues:StringEquals": {"events:source": "aws.sagemaker"},
            "Null": {"events:source": "false"},
        },
    }
    return {"Statement": [{**statement, **given}]}


def test_a_bus_takes_what_its_policy_names():
    assert event_buses.lets(policy(), BUS, GIVER, EVENT)


@pytest.mark.parametrize(
    ("given", "account", "event"),
    [
        ({}, "222222222222", EVENT),
        ({}, GIVER, {**EVENT, "Source": "aws.s3"}),
        ({"Resource": BUS + "-other"}, GIVER, EVENT),
        ({"Action": "events:PutRule"}, GIVER, EVENT),
        ({"Effect": "Deny"}, GIVER, EVENT),
    ],
)
def test_a_bus_takes_nothing_else(given, account, event):
    assert not event_buses.lets(policy(**given), BUS, account, event)


def test_a_bus_without_a_policy_takes_nothing_of_others():
    assert not event_buses.lets(None, BUS, GIVER, EVENT)


def test_a_session_is_its_role():
    assert principals.role_arn(f"arn:aws:sts::{TAKER}:assumed-role/reader/s") == f"arn:aws:iam::{TAKER}:role/reader"
    assert principals.role_arn(f"arn:aws:iam::{TAKER}:user/ann") == f"arn:aws:iam::{TAKER}:user/ann"


def test_a_repository_is_another_accounts_by_its_registry():
    def named(**request):
        with request_scope(TAKER, "us-east-1"):
            return shared_images.repository(json.dumps(request).encode())

    assert named(registryId=GIVER, repositoryName="images") == (GIVER, "images")
    assert named(registryId=TAKER, repositoryName="images") is None
    assert named(repositoryName="images") is None
    assert named(registryId=1, repositoryName="images") is None


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null"])
def test_nonsense_names_no_repository_and_no_version(body):
    with request_scope(TAKER, "us-east-1"):
        assert shared_images.repository(body) is None
        assert SharedVersions().place("DescribeModelPackage", body) is None


def test_a_version_is_another_accounts_by_its_arn():
    def place(operation: str, account: str):
        arn = f"arn:aws:sagemaker:us-east-1:{account}:model-package/mlops-local-rain/1"
        with request_scope(TAKER, "us-east-1"):
            return SharedVersions().place(operation, json.dumps({"ModelPackageName": arn}).encode())

    assert place("DescribeModelPackage", GIVER) == (GIVER, "us-east-1")
    assert place("DescribeModelPackage", TAKER) is None
    assert place("DeleteModelPackage", GIVER) is None


def test_a_bus_policy_without_a_statement_is_not_implemented():
    with pytest.raises(ValueError, match="not implemented: AWS::Events::EventBusPolicy without 'Statement'"):
        event_buses.create("Policy", {"StatementId": "s", "Action": "events:PutEvents", "Principal": "*"}, "stack")
