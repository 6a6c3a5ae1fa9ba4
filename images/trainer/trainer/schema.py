"""`schema.json`: the features of a model, in the order in which the model gets them, and its label."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import InputError

TYPES = ("double", "bigint", "string")


@dataclass(frozen=True)
class Column:
    """A feature: its name in the CSV header, its type, and whether its field may be empty."""

    name: str
    type: str
    nullable: bool = False

    @property
    def numeric(self) -> bool:
        return self.type != "string"


@dataclass(frozen=True)
class Schema:
    """The columns of a snapshot; `document` is what was read, to be passed on unchanged."""

    features: tuple[Column, ...]
    label: str
    document: dict[str, Any]


def read_schema(path: Path) -> Schema:
    """Reads and checks a schema file."""
    try:
        document = json.loads(path.read_text())
    except (ValueError, UnicodeDecodeError) as error:
        raise InputError(f"'{path.name}' is not JSON: {error}") from error
    return parse_schema(document, path.name)


def parse_schema(document: Any, where: str) -> Schema:
    if not isinstance(document, dict) or not isinstance(document.get("features"), list) or not document["features"]:
        raise InputError(f"'features' of '{where}' must be a list with at least one column")
    if not isinstance(document.get("label"), str):
        raise InputError(f"'label' of '{where}' is {document.get('label')!r}, it must be the name of a column")
    columns = tuple(_column(column, index, where) for index, column in enumerate(document["features"]))
    names = [column.name for column in columns] + [document["label"]]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(f"'{where}' names the columns {twice} twice: give each feature and the label its own name")
    return Schema(columns, document["label"], document)


def _column(column: Any, index: int, where: str) -> Column:
    name = column.get("name") if isinstance(column, dict) else None
    if not isinstance(name, str):
        raise InputError(f"'features[{index}].name' of '{where}' is {name!r}, it must be the name of a column")
    if column.get("type") not in TYPES:
        raise InputError(
            f"'features[{index}].type' of '{where}' is {column.get('type')!r}, allowed is one of {', '.join(TYPES)}"
        )
    return Column(name, column["type"], column.get("nullable") is True)
