"""One way to answer a request, whichever of CloudWatch's three protocols it came by."""

import json
from collections.abc import Callable

from ministack.services import cloudwatch

from . import query, service_model

Answer = tuple[int, dict, bytes]


def answered(
    operation: str,
    answer: Callable[[dict], Answer],
    params: dict,
    request: dict,
    is_cbor: bool,
    is_json: bool,
) -> Answer:
    """``answer`` speaks JSON; it is given the request's members, and its answer is put into the caller's protocol."""
    is_query = not (is_cbor or is_json)
    status, headers, body = answer(service_model.typed(operation, query.request_of(params)) if is_query else request)
    if is_json:
        return status, headers, body
    content = json.loads(body or b"{}")
    if status >= 400:
        return cloudwatch._error(content["__type"], content["message"], status, use_cbor=is_cbor)
    return cloudwatch._cbor_ok(content) if is_cbor else cloudwatch._xml(200, f"{operation}Response", "")
