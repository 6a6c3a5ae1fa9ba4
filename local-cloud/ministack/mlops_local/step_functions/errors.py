"""Names of errors in a state machine, as AWS forms them from its SDKs' exceptions."""

from functools import lru_cache

import botocore.session
from ministack.services import stepfunctions

# Failures that nothing may retry or catch by `States.ALL`.
TERMINAL = frozenset({"States.Runtime", "States.DataLimitExceeded"})

# General exception of the SDK that runs an optimised integration, by the prefix of its error names; the others are
# `Amazon<prefix>Exception`.
_GENERAL = {"Lambda": "AWSLambdaException", "StepFunctions": "AWSStepFunctionsException"}
# botocore's names of the services whose prefix is not its own.
_MODELS = {"eventbridge": "events", "sfn": "stepfunctions", "cloudwatchlogs": "logs", "rdsdata": "rds-data"}


class ExecutionEnded(stepfunctions._ExecutionError):
    """The execution is no longer running: its states stop where they are, past every retry and catch."""

    def __init__(self) -> None:
        super().__init__("States.Ended", "the execution has ended")


@lru_cache
def _service_model(service: str):
    name = _MODELS.get(service, service)
    try:
        return botocore.session.get_session().get_service_model(name)
    except botocore.exceptions.UnknownServiceError:
        return None


def _modelled(service: str, code: str) -> str | None:
    """The exception that a service's model has for a code; None when the SDK throws its general one."""
    model = _service_model(service)
    shape = model.shape_for_error_code(code) if model else None
    if shape is None:
        return None
    return shape.name if shape.name.endswith("Exception") else f"{shape.name}Exception"


def error_name(prefix: str, code: str) -> str:
    """Name of an optimised integration's error: that of version 1 of the SDK."""
    modelled = _modelled(prefix.lower().replace("stepfunctions", "sfn"), code)
    return f"{prefix}.{modelled or _GENERAL.get(prefix, f'Amazon{prefix}Exception')}"


def sdk_error_name(service: str, code: str) -> str:
    """Name of an ``aws-sdk`` integration's error: that of version 2 of the SDK."""
    prefix = stepfunctions._AWS_SDK_ERROR_PREFIX.get(service, service.capitalize())
    return f"{prefix}.{_modelled(service, code) or f'{prefix}Exception'}"


def matches(original, error_equals: list[str], error: str) -> bool:
    """Whether a retrier or catcher is for this error; ``States.ALL`` is not for those that end an execution."""
    if error in TERMINAL:
        return error in error_equals
    return original(error_equals, error)
