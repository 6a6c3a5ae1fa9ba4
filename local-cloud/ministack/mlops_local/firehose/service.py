"""Puts buffering between MiniStack's PutRecord and S3.

A Lambda transformation is run when a record is put, not over a buffer of its own.
"""

import threading
import time
from collections.abc import Callable

from ministack.core.responses import error_response_json, get_account_id, get_region
from ministack.services import firehose
from ministack.services.cloudformation import provisioners

from .. import moments
from . import delivery, documents, refusals, rights
from .buffers import Buffers, Key

_buffers = Buffers()
_NOT_INVOKED = "The function cannot be invoked: the role of the stream does not allow it."


def take(stream: dict, destination: dict, records: list[tuple[str, bytes]]) -> None:
    """Buffer the records; a buffer that is full is delivered at once."""
    # MiniStack keeps each record for its own tests for ever.
    destination["records"].clear()
    config = destination["config"]
    if not rights.may_transform(config):
        denied = firehose._DeliveryError("processing-failed", _NOT_INVOKED, "Lambda.InvokeAccessDenied")
        for _, data in records:
            _put_aside(stream, destination, data, denied)
        return
    lambda_keys: dict[str, dict[str, str]] = {}
    for identity, data in firehose._apply_lambda_processors(stream, destination, records, partition_sink=lambda_keys):
        _take(stream, destination, data, lambda_keys.get(identity) or {})


def _take(stream: dict, destination: dict, record: bytes, lambda_keys: dict[str, str]) -> None:
    config = destination["config"]
    now = time.time()
    for part in documents.parts(config, record):
        error = part.error
        if error is None:
            try:
                # Only to see whether the keys are there; the names follow the buffer's first record.
                firehose._evaluate_prefix(
                    config.get("Prefix", ""), delivery.local_time(config, now), dict(part.keys), lambda_keys
                )
            except firehose._DeliveryError as missing:
                error = missing
        if error is not None:
            _put_aside(stream, destination, part.data, error)
            continue
        _buffer(stream, destination, part.data, len(part.data), part.keys, tuple(sorted(lambda_keys.items())))


def _put_aside(stream: dict, destination: dict, record: bytes, error: firehose._DeliveryError) -> None:
    """Buffer what is not delivered for the error prefix."""
    _buffer(stream, destination, delivery.error_line(record, error), len(record), kind=error.output_type)


def _buffer(
    stream: dict,
    destination: dict,
    data: bytes,
    size: int,
    query_keys: tuple[tuple[str, str], ...] = (),
    lambda_keys: tuple[tuple[str, str], ...] = (),
    kind: str | None = None,
) -> None:
    key = Key(get_account_id(), get_region(), stream["name"], destination["id"], query_keys, lambda_keys, kind)
    full = _buffers.add(key, destination["config"], stream.get("version", 1), data, size, time.time())
    if full is not None:
        delivery.deliver(full)


def next_due() -> float | None:
    """When the next buffer is to be delivered."""
    return _buffers.next_due()


def deliver_due(now: float) -> bool:
    """Deliver what is due; tells whether something was."""
    delivered = False
    for buffer in _buffers.take_due(now + moments.TOLERANCE_SECONDS):
        delivery.deliver(buffer)
        delivered = True
    return delivered


def run_forever(unless_moving: Callable[[Callable[[], object]], None]) -> None:
    """Deliver as time goes by, in a thread of its own; a move of the clock delivers by itself."""

    def loop() -> None:
        while True:
            time.sleep(0.5)
            unless_moving(lambda: deliver_due(time.time()))

    threading.Thread(target=loop, name="firehose-delivery", daemon=True).start()


def _checked_put(original, batch: bool):
    def put(data: dict):
        records = (data.get("Records") or []) if batch else [data.get("Record") or {}]
        refused = refusals.of_records(records, batch)
        return error_response_json(*refused, 400) if refused else original(data)

    return put


def _checked_create(original):
    def create(data: dict):
        refused = refusals.of_destination(*firehose._resolve_dest_type_and_config(data))
        return error_response_json("InvalidArgumentException", refused, 400) if refused else original(data)

    return create


def _checked_update(original):
    def update(data: dict):
        kind, config = firehose._resolve_dest_update_config(data)
        stream = firehose._streams.get(data.get("DeliveryStreamName", "")) or {}
        before = next((d["config"] for d in stream.get("destinations", []) if d["type"] == kind), {})
        refused = refusals.of_destination(kind, {**before, **(config or {})})
        return error_response_json("InvalidArgumentException", refused, 400) if refused else original(data)

    return update


def _discarding(original):
    def delete(data: dict):
        answer = original(data)
        if answer[0] < 400:
            _buffers.discard(get_account_id(), get_region(), data.get("DeliveryStreamName", ""))
        return answer

    return delete


def _checked_template(original):
    def update(physical_id, old, new, stack_name):
        refused = refusals.of_destination(*firehose._resolve_dest_type_and_config(new))
        if refused:
            raise ValueError(refused)
        return original(physical_id, old, new, stack_name)

    return update


def install() -> None:
    """Replace MiniStack's delivery at once, and refuse what Firehose or this local cloud does not take."""
    firehose._deliver_records_to_s3 = take
    operations = {
        "CreateDeliveryStream": ("_create_delivery_stream", _checked_create),
        "DeleteDeliveryStream": ("_delete_delivery_stream", _discarding),
        "UpdateDestination": ("_update_destination", _checked_update),
        "PutRecord": ("_put_record", lambda original: _checked_put(original, batch=False)),
        "PutRecordBatch": ("_put_record_batch", lambda original: _checked_put(original, batch=True)),
    }
    for operation, (name, make) in operations.items():
        replaced = make(firehose._HANDLERS[operation])
        # The API goes by the table, CloudFormation by the module's name.
        firehose._HANDLERS[operation] = replaced
        setattr(firehose, name, replaced)
    template = provisioners._RESOURCE_HANDLERS["AWS::KinesisFirehose::DeliveryStream"]
    template["update"] = _checked_template(template["update"])
