"""The training job: runs the team's `train.py` in script mode under SageMaker's training contract."""

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from .errors import InputError
from .hyperparameters import of_script, read_hyperparameters
from .paths import Paths, required_file
from .schema import read_schema
from .script import describe_failure, fail, run_script, script_arguments, script_environment
from .script_mode import is_script_mode, train_in_script_mode
from .unpack import unpack


def train(paths: Paths, environ: Mapping[str, str]) -> int:
    """Trains; gives the exit code. The reason of a failure stands in `output/failure`, where SageMaker reads it."""
    try:
        given = read_hyperparameters(paths.config / "hyperparameters.json")
    except InputError as error:
        return fail(paths, str(error))
    if is_script_mode(given):
        return train_in_script_mode(paths, environ, given)
    hyperparameters = of_script(given)
    with tempfile.TemporaryDirectory() as folder:
        code = Path(folder) / "code"
        try:
            prepare_code(paths, code)
            required_file(paths.channel("train"), "train.csv", "channel")
            schema = required_file(paths.channel("schema"), "schema.json", "channel")
            read_schema(schema)
        except InputError as error:
            return fail(paths, str(error))
        paths.model.mkdir(parents=True, exist_ok=True)
        (paths.output / "data").mkdir(parents=True, exist_ok=True)
        arguments = script_arguments(hyperparameters)
        environment = script_environment(paths, environ, hyperparameters, arguments)
        exit_code, tail = run_script(code, "train.py", arguments, environment)
        if exit_code != 0:
            return fail(paths, describe_failure("train.py", exit_code, tail), tail)
        complete_model(paths.model, schema, code)
        if not any((paths.model / name).is_file() for name in ("model.joblib", "code/inference.py")):
            return fail(
                paths,
                "train.py saved no 'model.joblib' in the folder SM_MODEL_DIR, and there is no 'inference.py' that "
                "would load something else: save the model with joblib.dump",
                tail,
            )
    return 0


def prepare_code(paths: Paths, code: Path) -> None:
    """Unpacks the one archive of the channel `code`."""
    folder = paths.channel("code")
    archives = sorted(path for path in folder.iterdir() if path.is_file()) if folder.is_dir() else []
    if len(archives) != 1:
        raise InputError(
            f"channel 'code' must hold one archive, a zip or tar.gz with 'train.py', but it holds "
            f"{[archive.name for archive in archives]}"
        )
    unpack(archives[0], code)
    required_file(code, "train.py", "archive")
    if (code / "requirements.txt").is_file():
        print("requirements.txt is not installed: what a script needs belongs in the image's lock file", flush=True)


def complete_model(model: Path, schema: Path, code: Path) -> None:
    """Adds what serving and evaluation need beside the model: its schema and the code it was made with."""
    shutil.copyfile(schema, model / "schema.json")
    for source in sorted(code.rglob("*")):
        target = model / "code" / source.relative_to(code)
        # what the script itself saved there, such as an inference.py made for this model, stays
        if source.is_file() and "__pycache__" not in source.parts and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
