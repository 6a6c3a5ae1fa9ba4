import json

import pytest
from mlops_local.sagemaker_iam import Requirement, invocation, requirements

PREFIX = "arn:aws:sagemaker:us-east-1:000000000000"


def needed(operation: str, **parameters) -> list[Requirement]:
    return requirements(operation, "/", json.dumps(parameters).encode(), "us-east-1", "000000000000")


@pytest.mark.parametrize(
    ("operation", "parameters", "resource"),
    [
        ("CreateTrainingJob", {"TrainingJobName": "Job-1"}, f"{PREFIX}:training-job/job-1"),
        ("DescribeProcessingJob", {"ProcessingJobName": "p"}, f"{PREFIX}:processing-job/p"),
        ("CreateModel", {"ModelName": "m"}, f"{PREFIX}:model/m"),
        ("DeleteEndpointConfig", {"EndpointConfigName": "c"}, f"{PREFIX}:endpoint-config/c"),
        ("DescribeEndpoint", {"EndpointName": "e"}, f"{PREFIX}:endpoint/e"),
        ("CreateModelPackage", {"ModelPackageGroupName": "g"}, f"{PREFIX}:model-package/g/*"),
        ("UpdateModelPackage", {"ModelPackageArn": f"{PREFIX}:model-package/g/1"}, f"{PREFIX}:model-package/g/1"),
        ("DescribeModelPackage", {"ModelPackageName": f"{PREFIX}:model-package/g/1"}, f"{PREFIX}:model-package/g/1"),
        ("AddTags", {"ResourceArn": f"{PREFIX}:endpoint/e"}, f"{PREFIX}:endpoint/e"),
        ("ListEndpoints", {}, "*"),
        ("DescribeEndpoint", {"EndpointName": 3}, "*"),
    ],
)
def test_resource_of_an_operation(operation, parameters, resource):
    assert needed(operation, **parameters)[0] == Requirement(f"sagemaker:{operation}", resource)


def test_an_endpoint_needs_its_config_too():
    resources = [need.resource for need in needed("CreateEndpoint", EndpointName="e", EndpointConfigName="c")]
    assert resources == [f"{PREFIX}:endpoint/e", f"{PREFIX}:endpoint-config/c"]


@pytest.mark.parametrize(
    ("operation", "member"),
    [("CreateTrainingJob", "RoleArn"), ("CreateProcessingJob", "RoleArn"), ("CreateModel", "ExecutionRoleArn")],
)
def test_a_role_must_be_passed(operation, member):
    assert needed(operation, **{member: "arn:aws:iam::000000000000:role/r"})[-1] == Requirement(
        "iam:PassRole", "arn:aws:iam::000000000000:role/r", {"iam:PassedToService": "sagemaker.amazonaws.com"}
    )


def test_what_is_made_with_tags_must_be_allowed_to_be_tagged():
    tags = [{"Key": "mlops:model", "Value": "rain"}]
    actions = [(need.action, need.resource) for need in needed("CreateModel", ModelName="m", Tags=tags)]
    assert actions == [("sagemaker:CreateModel", f"{PREFIX}:model/m"), ("sagemaker:AddTags", f"{PREFIX}:model/m")]
    assert len(needed("CreateModel", ModelName="m", Tags=[])) == 1


def test_an_invocation_is_known_by_its_path():
    assert invocation("/endpoints/Rain/invocations") == ("InvokeEndpoint", "Rain")
    assert invocation("/endpoints/rain") is None
    need = requirements("", "/endpoints/Rain/invocations", b"\x00not json", "us-east-1", "000000000000")
    assert need == [Requirement("sagemaker:InvokeEndpoint", f"{PREFIX}:endpoint/rain")]


@pytest.mark.parametrize("body", [b"[1]", b"{", b"\xff", b'{"a":' * 20_000, b"[" * 20_000])
def test_a_body_that_is_no_json_object_names_no_resource(body):
    assert requirements("CreateModel", "/", body, "us-east-1", "0")[0].resource == "*"
