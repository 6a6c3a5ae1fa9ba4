"""Rows from the tensors of the Open Inference Protocol: one per feature, by name, or one matrix of all features."""

import math
from typing import Any

from .bad_request import BadRequest
from .rows import Rows, checked
from .schema import Schema

INTEGERS = {f"{sign}INT{bits}" for sign in ("", "U") for bits in (8, 16, 32, 64)}
FLOATS = {"FP16", "FP32", "FP64"}
DATATYPES = {"double": FLOATS | INTEGERS, "bigint": FLOATS | INTEGERS, "string": {"BYTES"}}


def rows_from_inputs(inputs: Any, schema: Schema) -> Rows:
    """Rows of the `inputs` of an inference request."""
    if not isinstance(inputs, list) or not inputs:
        raise BadRequest("inputs", inputs, "a list of tensors", "send a tensor per feature, or one matrix")
    tensors: dict[str, list[Any]] = {}
    for index, tensor in enumerate(inputs):
        if not isinstance(tensor, dict) or not isinstance(tensor.get("name"), str):
            raise BadRequest(f"inputs[{index}].name", tensor, "the name of a feature", "name each tensor")
        if len(inputs) == 1 and tensor["name"] not in schema.names:
            return _rows_of_matrix(tensor, schema)
        if tensor["name"] in tensors:
            raise BadRequest(f"inputs[{index}].name", tensor["name"], "each name once", "merge the two tensors")
        tensors[tensor["name"]] = _data(tensor, f"inputs[{index}]")
    return _rows_of_columns(inputs, tensors, schema)


def _rows_of_columns(inputs: list[dict[str, Any]], tensors: dict[str, list[Any]], schema: Schema) -> Rows:
    at = {tensor["name"]: index for index, tensor in enumerate(inputs)}
    rows: int | None = None
    for column in schema.features:
        if column.name not in tensors:
            if not column.nullable:
                raise BadRequest("inputs", sorted(tensors), f"tensors for {schema.names}", f"add '{column.name}'")
            continue
        tensor, place = inputs[at[column.name]], f"inputs[{at[column.name]}]"
        _check_datatype(tensor, column.type, place)
        shape, count = tensor["shape"], len(tensors[column.name])
        rows = count if rows is None else rows
        if shape not in ([rows], [rows, 1]) or rows == 0:
            allowed = f"[n] or [n, 1] with one n for all tensors, {max(rows, 1)} by the first of them"
            raise BadRequest(f"{place}.shape", shape, allowed, "send as many values of each feature")
    if rows is None:
        raise BadRequest("inputs", sorted(tensors), f"tensors for {schema.names}", "send the features of this model")
    raw = [[tensors[name][row] if name in tensors else None for name in schema.names] for row in range(rows)]
    return checked(raw, schema, lambda row, name: f"inputs[{at.get(name)}].data[{row}]")


def _rows_of_matrix(tensor: dict[str, Any], schema: Schema) -> Rows:
    data = _data(tensor, "inputs[0]")
    width = len(schema.features)
    shape = tensor["shape"]
    if len(shape) != 2 or shape[1] != width or shape[0] == 0:
        allowed = f"[n, {width}], a column each for {schema.names}"
        raise BadRequest("inputs[0].shape", shape, allowed, "send such a matrix, or a tensor per feature")
    for kind in {column.type for column in schema.features}:
        _check_datatype(tensor, kind, "inputs[0]")
    raw = [data[start : start + width] for start in range(0, len(data), width)]
    return checked(raw, schema, lambda row, name: f"inputs[0].data[{row}].{name}")


def _data(tensor: dict[str, Any], place: str) -> list[Any]:
    """The values of a tensor, row by row; the protocol allows them nested as well as flat."""
    shape = tensor.get("shape")
    if not isinstance(shape, list) or not shape or not all(type(size) is int and size >= 0 for size in shape):
        raise BadRequest(f"{place}.shape", shape, "a list of sizes", "send the shape of 'data'")
    data = tensor.get("data")
    if not isinstance(data, list):
        raise BadRequest(f"{place}.data", data, "a list of values", "send the values of the tensor")
    flat = data
    while flat and isinstance(flat[0], list):
        flat = [value for part in flat for value in (part if isinstance(part, list) else [part])]
    if len(flat) != math.prod(shape):
        allowed = f"{math.prod(shape)} values, as 'shape' {shape} says"
        raise BadRequest(f"{place}.data", f"{len(flat)} values", allowed, "send one value for each place")
    return flat


def _check_datatype(tensor: dict[str, Any], kind: str, place: str) -> None:
    allowed = DATATYPES[kind]
    if tensor.get("datatype") not in allowed:
        fix = f"a {kind} feature needs one of these"
        raise BadRequest(f"{place}.datatype", tensor.get("datatype"), f"one of {sorted(allowed)}", fix)
