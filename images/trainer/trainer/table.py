"""The rows of a snapshot as arrays."""

import csv
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .errors import InputError
from .schema import Column, Schema


@dataclass(frozen=True)
class Table:
    """Rows by column. A missing number is NaN, a missing string None."""

    columns: dict[str, np.ndarray]
    labels: np.ndarray

    @property
    def rows(self) -> int:
        return len(self.labels)

    def matrix(self, schema: Schema) -> np.ndarray:
        """Rows × features in the order of the schema: floats, or objects as soon as one feature is a string."""
        columns = [self.columns[column.name] for column in schema.features]
        if all(column.numeric for column in schema.features):
            return np.column_stack(columns)
        return np.column_stack([column.astype(object) for column in columns])


def read_table(path: Path, schema: Schema, label: str | None = None) -> Table:
    """Reads the columns of the schema from a CSV with a header; other columns are left alone."""
    label_name = schema.label if label is None else label
    with path.open(newline="", encoding="utf-8") as file:
        lines = csv.reader(file)
        header = next(lines, [])
        wanted = [column.name for column in schema.features] + [label_name]
        missing = [name for name in wanted if name not in header]
        if missing:
            raise InputError(f"'{path.name}' lacks the columns {missing}: its header has {header}")
        rows = [_whole(row, len(header), path, lines.line_num) for row in lines]
    if not rows:
        raise InputError(f"'{path.name}' has no rows below its header")
    at = {name: header.index(name) for name in wanted}
    columns = {column.name: _values([row[at[column.name]] for row in rows], column, path) for column in schema.features}
    return Table(columns, _labels([row[at[label_name]] for row in rows], label_name, path))


def _whole(row: list[str], width: int, path: Path, line: int) -> list[str]:
    if len(row) != width:
        raise InputError(f"'{path.name}' line {line} has {len(row)} fields, its header has {width}")
    return row


def _values(fields: list[str], column: Column, path: Path) -> np.ndarray:
    if not column.nullable and "" in fields:
        line = fields.index("") + 2
        raise InputError(f"'{path.name}' row {line}: '{column.name}' is empty and not nullable")
    if not column.numeric:
        return np.array([None if field == "" else field for field in fields], dtype=object)
    return np.array([_number(field, column, path, index + 2) for index, field in enumerate(fields)], dtype=np.float64)


def _number(field: str, column: Column, path: Path, row: int) -> float:
    if field == "":
        return math.nan
    try:
        value = float(field)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(f"'{path.name}' row {row}: '{column.name}' is {field!r}, it must be a finite number")
    return value


def _labels(fields: list[str], name: str, path: Path) -> np.ndarray:
    labels = {"0": 0, "1": 1, "0.0": 0, "1.0": 1}
    for index, field in enumerate(fields):
        if field not in labels:
            raise InputError(f"'{path.name}' row {index + 2}: label '{name}' is {field!r}, allowed is 0 or 1")
    return np.array([labels[field] for field in fields], dtype=np.int64)
