import pytest
from mlops_local.eks import pod_identity

TAGS = pod_identity.session_tags(
    {
        "account": "000000000000",
        "region": "us-east-1",
        "cluster": "models",
        "namespace": "mlops-dev-rain",
        "serviceAccount": "model-server",
        "podName": "rain-1",
        "podUid": "u",
    }
)


def statement(action: str | list[str], namespace: str = "mlops-dev-rain") -> dict:
    return {
        "Effect": "Allow",
        "Principal": {"Service": "pods.eks.amazonaws.com"},
        "Action": action,
        "Condition": {"StringEquals": {"aws:RequestTag/kubernetes-namespace": namespace}},
    }


@pytest.mark.parametrize(
    ("statements", "trusted"),
    [
        ([statement(["sts:AssumeRole", "sts:TagSession"])], True),
        ([statement("sts:AssumeRole"), statement("sts:TagSession")], True),
        ([statement("sts:AssumeRole")], False),
        ([statement(["sts:AssumeRole", "sts:TagSession"], "mlops-dev-churn")], False),
    ],
)
def test_a_role_is_had_by_pods_that_its_trust_names_and_only_with_tags(statements, trusted):
    assert pod_identity.trusts({"Statement": statements}, TAGS) is trusted
