"""The server as a process: start, refusals to start, and an end without a lost request or line."""

import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from serving import SCHEMA, Caller, save_code, save_model

IMAGE = Path(__file__).resolve().parents[1]
SLOW = """
import time
def model_fn(folder): return 0
def predict_fn(features, model):
    time.sleep(0.5)
    return features[:, 0]
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(folder: Path, **more: str) -> subprocess.Popen[str]:
    environment = {
        **os.environ,
        "PYTHONPATH": str(IMAGE),
        "MODEL_NAME": "rain",
        "MODEL_VERSION": "3",
        "SM_MODEL_DIR": str(folder),
        "MODEL_SERVER_HOST": "127.0.0.1",
        **more,
    }
    return subprocess.Popen(
        [sys.executable, "-m", "model_server"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(caller: Caller) -> None:
    while True:
        try:
            assert caller.get("/ping").status == 200
            return
        except ConnectionError:
            threading.Event().wait(0.05)


def test_sigterm_answers_requests_in_flight_and_sends_the_log(tmp_path, firehose):
    # GIVEN a server with one slow request in flight
    caller = Caller(free_port())
    folder = save_code(tmp_path / "model", SLOW, SCHEMA)
    process = start(folder, SAGEMAKER_BIND_TO_PORT=str(caller.port), INFERENCE_LOG_STREAM="rain-log")
    wait_for(caller)
    answers = []
    call = threading.Thread(target=lambda: answers.append(caller.invoke({"a": 0.75, "b": 0})))
    call.start()
    threading.Event().wait(0.2)

    # WHEN
    process.send_signal(signal.SIGTERM)
    output, errors = process.communicate(timeout=30)
    call.join()

    # THEN
    assert [answer.status for answer in answers] == [200]
    assert [line["score"] for line in firehose.lines] == [0.75]
    assert "model 'rain' version 3 loaded" in output
    assert errors == ""


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"MODEL_NAME": ""}, "'MODEL_NAME' is not set"),
        ({"MODEL_VERSION": ""}, "'MODEL_VERSION' is not set"),
        ({"SAGEMAKER_BIND_TO_PORT": "http"}, "'SAGEMAKER_BIND_TO_PORT' is 'http', allowed is a port"),
        ({"SM_MODEL_DIR": "/nowhere"}, "'/nowhere' does not exist"),
    ],
)
def test_fails_to_start_with_a_reason(tmp_path, more, message):
    process = start(save_model(tmp_path / "model"), **more)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 1
    assert errors.startswith("cannot serve: ")
    assert message in errors


def test_fails_on_an_unknown_command(tmp_path):
    command = [sys.executable, "-m", "model_server", "train"]
    result = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(IMAGE)}, capture_output=True, text=True)
    assert result.returncode == 2
    assert "command is 'train', allowed is 'serve', 'fetch', 'batch' or nothing" in result.stderr
