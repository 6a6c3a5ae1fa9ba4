"""Trains a model that costs the servers next to nothing, saved as a version is: folder, number of features."""

import json
import sys
from pathlib import Path

import joblib
import numpy
from sklearn.linear_model import LogisticRegression


def main() -> None:
    folder, features = Path(sys.argv[1]), int(sys.argv[2])
    random = numpy.random.default_rng(20261124)
    rows = random.normal(size=(2000, features))
    model = LogisticRegression().fit(rows, rows[:, 0] + rows[:, 1] > 0)
    folder.mkdir(parents=True)
    joblib.dump(model, folder / "model.joblib")
    columns = [{"name": f"x{i}", "type": "double", "nullable": False} for i in range(features)]
    (folder / "schema.json").write_text(json.dumps({"features": columns, "label": "y"}), encoding="utf-8")
    print(len(rows))


main()
