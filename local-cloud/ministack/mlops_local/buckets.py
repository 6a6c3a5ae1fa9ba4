"""Buckets of a stack as AWS has them: they get their tags and locks, and go only when they are empty."""

from ministack.services import s3
from ministack.services.cloudformation import provisioners

_TYPE = "AWS::S3::Bucket"


def _tag(name: str, props: dict) -> None:
    tags = {tag["Key"]: tag["Value"] for tag in props.get("Tags") or []}
    if tags:
        s3._bucket_tags[name] = tags
    else:
        s3._bucket_tags.pop(name, None)


def _lock(name: str, props: dict) -> None:
    """Each new object is locked as the template says; once there is Object Lock, it stays."""
    if props.get("ObjectLockEnabled") not in (True, "true"):
        return
    rule = (props.get("ObjectLockConfiguration") or {}).get("Rule") or {}
    retention = dict(rule.get("DefaultRetention") or {})
    for unit in ("Days", "Years"):
        if unit in retention:
            retention[unit] = int(retention[unit])
    s3._bucket_object_lock[name] = {"enabled": True, "default_retention": retention or None}


def install() -> None:
    """Replace what CloudFormation does with a bucket."""
    handlers = provisioners._RESOURCE_HANDLERS[_TYPE]
    create, update, delete = handlers["create"], handlers["update"], handlers["delete"]

    def create_tagged(logical_id, props, stack_name):
        name, attributes = create(logical_id, props, stack_name)
        _tag(name, props)
        _lock(name, props)
        return name, attributes

    def update_tagged(physical_id, old, new, stack_name):
        name, attributes = update(physical_id, old, new, stack_name)
        _tag(name, new)
        _lock(name, new)
        return name, attributes

    def delete_empty(physical_id, props):
        bucket = s3._buckets.get(physical_id)
        if bucket is not None and (bucket["objects"] or s3._bucket_has_versions(physical_id)):
            raise ValueError(
                "The bucket you tried to delete is not empty. You must delete all versions in the bucket. "
                "(Service: S3, Status Code: 409)"
            )
        delete(physical_id, props)

    provisioners._RESOURCE_HANDLERS[_TYPE] = {
        **handlers,
        "create": create_tagged,
        "update": update_tagged,
        "delete": delete_empty,
    }
