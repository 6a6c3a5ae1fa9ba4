"""A model server that answers and names its version.

Unless it is told to lie, to contradict, to crash, or to wait for a file first. It logs its predictions where it is told to.
"""

import json
import os
import sys
import time
import uuid
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

VERSION = os.environ.get("LIE", os.environ["MODEL_VERSION"])
ANSWER = {"prediction": 0, "score": 0.2} if "CONTRADICT" in os.environ else {"prediction": 1, "score": 0.8}
STREAM = os.environ.get("INFERENCE_LOG_STREAM", "")


def connect():
    import boto3

    return boto3.client("firehose", region_name=os.environ.get("AWS_REGION"))


FIREHOSE = connect() if STREAM else None


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer({})

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        predictions = [ANSWER for _ in request["instances"]]
        self.answer({"predictions": predictions, "model": os.environ["MODEL_NAME"], "version": VERSION})
        if FIREHOSE is not None:
            given = self.headers.get("X-Amzn-SageMaker-Inference-Id")
            lines = [self.line(given or str(uuid.uuid4()), features) for features in request["instances"]]
            FIREHOSE.put_record_batch(DeliveryStreamName=STREAM, Records=[{"Data": line} for line in lines])

    def line(self, request_id, features):
        now = time.time()
        row = {
            "request_id": request_id,
            "event_time": datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3],
            "event_time_ms": int(now * 1000),
            "model": os.environ["MODEL_NAME"],
            "version": VERSION,
            "features": features,
            **ANSWER,
            "latency_ms": 1.0,
        }
        return f"{json.dumps(row)}\n"

    def answer(self, body):
        text = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)
        self.wfile.flush()


if __name__ == "__main__":
    if "CRASH" in os.environ:
        sys.exit("told to crash")
    while not os.path.exists(os.environ.get("WAIT_FOR", __file__)):
        time.sleep(0.05)
    ThreadingHTTPServer(("127.0.0.1", int(os.environ["SAGEMAKER_BIND_TO_PORT"])), Handler).serve_forever()
