"""Step Functions put right: rights, time, integrations and the history of what went wrong."""

from ministack.services import stepfunctions

from .. import hooks, role_session
from . import definitions, errors, lifetime, maps, retries, starts, task, tokens, wait_state


def install() -> None:
    """Replace how MiniStack runs states where that is not AWS's way."""
    stepfunctions._AWS_SDK_SERVICE_MAP["sagemaker"] = {"target_prefix": "SageMaker", "protocol": "json"}
    stepfunctions._AWS_SDK_ERROR_PREFIX["sagemaker"] = "SageMaker"
    for part in (lifetime, starts, tokens, wait_state, definitions, maps):
        part.install()
    hooks.wrap(stepfunctions, "_emit_execution_status_event", _in_nobodys_name)
    hooks.wrap(stepfunctions, "_execute_task", lambda original: task.execute)
    hooks.wrap(stepfunctions, "_with_retry_and_catch", _with_retry_and_catch)
    hooks.wrap(
        stepfunctions,
        "_error_matches",
        lambda original: lambda error_equals, error: errors.matches(original, error_equals, error),
    )


def _in_nobodys_name(original):
    def emit(execution):
        with role_session.as_service():
            original(execution)

    return emit


def _with_retry_and_catch(original):
    def run(state, raw_input, ctx, attempt):
        return retries.run(state, raw_input, lifetime.current(), ctx, attempt)

    return run
