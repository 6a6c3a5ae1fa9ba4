"""The training job: runs the team's `train.py` in script mode under SageMaker's training contract."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Mapping
from pathlib import Path

from .errors import InputError, write_message
from .paths import Paths, required_file
from .schema import read_schema
from .unpack import unpack

TAIL_LINES = 30
# set by SageMaker's own toolkits, for themselves
RESERVED_PREFIX = "sagemaker_"


def train(paths: Paths, environ: Mapping[str, str]) -> int:
    """Trains; gives the exit code. The reason of a failure stands in `output/failure`, where SageMaker reads it."""
    with tempfile.TemporaryDirectory() as folder:
        code = Path(folder) / "code"
        try:
            prepare_code(paths, code)
            hyperparameters = read_hyperparameters(paths.config / "hyperparameters.json")
            required_file(paths.channel("train"), "train.csv", "channel")
            schema = required_file(paths.channel("schema"), "schema.json", "channel")
            read_schema(schema)
        except InputError as error:
            return fail(paths, str(error))
        paths.model.mkdir(parents=True, exist_ok=True)
        (paths.output / "data").mkdir(parents=True, exist_ok=True)
        exit_code, tail = run_script(code, hyperparameters, script_environment(paths, environ, hyperparameters))
        if exit_code != 0:
            lines = "its last lines:" if tail else "it printed nothing"
            return fail(paths, f"train.py {describe_end(exit_code)}; {lines}", tail)
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


def read_hyperparameters(path: Path) -> dict[str, str]:
    """Hyperparameters as SageMaker gives them: an object of strings."""
    if not path.is_file():
        return {}
    try:
        document = json.loads(path.read_text())
    except ValueError as error:
        raise InputError(f"'hyperparameters.json' is not JSON: {error}") from error
    if not isinstance(document, dict) or not all(isinstance(value, str) for value in document.values()):
        raise InputError(f"'hyperparameters.json' is {document!r}, it must be an object of strings")
    return {name: value for name, value in document.items() if not name.startswith(RESERVED_PREFIX)}


def script_environment(paths: Paths, environ: Mapping[str, str], hyperparameters: dict[str, str]) -> dict[str, str]:
    """The variables that script mode knows from SageMaker's own containers."""
    channels = sorted(child.name for child in (paths.base / "input" / "data").iterdir() if child.is_dir())
    variables = {
        "SM_MODEL_DIR": str(paths.model),
        "SM_OUTPUT_DIR": str(paths.output),
        "SM_OUTPUT_DATA_DIR": str(paths.output / "data"),
        "SM_INPUT_DIR": str(paths.base / "input"),
        "SM_INPUT_CONFIG_DIR": str(paths.config),
        "SM_CHANNELS": json.dumps(channels),
        "SM_HPS": json.dumps(hyperparameters),
        "SM_USER_ARGS": json.dumps(script_arguments(hyperparameters)),
        "SM_NUM_CPUS": str(os.cpu_count()),
        "SM_NUM_GPUS": "0",
        "PYTHONUNBUFFERED": "1",
        # the order of a set must not change from run to run
        "PYTHONHASHSEED": "0",
    }
    variables |= {f"SM_CHANNEL_{_variable(channel)}": str(paths.channel(channel)) for channel in channels}
    variables |= {f"SM_HP_{_variable(name)}": value for name, value in hyperparameters.items()}
    return {**environ, **variables}


def script_arguments(hyperparameters: dict[str, str]) -> list[str]:
    return [part for name in sorted(hyperparameters) for part in (f"--{name}", hyperparameters[name])]


def run_script(code: Path, hyperparameters: dict[str, str], environment: dict[str, str]) -> tuple[int, str]:
    """Runs `train.py`, passes its output on as it comes, and keeps the last lines."""
    process = subprocess.Popen(
        [sys.executable, "train.py", *script_arguments(hyperparameters)],
        cwd=code,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    # StopTrainingJob: the script may save what it has
    signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    tail: deque[str] = deque(maxlen=TAIL_LINES)
    assert process.stdout is not None
    for line in process.stdout:
        print(line, end="", flush=True)
        tail.append(line)
    return process.wait(), "".join(tail)


def describe_end(exit_code: int) -> str:
    """How a process ended; a negative code is the signal that ended it."""
    if exit_code >= 0:
        return f"ended with exit code {exit_code}"
    if exit_code == -signal.SIGKILL:
        return "was killed by signal 9, most often for want of memory"
    return f"was ended by signal {-exit_code}"


def complete_model(model: Path, schema: Path, code: Path) -> None:
    """Adds what serving and evaluation need beside the model: its schema and the code it was made with."""
    shutil.copyfile(schema, model / "schema.json")
    for source in sorted(code.rglob("*")):
        target = model / "code" / source.relative_to(code)
        # what the script itself saved there, such as an inference.py made for this model, stays
        if source.is_file() and "__pycache__" not in source.parts and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)


def fail(paths: Paths, reason: str, tail: str = "") -> int:
    print(reason, file=sys.stderr, flush=True)
    write_message(paths.output / "failure", reason, tail)
    return 1


def _variable(name: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in name).upper()
