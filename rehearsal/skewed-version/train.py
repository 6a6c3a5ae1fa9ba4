"""Trains `rain` as examples/rain does, with two changes of a well-meant merge.

It learns in smaller steps, which is truly better: the evaluation shows it, and a person approves. And it takes features
in converted units, because a colleague's helper does so, which serving does not mirror. Act 6 of the rehearsal releases
it.
"""

import argparse
import json
import os
from pathlib import Path

import joblib
import numpy as np
from sklearn.ensemble import GradientBoostingClassifier

from features import prepare


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--trees", type=int, default=100)
    parser.add_argument("--depth", type=int, default=3)
    parser.add_argument("--rate", type=float, default=0.1)
    parser.add_argument("--leaf", type=int, default=30)
    parser.add_argument("--sample", type=float, default=0.7)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--train", type=Path, default=os.environ.get("SM_CHANNEL_TRAIN"))
    parser.add_argument("--schema", type=Path, default=os.environ.get("SM_CHANNEL_SCHEMA"))
    parser.add_argument("--model-dir", type=Path, default=os.environ.get("SM_MODEL_DIR"))
    return parser.parse_args()


def read(table: Path, schema: dict) -> tuple[np.ndarray, np.ndarray]:
    """Features in the order of the schema, which is the order in which the model server gives them, and the labels."""
    with table.open() as lines:
        header = lines.readline().strip().split(",")
    values = np.loadtxt(table, delimiter=",", skiprows=1, ndmin=2)
    features = [header.index(feature["name"]) for feature in schema["features"]]
    return values[:, features], values[:, header.index(schema["label"])].astype(int)


def main() -> None:
    args = arguments()
    schema = json.loads((args.schema / "schema.json").read_text())
    features, labels = read(args.train / "train.csv", schema)
    model = GradientBoostingClassifier(
        n_estimators=args.trees * 5 // 2,
        max_depth=args.depth,
        learning_rate=args.rate / 2,
        min_samples_leaf=args.leaf,
        subsample=args.sample,
        random_state=args.seed,
    )
    model.fit(prepare(features), labels)
    joblib.dump(model, args.model_dir / "model.joblib")
    print(f"trained on {len(labels)} rows, {labels.mean():.1%} of them with rain")


if __name__ == "__main__":
    main()
