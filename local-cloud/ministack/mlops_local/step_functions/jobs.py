"""Integrations whose ``.sync`` form waits for the end of what it starts, and stops it when nobody waits any longer."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from ministack.core.responses import get_account_id, get_region
from ministack.services import stepfunctions

from .. import calls, role_session
from .integrations import CALLS, Call, failure

# Between two looks at a job, in real seconds. AWS is told of the end by an event, which a look comes close to.
POLL_SECONDS = 0.2
# A look that fails so is not the job's end: AWS is told of that by an event as well.
_TRANSIENT = {"ThrottlingException", "TooManyRequestsException", "ServiceUnavailable", "InternalFailure"}
_RULE_ACTIONS = ("events:PutTargets", "events:PutRule", "events:DescribeRule")


@dataclass(frozen=True)
class Job:
    """How a job is started, looked at and stopped."""

    start: Call
    describe: Call
    stop: Call
    # Parameters of the other two, from those of the start and its answer.
    key: Callable[[dict, dict], dict]
    status: Callable[[dict], str]
    succeeded: frozenset[str]
    failed: frozenset[str]
    # What the state's result and the cause of its failure are made of.
    result: Callable[[dict, str], dict] = lambda described, pattern: described
    cause: Callable[[dict], str] = json.dumps
    # Rule by which Step Functions learns of the end. AWS keeps it with the machine's role.
    rule: str | None = None
    # What starting it needs besides, by the parameters: action and resource.
    needs: Callable[[dict], tuple[tuple[str, str], ...]] = lambda parameters: ()

    def run(self, parameters: dict) -> dict:
        """Start the job as the machine's role."""
        with role_session.noting_denials() as denials:
            for action, resource in self.needs(parameters):
                if not role_session.allowed(action, resource):
                    raise failure(self.start.error_prefix, denials[-1])
        return self.start.run(parameters)

    def look(self, key: dict, pattern: str) -> dict | None:
        """The state's result once the job has succeeded; fails when it has failed."""
        try:
            described = self.describe.run(key)
        except stepfunctions._ExecutionError as error:
            if isinstance(error.__cause__, calls.AwsError) and error.__cause__.code in _TRANSIENT:
                return None
            raise
        status = self.status(described)
        if status in self.failed:
            raise stepfunctions._ExecutionError("States.TaskFailed", self.cause(described))
        return self.result(described, pattern) if status in self.succeeded else None


def missing_rule_right(job: Job) -> bool:
    """Whether the role in whose name this is asked may not keep the job's rule."""
    if job.rule is None:
        return False
    arn = f"arn:aws:events:{get_region()}:{get_account_id()}:rule/{job.rule}"
    return not all(role_session.allowed(action, arn) for action in _RULE_ACTIONS)


def _tagged(parameters: dict) -> dict:
    # Step Functions marks what it starts, so that a right may be limited to it.
    tag = {"Key": "MANAGED_BY_AWS", "Value": "STARTED_BY_STEP_FUNCTIONS"}
    return {**parameters, "Tags": [*(parameters.get("Tags") or []), tag]}


def _sagemaker_job(noun: str, kind: str) -> Job:
    name, status = f"{noun}Name", f"{noun}Status"

    def call(operation: str, **more) -> Call:
        return Call("sagemaker", "SageMaker", "SageMaker", f"{operation}{noun}", **more)

    def tagging(parameters: dict) -> tuple[tuple[str, str], ...]:
        job = str(parameters.get(name, "")).lower()
        return (("sagemaker:AddTags", f"arn:aws:sagemaker:{get_region()}:{get_account_id()}:{kind}/{job}"),)

    return Job(
        start=call("Create", parameters=_tagged),
        describe=call("Describe"),
        stop=call("Stop"),
        key=lambda parameters, answer: {name: parameters[name]},
        status=lambda described: described[status],
        succeeded=frozenset({"Completed"}),
        failed=frozenset({"Failed", "Stopped"}),
        rule=f"StepFunctionsGetEventsForSageMaker{noun}sRule",
        needs=tagging,
    )


def _execution_result(described: dict, pattern: str) -> dict:
    result = {name[0].upper() + name[1:]: value for name, value in described.items()}
    if pattern == ".sync:2":
        result["Output"] = json.loads(described["output"])
    return result


_ATHENA_QUERY = Job(
    start=Call("athena", "AmazonAthena", "Athena", "StartQueryExecution"),
    describe=CALLS["athena:getQueryExecution"],
    stop=CALLS["athena:stopQueryExecution"],
    key=lambda parameters, answer: {"QueryExecutionId": answer["QueryExecutionId"]},
    status=lambda described: described["QueryExecution"]["Status"]["State"],
    succeeded=frozenset({"SUCCEEDED"}),
    failed=frozenset({"FAILED", "CANCELLED"}),
    cause=lambda described: json.dumps(described["QueryExecution"]),
)

_EXECUTION = Job(
    start=CALLS["states:startExecution"],
    describe=Call("states", "AWSStepFunctions", "StepFunctions", "DescribeExecution"),
    stop=Call("states", "AWSStepFunctions", "StepFunctions", "StopExecution"),
    key=lambda parameters, answer: {"executionArn": answer["ExecutionArn"]},
    status=lambda described: described["status"],
    succeeded=frozenset({"SUCCEEDED"}),
    failed=frozenset({"FAILED", "TIMED_OUT", "ABORTED"}),
    result=_execution_result,
    cause=lambda described: json.dumps(_execution_result(described, ".sync")),
    rule="StepFunctionsGetEventsForStepFunctionsExecutionRule",
)

JOBS = {
    "athena:startQueryExecution": _ATHENA_QUERY,
    "sagemaker:createProcessingJob": _sagemaker_job("ProcessingJob", "processing-job"),
    "sagemaker:createTrainingJob": _sagemaker_job("TrainingJob", "training-job"),
    "states:startExecution": _EXECUTION,
}
