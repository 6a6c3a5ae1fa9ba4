"""Calls of AWS JSON operations from worker threads: Step Functions executions, CloudFormation provisioning."""

import json

from ministack import app
from ministack.core.responses import get_region


class AwsError(Exception):
    """An AWS error answer: its name and message."""

    def __init__(self, code: str, message: str):
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


def call(service: str, target_prefix: str, operation: str, parameters: dict) -> dict:
    """Run ``operation`` of a JSON-protocol service in this process and return its answer."""
    headers = {
        "x-amz-target": f"{target_prefix}.{operation}",
        "content-type": "application/x-amz-json-1.1",
        "host": f"{service}.{get_region()}.amazonaws.com",
        # Routed by scope, not signed: the caller is the local cloud itself, or a role that `role_session` puts here.
        "authorization": f"AWS4-HMAC-SHA256 Credential=test/20260101/{get_region()}/{service}/aws4_request",
    }
    status, _, body = app.call_service_handler_sync(
        app.SERVICE_HANDLERS[service], "POST", "/", headers, json.dumps(parameters).encode(), {}
    )
    text = body.decode() if isinstance(body, bytes) else body
    answer = json.loads(text) if text else {}
    if status >= 400:
        code = str(answer.get("__type", "ServiceException")).rsplit("#", 1)[-1]
        raise AwsError(code, str(answer.get("message", answer.get("Message", ""))))
    return answer


def sagemaker(operation: str, parameters: dict) -> dict:
    """An operation of the local SageMaker."""
    return call("sagemaker", "SageMaker", operation, parameters)
