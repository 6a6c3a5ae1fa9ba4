import pytest
from mlops_local.role_session import trusts

ACCOUNT = "000000000000"
SERVICE = "scheduler.amazonaws.com"


def statement(effect: str = "Allow", **condition) -> dict:
    return {
        "Effect": effect,
        "Principal": {"Service": SERVICE},
        "Action": "sts:AssumeRole",
        **({"Condition": condition} if condition else {}),
    }


@pytest.mark.parametrize(
    ("statements", "trusted"),
    [
        ([statement(StringEquals={"aws:SourceAccount": ACCOUNT})], True),
        ([statement(StringEquals={"aws:SourceAccount": "111111111111"})], False),
        ([statement(StringEquals={"aws:PrincipalTag/team": "ml"})], False),
        ([statement(ArnLike={"aws:SourceArn": "arn:aws:scheduler:*:*:schedule-group/default"})], True),
        ([statement(), statement("Deny", StringEquals={"aws:SourceAccount": "111111111111"})], True),
        ([statement(), statement("Deny", ArnNotLike={"aws:SourceArn": "arn:aws:scheduler:*"})], True),
        ([statement(), statement("Deny", StringNotEquals={"aws:SourceAccount": "111111111111"})], False),
    ],
)
def test_a_role_is_trusted_to_a_service_on_its_conditions(statements, trusted):
    assert trusts({"Statement": statements}, SERVICE, ACCOUNT) is trusted
