import pytest

from mlops_local import application_auto_scaling as scaling
from mlops_local import calls

RESOURCE = "endpoint/rain/variant/AllTraffic"
VARIANT = {
    "ServiceNamespace": "sagemaker",
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    "ResourceId": RESOURCE,
}
POLICY = {
    **VARIANT,
    "PolicyName": "rain",
    "PolicyType": "TargetTrackingScaling",
    "TargetTrackingScalingPolicyConfiguration": {
        "TargetValue": 600,
        "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
    },
}


@pytest.fixture(autouse=True)
def one_endpoint(monkeypatch):
    def described(operation, parameters):
        if parameters != {"EndpointName": "rain"}:
            raise calls.AwsError("ValidationException", "Could not find endpoint")
        return {"ProductionVariants": [{"VariantName": "AllTraffic"}]}

    monkeypatch.setattr(calls, "sagemaker", described)
    scaling._targets.clear()
    scaling._policies.clear()


def register(**changed):
    return scaling.answer("RegisterScalableTarget", {**VARIANT, "MinCapacity": 1, "MaxCapacity": 4, **changed})


def test_a_variant_is_registered_once_and_changed_by_the_same_request():
    first = register()
    second = register(MaxCapacity=6)
    targets = scaling.answer("DescribeScalableTargets", {"ServiceNamespace": "sagemaker"})["ScalableTargets"]
    assert first == second
    assert [(t["MinCapacity"], t["MaxCapacity"]) for t in targets] == [(1, 6)]


def test_its_policies_go_with_it():
    register()
    scaling.answer("PutScalingPolicy", POLICY)
    assert scaling.recorded()[0]["reason"].endswith("SageMakerVariantInvocationsPerInstance at 600")
    scaling.answer("DeregisterScalableTarget", VARIANT)
    assert scaling.answer("DescribeScalingPolicies", {"ServiceNamespace": "sagemaker"}) == {"ScalingPolicies": []}
    assert scaling.recorded() == []


@pytest.mark.parametrize(
    ("operation", "request_", "code", "message"),
    [
        ("DeregisterScalableTarget", VARIANT, "ObjectNotFoundException", "No scalable target registered"),
        ("PutScalingPolicy", POLICY, "ObjectNotFoundException", "No scalable target registered"),
        ("DeleteScheduledAction", VARIANT, "ValidationException", "not implemented in the local cloud"),
        ("RegisterScalableTarget", {**VARIANT, "MinCapacity": 1}, "ValidationException", "are required for a new"),
        (
            "RegisterScalableTarget",
            {**VARIANT, "MinCapacity": 5, "MaxCapacity": 4},
            "ValidationException",
            "must be at least the minimum capacity 5",
        ),
        (
            "RegisterScalableTarget",
            {**VARIANT, "MinCapacity": 0, "MaxCapacity": 4},
            "ValidationException",
            "must be at least 1, got 0",
        ),
        (
            "RegisterScalableTarget",
            {**VARIANT, "ServiceNamespace": "dynamodb", "MinCapacity": 1, "MaxCapacity": 4},
            "ValidationException",
            "not implemented in the local cloud: 'ServiceNamespace' 'dynamodb'",
        ),
        (
            "RegisterScalableTarget",
            {**VARIANT, "ResourceId": "endpoint/rain/variant/Gone", "MinCapacity": 1, "MaxCapacity": 4},
            "ValidationException",
            "No SageMaker variant",
        ),
        (
            "RegisterScalableTarget",
            {**VARIANT, "ResourceId": "endpoint/gone/variant/AllTraffic", "MinCapacity": 1, "MaxCapacity": 4},
            "ValidationException",
            "No SageMaker endpoint",
        ),
    ],
)
def test_what_aws_or_this_cloud_does_not_take_is_refused(operation, request_, code, message):
    with pytest.raises(scaling.Refused, match=message) as refused:
        scaling.answer(operation, request_)
    assert refused.value.code == code


def test_a_second_policy_on_the_same_metric_is_refused():
    register()
    scaling.answer("PutScalingPolicy", POLICY)
    with pytest.raises(scaling.Refused, match="Only one TargetTrackingScaling policy"):
        scaling.answer("PutScalingPolicy", {**POLICY, "PolicyName": "other"})


def test_a_policy_may_ask_for_the_namespace_and_the_dimension():
    body = b'{"ServiceNamespace": "sagemaker", "ScalableDimension": "sagemaker:variant:DesiredInstanceCount"}'
    assert scaling._keys(body) == {
        "application-autoscaling:service-namespace": "sagemaker",
        "application-autoscaling:scalable-dimension": "sagemaker:variant:DesiredInstanceCount",
    }
    assert scaling._keys(b"no json") == {}


def test_a_registered_variant_keeps_its_instance_type():
    large = [{"VariantName": "AllTraffic", "InstanceType": "ml.m5.large"}]
    other = [{"VariantName": "AllTraffic", "InstanceType": "ml.c5.large"}]
    assert scaling.changed_types("rain", large, other) == []
    register()
    assert scaling.changed_types("rain", large, other) == ["AllTraffic"]
    assert scaling.changed_types("rain", large, large) == []
    assert scaling.changed_types("other", large, other) == []
