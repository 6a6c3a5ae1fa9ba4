"""The log never slows or fails a prediction, and counts what it loses."""

import threading

from prometheus_client import Counter
from serving import ROW, save_model, serving

from model_server.inference_log import InferenceLog
from model_server.packing import RECORD_BYTES, Line, Record


class Records:
    """A delivery that can be told to raise or to refuse."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.answers: list[object] = []
        self.calls = 0
        self.delivered = threading.Event()

    def deliver(self, records: list[Record]) -> list[Record]:
        self.calls += 1
        answer = self.answers.pop(0) if self.answers else 0
        if isinstance(answer, Exception):
            raise answer
        refused = len(records) if answer == "all" else int(answer)
        self.records += records[refused:]
        self.delivered.set()
        return records[:refused]


class Log:
    """A log with its counters."""

    def __init__(self, delivery: Records, **options) -> None:
        self.written = Counter("written", "", registry=None)
        self.dropped = Counter("dropped", "", registry=None)
        self.log = InferenceLog(lambda: delivery, self.written, self.dropped, **options)

    def counts(self) -> tuple[float, float]:
        return self.written._value.get(), self.dropped._value.get()


def put(log: Log, count: int, text: bytes = b"{}\n") -> None:
    for _ in range(count):
        log.log.put(Line(text, 1))


def test_lines_are_sent_together_on_close():
    delivery = Records()
    log = Log(delivery)
    put(log, 300)
    log.log.close(5)
    assert sum(record.lines for record in delivery.records) == 300
    assert log.counts() == (300, 0)


def test_lines_are_sent_without_waiting_for_close():
    delivery = Records()
    log = Log(delivery)
    put(log, 1)
    assert delivery.delivered.wait(10)
    log.log.close(5)


def test_a_full_record_is_sent_at_once():
    delivery = Records()
    log = Log(delivery)
    put(log, 3, b"x" * (RECORD_BYTES - 1) + b"\n")
    assert delivery.delivered.wait(10)
    log.log.close(5)
    assert log.counts() == (3, 0)


def test_refused_records_are_sent_again_and_only_they():
    # GIVEN records of three hours, of which the first is refused twice
    delivery = Records()
    delivery.answers = [1, "all"]
    log = Log(delivery)
    for hour in (1, 2, 3):
        log.log.put(Line(f"{hour}\n".encode(), hour))
    log.log._closing.wait(1.8)

    # WHEN
    log.log.close(5)

    # THEN
    assert sorted(record.data for record in delivery.records) == [b"1\n", b"2\n", b"3\n"]
    assert delivery.calls == 3
    assert log.counts() == (3, 0)


def test_an_error_is_tried_again():
    delivery = Records()
    delivery.answers = [ConnectionError("reset")]
    log = Log(delivery)
    put(log, 5)
    assert delivery.delivered.wait(10)
    log.log.close(5)
    assert log.counts() == (5, 0)


def test_lines_are_dropped_and_counted_when_retries_run_out():
    delivery = Records()
    delivery.answers = [ConnectionError("down")] * 100
    log = Log(delivery, retry_seconds=0.0)
    put(log, 5)
    log.log.close(5)
    assert delivery.calls == 1
    assert log.counts() == (0, 5)


def test_close_ends_in_time_when_nothing_can_be_sent():
    # GIVEN
    delivery = Records()
    delivery.answers = [ConnectionError("down")] * 100
    log = Log(delivery)
    put(log, 5)

    # WHEN
    log.log.close(0.5)

    # THEN
    assert log.counts() == (0, 5)


def test_a_full_queue_drops_new_lines_and_counts_them():
    # GIVEN a delivery that hangs
    hang = threading.Event()

    class Hanging(Records):
        def deliver(self, records: list[Record]) -> list[Record]:
            self.delivered.set()
            hang.wait(30)
            return super().deliver(records)

    delivery = Hanging()
    log = Log(delivery, queue_bytes=300)
    put(log, 1)
    assert delivery.delivered.wait(10)

    # WHEN
    put(log, 500)

    # THEN
    assert log.counts() == (0, 400)
    hang.set()
    log.log.close(5)
    assert log.counts() == (101, 400)


def test_a_line_longer_than_a_record_is_dropped_and_counted():
    log = Log(Records())
    put(log, 1, b"x" * (RECORD_BYTES + 1))
    log.log.close(5)
    assert log.counts() == (0, 1)


def test_lines_after_close_are_counted():
    log = Log(Records())
    log.log.close(5)
    put(log, 2)
    assert log.counts() == (0, 2)


def test_no_connection_is_no_end_of_the_log():
    # GIVEN
    delivery = Records()
    tries = iter([ValueError("no region"), delivery])

    def connect() -> Records:
        answer = next(tries)
        if isinstance(answer, Exception):
            raise answer
        return answer

    written, dropped = Counter("w", "", registry=None), Counter("d", "", registry=None)
    log = InferenceLog(connect, written, dropped)

    # WHEN
    log.put(Line(b"1\n", 1))
    threading.Event().wait(1.5)
    log.put(Line(b"2\n", 1))
    log.close(5)

    # THEN
    assert [record.data for record in delivery.records] == [b"2\n"]
    assert dropped._value.get() == 1


def test_predictions_reach_the_stream_as_the_lake_wants_them(tmp_path, firehose):
    # WHEN
    with serving(save_model(tmp_path / "model"), log_stream="rain-log") as caller:
        answer = caller.invoke(ROW, {"a": -0.5, "b": 3}, headers={"X-Amzn-SageMaker-Inference-Id": "id"})

    # THEN
    first, second = firehose.lines
    assert first["request_id"] == "id-0"
    assert first["features"] == {"a": 0.5, "b": 2}
    assert (first["model"], first["version"]) == ("rain", "3")
    assert first["score"] == answer.json["predictions"][0]["score"]
    assert (first["prediction"], second["prediction"]) == (1, 0)
    assert len(first["event_time"]) == len("2026-11-24 03:04:05.678")
    assert first["event_time"].endswith(f"{first['event_time_ms'] % 1000:03}")
    assert first["latency_ms"] > 0
    assert list(first) == [
        "request_id", "event_time", "event_time_ms", "model", "version", "latency_ms", "features", "prediction", "score"
    ]  # fmt: skip


def test_records_that_firehose_refuses_are_sent_again(tmp_path, firehose):
    firehose.refuse = [1]
    with serving(save_model(tmp_path / "model"), log_stream="rain-log") as caller:
        caller.invoke(ROW)
    assert len(firehose.lines) == 1
    assert len(firehose.calls) == 2


def test_predictions_go_on_while_firehose_is_down(tmp_path, firehose):
    # GIVEN
    firehose.down = True

    # WHEN
    with serving(save_model(tmp_path / "model"), log_stream="rain-log") as caller:
        answers = [caller.invoke(ROW).status for _ in range(50)]
        firehose.stop()
        answers += [caller.invoke(ROW).status for _ in range(50)]

    # THEN
    assert set(answers) == {200}


def test_no_prediction_waits_for_a_firehose_that_does_not_answer(tmp_path, firehose):
    # GIVEN a first line that is on its way, and stays there
    firehose.answering.clear()
    with serving(save_model(tmp_path / "model"), log_stream="rain-log") as caller:
        caller.invoke(ROW)
        assert firehose.asked.wait(20)

        # WHEN
        answers = [caller.invoke(ROW).status for _ in range(50)]

        # THEN all were answered before it was
        assert set(answers) == {200}
        assert firehose.lines == []
        firehose.answering.set()
    assert len(firehose.lines) == 51
