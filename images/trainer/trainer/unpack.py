"""Unpacks archives without letting any of their members out of the folder they are unpacked into."""

import tarfile
import zipfile
from pathlib import Path, PurePosixPath

from .errors import InputError


def unpack(archive: Path, into: Path) -> None:
    """Unpacks a zip or a tar, compressed or not; the content counts, not the name."""
    into.mkdir(parents=True, exist_ok=True)
    if zipfile.is_zipfile(archive):
        _unpack_zip(archive, into)
    elif tarfile.is_tarfile(archive):
        _unpack_tar(archive, into)
    else:
        raise InputError(f"'{archive.name}' is neither a zip nor a tar archive: give the code as one of them")


def _unpack_zip(archive: Path, into: Path) -> None:
    with zipfile.ZipFile(archive) as members:
        for member in members.infolist():
            # zipfile would drop the dots silently and write elsewhere; a wrong archive must not half work
            _require_inside(archive, member.filename)
        members.extractall(into)


def _unpack_tar(archive: Path, into: Path) -> None:
    # checked here and not by tarfile's own filter, which Python has only since 3.11.4
    with tarfile.open(archive) as members:
        for member in members.getmembers():
            _require_inside(archive, member.name)
            if not (member.isfile() or member.isdir()):
                raise InputError(
                    f"'{archive.name}' has an unsafe member, '{member.name}', which is a link or a device: "
                    "repack it with files and folders only"
                )
            # as the filter does: nobody's owner, no special bits, and writable, so that it can be removed again
            member.uid = member.gid = 0
            member.uname = member.gname = ""
            member.mode = (member.mode & 0o755) | (0o700 if member.isdir() else 0o600)
        members.extractall(into)


def _require_inside(archive: Path, name: str) -> None:
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or (path.parts and ":" in path.parts[0]):
        raise InputError(f"'{archive.name}' has a member outside its folder, '{name}': repack it")
