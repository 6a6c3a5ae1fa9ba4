"""The training contract, as SageMaker sees it: folders in, folders and an exit code out."""

import hashlib
import json
import os

import pytest
from made_up import SCRIPT, put, tar_of, zip_of

from trainer.errors import MESSAGE_BYTES
from trainer.training import script_arguments, train


def failure(paths) -> str:
    return (paths.output / "failure").read_text()


def test_saves_model_schema_and_code(training):
    # WHEN
    exit_code = train(training, os.environ)

    # THEN
    assert exit_code == 0
    model = json.loads((training.model / "model.joblib").read_text())
    assert model == {"rows": 200, "strength": 0.5, "seed": 7}
    assert json.loads((training.model / "schema.json").read_text())["label"] == "rain"
    assert (training.model / "code" / "train.py").read_text() == SCRIPT
    assert not (training.output / "failure").exists()


def test_passes_output_on(training, capfd):
    train(training, os.environ)
    assert "trained\n" in capfd.readouterr().out


def test_takes_a_zip_as_cdk_assets_are(training):
    # GIVEN
    (training.channel("code") / "sourcedir.tar.gz").unlink()
    put(training.channel("code") / "3f2a.zip", zip_of({"train.py": SCRIPT}))

    # WHEN / THEN
    assert train(training, os.environ) == 0


def test_same_inputs_and_seed_give_the_same_bytes(training):
    # WHEN
    digests = []
    for _ in range(2):
        assert train(training, os.environ) == 0
        digests.append(hashlib.sha256((training.model / "model.joblib").read_bytes()).hexdigest())

    # THEN
    assert digests[0] == digests[1]


def test_tells_the_script_what_script_mode_knows(training):
    # GIVEN
    script = "import os, json, sys; open(os.path.join(os.environ['SM_MODEL_DIR'], 'model.joblib'), 'w').write(\n"
    script += "json.dumps({**{k: v for k, v in os.environ.items() if k.startswith('SM_')}, 'argv': sys.argv[1:]}))"
    put(training.channel("code") / "sourcedir.tar.gz", tar_of({"train.py": script}))

    # WHEN
    assert train(training, os.environ) == 0

    # THEN
    told = json.loads((training.model / "model.joblib").read_text())
    assert told["argv"] == ["--seed", "7", "--strength", "0.5"]
    assert told["SM_CHANNEL_TRAIN"] == str(training.channel("train"))
    assert told["SM_OUTPUT_DATA_DIR"] == str(training.output / "data")
    assert told["SM_HP_SEED"] == "7"
    assert json.loads(told["SM_HPS"]) == {"seed": "7", "strength": "0.5"}
    assert json.loads(told["SM_CHANNELS"]) == ["code", "schema", "train"]


def test_keeps_code_that_the_script_saved_itself(training):
    # GIVEN
    script = SCRIPT + "\nos.makedirs(os.environ['SM_MODEL_DIR'] + '/code')\n"
    script += "open(os.environ['SM_MODEL_DIR'] + '/code/inference.py', 'w').write('# made')"
    put(training.channel("code") / "sourcedir.tar.gz", tar_of({"train.py": script, "inference.py": "# original"}))

    # WHEN
    assert train(training, os.environ) == 0

    # THEN
    assert (training.model / "code" / "inference.py").read_text() == "# made"


def test_hyperparameters_of_toolkits_are_not_the_scripts(training):
    put(training.config / "hyperparameters.json", json.dumps({"seed": "1", "sagemaker_program": "other.py"}))
    assert train(training, os.environ) == 0


def test_arguments_are_sorted_and_never_meet_a_shell():
    assert script_arguments({"b": "$(reboot)", "a": "1 2"}) == ["--a", "1 2", "--b", "$(reboot)"]


def test_fails_with_the_last_lines_when_the_script_crashes(training):
    # GIVEN
    script = "for i in range(500): print('line', i)\nraise ValueError('no rain in the whole snapshot')"
    put(training.channel("code") / "sourcedir.tar.gz", tar_of({"train.py": script}))

    # WHEN
    exit_code = train(training, os.environ)

    # THEN
    assert exit_code == 1
    assert failure(training).startswith("train.py ended with exit code 1; its last lines:\n")
    assert failure(training).endswith("ValueError: no rain in the whole snapshot\n")
    assert "line 0\n" not in failure(training)
    assert len(failure(training).encode()) <= MESSAGE_BYTES + 1
    assert not (training.model / "schema.json").exists()


def test_fails_when_a_signal_ends_the_script(training):
    put(training.channel("code") / "sourcedir.tar.gz", tar_of({"train.py": "import os; os.kill(os.getpid(), 9)"}))
    assert train(training, os.environ) == 1
    assert failure(training).startswith("train.py was killed by signal 9, most often for want of memory; it printed nothing")


def test_fails_on_an_argument_that_the_script_does_not_know(training):
    put(training.config / "hyperparameters.json", json.dumps({"tree": "5"}))
    assert train(training, os.environ) == 1
    assert "unrecognized arguments: --tree 5" in failure(training)


def test_fails_when_the_script_saves_no_model(training):
    put(training.channel("code") / "sourcedir.tar.gz", tar_of({"train.py": "print('done')"}))
    assert train(training, os.environ) == 1
    assert "saved no 'model.joblib'" in failure(training)


@pytest.mark.parametrize(
    ("channel", "name", "message"),
    [
        ("train", "train.csv", "channel 'train' must hold 'train.csv'"),
        ("schema", "schema.json", "channel 'schema' must hold 'schema.json'"),
        ("code", "sourcedir.tar.gz", "channel 'code' must hold one archive"),
    ],
)
def test_fails_when_a_channel_is_empty(training, channel, name, message):
    (training.channel(channel) / name).unlink()
    assert train(training, os.environ) == 1
    assert failure(training).startswith(message)


def test_fails_when_the_archive_has_no_script(training):
    put(training.channel("code") / "sourcedir.tar.gz", tar_of({"src/train.py": SCRIPT}))
    assert train(training, os.environ) == 1
    assert "must hold 'train.py', but it holds ['src']" in failure(training)


def test_fails_on_hyperparameters_that_are_no_strings(training):
    put(training.config / "hyperparameters.json", json.dumps({"seed": 7}))
    assert train(training, os.environ) == 1
    assert "it must be an object of strings" in failure(training)
