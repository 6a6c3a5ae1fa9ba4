"""Where SageMaker puts things into a container and looks for them afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .errors import InputError


@dataclass(frozen=True)
class Paths:
    """The folders under `/opt/ml`, or under SAGEMAKER_BASE_DIR where several containers share a file system."""

    base: Path

    @staticmethod
    def of(environ: Mapping[str, str]) -> "Paths":
        return Paths(Path(environ.get("SAGEMAKER_BASE_DIR", "/opt/ml")))

    @property
    def config(self) -> Path:
        return self.base / "input" / "config"

    @property
    def model(self) -> Path:
        return self.base / "model"

    @property
    def output(self) -> Path:
        return self.base / "output"

    def channel(self, name: str) -> Path:
        return self.base / "input" / "data" / name

    def processing_input(self, name: str) -> Path:
        return self.base / "processing" / "input" / name

    @property
    def processing_output(self) -> Path:
        return self.base / "processing" / "output"


def required_file(folder: Path, name: str, kind: str) -> Path:
    """The file `name` of a channel or input, or an error that lists what is there instead."""
    path = folder / name
    if path.is_file():
        return path
    there = sorted(child.name for child in folder.iterdir()) if folder.is_dir() else []
    found = f"it holds {there}" if there else "it is missing or empty"
    raise InputError(f"{kind} '{folder.name}' must hold '{name}', but {found}: add the file to its S3 location")
