"""A team's script: what it is told, how it is run, and how its failure is passed on."""

import json
import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .errors import write_message
from .paths import Paths

TAIL_LINES = 30
# without a resource config the container stands alone
ALONE: dict[str, Any] = {"current_host": "algo-1", "hosts": ["algo-1"]}


def script_environment(
    paths: Paths, environ: Mapping[str, str], hyperparameters: Mapping[str, Any], arguments: Sequence[str]
) -> dict[str, str]:
    """The variables that script mode knows from SageMaker's own containers."""
    data = paths.base / "input" / "data"
    channels = sorted(child.name for child in data.iterdir() if child.is_dir()) if data.is_dir() else []
    resources = _resources(paths)
    variables = {
        "SM_MODEL_DIR": str(paths.model),
        "SM_OUTPUT_DIR": str(paths.output),
        "SM_OUTPUT_DATA_DIR": str(paths.output / "data"),
        "SM_INPUT_DIR": str(paths.base / "input"),
        "SM_INPUT_CONFIG_DIR": str(paths.config),
        "SM_CHANNELS": json.dumps(channels),
        "SM_HPS": json.dumps(hyperparameters),
        "SM_USER_ARGS": json.dumps(arguments),
        "SM_NUM_CPUS": str(os.cpu_count()),
        "SM_NUM_GPUS": "0",
        "SM_CURRENT_HOST": resources["current_host"],
        "SM_HOSTS": json.dumps(resources["hosts"]),
        "SM_RESOURCE_CONFIG": json.dumps(resources),
        "PYTHONUNBUFFERED": "1",
        # the order of a set must not change from run to run
        "PYTHONHASHSEED": "0",
    }
    variables |= {f"SM_CHANNEL_{_variable(channel)}": str(paths.channel(channel)) for channel in channels}
    variables |= {f"SM_HP_{_variable(name)}": text(value) for name, value in hyperparameters.items()}
    return {**environ, **variables}


def script_arguments(hyperparameters: Mapping[str, Any]) -> list[str]:
    """Hyperparameters as flags."""
    return [part for name in sorted(hyperparameters) for part in (f"--{name}", text(hyperparameters[name]))]


def text(value: Any) -> str:
    """A hyperparameter's value as flags and variables hold it."""
    return value if isinstance(value, str) else json.dumps(value) if isinstance(value, list | dict) else str(value)


def run_script(code: Path, program: str, arguments: Sequence[str], environment: dict[str, str]) -> tuple[int, str]:
    """Runs a Python script, passes its output on as it comes, and keeps the last lines."""
    process = subprocess.Popen(
        [sys.executable, program, *arguments],
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


def describe_failure(program: str, exit_code: int, tail: str) -> str:
    """How a script failed, before its last lines."""
    lines = "its last lines:" if tail else "it printed nothing"
    return f"{program} {_describe_end(exit_code)}; {lines}"


def fail(paths: Paths, reason: str, tail: str = "") -> int:
    """Passes the reason of a failure on; gives the exit code."""
    print(reason, file=sys.stderr, flush=True)
    write_message(paths.output / "failure", reason, tail)
    return 1


def _describe_end(exit_code: int) -> str:
    """How a process ended; a negative code is the signal that ended it."""
    if exit_code >= 0:
        return f"ended with exit code {exit_code}"
    if exit_code == -signal.SIGKILL:
        return "was killed by signal 9, most often for want of memory"
    return f"was ended by signal {-exit_code}"


def _resources(paths: Paths) -> dict[str, Any]:
    path = paths.config / "resourceconfig.json"
    return json.loads(path.read_text()) if path.is_file() else ALONE


def _variable(name: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in name).upper()
