"""Distributed maps: the role must be allowed to start the children and to read the items."""

from ministack.services import stepfunctions

from .. import hooks
from .. import role_session
from .integrations import failure


def _require_to_read(action: str, resource: str) -> None:
    with role_session.noting_denials() as denials:
        if not role_session.allowed(action, resource):
            raise stepfunctions._ExecutionError("States.ItemReaderFailed", denials[-1].message)


def _starting(original):
    def run(state, raw_input, effective, iterator, execution, ctx):
        with role_session.noting_denials() as denials:
            if not role_session.allowed("states:StartExecution", execution["stateMachineArn"]):
                raise failure("StepFunctions", denials[-1])
        return original(state, raw_input, effective, iterator, execution, ctx)

    return run


def _listing(original):
    def read(reader, effective, ctx):
        if reader.get("Resource", "").endswith("s3:listObjectsV2"):
            given = reader.get("Parameters") or reader.get("Arguments") or {}
            bucket = stepfunctions._resolve_params_obj(given, effective, ctx).get("Bucket")
            _require_to_read("s3:ListBucket", f"arn:aws:s3:::{bucket}")
        return original(reader, effective, ctx)

    return read


def _reading(original):
    def read(bucket, key):
        _require_to_read("s3:GetObject", f"arn:aws:s3:::{bucket}/{key}")
        return original(bucket, key)

    return read


def install() -> None:
    """Ask before each of these, which MiniStack does without a request."""
    hooks.wrap(stepfunctions, "_run_distributed_map", _starting)
    hooks.wrap(stepfunctions, "_read_map_items", _listing)
    hooks.wrap(stepfunctions, "_s3_object_text", _reading)
