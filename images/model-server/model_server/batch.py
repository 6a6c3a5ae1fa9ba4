"""`python -m model_server batch`: predicts the files under a place in S3, and writes one beside each under another.

Several processes share the files: of `BATCH_PARTS`, the one with `JOB_COMPLETION_INDEX` 0 takes the first file and each
`BATCH_PARTS`th after it, and so on. A file is written when all of it is predicted, so one that was begun twice is the
same as one that was begun once. Nothing is written to the inference log, which is about what callers were answered.
"""

import csv
import io
import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from .bad_request import BadRequest
from .model import THRESHOLD, Model
from .rows import rows_from_csv
from .settings import Settings, SettingsError, required

ROWS_AT_ONCE = 5000
HEADER = ["prediction", "score", "model", "version"]


class BatchError(Exception):
    """A file holds what the model cannot read: to try again is in vain. The message names the file and the line."""


@dataclass(frozen=True)
class Place:
    """A prefix in a bucket."""

    bucket: str
    prefix: str

    @staticmethod
    def of(environ: Mapping[str, str], name: str, what: str) -> "Place":
        uri = required(environ, name, f"{what}, such as 's3://bucket/rain/'")
        place = re.fullmatch(r"s3://([^/]+)/(.+/)", uri)
        if place is None:
            raise SettingsError(f"'{name}' is {uri!r}, allowed is 's3://<bucket>/<prefix>/'")
        return Place(place[1], place[2])


@dataclass(frozen=True)
class Batch:
    """What one process has to do."""

    source: Place
    target: Place
    part: int
    parts: int

    @staticmethod
    def of(environ: Mapping[str, str]) -> "Batch":
        source = Place.of(environ, "BATCH_INPUT_URI", "where the CSV files to predict lie")
        target = Place.of(environ, "BATCH_OUTPUT_URI", "where the predictions go")
        if source.bucket == target.bucket and target.prefix.startswith(source.prefix):
            raise SettingsError(
                f"'BATCH_OUTPUT_URI' lies in 'BATCH_INPUT_URI' ('{source.prefix}'), whose files are predicted: choose "
                "another prefix"
            )
        part = _number(environ, "JOB_COMPLETION_INDEX", "0")
        parts = _number(environ, "BATCH_PARTS", "1")
        if part >= parts:
            raise SettingsError(f"'JOB_COMPLETION_INDEX' is {part}, allowed is less than 'BATCH_PARTS' ({parts})")
        return Batch(source, target, part, parts)


def predict_files(batch: Batch, model: Model, settings: Settings, s3: Any) -> int:
    """Predicts this part's files; gives back how many."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=batch.source.bucket, Prefix=batch.source.prefix)
    keys = sorted(entry["Key"] for page in pages for entry in page.get("Contents", []) if entry["Key"].endswith(".csv"))
    for key in (mine := keys[batch.part :: batch.parts]):
        body = s3.get_object(Bucket=batch.source.bucket, Key=key)["Body"]
        with tempfile.TemporaryFile() as file, io.TextIOWrapper(file, encoding="utf-8", newline="") as text:
            lines = csv.writer(text, lineterminator="\n")
            lines.writerow(HEADER)
            for rows in _predictions(f"s3://{batch.source.bucket}/{key}", body, model):
                lines.writerows([*row, settings.model_name, settings.model_version] for row in rows)
            text.flush()
            file.seek(0)
            s3.put_object(
                Bucket=batch.target.bucket, Key=batch.target.prefix + key.removeprefix(batch.source.prefix), Body=file
            )
    return len(mine)


def _predictions(uri: str, body: Any, model: Model) -> Iterator[list[tuple[int, float]]]:
    """Predictions and scores in the order of the lines, some thousand at a time."""
    lines = (line.decode() for line in body.iter_lines())
    before = 0
    while chunk := list(islice(lines, ROWS_AT_ONCE)):
        header = before == 0 and [name.strip() for name in chunk[0].split(",")] == model.schema.names
        try:
            if rows := chunk[1:] if header else chunk:
                scores = model.scores(rows_from_csv("\n".join(rows), model.schema).matrix()).tolist()
                yield [(int(score >= THRESHOLD), score) for score in scores]
        except (BadRequest, UnicodeDecodeError) as error:
            raise BatchError(f"'{uri}', of the lines after {before + int(header)}: {error}") from error
        before += len(chunk)


def _number(environ: Mapping[str, str], name: str, default: str) -> int:
    text = environ.get(name, default)
    if not text.isdecimal():
        raise SettingsError(f"'{name}' is {text!r}, allowed is a whole number")
    return int(text)
