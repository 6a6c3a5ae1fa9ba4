"""Stack operations answer once their stack has settled.

AWS answers at once and the caller polls; the CDK CLI looks again only after five seconds, which a stack here seldom
takes. A late answer is as valid, so the operation waits a little for what it started.
"""

import asyncio
import time
from urllib.parse import parse_qs

from ministack import app
from ministack.services import cloudformation

_WAITED_FOR = frozenset({"CreateStack", "UpdateStack", "DeleteStack", "ExecuteChangeSet"})
# Slower stacks are polled for as on AWS.
_MAX_SECONDS = 15.0
_LOOK_EVERY = 0.02


def stack_of(body: bytes) -> str | None:
    """Name of the stack that a form-encoded request works on; None where the operation is not waited for."""
    parameters = parse_qs(body.decode("utf-8", errors="replace"))
    if parameters.get("Action", [""])[0] not in _WAITED_FOR:
        return None
    name = parameters.get("StackName", [""])[0]
    if name.startswith("arn:"):
        # arn:aws:cloudformation:REGION:ACCOUNT:stack/NAME/ID
        return name.split("/")[1]
    return name or None


def _unsettled(name: str) -> bool:
    stack = cloudformation._stacks.get(name)
    status = (stack or {}).get("StackStatus", "")
    return status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS"


def install() -> None:
    """Wrap the service's handler."""
    original = app.SERVICE_HANDLERS["cloudformation"]

    async def handle_request(method, path, headers, body, query_params):
        answer = await original(method, path, headers, body, query_params)
        name = stack_of(body) if answer[0] == 200 and isinstance(body, bytes) else None
        if name:
            deadline = time.monotonic() + _MAX_SECONDS
            # What was started runs as a task of its own: let it begin.
            await asyncio.sleep(_LOOK_EVERY)
            while _unsettled(name) and time.monotonic() < deadline:
                await asyncio.sleep(_LOOK_EVERY)
        return answer

    app.SERVICE_HANDLERS["cloudformation"] = handle_request
