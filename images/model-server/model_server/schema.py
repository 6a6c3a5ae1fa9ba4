"""`schema.json` of the model folder: names, types and order of the features."""

import json
from dataclasses import dataclass
from pathlib import Path


SCHEMA_FILE = "schema.json"


class ModelError(Exception):
    """The model folder cannot be served; the message says what is wrong with it."""


@dataclass(frozen=True)
class Column:
    """A feature: its name in requests and in the inference log, its type, and whether it may be missing."""

    name: str
    type: str
    nullable: bool


@dataclass(frozen=True)
class Schema:
    """The features in the order in which the model gets them."""

    features: tuple[Column, ...]

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.features]

    @property
    def numeric(self) -> bool:
        return all(column.type != "string" for column in self.features)


def read_schema(folder: Path) -> Schema:
    """Reads the schema that training left beside the model."""
    path = folder / SCHEMA_FILE
    try:
        columns = json.loads(path.read_text())["features"]
        features = tuple(Column(column["name"], column["type"], column.get("nullable") is True) for column in columns)
    except FileNotFoundError as error:
        raise ModelError(f"'{folder}' has no 'schema.json': train the model with images/trainer") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(f"'{path}' is no schema: {error!r}; train the model with images/trainer") from error
    unknown = [column for column in features if column.type not in ("double", "bigint", "string")]
    if unknown or not features:
        raise ModelError(f"'{path}' has the features {features}, each must be a double, bigint or string")
    return Schema(features)
