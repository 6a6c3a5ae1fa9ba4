"""Functions that a service invokes of its own accord: asynchronously, and only where the function's policy lets it."""

import contextvars
import json
import logging
from collections.abc import Mapping

from ministack import app
from ministack.core.iam_evaluator import EvalContext, evaluate_resource_policy
from ministack.core.responses import get_account_id, get_region
from ministack.services import eventbridge, lambda_svc, sns

from . import hooks

logger = logging.getLogger("mlops.targets")

RULES = "events.amazonaws.com"
_TOPICS = "sns.amazonaws.com"
_ACTION = "lambda:InvokeFunction"

# The rule whose target is invoked; a schedule has none, its role has been asked already.
rule_arn: contextvars.ContextVar[str | None] = contextvars.ContextVar("mlops_rule_arn", default=None)


class NotInvoked(Exception):
    """The function is not there, or does not let the service invoke it."""


def lets(policy: dict | None, function_arn: str, service: str, source_arn: str) -> bool:
    """Whether a function's policy lets a service invoke it for the sake of a resource."""
    context = EvalContext(
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action=_ACTION,
        resource_arn=function_arn,
        region=get_region(),
        service_context={"aws:sourcearn": source_arn, "aws:sourceaccount": get_account_id()},
    )
    return evaluate_resource_policy(policy, context, service=service).decision == "Allow"


def invoke(function_arn: str, service: str | None, source_arn: str, event: object) -> None:
    """Invoke it as the service does, which is done with it then; without a service the caller's role was asked."""
    function, config, name = lambda_svc._get_func_record_for_ref(function_arn)
    if not function or not config:
        raise NotInvoked(f"function {name} does not exist")
    # The policy is the function's, also where a version or an alias is invoked.
    policy = lambda_svc._get_base_func_record_for_ref(function_arn)[0]["policy"]
    if app.AUTH and service is not None and not lets(policy, function_arn, service, source_arn):
        raise NotInvoked(
            f"{service} is not authorized to perform: {_ACTION} on resource: {function_arn} because no resource-based "
            f"policy allows the {_ACTION} action for {source_arn}"
        )
    lambda_svc.invoke_async_with_retry(lambda_svc._execution_record_for_config(function, config), event)


def _of_rule(arn: str, payload: str) -> None:
    source = rule_arn.get()
    try:
        event = json.loads(payload)
    except ValueError:
        event = {"body": payload}
    _tell(arn, None if source is None else RULES, source or "", event)


def _of_topic(
    endpoint: str,
    envelope: str,
    topic_arn: str,
    subscription_arn: str,
    message_id: str,
    message: str,
    attributes: Mapping,
) -> None:
    record = {
        "EventVersion": "1.0",
        "EventSubscriptionArn": subscription_arn,
        "EventSource": "aws:sns",
        "Sns": json.loads(envelope),
    }
    _tell(endpoint, _TOPICS, topic_arn, {"Records": [record]})


def _tell(arn: str, service: str | None, source_arn: str, event: object) -> None:
    try:
        invoke(arn, service, source_arn, event)
    except NotInvoked as error:
        # AWS counts a failed delivery, and tells nobody else.
        logger.warning("%s", error)


def install() -> None:
    """MiniStack invokes once, waits for the answer, loses what fails and asks nobody."""
    hooks.wrap(eventbridge, "_dispatch_to_lambda", lambda original: _of_rule)
    hooks.wrap(sns, "_deliver_to_lambda", lambda original: _of_topic)
