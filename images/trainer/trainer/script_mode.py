"""Script mode as in SageMaker's own framework containers, for scripts that were written for those.

SageMaker's SDK asks for it by the hyperparameters `sagemaker_program` and `sagemaker_submit_directory`. Such a script
decides itself which channels it reads and what it saves; it gets no schema, and this image adds nothing to its model.
"""

import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .errors import InputError
from .hyperparameters import of_script
from .paths import Paths, required_file
from .script import describe_failure, fail, run_script, script_environment, text
from .unpack import unpack

PROGRAM = "sagemaker_program"
SUBMIT_DIRECTORY = "sagemaker_submit_directory"
CONTAINER_BASE = "/opt/ml"


def is_script_mode(hyperparameters: Mapping[str, str]) -> bool:
    """Whether the job asks for it."""
    return PROGRAM in hyperparameters and SUBMIT_DIRECTORY in hyperparameters


def train_in_script_mode(paths: Paths, environ: Mapping[str, str], hyperparameters: dict[str, str]) -> int:
    """Runs the program; gives the exit code. The reason of a failure stands in `output/failure`."""
    program = str(_decode(hyperparameters[PROGRAM]))
    own = {name: _decode(value) for name, value in of_script(hyperparameters).items()}
    with tempfile.TemporaryDirectory() as folder:
        code = Path(folder) / "code"
        try:
            _bring_code(paths, str(_decode(hyperparameters[SUBMIT_DIRECTORY])), code)
            if not program.endswith(".py"):
                raise InputError(f"'{PROGRAM}' is '{program}', this image runs Python scripts only: name a .py file")
            required_file(code, program, "folder")
        except InputError as error:
            return fail(paths, str(error))
        for made in (paths.model, paths.output / "data"):
            made.mkdir(parents=True, exist_ok=True)
        arguments = _arguments(own)
        environment = {
            **script_environment(paths, environ, own, arguments),
            "SM_USER_ENTRY_POINT": program,
            "SM_MODULE_NAME": program.removesuffix(".py"),
            "SM_MODULE_DIR": str(code),
        }
        exit_code, tail = run_script(code, program, arguments, environment)
        return 0 if exit_code == 0 else fail(paths, describe_failure(program, exit_code, tail), tail)


def _bring_code(paths: Paths, place: str, code: Path) -> None:
    if place.startswith("s3://"):
        raise InputError(
            f"'{SUBMIT_DIRECTORY}' is '{place}', this image fetches nothing itself: give the archive as a channel, as "
            "SageMaker's SDK does with enable_network_isolation, and set it to "
            f"'{CONTAINER_BASE}/input/data/code/<file>'"
        )
    path = Path(place)
    if path.is_relative_to(CONTAINER_BASE):
        path = paths.base / path.relative_to(CONTAINER_BASE)
    if path.is_dir():
        shutil.copytree(path, code)
    elif path.is_file():
        unpack(path, code)
    else:
        raise InputError(f"'{SUBMIT_DIRECTORY}' is '{place}', where there is nothing: give the code as a channel")
    if (code / "requirements.txt").is_file():
        print("requirements.txt is not installed: what a script needs belongs in the image's lock file", flush=True)


def _arguments(hyperparameters: Mapping[str, Any]) -> list[str]:
    """Flags as SageMaker's toolkits write them: a name of one letter has one dash."""
    return [
        part
        for name in sorted(hyperparameters)
        for part in (f"--{name}" if len(name) > 1 else f"-{name}", text(hyperparameters[name]))
    ]


def _decode(value: str) -> Any:
    """SageMaker's SDK writes each value as JSON, other callers as it is."""
    try:
        return json.loads(value)
    except ValueError:
        return value
