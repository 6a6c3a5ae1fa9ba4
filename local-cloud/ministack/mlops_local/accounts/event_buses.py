"""Buses that another account's rules tell: by the rule's role there, and by the bus's own policy here."""

import logging

from ministack import app
from ministack.core.iam_evaluator import EvalContext, evaluate_resource_policy
from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import eventbridge
from ministack.services.cloudformation import provisioners

from .. import hooks

logger = logging.getLogger("mlops.accounts")

_ACTION = "events:PutEvents"


def lets(policy: dict | None, bus_arn: str, account: str, event: dict) -> bool:
    """Whether a bus's policy lets another account put this event."""
    context = EvalContext(
        principal_arn=f"arn:aws:iam::{account}:root",
        principal_type="AssumedRole",
        principal_account=account,
        action=_ACTION,
        resource_arn=bus_arn,
        region=get_region(),
        service_context={"events:source": [event.get("Source")], "events:detail-type": [event.get("DetailType")]},
    )
    return evaluate_resource_policy(policy, context).decision == "Allow"


def _across(original):
    def dispatch(spec, event, rule, event_path, target_input_payload=None):
        here = get_account_id()
        if not spec.resource.startswith("event-bus/") or spec.account_id == here:
            return original(spec, event, rule, event_path, target_input_payload)
        name = spec.resource.split("/", 1)[1]
        with request_scope(spec.account_id, spec.region):
            arn = f"arn:aws:events:{spec.region}:{spec.account_id}:event-bus/{name}"
            if name not in eventbridge._event_buses:
                # AWS counts a failed invocation, and gives the event to the target's dead-letter queue.
                logger.warning("rule %s does not tell %s: there is no such bus", rule.get("Arn"), arn)
                return None
            if app.AUTH and not lets(eventbridge._event_bus_policies.get(name), arn, here, event):
                logger.warning("rule %s does not tell %s: the bus's policy does not let %s", rule.get("Arn"), arn, here)
                return None
            # Account and region stay those of who told it first.
            told = {**event, "EventBusName": name, "_DispatchPath": [*event_path]}
            if target_input_payload is not None:
                told["Detail"] = target_input_payload
            eventbridge._dispatch_event(told)
        return None

    return dispatch


def _put(bus: str, statement_id: str, props: dict) -> None:
    statement = props.get("Statement")
    if not isinstance(statement, dict):
        raise ValueError("not implemented: AWS::Events::EventBusPolicy without 'Statement'; write the statement out")
    policy = eventbridge._event_bus_policies.get(bus) or {"Version": "2012-10-17", "Statement": []}
    others = [one for one in policy["Statement"] if one.get("Sid") != statement_id]
    eventbridge._event_bus_policies[bus] = {**policy, "Statement": [*others, {**statement, "Sid": statement_id}]}


def create(logical_id: str, props: dict, stack_name: str):
    """AWS::Events::EventBusPolicy: one statement of a bus's policy."""
    bus = props.get("EventBusName", "default")
    if bus != "default" and bus not in eventbridge._event_buses:
        raise ValueError(f"Event bus {bus} does not exist.")
    _put(bus, props["StatementId"], props)
    return f"{bus}|{props['StatementId']}", {}


def update(physical_id: str, old: dict, new: dict, stack_name: str):
    """In place, but for another bus or another statement."""
    if any(old.get(key) != new.get(key) for key in ("EventBusName", "StatementId")):
        # The old one is deleted by the engine once the update has succeeded.
        return create(physical_id, new, stack_name)
    _put(*physical_id.split("|", 1), new)
    return physical_id, {}


def delete(physical_id: str, props: dict) -> None:
    """The statement goes; a bus that is gone has none."""
    bus, statement_id = physical_id.split("|", 1)
    policy = eventbridge._event_bus_policies.get(bus)
    if policy is not None:
        kept = [one for one in policy["Statement"] if one.get("Sid") != statement_id]
        eventbridge._event_bus_policies[bus] = {**policy, "Statement": kept}


def install() -> None:
    """Carry events between accounts, and know the type."""
    hooks.wrap(eventbridge, "_dispatch_to_event_bus", _across)
    provisioners._RESOURCE_HANDLERS["AWS::Events::EventBusPolicy"] = {"create": create, "update": update, "delete": delete}
