import json

from mlops_local.alarms.evaluation import ALARM, INSUFFICIENT_DATA, OK, Datapoint, Rule, Verdict
from mlops_local.alarms.reasons import reason_data, state_reason, timestamp

RULE = Rule("GreaterThanThreshold", 0.02, 3, 2, "notBreaching")
POINTS = [Datapoint(1, 1795492800.0, 0.5, 1.0), Datapoint(2, 1795492500.0, 0.25, 1.0)]


def test_alarm_names_the_breaching_datapoints_and_how_many_it_takes():
    assert state_reason(RULE, Verdict(ALARM, POINTS, 1), OK) == (
        "Threshold Crossed: 2 out of the last 3 datapoints [0.5 (24/11/26 04:00:00), 0.25 (24/11/26 03:55:00)] were "
        "greater than the threshold (0.02) and 1 missing datapoint was treated as [NonBreaching] "
        "(minimum 2 datapoints for OK -> ALARM transition)."
    )


def test_one_period_is_told_without_numbers_of_periods():
    rule = Rule("LessThanThreshold", 1.0, 1, 1, "missing")
    assert state_reason(rule, Verdict(ALARM, POINTS[:1], 0), OK) == (
        "Threshold Crossed: 1 datapoint [0.5 (24/11/26 04:00:00)] was less than the threshold (1.0)."
    )


def test_nothing_received():
    breaching = Rule("LessThanThreshold", 1.0, 1, 1, "breaching")
    assert state_reason(breaching, Verdict(ALARM, [], 1), OK) == (
        "Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as [Breaching]."
    )
    missing = Rule("LessThanThreshold", 1.0, 2, 2, "missing")
    assert state_reason(missing, Verdict(INSUFFICIENT_DATA, [], 2), OK) == "Insufficient Data: 2 datapoints were unknown."


def test_reason_data_has_the_numbers():
    data = json.loads(reason_data(RULE, Verdict(ALARM, POINTS, 1), 1795493000.0, POINTS, "Average", 300))
    assert data["recentDatapoints"] == [0.25, 0.5]
    assert data["evaluatedDatapoints"][0] == {
        "timestamp": "2026-11-24T04:00:00.000+0000",
        "sampleCount": 1.0,
        "value": 0.5,
    }
    assert (data["period"], data["statistic"], data["threshold"]) == (300, "Average", 0.02)


def test_timestamps_have_milliseconds():
    assert timestamp(1795492800.678) == "2026-11-24T04:00:00.678+0000"
