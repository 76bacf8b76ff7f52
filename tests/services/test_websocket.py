"""The WebSocket door: frames and their bounds, silence, redirects, refusals, secrets. All servers are our own."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import logging
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.asyncio.server import ServerConnection, serve

from mbclient.domain.errors import (
    AuthError,
    MbclientError,
    RateLimitedError,
    RejectedError,
    ServiceError,
    UnreachableError,
    UsageError,
)
from mbclient.services import websocket
from mbclient.services.kit import Kit
from mbclient.services.websocket import Socket, check_socket_address, is_subprotocol, open_socket, socket_address
from tests.services.kit import kit_in
from tests.services.wire import Reply, Request, Wire

CANARY = "canary-token"
Raw = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture
async def kit(tmp_path: Path) -> AsyncIterator[Kit]:
    async with kit_in(tmp_path) as made:
        yield made


@asynccontextmanager
async def served(handle: Callable[[ServerConnection], Awaitable[None]], **options: object) -> AsyncIterator[str]:
    """A WebSocket server on this machine."""
    async with serve(handle, "127.0.0.1", 0, **options) as server:  # type: ignore[arg-type]  # the library's own options
        yield f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"


@asynccontextmanager
async def raw(handle: Raw) -> AsyncIterator[str]:
    """A server that may do to the bytes what it likes, after the handshake was read."""
    ended = asyncio.Event()

    async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await handle(reader, writer)
        except ConnectionError:
            pass
        finally:
            writer.close()
            ended.set()

    server = await asyncio.start_server(serve_one, "127.0.0.1", 0)
    try:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        await ended.wait()


async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """The handshake of RFC 6455, and nothing else."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    key = next(line.partition(": ")[2] for line in head.split("\r\n") if line.lower().startswith("sec-websocket-key"))
    digest = hashlib.sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest()  # noqa: S324  # RFC 6455 4.2.2
    accepted = base64.b64encode(digest).decode()
    lines = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"]
    writer.write("\r\n".join([*lines, f"Sec-WebSocket-Accept: {accepted}", "", ""]).encode())


async def until_gone(reader: asyncio.StreamReader) -> None:
    while await reader.read(65536):
        pass


async def first(kit: Kit, url: str, **options: object) -> object:
    async with open_socket(kit, url, account="work", **options) as line:  # type: ignore[arg-type]  # the test's own
        return await line.receive()


# ---------------------------------------------------------------- frames


async def test_json_goes_both_ways(kit: Kit) -> None:
    async def echo(connection: ServerConnection) -> None:
        async for message in connection:
            assert isinstance(message, str)
            await connection.send(message)

    async with served(echo) as url, open_socket(kit, url) as line:
        for value in ({"a": "å 👩‍👩‍👧"}, ["EVENT", "1", {"n": 1}], "text", None):
            await line.send(value)
            assert await line.receive() == value


async def test_a_line_is_read_until_it_ends(kit: Kit) -> None:
    async def two(connection: ServerConnection) -> None:
        await connection.send('{"n": 1}')
        await connection.send('{"n": 2}')

    async def read(line: Socket) -> None:
        async for value in line:
            got.append(value)  # noqa: PERF401  # what came before the end is the point

    got: list[object] = []
    async with served(two) as url, open_socket(kit, url, account="work") as line:
        with pytest.raises(UnreachableError, match=r"the stream of 127\.0\.0\.1 broke") as caught:
            await read(line)
        assert caught.value.account == "work"
        with pytest.raises(UnreachableError):
            await line.send("late")
    assert got == [{"n": 1}, {"n": 2}]


async def test_nonsense_is_passed_over_and_counted(kit: Kit) -> None:
    async def speak(connection: ServerConnection) -> None:
        for message in ("{", b"\x00\x01", "[" * 100_000, '{"s": "\\ud83d", "n": NaN}'):
            await connection.send(message)
        await connection.wait_closed()

    async with served(speak) as url, open_socket(kit, url) as line:
        assert await line.receive() == {"s": "\ufffd", "n": None}
        assert line.skipped == 3


async def test_nothing_but_nonsense_is_another_language(kit: Kit) -> None:
    async def speak(connection: ServerConnection) -> None:
        while True:
            await connection.send(b"\xff" * 100)

    async with served(speak) as url:
        with pytest.raises(UnreachableError, match="not JSON"):
            await first(kit, url)


async def test_a_huge_frame_breaks_the_line(kit: Kit) -> None:
    async def speak(connection: ServerConnection) -> None:
        await connection.send(json.dumps("x" * 2_000_000))
        await connection.wait_closed()

    async with served(speak) as url:
        with pytest.raises(UnreachableError, match="the stream of"):
            await first(kit, url)


async def test_a_frame_of_endless_length_is_not_waited_for(kit: Kit) -> None:
    async def promise(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await accept(reader, writer)
        writer.write(b"\x81\x7f" + (1 << 40).to_bytes(8, "big") + b"[")
        await until_gone(reader)

    async with raw(promise) as url:
        with pytest.raises(UnreachableError, match="the stream of"):
            await first(kit, url)


async def test_endless_fragments_are_one_message(kit: Kit) -> None:
    async def dribble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await accept(reader, writer)
        writer.write(b"\x01\x7e" + (60_000).to_bytes(2, "big") + b"[" * 60_000)
        while True:
            writer.write(b"\x00\x7e" + (60_000).to_bytes(2, "big") + b"[" * 60_000)
            await writer.drain()

    async with raw(dribble) as url:
        with pytest.raises(UnreachableError, match="the stream of"):
            await first(kit, url)


async def test_a_packed_line_is_not_asked_for(kit: Kit) -> None:
    async def tell(connection: ServerConnection) -> None:
        assert connection.request is not None
        await connection.send(json.dumps(connection.request.headers.get("Sec-WebSocket-Extensions")))
        await connection.wait_closed()

    async with served(tell) as url:
        assert await first(kit, url) is None


async def test_a_cancelled_wait_loses_nothing(kit: Kit) -> None:
    go = asyncio.Event()

    async def speak(connection: ServerConnection) -> None:
        await go.wait()
        await connection.send("1")
        await connection.wait_closed()

    async with served(speak) as url, open_socket(kit, url) as line:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await line.receive()
        go.set()
        assert await line.receive() == 1


# ---------------------------------------------------------------- silence and ends


async def test_a_peer_that_answers_no_ping_is_gone(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket, "STREAM_S", 0.2)

    async def dead(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await accept(reader, writer)
        await until_gone(reader)

    async with raw(dead) as url:
        with pytest.raises(UnreachableError, match="the stream of"):
            await first(kit, url)


async def test_a_peer_that_answers_no_ping_but_sends_its_own_is_kept(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket, "STREAM_S", 1.0)

    async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await accept(reader, writer)
        for _number in range(24):  # longer than the silence that would break the line
            writer.write(b"\x89\x00")
            await asyncio.sleep(0.05)
        writer.write(b"\x81\x011")
        await until_gone(reader)

    async with raw(deaf) as url:
        assert await first(kit, url) == 1


async def test_a_quiet_peer_that_answers_is_kept(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket, "STREAM_S", 0.4)
    pinged = asyncio.Event()

    async def quiet(connection: ServerConnection) -> None:
        await pinged.wait()
        await connection.send("1")
        await connection.wait_closed()

    class Watched(ServerConnection):
        pings = 0

        def data_received(self, data: bytes) -> None:
            Watched.pings += data[:1] == b"\x89"
            if Watched.pings >= 4:  # several rounds of silence, each longer than the bound on a pong
                pinged.set()
            super().data_received(data)

    async with served(quiet, create_connection=Watched) as url:
        assert await first(kit, url) == 1


async def test_a_server_that_says_nothing_at_all(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket, "CONNECT_S", 0.2)

    async def mute(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await until_gone(reader)

    async with raw(mute) as url:
        with pytest.raises(UnreachableError, match="cannot be reached"):
            await first(kit, url)


async def test_an_abrupt_end(kit: Kit) -> None:
    async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await accept(reader, writer)
        writer.write(b"\x81\x05[")
        await writer.drain()
        writer.transport.abort()

    async with raw(cut) as url:
        with pytest.raises(UnreachableError, match="the stream of"):
            await first(kit, url)


async def test_the_servers_last_words_are_cleaned(kit: Kit) -> None:
    async def leave(connection: ServerConnection) -> None:
        await connection.close(4000, "bye \x1b[31mred")

    async with served(leave) as url:
        with pytest.raises(UnreachableError, match="bye") as caught:
            await first(kit, url)
    assert "\x1b" not in str(caught.value)


async def test_leaving_says_goodbye(kit: Kit) -> None:
    code: asyncio.Future[int | None] = asyncio.get_running_loop().create_future()

    async def note(connection: ServerConnection) -> None:
        await connection.wait_closed()
        code.set_result(connection.close_code)

    async with served(note) as url:
        async with open_socket(kit, url):
            pass
        assert await code == 1000


# ---------------------------------------------------------------- a handshake that fails


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, AuthError),
        (403, RejectedError),
        (404, RejectedError),
        (429, RateLimitedError),
        (500, UnreachableError),
        (200, UnreachableError),
    ],
)
async def test_a_refusal_has_its_name(kit: Kit, status: int, error: type[ServiceError]) -> None:
    async def refuse(_request: Request) -> Reply:
        return Reply(status, {"error": "because \x1b[31m"}, {"Connection": "close"})

    async with Wire(refuse) as wire:
        with pytest.raises(error) as caught:
            await first(kit, wire.url.replace("http", "ws"))
    assert caught.value.account == "work"
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308])
async def test_redirects_are_not_followed(kit: Kit, status: int) -> None:
    async def take(_request: Request) -> Reply:
        return Reply(200, {})

    async with Wire(take) as other:

        async def away(_request: Request) -> Reply:
            return Reply(status, None, {"Location": f"{other.url}/stolen", "Connection": "close"})

        async with Wire(away) as wire:
            with pytest.raises(RejectedError, match=r"redirects to 127\.0\.0\.1, which is not followed"):
                await first(kit, wire.url.replace("http", "ws"), headers={"Authorization": f"Bearer {CANARY}"})
    assert other.requests == []


async def test_something_that_is_no_http(kit: Kit) -> None:
    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"SSH-2.0-OpenSSH_9.9\r\n\r\n")
        await until_gone(reader)

    async with raw(babble) as url:
        with pytest.raises(UnreachableError, match="cannot be reached"):
            await first(kit, url)


async def test_nobody_there(kit: Kit) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"ws://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(UnreachableError, match="cannot be reached"):
            await first(kit, url)


async def test_no_proxy_for_this_machine(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ws_proxy", "http_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
        monkeypatch.setenv(name.upper(), "http://127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)

    async def speak(connection: ServerConnection) -> None:
        await connection.send("1")
        await connection.wait_closed()

    async with served(speak) as url:
        assert await first(kit, url) == 1


async def test_tls_is_checked(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server whose certificate nobody vouches for gets no request; here it does not even speak TLS."""
    seen: list[bytes] = []

    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.read(65536))
        writer.write(b"HTTP/1.1 400 Bad\r\n\r\n")

    async with raw(plain) as url:
        with pytest.raises(UnreachableError, match="cannot be reached"):
            await first(kit, url.replace("ws:", "wss:"), headers={"Authorization": CANARY})
    assert CANARY.encode() not in seen[0]


# ---------------------------------------------------------------- secrets


async def test_a_token_travels_and_is_never_told(kit: Kit, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    asked: asyncio.Future[tuple[str | None, str | None]] = asyncio.get_running_loop().create_future()

    async def hang_up(connection: ServerConnection) -> None:
        assert connection.request is not None
        asked.set_result((connection.request.headers.get("Authorization"), connection.subprotocol))
        await connection.close(1011, "no")

    options = {"headers": {"Authorization": f"Bearer {CANARY}"}, "subprotocols": [CANARY]}
    told: list[MbclientError] = []
    async with served(hang_up, subprotocols=[CANARY]) as url:
        try:
            await first(kit, f"{url}/?access_token={CANARY}", **options)
        except UnreachableError as error:
            told.append(error)
    assert await asked == (f"Bearer {CANARY}", CANARY)
    for bad in ("wss://no.example\n", "ws://remote.example/", "wss://u@x.example/", "wss://a.example/#"):
        with pytest.raises(UsageError) as caught:
            await first(kit, f"{bad}?access_token={CANARY}", **options)
        told.append(caught.value)

    async def refuse(_request: Request) -> Reply:
        return Reply(302, None, {"Location": f"/x?access_token={CANARY}", "Connection": "close"})

    async with Wire(refuse) as wire:
        with pytest.raises(ServiceError) as refused:
            await first(kit, wire.url.replace("http", "ws") + f"/?access_token={CANARY}", **options)
        told.append(refused.value)
    assert len(told) == 6
    for one in told:
        chain: BaseException | None = one
        while chain is not None:
            assert CANARY not in f"{chain!s}{chain!r}"
            chain = chain.__cause__
    mine = [record for record in caplog.records if not record.name.startswith("websockets.server")]
    assert CANARY not in " ".join(record.getMessage() for record in mine)


@pytest.mark.parametrize("value", ["a\r\nHost: evil.example", "a\nb", "å", "\x00"])
async def test_a_header_that_cannot_be_sent_is_said(kit: Kit, value: str) -> None:
    for options in ({"headers": {"Authorization": value}}, {"subprotocols": [value]}):
        with pytest.raises(UsageError, match="wrong character"):
            await first(kit, "wss://relay.example", **options)


@given(st.text())
def test_what_may_be_a_subprotocol_is_one_word_of_ascii(text: str) -> None:
    if is_subprotocol(text):
        assert text.isascii()
        assert text.isprintable()
        assert not set(text) & set(' "(),/:;<=>?@[\\]{}')


# ---------------------------------------------------------------- addresses


@pytest.mark.parametrize(
    "url", ["wss://a.example", "wss://a.example:8443/x?y=1", "ws://127.0.0.1:80/", "ws://localhost", "ws://[::1]:1/"]
)
def test_good_addresses(url: str) -> None:
    check_socket_address(url)


@pytest.mark.parametrize(
    "url",
    [
        "ws://a.example",
        "https://a.example",
        "http://127.0.0.1",
        "wss://",
        "wss://user:pw@a.example",
        "wss://@a.example",
        "wss://[::1",
        "wss://a.example:99999",
        "wss://a.example/a b",
        "wss://a.example/\r\nX: y",
        "wss://a.example/å",
        "wss://a.example/#x",
        "ws://127.0.0.1.evil.example",
        "//a.example",
        "",
    ],
)
async def test_bad_addresses(kit: Kit, url: str) -> None:
    with pytest.raises(UsageError, match="not a wss address"):
        check_socket_address(url)
    with pytest.raises(UsageError):
        await first(kit, url)


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("relay.example", "wss://relay.example"),
        (" wss://Relay.Example/ ", "wss://relay.example"),
        ("wss://relay.example:8443/inbox/", "wss://relay.example:8443/inbox"),
        ("wss://bücher.example", "wss://xn--bcher-kva.example"),
        ("ws://127.0.0.1:7777", "ws://127.0.0.1:7777"),
    ],
)
def test_typed_addresses(typed: str, address: str) -> None:
    assert socket_address(typed) == address


@pytest.mark.parametrize(
    "typed",
    ["ws://relay.example", "https://relay.example", "wss://10.0.0.1", "wss://u@relay.example", "wss://a.example/?x",
     "relay", "wss://relay.example/å", "wss://[fe80::1]/", "", "wss://a b.example"],
)  # fmt: skip
def test_typed_addresses_that_are_none(typed: str) -> None:
    with pytest.raises(UsageError, match="not a wss address"):
        socket_address(typed)


@given(st.text(max_size=40))
def test_any_typed_text_is_refused_or_a_good_address(typed: str) -> None:
    try:
        address = socket_address(typed)
    except UsageError:
        return
    assert check_socket_address(address).geturl() == address
    assert socket_address(address) == address


def test_the_library_is_not_loaded_before_it_is_needed() -> None:
    script = "import sys, mbclient.services.websocket; sys.exit('websockets' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False, timeout=60).returncode == 0
