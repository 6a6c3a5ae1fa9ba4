"""Composite alarms, through the API and CloudFormation: what MiniStack leaves out of them."""

from ministack.services import cloudwatch
from ministack.services.cloudformation import provisioners

from . import history, service_model, store, suppression
from .suppression import Suppressor

_PERIODS = ("ActionsSuppressorWaitPeriod", "ActionsSuppressorExtensionPeriod")
_MAX_CHILDREN = 100


def refusal(request: dict) -> str | None:
    """Why the request is refused, but for the grammar of its rule and for its tags, which MiniStack checks."""
    unknown = sorted(request.keys() - service_model.input_shape("PutCompositeAlarm").members.keys())
    if unknown:
        return f"'{unknown[0]}' of PutCompositeAlarm is not implemented by the local cloud; leave it out"
    return (
        service_model.violations("PutCompositeAlarm", request, unchecked=("Tags",))
        or _children(request["AlarmRule"])
        or _other_type(request["AlarmName"])
        or _suppressor(request)
    )


def _children(rule: str) -> str | None:
    try:
        references = set(cloudwatch._rule_refs(cloudwatch._parse_alarm_rule(rule)))
    except ValueError as error:
        return str(error)
    if len(references) > _MAX_CHILDREN:
        return f"'AlarmRule' names {len(references)} alarms, at most {_MAX_CHILDREN} are allowed"
    return None


def _other_type(name: str) -> str | None:
    if name in cloudwatch._alarms:
        return f"'AlarmName' {name!r} is the name of a metric alarm; choose another one or delete that alarm"
    return None


def _suppressor(request: dict) -> str | None:
    reference = request.get("ActionsSuppressor")
    given = [name for name in _PERIODS if request.get(name) is not None]
    if reference is None:
        return f"'{given[0]}' is given without 'ActionsSuppressor'; give both or none" if given else None
    for name in _PERIODS:
        if name not in given:
            return f"'{name}' is required when 'ActionsSuppressor' is given"
        if request[name] < 0:
            return f"'{name}' is {request[name]}, must be 0 or more"
    if store.name_of(reference) == request["AlarmName"]:
        return f"'ActionsSuppressor' {reference!r} is the alarm itself; name another alarm"
    if store.find(reference) is None:
        missing = store.arn(reference)
        return f"Could not save the composite alarm as the actions suppressor alarm [{missing}] does not exist"
    return None


def put(original, request: dict):
    """PutCompositeAlarm by MiniStack's own ``original``; answers as the JSON protocol does."""
    refused = refusal(request)
    if refused:
        return cloudwatch._error("ValidationError", refused, 400, use_json=True)
    name = request["AlarmName"]
    suppressor = None
    if request.get("ActionsSuppressor") is not None:
        suppressor = Suppressor(request["ActionsSuppressor"], *(request[period] for period in _PERIODS))
    with store.lock:
        before = cloudwatch._composite_alarms.get(name)
        kept = suppression.snapshot(name)
        mark = history.position()
        # The change of state that the request itself brings about is suppressed already.
        suppression.configure(name, suppressor)
        answer = original({}, request, False, True)
        if answer[0] >= 400:
            suppression.restore(name, kept)
            return answer
        suppression.show(name)
        # It was configured before the change of state that this brought about.
        history.configured(cloudwatch._composite_alarms[name], before, mark)
        return answer


def create_from_template(logical_id: str, props: dict, stack_name: str):
    """AWS::CloudWatch::CompositeAlarm, through the service's own operation."""
    name = props.get("AlarmName") or provisioners._physical_name(stack_name, logical_id, max_len=255)
    request = service_model.typed("PutCompositeAlarm", {**props, "AlarmName": name})
    status, _, body = cloudwatch._put_composite_alarm({}, request, False, True)
    if status >= 400:
        raise ValueError(body.decode() if isinstance(body, bytes) else str(body))
    cloudwatch.cloudformation_set_metric_alarm_tags(name, props.get("Tags") or [])
    return name, {"Arn": store.arn(name)}


def update_from_template(physical_id: str, old: dict, new: dict, stack_name: str, logical_id: str | None = None):
    """Everything but the name changes in place."""
    updated = create_from_template(logical_id or physical_id, new, stack_name)
    if updated[0] != physical_id:
        provisioners._delete_predecessor(delete_from_template, physical_id, old)
    return updated


def delete_from_template(physical_id: str, props: dict) -> None:
    """Refused, as DeleteAlarms is, while another composite alarm depends on it."""
    status, _, body = cloudwatch._delete_alarms({}, {"AlarmNames": [physical_id]}, False, True)
    if status >= 400:
        raise ValueError(body.decode() if isinstance(body, bytes) else str(body))


def install() -> None:
    """Register the resource type, which MiniStack does not know."""
    provisioners._RESOURCE_HANDLERS["AWS::CloudWatch::CompositeAlarm"] = {
        "create": create_from_template,
        "update": update_from_template,
        "update_with_logical_id": True,
        "delete": delete_from_template,
    }
