"""What a caller did wrong, in a form that a program and a person can use."""

from typing import Any

LONGEST_VALUE = 200


class BadRequest(Exception):
    """A request that cannot be answered; `status` is the HTTP status that says why."""

    def __init__(self, prop: str, value: Any, allowed: str, fix: str, status: int = 400) -> None:
        shown = _short(value)
        super().__init__(f"'{prop}' is {shown}, allowed is {allowed}: {fix}")
        self.status = status
        self.details = {"property": prop, "value": shown, "allowed": allowed, "fix": fix}


def _short(value: Any) -> str:
    """The value as JSON would show it, cut where it would drown the message."""
    text = {None: "null", True: "true", False: "false"}.get(value) if _is_constant(value) else repr(value)
    return text if text is not None and len(text) <= LONGEST_VALUE else f"{str(text)[:LONGEST_VALUE]}…"


def _is_constant(value: Any) -> bool:
    return value is None or isinstance(value, bool)
