"""Rows as callers send them, checked against the schema and put into its order.

Ranges are not checked: the world may move, and the monitors must see where to. Names that the schema does not have are
left alone, so that callers can send the features of the next version before it serves.
"""

import csv
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from .bad_request import BadRequest
from .schema import Column, Schema

Value = float | int | str | None
# says where in the request the value of a row's feature stands
Place = Callable[[int, str], str]

LARGEST_BIGINT = 2**63


@dataclass(frozen=True)
class Rows:
    """Checked rows, in the order of the schema; None is a missing value."""

    schema: Schema
    values: list[list[Value]]

    def matrix(self) -> np.ndarray:
        """Floats with NaN for missing values, or objects as soon as one feature is a string."""
        if self.schema.numeric:
            # numpy turns None into NaN
            return np.array(self.values, dtype=np.float64)
        return np.array(
            [
                [math.nan if _is_missing_number(column, value) else value for column, value in self._pairs(row)]
                for row in self.values
            ],
            dtype=object,
        )

    def features(self, index: int) -> dict[str, Value]:
        """A row by feature, as the inference log holds it."""
        return dict(zip(self.schema.names, self.values[index], strict=True))

    def _pairs(self, row: list[Value]) -> Iterator[tuple[Column, Value]]:
        return zip(self.schema.features, row, strict=True)


def rows_from_instances(instances: Any, schema: Schema) -> Rows:
    """Rows of `{"instances": [{feature: value, …}, …]}`."""
    if not isinstance(instances, list) or not instances:
        raise BadRequest("instances", instances, "a list with at least one object", "send the rows to predict in it")
    raw: list[list[Any]] = []
    for index, instance in enumerate(instances):
        if not isinstance(instance, dict):
            raise BadRequest(f"instances[{index}]", instance, f"an object with {schema.names}", "name each value")
        raw.append([instance.get(column.name) for column in schema.features])
    return checked(raw, schema, lambda index, name: f"instances[{index}].{name}")


def rows_from_csv(text: str, schema: Schema) -> Rows:
    """Rows of CSV lines in the order of the schema; a header line is allowed, and an empty field is a missing value."""
    lines = [line for line in csv.reader(text.splitlines()) if line]
    if lines and [name.strip() for name in lines[0]] == schema.names:
        lines = lines[1:]
    if not lines:
        raise BadRequest("body", text, "at least one line of values", f"send lines of {','.join(schema.names)}")
    for index, line in enumerate(lines):
        if len(line) != len(schema.features):
            allowed = f"{len(schema.features)} fields"
            raise BadRequest(f"lines[{index}]", line, allowed, f"send {','.join(schema.names)} in this order")
    raw = [
        [_field(field.strip(), column) for column, field in zip(schema.features, line, strict=True)] for line in lines
    ]
    return checked(raw, schema, lambda index, name: f"lines[{index}].{name}")


def checked(raw: list[list[Any]], schema: Schema, place: Place) -> Rows:
    """Rows whose every value has the type that the schema wants."""
    columns = schema.features
    values = [
        [_value(value, column, index, place) for column, value in zip(columns, row, strict=True)]
        for index, row in enumerate(raw)
    ]
    return Rows(schema, values)


def _value(value: Any, column: Column, row: int, place: Place) -> Value:
    kind = type(value)
    if column.type == "double":
        if kind is float and math.isfinite(value):
            return value
        # not isinstance: a bool is an int to Python, and none to a caller
        if kind is int:
            return float(value)
        allowed = "a finite number"
    elif column.type == "bigint":
        if kind is int and abs(value) < LARGEST_BIGINT:
            return value
        if kind is float and value.is_integer() and abs(value) < LARGEST_BIGINT:
            return int(value)
        allowed = "a whole number of 64 bits"
    else:
        if kind is str:
            return value
        allowed = "a text"
    if value is None and column.nullable:
        return None
    if value is None:
        raise BadRequest(place(row, column.name), value, allowed, f"send '{column.name}' in each row")
    or_null = " or null" if column.nullable else ""
    raise BadRequest(place(row, column.name), value, allowed + or_null, f"convert '{column.name}' before sending it")


def _field(field: str, column: Column) -> Any:
    """A CSV field as JSON would have said it; what is no number stays text, for the check to refuse."""
    if field == "":
        return None
    if column.type == "string":
        return field
    try:
        return int(field) if column.type == "bigint" else float(field)
    except ValueError:
        return field


def _is_missing_number(column: Column, value: Value) -> bool:
    return value is None and column.type != "string"
