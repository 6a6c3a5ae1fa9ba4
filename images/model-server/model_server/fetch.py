"""`python -m model_server fetch`: brings a version's archive into the model folder, if it is what was registered.

On SageMaker the service does this. On Kubernetes a container of the same image runs it before the server starts.
"""

import hashlib
import re
import shutil
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from .settings import SettingsError, model_folder, required

# beside the model, whose volume has room for both; /tmp is small
ARCHIVE = ".archive.tar.gz"
PIECE_BYTES = 1024 * 1024


class FetchError(Exception):
    """The archive is not there, not what was registered, or not safe; the message names it."""


@dataclass(frozen=True)
class Source:
    """Where the archive lies and what it must be: `sha256` of its bytes or, of old versions, its `etag` in S3."""

    uri: str
    bucket: str
    key: str
    kind: str
    digest: str
    folder: Path

    @staticmethod
    def of(environ: Mapping[str, str]) -> "Source":
        uri = required(environ, "MODEL_ARTIFACT_URI", "the version's archive, such as 's3://bucket/rain/model.tar.gz'")
        place = re.fullmatch(r"s3://([^/]+)/(.+)", uri)
        if place is None:
            raise SettingsError(f"'MODEL_ARTIFACT_URI' is {uri!r}, allowed is 's3://<bucket>/<key>'")
        digest = required(environ, "MODEL_ARTIFACT_DIGEST", "what the archive must be, 'sha256:<64 hex digits>'")
        known = re.fullmatch(r"(sha256):([0-9a-f]{64})|(etag):\"?([^\"\s]+)\"?", digest)
        if known is None:
            raise SettingsError(
                f"'MODEL_ARTIFACT_DIGEST' is {digest!r}, allowed is 'sha256:<64 hex digits>' or 'etag:<entity tag>'"
            )
        kind, value = [part for part in known.groups() if part is not None]
        return Source(uri, place[1], place[2], kind, value, model_folder(environ))


def connect_s3(environ: Mapping[str, str]) -> Any:
    import boto3

    # containers are told AWS_REGION, and Python's SDK reads AWS_DEFAULT_REGION alone
    return boto3.client("s3", region_name=environ.get("AWS_REGION", environ.get("AWS_DEFAULT_REGION")))


def fetch(source: Source, s3: Any) -> None:
    """Empties the folder, so that a second try finds nothing of the first, and fills it with a sound archive only."""
    _empty(source.folder)
    archive = source.folder / ARCHIVE
    try:
        _download(source, s3, archive)
        _unpack(source, archive)
    except BaseException:
        _empty(source.folder)
        raise
    archive.unlink()


def _download(source: Source, s3: Any, archive: Path) -> None:
    from botocore.exceptions import BotoCoreError, ClientError

    condition = {"IfMatch": f'"{source.digest}"'} if source.kind == "etag" else {}
    try:
        body = s3.get_object(Bucket=source.bucket, Key=source.key, **condition)["Body"]
        found = hashlib.sha256()
        with archive.open("wb") as file:
            while piece := body.read(PIECE_BYTES):
                found.update(piece)
                file.write(piece)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == 412:
            raise FetchError(
                f"'{source.uri}' is not what was registered: its entity tag is not {source.digest}; register it anew"
            ) from error
        raise FetchError(f"cannot read '{source.uri}': {error}") from error
    except (BotoCoreError, OSError) as error:
        raise FetchError(f"cannot read '{source.uri}': {error}") from error
    if source.kind == "sha256" and found.hexdigest() != source.digest:
        raise FetchError(
            f"'{source.uri}' is not what was registered: its SHA-256 is {found.hexdigest()}, registered was "
            f"{source.digest}; register it anew"
        )


def _unpack(source: Source, archive: Path) -> None:
    try:
        with tarfile.open(archive) as members:
            for member in members:
                path = PurePosixPath(member.name)
                if path.is_absolute() or ".." in path.parts or not (member.isfile() or member.isdir()):
                    raise FetchError(
                        f"'{source.uri}' has an unsafe member, '{member.name}': pack the model's files and folders only"
                    )
                # nobody's owner and no special bits, as the server runs as another user than who packed it
                member.uid = member.gid = 0
                member.uname = member.gname = ""
                member.mode = 0o755 if member.isdir() else 0o644
                members.extract(member, source.folder)
    except tarfile.TarError as error:
        raise FetchError(f"'{source.uri}' is no tar archive: {error}") from error


def _empty(folder: Path) -> None:
    # the folder itself is a volume, and stays
    folder.mkdir(parents=True, exist_ok=True)
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
