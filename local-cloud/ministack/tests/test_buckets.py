"""What CloudFormation does with the buckets of a stack."""

import pytest
from ministack.services import s3
from ministack.services.cloudformation import provisioners

from mlops_local import buckets


@pytest.fixture
def handlers(monkeypatch):
    monkeypatch.setitem(
        provisioners._RESOURCE_HANDLERS, "AWS::S3::Bucket", provisioners._RESOURCE_HANDLERS["AWS::S3::Bucket"]
    )
    buckets.install()
    return provisioners._RESOURCE_HANDLERS["AWS::S3::Bucket"]


def test_a_bucket_has_the_tags_that_its_template_says(handlers):
    before = {"BucketName": "tagged", "Tags": [{"Key": "mlops:delete-data", "Value": "true"}]}
    handlers["create"]("Bucket", before, "Stack")
    assert s3._bucket_tags["tagged"] == {"mlops:delete-data": "true"}

    handlers["update"]("tagged", before, {"BucketName": "tagged"}, "Stack")
    assert "tagged" not in s3._bucket_tags


def test_a_bucket_locks_each_new_object_as_its_template_says(handlers):
    retention = {"Mode": "GOVERNANCE", "Days": "7"}
    props = {
        "BucketName": "locked",
        "ObjectLockEnabled": True,
        "ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": retention}},
    }
    handlers["create"]("Bucket", props, "Stack")
    assert s3._bucket_object_lock["locked"] == {
        "enabled": True,
        "default_retention": {"Mode": "GOVERNANCE", "Days": 7},
    }

    handlers["create"]("Bucket", {"BucketName": "unlocked"}, "Stack")
    assert "unlocked" not in s3._bucket_object_lock


def test_a_bucket_that_is_not_empty_stays(handlers):
    props = {"BucketName": "filled", "VersioningConfiguration": {"Status": "Enabled"}}
    handlers["create"]("Bucket", props, "Stack")
    s3._object_versions[("filled", "key")] = [{"VersionId": "1"}]

    with pytest.raises(ValueError, match="not empty"):
        handlers["delete"]("filled", props)
    assert "filled" in s3._buckets

    del s3._object_versions[("filled", "key")]
    handlers["delete"]("filled", props)
    assert "filled" not in s3._buckets
