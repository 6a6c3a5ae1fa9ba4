"""The life of an execution: its history, its end, and the time that its machine gives it."""

import contextvars
import json
import threading
from datetime import datetime

from ministack.core.responses import now_iso
from ministack.services import stepfunctions

from .. import hooks, role_session, waits
from . import siblings
from .errors import ExecutionEnded

SERVICE = "states.amazonaws.com"

# State types that an end from outside breaks off, which the history tells.
_ABORTED = {"Task", "Wait", "Map", "Parallel"}
_ending = threading.RLock()
_current: contextvars.ContextVar[dict | None] = contextvars.ContextVar("mlops_sfn_execution", default=None)


def current() -> dict:
    """The execution that this thread is of."""
    execution = _current.get()
    if execution is None:
        raise RuntimeError("no execution runs in this thread")
    return execution


def ended(execution: dict) -> bool:
    """Whether this thread of the execution must not go on."""
    return _has_ended(execution) or siblings.one_failed()


def _has_ended(execution: dict) -> bool:
    parent = execution.get("parent")
    return execution["status"] != "RUNNING" or (parent is not None and _has_ended(parent))


def check_running(execution: dict) -> None:
    """Fail when the execution has ended meanwhile."""
    if ended(execution):
        raise ExecutionEnded()


def tell(execution: dict, event: str, details: dict) -> None:
    """Add an event, whose details AWS names by its type."""
    named = {f"{event[0].lower()}{event[1:]}EventDetails": details} if details else None
    stepfunctions._add_event(execution, event, named)


def _tell_broken_off(execution: dict) -> None:
    entered = None
    for event in execution["events"]:
        if event["type"].endswith("StateEntered"):
            entered = event["type"].removesuffix("StateEntered")
        elif event["type"].endswith("StateExited"):
            entered = None
    if entered in _ABORTED:
        stepfunctions._add_event(execution, f"{entered}StateAborted")


def _time_out(execution: dict, seconds: float) -> None:
    with _ending:
        if _has_ended(execution):
            return
        _tell_broken_off(execution)
        cause = f"the execution ran for longer than {seconds} seconds"
        execution.update(status="TIMED_OUT", error="States.Timeout", cause=cause, stopDate=now_iso())
        tell(execution, "ExecutionTimedOut", {"error": "States.Timeout", "cause": cause})
    stepfunctions._emit_execution_status_event(execution)
    waits.changed()


def _watch(execution: dict, seconds: float) -> None:
    """End the execution when its time is over."""
    started = datetime.fromisoformat(execution["startDate"].replace("Z", "+00:00")).timestamp()

    def watch() -> None:
        with waits.working():
            if not waits.wait(started + seconds, lambda: _has_ended(execution)):
                _time_out(execution, seconds)

    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=(watch,), name=waits.THREAD_NAME, daemon=True).start()


def _numbering(original):
    def add(execution, event_type, details=None):
        event = original(execution, event_type, details)
        event["previousEventId"] = event["id"] - 1
        return event

    return add


def _running(original):
    def run(execution_arn):
        """A thread of its own, begun by `_starting`."""
        threading.current_thread().name = waits.THREAD_NAME
        execution = stepfunctions._executions.get(execution_arn)
        machine = stepfunctions._state_machines.get(execution["stateMachineArn"])
        role = execution["events"][0]["executionStartedEventDetails"]["roleArn"]
        _current.set(execution)
        with waits.working():
            try:
                seconds = json.loads(machine["definition"]).get("TimeoutSeconds") if machine else None
                if seconds is not None:
                    _watch(execution, seconds)
                with role_session.acting_as(role, SERVICE):
                    original(execution_arn)
            except role_session.NotAssumable as error:
                stepfunctions._fail_execution(execution, "States.Permissions", str(error))

    return run


def _failing(original):
    def fail(execution, error, cause):
        # An end from outside is the end.
        with _ending:
            if not _has_ended(execution):
                original(execution, error, cause)

    return fail


def _stopping(original):
    def stop(data):
        with _ending:
            execution = stepfunctions._executions.get(data.get("executionArn"))
            if execution is not None and execution["status"] == "RUNNING":
                _tell_broken_off(execution)
            answer = original(data)
        waits.changed()
        return answer

    return stop


def _branching(original):
    def run_sub_machine(states, start_at, input_data, execution, ctx):
        """A branch or an item, in a thread of its own."""
        threading.current_thread().name = waits.THREAD_NAME
        parent = _current.get()
        if parent is not execution:
            # A child of a distributed map is an execution by itself, and ends with its parent.
            execution["parent"] = parent
            _current.set(execution)
            siblings.leave()
        with waits.working(), siblings.ending_together():
            return original(states, start_at, input_data, execution, ctx)

    return run_sub_machine


def _joining(original):
    def run(*args):
        with waits.resting(), siblings.begin():
            return original(*args)

    return run


def install() -> None:
    """Take part in each execution's begin and end."""
    hooks.wrap(stepfunctions, "_add_event", _numbering)
    hooks.wrap(stepfunctions, "_run_execution", _running)
    hooks.wrap(stepfunctions, "_fail_execution", _failing)
    hooks.wrap(stepfunctions, "_stop_execution", _stopping)
    hooks.wrap(stepfunctions, "_run_sub_machine", _branching)
    for joined in ("_run_parallel_branches", "_run_map_items"):
        hooks.wrap(stepfunctions, joined, _joining)
