"""Lines become few records, within every limit, and none is lost."""

import random

import pytest

from model_server.packing import BATCH_BYTES, BATCH_RECORDS, RECORD_BYTES, RECORD_LINES, Line, pack


def lines_of(seed: int) -> list[Line]:
    """Lines of some hours: few long ones or many short ones, up to a few batches in all."""
    chance = random.Random(seed)
    longest = chance.choice([50, 5_000, 300_000, RECORD_BYTES])
    hour, size = 0, 0
    lines: list[Line] = []
    while len(lines) < 1500 and size < 2 * BATCH_BYTES:
        hour += chance.random() < 0.02
        text = f"{len(lines)}".encode().ljust(chance.randint(5, longest) - 1, b".") + b"\n"
        lines.append(Line(text, hour))
        size += len(text)
    return lines[: chance.choice([0, 1, 40, 1500])]


@pytest.mark.parametrize("seed", range(30))
def test_every_limit_is_kept_and_every_line_is_there_once_in_order(seed):
    # GIVEN
    lines = lines_of(seed)

    # WHEN
    batches = list(pack(lines))

    # THEN
    records = [record for batch in batches for record in batch]
    assert b"".join(record.data for record in records) == b"".join(line.text for line in lines)
    assert sum(record.lines for record in records) == len(lines)
    assert all(0 < len(batch) <= BATCH_RECORDS for batch in batches)
    assert all(sum(len(record.data) for record in batch) <= BATCH_BYTES for batch in batches)
    assert all(len(record.data) <= RECORD_BYTES and record.lines <= RECORD_LINES for record in records)


def test_many_short_lines_make_as_few_records_as_the_stream_can_take_apart():
    [records] = list(pack([Line(b'{"a":1}\n', 7)] * 1001))
    assert [record.lines for record in records] == [500, 500, 1]


def test_hours_do_not_share_a_record():
    [records] = list(pack([Line(b"a\n", 7), Line(b"b\n", 7), Line(b"c\n", 8)]))
    assert [record.data for record in records] == [b"a\nb\n", b"c\n"]


def test_a_batch_has_no_more_records_than_a_call_takes():
    batches = list(pack([Line(b"x\n", hour) for hour in range(BATCH_RECORDS + 1)]))
    assert [len(batch) for batch in batches] == [BATCH_RECORDS, 1]
