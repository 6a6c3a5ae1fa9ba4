"""Requests that create, change or delete alarms: checked, and recorded in the alarm's history."""

import contextlib
import contextvars
import json
import time
from collections.abc import Iterator

from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudwatch
from ministack.services.cloudformation import provisioners

from .. import hooks
from . import composite, history, protocol, refusals, service_model, store, suppression, transitions

# The alarm as it was before a change of state that MiniStack makes.
_before: contextvars.ContextVar[dict | None] = contextvars.ContextVar("alarm_before", default=None)


def _checked_metric_alarm(original):
    def put(params, request, is_cbor, is_json=False):
        def answer(request: dict):
            refused = refusals.refusal(request)
            if refused:
                return cloudwatch._error("ValidationError", refused, 400, use_json=True)
            return _put_metric_alarm(original, request)

        return protocol.answered("PutMetricAlarm", answer, params, request, is_cbor, is_json)

    return put


def _put_metric_alarm(original, request: dict):
    name = request["AlarmName"]
    with store.lock:
        before = cloudwatch._alarms.get(name)
        answer = original({}, _placeholder(request), False, True)
        if answer[0] < 400:
            alarm = _with_metrics(cloudwatch._alarms[name], request, before)
            if before is not None:
                history.configured(alarm, before)
        return answer


def _checked_composite(original):
    def put(params, request, is_cbor, is_json=False):
        def answer(request: dict):
            return composite.put(original, request)

        return protocol.answered("PutCompositeAlarm", answer, params, request, is_cbor, is_json)

    return put


def _checked_state(original):
    def put(params, request, is_cbor, is_json=False):
        def answer(request: dict):
            refused = service_model.violations("SetAlarmState", request)
            if refused:
                return cloudwatch._error("ValidationError", refused, 400, use_json=True)
            try:
                json.loads(request.get("StateReasonData") or "{}")
            except ValueError as error:
                message = f"'StateReasonData' is not JSON: {error}"
                return cloudwatch._error("InvalidFormat", message, 400, use_json=True)
            with store.lock, _remembered(store.find(request["AlarmName"])):
                return original({}, request, False, True)

        return protocol.answered("SetAlarmState", answer, params, request, is_cbor, is_json)

    return put


def _checked_delete(original):
    def delete(params, request, is_cbor, is_json=False):
        def answer(request: dict):
            with store.lock:
                names = request.get("AlarmNames") or []
                for name in names:
                    if suppression.suppressed_by(name):
                        message = f"Cannot delete {name} as there are composite alarm(s) depending on it."
                        return cloudwatch._error("ValidationError", message, 400, use_json=True)
                gone = [alarm for alarm in map(store.find, names) if alarm is not None]
                answered = original({}, request, False, True)
                if answered[0] < 400:
                    for alarm in gone:
                        _forget(alarm)
                return answered

        return protocol.answered("DeleteAlarms", answer, params, request, is_cbor, is_json)

    return delete


def _checked_describe(original):
    def describe(params, request, is_cbor, is_json=False):
        given = request if is_cbor or is_json else params
        for name in ("ActionPrefix", "ChildrenOfAlarmName", "ParentsOfAlarmName"):
            if given.get(name):
                message = f"'{name}' of DescribeAlarms is not implemented by the local cloud; leave it out"
                return cloudwatch._error("ValidationError", message, 400, use_json=is_json, use_cbor=is_cbor)
        return original(params, request, is_cbor, is_json)

    return describe


def _forget(alarm: dict) -> None:
    suppression.forget(alarm["AlarmName"])
    store.evaluated.pop((get_account_id(), get_region(), alarm["AlarmName"]), None)
    history.deleted(alarm)


def _checked_template_delete(original):
    def delete(name, refuse_dependents=False):
        with store.lock:
            if refuse_dependents and suppression.suppressed_by(name):
                raise ValueError(f"Cannot delete {name} as there are composite alarm(s) depending on it.")
            alarm = cloudwatch._alarms.get(name)
            original(name, refuse_dependents)
            if alarm is not None:
                _forget(alarm)

    return delete


def _checked_template(original):
    def record(name, props):
        request = service_model.typed("PutMetricAlarm", {**props, "AlarmName": name})
        refused = refusals.refusal(request)
        if refused:
            raise ValueError(refused)
        before = cloudwatch._alarms.get(name)
        return _with_metrics(original(name, _placeholder(request)), request, before)

    return record


def _recorded_template(original):
    def put(alarm):
        before = cloudwatch._alarms.get(alarm["AlarmName"])
        original(alarm)
        if before is not None:
            history.configured(alarm, before)

    return put


@contextlib.contextmanager
def _remembered(alarm: dict | None) -> Iterator[None]:
    token = _before.set(None if alarm is None else dict(alarm))
    try:
        yield
    finally:
        _before.reset(token)


def _remembering(original):
    def transition(alarm, *args, **kwargs):
        with _remembered(alarm):
            original(alarm, *args, **kwargs)

    return transition


def _dispatch(alarm: dict, old_state: str, new_state: str, reason: str) -> None:
    old = _before.get()
    if old is None or old["AlarmName"] != alarm["AlarmName"]:
        old = {**alarm, "StateValue": old_state, "StateReason": "", "StateReasonData": None}
    # MiniStack notes whole seconds.
    alarm["StateUpdatedTimestamp"] = alarm["StateTransitionedTimestamp"] = time.time()
    transitions.changed(alarm, old)


def _record_creation(alarm_name, old_state, new_state, reason, alarm_type="MetricAlarm", reason_data=None) -> None:
    # Changes of state are recorded where they are told; MiniStack has one more where AWS has the creation.
    if old_state == new_state:
        history.configured(cloudwatch._alarms[alarm_name], None)


def _placeholder(request: dict) -> dict:
    # MiniStack's records need one metric; metric math has several and is put beside it afterwards.
    if not request.get("Metrics"):
        return request
    return {**{k: v for k, v in request.items() if k != "Metrics"}, "MetricName": "-", "Namespace": "-"}


def _with_metrics(alarm: dict, request: dict, before: dict | None) -> dict:
    # An update keeps the state, and so what explains it.
    for key in ("StateReasonData", "StateTransitionedTimestamp"):
        if before is not None and key in before:
            alarm[key] = before[key]
    if "EvaluateLowSampleCountPercentile" in request:
        alarm["EvaluateLowSampleCountPercentile"] = request["EvaluateLowSampleCountPercentile"]
    if request.get("Metrics"):
        for key in ("MetricName", "Namespace", "Statistic", "ExtendedStatistic", "Period"):
            alarm.pop(key, None)
        alarm["Metrics"] = request["Metrics"]
    elif request.get("ExtendedStatistic"):
        alarm.pop("Statistic", None)
    return alarm


def install() -> None:
    """Put these before MiniStack's own handlers."""
    cloudwatch._record_history = _record_creation
    cloudwatch._dispatch_alarm_actions = _dispatch
    hooks.wrap(cloudwatch, "_transition_composite", _remembering)
    hooks.wrap(cloudwatch, "_put_metric_alarm", _checked_metric_alarm)
    hooks.wrap(cloudwatch, "_put_composite_alarm", _checked_composite)
    hooks.wrap(cloudwatch, "_set_alarm_state", _checked_state)
    hooks.wrap(cloudwatch, "_delete_alarms", _checked_delete)
    hooks.wrap(cloudwatch, "_describe_alarms", _checked_describe)
    hooks.wrap(cloudwatch, "cloudformation_delete_metric_alarm", _checked_template_delete)
    hooks.wrap(cloudwatch, "cloudformation_put_metric_alarm", _recorded_template)
    hooks.wrap(provisioners, "_cw_metric_alarm_record", _checked_template)
    composite.install()
