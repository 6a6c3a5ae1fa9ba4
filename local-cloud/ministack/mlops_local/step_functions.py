"""Step Functions integrations that MiniStack lacks, and one rule of StartExecution."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass

from ministack.core.responses import get_account_id, get_region
from ministack.services import stepfunctions

from . import calls, hooks

_POLL_SECONDS = 0.2


@dataclass(frozen=True)
class Job:
    """An operation whose ``.sync`` form waits for the end of what it starts."""

    service: str
    target_prefix: str
    # Prefix of AWS's error names, as in `SageMaker.ResourceInUseException`.
    error_prefix: str
    start: str
    # Describe operation, its parameters from the start's parameters and answer.
    describe: str
    key: Callable[[dict, dict], dict]
    # What the state's result is made of, and which status the description is in.
    result: Callable[[dict], dict]
    status: Callable[[dict], str]
    succeeded: frozenset[str]
    failed: frozenset[str]
    # States.TaskFailed carries this as its cause.
    cause: Callable[[dict], str] = json.dumps


def _sagemaker_job(noun: str) -> Job:
    name, status = f"{noun}Name", f"{noun}Status"
    return Job(
        service="sagemaker",
        target_prefix="SageMaker",
        error_prefix="SageMaker",
        start=f"Create{noun}",
        describe=f"Describe{noun}",
        key=lambda parameters, answer: {name: parameters[name]},
        result=lambda described: described,
        status=lambda described: described[status],
        succeeded=frozenset({"Completed"}),
        failed=frozenset({"Failed", "Stopped"}),
    )


_ATHENA_QUERY = Job(
    service="athena",
    target_prefix="AmazonAthena",
    error_prefix="Athena",
    start="StartQueryExecution",
    describe="GetQueryExecution",
    key=lambda parameters, answer: {"QueryExecutionId": answer["QueryExecutionId"]},
    result=lambda described: described,
    status=lambda described: described["QueryExecution"]["Status"]["State"],
    succeeded=frozenset({"SUCCEEDED"}),
    failed=frozenset({"FAILED", "CANCELLED"}),
    cause=lambda described: json.dumps(described["QueryExecution"]),
)

_JOBS = {
    "sagemaker:createTrainingJob": _sagemaker_job("TrainingJob"),
    "sagemaker:createProcessingJob": _sagemaker_job("ProcessingJob"),
    "athena:startQueryExecution": _ATHENA_QUERY,
}
# Request-response integrations: Step Functions' name -> (service, target prefix, error prefix, operation).
_CALLS = {
    "athena:getQueryExecution": ("athena", "AmazonAthena", "Athena", "GetQueryExecution"),
    "athena:getQueryResults": ("athena", "AmazonAthena", "Athena", "GetQueryResults"),
    "athena:stopQueryExecution": ("athena", "AmazonAthena", "Athena", "StopQueryExecution"),
}


def error_name(prefix: str, code: str) -> str:
    """AWS's error name in a state machine: the SDK's exception under the service's name."""
    if code in ("ValidationException", "AccessDeniedException", "ThrottlingException", "ServiceUnavailable"):
        # Not modelled by the service, so the SDK throws its general exception.
        return f"{prefix}.Amazon{prefix}Exception"
    return f"{prefix}.{code}" if code.endswith("Exception") else f"{prefix}.{code}Exception"


def _failure(prefix: str, error: calls.AwsError) -> stepfunctions._ExecutionError:
    return stepfunctions._ExecutionError(error_name(prefix, error.code), f"{error.message} (Service: {prefix})")


def run_job(job: Job, resource: str, parameters: dict) -> dict:
    """Start a job, and with ``.sync`` wait for its end."""
    try:
        answer = calls.call(job.service, job.target_prefix, job.start, _tagged(job, parameters))
    except calls.AwsError as error:
        raise _failure(job.error_prefix, error) from error
    if ".sync" not in resource:
        return answer
    while True:
        time.sleep(_POLL_SECONDS)
        try:
            described = calls.call(job.service, job.target_prefix, job.describe, job.key(parameters, answer))
        except calls.AwsError as error:
            raise _failure(job.error_prefix, error) from error
        status = job.status(described)
        if status in job.succeeded:
            return job.result(described)
        if status in job.failed:
            raise stepfunctions._ExecutionError("States.TaskFailed", job.cause(described))


def _tagged(job: Job, parameters: dict) -> dict:
    # Step Functions marks what it starts, so that a right may be limited to it.
    if job.service != "sagemaker":
        return parameters
    tag = {"Key": "MANAGED_BY_AWS", "Value": "STARTED_BY_STEP_FUNCTIONS"}
    return {**parameters, "Tags": [*(parameters.get("Tags") or []), tag]}


def _run_call(service: str, target_prefix: str, prefix: str, operation: str, parameters: dict) -> dict:
    try:
        return calls.call(service, target_prefix, operation, parameters)
    except calls.AwsError as error:
        raise _failure(prefix, error) from error


def running_execution(data: dict) -> dict | None:
    """The running execution that a repeated StartExecution means: the same name and the same input."""
    name = data.get("name")
    machine = data.get("stateMachineArn", "").split(":stateMachine:")[-1]
    if not name:
        return None
    arn = f"arn:aws:states:{get_region()}:{get_account_id()}:execution:{machine}:{name}"
    execution = stepfunctions._executions.get(arn)
    if execution is None or execution["status"] != "RUNNING" or execution["input"] != data.get("input", "{}"):
        return None
    return execution


def install() -> None:
    """Add the integrations; StartExecution with the name and input of a running execution answers with that one."""
    for action, job in _JOBS.items():
        stepfunctions._SERVICE_DISPATCH[f"arn:aws:states:::{action}"] = (
            lambda resource, parameters, job=job: run_job(job, resource, parameters)
        )
    for action, target in _CALLS.items():
        stepfunctions._SERVICE_DISPATCH[f"arn:aws:states:::{action}"] = (
            lambda resource, parameters, target=target: _run_call(*target, parameters)
        )
    stepfunctions._AWS_SDK_SERVICE_MAP["sagemaker"] = {"target_prefix": "SageMaker", "protocol": "json"}
    stepfunctions._AWS_SDK_ERROR_PREFIX["sagemaker"] = "SageMaker"

    def idempotent(original):
        def start(data):
            running = running_execution(data)
            if running is None:
                return original(data)
            return stepfunctions.json_response(
                {"executionArn": running["executionArn"], "startDate": running["startDate"]}
            )

        return start

    hooks.wrap(stepfunctions, "_start_execution", idempotent)
