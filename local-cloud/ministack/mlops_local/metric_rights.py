"""``cloudwatch:namespace``: the condition key of PutMetricData, which MiniStack does not fill in."""

import json
from urllib.parse import parse_qs

import cbor2
from ministack.core import iam_actions

from . import hooks

_ACTION = "cloudwatch:PutMetricData"


def namespace_of(body: bytes | str) -> str | None:
    """Namespace of a PutMetricData request in any of the three protocols that CloudWatch speaks."""
    data = body.encode() if isinstance(body, str) else body
    if data[:1] == b"{":
        decode = json.loads
    elif b"Action=PutMetricData" in data:
        return parse_qs(data.decode("utf-8", "replace")).get("Namespace", [None])[0]
    else:
        decode = cbor2.loads
    try:
        request = decode(data)
    except (ValueError, cbor2.CBORDecodeError):
        return None
    namespace = request.get("Namespace") if isinstance(request, dict) else None
    return namespace if isinstance(namespace, str) else None


def install() -> None:
    """Give the evaluator the key."""

    def with_namespace(original):
        def request_tag_context(service, iam_action, body, params):
            context = original(service, iam_action, body, params)
            namespace = namespace_of(body) if iam_action == _ACTION else None
            return context if namespace is None else {**context, "cloudwatch:namespace": namespace}

        return request_tag_context

    hooks.wrap(iam_actions, "request_tag_context", with_namespace)
