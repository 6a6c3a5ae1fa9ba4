"""Events of AWS services: the local SageMaker's, which PutEvents refuses from the outside."""

import json

from ministack.services import eventbridge


def put_events(request: dict) -> dict:
    """PutEvents for sources that begin with ``aws.``; refuses any other with a clear message."""
    entries = request.get("Entries")
    if not isinstance(entries, list) or not entries:
        raise ValueError("'Entries' must be a list with at least one event")
    for entry in entries:
        source = entry.get("Source") if isinstance(entry, dict) else None
        if not isinstance(source, str) or not source.startswith("aws."):
            raise ValueError(f"'Source' must begin with 'aws.', got {source!r}; send other events by PutEvents")
    status, _, body = eventbridge._put_events(request, allow_aws_source=True)
    answer = json.loads(body)
    if status >= 400:
        raise ValueError(str(answer.get("message", answer)))
    return answer
