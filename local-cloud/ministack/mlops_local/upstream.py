"""Keep-alive HTTP/1.1 to one loopback server: the SageMaker server beside this process.

A library would do; this is on the path of each prediction, and one host, no TLS and no redirects need little.
"""

import asyncio
from urllib.parse import urlsplit

_MAX_IDLE = 64
_READ_LIMIT = 1 << 20


class _NothingAnswered(ConnectionError):
    """The connection ended before the first byte of an answer."""


class Upstream:
    """A pool of connections to ``base_url``."""

    def __init__(self, base_url: str):
        parts = urlsplit(base_url)
        if parts.scheme != "http" or not parts.hostname or not parts.port:
            raise ValueError(f"'MLOPS_LOCAL_SAGEMAKER_URL' must be http://host:port, got {base_url!r}")
        self._host = parts.hostname
        self._port = parts.port
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def request(
        self, method: str, target: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        """Send a request and read the whole answer; raises OSError when the server is not there."""
        lines = [f"{method} {target} HTTP/1.1", f"host: {self._host}:{self._port}", f"content-length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        message = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body
        while self._idle:
            reader, writer = self._idle.pop()
            try:
                return await self._exchange(reader, writer, message, method)
            except _NothingAnswered:
                # An idle connection that the server had closed meanwhile, which shows at the first read only.
                continue
        reader, writer = await asyncio.open_connection(self._host, self._port, limit=_READ_LIMIT)
        return await self._exchange(reader, writer, message, method)

    async def _exchange(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, message: bytes, method: str
    ) -> tuple[int, dict[str, str], bytes]:
        kept = False
        try:
            writer.write(message)
            head = await _read_head(reader)
            status, headers = parse_head(head)
            try:
                body = await _read_body(reader, headers, method, status)
            except asyncio.IncompleteReadError as error:
                raise ConnectionError("the SageMaker server closed the connection within an answer") from error
            if headers.get("connection", "").lower() != "close" and len(self._idle) < _MAX_IDLE:
                self._idle.append((reader, writer))
                kept = True
            return status, headers, body
        finally:
            if not kept:
                writer.close()


async def _read_head(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise ConnectionError("the SageMaker server closed the connection within an answer") from error
        raise _NothingAnswered("the SageMaker server closed the connection without an answer") from error
    except ConnectionError as error:
        raise _NothingAnswered(f"the SageMaker server broke the connection off: {error}") from error


def parse_head(head: bytes) -> tuple[int, dict[str, str]]:
    """Status and lower-case header names of a response head."""
    lines = head.decode("latin-1").split("\r\n")
    headers = {}
    for line in lines[1:]:
        if line:
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
    return int(lines[0].split(" ", 2)[1]), headers


async def _read_body(reader: asyncio.StreamReader, headers: dict[str, str], method: str, status: int) -> bytes:
    if method == "HEAD" or status in (204, 304):
        return b""
    if headers.get("transfer-encoding", "").lower() == "chunked":
        chunks = []
        while True:
            size = int((await reader.readline()).split(b";", 1)[0], 16)
            chunk = await reader.readexactly(size + 2)
            if size == 0:
                return b"".join(chunks)
            chunks.append(chunk[:-2])
    if "content-length" in headers:
        return await reader.readexactly(int(headers["content-length"]))
    return await reader.read()
