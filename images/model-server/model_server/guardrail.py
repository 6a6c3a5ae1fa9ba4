"""Tells CloudWatch each minute how requests went, where nobody else does: on Kubernetes.

The names, units and meanings are those of a SageMaker endpoint, so that the same alarms watch both. `record` only
counts; a thread sends, and what cannot be sent is lost, as a prediction is worth more than a number about it.
"""

import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, Protocol, TypeVar

T = TypeVar("T")

# CloudWatch's own limits
VALUES_PER_DATUM = 150
DATA_PER_CALL = 1000
# the caller went away: no error of the model
GONE = 499


class CloudWatch(Protocol):
    """Where numbers go."""

    def put_metric_data(self, *, Namespace: str, MetricData: list[dict[str, Any]]) -> Any: ...


class Guardrail:
    """Counts requests, and a thread that sends the counts."""

    def __init__(self, connect: Callable[[], CloudWatch], namespace: str, model: str, interval: float) -> None:
        self._connect = connect
        self._namespace = namespace
        self._dimensions = [{"Name": "Model", "Value": model}]
        self._interval = interval
        self._lock = threading.Lock()
        self._requests: Counter[tuple[int, int]] = Counter()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="guardrail", daemon=True)
        self._thread.start()

    def record(self, status: int, seconds: float) -> None:
        """Counts one request for a prediction."""
        with self._lock:
            self._requests[(status, two_digits(round(seconds * 1_000_000)))] += 1

    def close(self, seconds: float) -> None:
        """Sends what is there, and waits so long for it."""
        self._closing.set()
        self._thread.join(seconds)

    def _run(self) -> None:
        client: CloudWatch | None = None
        last = False
        while not last:
            last = self._closing.wait(self._interval)
            with self._lock:
                requests, self._requests = self._requests, Counter()
            if not requests:
                continue
            try:
                client = self._connect() if client is None else client
                for data in _chunks(iter(metric_data(requests, self._dimensions)), DATA_PER_CALL):
                    client.put_metric_data(Namespace=self._namespace, MetricData=data)
            except Exception as error:  # whatever it is, the server goes on
                print(f"cannot put metrics in '{self._namespace}': {error}", file=sys.stderr, flush=True)


def two_digits(microseconds: int) -> int:
    """Rounded to two significant digits: near enough for a percentile, and few enough values for a call."""
    factor = 10 ** max(0, len(str(microseconds)) - 2)
    return (microseconds + factor // 2) // factor * factor


def metric_data(requests: Counter[tuple[int, int]], dimensions: list[dict[str, str]]) -> list[dict[str, Any]]:
    """What CloudWatch is told of these requests, by status and microseconds."""
    latencies: Counter[int] = Counter()
    server_errors: Counter[int] = Counter()
    model_errors: Counter[int] = Counter()
    for (status, microseconds), count in requests.items():
        latencies[microseconds] += count
        server_errors[int(status >= 500)] += count
        model_errors[int(not 200 <= status < 300 and status != GONE)] += count
    counted = [
        ("ModelLatency", "Microseconds", latencies),
        # 0 or 1 for each request, so that the average is the rate
        ("Invocation5XXErrors", "None", server_errors),
        ("InvocationModelErrors", "None", model_errors),
    ]
    return [
        {
            "MetricName": name,
            "Dimensions": dimensions,
            "Unit": unit,
            "Values": [float(value) for value, _ in values],
            "Counts": [float(count) for _, count in values],
        }
        for name, unit, counts in counted
        for values in _chunks(iter(sorted(counts.items())), VALUES_PER_DATUM)
    ]


def _chunks(items: Iterator[T], size: int) -> Iterator[list[T]]:
    while chunk := list(islice(items, size)):
        yield chunk
