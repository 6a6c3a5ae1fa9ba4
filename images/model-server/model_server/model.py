"""A trained version in memory."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import joblib
import numpy as np

from .schema import ModelError, Schema, read_schema
from .team_code import import_team_code, team_code

THRESHOLD = 0.5


@dataclass(frozen=True)
class Model:
    """Gives a score, the probability of label 1, for each row of a matrix in the order of the schema."""

    schema: Schema
    scores: Callable[[np.ndarray], np.ndarray]
    # a team's own code may take its time and need not be thread-safe
    own_code: bool


def load_model(folder: Path) -> Model:
    """Loads `code/inference.py` (`model_fn`, `predict_fn`) where there is one, or else `model.joblib`."""
    if not folder.is_dir():
        raise ModelError(f"'{folder}' does not exist: unpack model.tar.gz there, or set 'SM_MODEL_DIR'")
    schema = read_schema(folder)
    # pickles may need the team's modules, too; last, as none of them may stand in for a module of the server
    sys.path.append(str(folder / "code"))
    if team_code(folder).is_file():
        return Model(schema, _own_scores(folder), own_code=True)
    if not (folder / "model.joblib").is_file():
        raise ModelError(f"'{folder}' has neither 'model.joblib' nor 'code/inference.py': save one of them in training")
    model = joblib.load(folder / "model.joblib")
    if not hasattr(model, "predict_proba"):
        raise ModelError(
            f"'model.joblib' is a {type(model).__name__} without 'predict_proba': save a classifier, or add an "
            "'inference.py' to the training code"
        )
    return Model(schema, lambda matrix: positive(model.predict_proba(matrix), len(matrix)), own_code=False)


def _own_scores(folder: Path) -> Callable[[np.ndarray], np.ndarray]:
    team = import_team_code(folder)
    missing = [name for name in ("model_fn", "predict_fn") if not hasattr(team, name)]
    if missing:
        raise ModelError(f"'code/inference.py' lacks {missing}: define model_fn(folder) and predict_fn(matrix, model)")
    model = team.model_fn(str(folder))
    return lambda matrix: positive(team.predict_fn(matrix, model), len(matrix))


def positive(answer: np.ndarray, rows: int) -> np.ndarray:
    """The score of each row, from scores or from the probabilities of the classes 0 and 1."""
    scores = np.asarray(answer, dtype=np.float64)
    if scores.ndim == 2 and scores.shape[1] == 2:
        scores = scores[:, 1]
    if scores.shape != (rows,) or not np.isfinite(scores).all():
        raise ValueError(
            f"the model gave an answer of shape {np.shape(answer)} for {rows} rows, not a finite score each"
        )
    return scores
