"""What a job is given is checked, and errors name file, place, value, and what is allowed."""

import json

import numpy as np
import pytest
from made_up import SCHEMA, put

from trainer.errors import InputError
from trainer.schema import parse_schema, read_schema
from trainer.table import read_table

MIXED = parse_schema(
    {
        "features": [
            {"name": "age", "type": "bigint", "nullable": True},
            {"name": "plan", "type": "string", "nullable": True},
        ],
        "label": "left",
    },
    "schema.json",
)


def test_reads_columns_by_name_in_the_order_of_the_schema(tmp_path):
    schema = parse_schema(SCHEMA, "schema.json")
    path = put(tmp_path / "t.csv", "extra,b,rain,a\nx,2,1,1\ny,4,0,3\n")
    table = read_table(path, schema)
    assert table.matrix(schema).tolist() == [[1.0, 2.0], [3.0, 4.0]]
    assert table.labels.tolist() == [1, 0]


def test_missing_values_are_nan_and_none(tmp_path):
    table = read_table(put(tmp_path / "t.csv", "age,plan,left\n,,0\n5,gold,1\n"), MIXED)
    matrix = table.matrix(MIXED)
    assert np.isnan(matrix[0, 0])
    assert matrix[0, 1] is None
    assert matrix[1].tolist() == [5.0, "gold"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,rain\n1,0\n", r"'t.csv' lacks the columns \['b'\]"),
        ("", "lacks the columns"),
        ("a,b,rain\n", "'t.csv' has no rows"),
        ("a,b,rain\n1,2,0\n1,2\n", "'t.csv' line 3 has 2 fields, its header has 3"),
        ("a,b,rain\n1,x,0\n", "'t.csv' row 2: 'b' is 'x', it must be a finite number"),
        ("a,b,rain\n1,inf,0\n", "'b' is 'inf'"),
        ("a,b,rain\n1,2,0\n1,,0\n", "'t.csv' row 3: 'b' is empty and not nullable"),
        ("a,b,rain\n1,2,2\n", "label 'rain' is '2', allowed is 0 or 1"),
    ],
)
def test_fails_on_a_broken_table(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        read_table(put(tmp_path / "t.csv", text), parse_schema(SCHEMA, "schema.json"))


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ([], "'features' of 'schema.json' must be a list"),
        ({"features": [], "label": "x"}, "'features'"),
        ({"features": [{"name": "a", "type": "double"}]}, "'label' of 'schema.json' is None"),
        ({"features": [{"type": "double"}], "label": "x"}, r"'features\[0\].name'"),
        ({"features": [{"name": "a", "type": "float"}], "label": "x"}, "'float', allowed is one of double, bigint"),
        ({"features": [{"name": "a", "type": "double"}], "label": "a"}, r"names the columns \['a'\] twice"),
    ],
)
def test_fails_on_a_broken_schema(tmp_path, document, message):
    with pytest.raises(InputError, match=message):
        read_schema(put(tmp_path / "schema.json", json.dumps(document)))


def test_fails_on_a_schema_that_is_no_json(tmp_path):
    with pytest.raises(InputError, match="'schema.json' is not JSON"):
        read_schema(put(tmp_path / "schema.json", "{"))
