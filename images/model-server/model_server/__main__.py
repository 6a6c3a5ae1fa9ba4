"""`python -m model_server [serve]`: serves one version until it is told to end; `fetch` brings its model first.

`batch` predicts files instead of answering requests.
"""

import os
import sys
import time

import uvicorn

from .app import create_app
from .batch import Batch, BatchError, predict_files
from .fetch import FetchError, Source, connect_s3, fetch
from .model import load_model
from .schema import ModelError
from .settings import Settings, SettingsError

DRAIN_SECONDS = 20
# by which a Job knows that to try again is in vain (`constructs/serving/kubernetes/batch-chart.ts`)
IN_VAIN = 42
# longer than any caller's: who closes an idle connection first must not be the server, whose caller may just be sending
KEEP_ALIVE_SECONDS = 75


def main(arguments: list[str]) -> int:
    if arguments == ["fetch"]:
        return fetch_model()
    if arguments == ["batch"]:
        return predict_batch()
    if arguments not in ([], ["serve"]):
        print(f"command is '{' '.join(arguments)}', allowed is 'serve', 'fetch', 'batch' or nothing", file=sys.stderr)
        return 2
    return serve()


def fetch_model() -> int:
    started = time.perf_counter()
    try:
        source = Source.of(os.environ)
        fetch(source, connect_s3(os.environ))
    except (SettingsError, FetchError) as error:
        print(f"cannot fetch the model: {error}", file=sys.stderr)
        return 1
    seconds = time.perf_counter() - started
    print(f"'{source.uri}' fetched, checked and unpacked in {seconds:.2f} s", flush=True)
    return 0


def predict_batch() -> int:
    started = time.perf_counter()
    try:
        batch = Batch.of(os.environ)
        settings = Settings.of(os.environ)
        files = predict_files(batch, load_model(settings.model_dir), settings, connect_s3(os.environ))
    except (SettingsError, ModelError, BatchError) as error:
        print(f"cannot predict the files: {error}", file=sys.stderr)
        return IN_VAIN
    seconds = time.perf_counter() - started
    print(f"version {settings.model_version}: {files} files predicted in {seconds:.2f} s", flush=True)
    return 0


def serve() -> int:
    started = time.perf_counter()
    try:
        settings = Settings.of(os.environ)
        app = create_app(settings)
    except (SettingsError, ModelError) as error:
        print(f"cannot serve: {error}", file=sys.stderr)
        return 1
    log = settings.log_stream if settings.log_stream is not None else "none, since 'INFERENCE_LOG_STREAM' is not set"
    seconds = time.perf_counter() - started
    print(
        f"model '{settings.model_name}' version {settings.model_version} loaded in {seconds:.2f} s, "
        f"port {settings.port}, inference log: {log}",
        flush=True,
    )
    # on SIGTERM: no new connections, requests in flight are answered, then the log is sent
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        log_level="warning",
        access_log=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
