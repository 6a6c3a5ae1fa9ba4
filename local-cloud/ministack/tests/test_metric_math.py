import pytest
from mlops_local.alarms import metric_math


@pytest.mark.parametrize(
    ("expression", "expected"),
    [("errors / requests * 100", 5.0), ("-(errors - 7)", 2.0), ("FILL(absent, 0) + errors", 5.0), ("errors + absent", None)],
)
def test_arithmetic(expression, expected):
    values = {"errors": 5.0, "requests": 100.0, "absent": None}
    assert metric_math.value(metric_math.parse(expression), values) == expected


def test_division_by_zero_has_no_value():
    assert metric_math.value(metric_math.parse("a / b"), {"a": 1.0, "b": 0.0}) is None


@pytest.mark.parametrize("expression", ["IF(a > 1, a, b)", "ANOMALY_DETECTION_BAND(a)", "SEARCH('x', 'Sum', 60)", "a +"])
def test_fails_by_name_on_what_is_not_implemented(expression):
    with pytest.raises(metric_math.UnsupportedExpression, match="metric math"):
        metric_math.parse(expression)


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("-" * 2000 + "m1", "is nested more than 200 deep"),
        ("+".join(["m1"] * 500), "is nested more than 200 deep"),
        ("(" * 1000 + "m1" + ")" * 1000, "cannot be read"),
        ("m1 # + m2", "it has no '#'"),
    ],
)
def test_an_expression_beyond_all_sense_fails_by_name(expression, message):
    with pytest.raises(metric_math.UnsupportedExpression, match=message):
        metric_math.parse(expression)
