"""Fetching a version's archive: only what was registered, and nothing of it outside the folder."""

import hashlib
import io
import os
import subprocess
import sys
import tarfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from model_server.fetch import FetchError, Source, connect_s3, fetch
from model_server.settings import SettingsError

IMAGE = Path(__file__).resolve().parents[1]
URI = "s3://artifacts/rain/model.tar.gz"


class FakeS3:
    """Answers GetObject with one object, by its entity tag where the caller names one."""

    def __init__(self, content: bytes, etag: str = "abc-2") -> None:
        self.content = content
        self.asked: list[str] = []
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                fake.asked.append(self.path)
                wanted = self.headers.get("If-Match")
                if self.path != "/artifacts/rain/model.tar.gz":
                    self._answer(404, b"<Error><Code>NoSuchKey</Code><Message>no such key</Message></Error>")
                elif wanted is not None and wanted != f'"{etag}"':
                    self._answer(412, b"<Error><Code>PreconditionFailed</Code><Message>changed</Message></Error>")
                else:
                    self._answer(200, fake.content)

            def _answer(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("ETag", f'"{etag}"')
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def archive(members: dict[str, bytes], links: dict[str, str] | None = None) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            info.mode = 0o4600
            tar.addfile(info, io.BytesIO(content))
        for name, target in ({} if links is None else links).items():
            info = tarfile.TarInfo(name)
            info.type = tarfile.SYMTYPE
            info.linkname = target
            tar.addfile(info)
    return data.getvalue()


MODEL = archive({"model.joblib": b"weights", "code/inference.py": b"pass"})


@pytest.fixture
def s3(monkeypatch) -> Iterator[FakeS3]:
    fake = FakeS3(MODEL)
    monkeypatch.setenv("AWS_ENDPOINT_URL", fake.url)
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    yield fake
    fake.stop()


def source(folder: Path, digest: str, uri: str = URI) -> Source:
    return Source.of({"MODEL_ARTIFACT_URI": uri, "MODEL_ARTIFACT_DIGEST": digest, "SM_MODEL_DIR": str(folder)})


def sha256(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("digest", [sha256(MODEL), "etag:abc-2", 'etag:"abc-2"'])
def test_an_archive_that_is_what_was_registered_is_unpacked(tmp_path, s3, digest):
    fetch(source(tmp_path, digest), connect_s3(os.environ))

    assert files(tmp_path) == ["code/inference.py", "model.joblib"]
    # another user reads them, and nothing runs with rights that it brings along
    assert (tmp_path / "model.joblib").stat().st_mode & 0o7777 == 0o644


def test_a_second_try_finds_nothing_of_the_first(tmp_path, s3):
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "old.py").write_text("left")

    fetch(source(tmp_path, sha256(MODEL)), connect_s3(os.environ))

    assert "code/old.py" not in files(tmp_path)


@pytest.mark.parametrize(
    ("digest", "message"),
    [
        (sha256(b"other"), "is not what was registered: its SHA-256 is [0-9a-f]{64}, registered was [0-9a-f]{64}"),
        ("etag:other-1", "is not what was registered: its entity tag is not other-1"),
    ],
)
def test_an_archive_that_was_overwritten_is_refused_and_leaves_nothing(tmp_path, s3, digest, message):
    with pytest.raises(FetchError, match=f"'{URI}' {message}"):
        fetch(source(tmp_path, digest), connect_s3(os.environ))

    assert files(tmp_path) == []


def test_an_archive_that_is_gone_is_named(tmp_path, s3):
    gone = "s3://artifacts/rain/gone.tar.gz"

    with pytest.raises(FetchError, match=f"cannot read '{gone}': .*NoSuchKey"):
        fetch(source(tmp_path, sha256(MODEL), gone), connect_s3(os.environ))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (archive({"../outside": b"x"}), "unsafe member, '../outside'"),
        (archive({"/absolute": b"x"}), "unsafe member, '/absolute'"),
        (archive({"model.joblib": b"x"}, {"link": "/etc/passwd"}), "unsafe member, 'link'"),
        (b"no archive", "is no tar archive"),
    ],
)
def test_an_archive_that_is_not_safe_is_refused_and_leaves_nothing(tmp_path, s3, content, message):
    s3.content = content
    folder = tmp_path / "model"

    with pytest.raises(FetchError, match=message):
        fetch(source(folder, sha256(content)), connect_s3(os.environ))

    assert files(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("MODEL_ARTIFACT_URI", "", "'MODEL_ARTIFACT_URI' is not set"),
        ("MODEL_ARTIFACT_URI", "https://a.b/model", "'MODEL_ARTIFACT_URI' is 'https://a.b/model', allowed"),
        ("MODEL_ARTIFACT_DIGEST", "", "'MODEL_ARTIFACT_DIGEST' is not set"),
        ("MODEL_ARTIFACT_DIGEST", "sha256:abc", "'MODEL_ARTIFACT_DIGEST' is 'sha256:abc', allowed is"),
        ("MODEL_ARTIFACT_DIGEST", "md5:abc", "'MODEL_ARTIFACT_DIGEST' is 'md5:abc', allowed is"),
    ],
)
def test_what_it_is_told_is_checked(name, value, message):
    environ = {"MODEL_ARTIFACT_URI": URI, "MODEL_ARTIFACT_DIGEST": sha256(MODEL), name: value}

    with pytest.raises(SettingsError, match=message):
        Source.of(environ)


@pytest.mark.parametrize(
    ("digest", "code", "said"),
    [(sha256(MODEL), 0, "fetched, checked and unpacked"), (sha256(b""), 1, "cannot fetch the model: ")],
)
def test_the_command_says_how_it_went(tmp_path, s3, digest, code, said):
    environment = {
        **os.environ,
        "PYTHONPATH": str(IMAGE),
        "MODEL_ARTIFACT_URI": URI,
        "MODEL_ARTIFACT_DIGEST": digest,
        "SM_MODEL_DIR": str(tmp_path),
    }
    ended = subprocess.run(
        [sys.executable, "-m", "model_server", "fetch"], env=environment, capture_output=True, text=True, check=False
    )

    assert ended.returncode == code
    assert said in ended.stdout + ended.stderr
