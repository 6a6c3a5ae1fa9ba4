import http.server
import json
import math
import threading

import pytest
from mlops_local import sagemaker_timers


@pytest.fixture
def sagemaker(monkeypatch):
    """Something that answers as the local SageMaker does, with the timer that a test sets."""
    health: dict = {}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = json.dumps(health).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    monkeypatch.setenv("MLOPS_LOCAL_SAGEMAKER_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setattr(sagemaker_timers, "_due", None)
    monkeypatch.setattr(sagemaker_timers, "_asked_at", -math.inf)
    yield health
    server.shutdown()
    server.server_close()


@pytest.fixture
def looked(monkeypatch):
    """How often it was let look."""
    times: list[float] = []
    monkeypatch.setattr(sagemaker_timers.time, "sleep", times.append)
    return times


def test_a_timer_is_a_stop_and_whoever_waits_for_it_is_let_look(sagemaker, looked):
    # GIVEN
    sagemaker["nextDue"] = 5_000
    assert sagemaker_timers.next_due() == 5.0
    # WHEN / THEN
    assert not sagemaker_timers.wake(4.9)
    assert looked == []
    assert sagemaker_timers.wake(5.0)
    sagemaker_timers.let_look()
    assert len(looked) == 2


def test_where_nothing_waits_nothing_holds_the_clock_up(sagemaker, looked):
    assert sagemaker_timers.next_due() is None
    assert not sagemaker_timers.wake(10.0)
    sagemaker_timers.let_look()
    assert looked == []


def test_it_is_asked_again_once_something_has_happened_or_some_time_has_passed(sagemaker, looked, monkeypatch):
    # GIVEN a real time that stands still
    monkeypatch.setattr(sagemaker_timers.time, "monotonic", lambda: 100.0)
    sagemaker["nextDue"] = 5_000
    assert sagemaker_timers.next_due() == 5.0
    # WHEN / THEN
    sagemaker["nextDue"] = 6_000
    assert sagemaker_timers.next_due() == 5.0
    sagemaker_timers.let_look()
    assert sagemaker_timers.next_due() == 6.0
    sagemaker["nextDue"] = 7_000
    assert sagemaker_timers.wake(6.0)
    assert sagemaker_timers.next_due() == 7.0
    sagemaker["nextDue"] = 8_000
    monkeypatch.setattr(sagemaker_timers.time, "monotonic", lambda: 100.03)
    assert sagemaker_timers.next_due() == 8.0


def test_a_server_that_is_gone_has_no_timer(sagemaker, monkeypatch):
    monkeypatch.setenv("MLOPS_LOCAL_SAGEMAKER_URL", "http://127.0.0.1:1")
    assert sagemaker_timers.next_due() is None
