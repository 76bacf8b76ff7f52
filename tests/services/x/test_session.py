"""Tokens that hold two hours, and a refresh token that holds once (facts/x.md 1)."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from mbclient.domain.errors import AuthError, SecretError, UnreachableError
from mbclient.domain.secret import Secret
from mbclient.services.kit import Kit
from mbclient.services.x.session import Tokens
from tests.services.kit import MemorySecrets
from tests.services.x.conftest import keep_tokens, opened
from tests.services.x.server import CLIENT, XServer

TOKEN = "/2/oauth2/token"
HOME = "/2/users/1/timelines/reverse_chronological"


def kept(kit: Kit) -> Tokens:
    secret = kit.secrets.get("work")
    assert secret is not None
    tokens = Tokens.read(secret)
    assert tokens is not None
    return tokens


async def test_starting_never_signs_in(server: XServer, kit: Kit) -> None:
    keep_tokens(server, kit)
    account = opened(server, kit).account
    for _start in range(3):
        await opened(server, kit).page()
    assert account.remote_id == "1"
    assert server.asked(TOKEN) == []
    assert server.asked("/2/users/me") == []


async def test_a_token_near_its_end_is_renewed_before_it_is_used(server: XServer, kit: Kit) -> None:
    service = opened(server, kit)
    old = keep_tokens(server, kit, lasts=timedelta(seconds=30))
    await service.page()
    assert [request.path for request in server.wire.requests] == [TOKEN, HOME]
    new = kept(kit)
    assert new.refresh != old.refresh
    assert new.expires is not None
    assert new.expires > datetime.now(UTC) + timedelta(hours=1)
    await service.page()
    assert len(server.asked(TOKEN)) == 1


class WatchedSecrets(MemorySecrets):
    """Notes what was asked of the server when a secret was kept; may refuse."""

    def __init__(self, server: XServer) -> None:
        super().__init__()
        self.server = server
        self.seen: list[list[str]] = []
        self.locked = False

    def set(self, account: str, secret: Secret, *, allow_file: bool = False) -> None:
        if self.locked:
            raise SecretError("the keyring is locked", "unlock it")
        self.seen.append([request.path for request in self.server.wire.requests])
        super().set(account, secret)


def watched(server: XServer, kit: Kit) -> tuple[Kit, WatchedSecrets]:
    secrets = WatchedSecrets(server)
    return Kit(kit.http, secrets, kit.clock, kit.data_file, kit.cache_dir), secrets


async def test_a_refused_token_is_renewed_and_kept_before_it_is_used(server: XServer, kit: Kit) -> None:
    kit, secrets = watched(server, kit)
    service = opened(server, kit)
    server.access.clear()
    await service.page()
    assert [request.path for request in server.wire.requests] == [HOME, TOKEN, HOME]
    assert secrets.seen[-1] == [HOME, TOKEN]


async def test_a_keyring_that_locks_loses_nothing(server: XServer, kit: Kit) -> None:
    """The old refresh token is spent by then: the new pair waits, and is used once it could be kept."""
    kit, secrets = watched(server, kit)
    service = opened(server, kit)
    server.access.clear()
    secrets.locked = True
    tried = await asyncio.gather(*(service.page() for _time in range(4)), return_exceptions=True)
    assert [str(error) for error in tried] == ["the keyring is locked; unlock it"] * 4
    with pytest.raises(AuthError, match="keyring is locked; unlock it"):
        await service.page()
    secrets.locked = False
    await service.page()
    assert len(server.asked(TOKEN)) == 1
    assert kept(kit).refresh.reveal() in server.refresh


async def test_two_programs_renew_once(server: XServer, kit: Kit) -> None:
    one, other = opened(server, kit), opened(server, kit)
    await asyncio.gather(one.page(), other.page())
    server.access.clear()
    await asyncio.gather(one.page(), other.page(), one.verify(), other.verify())
    assert len(server.asked(TOKEN)) == 1
    assert len(server.refresh) == 2  # the first pair, which nobody used, and the newest


async def test_a_session_that_was_ended_is_asked_twice_at_most(server: XServer, kit: Kit) -> None:
    service = opened(server, kit)
    server.access.clear()
    server.refresh.clear()
    for _time in range(3):
        with pytest.raises(AuthError, match="sign in again") as caught:
            await service.page()
        assert caught.value.account == "work"
    assert [request.path for request in server.wire.requests] == [HOME, TOKEN]
    keep_tokens(server, kit)  # the user signs in while we run
    await service.page()


async def test_a_caller_that_is_cancelled_breaks_no_renewal_off(server: XServer, kit: Kit) -> None:
    service, old = opened(server, kit), keep_tokens(server, kit)
    server.access.clear()
    server.held = asyncio.Event()
    page = asyncio.ensure_future(service.page())
    await server.holding.wait()
    page.cancel()
    with pytest.raises(asyncio.CancelledError):
        await page
    server.held.set()
    await service.page()
    assert len(server.asked(TOKEN)) == 1
    assert kept(kit).refresh != old.refresh


async def test_an_answer_lost_while_renewing_leaves_the_old_pair(server: XServer, kit: Kit) -> None:
    service = opened(server, kit)
    server.access.clear()
    server.fault("POST", TOKEN, "status", status=503)
    with pytest.raises(UnreachableError):
        await service.page()
    await service.page()


async def test_a_token_command_has_nowhere_to_keep_a_new_pair(server: XServer, kit: Kit) -> None:
    service = opened(server, kit, token_command=("pass", "show", "x"))
    server.access.clear()
    with pytest.raises(AuthError, match="does not accept"):
        await service.page()
    assert server.asked(TOKEN) == []


@pytest.mark.parametrize("secret", ["", "anna-password", "{", "[]", '{"access_token": 7}'])
async def test_what_is_no_session(server: XServer, kit: Kit, secret: str) -> None:
    service = opened(server, kit)
    kit.secrets.set("work", Secret(secret))
    with pytest.raises(AuthError, match="signed out"):
        await service.page()
    assert server.wire.requests == []


def test_tokens_keep_themselves_to_themselves() -> None:
    tokens = Tokens(CLIENT, Secret("aaa"), Secret("rrr"), datetime(2026, 11, 24, tzinfo=UTC))
    assert Tokens.read(tokens.pack()) == tokens
    assert "aaa" not in repr(tokens)
