"""The one path by which both protocols predict: score, log, count."""

import asyncio
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson

from .inference_log import InferenceLog
from .metrics import Metrics
from .model import THRESHOLD, Model
from .packing import Line
from .rows import Rows
from .settings import Settings

# below this many rows, scoring takes less time than handing it to another thread and back
INLINE_ROWS = 64
HOUR_MS = 3_600_000


@dataclass(frozen=True)
class Prediction:
    """What the model says of one row, and the id under which its label may come."""

    request_id: str
    prediction: int
    score: float


class Predictor:
    """Predicts rows with the one version that this process serves."""

    def __init__(self, settings: Settings, model: Model, metrics: Metrics, log: InferenceLog | None) -> None:
        self.settings = settings
        self.schema = model.schema
        self.metrics = metrics
        self._model = model
        self._log = log
        # one thread: a team's own code need not be safe for more
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="predict")

    async def predict(self, rows: Rows, request_id: str | None, started: float) -> list[Prediction]:
        """Predicts; `started` is when the request was there, by `time.perf_counter`."""
        matrix = rows.matrix()
        if len(matrix) > INLINE_ROWS or self._model.own_code:
            scores = await asyncio.get_running_loop().run_in_executor(self._thread, self._model.scores, matrix)
        else:
            scores = self._model.scores(matrix)
        base = request_id if request_id is not None else str(uuid.uuid4())
        ids = [base] if len(matrix) == 1 else [f"{base}-{index}" for index in range(len(matrix))]
        predictions = [
            Prediction(id_, int(score >= THRESHOLD), score) for id_, score in zip(ids, scores.tolist(), strict=True)
        ]
        self.metrics.predictions.inc(len(predictions))
        self._write_log(rows, predictions, started)
        return predictions

    def _write_log(self, rows: Rows, predictions: list[Prediction], started: float) -> None:
        if self._log is None:
            return
        try:
            now = datetime.now(UTC)
            milliseconds = int(now.timestamp() * 1000)
            common = {
                "event_time": now.isoformat(sep=" ", timespec="milliseconds")[:23],
                "event_time_ms": milliseconds,
                "model": self.settings.model_name,
                "version": self.settings.model_version,
                "latency_ms": round((time.perf_counter() - started) * 1000, 3),
            }
            for index, prediction in enumerate(predictions):
                document = {
                    "request_id": prediction.request_id,
                    **common,
                    "features": rows.features(index),
                    "prediction": prediction.prediction,
                    "score": prediction.score,
                }
                text = orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE)
                self._log.put(Line(text, milliseconds // HOUR_MS))
        except Exception:  # a line that cannot be written must not cost the caller the answer
            self.metrics.log_dropped.inc(len(predictions))
