"""The published examples of "Suppressing composite alarm actions" are the cases."""

import pytest
import time_machine
from alarms_in_process import Refused, call, describe, history, put_composite, reset, set_state, topic
from mlops_local.alarms import suppression, transitions

UNIT = 60
START = 1_800_000_000
WAIT, EXTENSION = 2, 3


@pytest.fixture(autouse=True)
def clean():
    reset()
    yield
    reset()


def put_watched(**more) -> None:
    """A composite alarm of one child, with a topic for each state."""
    put_composite(
        "watched",
        "ALARM(child)",
        **{
            "AlarmActions": [topic("alarm")],
            "OKActions": [topic("ok")],
            "ActionsSuppressor": "suppressor",
            "ActionsSuppressorWaitPeriod": WAIT * UNIT,
            "ActionsSuppressorExtensionPeriod": EXTENSION * UNIT,
            **more,
        },
    )


def actions() -> list[str]:
    return [item["HistorySummary"].rsplit(":", 1)[-1] for item in history("watched", "Action")]


def play(timeline: list[tuple[int, str, str]], until: int) -> dict[int, list[str]]:
    """Which actions are taken at which unit of time."""
    with time_machine.travel(START, tick=False) as clock:
        # Alarms on a constant rule stay in the state that they are set to.
        for name in ("child", "suppressor"):
            put_composite(name, "FALSE")
        put_watched()
        # What its creation itself would have told is out of the way.
        clock.move_to(START + WAIT * UNIT)
        transitions.end_periods(START + WAIT * UNIT)
        taken: dict[int, list[str]] = {}
        begin = START + 1000
        for unit in range(until + 1):
            before = len(actions())
            clock.move_to(begin + unit * UNIT)
            for at, name, state in timeline:
                if at == unit:
                    set_state(name, state)
            transitions.end_periods(begin + unit * UNIT)
            if len(actions()) > before:
                taken[unit] = actions()[before:]
        return taken


EXAMPLES = {
    "1: actions are not suppressed after WaitPeriod": ([(2, "child", "ALARM")], {4: ["alarm"]}),
    "2: suppressed by the alarm before WaitPeriod is over": ([(2, "child", "ALARM"), (3, "suppressor", "ALARM")], {}),
    "3: a change of state in WaitPeriod starts it anew": (
        [(2, "child", "ALARM"), (3, "child", "OK")],
        {5: ["ok"]},
    ),
    "4: the suppressor is in ALARM already": ([(1, "suppressor", "ALARM"), (2, "child", "ALARM")], {}),
    "5: actions are not suppressed after ExtensionPeriod": (
        [(2, "child", "ALARM"), (3, "suppressor", "ALARM"), (6, "suppressor", "OK")],
        {9: ["alarm"]},
    ),
    "6: a change of state in ExtensionPeriod starts a WaitPeriod": (
        [(2, "child", "ALARM"), (3, "suppressor", "ALARM"), (6, "suppressor", "OK"), (7, "child", "OK")],
        {9: ["ok"]},
    ),
}


@pytest.mark.parametrize(("timeline", "taken"), EXAMPLES.values(), ids=EXAMPLES.keys())
def test_published_examples(timeline, taken):
    assert play(timeline, until=12) == taken


def test_state_and_its_history_change_while_actions_wait():
    # WHEN
    play([(2, "child", "ALARM"), (3, "suppressor", "ALARM")], until=4)
    # THEN
    watched = describe("watched")
    assert (watched["StateValue"], watched["ActionsSuppressedBy"]) == ("ALARM", "Alarm")
    assert watched["ActionsSuppressedReason"] == "Actions suppressed by Alarm"
    assert history("watched", "StateUpdate")[-1]["HistorySummary"] == "Alarm updated from OK to ALARM"


@pytest.mark.parametrize(
    ("timeline", "suppressed_by"),
    [
        ([], None),
        ([(1, "child", "ALARM")], "WaitPeriod"),
        ([(1, "suppressor", "ALARM")], "Alarm"),
        ([(0, "suppressor", "ALARM"), (1, "suppressor", "INSUFFICIENT_DATA")], "ExtensionPeriod"),
    ],
)
def test_describe_tells_what_suppresses(timeline, suppressed_by):
    play(timeline, until=1)
    assert describe("watched").get("ActionsSuppressedBy") == suppressed_by


def test_the_suppressor_may_be_named_by_its_arn():
    for name in ("child", "suppressor"):
        put_composite(name, "FALSE")
    put_watched(ActionsSuppressor="arn:aws:cloudwatch:us-east-1:000000000000:alarm:suppressor")
    set_state("suppressor", "ALARM")
    assert describe("watched")["ActionsSuppressedBy"] == "Alarm"


def test_another_suppressor_discards_a_running_period():
    # GIVEN a wait period that runs
    for name in ("child", "suppressor", "other"):
        put_composite(name, "FALSE")
    put_watched()
    set_state("child", "ALARM")
    assert describe("watched")["ActionsSuppressedBy"] == "WaitPeriod"
    # WHEN the same suppressor gets other periods THEN it runs on
    put_watched(ActionsSuppressorExtensionPeriod=5)
    assert describe("watched")["ActionsSuppressedBy"] == "WaitPeriod"
    # WHEN another suppressor takes its place THEN it does not
    put_watched(ActionsSuppressor="other")
    assert "ActionsSuppressedBy" not in describe("watched")
    assert suppression.next_end() is None


def test_without_periods_nothing_waits():
    for name in ("child", "suppressor"):
        put_composite(name, "FALSE")
    put_watched(ActionsSuppressorWaitPeriod=0, ActionsSuppressorExtensionPeriod=0)
    set_state("child", "ALARM")
    assert actions() == ["ok", "alarm"]
    set_state("suppressor", "ALARM")
    set_state("child", "OK")
    assert actions() == ["ok", "alarm"]
    set_state("suppressor", "OK")
    assert actions() == ["ok", "alarm", "ok"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"ActionsSuppressorWaitPeriod": None}, "'ActionsSuppressorWaitPeriod' is required when"),
        ({"ActionsSuppressorExtensionPeriod": None}, "'ActionsSuppressorExtensionPeriod' is required when"),
        ({"ActionsSuppressorWaitPeriod": -1}, "'ActionsSuppressorWaitPeriod' is -1, must be 0 or more"),
        ({"ActionsSuppressor": None}, "is given without 'ActionsSuppressor'"),
        ({"ActionsSuppressor": "watched"}, "is the alarm itself"),
        ({"ActionsSuppressor": "nobody"}, "suppressor alarm .*:alarm:nobody. does not exist"),
    ],
)
def test_fails_on_a_suppressor_that_cannot_be(settings, message):
    for name in ("child", "suppressor"):
        put_composite(name, "FALSE")
    with pytest.raises(Refused, match=f"ValidationError: .*{message}"):
        put_watched(**settings)


def test_a_refused_update_leaves_the_suppressor_that_was():
    for name in ("child", "suppressor", "other"):
        put_composite(name, "FALSE")
    put_watched()
    with pytest.raises(Refused, match="do not exist"):
        call(
            "_put_composite_alarm",
            AlarmName="watched",
            AlarmRule="ALARM(nobody)",
            ActionsSuppressor="other",
            ActionsSuppressorWaitPeriod=1,
            ActionsSuppressorExtensionPeriod=1,
        )
    assert describe("watched")["ActionsSuppressor"] == "suppressor"
    assert describe("watched")["ActionsSuppressedBy"] == "WaitPeriod"


def test_a_suppressor_cannot_be_deleted_before_the_alarm_that_it_suppresses():
    for name in ("child", "suppressor"):
        put_composite(name, "FALSE")
    put_watched()
    with pytest.raises(Refused, match="Cannot delete suppressor as there are composite alarm.s. depending on it"):
        call("_delete_alarms", AlarmNames=["suppressor"])
    call("_delete_alarms", AlarmNames=["watched"])
    call("_delete_alarms", AlarmNames=["suppressor"])
    assert suppression.next_end() is None
