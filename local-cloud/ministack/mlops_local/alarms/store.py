"""MiniStack's alarms by whatever names them, and the lock under which they change."""

import threading

from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudwatch

# Evaluation, requests and moves of the clock meet here.
lock = threading.RLock()
# When each metric alarm was last evaluated, by account, region and name: once a step, however often it is asked.
evaluated: dict[tuple[str, str, str], float] = {}


def name_of(reference: str) -> str | None:
    """Name of an alarm of this account and region, given by name or ARN; None for an ARN from elsewhere."""
    return cloudwatch._rule_ref_name(reference)


def find(reference: str) -> dict | None:
    """The metric or composite alarm that a name or ARN stands for."""
    name = name_of(reference)
    return (cloudwatch._alarms.get(name) or cloudwatch._composite_alarms.get(name)) if name else None


def arn(reference: str) -> str:
    """ARN of an alarm that may not exist."""
    if reference.startswith("arn:"):
        return reference
    return f"arn:aws:cloudwatch:{get_region()}:{get_account_id()}:alarm:{reference}"


def is_composite(alarm: dict) -> bool:
    """Whether it has a rule over other alarms instead of a metric."""
    return "AlarmRule" in alarm
