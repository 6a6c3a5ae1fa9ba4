"""What Lambda polls, queues and streams, in the time of a move: told when a message becomes visible, and waited for."""

import time

from ministack.services import lambda_svc, sqs

from . import hooks, moments

# How long, in real seconds, the clock waits until nothing is left to be polled.
SETTLE_SECONDS = 2.0
_LOOK_EVERY_SECONDS = 0.02


class _Passes:
    """The poller's passes over all sources: it has one thread, in which streams are read and their functions run."""

    def __init__(self) -> None:
        self.begun = 0
        self.last_idle = 0
        self._worked = False

    def begin(self) -> None:
        self.begun += 1
        self._worked = False

    def note(self, worked: bool) -> None:
        self._worked |= worked

    def end(self) -> None:
        if not self._worked:
            self.last_idle = self.begun


_passes = _Passes()
# Up to when messages that become visible have been told of.
_told = 0.0


def _sources() -> set[str]:
    return {
        esm.get("EventSourceArn", "") for esm in list(lambda_svc._esms._data.values()) if esm.get("Enabled", True)
    }


def _hidden_until() -> list[float]:
    """When each message of a polled queue becomes visible, or did."""
    polled = _sources()
    queues = [queue for queue in list(sqs._queues._data.values()) if queue["attributes"].get("QueueArn") in polled]
    return [message["visible_at"] for queue in queues for message in list(queue["messages"])]


def next_due() -> float | None:
    """When the next message that Lambda polls for becomes visible."""
    now = time.time()
    return min((moment for moment in _hidden_until() if moment > now), default=None)


def wake(now: float) -> bool:
    """Let the poller look; tells whether a message has become visible since the last time."""
    global _told
    last, _told = _told, now
    visible = any(last < moment <= now + moments.TOLERANCE_SECONDS for moment in _hidden_until())
    if visible:
        lambda_svc._esm_wake.set()
    return visible


def settle() -> None:
    """Wait until the poller has found nothing more, so that what it hands on is seen at its own time."""
    if not _sources():
        return
    wanted = _passes.begun + 1
    deadline = time.monotonic() + SETTLE_SECONDS
    while (_passes.last_idle < wanted or lambda_svc._esm_inflight) and time.monotonic() < deadline:
        lambda_svc._esm_wake.set()
        time.sleep(_LOOK_EVERY_SECONDS)


def install() -> None:
    """Follow the poller's passes: queues come first, tables last."""

    def following(original, first: bool = False, last: bool = False):
        def poll():
            if first:
                _passes.begin()
            worked = original()
            _passes.note(bool(worked))
            if last:
                _passes.end()
            return worked

        return poll

    hooks.wrap(lambda_svc, "_poll_sqs", lambda original: following(original, first=True))
    hooks.wrap(lambda_svc, "_poll_kinesis", following)
    hooks.wrap(lambda_svc, "_poll_dynamodb_streams", lambda original: following(original, last=True))
