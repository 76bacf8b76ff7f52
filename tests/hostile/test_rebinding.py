"""A name that somebody outside has named leads nowhere near, whatever it leads to the next time; the user's own server
may stand where it likes (reliability facts 4.5, SSRF). Names are looked up in a table; everything stays on loopback.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpcore
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbclient.domain.errors import UnreachableError
from mbclient.services import http as http_module
from mbclient.services import near
from mbclient.services.http import Http
from mbclient.services.kit import Kit
from mbclient.services.near import far_addresses, is_near, is_proxied
from mbclient.services.nostr.pool import Pool
from mbclient.services.redirects import follow
from mbclient.services.websocket import open_socket
from tests.hostile.test_tls import certificate
from tests.services.kit import MemorySecrets, SystemClock
from tests.services.nostr.relay_server import Double
from tests.services.nostr.support import opened
from tests.services.wire import Reply, Request, Wire

FAR, FAR_TOO, FAR_6 = "93.184.216.34", "1.1.1.1", "2606:2800:220:1:248:1893:25c8:1946"
NEAR = (
    "127.0.0.1", "127.1.2.3", "0.0.0.1", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "198.18.0.1", "192.0.0.8", "224.0.0.251", "240.0.0.1", "255.255.255.255",
    "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12:3456::1", "fec0::1", "ff02::fb",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:a00:1", "64:ff9b::a00:1", "64:ff9b::7f00:1", "2002:a00:1::1",
    "2002:7f00:1::", "2001:db8::1", "not an address", "", "127.1", "0x7f000001",
)  # fmt: skip
PRIVATE = [ipaddress.ip_network(name) for name in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8")]


@pytest.mark.parametrize("address", NEAR)
def test_near(address: str) -> None:
    assert is_near(address)


@pytest.mark.parametrize("address", [FAR, FAR_TOO, FAR_6, "::ffff:1.1.1.1", "64:ff9b::101:101", "2002:101:101::1"])
def test_far(address: str) -> None:
    assert not is_near(address)


@given(st.sampled_from(PRIVATE), st.integers(0, 2**24), st.sampled_from(["{0}", "::ffff:{0}", "64:ff9b::{0}"]))
def test_a_private_address_is_near_in_every_form(network: ipaddress.IPv4Network, number: int, form: str) -> None:
    assert is_near(form.format(network[number % network.num_addresses]))


@dataclass
class World:
    """What names lead to, one after the other; the last is what they lead to from then on."""

    leads: dict[str, list[Sequence[str]]] = field(default_factory=dict)
    looked_up: list[str] = field(default_factory=list)
    dialled: list[str] = field(default_factory=list)

    async def resolve(self, host: str, port: int) -> Sequence[str]:
        self.looked_up.append(host)
        answers = self.leads[host]
        return answers.pop(0) if len(answers) > 1 else answers[0]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """Every connection is noted, and goes to this machine."""
    world = World()
    connect, dial = httpcore.AnyIOBackend.connect_tcp, near.dial

    async def connect_tcp(backend: httpcore.AnyIOBackend, host: str, port: int, *rest: Any, **more: Any) -> object:
        world.dialled.append(host)
        return await connect(backend, "127.0.0.1", port, *rest, **more)

    async def to_here(address: str, port: int) -> socket.socket:
        world.dialled.append(address)
        return await dial("127.0.0.1", port)

    monkeypatch.setattr(httpcore.AnyIOBackend, "connect_tcp", connect_tcp)
    monkeypatch.setattr(near, "dial", to_here)
    return world


@asynccontextmanager
async def asking(world: World, ca_file: Path | None = None) -> AsyncIterator[Http]:
    http = Http(SystemClock(), ca_file=str(ca_file or ""), resolve=world.resolve)
    try:
        yield http
    finally:
        await http.aclose()


@asynccontextmanager
async def site(path: Path, *answers: bytes) -> AsyncIterator[tuple[int, list[bytes]]]:
    """An https server that gives these answers in turn, the last one for ever; its port, and what it has read."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    heard: list[bytes] = []
    left = [*answers]

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(left.pop(0) if len(left) > 1 else left[0])
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context) as server:
        yield server.sockets[0].getsockname()[1], heard


GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"


def moved(url: str, status: int = 302) -> bytes:
    return f"HTTP/1.1 {status} Moved\r\nLocation: {url}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()


# ---------------------------------------------------------------- requests


async def test_the_connection_goes_to_the_address_that_was_looked_at(tmp_path: Path, world: World) -> None:
    """And a name that leads elsewhere the next time is refused then."""
    path = certificate(tmp_path, "far.example")
    world.leads["far.example"] = [[FAR], ["127.0.0.1"]]
    async with asking(world, path) as http, site(path, GOOD) as (port, heard):
        url = f"https://far.example:{port}/"
        assert (await http.request("GET", url, outside=True)).ok
        assert (world.looked_up, world.dialled) == (["far.example"], [FAR])
        with pytest.raises(UnreachableError, match="somebody else named it"):
            await http.request("GET", url, outside=True)
        assert world.dialled == [FAR]
        assert len(heard) == 1


@pytest.mark.parametrize("address", NEAR)
async def test_no_request_goes_near(world: World, address: str) -> None:
    world.leads["evil.example"] = [[address]]
    async with asking(world) as http:
        with pytest.raises(UnreachableError, match="somebody else named it"):
            await http.request("GET", "https://evil.example/latest", outside=True)
    assert world.dialled == []


@pytest.mark.parametrize("addresses", [[FAR, "10.0.0.1"], ["::1", FAR], []])
async def test_one_near_address_among_others_is_enough(world: World, addresses: Sequence[str]) -> None:
    world.leads["evil.example"] = [addresses]
    async with asking(world) as http:
        with pytest.raises(UnreachableError):
            await http.request("GET", "https://evil.example/", outside=True)
    assert world.dialled == []


async def test_the_certificate_is_checked_for_the_name(tmp_path: Path, world: World) -> None:
    path = certificate(tmp_path, "far.example")
    world.leads["other.example"] = [[FAR]]
    async with asking(world, path) as http, site(path, GOOD) as (port, heard):
        with pytest.raises(UnreachableError, match="certificate is not valid for 'other"):
            await http.request("GET", f"https://other.example:{port}/", outside=True)
        assert heard == []


async def test_the_next_address_is_tried(tmp_path: Path, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    path = certificate(tmp_path, "far.example")
    world.leads["far.example"] = [[FAR_6, FAR]]
    connect = httpcore.AnyIOBackend.connect_tcp

    async def first_is_away(backend: httpcore.AnyIOBackend, host: str, *rest: Any, **more: Any) -> object:
        if host == FAR_6:
            world.dialled.append(host)
            raise httpcore.ConnectError("no route")
        return await connect(backend, host, *rest, **more)

    monkeypatch.setattr(httpcore.AnyIOBackend, "connect_tcp", first_is_away)
    async with asking(world, path) as http, site(path, GOOD) as (port, _heard):
        assert (await http.request("GET", f"https://far.example:{port}/", outside=True)).ok
    assert world.dialled == [FAR_6, FAR]


async def test_the_users_own_server_is_where_it_is(world: World) -> None:
    """A company's server inside: nothing is looked at."""
    async with asking(world) as http, Wire(good) as wire:
        answer = await http.request("GET", wire.url)
    assert answer.ok
    assert answer.near
    assert world.looked_up == []


async def good(request: Request) -> Reply:
    return Reply(200, {})


# ---------------------------------------------------------------- redirects


async def test_a_redirect_to_a_name_that_leads_near_is_not_followed(
    tmp_path: Path, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_module, "_came_from_near", lambda _response: False)  # the feed's own site is far away
    world.leads["inside.example"] = [["192.168.1.1"]]
    path = certificate(tmp_path, "news.example")
    async with asking(world, path) as http, site(path, moved("https://inside.example/admin")) as (port, heard):
        with pytest.raises(UnreachableError, match=r"inside\.example .*somebody else named it"):
            await follow(http, f"https://news.example:{port}/feed", account="news", headers={})
    assert len(heard) == 1
    assert world.dialled == ["news.example"]


async def test_an_address_that_was_remembered_is_looked_at_too(world: World) -> None:
    world.leads["moved.example"] = [["10.0.0.1"]]
    async with asking(world) as http:
        with pytest.raises(UnreachableError, match="somebody else named it"):
            await follow(http, "https://moved.example/", account="news", headers={}, own="https://news.example/feed")
    assert world.dialled == []


async def test_within_a_companys_network_redirects_work_and_are_seen_each_time(tmp_path: Path, world: World) -> None:
    path = certificate(tmp_path, "cdn.example")
    async with asking(world, path) as http, site(path, GOOD) as (port, _heard):
        target = f"https://cdn.example:{port}/feed"

        async def move(request: Request) -> Reply:
            return Reply(301, None, {"Location": target})

        async with Wire(move) as wire:
            answer, remembered = await follow(http, wire.url, account="news", headers={})
            assert answer.ok
            assert answer.url == target
            assert remembered == wire.url
    assert world.looked_up == []


# ---------------------------------------------------------------- streams


@asynccontextmanager
async def kit_with(http: Http, folder: Path) -> AsyncIterator[Kit]:
    yield Kit(http, MemorySecrets(), SystemClock(), folder / "mbclient.db", folder / "cache")


async def test_a_strangers_relay_never_leads_near(tmp_path: Path, world: World) -> None:
    world.leads["relay.example"] = [[FAR, "127.0.0.1"]]
    async with asking(world) as http, kit_with(http, tmp_path) as kit:
        with pytest.raises(UnreachableError, match="somebody else named it"):
            async with open_socket(kit, "wss://relay.example", outside=True):
                pass
    assert world.dialled == []


async def test_a_strangers_relay_is_reached_at_the_address_that_was_looked_at(tmp_path: Path, world: World) -> None:
    world.leads["127.0.0.1"] = [[FAR]]  # plain ws is for this name alone
    async with Double() as relay, asking(world) as http, kit_with(http, tmp_path) as kit:
        line = open_socket(kit, relay.url, outside=True)
        async with line as socket_:
            await socket_.send(["REQ", "1", {"limit": 1}])
            assert await socket_.receive() == ["EOSE", "1"]
    assert (world.looked_up, world.dialled) == (["127.0.0.1"], [FAR])


async def test_only_the_own_relays_may_stand_inside(tmp_path: Path, world: World) -> None:
    async with asking(world) as http, kit_with(http, tmp_path) as kit:
        pool = Pool(kit, "nostr", signer=None)  # type: ignore[arg-type]  # nobody signs in here
        pool.own = {"wss://relay.corp.example"}
        assert not pool.relay("wss://relay.corp.example").outside
        assert pool.relay("wss://relay.stranger.example").outside
        pool.own = {"ws://127.0.0.1:7000"}  # all of it on this machine: a try-out
        assert not pool.relay("ws://127.0.0.1:7001").outside


async def test_an_account_whose_relays_are_all_here_works(tmp_path: Path, world: World) -> None:
    async with Double() as relay, asking(world) as http, kit_with(http, tmp_path) as kit:
        service = await opened(kit, [relay])
        await service.page()
        await service.aclose()
        assert relay.asked
    assert world.looked_up == []


# ---------------------------------------------------------------- proxies


@pytest.mark.parametrize(
    ("environment", "url", "proxied"),
    [
        ({}, "https://a.example/", False),
        ({"https_proxy": "http://proxy.corp:8080"}, "https://a.example/", True),
        ({"https_proxy": "http://proxy.corp:8080"}, "wss://a.example/", True),
        ({"http_proxy": "http://proxy.corp:8080"}, "https://a.example/", False),
        ({"all_proxy": "socks5://proxy.corp:1080"}, "https://a.example/", True),
        ({"https_proxy": "http://proxy.corp:8080", "no_proxy": "a.example"}, "https://a.example/", False),
        ({"https_proxy": "http://proxy.corp:8080", "no_proxy": "*"}, "https://a.example:8443/", False),
    ],
)
def test_whether_a_proxy_is_asked(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], url: str, proxied: bool
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "wss_proxy", "socks_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert is_proxied(url) is proxied


async def test_the_systems_own_names_are_looked_up() -> None:
    assert set(await near.look_up("localhost", 80)) <= {"127.0.0.1", "::1"}
    with pytest.raises(OSError, match="somebody else named it"):
        await far_addresses("localhost", 80)
