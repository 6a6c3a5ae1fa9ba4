"""Answers are dated by the caller's own clock.

SDKs compare ``Date`` with their clock, take a difference for a wrong clock and retry each refused request with
growing pauses (the CDK CLI for 40 s). Here real and shifted time both are right.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timezone
from email.utils import format_datetime


def caller_date(headers) -> bytes | None:
    """HTTP date of a request's ``x-amz-date``; None without a readable one."""
    for name, value in headers:
        if name.lower() == b"x-amz-date":
            try:
                signed_at = datetime.strptime(value.decode("latin-1"), "%Y%m%dT%H%M%SZ")
            except ValueError:
                return None
            return format_datetime(signed_at.replace(tzinfo=timezone.utc), usegmt=True).encode()
    return None


def dated_by_caller(scope, send: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """``send`` with the ``Date`` of the answer replaced by the caller's."""
    date = caller_date(scope.get("headers", []))
    if date is None:
        return send

    async def dated(message):
        if message["type"] == "http.response.start":
            others = [(name, value) for name, value in message.get("headers", []) if name.lower() != b"date"]
            message = {**message, "headers": [*others, (b"date", date)]}
        await send(message)

    return dated
