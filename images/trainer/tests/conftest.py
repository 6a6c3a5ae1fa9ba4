"""A container's folders, with small made-up data in them."""

import json
from pathlib import Path

import pytest
from made_up import SCHEMA, SCRIPT, csv_text, put, tar_of

from trainer.paths import Paths


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(tmp_path)


@pytest.fixture
def training(paths: Paths) -> Paths:
    """Folders as SageMaker leaves them before a training container starts."""
    put(paths.channel("train") / "train.csv", csv_text(200, seed=1))
    put(paths.channel("schema") / "schema.json", json.dumps(SCHEMA))
    put(paths.channel("code") / "sourcedir.tar.gz", tar_of({"train.py": SCRIPT}))
    put(paths.config / "hyperparameters.json", json.dumps({"seed": "7", "strength": "0.5"}))
    return paths
