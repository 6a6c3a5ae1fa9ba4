"""What DescribeAlarmHistory tells: configuration changes, changes of state, and actions."""

import json
import time

from ministack.services import cloudwatch

from . import store
from .reasons import timestamp


def position() -> int:
    """Where the next item goes."""
    return len(cloudwatch._history_entries())


def record(alarm: dict, kind: str, summary: str, data: dict, at: int | None = None) -> None:
    """Add one item, at the shifted time; last, or at an earlier position."""
    cloudwatch._history_entries().insert(
        position() if at is None else at,
        {
            "AlarmName": alarm["AlarmName"],
            "AlarmType": "CompositeAlarm" if store.is_composite(alarm) else "MetricAlarm",
            "Timestamp": timestamp(time.time()).replace("+0000", "Z"),
            "HistoryItemType": kind,
            "HistorySummary": summary,
            "HistoryData": json.dumps({"version": "1.0", **data}),
        },
    )


def configured(alarm: dict, before: dict | None, at: int | None = None) -> None:
    """The alarm was created, or changed from what it was."""
    if before is None:
        record(
            alarm,
            "ConfigurationUpdate",
            f'Alarm "{alarm["AlarmName"]}" created',
            {"type": "Create", "createdAlarm": _written(alarm)},
            at,
        )
        return
    old, new = _written(before), _written(alarm)
    changed = {name: old.get(name) for name in {*old, *new} if old.get(name) != new.get(name)}
    record(
        alarm,
        "ConfigurationUpdate",
        f'Alarm "{alarm["AlarmName"]}" updated',
        {"type": "Update", "updatedAlarm": new, "originalUpdatedFields": changed},
        at,
    )


def deleted(alarm: dict) -> None:
    """The alarm is gone; its history stays."""
    record(
        alarm,
        "ConfigurationUpdate",
        f'Alarm "{alarm["AlarmName"]}" deleted',
        {"type": "Delete", "deletedAlarm": _written(alarm)},
    )


def state_changed(alarm: dict, old: dict) -> None:
    """The alarm went from one state to another."""
    record(
        alarm,
        "StateUpdate",
        f"Alarm updated from {old['StateValue']} to {alarm['StateValue']}",
        {"oldState": _state(old), "newState": _state(alarm)},
    )


def acted(alarm: dict, action: str, error: str | None) -> None:
    """An action was taken, or failed."""
    data = {
        "actionState": "Succeeded" if error is None else "Failed",
        "stateUpdateTimestamp": int(alarm["StateUpdatedTimestamp"] * 1000),
        "notificationResource": action,
    }
    if error is None:
        record(alarm, "Action", f"Successfully executed action {action}", data)
    else:
        summary = f'Failed to execute action {action}. Received error: "{error}"'
        record(alarm, "Action", summary, {**data, "error": error})


def _state(alarm: dict) -> dict:
    state = {"stateValue": alarm["StateValue"], "stateReason": alarm.get("StateReason") or ""}
    if alarm.get("StateReasonData"):
        try:
            state["stateReasonData"] = json.loads(alarm["StateReasonData"])
        except ValueError:
            state["stateReasonData"] = alarm["StateReasonData"]
    return state


def _written(alarm: dict) -> dict:
    written = {}
    for name, value in alarm.items():
        if value is None or name.startswith(("StateReason", "StateTransitioned", "ActionsSuppressedBy")):
            continue
        spelled = "okactions" if name == "OKActions" else name[:1].lower() + name[1:]
        written[spelled] = timestamp(value) if name.endswith("Timestamp") else value
    return written
