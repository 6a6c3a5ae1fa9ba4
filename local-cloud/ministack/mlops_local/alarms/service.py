"""Takes MiniStack's alarm evaluation over: on time, also without new data, and by AWS's rules."""

import json
import logging
import threading
import time
from collections.abc import Callable

from ministack.core.responses import request_scope
from ministack.services import cloudwatch
from ministack.services.cloudformation import provisioners

from .. import hooks
from . import actions, metric_math, reasons, series
from .evaluation import COMPARISONS, Rule, evaluate, evaluation_range

logger = logging.getLogger("mlops.alarms")

# CloudWatch evaluates each minute; alarms on periods under a minute every ten seconds.
_SECONDS_BETWEEN = 60
_SECONDS_BETWEEN_HIGH_RESOLUTION = 10
# Evaluations of one alarm in one move of the clock; a longer range is stepped through evenly.
_MAX_STEPS = 1500
# Evaluation, writes to the store and moves of the clock meet here.
_lock = threading.RLock()
# When each alarm was last evaluated, by account, region and name: once a step, however often it is asked.
_evaluated: dict[tuple[str, str, str], float] = {}


def rule_of(alarm: dict) -> Rule:
    """The alarm's rule; unset ones are as AWS defaults them."""
    periods = int(alarm.get("EvaluationPeriods") or 1)
    return Rule(
        comparison=alarm["ComparisonOperator"],
        threshold=float(alarm["Threshold"]),
        evaluation_periods=periods,
        datapoints_to_alarm=int(alarm.get("DatapointsToAlarm") or periods),
        treat_missing_data=alarm.get("TreatMissingData") or "missing",
    )


def cadence(alarm: dict) -> int:
    """Seconds between two evaluations of the alarm."""
    return _SECONDS_BETWEEN if series.period_of(alarm) >= _SECONDS_BETWEEN else _SECONDS_BETWEEN_HIGH_RESOLUTION


def evaluate_all(now: float) -> bool:
    """Evaluate the alarms of every account and region; tells whether one changed its state."""
    changed = False
    with _lock:
        for account, region, name in list(cloudwatch._alarms._data):
            with request_scope(account, region):
                alarm = cloudwatch._alarms.get(name)
                try:
                    changed |= alarm is not None and _evaluate((account, region, name), alarm, now)
                except Exception:
                    logger.exception("alarm %s could not be evaluated", name)
    return changed


def _evaluate(key: tuple[str, str, str], alarm: dict, now: float) -> bool:
    rule = rule_of(alarm)
    step = cadence(alarm)
    end = now // step * step
    if _evaluated.get(key) == end:
        return False
    _evaluated[key] = end
    found = series.datapoints(alarm, end, evaluation_range(rule))
    verdict = evaluate(rule, found, alarm["StateValue"])
    if verdict.state == alarm["StateValue"]:
        return False
    reason = reasons.state_reason(rule, verdict, alarm["StateValue"])
    statistic = None if alarm.get("Metrics") else series.statistic_of(alarm)
    data = reasons.reason_data(rule, verdict, now, verdict.evaluated, statistic, series.period_of(alarm))
    _move(alarm, verdict.state, reason, data, now)
    return True


def _move(alarm: dict, state: str, reason: str, data: str, now: float) -> None:
    old = dict(alarm)
    alarm["StateValue"] = state
    alarm["StateReason"] = reason
    alarm["StateReasonData"] = data
    alarm["StateUpdatedTimestamp"] = now
    alarm["StateTransitionedTimestamp"] = now
    logger.info("alarm %s: %s -> %s: %s", alarm["AlarmName"], old["StateValue"], state, reason)
    cloudwatch._record_history(alarm["AlarmName"], old["StateValue"], state, reason, reason_data=json.loads(data))
    actions.dispatch(alarm, old)
    cloudwatch._evaluate_parent_alarms(alarm)


def due(start: float, end: float) -> list[float]:
    """When alarms may change their state between two times, with the data that is there now.

    Once every datapoint has left an alarm's evaluation range nothing changes any more, however far the clock moves.
    """
    moments: set[float] = set()
    for account, region, name in list(cloudwatch._alarms._data):
        with request_scope(account, region):
            alarm = cloudwatch._alarms.get(name)
            if alarm is None:
                continue
            step = cadence(alarm)
            span = evaluation_range(rule_of(alarm)) * series.period_of(alarm) + step
            newest = series.newest_timestamp(alarm)
            last = min(end, max(start, newest if newest is not None else start) + span)
            first = (start // step + 1) * step
            count = max(0, int((last - first) // step) + 1)
            stride = max(1, -(-count // _MAX_STEPS))
            moments.update(first + n * step for n in range(0, count, stride))
    return sorted(moments)


def run_forever(unless_moving: Callable[[Callable[[], object]], None]) -> None:
    """Evaluate as time goes by, in a thread of its own; a move of the clock evaluates by itself."""

    def loop() -> None:
        while True:
            time.sleep(0.5)
            unless_moving(lambda: evaluate_all(time.time()))

    threading.Thread(target=loop, name="alarm-evaluation", daemon=True).start()


def install() -> None:
    """Replace MiniStack's evaluation, and let its alarms carry what AWS's do."""
    # MiniStack evaluates when a metric or an alarm is put; CloudWatch when its time has come.
    cloudwatch._evaluate_alarm = lambda alarm: None
    cloudwatch._evaluate_all_alarms = lambda: None

    def precise(original):
        def record(alarm_name, old_state, new_state, reason, alarm_type="MetricAlarm", reason_data=None):
            original(alarm_name, old_state, new_state, reason, alarm_type, reason_data)
            cloudwatch._history_entries()[-1]["Timestamp"] = reasons.timestamp(time.time()).replace("+0000", "Z")

        return record

    def with_event(original):
        def dispatch(alarm, old_state, new_state, reason):
            before = {**alarm, "StateValue": old_state, "StateReason": "", "StateReasonData": None}
            actions.dispatch(alarm, before)

        return dispatch

    def checked(original):
        def put(params, cbor_data, is_cbor, is_json=False):
            return _put_metric_alarm(original, params, cbor_data, is_cbor, is_json)

        return put

    def from_template(original):
        def record(name, props):
            refused = refusal(props)
            if refused:
                raise ValueError(refused)
            return _with_metrics(original(name, _placeholder(props)), props, name)

        return record

    hooks.wrap(cloudwatch, "_record_history", precise)
    hooks.wrap(cloudwatch, "_dispatch_alarm_actions", with_event)
    hooks.wrap(cloudwatch, "_put_metric_alarm", checked)
    hooks.wrap(provisioners, "_cw_metric_alarm_record", from_template)


def refusal(request: dict) -> str | None:
    """Why an alarm is refused: what it uses is not implemented, or AWS would not take it."""
    operator = request.get("ComparisonOperator")
    if operator not in COMPARISONS:
        return f"'ComparisonOperator' {operator} is not implemented by the local cloud; it knows {', '.join(COMPARISONS)}"
    for query in request.get("Metrics") or []:
        if query.get("Expression"):
            try:
                metric_math.parse(query["Expression"])
            except metric_math.UnsupportedExpression as error:
                return str(error)
        elif not query.get("MetricStat"):
            return f"metric query {query.get('Id')!r} has neither 'Expression' nor 'MetricStat'"
    periods = int(request.get("EvaluationPeriods") or 1)
    if int(request.get("DatapointsToAlarm") or periods) > periods:
        return "Datapoints to alarm must be less than or equal to the number of evaluation periods"
    return None


def _placeholder(request: dict) -> dict:
    # MiniStack's records need one metric; metric math has several and is put beside it afterwards.
    if not request.get("Metrics"):
        return request
    return {**{k: v for k, v in request.items() if k != "Metrics"}, "MetricName": "-", "Namespace": "-"}


def _with_metrics(alarm: dict, request: dict, name: str) -> dict:
    existing = cloudwatch._alarms.get(name)
    if existing is not None and existing is not alarm:
        for key in ("StateReasonData", "StateTransitionedTimestamp"):
            if key in existing:
                alarm[key] = existing[key]
    if request.get("Metrics"):
        for key in ("MetricName", "Namespace", "Statistic", "ExtendedStatistic", "Period"):
            alarm.pop(key, None)
        alarm["Metrics"] = request["Metrics"]
    return alarm


def _put_metric_alarm(original, params, cbor_data, is_cbor, is_json):
    if not (is_cbor or is_json):
        return original(params, cbor_data, is_cbor, is_json)
    refused = refusal(cbor_data)
    if refused:
        return cloudwatch._error("ValidationError", refused, 400, use_json=is_json, use_cbor=is_cbor)
    name = cbor_data.get("AlarmName", "")
    with _lock:
        before = cloudwatch._alarms.get(name)
        answer = original(params, _placeholder(cbor_data), is_cbor, is_json)
        alarm = cloudwatch._alarms.get(name)
        if alarm is not None and alarm is not before:
            _with_metrics(alarm, cbor_data, name)
            if before is not None:
                for key in ("StateReasonData", "StateTransitionedTimestamp"):
                    if key in before:
                        alarm[key] = before[key]
        return answer
