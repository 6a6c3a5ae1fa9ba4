"""`code/inference.py` of the model folder: a team's own code."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from .schema import ModelError


def team_code(folder: Path) -> Path:
    """Where it lies, if there is one."""
    return folder / "code" / "inference.py"


def import_team_code(folder: Path) -> ModuleType:
    """Imports it by its file: `inference` is a name that other packages may have, too."""
    path = team_code(folder)
    spec = importlib.util.spec_from_file_location("inference", path)
    if spec is None or spec.loader is None:
        raise ModelError(f"'{path}' cannot be imported: save it as a Python file")
    team = importlib.util.module_from_spec(spec)
    sys.modules["inference"] = team
    spec.loader.exec_module(team)
    return team
