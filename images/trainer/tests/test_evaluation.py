"""The evaluation job under SageMaker's processing contract."""

import json
import shutil

import pytest
from made_up import SCHEMA, csv_text, put, tar_of, version_of

from trainer.__main__ import main, run_evaluation
from trainer.evaluation import metric_lines

PREPARE = "def prepare(features):\n    return features * 1.8 + 32\n"


@pytest.fixture
def evaluation(paths):
    put(paths.processing_input("schema") / "schema.json", json.dumps(SCHEMA))
    put(paths.processing_input("train") / "train.csv", csv_text(200, seed=1))
    put(paths.processing_input("holdout") / "holdout.csv", csv_text(100, seed=2))
    put(paths.processing_input("challenger") / "model.tar.gz", version_of({}))
    return paths


def output(paths, name):
    return json.loads((paths.processing_output / name).read_text())


def test_judges_a_first_challenger_alone(evaluation, capsys):
    # WHEN
    exit_code = run_evaluation(evaluation)

    # THEN
    assert exit_code == 0
    judged = output(evaluation, "evaluation.json")
    assert judged["rows"] == 100
    assert set(judged) == {"rows", "challenger"}
    assert judged["challenger"]["auc"] > 0.9
    assert 0 < judged["challenger"]["logLoss"] < 0.6
    assert f"auc={judged['challenger']['auc']:.4f}\n" in capsys.readouterr().out


def test_baseline_has_the_shape_agreed_on(evaluation):
    # WHEN
    run_evaluation(evaluation)

    # THEN
    baseline = output(evaluation, "baseline.json")
    assert set(baseline) == {"edgesId", "rows", "features", "prediction", "quality", "schema"}
    assert baseline["rows"] == sum(baseline["features"]["a"]["counts"]) == 200
    assert sum(baseline["prediction"]["counts"]) == 100
    assert baseline["quality"] == {"auc": output(evaluation, "evaluation.json")["challenger"]["auc"], "rows": 100}
    assert baseline["schema"] == SCHEMA


def test_judges_the_champion_on_the_same_rows(evaluation):
    # GIVEN
    shutil.copytree(evaluation.processing_input("challenger"), evaluation.processing_input("champion"))

    # WHEN
    assert run_evaluation(evaluation) == 0

    # THEN
    judged = output(evaluation, "evaluation.json")
    assert judged["champion"] == judged["challenger"]


def test_each_version_is_judged_with_its_own_preparation(evaluation):
    # GIVEN a challenger whose training converts, beside a champion whose training does not
    shutil.copytree(evaluation.processing_input("challenger"), evaluation.processing_input("champion"))
    skewed = version_of({"features.py": PREPARE}, prepare=lambda features: features * 1.8 + 32)
    put(evaluation.processing_input("challenger") / "model.tar.gz", skewed)

    # WHEN
    assert run_evaluation(evaluation) == 0

    # THEN both do well on their own terms, and the baseline counts what callers will send
    judged = output(evaluation, "evaluation.json")
    assert judged["challenger"]["auc"] > 0.9
    assert judged["champion"]["auc"] > 0.9
    assert max(output(evaluation, "baseline.json")["features"]["a"]["edges"]) < 5


def test_a_version_may_bring_its_own_inference(evaluation):
    # GIVEN
    inference = (
        "def model_fn(folder): return 2\ndef predict_fn(features, model): return 1 / (1 + 10 ** -features[:, 0])"
    )
    archive = tar_of({"schema.json": json.dumps(SCHEMA), "code/inference.py": inference})
    put(evaluation.processing_input("challenger") / "model.tar.gz", archive)

    # WHEN / THEN
    assert run_evaluation(evaluation) == 0
    assert output(evaluation, "evaluation.json")["challenger"]["auc"] > 0.9


def test_metric_lines_name_both_versions():
    quality = {"auc": 0.83123, "accuracy": 0.7, "logLoss": 0.5}
    lines = metric_lines({"rows": 5, "challenger": quality, "champion": quality})
    assert "auc=0.8312" in lines
    assert "champion_log_loss=0.5000" in lines


def test_fails_when_all_held_out_labels_are_equal(evaluation):
    put(evaluation.processing_input("holdout") / "holdout.csv", "a,b,rain\n1,2,0\n3,4,0\n")
    assert run_evaluation(evaluation) == 1
    assert "an AUC needs both labels" in (evaluation.output / "message").read_text()


def test_fails_without_a_challenger(evaluation):
    shutil.rmtree(evaluation.processing_input("challenger"))
    assert run_evaluation(evaluation) == 1
    assert "input 'challenger' must hold 'model.tar.gz'" in (evaluation.output / "message").read_text()


def test_fails_with_the_reason_when_team_code_raises(evaluation):
    # GIVEN
    broken = version_of({"features.py": "def prepare(features):\n    raise KeyError('humidity')\n"})
    put(evaluation.processing_input("challenger") / "model.tar.gz", broken)

    # WHEN / THEN
    assert run_evaluation(evaluation) == 1
    assert (evaluation.output / "message").read_text().startswith("evaluation failed, KeyError: 'humidity'")
    assert not (evaluation.processing_output / "evaluation.json").exists()


def test_fails_on_scores_that_are_no_scores(evaluation):
    # two columns would be the probabilities of two classes; three are nothing that a score could be read from
    inference = "def model_fn(folder): return 0\ndef predict_fn(features, model): return features[:, [0, 1, 1]]\n"
    put(evaluation.processing_input("challenger") / "model.tar.gz", version_of({"inference.py": inference}))
    assert run_evaluation(evaluation) == 1
    assert "must give one finite score in each row" in (evaluation.output / "message").read_text()


def test_fails_on_an_unknown_command(capsys):
    assert main(["serve"]) == 2
    assert "command is 'serve', allowed is 'train' or 'evaluate'" in capsys.readouterr().err
