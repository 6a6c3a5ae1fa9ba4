"""What the process is told by its environment, read once at start."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


class SettingsError(Exception):
    """The environment lacks something or holds nonsense; the message names the variable."""


@dataclass(frozen=True)
class Settings:
    """Settings of one server process."""

    model_name: str
    model_version: str
    model_dir: Path
    # None: predictions are not logged
    log_stream: str | None
    # None: left to the SDK
    region: str | None
    host: str
    port: int
    # None: nobody is told how requests went but who asks for `/metrics`
    metric_namespace: str | None = None
    metric_interval: float = 60.0

    @staticmethod
    def of(environ: Mapping[str, str]) -> "Settings":
        return Settings(
            model_name=required(environ, "MODEL_NAME", "the name of the model, such as 'rain'"),
            model_version=required(environ, "MODEL_VERSION", "the version of the model package, such as '3'"),
            model_dir=model_folder(environ),
            log_stream=environ.get("INFERENCE_LOG_STREAM") or None,
            # containers are told AWS_REGION, and Python's SDK reads AWS_DEFAULT_REGION alone
            region=environ.get("AWS_REGION", environ.get("AWS_DEFAULT_REGION")),
            # a container is reached from outside; on a shared machine the loopback interface is enough
            host=environ.get("MODEL_SERVER_HOST", "0.0.0.0"),
            port=_port(environ.get("SAGEMAKER_BIND_TO_PORT", "8080")),
            metric_namespace=environ.get("METRIC_NAMESPACE") or None,
            metric_interval=_seconds(environ.get("METRIC_INTERVAL_SECONDS", "60")),
        )


def model_folder(environ: Mapping[str, str]) -> Path:
    """Where the model lies; SageMaker's place by default."""
    base = Path(environ.get("SAGEMAKER_BASE_DIR", "/opt/ml"))
    return Path(environ.get("SM_MODEL_DIR", str(base / "model")))


def required(environ: Mapping[str, str], name: str, what: str) -> str:
    """A variable that must be set; `what` says to what."""
    value = environ.get(name, "")
    if value == "":
        raise SettingsError(f"'{name}' is not set: set it to {what}")
    return value


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise SettingsError(f"'SAGEMAKER_BIND_TO_PORT' is {text!r}, allowed is a port from 1 to 65535")
    return int(text)


def _seconds(text: str) -> float:
    if not text.isdecimal() or int(text) == 0:
        raise SettingsError(f"'METRIC_INTERVAL_SECONDS' is {text!r}, allowed is a whole number of at least 1")
    return float(text)
