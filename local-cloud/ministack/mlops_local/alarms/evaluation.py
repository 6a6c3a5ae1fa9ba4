"""When an alarm changes its state: AWS's rules, without clock, store or service.

See "Configuring how CloudWatch alarms treat missing data" in the CloudWatch user guide; its published tables are the
test cases.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

OK = "OK"
ALARM = "ALARM"
INSUFFICIENT_DATA = "INSUFFICIENT_DATA"

# CloudWatch looks back a little further than the periods it needs; its tables show 5 for 3 periods.
EXTRA_PERIODS = 2

COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": lambda value, threshold: value >= threshold,
    "GreaterThanThreshold": lambda value, threshold: value > threshold,
    "LessThanThreshold": lambda value, threshold: value < threshold,
    "LessThanOrEqualToThreshold": lambda value, threshold: value <= threshold,
}
COMPARISON_WORDS = {
    "GreaterThanOrEqualToThreshold": "greater than or equal to",
    "GreaterThanThreshold": "greater than",
    "LessThanThreshold": "less than",
    "LessThanOrEqualToThreshold": "less than or equal to",
}


@dataclass(frozen=True)
class Datapoint:
    """One period's value; ``age`` 1 is the newest period of the evaluation range."""

    age: int
    start: float
    value: float
    sample_count: float


@dataclass(frozen=True)
class Rule:
    """What an alarm watches for."""

    comparison: str
    threshold: float
    evaluation_periods: int
    datapoints_to_alarm: int
    treat_missing_data: str

    def breaches(self, value: float) -> bool:
        return COMPARISONS[self.comparison](value, self.threshold)


@dataclass(frozen=True)
class Verdict:
    """The state to be in, the datapoints that decided it, and how many missing ones were filled in."""

    state: str
    evaluated: Sequence[Datapoint]
    filled: int


def evaluation_range(rule: Rule) -> int:
    """How many periods back datapoints are looked for."""
    return rule.evaluation_periods + EXTRA_PERIODS


def evaluate(rule: Rule, datapoints: Sequence[Datapoint], current: str) -> Verdict:
    """The state that follows from the datapoints present in the evaluation range, newest first."""
    present = sorted(datapoints, key=lambda point: point.age)
    if len(present) >= rule.evaluation_periods:
        # Enough real ones: the most recent decide, and how missing ones are treated does not matter.
        evaluated = present[: rule.evaluation_periods]
        breaching = sum(rule.breaches(point.value) for point in evaluated)
        return Verdict(ALARM if breaching >= rule.datapoints_to_alarm else OK, evaluated, 0)
    filled = rule.evaluation_periods - len(present)
    return Verdict(_with_missing(rule, present, filled, current), present, filled)


def _with_missing(rule: Rule, present: Sequence[Datapoint], filled: int, current: str) -> str:
    breaching = sum(rule.breaches(point.value) for point in present)
    if rule.treat_missing_data == "breaching":
        breaching += filled
    if breaching >= rule.datapoints_to_alarm:
        return ALARM
    if rule.treat_missing_data in ("breaching", "notBreaching"):
        return OK
    if breaching < len(present):
        # A datapoint within the threshold is there, so the periods cannot all have breached.
        return OK
    if rule.treat_missing_data == "ignore":
        return current
    if not present:
        return INSUFFICIENT_DATA
    # Only breaching ones, too few: an alarm that waits for a later, good datapoint no longer does so once the oldest
    # is as old as the datapoints that it takes. Before that nothing is known, so nothing changes.
    return ALARM if present[-1].age >= rule.datapoints_to_alarm else current
