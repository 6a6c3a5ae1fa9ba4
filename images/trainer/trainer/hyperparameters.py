"""Hyperparameters as SageMaker gives them: an object of strings."""

import json
from pathlib import Path

from .errors import InputError

# set by SageMaker's own toolkits, for themselves
RESERVED_PREFIX = "sagemaker_"


def read_hyperparameters(path: Path) -> dict[str, str]:
    """All of them, those of the toolkits too."""
    if not path.is_file():
        return {}
    try:
        document = json.loads(path.read_text())
    except ValueError as error:
        raise InputError(f"'hyperparameters.json' is not JSON: {error}") from error
    if not isinstance(document, dict) or not all(isinstance(value, str) for value in document.values()):
        raise InputError(f"'hyperparameters.json' is {document!r}, it must be an object of strings")
    return document


def of_script(hyperparameters: dict[str, str]) -> dict[str, str]:
    """Those that are the script's own."""
    return {name: value for name, value in hyperparameters.items() if not name.startswith(RESERVED_PREFIX)}
