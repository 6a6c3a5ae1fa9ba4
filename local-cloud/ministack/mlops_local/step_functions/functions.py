"""Lambda functions as tasks, by their ARN or by ``lambda:invoke``."""

from ministack.core.responses import get_account_id, get_region
from ministack.services import stepfunctions

from .. import role_session
from .integrations import failure


_PARAMETERS = {"FunctionName", "Payload", "Qualifier", "InvocationType"}


def invoke(parameters: dict) -> dict:
    """`lambda:invoke`: the payload's answer in an envelope."""
    unknown = sorted(parameters.keys() - _PARAMETERS)
    if unknown or parameters.get("InvocationType", "RequestResponse") != "RequestResponse":
        what = ", ".join(unknown) or f"InvocationType {parameters['InvocationType']}"
        raise stepfunctions._ExecutionError(
            "States.Runtime", f"lambda:invoke does not take {what} in the local cloud; it waits for the answer"
        )
    reference = parameters.get("FunctionName", "")
    if "Qualifier" in parameters:
        reference = f"{reference}:{parameters['Qualifier']}"
    function = stepfunctions._resolve_lambda_function_ref(reference, optimized=True)
    payload = _call(function, parameters.get("Payload", {}))
    return {"ExecutedVersion": "$LATEST", "Payload": payload, "StatusCode": 200}


def invoke_arn(resource: str, event: object) -> object:
    """A task whose resource is the function itself."""
    return _call(stepfunctions._extract_lambda_ref(resource), event)


def _call(reference: str, event: object) -> object:
    with role_session.noting_denials() as denials:
        if not role_session.allowed("lambda:InvokeFunction", _arn(reference)):
            raise failure("Lambda", denials[-1])
    # The function acts as its own role, so nothing of it is the machine's.
    with role_session.as_service():
        return stepfunctions._call_lambda(reference, event)


def _arn(reference: str) -> str:
    if reference.startswith("arn:"):
        return reference
    return f"arn:aws:lambda:{get_region()}:{get_account_id()}:function:{reference}"
