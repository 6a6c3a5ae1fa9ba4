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

    @staticmethod
    def of(environ: Mapping[str, str]) -> "Settings":
        base = Path(environ.get("SAGEMAKER_BASE_DIR", "/opt/ml"))
        return Settings(
            model_name=_required(environ, "MODEL_NAME", "the name of the model, such as 'rain'"),
            model_version=_required(environ, "MODEL_VERSION", "the version of the model package, such as '3'"),
            model_dir=Path(environ.get("SM_MODEL_DIR", str(base / "model"))),
            log_stream=environ.get("INFERENCE_LOG_STREAM") or None,
            # containers are told AWS_REGION, and Python's SDK reads AWS_DEFAULT_REGION alone
            region=environ.get("AWS_REGION", environ.get("AWS_DEFAULT_REGION")),
            # a container is reached from outside; on a shared machine the loopback interface is enough
            host=environ.get("MODEL_SERVER_HOST", "0.0.0.0"),
            port=_port(environ.get("SAGEMAKER_BIND_TO_PORT", "8080")),
        )


def _required(environ: Mapping[str, str], name: str, what: str) -> str:
    value = environ.get(name, "")
    if value == "":
        raise SettingsError(f"'{name}' is not set: set it to {what}")
    return value


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise SettingsError(f"'SAGEMAKER_BIND_TO_PORT' is {text!r}, allowed is a port from 1 to 65535")
    return int(text)
