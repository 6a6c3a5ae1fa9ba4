"""Images of another account's repository, by ``registryId``, which MiniStack ignores."""

import json

from ministack import app
from ministack.core import iam_actions
from ministack.core.responses import error_response_json, get_account_id, get_region, request_scope
from ministack.services import ecr

from .. import hooks
from . import principals

# What another account may ever do with a repository, of what the local cloud does.
_SHARED = frozenset({"BatchGetImage", "GetDownloadUrlForLayer", "DescribeImages", "BatchCheckLayerAvailability"})


def repository(body: bytes | str) -> tuple[str, str] | None:
    """Account and name of the repository that a request names, if it is another account's."""
    try:
        request = json.loads(body) if body else {}
    except ValueError:
        return None
    if not isinstance(request, dict):
        return None
    owner, name = request.get("registryId"), request.get("repositoryName")
    if not isinstance(owner, str) or not isinstance(name, str) or owner == get_account_id():
        return None
    return owner, name


def _arn(owner: str, name: str) -> str:
    return f"arn:aws:ecr:{get_region()}:{owner}:repository/{name}"


def _of_any_account(original):
    async def handle_request(method, path, headers, body, query_params):
        foreign = repository(body)
        if foreign is None:
            return await original(method, path, headers, body, query_params)
        owner, name = foreign
        operation = headers.get("x-amz-target", "").rsplit(".", 1)[-1]
        action, arn = f"ecr:{operation}", _arn(owner, name)
        with request_scope(owner, get_region()):
            policy = ecr._repo_policies.get(name)
        if operation not in _SHARED or not principals.lets(policy, action, arn):
            return error_response_json("AccessDeniedException", principals.denial(action, arn), 400)
        with request_scope(owner, get_region()):
            return await original(method, path, headers, body, query_params)

    return handle_request


def _named_by_owner(original):
    def extract_resource_arn(service, method, path, headers, body, query_params, region, account_id):
        foreign = repository(body) if service == "ecr" else None
        if foreign is not None:
            return _arn(*foreign)
        return original(service, method, path, headers, body, query_params, region, account_id)

    return extract_resource_arn


def install() -> None:
    """Answer for the repository that is meant, or refuse."""
    app.SERVICE_HANDLERS["ecr"] = _of_any_account(app.SERVICE_HANDLERS["ecr"])
    hooks.wrap(iam_actions, "extract_resource_arn", _named_by_owner)
