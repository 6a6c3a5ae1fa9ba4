"""Routes SageMaker to the server beside this process, after the same IAM evaluation as every other service."""

import json
import os
import uuid

from ministack import app
from ministack.core import iam_actions, iam_evaluator, router
from ministack.core.responses import get_account_id, get_region, request_scope

from . import application_auto_scaling, hooks, sagemaker_iam
from .accounts.shared_versions import SharedVersions
from .upstream import Upstream

SERVICE = "sagemaker"
# Hop-by-hop headers, and those that the next hop sets itself.
_NOT_FORWARDED = frozenset(
    {"host", "connection", "content-length", "transfer-encoding", "keep-alive", "expect", "te", "upgrade"}
)


class SageMaker:
    """The service's handler in MiniStack."""

    def __init__(self, upstream: Upstream):
        self._upstream = upstream
        self._shared = SharedVersions()

    async def handle_request(self, method: str, path: str, headers: dict, body, query_params: dict):
        """MiniStack's handler contract; called for signed requests and by Step Functions."""
        content = body.encode() if isinstance(body, str) else body or b""
        if app.AUTH and (denied := _further_checks(path, headers, content)):
            return denied
        operation = _operation(headers)
        if operation == "UpdateEndpoint" and (refused := await self._scaled_type(headers, content)):
            return refused
        if (place := self._shared.place(operation, content)) is not None:
            if (message := self._shared.refusal(operation, content)) is not None:
                return 400, {"Content-Type": "application/x-amz-json-1.1"}, _error("AccessDeniedException", message)
            with request_scope(*place):
                return await self.forward(method, path, headers, content)
        answer = await self.forward(method, path, headers, content)
        if answer[0] == 200:
            self._shared.note(operation, content)
        return answer

    async def _scaled_type(self, headers: dict, content: bytes):
        """The refusal of an update that would change the instance type of a variant that scales by itself."""
        try:
            request = json.loads(content)
            name, config = request["EndpointName"], request["EndpointConfigName"]
        except (ValueError, TypeError, KeyError, RecursionError):
            # the server behind says so in AWS's form
            return None
        live = (await self._described("DescribeEndpoint", {"EndpointName": name}, headers)).get("EndpointConfigName")
        configs = [
            await self._described("DescribeEndpointConfig", {"EndpointConfigName": one}, headers)
            for one in (live, config)
        ]
        changed = application_auto_scaling.changed_types(
            name, *[described.get("ProductionVariants", []) for described in configs]
        )
        if not changed:
            return None
        message = (
            f"Cannot update endpoint {name}: the update would change the instance type of {', '.join(changed)}, which is "
            "a target for automatic scaling; deregister it first"
        )
        return 400, {"Content-Type": "application/x-amz-json-1.1"}, _error("ValidationException", message)

    async def _described(self, operation: str, parameters: dict, headers: dict) -> dict:
        asked = {**headers, "x-amz-target": f"SageMaker.{operation}"}
        status, _, body = await self.forward("POST", "/", asked, json.dumps(parameters).encode())
        return json.loads(body) if status == 200 else {}

    async def forward(self, method: str, path: str, headers: dict, body: bytes):
        """Hand the request on with the caller's account and region."""
        passed = {name: value for name, value in headers.items() if name not in _NOT_FORWARDED}
        passed["x-mlops-account"] = get_account_id()
        passed["x-mlops-region"] = get_region()
        try:
            status, answer, content = await self._upstream.request(method, path, passed, body)
        except OSError as error:
            message = f"the local SageMaker server does not answer: {error}"
            return 503, {"Content-Type": "application/json"}, _error("ServiceUnavailable", message)
        return status, {k: v for k, v in answer.items() if k not in _NOT_FORWARDED and k != "date"}, content


def _error(code: str, message: str) -> bytes:
    return json.dumps({"__type": code, "message": message}).encode()


def _operation(headers: dict) -> str:
    return headers.get("x-amz-target", "").rsplit(".", 1)[-1]


def _further_checks(path: str, headers: dict, body: bytes):
    """What MiniStack's dispatcher does not ask: a second resource of the operation, and roles that are passed."""
    region, account = get_region(), get_account_id()
    key = router.extract_access_key_id(headers)
    for needed in sagemaker_iam.requirements(_operation(headers), path, body, region, account)[1:]:
        denied = iam_evaluator.enforce(
            key, needed.action, SERVICE, region, resource_arn=needed.resource, service_context=needed.context
        )
        if denied and not isinstance(denied, iam_evaluator.AuthError):
            message = iam_actions.identity_denial_message(
                needed.action, denied.principal_arn, needed.resource, denied.decision == "Deny"
            )
            return iam_actions.access_denied_response(
                SERVICE, needed.action, denied.principal_arn, str(uuid.uuid4()), headers=headers,
                message=message, error_code="AccessDeniedException",
            )
    return None


def install() -> SageMaker:
    """Register the service with the router, IAM and the handlers."""
    handler = SageMaker(Upstream(os.environ["MLOPS_LOCAL_SAGEMAKER_URL"]))
    app.SERVICE_REGISTRY[SERVICE] = {"module": "sagemaker"}
    app.SERVICE_HANDLERS[SERVICE] = handler.handle_request
    router.SERVICE_PATTERNS[SERVICE] = {"target_prefixes": ["SageMaker."], "credential_scope": SERVICE}
    iam_actions.SERVICE_TO_IAM_NAMESPACE[SERVICE] = SERVICE

    def with_invocations(original):
        def extract_iam_action(service, method, path, headers, body, query_params):
            if service == SERVICE and (invoked := sagemaker_iam.invocation(path)):
                return f"sagemaker:{invoked[0]}"
            return original(service, method, path, headers, body, query_params)

        return extract_iam_action

    def with_arns(original):
        def extract_resource_arn(service, method, path, headers, body, query_params, region, account_id):
            if service == SERVICE:
                return sagemaker_iam.requirements(_operation(headers), path, body, region, account_id)[0].resource
            return original(service, method, path, headers, body, query_params, region, account_id)

        return extract_resource_arn

    def with_any_depth(original):
        def request_tag_context(service, iam_action, body, params):
            try:
                return original(service, iam_action, body, params)
            except RecursionError:
                # nested beyond all sense: the server behind says so in AWS's form
                return {}

        return request_tag_context

    hooks.wrap(iam_actions, "request_tag_context", with_any_depth)
    hooks.wrap(iam_actions, "extract_iam_action", with_invocations)
    hooks.wrap(iam_actions, "extract_resource_arn", with_arns)
    return handler
