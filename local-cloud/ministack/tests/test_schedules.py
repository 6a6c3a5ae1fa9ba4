"""When rules and schedules fire."""

import time
from types import SimpleNamespace

import pytest
import time_machine
from mlops_local import schedules


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("rate(10 minutes)", [600, 1200, 1800]),
        ("at(2026-11-24T00:20:00)", [1200]),
        ("at(2026-11-23T00:20:00)", []),
        ("cron(0/15 * * * ? *)", [900, 1800]),
        ("nonsense", []),
    ],
)
def test_when_a_schedule_fires(expression, expected):
    with time_machine.travel("2026-11-24T00:00:00Z", tick=False):
        start = time.time()
        moments = schedules._firings(expression, start, start, start + 1800)
    assert [moment - start for moment in moments] == expected


@pytest.mark.parametrize(("expression", "kept"), [("rate(10 minutes)", 1200.0), ("cron(0/15 * * * ? *)", 1500.0)])
def test_what_was_switched_off_does_not_make_up_for_it(expression, kept):
    # GIVEN one that fired at 0 and was off since
    store = SimpleNamespace(_data={"a": {"State": "DISABLED", "ScheduleExpression": expression}})
    last_fired = {"a": 0.0}

    # WHEN 25 minutes have passed
    schedules._pass_by_disabled(store, last_fired, "CreationDate", 1500.0)

    # THEN the next time counts from the last one that it missed
    assert last_fired == {"a": kept}


def test_what_is_on_keeps_its_times():
    store = SimpleNamespace(_data={"a": {"State": "ENABLED", "ScheduleExpression": "rate(10 minutes)"}})
    last_fired = {"a": 0.0}
    schedules._pass_by_disabled(store, last_fired, "CreationDate", 1500.0)
    assert last_fired == {"a": 0.0}


def test_a_rate_keeps_its_phase_however_late_it_is_looked_at():
    # GIVEN
    store = SimpleNamespace(_data={"a": {"State": "ENABLED", "ScheduleExpression": "rate(10 minutes)"}})
    last_fired = {"a": 0.0}

    # WHEN MiniStack notices it 7 seconds late
    fired = schedules._tick(store, last_fired, "CreationDate", lambda: last_fired.update(a=607.0))

    # THEN
    assert fired
    assert last_fired == {"a": 600.0}
