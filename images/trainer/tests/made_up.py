"""Small made-up data, scripts and archives."""

import io
import json
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import joblib
import numpy as np
from sklearn.linear_model import LogisticRegression

SCHEMA = {
    "features": [{"name": "a", "type": "double", "min": -10, "max": 10}, {"name": "b", "type": "double"}],
    "label": "rain",
}

# needs the standard library alone, so that a test does not wait a second for scikit-learn
SCRIPT = """
import argparse, json, os
parser = argparse.ArgumentParser()
parser.add_argument('--seed', type=int)
parser.add_argument('--strength', type=float, default=1.0)
args = parser.parse_args()
with open(os.path.join(os.environ['SM_CHANNEL_TRAIN'], 'train.csv')) as file:
    rows = len(file.readlines()) - 1
with open(os.path.join(os.environ['SM_MODEL_DIR'], 'model.joblib'), 'w') as file:
    json.dump({'rows': rows, 'strength': args.strength, 'seed': args.seed}, file)
print('trained')
"""


def csv_text(rows: int, seed: int) -> str:
    """Two features, of which the first decides the label."""
    random = np.random.default_rng(seed)
    values = random.normal(size=(rows, 2))
    labels = (values[:, 0] + random.normal(scale=0.5, size=rows) > 0).astype(int)
    lines = [f"{a!r},{b!r},{label}" for (a, b), label in zip(values.tolist(), labels, strict=True)]
    return "\n".join(["a,b,rain", *lines]) + "\n"


def zip_of(files: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return buffer.getvalue()


def tar_of(files: dict[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


def put(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def version_of(files: dict[str, str], prepare: Callable[[np.ndarray], np.ndarray] = lambda features: features) -> bytes:
    """`model.tar.gz` of a small model, trained on prepared features, with the team's code beside it."""
    values = np.loadtxt(io.StringIO(csv_text(200, seed=1)), delimiter=",", skiprows=1)
    model = io.BytesIO()
    joblib.dump(LogisticRegression().fit(prepare(values[:, :-1]), values[:, -1].astype(int)), model)
    code = {f"code/{name}": text for name, text in files.items()}
    return tar_of({"model.joblib": model.getvalue(), "schema.json": json.dumps(SCHEMA), **code})
