"""When a move of the clock stops for alarms."""

import pytest
import time_machine
from alarms_in_process import METRIC, call, put_metric, reset
from mlops_local.alarms import service

BEGIN = 1_800_000_000.0  # the begin of a minute


@pytest.fixture
def clock():
    reset()
    with time_machine.travel(BEGIN, tick=False) as traveller:
        yield traveller
    reset()


def stops(clock, until: float) -> list[int]:
    """Minutes at which a move to ``until`` stops, evaluated as it does."""
    found = []
    while (due := service.next_due()) is not None and due <= until:
        clock.move_to(due)
        service.evaluate_all(due)
        found.append(round((due - BEGIN) / 60))
    clock.move_to(until)
    return found


def put_datum(value: float) -> None:
    call("_put_metric_data", Namespace=METRIC["Namespace"], MetricData=[{"MetricName": METRIC["MetricName"], "Value": value}])


def test_an_alarm_is_looked_at_each_minute_until_nothing_of_it_can_change(clock):
    put_metric("a")
    assert stops(clock, BEGIN + 3600) == [1, 2, 3, 4]


def test_a_datum_that_comes_while_the_clock_moves_is_seen_and_its_end_too(clock):
    # GIVEN an alarm that has come to rest
    put_metric("a", TreatMissingData="notBreaching")
    stops(clock, BEGIN + 6 * 3600 + 30)
    # WHEN
    put_datum(2.0)
    # THEN it is looked at while the datum is in its range, and as long after its last change
    first = 6 * 60 + 1
    seen = stops(clock, BEGIN + 7 * 3600)
    assert seen[0] == first
    assert seen == list(range(first, first + len(seen)))
    assert [a["StateValue"] for a in call("_describe_alarms", AlarmNames=["a"])["MetricAlarms"]] == ["OK"]


def test_a_day_of_hours_is_looked_at_each_minute(clock):
    put_metric("a", Period=3600, EvaluationPeriods=24)
    assert stops(clock, BEGIN + 600) == list(range(1, 11))
