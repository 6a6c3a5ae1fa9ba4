"""Which rights a SageMaker request needs: IAM actions, resource ARNs and roles passed, by AWS's reference."""

import json
import re
from dataclasses import dataclass, field

_INVOCATION = re.compile(r"^/endpoints/([^/]+)/(invocations|invocations-response-stream|async-invocations)$")
_INVOKE_ACTIONS = {
    "invocations": "InvokeEndpoint",
    "invocations-response-stream": "InvokeEndpointWithResponseStream",
    "async-invocations": "InvokeEndpointAsync",
}

# Operation's noun -> (resource type of its ARN, request member that names it).
_RESOURCES = {
    "TrainingJob": ("training-job", "TrainingJobName"),
    "ProcessingJob": ("processing-job", "ProcessingJobName"),
    "Model": ("model", "ModelName"),
    "EndpointConfig": ("endpoint-config", "EndpointConfigName"),
    "Endpoint": ("endpoint", "EndpointName"),
    "EndpointWeightsAndCapacities": ("endpoint", "EndpointName"),
    "ModelPackageGroup": ("model-package-group", "ModelPackageGroupName"),
    "ModelPackageGroupPolicy": ("model-package-group", "ModelPackageGroupName"),
    "ModelPackage": ("model-package", "ModelPackageName"),
}
_VERB = re.compile(r"^(Create|Describe|Update|Delete|Stop|Put|Get)")
# Operations that pass a role to SageMaker, and the member that names it.
_PASSED_ROLES = {
    "CreateTrainingJob": "RoleArn",
    "CreateProcessingJob": "RoleArn",
    "CreateModel": "ExecutionRoleArn",
}


# Operations that take tags for what they make, by the name of which the right to tag it is checked.
_TAGGING = (
    "CreateTrainingJob",
    "CreateProcessingJob",
    "CreateModel",
    "CreateEndpointConfig",
    "CreateEndpoint",
    "CreateModelPackageGroup",
)


@dataclass(frozen=True)
class Requirement:
    """One action on one resource, with the condition keys of the request."""

    action: str
    resource: str
    context: dict[str, str] = field(default_factory=dict)


def invocation(path: str) -> tuple[str, str] | None:
    """Action and endpoint name of a sagemaker-runtime path."""
    match = _INVOCATION.match(path)
    return (_INVOKE_ACTIONS[match.group(2)], match.group(1)) if match else None


def requirements(operation: str, path: str, body: bytes, region: str, account: str) -> list[Requirement]:
    """What the caller of this request must be allowed, first the action itself."""
    prefix = f"arn:aws:sagemaker:{region}:{account}"
    invoked = invocation(path)
    if invoked is not None:
        return [Requirement(f"sagemaker:{invoked[0]}", f"{prefix}:endpoint/{invoked[1].lower()}")]
    try:
        parameters = json.loads(body) if body else {}
    except (ValueError, RecursionError):
        # no JSON, or nested beyond all sense: the server behind says so in AWS's form
        parameters = {}
    if not isinstance(parameters, dict):
        parameters = {}
    needed = [Requirement(f"sagemaker:{operation}", _resource_arn(operation, parameters, prefix))]
    if operation in ("CreateEndpoint", "UpdateEndpoint") and isinstance(parameters.get("EndpointConfigName"), str):
        config = parameters["EndpointConfigName"].lower()
        needed.append(Requirement(f"sagemaker:{operation}", f"{prefix}:endpoint-config/{config}"))
    if operation in _TAGGING and parameters.get("Tags"):
        # "Actions, resources, and condition keys": to give tags while making it needs the right to tag it.
        needed.append(Requirement("sagemaker:AddTags", _resource_arn(operation, parameters, prefix)))
    role = parameters.get(_PASSED_ROLES.get(operation, ""))
    if isinstance(role, str):
        needed.append(Requirement("iam:PassRole", role, {"iam:PassedToService": "sagemaker.amazonaws.com"}))
    return needed


def _resource_arn(operation: str, parameters: dict, prefix: str) -> str:
    if operation in ("AddTags", "ListTags", "DeleteTags"):
        return _text(parameters.get("ResourceArn"))
    if operation == "CreateModelPackage":
        # A version's right is checked on the package, whose number is not known before it is made.
        group = parameters.get("ModelPackageGroupName")
        return f"{prefix}:model-package/{_short(group)}/*" if isinstance(group, str) else "*"
    noun = _VERB.sub("", operation, count=1)
    kind = _RESOURCES.get(noun)
    if kind is None:
        return "*"
    # UpdateModelPackage names it by ARN.
    name = parameters.get(kind[1], parameters.get("ModelPackageArn"))
    if not isinstance(name, str):
        return "*"
    return name if name.startswith("arn:") else f"{prefix}:{kind[0]}/{name.lower()}"


def _short(name: str) -> str:
    return name.rsplit("/", 1)[-1].lower()


def _text(value: object) -> str:
    return value if isinstance(value, str) and value else "*"
