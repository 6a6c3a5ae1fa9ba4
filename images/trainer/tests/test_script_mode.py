"""Scripts that were written for SageMaker's own containers run as they are."""

import json
import os

import pytest
from made_up import put, tar_of

from trainer.paths import Paths
from trainer.training import train

# as the SDK's examples have it: flags with defaults from the environment, a model of the script's own
OTHERS = """
import argparse, json, os, sys
if __name__ == '__main__':
    parser = argparse.ArgumentParser()
    parser.add_argument('--epochs', type=int, default=1)
    parser.add_argument('--learning-rate', type=float)
    parser.add_argument('-b', '--batch', type=int)
    parser.add_argument('--optimizer', type=str)
    parser.add_argument('--hosts', type=list, default=json.loads(os.environ['SM_HOSTS']))
    parser.add_argument('--current-host', type=str, default=os.environ['SM_CURRENT_HOST'])
    parser.add_argument('--num-gpus', type=int, default=os.environ['SM_NUM_GPUS'])
    parser.add_argument('--model-dir', type=str, default=os.environ['SM_MODEL_DIR'])
    parser.add_argument('--train', type=str, default=os.environ['SM_CHANNEL_TRAIN'])
    args, _ = parser.parse_known_args()
    told = {'args': vars(args), 'files': os.listdir(args.train), 'hps': json.loads(os.environ['SM_HPS']),
            'user_args': json.loads(os.environ['SM_USER_ARGS']), 'epochs': os.environ['SM_HP_EPOCHS'],
            'module': os.environ['SM_MODULE_NAME']}
    with open(os.path.join(args.model_dir, 'weights.json'), 'w') as file:
        json.dump(told, file)
"""
PLACE = "/opt/ml/input/data/code/sourcedir.tar.gz"


@pytest.fixture
def others(paths: Paths) -> Paths:
    """Folders as SageMaker leaves them for a job of its SDK, whose hyperparameters are written as JSON."""
    put(paths.channel("train") / "digits.bin", "1")
    put(paths.channel("code") / "sourcedir.tar.gz", tar_of({"fit.py": OTHERS, "helpers.py": ""}))
    ask(paths, epochs="3", **{"learning-rate": "0.5", "b": "16", "optimizer": '"adam"'})
    put(paths.config / "resourceconfig.json", json.dumps({"current_host": "algo-1", "hosts": ["algo-1"]}))
    return paths


def ask(paths: Paths, program: str = "fit.py", place: str = PLACE, **hyperparameters: str) -> None:
    toolkit = {"sagemaker_program": json.dumps(program), "sagemaker_submit_directory": json.dumps(place)}
    put(paths.config / "hyperparameters.json", json.dumps({**toolkit, **hyperparameters}))


def failure(paths: Paths) -> str:
    return (paths.output / "failure").read_text()


def test_runs_a_script_of_others_with_flags_and_variables(others):
    # WHEN
    assert train(others, os.environ) == 0

    # THEN
    told = json.loads((others.model / "weights.json").read_text())
    assert told["args"] | {"epochs": 3, "learning_rate": 0.5, "batch": 16, "optimizer": "adam"} == told["args"]
    assert told["args"]["current_host"] == "algo-1"
    assert told["args"]["num_gpus"] == 0
    assert told["files"] == ["digits.bin"]
    assert told["hps"] == {"epochs": 3, "learning-rate": 0.5, "b": 16, "optimizer": "adam"}
    assert told["user_args"] == ["-b", "16", "--epochs", "3", "--learning-rate", "0.5", "--optimizer", "adam"]
    assert (told["epochs"], told["module"]) == ("3", "fit")


def test_adds_nothing_to_the_model(others):
    assert train(others, os.environ) == 0
    assert [path.name for path in others.model.iterdir()] == ["weights.json"]


def test_takes_code_that_is_a_folder(others):
    # GIVEN
    (others.channel("code") / "sourcedir.tar.gz").unlink()
    put(others.channel("code") / "fit.py", OTHERS)
    ask(others, place="/opt/ml/input/data/code", epochs="3")

    # WHEN / THEN
    assert train(others, os.environ) == 0


def test_takes_hyperparameters_that_are_no_json(others):
    # GIVEN
    ask(others, epochs="3", optimizer="adam")

    # WHEN / THEN
    assert train(others, os.environ) == 0
    assert json.loads((others.model / "weights.json").read_text())["args"]["optimizer"] == "adam"


def test_fails_with_the_last_lines_when_the_script_crashes(others):
    put(others.channel("code") / "sourcedir.tar.gz", tar_of({"fit.py": "raise ValueError('no digits')"}))
    assert train(others, os.environ) == 1
    assert failure(others).startswith("fit.py ended with exit code 1; its last lines:\n")
    assert failure(others).endswith("ValueError: no digits\n")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"place": "s3://bucket/code.tar.gz"}, "this image fetches nothing itself: give the archive as a channel"),
        ({"place": "/opt/ml/input/data/none"}, "where there is nothing: give the code as a channel"),
        ({"program": "fit.sh"}, "'sagemaker_program' is 'fit.sh', this image runs Python scripts only"),
        ({"program": "other.py"}, "must hold 'other.py', but it holds ['fit.py', 'helpers.py']"),
    ],
)
def test_fails_on_code_that_cannot_be_run(others, changed, message):
    ask(others, **changed)
    assert train(others, os.environ) == 1
    assert message in failure(others)
