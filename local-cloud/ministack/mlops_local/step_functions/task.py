"""Task states: their input and limits, an attempt, and what becomes of its result."""

from ministack.services import stepfunctions

from . import retries
from .attempt import Attempt
from .tokens import Token


def execute(state: dict, raw_input: object, execution: dict, ctx: dict) -> tuple:
    """Output and next state of a task."""
    return retries.run(state, raw_input, execution, ctx, lambda: _attempt(state, raw_input, execution, ctx))


def _attempt(state: dict, raw_input: object, execution: dict, ctx: dict) -> tuple:
    resource = state["Resource"]
    if ".waitForTaskToken" not in resource and ":activity:" not in resource:
        return _run(state, raw_input, execution, ctx, None)
    with Token() as token:
        if ":activity:" not in resource:
            ctx["Task"] = {"Token": token.name}
        return _run(state, raw_input, execution, ctx, token)


def _run(state: dict, raw_input: object, execution: dict, ctx: dict, token: Token | None) -> tuple:
    jsonata = stepfunctions._state_query_language(state, ctx) == "JSONata"
    if jsonata:
        parameters = stepfunctions._apply_jsonata_arguments(state, raw_input, ctx)
    else:
        effective = stepfunctions._apply_input_path(state, raw_input, ctx)
        parameters = stepfunctions._apply_parameters(state, effective, ctx)
    result = Attempt(
        execution,
        state["Resource"],
        parameters,
        timeout_seconds=limit(state, "Timeout", raw_input, ctx),
        heartbeat_seconds=limit(state, "Heartbeat", raw_input, ctx),
        token=token,
    ).run()
    if jsonata:
        output = stepfunctions._apply_jsonata_output(state, raw_input, ctx, result=result, default=result)
        stepfunctions._apply_state_assign(state, raw_input, ctx, result=result)
    else:
        selected = stepfunctions._apply_result_selector(state, result)
        output = stepfunctions._apply_result_path(state, raw_input, selected)
        output = stepfunctions._apply_output_path(state, output, ctx)
    return output, stepfunctions._next_or_end(state)


def limit(state: dict, name: str, raw_input: object, ctx: dict) -> float | None:
    """`TimeoutSeconds` or `HeartbeatSeconds` of a state: a number, a path to one, or an expression."""
    path = state.get(f"{name}SecondsPath")
    if path is not None:
        seconds = stepfunctions._resolve_path_or_ctx(path, raw_input, ctx)
    elif isinstance(state.get(f"{name}Seconds"), str):
        seconds = stepfunctions._jsonata_state_field(state, f"{name}Seconds", "number", raw_input, ctx)
    else:
        return state.get(f"{name}Seconds")
    if not stepfunctions._is_num(seconds) or seconds <= 0:
        raise stepfunctions._ExecutionError(
            "States.Runtime", f"'{name}Seconds' must be a number above 0, got {seconds!r}"
        )
    return seconds
