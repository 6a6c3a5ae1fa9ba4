"""The evaluation job: judges a challenger, and the champion beside it, on the same held-out rows."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import accuracy_score, log_loss, roc_auc_score

from .baseline import baseline
from .errors import InputError
from .paths import Paths, required_file
from .schema import read_schema
from .table import read_table
from .version import score_version

THRESHOLD = 0.5
ARCHIVE = "model.tar.gz"


def evaluate(paths: Paths) -> None:
    """Writes `evaluation.json` and `baseline.json`, and prints a line for each metric."""
    schema = read_schema(required_file(paths.processing_input("schema"), "schema.json", "input"))
    train = read_table(required_file(paths.processing_input("train"), "train.csv", "input"), schema)
    holdout_file = required_file(paths.processing_input("holdout"), "holdout.csv", "input")
    labels = read_table(holdout_file, schema).labels
    if len(np.unique(labels)) < 2:
        raise InputError(
            f"'holdout.csv' has {len(labels)} rows, all with label {labels[0]}: an AUC needs both labels, add rows"
        )

    scores = score_version(
        required_file(paths.processing_input("challenger"), ARCHIVE, "input"), holdout_file, schema.label
    )
    evaluation: dict[str, Any] = {"rows": len(labels), "challenger": quality(labels, scores)}
    champion = paths.processing_input("champion")
    if champion.is_dir():
        champion_scores = score_version(required_file(champion, ARCHIVE, "input"), holdout_file, schema.label)
        evaluation["champion"] = quality(labels, champion_scores)

    reference = baseline(schema, train, scores, evaluation["challenger"]["auc"])
    write_json(paths.processing_output / "evaluation.json", evaluation)
    write_json(paths.processing_output / "baseline.json", reference)
    for line in metric_lines(evaluation):
        print(line, flush=True)


def quality(labels: np.ndarray, scores: np.ndarray) -> dict[str, float]:
    return {
        "auc": float(roc_auc_score(labels, scores)),
        "accuracy": float(accuracy_score(labels, scores >= THRESHOLD)),
        "logLoss": float(log_loss(labels, scores)),
    }


def metric_lines(evaluation: dict[str, Any]) -> list[str]:
    """Lines that a job's MetricDefinitions find, such as `auc=0.8312`."""
    names = {"auc": "auc", "accuracy": "accuracy", "logLoss": "log_loss"}
    lines = [f"{name}={evaluation['challenger'][key]:.4f}" for key, name in names.items()]
    if "champion" in evaluation:
        lines += [f"champion_{name}={evaluation['champion'][key]:.4f}" for key, name in names.items()]
    return [*lines, f"rows={evaluation['rows']}"]


def write_json(path: Path, document: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, allow_nan=False))
