"""Serving code in the shape of the SDK's own examples; nothing in it knows of this repository."""

import json
import os

import joblib
import numpy as np


def model_fn(model_dir):
    return joblib.load(os.path.join(model_dir, "model.joblib"))


def input_fn(request_body, request_content_type):
    if request_content_type == "application/json":
        return np.array(json.loads(request_body)["inputs"])
    raise ValueError(f"unsupported content type: {request_content_type}")


def predict_fn(input_data, model):
    return model.predict(input_data)


def output_fn(prediction, accept):
    return json.dumps({"labels": prediction.tolist()}), accept
