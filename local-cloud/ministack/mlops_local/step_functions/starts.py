"""StartExecution: what a name that was used before means."""

import time
from datetime import datetime

from ministack.services import stepfunctions

from .. import hooks

# So long AWS keeps an execution that has ended, and its name.
_KEPT_SECONDS = 90 * 24 * 3600


def earlier_execution(data: dict) -> dict | None:
    """The execution of this machine that has the name already."""
    machine = stepfunctions._resolve_state_machine_arn(data.get("stateMachineArn", ""))
    if not data.get("name") or machine is None:
        return None
    return stepfunctions._executions.get(f"{machine.replace(':stateMachine:', ':execution:')}:{data['name']}")


def is_same(execution: dict, data: dict) -> bool:
    """Whether a start repeats that of a running execution."""
    return execution["status"] == "RUNNING" and execution["input"] == data.get("input", "{}")


def is_forgotten(execution: dict, now: float) -> bool:
    """Whether the execution ended so long ago that its name is free."""
    stopped = execution["stopDate"]
    return stopped is not None and datetime.fromisoformat(stopped).timestamp() + _KEPT_SECONDS < now


def _starting(original):
    def start(data):
        earlier = earlier_execution(data)
        if earlier is not None and is_same(earlier, data):
            return stepfunctions.json_response(
                {"executionArn": earlier["executionArn"], "startDate": earlier["startDate"]}
            )
        if earlier is not None and is_forgotten(earlier, time.time()):
            stepfunctions._executions.pop(earlier["executionArn"])
        return original(data)

    return start


def install() -> None:
    """Look at the name first."""
    hooks.wrap(stepfunctions, "_start_execution", _starting)
