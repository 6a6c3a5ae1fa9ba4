"""What a service does as a role that was passed to it, is authorised as a signed request of that role is."""

import contextvars
import json
import re
import secrets
import string
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ministack import app
from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import get_region
from ministack.services import iam, sts

from . import hooks

_CREDENTIAL = re.compile(r"Credential=[^/]+/")
_SESSION_NAME_LENGTH = 32


class NotAssumable(Exception):
    """The service may not act as the role; the message is AWS's."""


@dataclass(frozen=True)
class Denial:
    """An authorization that was refused."""

    message: str
    code: str


_access_key: contextvars.ContextVar[str | None] = contextvars.ContextVar("mlops_role_access_key", default=None)
_denials: contextvars.ContextVar[list[Denial] | None] = contextvars.ContextVar("mlops_role_denials", default=None)


def check_assumable(role_arn: str, service: str) -> None:
    """Fail unless the role exists and trusts the service."""
    role = iam._roles.get(role_arn.rsplit("/", 1)[-1])
    account = role_arn.split(":")[4] if role_arn.startswith("arn:") else ""
    if role is None or role["Arn"] != role_arn or not trusts(role["AssumeRolePolicyDocument"], service, account):
        raise NotAssumable(
            f"Neither the global service principal {service}, nor the regional one is authorized to assume the "
            f"provided role: {role_arn}"
        )


def trusts(
    document: str | dict,
    service: str,
    account: str,
    action: str = "sts:AssumeRole",
    tags: dict[str, str] | None = None,
) -> bool:
    """Whether a trust policy lets the service assume its role, with these tags, for a resource of this account."""
    policy = json.loads(document) if isinstance(document, str) else document
    statements = policy.get("Statement", [])
    allowed = False
    for statement in statements if isinstance(statements, list) else [statements]:
        actions = statement.get("Action", [])
        named = iam_evaluator._action_matches(action, [actions] if isinstance(actions, str) else actions, [])
        principal = named and iam_evaluator._service_principal_matches(statement.get("Principal"), service)
        if principal and _applies(statement, service, account, action, tags or {}):
            if statement.get("Effect") == "Deny":
                return False
            allowed = True
    return allowed


def _applies(statement: dict, service: str, account: str, action: str, tags: dict[str, str]) -> bool:
    # For which resource a service asks is not told here: what a policy says of `aws:SourceArn` keeps nothing from working.
    conditions = statement.get("Condition") or {}
    decided = {
        operator: {key: value for key, value in keys.items() if key.lower() != "aws:sourcearn"}
        for operator, keys in conditions.items()
    }
    if decided != conditions and statement.get("Effect") == "Deny":
        return False
    context = iam_evaluator.EvalContext(
        principal_arn=service,
        principal_type="Service",
        principal_account="",
        action=action,
        resource_arn="*",
        region=get_region(),
        request_tags=tags,
        tag_keys=list(tags),
        service_context={"aws:sourceaccount": account},
    )
    return iam_evaluator._conditions_met(decided, context)


@contextmanager
def acting_as(role_arn: str, service: str) -> Iterator[None]:
    """Make the calls of this thread, and of those that copy its context, calls of the role."""
    if not app.AUTH:
        yield
        return
    check_assumable(role_arn, service)
    account, role = role_arn.split(":")[4], role_arn.rsplit("/", 1)[-1]
    # AWS's own sessions have names of this form.
    session = "".join(secrets.choice(string.ascii_letters) for _ in range(_SESSION_NAME_LENGTH))
    key = f"ASIA{secrets.token_hex(8).upper()}"
    sts._sessions[key] = {
        "Arn": f"arn:aws:sts::{account}:assumed-role/{role}/{session}",
        "UserId": f"{sts._role_id(role_arn)}:{session}",
        "SecretAccessKey": secrets.token_hex(20),
        "SessionToken": secrets.token_hex(20),
        "IssuedAt": time.time(),
    }
    # The context is that of the request which started all this; its credentials are not the role's.
    own = {
        _access_key: key,
        iam_evaluator._anonymous: False,
        iam_evaluator._signed_request: None,
        iam_evaluator._request_origin: ("127.0.0.1", True),
    }
    tokens = [(variable, variable.set(value)) for variable, value in own.items()]
    try:
        yield
    finally:
        for variable, token in tokens:
            variable.reset(token)
        sts._sessions.pop(key, None)


@contextmanager
def as_service() -> Iterator[None]:
    """What a service does of its own accord, it does in nobody's name."""
    token = _access_key.set(None)
    try:
        yield
    finally:
        _access_key.reset(token)


@contextmanager
def noting_denials() -> Iterator[list[Denial]]:
    """What is denied to the role meanwhile: the services' own answers do not name the resource."""
    noted: list[Denial] = []
    token = _denials.set(noted)
    try:
        yield noted
    finally:
        _denials.reset(token)


def allowed(action: str, resource: str, context: dict[str, str] | None = None) -> bool:
    """Whether the role may do this; what it may not is noted."""
    key = _access_key.get()
    service = action.split(":", 1)[0]
    return key is None or not iam_evaluator.enforce(key, action, service, get_region(), resource, context)


def install() -> None:
    """Send what is called as a role through the dispatcher, which authorises it, and note what is denied."""

    def as_role(original):
        def call(handler, method, path, headers, body, query_params, timeout=None):
            key = _access_key.get()
            if key is None:
                return original(handler, method, path, headers, body, query_params, timeout)
            authorization = _CREDENTIAL.sub(f"Credential={key}/", headers["authorization"], count=1)

            async def dispatched(method, path, headers, body, query_params):
                # What the service does with the request it does itself; the context of this task is its own.
                _access_key.set(None)
                return await app._dispatch_service_request(
                    method, path, headers, body, query_params, str(uuid.uuid4())
                )

            content = body.encode() if isinstance(body, str) else body
            signed = {**headers, "authorization": authorization}
            return original(dispatched, method, path, signed, content, query_params, timeout)

        return call

    def noting(original):
        def enforce(access_key_id, iam_action, service, region, resource_arn="*", service_context=None):
            denied = original(access_key_id, iam_action, service, region, resource_arn, service_context)
            noted = _denials.get()
            if denied and noted is not None:
                noted.append(_denial(denied, service, iam_action, resource_arn))
            return denied

        return enforce

    hooks.wrap(app, "call_service_handler_sync", as_role)
    hooks.wrap(iam_evaluator, "enforce", noting)


def _denial(denied, service: str, action: str, resource: str) -> Denial:
    if isinstance(denied, iam_evaluator.AuthError):
        return Denial(denied.message, denied.code)
    message = iam_actions.identity_denial_message(action, denied.principal_arn, resource, denied.decision == "Deny")
    return Denial(message, iam_actions._DENIED_CODES.get(service, "AccessDeniedException"))
