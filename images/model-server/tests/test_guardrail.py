"""What autoscalers and alarms are told of requests for predictions."""

import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from model_server.guardrail import Guardrail, metric_data, two_digits
from model_server.recent import HALF_SECONDS, Recent
from serving import ROW, save_code, save_model, serving

DIMENSIONS = [{"Name": "Model", "Value": "rain"}]
SLOW = """
import time
def model_fn(folder): return 0
def predict_fn(features, model):
    time.sleep(1)
    return features[:, 0]
"""


class FakeCloudWatch:
    """Takes what is put; `down` says how many of the next calls fail."""

    def __init__(self, down: int = 0) -> None:
        self.down = down
        self.calls: list[tuple[str, list[dict[str, Any]]]] = []
        self.called = threading.Event()

    def put_metric_data(self, *, Namespace: str, MetricData: list[dict[str, Any]]) -> None:
        self.called.set()
        if self.down > 0:
            self.down -= 1
            raise ConnectionError("CloudWatch is down")
        self.calls.append((Namespace, MetricData))


def rate(data: list[dict[str, Any]], name: str) -> float:
    """The average that CloudWatch makes of it."""
    pairs = [
        (value, count)
        for datum in data
        if datum["MetricName"] == name
        for value, count in zip(datum["Values"], datum["Counts"], strict=True)
    ]
    return sum(value * count for value, count in pairs) / sum(count for _, count in pairs)


def test_the_average_of_errors_is_their_rate():
    requests = Counter({(200, 900): 6, (400, 100): 1, (500, 100): 1, (499, 100): 2})

    data = metric_data(requests, DIMENSIONS)

    assert rate(data, "Invocation5XXErrors") == pytest.approx(0.1)
    # a caller that went away is no error of the model
    assert rate(data, "InvocationModelErrors") == pytest.approx(0.2)
    assert {datum["Unit"] for datum in data if datum["MetricName"] == "ModelLatency"} == {"Microseconds"}
    assert all(datum["Dimensions"] == DIMENSIONS for datum in data)


def test_as_many_values_go_into_a_datum_as_cloudwatch_takes():
    requests = Counter({(200, two_digits(microseconds)): 1 for microseconds in range(100, 3_000_000, 97)})

    latencies = [datum for datum in metric_data(requests, DIMENSIONS) if datum["MetricName"] == "ModelLatency"]

    assert len(latencies) > 1
    assert all(len(datum["Values"]) == len(datum["Counts"]) <= 150 for datum in latencies)
    assert sum(sum(datum["Counts"]) for datum in latencies) == sum(requests.values())


@pytest.mark.parametrize(
    ("exact", "rounded"), [(0, 0), (7, 7), (42, 42), (123, 120), (125, 130), (999, 1000), (1_249_999, 1_200_000)]
)
def test_latencies_keep_two_digits(exact, rounded):
    assert two_digits(exact) == rounded


def test_what_was_counted_is_sent_at_the_end_at_the_latest():
    cloudwatch = FakeCloudWatch()
    guardrail = Guardrail(lambda: cloudwatch, "MLOps/Serving/dev/rain", "rain", 3600)
    guardrail.record(200, 0.0042)

    guardrail.close(10)

    [(namespace, data)] = cloudwatch.calls
    assert namespace == "MLOps/Serving/dev/rain"
    assert [datum["Values"] for datum in data if datum["MetricName"] == "ModelLatency"] == [[4200.0]]


def test_without_requests_nothing_is_sent():
    cloudwatch = FakeCloudWatch()
    Guardrail(lambda: cloudwatch, "MLOps/Serving/dev/rain", "rain", 3600).close(10)

    assert cloudwatch.calls == []
    assert not cloudwatch.called.is_set()


def test_after_a_failure_the_next_minute_is_sent(capsys):
    # GIVEN a CloudWatch that fails once
    cloudwatch = FakeCloudWatch(down=1)
    guardrail = Guardrail(lambda: cloudwatch, "MLOps/Serving/dev/rain", "rain", 0.01)
    guardrail.record(200, 0.001)
    assert cloudwatch.called.wait(10)

    # WHEN requests go on
    guardrail.record(500, 0.001)
    guardrail.close(10)

    # THEN those after it are told, and the failure was said
    assert [rate(data, "Invocation5XXErrors") for _, data in cloudwatch.calls] == [1.0]
    assert "cannot put metrics in 'MLOps/Serving/dev/rain': CloudWatch is down" in capsys.readouterr().err


def test_the_server_counts_predictions_and_no_probes(tmp_path):
    with serving(save_model(tmp_path)) as caller:
        for path in ("/ping", "/v2/health/live", "/v2/models/rain/ready"):
            caller.get(path)
        assert caller.metric("model_server_recent_seconds") == 0

        caller.invoke(ROW)

        assert caller.metric("model_server_recent_seconds") > 0


class Listener(ThreadingHTTPServer):
    """Keeps the bodies that are posted to it."""

    def __init__(self) -> None:
        bodies: list[bytes] = []
        self.bodies = bodies

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None: ...

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()


def test_the_server_tells_cloudwatch_by_the_sdk_where_it_is_told_to(tmp_path, monkeypatch):
    listener = Listener()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{listener.server_address[1]}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")

    with serving(save_model(tmp_path), metric_namespace="MLOps/Serving/dev/rain") as caller:
        caller.invoke(ROW)
        caller.invoke({"a": "no number"})

    [body] = listener.bodies
    for part in (b"MLOps/Serving/dev/rain", b"Invocation5XXErrors", b"InvocationModelErrors", b"ModelLatency"):
        assert part in body.replace(b"%2F", b"/")
    listener.shutdown()
    listener.server_close()


def test_a_request_that_is_not_answered_yet_is_in_flight(tmp_path):
    schema = {"features": [{"name": "a", "type": "double"}], "label": "rain"}
    with serving(save_code(tmp_path, SLOW, schema)) as caller:
        asking = threading.Thread(target=caller.invoke, args=({"a": 1},))
        asking.start()
        most = 0.0
        while asking.is_alive():
            most = max(most, caller.metric("model_server_requests_in_flight"))

        assert most == 1
        assert caller.metric("model_server_requests_in_flight") == 0


def test_load_that_is_gone_is_forgotten():
    now = 100 * HALF_SECONDS
    recent = Recent(lambda: now)
    recent.add(1.0)
    recent.add(3.0)
    assert recent.mean() == 2.0

    now += HALF_SECONDS
    recent.add(5.0)
    assert recent.mean() == 3.0

    now += HALF_SECONDS
    assert recent.mean() == 5.0

    now += HALF_SECONDS
    assert recent.mean() == 0.0
