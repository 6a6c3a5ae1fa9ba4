"""Packs log lines into as few Firehose records and calls as its limits allow: a record is billed in steps of 5 KB."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

# limits of PutRecordBatch
RECORD_BYTES = 1000 * 1024
BATCH_BYTES = 4 * 1024 * 1024
BATCH_RECORDS = 500
# a delivery stream takes no more documents than this out of one record (Firehose: "Record deaggregation by JSON")
RECORD_LINES = 500


@dataclass(frozen=True)
class Line:
    """One JSON line, with its newline, and the hour of its event, in hours since the epoch."""

    text: bytes
    hour: int


@dataclass(frozen=True)
class Record:
    """The data of one Firehose record and how many lines it holds."""

    data: bytes
    lines: int


def pack(lines: Iterable[Line]) -> Iterator[list[Record]]:
    """Batches of records, each within the limits. No line may be longer than a record.

    A record holds lines of one hour, so that it belongs to one partition of the lake.
    """
    batch: list[Record] = []
    size = 0
    for record in _records(lines):
        if batch and (len(batch) == BATCH_RECORDS or size + len(record.data) > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(record)
        size += len(record.data)
    if batch:
        yield batch


def _records(lines: Iterable[Line]) -> Iterator[Record]:
    waiting: list[bytes] = []
    size, hour = 0, 0
    for line in lines:
        full = len(waiting) == RECORD_LINES or size + len(line.text) > RECORD_BYTES
        if waiting and (line.hour != hour or full):
            yield Record(b"".join(waiting), len(waiting))
            waiting, size = [], 0
        waiting.append(line.text)
        size += len(line.text)
        hour = line.hour
    if waiting:
        yield Record(b"".join(waiting), len(waiting))
