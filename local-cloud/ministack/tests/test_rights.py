"""Rights used, unused, redundant; decided by MiniStack's own evaluator."""

from ministack.core import iam_evaluator
from ministack.core.iam_evaluator import EvalContext, parse_policy_document

from mlops_local.rights.grants import Grant, grants_of, without
from mlops_local.rights.recorder import Decision, Recorder, _Pending, role_of
from mlops_local.rights.review import judge

BUCKET = "arn:aws:s3:::lake"


def policy(*statements: tuple[list[str], list[str]]) -> list:
    document = {
        "Statement": [
            {"Effect": "Allow", "Action": actions, "Resource": resources} for actions, resources in statements
        ]
    }
    return [parse_policy_document(document)]


def context(action: str, resource: str) -> EvalContext:
    return EvalContext(
        principal_arn="arn:aws:sts::000000000000:assumed-role/reader/session",
        principal_type="AssumedRole",
        principal_account="000000000000",
        action=action,
        resource_arn=resource,
        region="us-east-1",
    )


def decision(action: str, resource: str, policies: list) -> Decision:
    asked = context(action, resource)
    recorder = Recorder()
    result = iam_evaluator.evaluate(asked, policies)
    recorder.record(_Pending(asked, result, lambda others: iam_evaluator.evaluate(asked, others)))
    return recorder.decisions()[0]


def test_a_right_that_a_request_needed_is_used_and_needed():
    # GIVEN
    policies = policy((["s3:GetObject"], [f"{BUCKET}/*"]))

    # WHEN
    [right] = judge(policies, [decision("s3:GetObject", f"{BUCKET}/a", policies)])["rights"]

    # THEN
    assert (right["used"], right["needed"], right["example"]) == (1, True, f"{BUCKET}/a")


def test_a_right_that_nothing_asked_for_is_not_used():
    policies = policy((["s3:GetObject", "s3:PutObject"], [f"{BUCKET}/*"]))
    rights = judge(policies, [decision("s3:GetObject", f"{BUCKET}/a", policies)])["rights"]
    assert [(right["action"], right["used"]) for right in rights] == [("s3:GetObject", 1), ("s3:PutObject", 0)]


def test_of_two_rights_that_allow_the_same_neither_is_needed():
    policies = policy((["s3:GetObject*"], [f"{BUCKET}/*"]), (["s3:GetObject"], [f"{BUCKET}/*"]))
    rights = judge(policies, [decision("s3:GetObject", f"{BUCKET}/a", policies)])["rights"]
    assert [right["needed"] for right in rights] == [False, False]
    assert [right["used"] for right in rights] == [1, 1]


def test_what_was_denied_is_told():
    policies = policy((["s3:GetObject"], [f"{BUCKET}/*"]))
    judged = judge(policies, [decision("s3:DeleteObject", f"{BUCKET}/a", policies)])
    assert judged["denied"] == [{"action": "s3:DeleteObject", "resource": f"{BUCKET}/a", "count": 1}]
    assert judged["rights"][0]["used"] == 0


def test_taking_one_right_away_leaves_every_other():
    # GIVEN two actions on two resources
    policies = policy((["s3:GetObject", "s3:PutObject"], ["a", "b"]))

    # WHEN
    reduced = without(policies, Grant("s3:GetObject", "a"))

    # THEN
    assert grants_of(reduced) == [Grant("s3:GetObject", "b"), Grant("s3:PutObject", "a"), Grant("s3:PutObject", "b")]


def test_a_deny_is_no_right():
    policies = [parse_policy_document({"Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]})]
    assert grants_of(policies) == []
    assert without(policies, Grant("s3:*", "*")) == policies


def test_requests_of_a_kind_are_counted():
    recorder = Recorder()
    policies = policy((["s3:GetObject"], [f"{BUCKET}/*"]))
    for _ in range(3):
        asked = context("s3:GetObject", f"{BUCKET}/a")
        recorder.record(_Pending(asked, iam_evaluator.evaluate(asked, policies), lambda others: None))
    assert [d.count for d in recorder.decisions()] == [3]


def test_users_and_root_are_no_roles():
    assert role_of("arn:aws:iam::000000000000:root") is None
    assert role_of("arn:aws:iam::000000000000:user/anna") is None
    assert role_of("arn:aws:sts::000000000000:assumed-role/reader/session") == "reader"
