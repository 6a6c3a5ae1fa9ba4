"""Who calls from another account, as a policy sees it."""

from ministack import app
from ministack.core import iam_evaluator
from ministack.core.iam_evaluator import EvalContext
from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import iam, s3

from .. import hooks

_ASSUMED = ":assumed-role/"


def role_arn(principal_arn: str) -> str:
    """ARN of the role of a session, which is what ``aws:PrincipalArn`` holds; any other principal's is its own."""
    if _ASSUMED not in principal_arn:
        return principal_arn
    account, name = principal_arn.split(":")[4], principal_arn.split(_ASSUMED, 1)[1].split("/", 1)[0]
    with request_scope(account, get_region()):
        role = iam._roles.get(name)
    # A role has a path, which a session's ARN leaves out.
    return role["Arn"] if role else f"arn:aws:iam::{account}:role/{name}"


def owner_of_object(resource_arn: str) -> str | None:
    """Account of the bucket that an S3 ARN names, which the ARN itself does not tell."""
    prefix = "arn:aws:s3:::"
    if not resource_arn.startswith(prefix):
        return None
    return s3._bucket_owner_account(resource_arn[len(prefix) :].split("/", 1)[0])


def lets(policy: str | dict | None, action: str, resource_arn: str, context: dict | None = None) -> bool:
    """Whether a resource's own policy lets the caller of this request in, who is of another account."""
    if not app.AUTH:
        return True
    asked = EvalContext(
        principal_arn=iam_evaluator.caller_arn(),
        principal_type="AssumedRole",
        principal_account=get_account_id(),
        action=action,
        resource_arn=resource_arn,
        region=get_region(),
        service_context=context or {},
    )
    return iam_evaluator.evaluate_resource_policy(policy, asked).decision == "Allow"


def denial(action: str, resource_arn: str) -> str:
    """AWS's words for a caller whom the resource's own policy does not let in."""
    return (
        f"User: {iam_evaluator.caller_arn()} is not authorized to perform: {action} on resource: {resource_arn} "
        f"because no resource-based policy allows the {action} action"
    )


def _resolved(original):
    def resolve(key: str, context: EvalContext):
        name = key.lower()
        if name == "aws:principalarn":
            return role_arn(context.principal_arn)
        if name in ("aws:resourceaccount", "s3:resourceaccount"):
            return owner_of_object(context.resource_arn) or original(key, context)
        return original(key, context)

    return resolve


def install() -> None:
    """Fill in the condition keys that matter between accounts."""
    hooks.wrap(iam_evaluator, "_resolve_condition_key", _resolved)
