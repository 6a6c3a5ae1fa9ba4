"""The process in which clusters run: started when the first is made, and asked by HTTP."""

import json
import logging
import os
import subprocess
import threading
import urllib.error
import urllib.request

logger = logging.getLogger("mlops.eks")

# A control plane that has to be built first takes minutes.
_TIMEOUT_SECONDS = 1800
_READY = "eks ready "


class Refused(Exception):
    """What was asked for failed; the message is that of `kubectl`, or of the start of a cluster."""


class ClusterServer:
    """Starts the process at need; it is in this process's group, and ends when its stdin does."""

    def __init__(self, settings: dict):
        self._settings = settings
        self._log_file = settings["log"]
        self._lock = threading.Lock()
        self._process: subprocess.Popen | None = None
        self._url = ""

    def ask(self, operation: str, request: dict) -> dict:
        """Carry out an operation of `local-cloud/eks/cluster-service.ts`."""
        body = json.dumps(request).encode()
        try:
            with urllib.request.urlopen(f"{self._started()}/{operation}", body, timeout=_TIMEOUT_SECONDS) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            raise Refused(json.loads(error.read())["message"]) from error
        except OSError as error:
            raise Refused(f"the local EKS does not answer: {error}; its log: {self._log_file}") from error

    def _started(self) -> str:
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                self._start()
            return self._url

    def _start(self) -> None:
        # Lambda workers' preloads are theirs.
        inherited = {name: value for name, value in os.environ.items() if name != "NODE_OPTIONS"}
        with open(self._log_file, "ab") as log:
            self._process = subprocess.Popen(
                self._settings["command"],
                cwd=self._settings["cwd"],
                env={**inherited, **self._settings["environment"]},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        line = self._process.stdout.readline()
        if not line.startswith(_READY):
            raise Refused(f"the local EKS has ended at start; its log: {self._log_file}")
        self._url = line.removeprefix(_READY).strip()


def from_environment() -> ClusterServer:
    """As `local-cloud/process/local-services.ts` says how to start it."""
    return ClusterServer(json.loads(os.environ["MLOPS_LOCAL_EKS_SERVER"]))
