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
            name = PurePosixPath(member.filename.replace("\\", "/"))
            # zipfile would drop the dots silently and write elsewhere; a wrong archive must not half work
            if name.is_absolute() or ".." in name.parts or (name.parts and ":" in name.parts[0]):
                raise InputError(f"'{archive.name}' has a member outside its folder, '{member.filename}': repack it")
        members.extractall(into)


def _unpack_tar(archive: Path, into: Path) -> None:
    with tarfile.open(archive) as members:
        try:
            # the filter refuses absolute paths, paths and links that lead outside, and device files
            members.extractall(into, filter="data")
        except tarfile.FilterError as error:
            raise InputError(f"'{archive.name}' has an unsafe member: {error}; repack it") from error
