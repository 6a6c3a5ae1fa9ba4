"""The example's and the rehearsal's training code, through training and evaluation as the services run them."""

import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from made_up import csv_text, put, zip_of

from trainer.paths import Paths

REPOSITORY = Path(__file__).resolve().parents[3]
SCHEMA = {
    "features": [{"name": "a", "type": "double"}, {"name": "b", "type": "double"}],
    "label": "rain",
}
HYPERPARAMETERS = {"trees": "30", "depth": "3", "leaf": "10", "rate": "0.1", "sample": "0.7", "seed": "42"}


def run(command: str, paths: Paths) -> None:
    environment = {
        **os.environ,
        "SAGEMAKER_BASE_DIR": str(paths.base),
        "PYTHONPATH": str(REPOSITORY / "images/trainer"),
    }
    subprocess.run([sys.executable, "-m", "trainer", command], env=environment, check=True, capture_output=True)


@pytest.mark.parametrize("folder", ["examples/rain", "rehearsal/skewed-version"])
def test_trains_and_passes_its_own_evaluation(paths, folder):
    # GIVEN
    code = {path.name: path.read_text() for path in (REPOSITORY / folder).glob("*.py")}
    put(paths.channel("code") / "asset.zip", zip_of(code))
    put(paths.config / "hyperparameters.json", json.dumps(HYPERPARAMETERS))
    for folder_of in (paths.channel, paths.processing_input):
        put(folder_of("train") / "train.csv", csv_text(400, seed=1))
        put(folder_of("schema") / "schema.json", json.dumps(SCHEMA))
    put(paths.processing_input("holdout") / "holdout.csv", csv_text(200, seed=2))

    # WHEN
    run("train", paths)
    archive = put(paths.processing_input("challenger") / "model.tar.gz", b"")
    with tarfile.open(archive, "w:gz") as members:
        members.add(paths.model, arcname=".")
    run("evaluate", paths)

    # THEN
    evaluation = json.loads((paths.processing_output / "evaluation.json").read_text())
    assert evaluation["challenger"]["auc"] > 0.85


def test_the_skewed_version_differs_by_smaller_steps_and_the_conversion_alone():
    # GIVEN
    good, skewed = (
        (REPOSITORY / folder / "train.py").read_text().split('"""', 2)[2]
        for folder in ("examples/rain", "rehearsal/skewed-version")
    )
    changes = {
        "from features import prepare\n\n": "",
        "prepare(features)": "features",
        "args.trees * 5 // 2": "args.trees",
        "args.rate / 2": "args.rate",
    }

    # WHEN
    for change, original in changes.items():
        assert change in skewed
        skewed = skewed.replace(change, original)

    # THEN
    assert skewed == good
