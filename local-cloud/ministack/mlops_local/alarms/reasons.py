"""The words in which CloudWatch explains a state."""

import datetime
import json
from collections.abc import Sequence

from .evaluation import ALARM, COMPARISON_WORDS, INSUFFICIENT_DATA, Datapoint, Rule, Verdict

_TREATED_AS = {"breaching": "[Breaching]", "notBreaching": "[NonBreaching]"}


def state_reason(rule: Rule, verdict: Verdict, old_state: str) -> str:
    """``StateReason`` of a transition."""
    if verdict.state == INSUFFICIENT_DATA:
        return f"Insufficient Data: {_count(rule.evaluation_periods, 'datapoint')} {_was(rule.evaluation_periods)} unknown."
    treated = _TREATED_AS.get(rule.treat_missing_data)
    if not verdict.evaluated:
        periods = rule.evaluation_periods
        return (
            f"Threshold Crossed: no datapoints were received for {_count(periods, 'period')} and "
            f"{_count(periods, 'missing datapoint')} {_was(periods)} treated as {treated}."
        )
    in_alarm = verdict.state == ALARM
    shown = [point for point in verdict.evaluated if rule.breaches(point.value) == in_alarm] or list(verdict.evaluated)
    if rule.evaluation_periods == 1:
        subject = f"1 datapoint [{_point(shown[0])}] was"
    else:
        points = ", ".join(_point(point) for point in shown)
        verb = "was" if len(shown) == 1 else "were"
        subject = f"{len(shown)} out of the last {rule.evaluation_periods} datapoints [{points}] {verb}"
    negation = "" if in_alarm else "not "
    text = (
        f"Threshold Crossed: {subject} {negation}{COMPARISON_WORDS[rule.comparison]} the threshold ({rule.threshold})"
    )
    if treated and verdict.filled:
        text += f" and {_count(verdict.filled, 'missing datapoint')} {_was(verdict.filled)} treated as {treated}"
    if rule.evaluation_periods > 1:
        needed = rule.datapoints_to_alarm if in_alarm else rule.evaluation_periods - rule.datapoints_to_alarm + 1
        direction = f"{old_state} -> ALARM" if in_alarm else f"{old_state} -> OK"
        text += f" (minimum {_count(needed, 'datapoint')} for {direction} transition)"
    return text + "."


def reason_data(
    rule: Rule, verdict: Verdict, now: float, recent: Sequence[Datapoint], statistic: str | None, period: int | None
) -> str:
    """``StateReasonData``: the numbers behind the reason, as JSON."""
    data: dict[str, object] = {"version": "1.0", "queryDate": timestamp(now)}
    if recent:
        data["startDate"] = timestamp(min(point.start for point in recent))
    if statistic is not None:
        data["statistic"] = statistic
    if period is not None:
        data["period"] = period
    data["recentDatapoints"] = [point.value for point in sorted(recent, key=lambda point: -point.age)]
    data["threshold"] = rule.threshold
    data["evaluatedDatapoints"] = [
        {"timestamp": timestamp(point.start), "sampleCount": point.sample_count, "value": point.value}
        for point in verdict.evaluated
    ]
    return json.dumps(data, separators=(",", ":"))


def timestamp(epoch: float) -> str:
    """ISO 8601 with milliseconds and ``+0000``, as CloudWatch writes it."""
    moment = datetime.datetime.fromtimestamp(epoch, datetime.timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}+0000"


def _point(point: Datapoint) -> str:
    moment = datetime.datetime.fromtimestamp(point.start, datetime.timezone.utc)
    return f"{point.value} ({moment.strftime('%d/%m/%y %H:%M:%S')})"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _was(number: int) -> str:
    return "was" if number == 1 else "were"
