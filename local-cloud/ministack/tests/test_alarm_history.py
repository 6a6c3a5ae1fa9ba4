import json

import pytest
import time_machine
from alarms_in_process import (
    METRIC,
    Refused,
    call,
    describe,
    history,
    put_composite,
    put_metric,
    reset,
    set_state,
    topic,
)
from ministack.services.cloudformation import provisioners
from mlops_local.alarms import composite, service

NOW = 1_800_000_000.25


@pytest.fixture(autouse=True)
def clean():
    reset()
    yield
    reset()


def kinds(name: str) -> list[tuple[str, str]]:
    return [(item["HistoryItemType"], item["HistorySummary"]) for item in history(name)]


def data(item: dict) -> dict:
    return json.loads(item["HistoryData"])


def test_creation_change_state_action_and_deletion_are_told_in_their_order():
    # GIVEN
    told = topic("told")
    # WHEN
    put_metric("a", AlarmActions=[told])
    put_metric("a", AlarmActions=[told], Threshold=2.0)
    set_state("a", "ALARM")
    call("_delete_alarms", AlarmNames=["a"])
    # THEN
    assert kinds("a") == [
        ("ConfigurationUpdate", 'Alarm "a" created'),
        ("ConfigurationUpdate", 'Alarm "a" updated'),
        ("StateUpdate", "Alarm updated from INSUFFICIENT_DATA to ALARM"),
        ("Action", f"Successfully executed action {told}"),
        ("ConfigurationUpdate", 'Alarm "a" deleted'),
    ]
    created, updated, changed, acted, _ = map(data, history("a"))
    assert (created["type"], created["createdAlarm"]["threshold"]) == ("Create", 1.0)
    assert updated["originalUpdatedFields"] == {"threshold": 1.0}
    assert changed["oldState"] == {
        "stateValue": "INSUFFICIENT_DATA",
        "stateReason": "Unchecked: Initial alarm creation",
    }
    assert changed["newState"] == {"stateValue": "ALARM", "stateReason": "by hand"}
    assert (acted["actionState"], acted["notificationResource"]) == ("Succeeded", told)


def test_items_bear_the_shifted_time():
    with time_machine.travel(NOW, tick=False):
        put_metric("a")
    (item,) = history("a")
    assert item["Timestamp"] == int(NOW)


def test_an_action_that_fails_is_told():
    put_metric("a", AlarmActions=["arn:aws:sns:us-east-1:000000000000:nowhere"])
    set_state("a", "ALARM")
    (item,) = history("a", "Action")
    assert item["HistorySummary"].startswith("Failed to execute action arn:aws:sns:us-east-1:000000000000:nowhere.")
    assert data(item)["actionState"] == "Failed"


def test_disabled_actions_are_not_taken():
    put_metric("a", AlarmActions=[topic("told")], ActionsEnabled=False)
    set_state("a", "ALARM")
    assert history("a", "Action") == []


def test_a_composite_alarm_is_created_before_it_has_a_state():
    put_composite("c", "TRUE")
    put_composite("c", "FALSE")
    assert kinds("c") == [
        ("ConfigurationUpdate", 'Alarm "c" created'),
        ("StateUpdate", "Alarm updated from INSUFFICIENT_DATA to ALARM"),
        ("ConfigurationUpdate", 'Alarm "c" updated'),
        ("StateUpdate", "Alarm updated from ALARM to OK"),
    ]


def test_a_state_set_by_hand_lasts_until_the_next_evaluation():
    # GIVEN an alarm that was evaluated without data
    told = topic("told")
    with time_machine.travel(NOW, tick=False) as clock:
        put_metric("a", AlarmActions=[told], InsufficientDataActions=[told])
        service.evaluate_all(NOW)
        # WHEN
        set_state("a", "ALARM")
        service.evaluate_all(NOW)
        assert describe("a")["StateValue"] == "ALARM"
        # THEN the next minute corrects it, and the one after takes no action again
        for minute in (1, 2):
            clock.move_to(NOW + 60 * minute)
            service.evaluate_all(NOW + 60 * minute)
    assert describe("a")["StateValue"] == "INSUFFICIENT_DATA"
    assert len(history("a", "Action")) == 2


def test_the_same_state_set_again_takes_no_action():
    put_metric("a", AlarmActions=[topic("told")])
    set_state("a", "ALARM")
    set_state("a", "ALARM")
    assert len(history("a", "Action")) == 1


def test_missing_data_of_dynamodb_are_always_ignored():
    # GIVEN
    with time_machine.travel(NOW, tick=False):
        for name, namespace in (("table", "AWS/DynamoDB"), ("other", "Test")):
            put_metric(name, Namespace=namespace, TreatMissingData="breaching")
        # WHEN
        service.evaluate_all(NOW)
    # THEN
    assert describe("table")["StateValue"] == "INSUFFICIENT_DATA"
    assert describe("other")["StateValue"] == "ALARM"


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"StateValue": "RED"}, "ValidationError: .*Value 'RED' at 'stateValue' failed"),
        ({"StateReason": None}, "ValidationError: .*Value null at 'stateReason' failed"),
        ({"StateReasonData": "{"}, "InvalidFormat: 'StateReasonData' is not JSON"),
        ({"AlarmName": "nobody"}, "ResourceNotFound"),
    ],
)
def test_fails_to_set_a_state_that_cannot_be(more, message):
    put_metric("a")
    with pytest.raises(Refused, match=message):
        call("_set_alarm_state", **{"AlarmName": "a", "StateValue": "OK", "StateReason": "by hand", **more})


@pytest.mark.parametrize("name", ["ActionPrefix", "ChildrenOfAlarmName", "ParentsOfAlarmName"])
def test_fails_by_name_on_a_filter_that_is_not_applied(name):
    with pytest.raises(Refused, match=f"'{name}' of DescribeAlarms is not implemented"):
        call("_describe_alarms", **{name: "a"})


def test_nested_composite_alarms_follow_and_name_who_triggered_them():
    put_metric("leaf")
    put_composite("inner", "ALARM(leaf)")
    put_composite("outer", 'ALARM("arn:aws:cloudwatch:us-east-1:000000000000:alarm:inner")')
    set_state("leaf", "ALARM")
    outer = describe("outer")
    assert outer["StateValue"] == "ALARM"
    assert ":alarm:inner transitioned to ALARM at " in outer["StateReason"]
    (triggering,) = json.loads(outer["StateReasonData"])["triggeringAlarms"]
    assert triggering["arn"].endswith(":alarm:inner")


def test_an_alarm_in_use_is_not_deleted_by_request_or_template():
    put_metric("leaf")
    put_metric("suppressor")
    put_composite("inner", "ALARM(leaf)")
    periods = {"ActionsSuppressorWaitPeriod": 1, "ActionsSuppressorExtensionPeriod": 1}
    put_composite("outer", "ALARM(inner)", ActionsSuppressor="suppressor", **periods)
    for name in ("leaf", "inner", "suppressor"):
        with pytest.raises(Refused, match=f"Cannot delete {name} as there are composite alarm.s. depending on it"):
            call("_delete_alarms", AlarmNames=[name])
    for name in ("leaf", "suppressor"):
        with pytest.raises(ValueError, match=f"Cannot delete {name}"):
            provisioners._cw_metric_alarm_delete(name, METRIC)
    with pytest.raises(ValueError, match="Cannot delete inner"):
        composite.delete_from_template("inner", {})
    for name in ("outer", "inner"):
        composite.delete_from_template(name, {})
    provisioners._cw_metric_alarm_delete("leaf", METRIC)
    assert call("_describe_alarms", AlarmTypes=["MetricAlarm", "CompositeAlarm"])["MetricAlarms"][0]["AlarmName"] == (
        "suppressor"
    )
