"""A folder that cannot be served is refused with the reason."""

import json

import joblib
import numpy as np
import pytest
from serving import SCHEMA, save_code, save_model

from model_server.model import load_model, positive
from model_server.schema import ModelError


def test_fails_without_a_schema(tmp_path):
    (save_model(tmp_path / "model") / "schema.json").unlink()
    with pytest.raises(ModelError, match="has no 'schema.json'"):
        load_model(tmp_path / "model")


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"features": []}', '{"features": [{"name": "a", "type": "date"}]}'])
def test_fails_on_a_broken_schema(tmp_path, text):
    (save_model(tmp_path / "model") / "schema.json").write_text(text)
    with pytest.raises(ModelError, match=r"schema\.json"):
        load_model(tmp_path / "model")


def test_fails_without_a_model(tmp_path):
    (save_model(tmp_path / "model") / "model.joblib").unlink()
    with pytest.raises(ModelError, match="neither 'model.joblib' nor 'code/inference.py'"):
        load_model(tmp_path / "model")


def test_fails_on_a_model_that_gives_no_probabilities(tmp_path):
    folder = save_model(tmp_path / "model")
    joblib.dump({"weights": [1]}, folder / "model.joblib")
    with pytest.raises(ModelError, match="is a dict without 'predict_proba'"):
        load_model(folder)


def test_fails_on_own_code_that_lacks_a_function(tmp_path):
    folder = save_code(tmp_path / "model", "def model_fn(folder): return 0", SCHEMA)
    with pytest.raises(ModelError, match=r"lacks \['predict_fn'\]"):
        load_model(folder)


@pytest.mark.parametrize("answer", [[0.1, 0.9], [[0.9, 0.1], [0.1, 0.9]], np.array([0.1, 0.9])])
def test_scores_may_be_a_list_or_probabilities(answer):
    assert positive(answer, 2).tolist() == [0.1, 0.9]


@pytest.mark.parametrize("answer", [[0.1], [[1], [2]], [0.1, float("nan")], [[0.1, 0.2, 0.7]] * 2])
def test_fails_on_an_answer_that_has_no_score_for_each_row(answer):
    with pytest.raises(ValueError, match="not a finite score each"):
        positive(answer, 2)


def test_ranges_and_label_of_the_schema_are_left_alone(tmp_path):
    schema = load_model(save_model(tmp_path / "model")).schema
    assert schema.names == [feature["name"] for feature in SCHEMA["features"]]
    assert json.loads((tmp_path / "model" / "schema.json").read_text()) == SCHEMA
