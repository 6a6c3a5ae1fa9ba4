"""Takes MiniStack's alarm evaluation over: on time, also without new data, and by AWS's rules."""

import logging
import math
import threading
import time
from collections.abc import Callable

from ministack.core.responses import request_scope
from ministack.services import cloudwatch

from .. import moments
from . import reasons, requests, series, store, suppression, transitions
from .evaluation import Rule, evaluate, evaluation_range

logger = logging.getLogger("mlops.alarms")

# CloudWatch evaluates each minute; alarms on periods under a minute every ten seconds.
_SECONDS_BETWEEN = 60
_SECONDS_BETWEEN_HIGH_RESOLUTION = 10
# Evaluations over one alarm's range while the clock moves, enough for a day of hours; a longer range is stepped through
# evenly, so that its alarm may change a few minutes late.
_MAX_STEPS = 3000
# CloudWatch keeps an alarm on these metrics as it is where data are missing, whatever it says.
_MISSING_IS_IGNORED = "AWS/DynamoDB"


def rule_of(alarm: dict) -> Rule:
    """The alarm's rule; unset ones are as AWS defaults them."""
    periods = int(alarm.get("EvaluationPeriods") or 1)
    return Rule(
        comparison=alarm["ComparisonOperator"],
        threshold=float(alarm["Threshold"]),
        evaluation_periods=periods,
        datapoints_to_alarm=int(alarm.get("DatapointsToAlarm") or periods),
        treat_missing_data="ignore" if _ignores_missing(alarm) else alarm.get("TreatMissingData") or "missing",
    )


def _ignores_missing(alarm: dict) -> bool:
    return all(namespace == _MISSING_IS_IGNORED for namespace in series.namespaces(alarm))


def cadence(alarm: dict) -> int:
    """Seconds between two evaluations of the alarm."""
    return _SECONDS_BETWEEN if series.period_of(alarm) >= _SECONDS_BETWEEN else _SECONDS_BETWEEN_HIGH_RESOLUTION


def evaluate_all(now: float) -> bool:
    """Evaluate the alarms of every account and region; tells whether one changed its state."""
    changed = False
    with store.lock:
        for account, region, name in list(cloudwatch._alarms._data):
            with request_scope(account, region):
                alarm = cloudwatch._alarms.get(name)
                try:
                    changed |= alarm is not None and _evaluate((account, region, name), alarm, now)
                except Exception:
                    logger.exception("alarm %s could not be evaluated", name)
        # After the evaluation: a suppressor that goes off as late as the end of a wait period still suppresses.
        return transitions.end_periods(now) or changed


def _evaluate(key: tuple[str, str, str], alarm: dict, now: float) -> bool:
    rule = rule_of(alarm)
    step = cadence(alarm)
    end = (now + moments.TOLERANCE_SECONDS) // step * step
    if store.evaluated.get(key) == end:
        return False
    store.evaluated[key] = end
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
    transitions.changed(alarm, old)
    cloudwatch._evaluate_parent_alarms(alarm)


def next_due() -> float | None:
    """When the next wait or extension period ends, or an alarm may next change its state with the data there are."""
    with store.lock:
        now = time.time()
        ends = [suppression.next_end()]
        for account, region, name in list(cloudwatch._alarms._data):
            with request_scope(account, region):
                alarm = cloudwatch._alarms.get(name)
                ends.append(None if alarm is None else _next_evaluation(alarm, now))
        return min((end for end in ends if end is not None), default=None)


def _next_evaluation(alarm: dict, now: float) -> float | None:
    # Once all that was measured has left the range, nothing changes any more, however far the clock moves.
    step = cadence(alarm)
    span = evaluation_range(rule_of(alarm)) * series.period_of(alarm) + step
    step *= max(1, math.ceil(span / step / _MAX_STEPS))
    touched = max(alarm["StateUpdatedTimestamp"], alarm["AlarmConfigurationUpdatedTimestamp"])
    newest = series.newest_timestamp(alarm)
    upcoming = (now // step + 1) * step
    return upcoming if upcoming <= max(touched, newest if newest is not None else touched) + span else None


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
    requests.install()
