"""What the network does to a post, through the real adapter and the whole desk: rows of reliability facts 4.1 and 4.3.

The servers are loopback; the name that cannot be resolved is one that the test refuses to resolve.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mbclient import bootstrap
from mbclient.core.desk import Desk
from mbclient.core.stores import OutboxRow, SendState
from mbclient.domain.account import Known
from mbclient.domain.draft import Draft
from mbclient.domain.errors import RateLimitedError, UnreachableError
from mbclient.services.http import Http
from tests.faults.program import Home
from tests.services.kit import StoppedClock, SystemClock
from tests.services.mastodon_server import MastodonServer
from tests.services.wire import Reply, Request, Wire

POST = ("POST", "/api/v1/statuses")


class Shifted(SystemClock):
    """The machine's clock, so much ahead."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        return super().now() + self.ahead

    def monotonic(self) -> float:
        return super().monotonic() + self.ahead.total_seconds()


class Server(MastodonServer):
    """`after`: what is answered to the next post instead, once it is stored."""

    def __init__(self) -> None:
        super().__init__()
        self.after: Reply | None = None

    async def _handle(self, request: Request) -> Reply:
        reply = await super()._handle(request)
        if (request.method, request.path) == POST and self.after is not None:
            reply, self.after = self.after, None
        return reply


class Real:
    """A whole desk with one account on the server."""

    def __init__(self, home: Home, clock: Shifted) -> None:
        assert isinstance(home.server, Server)
        self.server = home.server
        self.home = home
        self.clock = clock
        self.desk: Desk = bootstrap.build(
            bootstrap.read_settings(config=str(home.config), data_dir=str(home.data)), clock=clock
        )
        self.desk.accounts.confirm("work", employer=Known.YES, real_name=Known.YES)
        assert self.desk.sender.claim()

    async def send(self, *texts: str) -> list[OutboxRow]:
        """Each as a post of its own, then what is due is handled once."""
        for text in texts:
            self.desk.composer.submit(Draft(text, ("work",)), confirmed=True)
        await self.desk.sender.flush()
        return list(self.desk.outbox.rows())

    async def later(self, **span: float) -> list[OutboxRow]:
        self.clock.ahead += timedelta(**span)
        await self.desk.sender.flush()
        return list(self.desk.outbox.rows())


@pytest.fixture
async def real(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Real]:
    monkeypatch.setenv("XDG_CONFIG_DIRS", str(tmp_path / "none"))
    for name in ("MBCLIENT_COMPANY_POLICY", "MBCLIENT_MACHINE", "SSH_CONNECTION"):
        monkeypatch.delenv(name, raising=False)
    async with Server() as server:
        made = Real(Home(tmp_path / "home", "mastodon", server), Shifted())
        yield made
        await made.desk.aclose()


def no_connection(real: Real, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody listens where the server was."""
    assert real.server.wire._server is not None
    real.server.wire._server.close()


def no_name(_real: Real, monkeypatch: pytest.MonkeyPatch) -> None:
    async def unknown(*_given: object, **_named: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "create_connection", unknown)


@pytest.mark.parametrize("away", [no_connection, no_name])
async def test_what_could_not_be_written_waits_and_goes_within_three_seconds(
    real: Real, monkeypatch: pytest.MonkeyPatch, away: Callable[[Real, pytest.MonkeyPatch], None]
) -> None:
    with monkeypatch.context() as patch:
        away(real, patch)
        (row,) = await real.send("Hej")
        assert (row.state, row.first_sent_at) == (SendState.QUEUED, None)
        assert "cannot be reached" in row.reason
    if away is no_connection:
        real.server.wire._server = await asyncio.start_server(
            real.server.wire._serve, "127.0.0.1", real.server.wire.port
        )
    (row,) = await real.later(seconds=3)
    assert row.state is SendState.SENT
    assert real.home.on_the_server("Hej") == 1


@pytest.mark.parametrize("status", [500, 502, 503, 504, 520])
async def test_a_proxy_that_fails_after_the_post_was_stored_doubles_nothing(real: Real, status: int) -> None:
    real.server.after = Reply(status, b"<html>tired</html>", {"Content-Type": "text/html"})
    (row,) = await real.send("Hej")
    assert row.state is SendState.UNKNOWN
    (row,) = await real.later(minutes=2)
    assert (row.state, real.home.on_the_server("Hej")) == (SendState.SENT, 1)


@pytest.mark.parametrize("kind", ["drop-before", "drop-after"])
async def test_a_connection_that_ends_before_the_answer_loses_and_doubles_nothing(real: Real, kind: str) -> None:
    real.server.fault(*POST, kind)
    (row,) = await real.send("Hej")
    assert row.state is SendState.UNKNOWN
    (row,) = await real.later(minutes=2)
    assert (row.state, real.home.on_the_server("Hej")) == (SendState.SENT, 1)


async def test_a_revoked_token_is_refused_twice_at_most_and_a_new_one_sends_what_waits(real: Real) -> None:
    await real.send("before")
    real.server.revoked.add("anna-token")
    asked = len(real.server.wire.requests)
    await real.send("one", "two", "three")
    await real.send("four")
    await real.later(minutes=5)
    assert len(real.server.wire.requests) - asked <= 2
    rows = real.desk.outbox.rows(states=(SendState.HELD,))
    assert {row.draft.text for row in rows} == {"one", "two", "three", "four"}
    assert all("sign in again" in row.reason for row in rows)
    real.server.revoked.clear()
    for row in rows:
        real.desk.unsent.retry(row.outbox)
        await real.desk.sender.flush()
    assert [real.home.on_the_server(text) for text in ("one", "two", "three", "four")] == [1] * 4


@pytest.mark.parametrize("status", [403, 404, 410, 422])
async def test_a_refusal_fails_with_the_servers_reason_and_can_be_tried_again(real: Real, status: int) -> None:
    real.server.fault(*POST, "status", status=status, body={"error": "Validation failed: \x1b[31mtoo rude"})
    (row,) = await real.send("Hej")
    assert row.state is SendState.FAILED
    assert "too rude" in row.reason
    assert "\x1b" not in row.reason
    real.desk.unsent.retry(row.outbox)
    await real.desk.sender.flush()
    assert real.home.on_the_server("Hej") == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirected_post_shows_nothing_to_the_other_host(real: Real, status: int) -> None:
    async def other(_request: Request) -> Reply:
        return Reply(200, {"id": "1"})

    async with Wire(other) as elsewhere:
        real.server.fault(*POST, "status", status=status, headers={"Location": f"{elsewhere.url}/api/v1/statuses"})
        (row,) = await real.send("Hej")
        assert (row.state, "127.0.0.1" in row.reason) == (SendState.FAILED, True)
        assert elsewhere.requests == []


# ---------------------------------------------------------------- the budget


class Counting:
    """A server that allows so many requests in five minutes for each account, and says so as Mastodon does."""

    def __init__(self, clock: StoppedClock, limit: int) -> None:
        self.clock, self.limit = clock, limit
        self.begun = clock.time
        self.used: dict[str, int] = {}
        self.refused = 0

    async def __call__(self, request: Request) -> Reply:
        if self.clock.time - self.begun >= timedelta(minutes=5):
            self.begun = self.clock.time
            self.used.clear()
        name = request.headers["authorization"]
        used = self.used[name] = self.used.get(name, 0) + 1
        self.refused += used > self.limit
        until = self.begun + timedelta(minutes=5)
        headers = {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(max(0, self.limit - used)),
            "X-RateLimit-Reset": until.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        }
        return Reply(429 if used > self.limit else 200, {}, headers)


@pytest.mark.slow
async def test_an_hour_of_five_accounts_meets_no_429_and_the_user_can_always_post() -> None:
    """Each polls twice as often as is allowed, and its user posts once a minute."""
    limit = 300
    clock = StoppedClock(datetime(2026, 11, 24, 12, tzinfo=UTC))
    http, counting = Http(clock), Counting(clock, limit)
    polled = 0
    async with Wire(counting) as wire:
        steps = 12 * 2 * limit
        for step in range(steps):
            clock.time += timedelta(hours=1) / steps
            for account in "abcde":
                headers = {"Authorization": account}
                if step % (steps // 60) == 0:
                    answer = await http.request("POST", wire.url, account=account, headers=headers, json={})
                    assert answer.status == 200
                try:
                    http.spare(account)
                except RateLimitedError:
                    continue
                polled += 1
                await http.request("GET", wire.url, account=account, headers=headers)
    await http.aclose()
    assert counting.refused == 0
    assert polled > 12 * 5 * limit / 2  # and what may be used is used


# ---------------------------------------------------------------- certificates and clocks


def certificate(folder: Path, begins: timedelta, ends: timedelta) -> Path:
    """A self-signed certificate with its key for 127.0.0.1, valid between these two, counted from now."""
    x509 = pytest.importorskip("cryptography.x509", reason="certificates are made with cryptography")
    from ipaddress import ip_address

    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mbclient test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now + begins, now + ends)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "certificate.pem"
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return path


DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("begins", "ends", "says"),
    [(-2 * DAY, -DAY, "date and time"), (DAY, 2 * DAY, "date and time"), (-DAY, DAY, "")],
    ids=["expired", "not yet valid", "valid"],
)
async def test_a_certificate_of_another_day_is_explained(
    tmp_path: Path, begins: timedelta, ends: timedelta, says: str
) -> None:
    """As it looks when this computer's clock is years off."""
    path = certificate(tmp_path, begins, ends)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(path)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        await writer.drain()
        writer.close()

    http = Http(SystemClock(), ca_file=str(path))
    async with await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context) as server:
        url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        if says:
            with pytest.raises(UnreachableError) as caught:
                await http.request("GET", url)
            assert says in caught.value.advice
        else:
            assert (await http.request("GET", url)).status == 200
        await http.aclose()
