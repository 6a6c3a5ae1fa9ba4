"""Numbers for Prometheus."""

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

from .guardrail import Guardrail
from .recent import Recent

# a second series beside each counter and histogram that nobody reads
disable_created_metrics()

SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


class Metrics:
    """The metrics of one server, in a registry of its own."""

    def __init__(self, model: str, version: str, guardrail: Guardrail | None = None) -> None:
        self.registry = CollectorRegistry()
        self._guardrail = guardrail
        self._recent = Recent()
        ProcessCollector(registry=self.registry)
        info = Gauge("model_server_info", "The version that serves.", ["model", "version"], registry=self.registry)
        info.labels(model, version).set(1)
        self.requests = Counter(
            "model_server_requests", "Requests by protocol and status.", ["protocol", "code"], registry=self.registry
        )
        self.seconds = Histogram(
            "model_server_request_seconds",
            "Seconds from a request's last byte to its answer.",
            ["protocol"],
            buckets=SECONDS,
            registry=self.registry,
        )
        # these two are what an autoscaler acts on: requests for predictions, and no probes
        self.in_flight = Gauge(
            "model_server_requests_in_flight", "Requests for predictions not answered yet.", registry=self.registry
        )
        recent_seconds = Gauge(
            "model_server_recent_seconds",
            "Mean seconds to an answer with predictions in the last half minute.",
            registry=self.registry,
        )
        recent_seconds.set_function(self._recent.mean)
        self.predictions = Counter("model_server_predictions", "Rows predicted.", registry=self.registry)
        self.log_written = Counter("inference_log_written", "Lines that reached the stream.", registry=self.registry)
        self.log_dropped = Counter("inference_log_dropped", "Lines lost.", registry=self.registry)
        self.log_waiting = Gauge("inference_log_waiting_bytes", "Bytes in the queue.", registry=self.registry)

    def predicted(self, status: int, seconds: float) -> None:
        """Counts one answer to a request for predictions."""
        self._recent.add(seconds)
        if self._guardrail is not None:
            self._guardrail.record(status, seconds)

    def text(self) -> bytes:
        return generate_latest(self.registry)
