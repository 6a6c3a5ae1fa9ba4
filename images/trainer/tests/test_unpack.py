"""An archive from anywhere stays in its folder."""

import io
import tarfile

import pytest
from made_up import put, tar_of, zip_of

from trainer.errors import InputError
from trainer.unpack import unpack


@pytest.mark.parametrize("pack", [zip_of, tar_of])
def test_unpacks_folders(tmp_path, pack):
    archive = put(tmp_path / "code", pack({"train.py": "1", "deep/er/data.txt": "2"}))
    unpack(archive, tmp_path / "into")
    assert (tmp_path / "into" / "deep" / "er" / "data.txt").read_text() == "2"


@pytest.mark.parametrize("pack", [zip_of, tar_of])
@pytest.mark.parametrize("name", ["../evil.py", "deep/../../evil.py"])
def test_fails_on_a_path_that_leads_out(tmp_path, pack, name):
    archive = put(tmp_path / "code", pack({name: "1"}))
    with pytest.raises(InputError, match="repack it"):
        unpack(archive, tmp_path / "into")
    assert not (tmp_path / "evil.py").exists()


@pytest.mark.parametrize("name", ["/tmp/evil.py", "C:/evil.py", "..\\evil.py"])
def test_fails_on_foreign_paths_in_a_zip(tmp_path, name):
    archive = put(tmp_path / "code", zip_of({name: "1"}))
    with pytest.raises(InputError, match="repack it"):
        unpack(archive, tmp_path / "into")


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE])
def test_fails_on_links_that_lead_out_and_on_devices(tmp_path, kind):
    # GIVEN
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as members:
        member = tarfile.TarInfo("innocent")
        member.type = kind
        member.linkname = "../../etc/passwd"
        members.addfile(member)
    archive = put(tmp_path / "code", buffer.getvalue())

    # WHEN / THEN
    with pytest.raises(InputError, match="unsafe member"):
        unpack(archive, tmp_path / "into")


def test_fails_on_what_is_no_archive(tmp_path):
    archive = put(tmp_path / "code", "print('hello')")
    with pytest.raises(InputError, match="'code' is neither a zip nor a tar archive"):
        unpack(archive, tmp_path / "into")
