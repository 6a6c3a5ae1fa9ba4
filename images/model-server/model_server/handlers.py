"""The functions of an `inference.py` that was written for SageMaker's inference toolkit, each of them optional."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import joblib

from . import codecs
from .schema import ModelError
from .team_code import import_team_code

INPUT_TO_OUTPUT = ("input_fn", "predict_fn", "output_fn")


@dataclass(frozen=True)
class Handlers:
    """A model and what is done with a request for it."""

    model: Any
    # (model, body, content type, accept) to a prediction, or to a prediction and its content type
    transform: Callable[[Any, str | bytes, str, str], Any]


def load_handlers(folder: Path) -> Handlers:
    """Loads the code and, by its `model_fn`, the model."""
    # last, as none of the team's modules may stand in for a module of the server
    sys.path.append(str(folder / "code"))
    team = import_team_code(folder)
    model = getattr(team, "model_fn", _load_model)(str(folder))
    return Handlers(model, _transform_of(team))


def _transform_of(team: ModuleType) -> Callable[[Any, str | bytes, str, str], Any]:
    if hasattr(team, "transform_fn"):
        both = [name for name in INPUT_TO_OUTPUT if hasattr(team, name)]
        if both:
            raise ModelError(f"'code/inference.py' has 'transform_fn' and {both}: drop one, the first does it all")
        return team.transform_fn
    read = getattr(team, "input_fn", codecs.decode)
    predict = getattr(team, "predict_fn", _predict)
    write = getattr(team, "output_fn", codecs.encode)
    return lambda model, body, content_type, accept: write(predict(read(body, content_type), model), accept)


def _load_model(folder: str) -> Any:
    path = Path(folder) / "model.joblib"
    if not path.is_file():
        raise ModelError(f"'{folder}' has no 'model.joblib', and 'code/inference.py' no 'model_fn' that loads another")
    return joblib.load(path)


def _predict(data: Any, model: Any) -> Any:
    return model.predict(data)
