"""A server that is down is left alone: few requests, one account at a time, and back at once when it answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from mbclient.domain.errors import ServiceError, UnreachableError
from mbclient.services.circuit import FAILURES, Circuits
from mbclient.services.http import Http
from tests.services.kit import StoppedClock
from tests.services.wire import Reply, Request, Wire

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock(NOW)


@pytest.fixture
async def http(clock: StoppedClock) -> AsyncIterator[Http]:
    client = Http(clock)
    yield client
    await client.aclose()


class Server:
    """Answers with `reply`, whatever is asked."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply

    async def __call__(self, _request: Request) -> Reply:
        return self.reply


async def ask(http: Http, wire: Wire, account: str = "work", method: str = "POST") -> int:
    """The status of the answer; 0 when there was none."""
    try:
        return (await http.request(method, wire.url, account=account, json={})).status
    except ServiceError:
        return 0


DOWN = {
    "an error": Reply(500, {}),
    "a tired proxy": Reply(503, b"<html>"),
    "no answer": Reply(drop=True),
    "half an answer": Reply(200, b"x" * 100, cut=50),
}


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("name", DOWN)
async def test_a_server_that_is_down_meets_ten_requests_in_five_minutes(
    http: Http, clock: StoppedClock, name: str, method: str
) -> None:
    async with Wire(Server(DOWN[name])) as wire:
        for _second in range(300):
            await ask(http, wire, method=method)
            clock.time += timedelta(seconds=1)
        assert FAILURES < len(wire.requests) <= 10
        assert await ask(http, wire, "other") == DOWN[name].status * (name in ("an error", "a tired proxy"))


async def test_one_try_after_a_minute_and_all_is_well_again(http: Http, clock: StoppedClock) -> None:
    server = Server(Reply(500, {}))
    async with Wire(server) as wire:
        for _time in range(FAILURES + 3):
            await ask(http, wire)
        assert len(wire.requests) == FAILURES
        with pytest.raises(UnreachableError, match="left alone for a minute") as caught:
            await http.request("POST", wire.url, account="work", json={})
        assert caught.value.account == "work"
        server.reply = Reply(200, {})
        clock.time += timedelta(seconds=59)
        assert await ask(http, wire) == 0
        clock.time += timedelta(seconds=1)
        assert [await ask(http, wire) for _time in range(20)] == [200] * 20


async def test_only_one_tries_at_a_time(clock: StoppedClock) -> None:
    circuits = Circuits(clock)
    for _time in range(FAILURES):
        circuits.failed("work")
    clock.time += timedelta(seconds=60)
    circuits.enter("work", "host")
    with pytest.raises(UnreachableError):
        circuits.enter("work", "host")
    circuits.answered("work", 200)
    circuits.enter("work", "host")
    circuits.enter("work", "host")


@pytest.mark.parametrize("status", [200, 304, 400, 401, 404, 422, 429, 501])
async def test_a_refusal_is_no_failure(http: Http, status: int) -> None:
    server = Server(Reply(status, {} if status != 304 else None))
    async with Wire(server) as wire:
        assert [await ask(http, wire) for _time in range(9)] == [status] * 9
        server.reply = Reply(500, {})
        for _time in range(FAILURES - 1):
            await ask(http, wire)
        server.reply = Reply(status, {} if status != 304 else None)
        assert [await ask(http, wire) for _time in range(9)] == [status] * 9


async def test_a_login_has_no_circuit(http: Http) -> None:
    async with Wire(Server(Reply(500, {}))) as wire:
        assert [await ask(http, wire, "") for _time in range(9)] == [500] * 9


async def test_a_network_that_is_gone_opens_no_circuit(http: Http) -> None:
    """Nothing was sent, so nothing is spared; the next try is the sender's and the timer's to choose."""
    async with Wire(Server(Reply(200, {}))) as wire:
        away = Wire(Server(Reply(200, {})))
        away.port = 1
        assert [await ask(http, away) for _time in range(9)] == [0] * 9
        assert await ask(http, wire) == 200
