import asyncio

import pytest
from mlops_local.upstream import Upstream, parse_head


def test_head_is_read_with_lower_case_names():
    status, headers = parse_head(b"HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nX-A:  b: c \r\n\r\n")
    assert (status, headers) == (404, {"content-type": "text/plain", "x-a": "b: c"})


@pytest.mark.parametrize("url", ["https://127.0.0.1:1", "127.0.0.1:80", "http://127.0.0.1"])
def test_fails_on_an_address_that_is_no_loopback_server(url):
    with pytest.raises(ValueError, match="must be http://host:port"):
        Upstream(url)


def serve(answers: list[bytes], requests: int, close_after_each: bool = False) -> tuple[list, int]:
    """Answers ``requests`` requests in order; returns what the upstream got and how many connections it opened."""

    async def run():
        connections = 0

        async def handle(reader, writer):
            nonlocal connections
            connections += 1
            while answers:
                try:
                    head = await reader.readuntil(b"\r\n\r\n")
                except asyncio.IncompleteReadError:
                    break
                length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
                await reader.readexactly(length)
                writer.write(answers.pop(0))
                await writer.drain()
                if close_after_each:
                    break
            writer.close()

        server = await asyncio.start_server(handle, "127.0.0.1", 0)
        upstream = Upstream(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        got = []
        for _ in range(requests):
            got.append(await upstream.request("POST", "/x", {"a": "b"}, b"{}"))
            await asyncio.sleep(0.01)
        server.close()
        return got, connections

    return asyncio.run(run())


FULL = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


def test_connections_are_kept():
    got, connections = serve([FULL, FULL, FULL], 3)
    assert ([answer[2] for answer in got], connections) == ([b"ok"] * 3, 1)


def test_a_connection_that_the_server_closed_is_replaced():
    got, connections = serve([FULL, FULL], 2, close_after_each=True)
    assert ([answer[2] for answer in got], connections) == ([b"ok"] * 2, 2)


def test_chunked_answers_are_joined():
    chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n1;x=y\r\nd\r\n0\r\n\r\n"
    got, _ = serve([chunked, FULL], 2)
    assert [answer[2] for answer in got] == [b"abcd", b"ok"]


@pytest.mark.parametrize("begun", [b"HTTP/1.1 2", b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"])
def test_a_request_whose_answer_had_begun_is_not_sent_again(begun: bytes):
    requests = 0

    async def handle(reader, writer):
        nonlocal requests
        for answer in (FULL, begun):
            await reader.readuntil(b"{}")
            requests += 1
            writer.write(answer)
            await writer.drain()
        writer.close()

    async def run():
        server = await asyncio.start_server(handle, "127.0.0.1", 0)
        upstream = Upstream(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        await upstream.request("POST", "/x", {}, b"{}")
        with pytest.raises(ConnectionError, match="within an answer"):
            await upstream.request("POST", "/x", {}, b"{}")
        server.close()

    asyncio.run(run())
    assert requests == 2


def test_fails_clearly_when_the_server_is_gone():
    async def run():
        await Upstream("http://127.0.0.1:9").request("GET", "/", {}, b"")

    with pytest.raises(OSError):
        asyncio.run(run())
