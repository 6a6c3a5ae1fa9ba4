"""Targets of rules and schedules: reached by a role where AWS demands one, and told when a schedule was due."""

import datetime
import json
import logging
import time
import uuid
from collections.abc import Mapping

from ministack.core.responses import get_account_id
from ministack.services import eventbridge

from . import function_targets, hooks, role_session

logger = logging.getLogger("mlops.targets")

_SCHEDULES = "scheduler.amazonaws.com"
# What the target's role must be allowed. A rule reaches all but state machines and other accounts' buses by the target's
# own policy.
_ACTIONS = {
    "events": "events:PutEvents",
    "lambda": "lambda:InvokeFunction",
    "sns": "sns:Publish",
    "sqs": "sqs:SendMessage",
    "states": "states:StartExecution",
}


def context_attributes(schedule: Mapping, now: float) -> dict[str, str]:
    """EventBridge Scheduler's context attributes, which a target's input may name."""
    due = datetime.datetime.fromtimestamp(int(now), datetime.timezone.utc)
    return {
        "<aws.scheduler.schedule-arn>": str(schedule.get("Arn", "")),
        "<aws.scheduler.scheduled-time>": due.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "<aws.scheduler.execution-id>": str(uuid.uuid4()),
        "<aws.scheduler.attempt-number>": "1",
    }


def filled_in(text: str, attributes: Mapping[str, str]) -> str:
    """The input with every context attribute replaced."""
    for name, value in attributes.items():
        # Within JSON, as it nearly always is, a value has to be escaped as JSON is.
        text = text.replace(name, json.dumps(value)[1:-1])
    return text


def _invoked_by_role(original):
    def invoke(target, event, rule, view=None):
        # Only a schedule holds its target itself.
        scheduled = "Target" in rule
        service = str(target.get("Arn", "")).split(":")[2:3]
        action = _ACTIONS.get(service[0] if service else "")
        by_role = scheduled or service == ["states"] or _other_account(target)
        if action and by_role and not _may(target, action, scheduled):
            return None
        if scheduled and target.get("Input"):
            target = {**target, "Input": filled_in(target["Input"], context_attributes(rule, time.time()))}
        token = function_targets.rule_arn.set(None if scheduled else rule.get("Arn"))
        try:
            return original(target, event, rule, view)
        finally:
            function_targets.rule_arn.reset(token)

    return invoke


def _other_account(target: Mapping) -> bool:
    parts = str(target.get("Arn", "")).split(":")
    return parts[2:3] == ["events"] and parts[5:6] != [] and parts[5].startswith("event-bus/") and parts[4] != get_account_id()


def _may(target: Mapping, action: str, scheduled: bool) -> bool:
    service, arn = _SCHEDULES if scheduled else function_targets.RULES, target["Arn"]
    try:
        with role_session.acting_as(target.get("RoleArn", ""), service), role_session.noting_denials() as denials:
            role_session.allowed(action, arn)
    except role_session.NotAssumable as error:
        logger.warning("%s does not invoke %s: %s", service, arn, error)
        return False
    for denial in denials:
        # AWS counts a failed invocation, and tells nobody else.
        logger.warning("%s does not invoke %s: %s", service, arn, denial.message)
    return not denials


def install() -> None:
    """Ask before a target is invoked."""
    hooks.wrap(eventbridge, "_invoke_target", _invoked_by_role)
