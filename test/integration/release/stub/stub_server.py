"""A model server that answers and names its version, unless it is told to lie, to crash, or to wait for a file first."""

import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer({})

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        version = os.environ.get("LIE", os.environ["MODEL_VERSION"])
        predictions = [{"prediction": 1, "score": 0.8} for _ in request["instances"]]
        self.answer({"predictions": predictions, "model": os.environ["MODEL_NAME"], "version": version})

    def answer(self, body):
        text = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


if __name__ == "__main__":
    if "CRASH" in os.environ:
        sys.exit("told to crash")
    while not os.path.exists(os.environ.get("WAIT_FOR", __file__)):
        time.sleep(0.05)
    ThreadingHTTPServer(("127.0.0.1", int(os.environ["SAGEMAKER_BIND_TO_PORT"])), Handler).serve_forever()
