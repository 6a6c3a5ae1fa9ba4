"""State machines as targets: a rule or a schedule starts them as the target's role."""

import contextvars
import logging

from ministack.services import eventbridge

from .. import hooks
from . import role_session

logger = logging.getLogger("mlops.targets")

_RULES, _SCHEDULES = "events.amazonaws.com", "scheduler.amazonaws.com"
_target: contextvars.ContextVar[tuple[str, str]] = contextvars.ContextVar("mlops_sfn_target", default=("", _RULES))


def _remembering(original):
    def invoke(target, event, rule, view=None):
        # Only a schedule holds its target itself.
        service = _SCHEDULES if "Target" in rule else _RULES
        token = _target.set((target.get("RoleArn", ""), service))
        try:
            return original(target, event, rule, view)
        finally:
            _target.reset(token)

    return invoke


def _as_target_role(original):
    def dispatch(arn, payload):
        role, service = _target.get()
        try:
            with role_session.acting_as(role, service), role_session.noting_denials() as denials:
                role_session.allowed("states:StartExecution", arn)
        except role_session.NotAssumable as error:
            logger.warning("%s does not start %s: %s", service, arn, error)
            return
        if denials:
            # AWS counts a failed invocation, and tells nobody else.
            logger.warning("%s does not start %s: %s", service, arn, denials[-1].message)
            return
        original(arn, payload)

    return dispatch


def install() -> None:
    """Ask before a target is started."""
    hooks.wrap(eventbridge, "_invoke_target", _remembering)
    hooks.wrap(eventbridge, "_dispatch_to_stepfunctions", _as_target_role)
