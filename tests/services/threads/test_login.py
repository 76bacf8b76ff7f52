"""The user's own token: checked, kept alive, honest about what it may do (facts/threads.md 0, 1)."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mbclient.core.ports import SignedIn, SignIn
from mbclient.domain.account import Account
from mbclient.domain.errors import AuthError, MbclientError, UnsupportedError, UsageError
from mbclient.domain.post import Visibility
from mbclient.domain.secret import Secret
from mbclient.services.kit import Kit
from mbclient.services.threads import PLUGIN
from mbclient.services.threads.service import Threads
from mbclient.services.threads.tokens import Token
from tests.services.contract import outgoing
from tests.services.kit import StoppedClock, kit_in
from tests.services.threads.conftest import opened
from tests.services.threads.server import SCOPES, ThreadsServer
from tests.services.threads.server import Token as ServersToken


def now() -> datetime:
    return datetime.now(UTC)


class Nobody:
    """No browser takes part."""

    async def show_address(self, url: str) -> None:
        raise AssertionError("nothing is opened")

    async def ask_code(self) -> str:
        raise AssertionError("nothing is asked")


async def sign_in(server: ThreadsServer, kit: Kit, brought: str = "anna-token", handle: str = "") -> SignedIn:
    account = Account("work", "threads", server.url, handle)
    return await PLUGIN.sign_in(SignIn(account, Secret(brought) if brought else None), Nobody(), kit)


# ------------------------------------------------------------ signing in


async def test_with_a_token(server: ThreadsServer, kit: Kit) -> None:
    server.people["anna"].biography = "Jobbar på Grönkvist"
    signed = await sign_in(server, kit, " anna-token\n")
    assert (signed.account.handle, signed.account.remote_id) == ("anna", "1001")
    assert "Grönkvist" in signed.profile.text
    assert signed.secret is not None
    kept = json.loads(signed.secret.reveal())
    assert kept["access_token"] == "anna-token"
    assert datetime.fromisoformat(kept["ends"]) > now() + timedelta(days=59)


async def test_without_a_token_it_is_said_where_to_get_one(server: ThreadsServer, kit: Kit) -> None:
    assert "graph.threads.com" in PLUGIN.form.url
    assert PLUGIN.form.secret
    for token in ("", "  ", "{}"):
        with pytest.raises(UsageError, match="long-lived"):
            await sign_in(server, kit, token)


async def test_a_wrong_one_and_somebody_elses(server: ThreadsServer, kit: Kit) -> None:
    with pytest.raises(AuthError, match="long-lived token"):
        await sign_in(server, kit, "wrong")
    with pytest.raises(AuthError, match="signed in as bo"):
        await sign_in(server, kit, "bo-token", handle="@Anna")


async def test_a_token_of_an_hour_is_refused_with_the_reason(server: ThreadsServer, kit: Kit) -> None:
    server.tokens["short"] = ServersToken(server.people["anna"], life=timedelta(hours=1), long_lived=False)
    with pytest.raises(AuthError, match="cannot be refreshed"):
        await sign_in(server, kit, "short")


async def test_one_that_ends_soon_is_refreshed_at_once(server: ThreadsServer, kit: Kit) -> None:
    server.tokens["anna-token"].made = now() - timedelta(days=59, hours=20)
    signed = await sign_in(server, kit)
    assert signed.secret is not None
    assert json.loads(signed.secret.reveal())["access_token"] == "anna-token+"


@pytest.mark.parametrize("bearer", [True, False])
async def test_the_token_stands_in_a_header_where_that_is_taken(kit: Kit, bearer: bool) -> None:
    """It is not documented; addresses end up in logs, so they are the second choice."""
    async with ThreadsServer(bearer=bearer) as server:
        service = opened(server, kit)
        for _number in range(3):
            await service.page()
        await service.publish(await service.prepare(outgoing("Hej")))
        with_token = [request for request in server.wire.requests if "anna-token" in request.target]
        posts = [request for request in server.wire.requests if request.method == "POST"]
        assert bool(with_token) is not bearer
        assert not any("anna-token" in request.target for request in posts)
        assert len([request for request in server.wire.requests if "authorization" in request.headers]) == (
            len(server.wire.requests) if bearer else 1
        )


async def test_a_revoked_token_is_asked_no_more_than_twice(server: ThreadsServer, service: Threads) -> None:
    await service.page()
    server.tokens.clear()
    before = len(server.wire.requests)
    with pytest.raises(AuthError, match="account add threads"):
        await service.page()
    assert len(server.wire.requests) - before <= 2


# ------------------------------------------------------------ sixty days


async def test_a_month_before_its_end_a_new_one_is_fetched_and_kept(server: ThreadsServer, kit: Kit) -> None:
    signed = await sign_in(server, kit)
    assert signed.secret is not None
    kit.secrets.set("work", signed.secret)
    server.tokens["anna-token"].made = now() - timedelta(days=31)
    clock = StoppedClock(now() + timedelta(days=31))
    service = PLUGIN.open(signed.account, replace(kit, clock=clock))
    await service.page()
    kept = kit.secrets.get("work")
    assert kept is not None
    assert json.loads(kept.reveal())["access_token"] == "anna-token+"
    await service.page()
    assert len([request for request in server.wire.requests if request.path == "/refresh_access_token"]) == 1


async def test_a_refresh_that_fails_takes_nothing_away(server: ThreadsServer, kit: Kit) -> None:
    packed = Token(Secret("anna-token"), now() - timedelta(days=40), now() + timedelta(days=20)).pack()
    service = opened(server, kit)
    kit.secrets.set("work", packed)
    server.tokens["anna-token"].made = now() - timedelta(days=40)
    for kind in ("garbage", "drop-before", "drop-before"):
        server.fault("GET", "refresh_access_token", kind)
    await service.page()
    await service.page()  # not asked again for an hour
    assert kit.secrets.get("work") == packed
    assert len([r for r in server.wire.requests if r.path == "/refresh_access_token"]) == 1


@pytest.mark.parametrize(
    ("since", "ends", "due"),
    [
        (None, None, False),  # nothing is known: as it was pasted
        (timedelta(hours=-20), None, False),  # too young, the server would refuse
        (timedelta(hours=-25), None, True),
        (timedelta(days=-20), timedelta(days=40), False),
        (timedelta(days=-31), timedelta(days=29), True),
        (timedelta(days=-61), timedelta(days=-1), False),  # cannot be revived
    ],
)
def test_when_a_token_is_due(since: timedelta | None, ends: timedelta | None, due: bool) -> None:
    at = now()
    token = Token(Secret("x"), at + since if since else None, at + ends if ends else None)
    assert token.is_due(at) is due
    assert Token.parse(token.pack()) == token


def test_a_damaged_secret_is_no_token() -> None:
    assert not Token.parse(Secret('{"access_token": 7}')).value
    assert not Token.parse(Secret("{")).value


# ------------------------------------------------------------ what it may do


async def test_what_threads_cannot_do_is_said(server: ThreadsServer, service: Threads) -> None:
    can = service.capabilities
    assert (can.like, can.bookmark, can.edit, can.schedule, can.stream, can.content_warning) == (False,) * 6
    assert (can.max_media, can.visibilities, can.max_length) == (0, (Visibility.PUBLIC,), 500)
    assert "home" not in can.feeds
    post = await service.post(server.write(server.people["bo"], "Hej").id)
    for deed in (service.set_liked, service.set_bookmarked):
        with pytest.raises(UnsupportedError):
            await deed(post, True)
    with pytest.raises(UnsupportedError):
        await anext(service.stream())


async def test_abilities_follow_the_tokens_permissions(server: ThreadsServer, kit: Kit) -> None:
    server.tokens["anna-token"].scopes = frozenset({"threads_basic", "threads_content_publish"})
    service = opened(server, kit)
    can = await service.load_capabilities()
    assert (can.post, can.reply, can.delete, can.search, can.thread, can.notifications) == (
        True,
        False,
        False,
        False,
        False,
        False,
    )
    with pytest.raises(UnsupportedError, match="threads_keyword_search"):
        await service.search("fika")
    assert server.asked("GET", "keyword_search") == []
    again = opened(server, kit)
    assert again.capabilities == can  # from the cache: nothing is asked
    await service.page()  # without mentions, the own posts are there


async def test_where_the_permissions_are_not_told_search_is_not_believed(server: ThreadsServer, kit: Kit) -> None:
    """Without the permission it would quietly look through my own posts alone."""
    server.debugs = False
    service = opened(server, kit)
    can = await service.load_capabilities()
    assert (can.post, can.delete, can.notifications, can.search) == (True, True, True, False)


async def test_a_permission_that_turns_out_to_lack_is_remembered(server: ThreadsServer, kit: Kit) -> None:
    server.debugs = False
    server.tokens["anna-token"].scopes = SCOPES - {"threads_manage_mentions"}
    service = opened(server, kit)
    for _number in range(2):
        with pytest.raises(UnsupportedError, match="threads_manage_mentions"):
            await service.notifications()
    assert len(server.asked("GET", "me/mentions")) == 2  # once more for less, then never again
    assert not service.capabilities.notifications


# ------------------------------------------------------------ secrets

CANARY = "canary-0123456789abcdef"
CALLS: dict[str, Callable[[Threads], Awaitable[object]]] = {
    "page": lambda service: service.page(),
    "own": lambda service: service.own_posts(datetime.now(UTC)),
    "verify": lambda service: service.verify(),
    "scopes": lambda service: service.load_capabilities(),
    "prepare": lambda service: service.prepare(outgoing("hej")),
    "publish": lambda service: service.publish({"key": "k", "creation_id": "1", "container": {"text": "x"}}),
}


@pytest.mark.parametrize("kind", ["drop-before", "garbage", "error"])
@pytest.mark.parametrize("name", CALLS)
async def test_no_error_holds_the_token(kit: Kit, name: str, kind: str, caplog: pytest.LogCaptureFixture) -> None:
    async with ThreadsServer(bearer=False) as server:
        service = opened(server, kit)
        kit.secrets.set("work", Secret(CANARY))
        caplog.set_level(logging.DEBUG, "mbclient")
        error: tuple[Any, ...] = (500, 2, "no") if kind == "error" else ()
        for method in ("GET", "POST") * 3:
            server.fault(method, "*", kind, *error)
        with pytest.raises(MbclientError) as caught:
            await CALLS[name](service)
        told = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + caplog.text
        assert CANARY not in told


async def test_signing_in_leaves_no_secret_behind(server: ThreadsServer, tmp_path: Path) -> None:
    server.tokens[CANARY] = server.tokens["anna-token"]
    async with kit_in(tmp_path) as kit:
        signed = await sign_in(server, kit, CANARY)
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert files
    assert all(CANARY.encode() not in file.read_bytes() for file in files)
    assert CANARY not in repr(signed)
