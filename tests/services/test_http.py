"""The HTTP border: bounds, phases, redirects, streams. Every server here is one of the test's own."""

from __future__ import annotations

import asyncio
import gzip
import socket
import time
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from mbclient.domain.errors import (
    AuthError,
    NotAskedError,
    OutcomeUnknownError,
    RateLimitedError,
    RejectedError,
    UnreachableError,
    UsageError,
)
from mbclient.services import http as http_module
from mbclient.services.http import Http, check_address, raise_for_status
from tests.services.kit import StoppedClock, SystemClock
from tests.services.wire import Reply, Request, Wire

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    client = Http(SystemClock())
    yield client
    await client.aclose()


def always(reply: Reply) -> Callable[[Request], Awaitable[Reply]]:
    async def handle(_request: Request) -> Reply:
        return reply

    return handle


def in_turn(*replies: Reply) -> Callable[[Request], Awaitable[Reply]]:
    waiting = list(replies)

    async def handle(_request: Request) -> Reply:
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]

    return handle


# ---------------------------------------------------------------- bounds


async def test_a_packed_answer_is_unpacked(http: Http) -> None:
    packed = Reply(200, gzip.compress(b'{"a": 1}'), {"Content-Encoding": "gzip"})
    async with Wire(always(packed)) as wire:
        answer = await http.request("GET", wire.url)
    assert answer.json() == {"a": 1}
    assert wire.requests[0].headers["accept-encoding"] == "gzip"
    assert wire.requests[0].headers["user-agent"].startswith("mbclient/")


def bomb() -> bytes:
    """30 kB that are 30 MB."""
    return gzip.compress(b"\0" * 30_000_000)


BAD_BODIES = {
    "bomb": Reply(200, bomb(), {"Content-Encoding": "gzip"}),
    "deflate bomb": Reply(200, zlib.compress(b"\0" * 30_000_000), {"Content-Encoding": "deflate"}),
    "packed twice": Reply(200, gzip.compress(bomb()), {"Content-Encoding": "gzip, gzip"}),
    "unknown packing": Reply(200, b"xx", {"Content-Encoding": "br"}),
    "cut packing": Reply(200, gzip.compress(b"x" * 1000)[:-9], {"Content-Encoding": "gzip"}),
    "damaged packing": Reply(200, b"\x1f\x8b\x08nonsense that is no gzip", {"Content-Encoding": "gzip"}),
    "too long": Reply(200, b"x" * (http_module.MAX_WIRE + 1)),
    "cut": Reply(200, b"x" * 100, cut=50),
}


@pytest.mark.parametrize("name", BAD_BODIES)
async def test_bad_bodies_end_the_request(http: Http, name: str) -> None:
    async with Wire(always(BAD_BODIES[name])) as wire:
        with pytest.raises(UnreachableError, match=r"127\.0\.0\.1 gave no whole answer"):
            await http.request("GET", wire.url, account="work")
        with pytest.raises(OutcomeUnknownError) as caught:
            await http.request("POST", wire.url, account="work", json={})
    assert caught.value.account == "work"


async def test_a_bomb_costs_little_memory_and_time(http: Http) -> None:
    await http.warm()
    body = bomb()
    async with Wire(always(Reply(200, body, {"Content-Encoding": "gzip"}))) as wire:
        tracemalloc.start()
        begun = time.process_time()
        with pytest.raises(UnreachableError):
            await http.request("GET", wire.url)
        seconds, peak = time.process_time() - begun, tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert seconds < 2
    assert peak < 40_000_000


async def test_an_endless_answer_is_ended(http: Http) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 65536

    async with Wire(always(Reply(chunks=endless()))) as wire:
        with pytest.raises(UnreachableError, match="too large"):
            await http.request("GET", wire.url)


async def test_an_answer_in_drips_is_ended(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_module, "WHOLE_S", 0.3)

    async def drips() -> AsyncIterator[bytes]:
        while True:
            yield b"x"
            await asyncio.sleep(0.05)

    async with Wire(always(Reply(chunks=drips()))) as wire:
        with pytest.raises(UnreachableError):
            await http.request("GET", wire.url)


async def test_a_silent_server_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_module, "READ_S", 0.2)
    http = Http(SystemClock())
    forever = asyncio.Event()

    async def silent(_request: Request) -> Reply:
        await forever.wait()
        return Reply()

    async with Wire(silent) as wire:
        with pytest.raises(UnreachableError):
            await http.request("GET", wire.url)
        with pytest.raises(OutcomeUnknownError):
            await http.request("POST", wire.url, json={})
    await http.aclose()


# ---------------------------------------------------------------- phases


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert isinstance(port, int)
    return port


async def test_a_refused_connection_wrote_nothing(http: Http) -> None:
    with pytest.raises(NotAskedError, match="cannot be reached"):
        await http.request("POST", f"http://127.0.0.1:{closed_port()}/", json={})


async def test_no_tls_wrote_nothing(http: Http) -> None:
    heard = b""

    async def without_tls(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal heard
        heard += await reader.read(1000)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(without_tls, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(UnreachableError, match="cannot be reached"):
            await http.request("POST", f"https://127.0.0.1:{port}", json={})
    assert heard
    assert b"POST" not in heard


async def test_a_write_without_answer_is_unknown_and_not_repeated(http: Http) -> None:
    async with Wire(always(Reply(drop=True))) as wire:
        with pytest.raises(OutcomeUnknownError):
            await http.request("POST", wire.url, json={})
    assert len(wire.requests) == 1


async def test_a_read_without_answer_is_asked_once_more(http: Http) -> None:
    async with Wire(in_turn(Reply(drop=True), Reply(200, {}))) as wire:
        assert (await http.request("GET", wire.url)).ok
    async with Wire(always(Reply(drop=True))) as wire:
        with pytest.raises(UnreachableError):
            await http.request("GET", wire.url)
    assert len(wire.requests) == 2


async def test_a_write_that_changes_nothing_may_say_so(http: Http) -> None:
    async with Wire(always(Reply(drop=True))) as wire:
        with pytest.raises(UnreachableError):
            await http.request("POST", wire.url, json={}, write=False)


async def test_nonsense_after_a_write_is_unknown(http: Http) -> None:
    async with Wire(always(Reply(200, b"<html>", {"Content-Type": "text/html"}))) as wire:
        with pytest.raises(OutcomeUnknownError):
            (await http.request("POST", wire.url, json={})).json()
        with pytest.raises(UnreachableError):
            (await http.request("GET", wire.url)).json()


@pytest.mark.parametrize("token", ["a\nb", "å", "a\r\nHost: evil"])
async def test_a_header_that_cannot_be_sent_is_said(http: Http, token: str) -> None:
    async with Wire(always(Reply())) as wire:
        with pytest.raises(UsageError, match="wrong character"):
            await http.request("POST", wire.url, headers={"Authorization": token}, json={})
    assert wire.requests == []


async def test_connections_are_kept(http: Http) -> None:
    async with Wire(always(Reply(200, {}))) as wire:
        for _number in range(3):
            await http.request("GET", wire.url)
    assert (len(wire.requests), wire.connections) == (3, 1)


async def test_no_proxy_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{closed_port()}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    http = Http(SystemClock())
    async with Wire(always(Reply(200, {}))) as wire:
        assert (await http.request("GET", wire.url)).ok
    await http.aclose()


# ---------------------------------------------------------------- redirects and addresses


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_redirects_are_not_followed(http: Http, method: str, status: int) -> None:
    async with Wire(always(Reply(200, {}))) as other:
        away = Reply(status, None, {"Location": f"{other.url}/stolen"})
        async with Wire(always(away)) as wire:
            answer = await http.request(method, wire.url, headers={"Authorization": "Bearer canary"}, json={})
            with pytest.raises(RejectedError, match=r"redirects to 127\.0\.0\.1, which is not followed"):
                raise_for_status(answer, NOW, write=answer.write)
    assert other.requests == []


@pytest.mark.parametrize("url", ["https://a.example/x", "http://127.0.0.1:80/", "http://localhost", "http://[::1]:1/"])
def test_good_addresses(url: str) -> None:
    check_address(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://a.example",
        "ftp://a.example",
        "https://",
        "https://user:pw@a.example",
        "https://@a.example",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "//a.example",
        "https://[::1",
        "https://a.example:99999",
        "http://127.0.0.1.evil.example",
        "http://localhost.evil.example",
        "",
    ],
)
async def test_bad_addresses(http: Http, url: str) -> None:
    with pytest.raises(UsageError, match="not an https address"):
        check_address(url)
    with pytest.raises(UsageError):
        await http.request("GET", url)


async def test_the_servers_time_is_kept_but_not_this_machines(http: Http) -> None:
    async with Wire(always(Reply(200, {}, {"Date": "Tue, 24 Nov 2026 12:00:00 GMT"}))) as wire:
        await http.request("GET", wire.url)
    assert list(http.dates) == []
    clock = Http(StoppedClock(NOW))
    for date in ("Tue, 24 Nov 2026 12:00:05 GMT", "yesterday", "", None, "Tue, 24 Nov 2026 12:00:00 -0000"):
        clock._note_date("mastodon.example", date)
    assert list(clock.dates) == [("mastodon.example", 5.0), ("mastodon.example", 0.0)]


# ---------------------------------------------------------------- streams


def event_stream(*parts: bytes) -> Reply:
    async def chunks() -> AsyncIterator[bytes]:
        for part in parts:
            yield part

    return Reply(200, headers={"Content-Type": "text/event-stream"}, chunks=chunks())


async def read(http: Http, url: str) -> list[str]:
    return [line async for line in http.lines(url, account="work")]


async def test_lines_are_put_together(http: Http) -> None:
    async with Wire(always(event_stream(b"event: up", b"date\r\ndata: \xc3", b"\xa5\n\nleft over"))) as wire:
        assert await read(http, wire.url) == ["", "event: update", "data: å", ""]
    assert wire.requests[0].headers["accept"] == "text/event-stream"


async def test_a_line_without_end_breaks_the_stream(http: Http) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 65536

    async with Wire(always(Reply(chunks=endless()))) as wire:
        with pytest.raises(UnreachableError, match="too long a line"):
            await read(http, wire.url)


async def test_a_packed_stream_is_refused(http: Http) -> None:
    async with Wire(always(Reply(200, gzip.compress(b"x"), {"Content-Encoding": "gzip"}))) as wire:
        with pytest.raises(UnreachableError, match="packed"):
            await read(http, wire.url)


async def test_a_silent_stream_is_broken(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_module, "STREAM_S", 0.2)

    async def chunks() -> AsyncIterator[bytes]:
        yield b":)\n"
        await asyncio.Event().wait()

    async with Wire(always(Reply(chunks=chunks()))) as wire:
        with pytest.raises(UnreachableError, match="the stream of"):
            await read(http, wire.url)


@pytest.mark.parametrize(
    ("status", "error"), [(401, AuthError), (404, RejectedError), (503, UnreachableError), (204, UnreachableError)]
)
async def test_a_stream_that_does_not_open(http: Http, status: int, error: type[Exception]) -> None:
    async with Wire(always(Reply(status, {"error": "no"} if status != 204 else None))) as wire:
        with pytest.raises(error):
            await read(http, wire.url)


@pytest.mark.parametrize("token", ["a\nb", "å", "a\r\nHost: evil"])
async def test_a_stream_whose_header_cannot_be_sent_is_said(http: Http, token: str) -> None:
    async with Wire(always(event_stream())) as wire:
        with pytest.raises(UsageError, match="wrong character"):
            await anext(http.lines(wire.url, headers={"Authorization": token}))
    assert wire.requests == []


async def test_a_stream_whose_address_cannot_be_sent_is_said(http: Http) -> None:
    async with Wire(always(event_stream())) as wire:
        with pytest.raises(UsageError, match="wrong character"):
            await read(http, f"{wire.url}/\x00")
    assert wire.requests == []


# ---------------------------------------------------------------- the budget


@pytest.mark.parametrize(("remaining", "kept"), [(300, False), (61, False), (60, True), (0, True)])
async def test_polling_leaves_a_fifth(remaining: int, kept: bool) -> None:
    http = Http(StoppedClock(NOW))
    until = NOW + timedelta(minutes=5)
    limits = {
        "X-RateLimit-Limit": "300",
        "X-RateLimit-Remaining": str(remaining),
        "X-RateLimit-Reset": until.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    }
    async with Wire(always(Reply(200, {}, limits))) as wire:
        await http.request("POST", wire.url, account="work", json={})
        http.spare("work")  # a post shows the posts' own family, which is not what reads use up
        await http.request("GET", wire.url, account="work")
    if kept:
        with pytest.raises(RateLimitedError) as caught:
            http.spare("work")
        assert caught.value.until == until
    else:
        http.spare("work")
    http.spare("other")
    await http.aclose()
