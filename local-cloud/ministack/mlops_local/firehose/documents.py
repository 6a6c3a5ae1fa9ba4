"""Several JSON documents in one record are partitioned each by itself; records may get a delimiter."""

import json
from dataclasses import dataclass

from ministack.services import firehose

from . import destination

# "Record deaggregation by JSON or by delimiter is capped at 500 per record"; what becomes of more is not documented, so
# here the whole record goes to the error prefix, where it is seen.
MAX_DOCUMENTS = 500


@dataclass(frozen=True)
class Part:
    """What of a record goes to one partition, or why it goes to none."""

    data: bytes
    keys: tuple[tuple[str, str], ...] = ()
    error: firehose._DeliveryError | None = None


def deaggregates(config: dict) -> bool:
    """Whether the destination splits records of many JSON documents."""
    return destination.processor(config, "RecordDeAggregation") is not None


def delimiter(config: dict) -> bytes:
    """What is put behind each record; empty unless the processor is declared."""
    return b"" if destination.processor(config, "AppendDelimiterToRecord") is None else b"\n"


def parts(config: dict, record: bytes) -> list[Part]:
    """The record by partition: its documents as JSON lines where it is taken apart, itself otherwise."""
    if not deaggregates(config):
        return [_keyed(config, record, record + delimiter(config))]
    try:
        documents = firehose._json_documents(record)
        if len(documents) > MAX_DOCUMENTS:
            raise firehose._DeliveryError(
                "processing-failed",
                f"The record has {len(documents)} JSON documents, de-aggregation takes {MAX_DOCUMENTS} at most.",
            )
    except firehose._DeliveryError as error:
        return [Part(record, error=firehose._DeliveryError("processing-failed", error.message))]
    found: dict[tuple[tuple[str, str], ...], list[bytes]] = {}
    failed = []
    for document in documents:
        line = json.dumps(document).encode() + b"\n"
        part = _keyed(config, line, line)
        if part.error is None:
            found.setdefault(part.keys, []).append(line)
        else:
            # Without its keys it goes to the error prefix alone, not the documents beside it.
            failed.append(part)
    return [Part(b"".join(lines), keys) for keys, lines in found.items()] + failed


def _keyed(config: dict, record: bytes, data: bytes) -> Part:
    if not destination.partitions(config):
        return Part(data)
    try:
        keys = firehose._metadata_extraction_keys(config, record)
    except firehose._DeliveryError as error:
        return Part(record, error=error)
    return Part(data, tuple(sorted((keys or {}).items())))
