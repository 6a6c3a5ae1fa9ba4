import json

import pytest
from mlops_local.step_functions import definitions
from mlops_local.step_functions.integrations import integration_of
from mlops_local.role_session import trusts

ARN = "arn:aws:states:::"


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        (f"{ARN}sagemaker:createTrainingJob.sync", ("sagemaker:createTrainingJob", ".sync")),
        (f"{ARN}states:startExecution.sync:2", ("states:startExecution", ".sync:2")),
        (f"{ARN}sqs:sendMessage.waitForTaskToken", ("sqs:sendMessage", ".waitForTaskToken")),
        (f"{ARN}aws-sdk:ssm:getParameter", ("aws-sdk:ssm:getParameter", "")),
        ("arn:aws:lambda:us-east-1:000000000000:function:f", None),
    ],
)
def test_integration_and_pattern_of_a_resource(resource, expected):
    assert integration_of(resource) == expected


@pytest.mark.parametrize(
    "integration",
    [
        "lambda:invoke",
        "lambda:invoke.waitForTaskToken",
        "sagemaker:createTrainingJob.sync",
        "sagemaker:createEndpoint",
        "states:startExecution.sync:2",
        "aws-sdk:dynamodb:query",
    ],
)
def test_what_runs_is_accepted(integration):
    assert definitions.unsupported("/", {"Type": "Task", "Resource": f"{ARN}{integration}"}) is None


@pytest.mark.parametrize(
    "integration",
    [
        "glue:startJobRun.sync",
        "ecs:runTask",
        "lambda:invoke.sync",
        "sagemaker:createEndpoint.sync",
        "sagemaker:createTrainingJob.sync:2",
        "aws-sdk:nothing:call",
        "aws-sdk:ssm:getParameter.sync",
    ],
)
def test_what_does_not_run_is_refused_by_name_wherever_it_is(integration):
    # GIVEN
    task = {"Type": "Task", "Resource": f"{ARN}{integration}", "End": True}
    branch = {"StartAt": "Deep", "States": {"Deep": task}}
    definition = {"States": {"All": {"Type": "Map", "ItemProcessor": {"States": {
        "Both": {"Type": "Parallel", "Branches": [{"States": {}}, branch]}}}}}}
    # WHEN, THEN
    with pytest.raises(definitions.Refused) as refused:
        definitions.check(json.dumps(definition), "")
    assert refused.value.code == "InvalidDefinition"
    path = "/States/All/ItemProcessor/States/Both/Branches[1]/States/Deep"
    assert f"'Resource' at {path} is '{ARN}{integration}'" in refused.value.message


@pytest.mark.parametrize("field", ["ResultWriter", "Credentials"])
def test_what_would_be_ignored_is_refused(field):
    definition = {"States": {"All": {"Type": "Map", field: {}}}}
    with pytest.raises(definitions.Refused, match=f"'{field}' at /States/All is not implemented"):
        definitions.check(json.dumps(definition), "")


@pytest.mark.parametrize(
    ("definition", "problem"),
    [
        ("{", "the definition is not JSON"),
        ("[]", "the definition must be a JSON object"),
        ('{"States": {"Do": 1}}', "/States/Do must be an object, got 1"),
    ],
)
def test_fails_on_what_is_no_definition(definition, problem):
    with pytest.raises(definitions.Refused, match=problem):
        definitions.check(definition, "")


def statement(effect: str, service: str, action: str = "sts:AssumeRole") -> dict:
    return {"Effect": effect, "Principal": {"Service": service}, "Action": action}


@pytest.mark.parametrize(
    ("statements", "trusted"),
    [
        ([statement("Allow", "states.amazonaws.com")], True),
        ([statement("Allow", "lambda.amazonaws.com")], False),
        ([statement("Allow", "states.amazonaws.com", "sts:TagSession")], False),
        ([statement("Allow", "states.amazonaws.com"), statement("Deny", "states.amazonaws.com")], False),
        ([{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}], False),
        ([], False),
    ],
)
def test_a_role_must_trust_the_service_by_name(statements, trusted):
    assert trusts({"Statement": statements}, "states.amazonaws.com", "000000000000") is trusted
