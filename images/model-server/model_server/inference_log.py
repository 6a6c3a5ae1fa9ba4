"""Writes the inference log in the background.

Life of a line: `put` adds it to a bounded queue, or drops and counts it when the queue is full. A thread takes all that
waits, each second or as soon as a record is full, packs it and sends it. What Firehose refuses is sent again with
growing pauses, and dropped and counted after a minute. `put` never waits for anything but the queue's lock.
"""

import math
import random
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

from .packing import RECORD_BYTES, Line, Record, pack

FLUSH_SECONDS = 1.0
# some minutes of a busy server, and a memory that any instance has
QUEUE_BYTES = 32 * 1024 * 1024
RETRY_SECONDS = 60.0
FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 5.0


class Delivery(Protocol):
    """Where records go."""

    def deliver(self, records: list[Record]) -> list[Record]:
        """Sends records; gives back those that were refused, or raises when all were."""


class Counter(Protocol):
    """A number that grows."""

    def inc(self, amount: float = 1) -> None: ...


class InferenceLog:
    """The queue and the thread that empties it."""

    def __init__(
        self,
        connect: Callable[[], Delivery],
        written: Counter,
        dropped: Counter,
        queue_bytes: int = QUEUE_BYTES,
        retry_seconds: float = RETRY_SECONDS,
    ) -> None:
        self._connect = connect
        self._written = written
        self._dropped = dropped
        self._queue_bytes = queue_bytes
        self._retry_seconds = retry_seconds
        self._queue: deque[Line] = deque()
        self._bytes = 0
        self._wake = threading.Condition()
        self._closing = threading.Event()
        self._last_moment = math.inf
        self._thread = threading.Thread(target=self._run, name="inference-log", daemon=True)
        self._thread.start()

    @property
    def waiting_bytes(self) -> int:
        return self._bytes

    def put(self, line: Line) -> None:
        """Queues a line, or drops it."""
        with self._wake:
            full = self._bytes + len(line.text) > self._queue_bytes
            if not full and len(line.text) <= RECORD_BYTES and not self._closing.is_set():
                self._queue.append(line)
                self._bytes += len(line.text)
                if self._bytes >= RECORD_BYTES:
                    self._wake.notify()
                return
        self._dropped.inc()

    def close(self, timeout: float) -> None:
        """Sends what waits; what is not sent in time is dropped and counted."""
        self._last_moment = time.monotonic() + timeout
        self._closing.set()
        with self._wake:
            self._wake.notify()
        self._thread.join(timeout)
        self._dropped.inc(len(self._take()))

    def _run(self) -> None:
        delivery: Delivery | None = None
        while True:
            with self._wake:
                if not self._closing.is_set() and self._bytes < RECORD_BYTES:
                    self._wake.wait(FLUSH_SECONDS)
            lines = self._take()
            if not lines and self._closing.is_set():
                return
            for batch in pack(lines):
                try:
                    # made here, not at start: importing an SDK takes longer than loading a model
                    delivery = self._connect() if delivery is None else delivery
                except Exception as error:  # a thread that died would lose every later line, too
                    self._drop(batch, error)
                    continue
                self._send(delivery, batch)

    def _take(self) -> list[Line]:
        with self._wake:
            lines = list(self._queue)
            self._queue.clear()
            self._bytes = 0
        return lines

    def _send(self, delivery: Delivery, batch: list[Record]) -> None:
        deadline = time.monotonic() + self._retry_seconds
        pause = FIRST_PAUSE_SECONDS
        waiting = batch
        while True:
            reason: object = "refused records"
            try:
                refused = delivery.deliver(waiting)
            except Exception as error:  # whatever an SDK raises: the log must go on
                refused, reason = waiting, error
            self._written.inc(_lines(waiting) - _lines(refused))
            if not refused:
                return
            waiting = refused
            if time.monotonic() + pause > min(deadline, self._last_moment):
                self._drop(waiting, reason)
                return
            # with jitter: the servers of a fleet must not come back together
            pause = self._rest(pause * random.uniform(0.5, 1.0), pause)

    def _rest(self, seconds: float, pause: float) -> float:
        """Waits; gives the next pause, which begins anew when the end interrupts this one."""
        if self._closing.is_set():
            time.sleep(seconds)
        elif self._closing.wait(seconds):
            return FIRST_PAUSE_SECONDS
        return min(pause * 2, LONGEST_PAUSE_SECONDS)

    def _drop(self, records: list[Record], reason: object) -> None:
        self._dropped.inc(_lines(records))
        print(f"inference log: dropped {_lines(records)} lines: {reason}", file=sys.stderr, flush=True)


def _lines(records: list[Record]) -> int:
    return sum(record.lines for record in records)
