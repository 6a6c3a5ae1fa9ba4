"""Requests against CloudWatch's own service model: what it requires, its lengths, ranges, values and patterns."""

import functools
import re

from botocore.loaders import Loader
from botocore.model import ListShape, ServiceModel, Shape, StructureShape


@functools.lru_cache(maxsize=1)
def _model() -> ServiceModel:
    return ServiceModel(Loader().load_service_model("cloudwatch", "service-2"), "cloudwatch")


def input_shape(operation: str) -> StructureShape:
    """Members that an operation takes."""
    return _model().operation_model(operation).input_shape


def violations(operation: str, request: dict, unchecked: tuple[str, ...] = ()) -> str | None:
    """AWS's message on all constraints that the request does not satisfy; None when it satisfies them."""
    checked = {name: value for name, value in request.items() if name not in unchecked}
    found = list(_structure(input_shape(operation), checked, ""))
    if not found:
        return None
    count = f"{len(found)} validation error{'s' if len(found) > 1 else ''} detected"
    return f"{count}: {'; '.join(found)}"


def typed(operation: str, request: dict) -> dict:
    """The request with numbers and booleans where a template or the Query protocol has text for them."""
    return _typed(input_shape(operation), request)


def _typed(shape: Shape, value):
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        return {name: _typed(shape.members[name], v) if name in shape.members else v for name, v in value.items()}
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [_typed(shape.member, each) for each in value]
    if shape.type_name == "string" and isinstance(value, (bool, int, float)):
        return str(value)
    if not isinstance(value, str):
        return value
    try:
        if shape.type_name == "integer":
            return int(value)
        if shape.type_name == "double":
            return float(value)
    except ValueError:
        return value
    if shape.type_name == "boolean" and value.lower() in ("true", "false"):
        return value.lower() == "true"
    return value


def _structure(shape: StructureShape, value: dict, path: str):
    for name in shape.required_members:
        if value.get(name) is None:
            yield _said(None, _child(path, name), "Member must not be null")
    for name, member in shape.members.items():
        if value.get(name) is not None:
            yield from _value(member, value[name], _child(path, name))


def _value(shape: Shape, value, path: str):
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if isinstance(shape, StructureShape):
        if isinstance(value, dict):
            yield from _structure(shape, value, path)
        else:
            yield _said(value, path, "Member must be a structure")
    elif isinstance(shape, ListShape):
        if not isinstance(value, list):
            yield _said(value, path, "Member must be a list")
            return
        yield from _bounds(len(value), least, most, value, path, "length")
        for number, each in enumerate(value, 1):
            yield from _value(shape.member, each, f"{path}.{number}.member")
    elif shape.type_name == "string":
        if not isinstance(value, str):
            yield _said(value, path, "Member must be a string")
            return
        yield from _bounds(len(value), least, most, value, path, "length")
        if "enum" in shape.metadata and value not in shape.metadata["enum"]:
            yield _said(value, path, f"Member must satisfy enum value set: [{', '.join(shape.metadata['enum'])}]")
        if "pattern" in shape.metadata and not re.fullmatch(shape.metadata["pattern"], value, re.DOTALL):
            yield _said(value, path, f"Member must satisfy regular expression pattern: {shape.metadata['pattern']}")
    elif shape.type_name == "boolean":
        if not isinstance(value, bool):
            yield _said(value, path, "Member must be a boolean")
    elif isinstance(value, bool) or not isinstance(value, int if shape.type_name == "integer" else (int, float)):
        yield _said(value, path, "Member must be a number")
    else:
        yield from _bounds(value, least, most, value, path, "value")


def _bounds(size: float, least, most, value, path: str, what: str):
    if least is not None and size < least:
        yield _said(value, path, f"Member must have {what} greater than or equal to {least}")
    if most is not None and size > most:
        yield _said(value, path, f"Member must have {what} less than or equal to {most}")


def _child(path: str, name: str) -> str:
    lowered = name[:1].lower() + name[1:]
    return f"{path}.{lowered}" if path else lowered


def _said(value, path: str, text: str) -> str:
    if isinstance(value, list):
        shown = f"'[{', '.join(map(str, value))}]'"
    else:
        shown = "null" if value is None else f"'{value}'"
    return f"Value {shown} at '{path}' failed to satisfy constraint: {text}"
