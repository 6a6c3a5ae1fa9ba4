"""Buckets of a stack as AWS has them: they get their tags, and go only when they are empty."""

from ministack.services import s3
from ministack.services.cloudformation import provisioners

_TYPE = "AWS::S3::Bucket"


def _tag(name: str, props: dict) -> None:
    tags = {tag["Key"]: tag["Value"] for tag in props.get("Tags") or []}
    if tags:
        s3._bucket_tags[name] = tags
    else:
        s3._bucket_tags.pop(name, None)


def install() -> None:
    """Replace what CloudFormation does with a bucket."""
    handlers = provisioners._RESOURCE_HANDLERS[_TYPE]
    create, update, delete = handlers["create"], handlers["update"], handlers["delete"]

    def create_tagged(logical_id, props, stack_name):
        name, attributes = create(logical_id, props, stack_name)
        _tag(name, props)
        return name, attributes

    def update_tagged(physical_id, old, new, stack_name):
        name, attributes = update(physical_id, old, new, stack_name)
        _tag(name, new)
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
