"""The stream of servers that have WebSockets alone: what is told, refused, broken off, and where the token goes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from http import HTTPStatus

import pytest

from mbclient.core.ports import PostDeleted, PostEdited, StreamEvent, StreamOpened
from mbclient.domain.errors import (
    AuthError,
    RateLimitedError,
    RejectedError,
    ServiceError,
    UnreachableError,
    UnsupportedError,
)
from mbclient.domain.post import Notification, Post
from mbclient.domain.secret import Secret
from mbclient.services.kit import Kit
from mbclient.services.mastodon.service import Mastodon
from tests.services.mastodon.conftest import opened
from tests.services.mastodon_server import MastodonServer


@pytest.fixture(params=["gotosocial", "pleroma", "akkoma"])
async def server(request: pytest.FixtureRequest) -> AsyncIterator[MastodonServer]:
    async with MastodonServer(str(request.param)) as server:
        yield server


@asynccontextmanager
async def listening(service: Mastodon) -> AsyncIterator[AsyncGenerator[StreamEvent, None]]:
    """The line stands."""
    async with asyncio.timeout(5), aclosing(service.stream()) as events:
        assert isinstance(await anext(events), StreamOpened)
        yield events


async def refusal(service: Mastodon) -> ServiceError:
    with pytest.raises(ServiceError) as caught:
        async with listening(service):
            pass
    return caught.value


async def test_what_is_understood_comes_through(server: MastodonServer, service: Mastodon) -> None:
    anna, bo = server.people["anna"], server.people["bo"]
    async with listening(service) as events:
        written = server.write(bo, "hej")
        nonsense: object
        for nonsense in (
            b"\x00\x01",
            "{nonsense",
            "[" * 5000,
            [],
            7,
            None,
            {"event": "update"},
            {"event": "update", "payload": "{nonsense"},
            {"event": "update", "payload": '{"id": null}'},
            {"event": ["update"], "payload": {}},
            {"event": "delete", "payload": ""},
            {"event": "filters_changed"},
            {"event": "announcement", "payload": "{}"},
        ):
            server.lines.say(nonsense)
        server.lines.say(
            {"event": "update", "payload": server.status(written, anna)}
        )  # not as a text: clear all the same
        server.edit(written, "hej då")
        reply = server.status(server.write(bo, "@anna hej"), anna)
        server.lines.tell(
            "notification",
            {"id": "9", "type": "mention", "created_at": reply["created_at"], "account": reply["account"],
             "status": reply},
        )  # fmt: skip
        server.delete(written)
        told = [await anext(events) for _number in range(6)]
    assert isinstance(told[0], Post)
    assert (told[0].remote_id, str(told[0].text)) == (written.id, "hej")
    assert isinstance(told[1], Post)
    assert isinstance(told[2], PostEdited)
    assert str(told[2].post.text) == "hej då"
    assert isinstance(told[4], Notification)
    assert told[5] == PostDeleted(written.id)


async def test_the_token_is_in_no_address(server: MastodonServer, service: Mastodon) -> None:
    async with listening(service):
        pass
    (handshake,) = server.lines.handshakes
    assert handshake.path == "/api/v1/streaming?stream=user"
    assert handshake.headers["Sec-WebSocket-Protocol"] == "anna-token"


async def test_a_token_that_fits_no_subprotocol_goes_where_browsers_put_it(
    server: MastodonServer, service: Mastodon, kit: Kit
) -> None:
    server.people["anna"].token = "anna/token=="
    kit.secrets.set("work", Secret("anna/token=="))
    async with listening(service):
        pass
    (handshake,) = server.lines.handshakes
    assert handshake.path == "/api/v1/streaming?stream=user&access_token=anna%2Ftoken%3D%3D"


async def test_no_event_stream_is_asked_for(server: MastodonServer, service: Mastodon) -> None:
    async with listening(service):
        assert server.asked("GET", "/api/v1/streaming/user") == []


async def test_a_cut_line_says_so(server: MastodonServer, service: Mastodon) -> None:
    async with listening(service) as events:
        server.lines.cut()
        with pytest.raises(UnreachableError, match="broke"):
            await anext(events)


@pytest.mark.parametrize(("status", "expected"), [(401, AuthError), (500, UnreachableError), (0, UnreachableError)])
async def test_an_error_inside_the_line_ends_it(
    server: MastodonServer, service: Mastodon, status: int, expected: type[ServiceError]
) -> None:
    async with listening(service) as events:
        server.revoked.add("anna-token")
        server.lines.say({"error": "Invalid access token", **({"status": status} if status else {})})
        with pytest.raises(expected) as caught:
            await anext(events)
    assert "anna-token" not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (HTTPStatus.FORBIDDEN, RejectedError),
        (HTTPStatus.TOO_MANY_REQUESTS, RateLimitedError),
        (HTTPStatus.SERVICE_UNAVAILABLE, UnreachableError),
    ],
)
async def test_a_refused_handshake_is_told_by_its_status(
    server: MastodonServer, service: Mastodon, status: HTTPStatus, expected: type[ServiceError]
) -> None:
    server.lines.refuse = [status]
    assert isinstance(await refusal(service), expected)
    assert service.capabilities.stream
    async with listening(service):
        pass


async def test_a_dead_token_is_told(server: MastodonServer, service: Mastodon) -> None:
    server.revoked.add("anna-token")
    assert isinstance(await refusal(service), AuthError)


async def test_a_server_without_the_path_is_not_asked_again(server: MastodonServer, service: Mastodon) -> None:
    await service.load_capabilities()
    assert service.capabilities.stream
    server.lines.refuse = [HTTPStatus.NOT_FOUND]
    assert isinstance(await refusal(service), UnsupportedError)
    assert not service.capabilities.stream
    assert isinstance(await refusal(service), UnsupportedError)
    assert len(server.lines.handshakes) == 1


async def test_a_refreshed_token_opens_the_line(kit: Kit) -> None:
    """Pleroma's tokens expire: one more try with a fresh one."""
    async with MastodonServer("pleroma") as server:
        service = opened(server, kit)
        kit.secrets.set("work", Secret(json.dumps({"access_token": "stale", "refresh_token": "anna-refresh"})))
        (kit.cache_dir).mkdir(parents=True, exist_ok=True)
        service.api._cache.write(f"mastodon-app-{server.domain}", {"client_id": "c", "client_secret": "s"})
        server.apps["c"] = {"secret": "s"}
        async with listening(service) as events:
            server.write(server.people["bo"], "hej")
            assert isinstance(await anext(events), Post)
        assert [h.headers["Sec-WebSocket-Protocol"] for h in server.lines.handshakes] == ["stale", "anna-token-2"]
