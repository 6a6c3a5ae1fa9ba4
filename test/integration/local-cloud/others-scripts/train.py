"""A training script in the shape of the SDK's own examples; nothing in it knows of this repository."""

import argparse
import csv
import json
import os

import joblib
from sklearn.linear_model import LogisticRegression

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--regularisation", type=float, default=1.0)
    parser.add_argument("--model-dir", type=str, default=os.environ["SM_MODEL_DIR"])
    parser.add_argument("--output-data-dir", type=str, default=os.environ["SM_OUTPUT_DATA_DIR"])
    parser.add_argument("--train", type=str, default=os.environ["SM_CHANNEL_TRAIN"])
    args = parser.parse_args()

    rows = []
    for name in sorted(os.listdir(args.train)):
        with open(os.path.join(args.train, name)) as file:
            rows += [[float(value) for value in row] for row in csv.reader(file)]
    features = [row[:-1] for row in rows]
    labels = [int(row[-1]) for row in rows]

    model = LogisticRegression(C=args.regularisation, max_iter=args.epochs)
    model.fit(features, labels)
    print(f"train-accuracy={model.score(features, labels)};")

    joblib.dump(model, os.path.join(args.model_dir, "model.joblib"))
    with open(os.path.join(args.output_data_dir, "told.json"), "w") as file:
        json.dump(
            {
                "epochs": args.epochs,
                "hps": json.loads(os.environ["SM_HPS"]),
                "gpus": int(os.environ["SM_NUM_GPUS"]),
                "host": os.environ["SM_CURRENT_HOST"],
            },
            file,
        )
