"""A trained version as its archive holds it: the model, its schema, and the team's code."""

import importlib
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import joblib
import numpy as np

from .errors import InputError
from .schema import read_schema
from .table import read_table
from .unpack import unpack


def score_version(archive: Path, holdout: Path, label: str) -> np.ndarray:
    """Scores of a version on held-out rows: the probability of label 1, row by row.

    The team's `features.prepare`, if there is one, is applied as training applied it.
    """
    with tempfile.TemporaryDirectory() as folder:
        version = Path(folder)
        unpack(archive, version)
        if not (version / "schema.json").is_file():
            raise InputError(f"'{archive.parent.name}/{archive.name}' has no 'schema.json': train it with this image")
        schema = read_schema(version / "schema.json")
        matrix = read_table(holdout, schema, label).matrix(schema)
        with _team_code(version / "code"):
            if (version / "code" / "features.py").is_file():
                matrix = importlib.import_module("features").prepare(matrix)
            scores = _scores(version, matrix)
    if scores.shape != (len(matrix),) or not np.isfinite(scores).all():
        raise InputError(
            f"'{archive.parent.name}/{archive.name}' gave scores of shape {scores.shape} for {len(matrix)} rows, "
            "it must give one finite score in each row"
        )
    return scores


def _scores(version: Path, matrix: np.ndarray) -> np.ndarray:
    if (version / "code" / "inference.py").is_file():
        team = importlib.import_module("inference")
        scores = np.asarray(team.predict_fn(matrix, team.model_fn(str(version))), dtype=np.float64)
    else:
        if not (version / "model.joblib").is_file():
            raise InputError("the version has neither 'model.joblib' nor 'code/inference.py': save one in training")
        scores = np.asarray(joblib.load(version / "model.joblib").predict_proba(matrix), dtype=np.float64)
    # columns are the classes 0 and 1
    return scores[:, 1] if scores.ndim == 2 and scores.shape[1] == 2 else scores


@contextmanager
def _team_code(folder: Path) -> Iterator[None]:
    """Makes the modules of one version importable, and forgets them, as the next version's have the same names."""
    before = set(sys.modules)
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        for name in set(sys.modules) - before:
            if str(getattr(sys.modules[name], "__file__", "")).startswith(str(folder)):
                del sys.modules[name]
