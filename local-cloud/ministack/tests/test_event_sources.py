import time

import pytest
from ministack.services import lambda_svc, sqs
from mlops_local import event_sources

ARN = "arn:aws:sqs:us-east-1:000000000000:q"


@pytest.fixture
def queue(monkeypatch):
    """A queue with messages that become visible so many seconds from now, and who polls it."""

    def make(*seconds: float, enabled: bool = True) -> float:
        now = time.time()
        messages = [{"visible_at": now + each} for each in seconds]
        monkeypatch.setattr(sqs._queues, "_data", {("a", "r", "q"): {"attributes": {"QueueArn": ARN}, "messages": messages}})
        monkeypatch.setattr(lambda_svc._esms, "_data", {("a", "r", "e"): {"EventSourceArn": ARN, "Enabled": enabled}})
        monkeypatch.setattr(event_sources, "_told", now)
        return now

    return make


def test_the_clock_stops_where_the_next_message_becomes_visible(queue):
    now = queue(-5, 60, 30)
    assert event_sources.next_due() == now + 30
    assert not event_sources.wake(now + 29)
    assert event_sources.wake(now + 30)
    assert not event_sources.wake(now + 31)


def test_what_nobody_polls_stops_no_clock(queue):
    now = queue(30, enabled=False)
    assert event_sources.next_due() is None
    assert not event_sources.wake(now + 30)


def test_a_poller_that_finds_more_is_waited_for_and_one_that_does_not_answer_is_not(queue, monkeypatch):
    # GIVEN passes that find something twice
    queue()
    passes = event_sources._Passes()
    monkeypatch.setattr(event_sources, "_passes", passes)
    found = [True, True, False]

    def look(seconds: float) -> None:
        passes.begin()
        passes.note(found.pop(0))
        passes.end()

    monkeypatch.setattr(event_sources.time, "sleep", look)
    # WHEN
    event_sources.settle()
    # THEN
    assert found == []

    # AND
    monkeypatch.setattr(event_sources, "SETTLE_SECONDS", 0.0)
    event_sources.settle()
