"""PutMetricData's namespace is found in every protocol."""

import json

import cbor2
import pytest

from mlops_local.metric_rights import namespace_of


@pytest.mark.parametrize(
    "body",
    [
        cbor2.dumps({"Namespace": "MLOps/Model", "MetricData": []}),
        json.dumps({"Namespace": "MLOps/Model"}).encode(),
        b"Action=PutMetricData&Namespace=MLOps%2FModel&Version=2010-08-01",
    ],
)
def test_the_namespace_is_read(body):
    assert namespace_of(body) == "MLOps/Model"


@pytest.mark.parametrize("body", [b"", b"\xff\xff", b"{", cbor2.dumps([1]), cbor2.dumps({"Namespace": 1})])
def test_nonsense_has_no_namespace(body):
    assert namespace_of(body) is None
