"""Predicting files: every row once, in order, shared by several processes."""

import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from model_server.batch import Batch, BatchError, predict_files
from model_server.model import Model, load_model
from model_server.settings import Settings, SettingsError
from serving import save_model

IMAGE = Path(__file__).resolve().parents[1]
SETTINGS = Settings("rain", "3", Path(), None, None, "127.0.0.1", 0)
PLACES = {"BATCH_INPUT_URI": "s3://lake/in/", "BATCH_OUTPUT_URI": "s3://lake/out/"}


class FakeS3:
    """Objects of one bucket; lists two to a page."""

    def __init__(self, objects: dict[str, str]) -> None:
        self.objects = {key: text.encode() for key, text in objects.items()}

    def get_paginator(self, _: str) -> "FakeS3":
        return self

    def paginate(self, *, Bucket: str, Prefix: str) -> list[dict[str, Any]]:
        keys = [key for key in self.objects if key.startswith(Prefix)]
        pages = [{"Contents": [{"Key": key} for key in keys[at : at + 2]]} for at in range(0, len(keys), 2)]
        return pages if pages else [{}]

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:
        from botocore.response import StreamingBody

        return {"Body": StreamingBody(io.BytesIO(self.objects[Key]), len(self.objects[Key]))}

    def put_object(self, *, Bucket: str, Key: str, Body: Any) -> None:
        self.objects[Key] = Body.read()

    def text(self, key: str) -> str:
        return self.objects[key].decode()


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Model:
    return load_model(save_model(tmp_path_factory.mktemp("model")))


def batch(**more: str) -> Batch:
    return Batch.of({**PLACES, **more})


def test_each_row_is_predicted_in_its_place_with_and_without_a_header(model):
    s3 = FakeS3({"in/day/a.csv": "a,b\n0.9,1\n-0.9,1\n", "in/b.csv": "-0.9,1\n", "in/notes.txt": "no rows"})

    assert predict_files(batch(), model, SETTINGS, s3) == 2

    lines = s3.text("out/day/a.csv").splitlines()
    assert lines[0] == "prediction,score,model,version"
    assert [line.split(",")[0] for line in lines[1:]] == ["1", "0"]
    assert lines[1].endswith(",rain,3")
    assert len(s3.text("out/b.csv").splitlines()) == 2
    assert "out/notes.txt" not in s3.objects


def test_more_rows_than_are_read_at_once_keep_their_order(model):
    rows = [1 if index % 3 == 0 else -1 for index in range(12_001)]
    s3 = FakeS3({"in/a.csv": "a,b\n" + "".join(f"{row},1\n" for row in rows)})

    predict_files(batch(), model, SETTINGS, s3)

    predicted = [line.split(",")[0] for line in s3.text("out/a.csv").splitlines()[1:]]
    assert predicted == ["1" if row == 1 else "0" for row in rows]


def test_parts_share_the_files_and_leave_none(model):
    names = [f"in/{index}.csv" for index in range(7)]
    s3 = FakeS3(dict.fromkeys(names, "0.5,1\n"))

    counts = [
        predict_files(batch(JOB_COMPLETION_INDEX=str(part), BATCH_PARTS="3"), model, SETTINGS, s3) for part in range(3)
    ]

    assert sorted(counts) == [2, 2, 3]
    written = sorted(key for key in s3.objects if key.startswith("out/"))
    assert written == [name.replace("in/", "out/") for name in names]


def test_an_empty_place_is_no_failure(model):
    assert predict_files(batch(), model, SETTINGS, FakeS3({})) == 0


def test_a_row_that_the_model_cannot_read_is_named_and_nothing_is_written(model):
    s3 = FakeS3({"in/a.csv": "a,b\n0.5,1\nwet,1\n"})

    with pytest.raises(BatchError, match=r"'s3://lake/in/a.csv', of the lines after 1: 'lines\[1\].a' is 'wet'"):
        predict_files(batch(), model, SETTINGS, s3)

    assert "out/a.csv" not in s3.objects


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("BATCH_INPUT_URI", "", "'BATCH_INPUT_URI' is not set"),
        ("BATCH_INPUT_URI", "s3://lake/in", "'BATCH_INPUT_URI' is 's3://lake/in', allowed is"),
        ("BATCH_OUTPUT_URI", "s3://lake/in/out/", "'BATCH_OUTPUT_URI' lies in 'BATCH_INPUT_URI'"),
        ("JOB_COMPLETION_INDEX", "1", "'JOB_COMPLETION_INDEX' is 1, allowed is less than 'BATCH_PARTS'"),
        ("BATCH_PARTS", "two", "'BATCH_PARTS' is 'two', allowed is a whole number"),
    ],
)
def test_what_it_is_told_is_checked(name, value, message):
    with pytest.raises(SettingsError, match=message):
        batch(**{name: value})


def test_the_command_ends_so_that_a_job_does_not_try_again_in_vain():
    environment = {**os.environ, "PYTHONPATH": str(IMAGE), "MODEL_NAME": "rain", "MODEL_VERSION": "3"}
    ended = subprocess.run(
        [sys.executable, "-m", "model_server", "batch"], env=environment, capture_output=True, text=True, check=False
    )

    assert ended.returncode == 42
    assert "cannot predict the files: 'BATCH_INPUT_URI' is not set" in ended.stderr
