"""Bodies to arrays and back, as SageMaker's inference toolkit does for code that does not do it itself."""

import io
import json
from collections.abc import Callable
from typing import Any

import numpy as np

from .bad_request import BadRequest

JSON = "application/json"
CSV = "text/csv"
NPY = "application/x-npy"
# these reach `input_fn` as text, all others as bytes
TEXT_TYPES = (JSON, CSV)


def _read_csv(body: str) -> np.ndarray:
    return np.genfromtxt(io.StringIO(body), delimiter=",", dtype=np.float64)


def _read_npy(body: bytes) -> np.ndarray:
    return np.load(io.BytesIO(body), allow_pickle=False)


def _write_json(prediction: Any) -> bytes:
    return json.dumps(prediction, default=lambda value: value.tolist()).encode()


def _write_csv(prediction: Any) -> bytes:
    text = io.StringIO()
    np.savetxt(text, np.asarray(prediction), delimiter=",", fmt="%s")
    return text.getvalue().encode()


def _write_npy(prediction: Any) -> bytes:
    data = io.BytesIO()
    np.save(data, np.asarray(prediction), allow_pickle=False)
    return data.getvalue()


_READERS: dict[str, Callable[[Any], np.ndarray]] = {
    JSON: lambda body: np.array(json.loads(body)),
    CSV: _read_csv,
    NPY: _read_npy,
}
_WRITERS: dict[str, Callable[[Any], bytes]] = {JSON: _write_json, CSV: _write_csv, NPY: _write_npy}


def media_type(header: str) -> str:
    """A content type without its parameters."""
    return header.split(";")[0].strip().lower()


def decode(body: str | bytes, content_type: str) -> np.ndarray:
    """The array that a body holds."""
    reader = _READERS.get(media_type(content_type))
    if reader is None:
        raise _unsupported("content-type", content_type, 415)
    try:
        return reader(body)
    except (ValueError, EOFError) as error:
        raise BadRequest("body", body[:80], content_type, f"send what the content type says ({error})") from error


def encode(prediction: Any, accept: str) -> bytes:
    """A prediction as a body."""
    writer = _WRITERS.get(media_type(accept))
    if writer is None:
        raise _unsupported("accept", accept, 406)
    return writer(prediction)


def _unsupported(header: str, value: str, status: int) -> BadRequest:
    return BadRequest(header, value, ", ".join(_READERS), "send one of them, or handle it in 'inference.py'", status)
