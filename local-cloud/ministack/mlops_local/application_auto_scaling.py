"""Application Auto Scaling of endpoint variants: registered and checked as on AWS, and nothing scales by itself.

MiniStack has no such service. Who registers what is what a release has to get right; the scaling itself is AWS's.
"""

import asyncio
import json
import re
import time
import uuid

from ministack import app
from ministack.core import iam_actions, router
from ministack.core.responses import AccountRegionScopedDict, get_account_id, get_region

from . import calls, hooks

SERVICE = "application-autoscaling"
_NAMESPACE = "sagemaker"
_DIMENSION = "sagemaker:variant:DesiredInstanceCount"
_RESOURCE = re.compile(r"^endpoint/([A-Za-z0-9-]+)/variant/([A-Za-z0-9-]+)$")
_METRICS = ("SageMakerVariantInvocationsPerInstance", "SageMakerVariantConcurrentRequestsPerModelHighResolution")

_targets = AccountRegionScopedDict()
_policies = AccountRegionScopedDict()


class Refused(Exception):
    """An error answer."""

    def __init__(self, code: str, message: str):
        super().__init__(message)
        self.code = code


def _resource(request: dict) -> str:
    namespace, dimension = request.get("ServiceNamespace"), request.get("ScalableDimension")
    if (namespace, dimension) != (_NAMESPACE, _DIMENSION):
        raise Refused(
            "ValidationException",
            f"not implemented in the local cloud: 'ServiceNamespace' {namespace!r} with 'ScalableDimension' "
            f"{dimension!r}, only {_NAMESPACE!r} with {_DIMENSION!r}",
        )
    resource = request.get("ResourceId")
    if not isinstance(resource, str) or not _RESOURCE.match(resource):
        raise Refused("ValidationException", f"'ResourceId' must be endpoint/NAME/variant/NAME, got {resource!r}")
    return resource


def _arn(resource: str, known: dict | None) -> str:
    made = known["ScalableTargetARN"] if known else None
    return made or f"arn:aws:{SERVICE}:{get_region()}:{get_account_id()}:scalable-target/{uuid.uuid4().hex[:24]}"


def _require_variant(resource: str) -> None:
    endpoint, variant = _RESOURCE.match(resource).groups()
    try:
        described = calls.sagemaker("DescribeEndpoint", {"EndpointName": endpoint})
    except calls.AwsError as error:
        raise Refused("ValidationException", f"No SageMaker endpoint for {resource}: {error.message}") from error
    names = [summary["VariantName"] for summary in described.get("ProductionVariants", [])]
    if variant not in names:
        raise Refused("ValidationException", f"No SageMaker variant for {resource}, the endpoint has {names}")


def _register(request: dict) -> dict:
    resource = _resource(request)
    known = _targets.get(resource)
    low = request.get("MinCapacity", known and known["MinCapacity"])
    high = request.get("MaxCapacity", known and known["MaxCapacity"])
    if low is None or high is None:
        raise Refused("ValidationException", "'MinCapacity' and 'MaxCapacity' are required for a new scalable target")
    if low > high:
        raise Refused("ValidationException", f"Maximum capacity {high} must be at least the minimum capacity {low}")
    if low < 1:
        raise Refused("ValidationException", f"'MinCapacity' of an endpoint variant must be at least 1, got {low}")
    _require_variant(resource)
    _targets[resource] = {
        "ServiceNamespace": _NAMESPACE,
        "ResourceId": resource,
        "ScalableDimension": _DIMENSION,
        "MinCapacity": low,
        "MaxCapacity": high,
        "CreationTime": known["CreationTime"] if known else time.time(),
        "ScalableTargetARN": _arn(resource, known),
    }
    return {"ScalableTargetARN": _targets[resource]["ScalableTargetARN"]}


def _require_target(resource: str) -> None:
    if resource not in _targets:
        raise Refused(
            "ObjectNotFoundException",
            f"No scalable target registered for service namespace: {_NAMESPACE}, resource ID: {resource}, "
            f"scalable dimension: {_DIMENSION}",
        )


def _deregister(request: dict) -> dict:
    resource = _resource(request)
    _require_target(resource)
    del _targets[resource]
    for key in [key for key in _policies if key[0] == resource]:
        del _policies[key]
    return {}


def _describe_targets(request: dict) -> dict:
    wanted = request.get("ResourceIds")
    return {"ScalableTargets": [t for r, t in _targets.items() if wanted is None or r in wanted]}


def _put_policy(request: dict) -> dict:
    resource = _resource(request)
    _require_target(resource)
    tracking = request.get("TargetTrackingScalingPolicyConfiguration")
    if request.get("PolicyType") != "TargetTrackingScaling" or not isinstance(tracking, dict):
        raise Refused("ValidationException", "not implemented in the local cloud: policies but 'TargetTrackingScaling'")
    metric = tracking.get("PredefinedMetricSpecification", {}).get("PredefinedMetricType")
    if metric not in _METRICS:
        raise Refused("ValidationException", f"'PredefinedMetricType' must be one of {', '.join(_METRICS)}, got {metric!r}")
    name = request["PolicyName"]
    known = _policies.get((resource, name))
    # AWS refuses two policies on one metric; a policy of the same name is changed
    for (other, other_name), policy in _policies.items():
        same = policy["TargetTrackingScalingPolicyConfiguration"]["PredefinedMetricSpecification"]
        if other == resource and other_name != name and same["PredefinedMetricType"] == metric:
            raise Refused(
                "ValidationException",
                f"Only one TargetTrackingScaling policy for a given metric specification is allowed, {other_name} has it",
            )
    arn = known["PolicyARN"] if known else (
        f"arn:aws:autoscaling:{get_region()}:{get_account_id()}:scalingPolicy:{uuid.uuid4()}:"
        f"resource/{_NAMESPACE}/{resource}:policyName/{name}"
    )
    _policies[(resource, name)] = {
        "PolicyARN": arn,
        "PolicyName": name,
        "ServiceNamespace": _NAMESPACE,
        "ResourceId": resource,
        "ScalableDimension": _DIMENSION,
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": tracking,
        "Alarms": [],
        "CreationTime": known["CreationTime"] if known else time.time(),
    }
    return {"PolicyARN": arn, "Alarms": []}


def _describe_policies(request: dict) -> dict:
    wanted = request.get("ResourceId")
    return {"ScalingPolicies": [p for (r, _), p in _policies.items() if wanted is None or r == wanted]}


_OPERATIONS = {
    "RegisterScalableTarget": _register,
    "DeregisterScalableTarget": _deregister,
    "DescribeScalableTargets": _describe_targets,
    "PutScalingPolicy": _put_policy,
    "DescribeScalingPolicies": _describe_policies,
}


def answer(operation: str, request: dict) -> dict:
    """What the service answers; raises ``Refused``."""
    if operation not in _OPERATIONS:
        raise Refused("ValidationException", f"not implemented in the local cloud: {operation} of {SERVICE}")
    return _OPERATIONS[operation](request)


async def handle_request(method: str, path: str, headers: dict, body, query_params: dict):
    """MiniStack's handler contract."""
    operation = headers.get("x-amz-target", "").rsplit(".", 1)[-1]
    content_type = {"Content-Type": "application/x-amz-json-1.1"}
    try:
        request = json.loads(body or b"{}")
        # asks SageMaker, which waits for this loop
        return 200, content_type, json.dumps(await asyncio.to_thread(answer, operation, request)).encode()
    except Refused as refused:
        return 400, content_type, json.dumps({"__type": refused.code, "Message": str(refused)}).encode()


def changed_types(endpoint: str, live: list[dict], wanted: list[dict]) -> list[str]:
    """Registered variants whose instance type an update would change: Application Auto Scaling lets no such update pass."""
    types = {variant["VariantName"]: variant.get("InstanceType") for variant in live}
    return [
        variant["VariantName"]
        for variant in wanted
        if f"endpoint/{endpoint}/variant/{variant['VariantName']}" in _targets
        and types.get(variant["VariantName"], variant.get("InstanceType")) != variant.get("InstanceType")
    ]


def recorded() -> list[dict]:
    """Scalable targets of every account and region: nothing scales by itself here."""
    return [
        {
            "stack": "",
            "logicalId": target["ResourceId"],
            "type": "AWS::ApplicationAutoScaling::ScalableTarget",
            "reason": f"does not scale by itself: {_in_words(account, region, target)}",
            "account": account,
            "region": region,
        }
        for (account, region, _), target in list(_targets._data.items())
    ]


def _in_words(account: str, region: str, target: dict) -> str:
    policies = [
        policy["TargetTrackingScalingPolicyConfiguration"]
        for (owner, place, (resource, _)), policy in list(_policies._data.items())
        if (owner, place, resource) == (account, region, target["ResourceId"])
    ]
    rules = [
        f"{tracking['PredefinedMetricSpecification']['PredefinedMetricType']} at {tracking['TargetValue']:g}"
        for tracking in policies
    ]
    return f"{target['MinCapacity']} to {target['MaxCapacity']} instances, {' and '.join(rules) or 'no policy'}"


def _keys(body: bytes) -> dict:
    """The service's own condition keys."""
    try:
        request = json.loads(body or b"{}")
    except ValueError:
        return {}
    keys = {"service-namespace": request.get("ServiceNamespace"), "scalable-dimension": request.get("ScalableDimension")}
    return {f"{SERVICE}:{key}": value for key, value in keys.items() if isinstance(value, str)}


def install() -> None:
    """Register the service with the router, IAM and the handlers."""
    app.SERVICE_REGISTRY[SERVICE] = {"module": "application_auto_scaling"}
    app.SERVICE_HANDLERS[SERVICE] = handle_request
    router.SERVICE_PATTERNS[SERVICE] = {
        "target_prefixes": ["AnyScaleFrontendService."],
        "credential_scope": SERVICE,
    }
    iam_actions.SERVICE_TO_IAM_NAMESPACE[SERVICE] = SERVICE

    def with_keys(original):
        def request_tag_context(service, iam_action, body, params):
            context = original(service, iam_action, body, params)
            return {**context, **_keys(body)} if service == SERVICE else context

        return request_tag_context

    def with_arns(original):
        def extract_resource_arn(service, method, path, headers, body, query_params, region, account_id):
            if service != SERVICE:
                return original(service, method, path, headers, body, query_params, region, account_id)
            if ".Describe" in headers.get("x-amz-target", ""):
                return "*"
            # a target's id is AWS's own, so a policy can name no one target
            return f"arn:aws:{SERVICE}:{region}:{account_id}:scalable-target/*"

        return extract_resource_arn

    hooks.wrap(iam_actions, "request_tag_context", with_keys)
    hooks.wrap(iam_actions, "extract_resource_arn", with_arns)
