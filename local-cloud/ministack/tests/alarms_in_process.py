"""CloudWatch inside this process, asked as its JSON protocol is."""

import json

from ministack.services import cloudwatch, sns
from mlops_local.alarms import service

service.install()

METRIC = {
    "Namespace": "Test",
    "MetricName": "Drift",
    "Period": 60,
    "Statistic": "Average",
    "EvaluationPeriods": 1,
    "Threshold": 1.0,
    "ComparisonOperator": "GreaterThanThreshold",
}


class Refused(Exception):
    """An error answer: its name and message."""

    def __init__(self, code: str, message: str):
        super().__init__(f"{code}: {message}")


def reset() -> None:
    """Forget every alarm."""
    for name in list(cloudwatch._composite_alarms):
        service.suppression.forget(name)
    cloudwatch.reset()


def call(handler: str, **request):
    """The answer of one of MiniStack's handlers."""
    status, _, body = getattr(cloudwatch, handler)({}, request, False, True)
    answer = json.loads(body or b"{}")
    if status >= 400:
        raise Refused(answer["__type"], answer["message"])
    return answer


def put_metric(name: str, **more) -> None:
    call("_put_metric_alarm", **{"AlarmName": name, **METRIC, **more})


def put_composite(name: str, rule: str, **more) -> None:
    call("_put_composite_alarm", AlarmName=name, AlarmRule=rule, **more)


def set_state(name: str, state: str) -> None:
    call("_set_alarm_state", AlarmName=name, StateValue=state, StateReason="by hand")


def describe(name: str) -> dict:
    answer = call("_describe_alarms", AlarmNames=[name], AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    return (answer["MetricAlarms"] + answer["CompositeAlarms"])[0]


def history(name: str, kind: str | None = None) -> list[dict]:
    """Items of an alarm's history, oldest first."""
    only = {} if kind is None else {"HistoryItemType": kind}
    types = ["MetricAlarm", "CompositeAlarm"]
    answer = call("_describe_alarm_history", AlarmName=name, AlarmTypes=types, ScanBy="TimestampAscending", **only)
    return answer["AlarmHistoryItems"]


def topic(name: str) -> str:
    """A topic for alarm actions."""
    sns._create_topic({"Name": [name]})
    return f"arn:aws:sns:us-east-1:000000000000:{name}"
