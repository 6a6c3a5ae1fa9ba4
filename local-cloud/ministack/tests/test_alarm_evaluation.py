"""The published tables of "Configuring how CloudWatch alarms treat missing data" are the cases."""

import pytest
from mlops_local.alarms.evaluation import ALARM, INSUFFICIENT_DATA, OK, Datapoint, Rule, evaluate, evaluation_range

RETAINED = "retained"
TREATMENTS = ("missing", "ignore", "breaching", "notBreaching")


def rule(datapoints_to_alarm: int, treat_missing_data: str, evaluation_periods: int = 3) -> Rule:
    return Rule("GreaterThanThreshold", 1.0, evaluation_periods, datapoints_to_alarm, treat_missing_data)


def points(drawn: str) -> list[Datapoint]:
    """``0`` within the threshold, ``X`` breaching, ``-`` missing; the newest stands last."""
    symbols = drawn.split()
    return [
        Datapoint(age=len(symbols) - i, start=float(i), value=2.0 if symbol == "X" else 0.0, sample_count=1)
        for i, symbol in enumerate(symbols)
        if symbol != "-"
    ]


# Datapoints, how many are filled in, the state by treatment in the order of TREATMENTS.
THREE_OF_THREE = [
    ("0 - X - X", 0, (OK, OK, OK, OK)),
    ("0 - - - -", 2, (OK, OK, OK, OK)),
    ("- - - - -", 3, (INSUFFICIENT_DATA, RETAINED, ALARM, OK)),
    ("0 X X - X", 0, (ALARM, ALARM, ALARM, ALARM)),
    ("- - X - -", 2, (ALARM, RETAINED, ALARM, OK)),
]
TWO_OF_THREE = [
    ("0 - X - X", 0, (ALARM, ALARM, ALARM, ALARM)),
    ("0 0 X 0 X", 0, (ALARM, ALARM, ALARM, ALARM)),
    ("0 - X - -", 1, (OK, OK, ALARM, OK)),
    ("- - - - 0", 2, (OK, OK, ALARM, OK)),
    ("- - - X -", 2, (ALARM, RETAINED, ALARM, OK)),
]
CASES = [
    (datapoints_to_alarm, drawn, filled, treatment, state)
    for datapoints_to_alarm, table in ((3, THREE_OF_THREE), (2, TWO_OF_THREE))
    for drawn, filled, states in table
    for treatment, state in zip(TREATMENTS, states)
]


@pytest.mark.parametrize(("datapoints_to_alarm", "drawn", "filled", "treatment", "state"), CASES)
def test_published_tables(datapoints_to_alarm, drawn, filled, treatment, state):
    # GIVEN an alarm in each state that it may be in
    for current in (OK, ALARM, INSUFFICIENT_DATA):
        # WHEN it is evaluated over the drawn range
        verdict = evaluate(rule(datapoints_to_alarm, treatment), points(drawn), current)
        # THEN it is in the state of the table
        assert verdict.state == (current if state == RETAINED else state)
        assert verdict.filled == filled


@pytest.mark.parametrize("drawn", ["- - - - X", "- - - X -"])
def test_one_new_breaching_datapoint_is_no_alarm_yet(drawn):
    """The guide's own example of a premature alarm."""
    assert evaluate(rule(3, "missing"), points(drawn), OK).state == OK


def test_the_range_is_a_little_longer_than_the_periods():
    assert evaluation_range(rule(3, "missing")) == 5


def test_only_the_newest_periods_decide_when_all_are_there():
    verdict = evaluate(rule(3, "breaching"), points("X X 0 X X"), OK)
    assert (verdict.state, [point.age for point in verdict.evaluated]) == (OK, [1, 2, 3])


@pytest.mark.parametrize(
    ("comparison", "value", "breaches"),
    [
        ("GreaterThanThreshold", 1.0, False),
        ("GreaterThanOrEqualToThreshold", 1.0, True),
        ("LessThanThreshold", 1.0, False),
        ("LessThanOrEqualToThreshold", 1.0, True),
    ],
)
def test_comparisons_at_the_threshold(comparison, value, breaches):
    assert Rule(comparison, 1.0, 1, 1, "missing").breaches(value) is breaches
