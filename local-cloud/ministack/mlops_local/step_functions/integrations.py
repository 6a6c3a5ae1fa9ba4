"""Optimised integrations that answer at once: Step Functions calls an operation as the machine's role."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

from ministack.services import stepfunctions

from .. import calls, role_session
from .errors import error_name, sdk_error_name

_OPTIMISED = re.compile(r"^arn:[^:]+:states:::(?P<name>[^.]+)(?P<pattern>\.sync:2|\.sync|\.waitForTaskToken)?$")


def integration_of(resource: str) -> tuple[str, str] | None:
    """Integration and pattern of a task's resource, as in ``("sagemaker:createTrainingJob", ".sync")``."""
    match = _OPTIMISED.match(resource)
    return (match["name"], match["pattern"] or "") if match else None


@dataclass(frozen=True)
class Call:
    """An operation of a service that speaks JSON."""

    service: str
    target_prefix: str
    # Prefix of AWS's error names, as in `SageMaker.ResourceInUseException`.
    error_prefix: str
    operation: str
    # The integration's parameters as the operation takes them, and its answer as the state's result.
    parameters: Callable[[dict], dict] = lambda parameters: parameters
    result: Callable[[dict], dict] = lambda answer: answer

    def run(self, parameters: dict) -> dict:
        """The operation's answer; its errors under AWS's names."""
        with role_session.noting_denials() as denials:
            try:
                answer = calls.call(self.service, self.target_prefix, self.operation, self.parameters(parameters))
            except calls.AwsError as error:
                raise failure(self.error_prefix, denials[-1] if denials else error) from error
        return self.result(answer)


def failure(prefix: str, error: calls.AwsError | role_session.Denial) -> stepfunctions._ExecutionError:
    """A service's error as the state's: the cause is worded as the SDK words it."""
    return stepfunctions._ExecutionError(
        error_name(prefix, error.code), f"{error.message} (Service: {prefix}; Error Code: {error.code})"
    )


def _as_text(member: str) -> Callable[[dict], dict]:
    def converted(parameters: dict) -> dict:
        value = parameters.get(member)
        return {**parameters, member: json.dumps(value)} if isinstance(value, (dict, list)) else parameters

    return converted


def _entries_as_text(parameters: dict) -> dict:
    return {**parameters, "Entries": [_as_text("Detail")(entry) for entry in parameters.get("Entries", [])]}


def _all_put(answer: dict) -> dict:
    if answer.get("FailedEntryCount"):
        raise stepfunctions._ExecutionError("EventBridge.FailedEntry", json.dumps(answer))
    return answer


def _execution_started(answer: dict) -> dict:
    return {"ExecutionArn": answer["executionArn"], "StartDate": answer["startDate"]}


def execution_request(parameters: dict) -> dict:
    """StartExecution's parameters from those of `states:startExecution`."""
    request = {name[0].lower() + name[1:]: value for name, value in parameters.items()}
    given = request.get("input", {})
    return {**request, "input": given if isinstance(given, str) else json.dumps(given)}


def _dynamodb(operation: str) -> Call:
    return Call("dynamodb", "DynamoDB_20120810", "DynamoDB", operation)


def _athena(operation: str) -> Call:
    return Call("athena", "AmazonAthena", "Athena", operation)


def _sagemaker(operation: str) -> Call:
    return Call("sagemaker", "SageMaker", "SageMaker", operation)


CALLS = {
    "athena:getQueryExecution": _athena("GetQueryExecution"),
    "athena:getQueryResults": _athena("GetQueryResults"),
    "athena:stopQueryExecution": _athena("StopQueryExecution"),
    "dynamodb:deleteItem": _dynamodb("DeleteItem"),
    "dynamodb:getItem": _dynamodb("GetItem"),
    "dynamodb:putItem": _dynamodb("PutItem"),
    "dynamodb:updateItem": _dynamodb("UpdateItem"),
    "events:putEvents": Call("events", "AWSEvents", "EventBridge", "PutEvents", _entries_as_text, _all_put),
    "sagemaker:createEndpoint": _sagemaker("CreateEndpoint"),
    "sagemaker:createEndpointConfig": _sagemaker("CreateEndpointConfig"),
    "sagemaker:createModel": _sagemaker("CreateModel"),
    "sagemaker:updateEndpoint": _sagemaker("UpdateEndpoint"),
    "sqs:sendMessage": Call("sqs", "AmazonSQS", "SQS", "SendMessage", _as_text("MessageBody")),
    "states:startExecution": Call(
        "states", "AWSStepFunctions", "StepFunctions", "StartExecution", execution_request, _execution_started
    ),
}


def publish(parameters: dict) -> dict:
    """`sns:publish`: SNS alone of these does not speak JSON."""
    request = _as_text("Message")(parameters)
    with role_session.noting_denials() as denials:
        try:
            return stepfunctions._dispatch_aws_sdk_query({"protocol": "query"}, "sns", "publish", request)
        except stepfunctions._ExecutionError as error:
            code = error.error.rsplit(".", 1)[-1]
            denied = denials[-1] if denials else calls.AwsError(code, error.cause)
            raise failure("SNS", denied) from error


def call_sdk(resource: str, parameters: dict) -> dict:
    """Any operation of a service, by ``aws-sdk``."""
    with role_session.noting_denials() as denials:
        try:
            return stepfunctions._invoke_aws_sdk_integration(resource, parameters)
        except stepfunctions._ExecutionError as error:
            if not denials:
                raise
            service = resource.split(":")[6].lower()
            denied = denials[-1]
            cause = f"{denied.message} (Service: {service}; Error Code: {denied.code})"
            raise stepfunctions._ExecutionError(sdk_error_name(service, denied.code), cause) from error
