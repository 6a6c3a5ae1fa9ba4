"""What is refused when a state machine is made: a role that is not its, and what the local cloud does not run."""

import json
from collections.abc import Iterator

from ministack import app
from ministack.services import stepfunctions
from ministack.services.cloudformation import provisioners

from .. import hooks, role_session
from . import jobs, lifetime
from .integrations import CALLS, integration_of

_TYPE = "AWS::StepFunctions::StateMachine"
_PATTERNS = {"", ".waitForTaskToken"}
_OTHER_CALLS = {"lambda:invoke", "sns:publish"}


class Refused(ValueError):
    """The machine cannot be made; under AWS's error name."""

    def __init__(self, code: str, message: str):
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


def states_of(definition: dict, path: str = "") -> Iterator[tuple[str, dict]]:
    """Every state, those of branches and items too, by the path to it."""
    for name, state in definition.get("States", {}).items():
        if not isinstance(state, dict):
            raise Refused("InvalidDefinition", f"{path}/States/{name} must be an object, got {state!r}")
        yield f"{path}/States/{name}", state
        parts = [(f"Branches[{index}]", branch) for index, branch in enumerate(state.get("Branches", []))]
        parts += [(key, state[key]) for key in ("ItemProcessor", "Iterator") if key in state]
        for part, inner in parts:
            yield from states_of(inner, f"{path}/States/{name}/{part}")


def unsupported(path: str, state: dict) -> str | None:
    """What of a state the local cloud does not run, if anything."""
    if "ResultWriter" in state:
        return f"'ResultWriter' at {path} is not implemented by the local cloud; return the results from the map"
    if "Credentials" in state:
        return f"'Credentials' at {path} is not implemented by the local cloud; give the machine's own role the right"
    resource = state.get("Resource", "")
    if state.get("Type") != "Task" or ":function:" in resource or ":activity:" in resource:
        return None
    integration, pattern = integration_of(resource) or ("", "")
    if integration.startswith("aws-sdk:"):
        service = integration.split(":")[1]
        known = service.lower() in stepfunctions._AWS_SDK_SERVICE_MAP and pattern in _PATTERNS
    elif integration in jobs.JOBS:
        known = pattern in _PATTERNS | {".sync"} or (integration, pattern) == ("states:startExecution", ".sync:2")
    else:
        known = (integration in CALLS or integration in _OTHER_CALLS) and pattern in _PATTERNS
    if known:
        return None
    listed = ", ".join(sorted({*jobs.JOBS, *CALLS, *_OTHER_CALLS}))
    return f"'Resource' at {path} is '{resource}', which the local cloud does not run; it runs {listed} and aws-sdk:*"


def check(definition: str, role_arn: str) -> None:
    """Refuse a machine that could not run."""
    try:
        parsed = json.loads(definition)
    except ValueError as error:
        raise Refused("InvalidDefinition", f"the definition is not JSON: {error}") from error
    if not isinstance(parsed, dict):
        raise Refused("InvalidDefinition", "the definition must be a JSON object")
    states = list(states_of(parsed))
    for path, state in states:
        problem = unsupported(path, state)
        if problem is not None:
            raise Refused("InvalidDefinition", problem)
    if not app.AUTH:
        return
    try:
        with role_session.acting_as(role_arn, lifetime.SERVICE):
            for _, state in states:
                _check_rule(state, role_arn)
    except role_session.NotAssumable as error:
        raise Refused("AccessDeniedException", str(error)) from error


def _check_rule(state: dict, role_arn: str) -> None:
    integration, pattern = integration_of(state.get("Resource", "")) or ("", "")
    job = jobs.JOBS.get(integration)
    if job is not None and pattern.startswith(".sync") and jobs.missing_rule_right(job):
        # AWS says no more; what is missing is in the record of decisions.
        raise Refused("AccessDeniedException", f"'{role_arn}' is not authorized to create managed-rule")


def _checked_call(original):
    def handle(data):
        arn = data.get("stateMachineArn")
        known = {} if arn is None else stepfunctions._state_machines.get(arn)
        if known is None:
            # An update of what is not there, as the service says itself.
            return original(data)
        try:
            check(
                data.get("definition") or known.get("definition", "{}"),
                data.get("roleArn") or known.get("roleArn", ""),
            )
        except Refused as refused:
            return stepfunctions.error_response_json(refused.code, refused.message, 400)
        return original(data)

    return handle


def _refused_test(data):
    # It would run past the role.
    return stepfunctions.error_response_json("ValidationException", "the local cloud does not run TestState", 400)


def _checked_create(original):
    def create(logical_id, props, stack_name):
        check(provisioners._sfn_definition(props), props.get("RoleArn", ""))
        return original(logical_id, props, stack_name)

    return create


def install() -> None:
    """Check by the API, and by CloudFormation, which updates by the API and creates past it."""
    hooks.wrap(stepfunctions, "_create_state_machine", _checked_call)
    hooks.wrap(stepfunctions, "_update_state_machine", _checked_call)
    hooks.wrap(stepfunctions, "_test_state", lambda original: _refused_test)
    handlers = provisioners._RESOURCE_HANDLERS[_TYPE]
    handlers["create"] = _checked_create(handlers["create"])
