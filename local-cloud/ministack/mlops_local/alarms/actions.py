"""What follows an alarm's change of state: SNS, Lambda and an EventBridge event, each in AWS's shape."""

import json
import logging
import uuid
from collections.abc import Mapping

from ministack.core.responses import get_account_id, get_region
from ministack.services import eventbridge, sns

from .. import function_targets
from . import history
from .reasons import timestamp

logger = logging.getLogger("mlops.alarms")

_ACTION_FIELDS = {"ALARM": "AlarmActions", "OK": "OKActions", "INSUFFICIENT_DATA": "InsufficientDataActions"}
# In whose name alarms invoke functions.
_SERVICE = "lambda.alarms.cloudwatch.amazonaws.com"
_REGION_NAMES = {"us-east-1": "US East (N. Virginia)", "eu-west-1": "EU (Ireland)", "eu-central-1": "EU (Frankfurt)"}


def tell(alarm: Mapping, old: Mapping) -> None:
    """Send the event of a change of state; ``old`` is the alarm before it."""
    entry = {
        "Source": "aws.cloudwatch",
        "DetailType": "CloudWatch Alarm State Change",
        "Resources": [alarm["AlarmArn"]],
        "Detail": json.dumps(state_change_event(alarm, old)),
    }
    eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)


def run(alarm: Mapping, old: Mapping) -> None:
    """Run the actions of the state that the alarm is in now, and put each in its history."""
    if not alarm.get("ActionsEnabled", True):
        return
    for action in alarm.get(_ACTION_FIELDS[alarm["StateValue"]]) or []:
        try:
            _run(action, alarm, old)
            error = None
        except Exception as failure:
            # One action that fails does not keep the others from running.
            logger.exception("action %s of alarm %s failed", action, alarm["AlarmName"])
            error = str(failure)
        history.acted(alarm, action, error)


def _run(action: str, alarm: Mapping, old: Mapping) -> None:
    service = action_service(action)
    if service == "sns":
        if action not in sns._topics:
            raise LookupError(f"topic {action} does not exist")
        subject = f'{alarm["StateValue"]}: "{alarm["AlarmName"]}" in {_region_name()}'[:100]
        sns._fanout(action, str(uuid.uuid4()), json.dumps(sns_message(alarm, old)), subject)
        return
    event = state_change_event(alarm, old)
    payload = {
        "source": "aws.cloudwatch",
        "alarmArn": alarm["AlarmArn"],
        "accountId": get_account_id(),
        "time": event["state"]["timestamp"],
        "region": get_region(),
        "alarmData": event,
    }
    function_targets.invoke(action, _SERVICE, alarm["AlarmArn"], payload)


def action_service(action: str) -> str | None:
    """Service of an action that is run here, None for any other."""
    return next((service for service in ("sns", "lambda") if action.startswith(f"arn:aws:{service}:")), None)


def state_change_event(alarm: Mapping, old: Mapping) -> dict:
    """``detail`` of a ``CloudWatch Alarm State Change``."""
    return {
        "alarmName": alarm["AlarmName"],
        "state": _state(alarm),
        "previousState": _state(old),
        "configuration": _configuration(alarm),
    }


def _state(alarm: Mapping) -> dict:
    state = {
        "value": alarm["StateValue"],
        "reason": alarm.get("StateReason", ""),
        "timestamp": timestamp(alarm.get("StateTransitionedTimestamp") or alarm["StateUpdatedTimestamp"]),
    }
    if alarm.get("StateReasonData"):
        state["reasonData"] = alarm["StateReasonData"]
    if alarm.get("ActionsSuppressedBy"):
        state["actionsSuppressedBy"] = alarm["ActionsSuppressedBy"]
        state["actionsSuppressedReason"] = alarm["ActionsSuppressedReason"]
    return state


def _configuration(alarm: Mapping) -> dict:
    configuration: dict = {"description": alarm.get("AlarmDescription") or ""}
    if "AlarmRule" in alarm:
        configuration["alarmRule"] = alarm["AlarmRule"]
        for name in ("ActionsSuppressor", "ActionsSuppressorWaitPeriod", "ActionsSuppressorExtensionPeriod"):
            if name in alarm:
                configuration[name[:1].lower() + name[1:]] = alarm[name]
    elif alarm.get("Metrics"):
        configuration["metrics"] = [_query(query) for query in alarm["Metrics"]]
    else:
        metric = {
            "namespace": alarm["Namespace"],
            "name": alarm["MetricName"],
            "dimensions": {d["Name"]: d["Value"] for d in alarm.get("Dimensions") or []},
        }
        stat = alarm.get("ExtendedStatistic") or alarm.get("Statistic")
        configuration["metrics"] = [
            {
                "id": str(uuid.uuid5(uuid.NAMESPACE_URL, alarm["AlarmArn"])),
                "metricStat": {"metric": metric, "period": int(alarm["Period"]), "stat": stat},
                "returnData": True,
            }
        ]
    return configuration


def _query(query: Mapping) -> dict:
    result: dict = {"id": query["Id"], "returnData": query.get("ReturnData", True)}
    if query.get("Expression"):
        result["expression"] = query["Expression"]
    else:
        stat = query["MetricStat"]
        result["metricStat"] = {
            "metric": {
                "namespace": stat["Metric"]["Namespace"],
                "name": stat["Metric"]["MetricName"],
                "dimensions": {d["Name"]: d["Value"] for d in stat["Metric"].get("Dimensions") or []},
            },
            "period": int(stat["Period"]),
            "stat": stat["Stat"],
        }
    return result


def sns_message(alarm: Mapping, old: Mapping) -> dict:
    """The JSON that CloudWatch publishes to a topic."""
    message = {
        "AlarmName": alarm["AlarmName"],
        "AlarmDescription": alarm.get("AlarmDescription") or None,
        "AWSAccountId": get_account_id(),
        "AlarmConfigurationUpdatedTimestamp": timestamp(alarm["AlarmConfigurationUpdatedTimestamp"]),
        "NewStateValue": alarm["StateValue"],
        "NewStateReason": alarm["StateReason"],
        "StateChangeTime": timestamp(alarm["StateUpdatedTimestamp"]),
        "Region": _region_name(),
        "AlarmArn": alarm["AlarmArn"],
        "OldStateValue": old["StateValue"],
        "OKActions": alarm.get("OKActions") or [],
        "AlarmActions": alarm.get("AlarmActions") or [],
        "InsufficientDataActions": alarm.get("InsufficientDataActions") or [],
    }
    if "AlarmRule" in alarm:
        return {**message, "AlarmRule": alarm["AlarmRule"], "TriggeringChildren": _triggering(alarm)}
    return {**message, "Trigger": _trigger(alarm)}


def _triggering(alarm: Mapping) -> list[dict]:
    data = json.loads(alarm.get("StateReasonData") or "{}")
    return [
        {
            "Arn": child["arn"],
            "State": {"Value": child["state"]["value"], "Timestamp": child["state"]["timestamp"]},
        }
        for child in data.get("triggeringAlarms") or []
    ]


def _trigger(alarm: Mapping) -> dict:
    trigger = {
        "Period": int(alarm.get("Period") or 60),
        "EvaluationPeriods": int(alarm["EvaluationPeriods"]),
        "ComparisonOperator": alarm["ComparisonOperator"],
        "Threshold": float(alarm["Threshold"]),
        "TreatMissingData": alarm.get("TreatMissingData") or "missing",
        "EvaluateLowSampleCountPercentile": "",
    }
    if "DatapointsToAlarm" in alarm:
        trigger["DatapointsToAlarm"] = int(alarm["DatapointsToAlarm"])
    if alarm.get("Metrics"):
        return {**trigger, "Metrics": alarm["Metrics"]}
    extended = alarm.get("ExtendedStatistic")
    statistic = {"StatisticType": "ExtendedStatistic", "ExtendedStatistic": extended} if extended else {
        "StatisticType": "Statistic",
        "Statistic": str(alarm.get("Statistic") or "Average").upper(),
    }
    return {
        "MetricName": alarm["MetricName"],
        "Namespace": alarm["Namespace"],
        **statistic,
        "Unit": alarm.get("Unit"),
        "Dimensions": [{"value": d["Value"], "name": d["Name"]} for d in alarm.get("Dimensions") or []],
        **trigger,
    }


def _region_name() -> str:
    return _REGION_NAMES.get(get_region(), get_region())
