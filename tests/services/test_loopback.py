"""The door of a browser login: what opens it, and the attacks that do not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from mbclient.domain.errors import AuthError
from mbclient.services import loopback
from mbclient.services.loopback import Loopback, Returned, browser_or_paste, pasted_answer, same_state

STATE = "s3cret-state"


@pytest.fixture
async def door() -> AsyncIterator[Loopback]:
    async with Loopback(STATE) as door:
        yield door


async def send(door: Loopback, raw: bytes) -> bytes:
    """Raw bytes to the door; all that comes back."""
    reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
    try:
        writer.write(raw)
        await writer.drain()
        return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


def request(door: Loopback, target: str, *, method: str = "GET", host: str = "", extra: str = "") -> bytes:
    host = host or f"127.0.0.1:{door.port}"
    return f"{method} {target} HTTP/1.1\r\nHost: {host}\r\n{extra}\r\n".encode()


async def test_the_browsers_answer(door: Loopback) -> None:
    waiting = asyncio.ensure_future(door.wait())
    page = await send(door, request(door, f"/callback?code=c0de%2B1&state={STATE}&iss=https%3A%2F%2Fm.example"))
    assert await waiting == Returned("c0de+1", "", "https://m.example")
    head, _blank, body = page.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    assert b"Content-Security-Policy: default-src 'none'" in head
    assert b"c0de" not in page
    assert STATE.encode() not in page
    assert f"Content-Length: {len(body)}".encode() in head


async def test_the_door_is_shut_afterwards(door: Loopback) -> None:
    await send(door, request(door, f"/callback?code=x&state={STATE}"))
    assert (await door.wait()).code == "x"
    with pytest.raises(ConnectionError):
        await asyncio.open_connection("127.0.0.1", door.port)


async def test_a_no_is_an_answer_too(door: Loopback) -> None:
    await send(door, request(door, f"/callback?error=access_denied&state={STATE}"))
    assert await door.wait() == Returned(error="access_denied")


ATTACKS = {
    "no state": (403, "/callback?code=x", {}),
    "wrong state": (403, "/callback?code=x&state=s3cret-statf", {}),
    "empty state": (403, "/callback?code=x&state=", {}),
    "state twice": (403, f"/callback?code=x&state=bad&state={STATE}", {}),
    "code twice": (403, f"/callback?code=x&code=y&state={STATE}", {}),
    "no code": (400, f"/callback?state={STATE}", {}),
    "other path": (404, f"/callback/..?code=x&state={STATE}", {}),
    "root": (404, "/", {}),
    "absolute address": (404, f"http://evil.example/callback?code=x&state={STATE}", {}),
    "post": (405, f"/callback?code=x&state={STATE}", {"method": "POST"}),
    "head": (405, f"/callback?code=x&state={STATE}", {"method": "HEAD"}),
    "rebinding": (421, f"/callback?code=x&state={STATE}", {"host": "evil.example"}),
    "localhost by name": (421, f"/callback?code=x&state={STATE}", {"host": "localhost"}),
    "two hosts": (421, f"/callback?code=x&state={STATE}", {"extra": "Host: evil.example\r\n"}),
    "many fields": (400, f"/callback?code=x&state={STATE}&" + "&".join(f"a{n}=1" for n in range(50)), {}),
}


@pytest.mark.parametrize("name", ATTACKS)
async def test_attacks_are_refused_and_the_door_stays_open(door: Loopback, name: str) -> None:
    status, target, more = ATTACKS[name]
    answer = await send(door, request(door, target, **more))
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    assert b"evil" not in answer
    await send(door, request(door, f"/callback?code=good&state={STATE}"))
    assert (await door.wait()).code == "good"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\r\n\r\n",
        b"GET\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"GET /callback HTTP/2\r\n\r\n",
        b"GET /callback?code=x HTTP/1.1\r\n" + b"X: " + b"y" * 100_000 + b"\r\n\r\n",
    ],
    ids=["nothing", "blank", "no target", "tls", "other version", "large head"],
)
async def test_nonsense_is_no_answer(door: Loopback, raw: bytes) -> None:
    if not raw:
        _reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
        writer.close()
    else:
        assert b"200 OK" not in await send(door, raw)
    await send(door, request(door, f"/callback?code=good&state={STATE}"))
    assert (await door.wait()).code == "good"


async def test_a_slow_client_holds_nobody(door: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loopback, "REQUEST_S", 0.2)
    reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
    writer.write(b"GET /callback?code=slow")
    await send(door, request(door, f"/callback?code=good&state={STATE}"))
    assert (await door.wait()).code == "good"
    assert await reader.read() == b""  # hung up on
    writer.close()


async def test_a_crowd_is_turned_away(door: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loopback, "MAX_CLIENTS", 2)
    crowd = [await asyncio.open_connection("127.0.0.1", door.port) for _number in range(3)]
    assert await crowd[2][0].read() == b""
    for _reader, writer in crowd:
        writer.close()


async def test_nobody_comes_back() -> None:
    async with Loopback(STATE) as door:
        with pytest.raises(AuthError, match="did not come back"):
            await door.wait(0.05)
        with pytest.raises(ConnectionError):
            await asyncio.open_connection("127.0.0.1", door.port)


async def test_leaving_hangs_up_on_whoever_is_there() -> None:
    async with Loopback(STATE) as door:
        reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
        writer.write(b"GET /")
        await writer.drain()
        await send(door, b"\r\n\r\n")
    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        await reader.readexactly(1)
    writer.close()


def test_states() -> None:
    assert same_state("abc", "abc")
    assert not same_state("abd", "abc")
    assert not same_state("", "")
    assert not same_state("å", "abc")


@pytest.mark.parametrize(
    ("pasted", "answer"),
    [
        ("c0de", Returned("c0de")),
        ("  c0\nde \n", Returned("c0de")),
        (f"http://127.0.0.1:4711/callback?code=c0de&state={STATE}", Returned("c0de")),
        (f"http://127.0.0.1:4711/callback?code=c0\nde&state={STATE}", Returned("c0de")),
        (f"http://127.0.0.1:4711/callback?error=access_denied&state={STATE}", Returned(error="access_denied")),
        ("http://127.0.0.1:4711/callback?code=c0de", Returned("c0de")),
        ("https://mastodon.example/", Returned()),
        ("", Returned()),
        ("https://[::1", Returned()),
    ],
)
def test_pasting(pasted: str, answer: Returned) -> None:
    assert pasted_answer(pasted, STATE) == answer


def test_a_pasted_address_of_another_login_is_refused() -> None:
    with pytest.raises(AuthError, match="another login"):
        pasted_answer("http://127.0.0.1:1/callback?code=x&state=other", STATE)


class Dialog:
    """A user who pastes what the test says, or never."""

    def __init__(self, pasted: str = "") -> None:
        self.pasted = pasted
        self.shown: list[str] = []
        self.left_alone = False

    async def show_address(self, url: str) -> None:
        self.shown.append(url)

    async def ask_code(self) -> str:
        if self.pasted:
            return self.pasted
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.left_alone = True
            raise
        return ""


async def test_whichever_comes_first(door: Loopback) -> None:
    dialog = Dialog()
    both = asyncio.ensure_future(browser_or_paste(door, "https://m.example/authorize", STATE, dialog))
    await send(door, request(door, f"/callback?code=browser&state={STATE}"))
    assert (await both).code == "browser"
    assert dialog.shown == ["https://m.example/authorize"]
    assert dialog.left_alone
    async with Loopback(STATE) as other:
        assert (await browser_or_paste(other, "https://m.example/authorize", STATE, Dialog("pasted"))).code == "pasted"


async def test_a_port_that_is_registered_with_a_service() -> None:
    async with Loopback("s") as other:
        with pytest.raises(AuthError, match=rf"port {other.port} .* is taken; close"):
            async with Loopback("s", other.port):
                raise AssertionError
        port = other.port
    async with Loopback("s", port) as door:
        assert door.redirect_uri == f"http://127.0.0.1:{port}/callback"
