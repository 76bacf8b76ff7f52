"""Tokens: renewed by error name, by one caller at a time, saved before use; no login at a start."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from mbclient.core.abilities import SigningOut
from mbclient.core.ports import SignIn
from mbclient.domain.account import Account
from mbclient.domain.errors import (
    AuthError,
    OutcomeUnknownError,
    RateLimitedError,
    RejectedError,
    UnreachableError,
    UsageError,
)
from mbclient.domain.secret import Secret
from mbclient.services.bluesky import PLUGIN
from mbclient.services.bluesky.service import Bluesky
from mbclient.services.bluesky.session import Tokens
from mbclient.services.kit import Kit
from tests.services.bluesky.double import APP_PASSWORD, Double
from tests.services.bluesky.records import POST
from tests.services.bluesky.support import Keyring, Silent, keyring_kit, opened_double
from tests.services.contract import outgoing, unique

LOGIN, REFRESH = "com.atproto.server.createSession", "com.atproto.server.refreshSession"
TIMELINE = "app.bsky.feed.getTimeline"
PUT = "com.atproto.repo.putRecord"


class World:
    """One signed-in account on a double, and what is around it."""

    def __init__(self, double: Double, kit: Kit, keyring: Keyring, service: Bluesky) -> None:
        self.double, self.kit, self.keyring, self.service = double, kit, keyring, service

    def restarted(self) -> Bluesky:
        """The same account in a program just started."""
        service = PLUGIN.open(self.service.account, self.kit)
        assert isinstance(service, Bluesky)
        return service


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with Double() as double, keyring_kit(tmp_path) as (kit, keyring):
        yield World(double, kit, keyring, await opened_double(double, kit))


async def test_the_app_password_is_not_kept(world: World) -> None:
    kept = world.keyring.kept["bsky"].reveal()
    assert APP_PASSWORD not in kept
    assert world.keyring.session()["pds"] == world.double.url
    assert world.service.account.remote_id == world.double.me.did
    assert (world.service.account.handle, world.service.account.url) == ("anna.test", world.double.url)


async def test_a_start_neither_logs_in_nor_refreshes(world: World) -> None:
    for _start in range(3):
        await world.restarted().page()
    assert (world.double.calls(LOGIN), world.double.calls(REFRESH)) == (1, 0)


async def test_an_expired_token_is_renewed_and_saved_before_it_is_used(world: World) -> None:
    world.double.expire()
    before = world.keyring.session()
    await world.service.page()
    after = world.keyring.session()
    assert after["refresh"] != before["refresh"]
    asked = [request for request in world.double.wire.requests if request.path.endswith(TIMELINE)][-1]
    assert asked.headers["authorization"] == f"Bearer {after['access']}"
    assert (world.double.calls(LOGIN), world.double.calls(REFRESH)) == (1, 1)


async def test_a_token_that_cannot_be_saved_is_not_used(world: World) -> None:
    world.double.expire()
    before = dict(world.keyring.kept)
    service = world.restarted()
    world.keyring.locked = True
    with pytest.raises(AuthError, match="locked"):
        await service.page()
    world.keyring.locked = False
    assert world.keyring.kept == before
    await service.page()  # the old refresh token gives the same successor once more


async def test_many_callers_refresh_once(world: World) -> None:
    world.double.expire()
    await asyncio.gather(*(world.service.page() for _ in range(8)))
    assert world.double.calls(REFRESH) == 1


async def test_another_programs_tokens_are_taken_over(world: World) -> None:
    other = world.restarted()
    await world.service.page()
    world.double.expire()
    await other.page()  # renews and saves
    await world.service.page()
    assert world.double.calls(REFRESH) == 1


async def test_another_programs_tokens_may_have_expired_too(world: World) -> None:
    other = world.restarted()
    await world.service.page()
    world.double.expire()
    await other.page()
    world.double.expire()
    await world.service.page()
    assert world.double.calls(REFRESH) == 2


async def test_a_write_goes_on_after_a_refresh(world: World) -> None:
    prepared = await world.service.prepare(outgoing("Hej"))
    world.double.expire()
    await world.service.publish(prepared)
    assert len(world.double.me.records(POST)) == 1


@pytest.mark.parametrize(
    "call",
    ["page", "own", "search", "post", "thread", "notifications", "find", "like", "boost", "delete", "verify", "load"],
)
async def test_a_token_may_expire_at_any_call(world: World, call: str) -> None:
    service, double = world.service, world.double
    seen = await service.post(double.write(double.other, "Hej").uri)
    own = await service.post(double.write(double.me, "Mitt").uri)
    prepared = await service.prepare(outgoing("x"))
    double.expire()
    calls: dict[str, Callable[[], Awaitable[object]]] = {
        "page": lambda: service.page(),
        "own": lambda: service.own_posts(own.created_at),
        "search": lambda: service.search("Hej"),
        "post": lambda: service.post(seen.remote_id),
        "thread": lambda: service.thread(seen),
        "notifications": lambda: service.notifications(),
        "find": lambda: service.find(prepared),
        "like": lambda: service.set_liked(seen, True),
        "boost": lambda: service.set_boosted(seen, True),
        "delete": lambda: service.delete(own),
        "verify": lambda: service.verify(),
        "load": lambda: service.load_capabilities(),
    }
    await calls[call]()
    assert double.calls(REFRESH) == 1


async def test_revoked_is_said_once_and_not_asked_again(world: World) -> None:
    world.double.revoke()
    asked = len(world.double.wire.requests)
    for _attempt in range(4):
        with pytest.raises(AuthError, match="sign in again"):
            await world.service.page()
    assert len(world.double.wire.requests) - asked <= 2


async def test_signing_in_again_mends_it(world: World) -> None:
    world.double.revoke()
    with pytest.raises(AuthError):
        await world.service.page()
    service = await opened_double(world.double, world.kit)
    await service.page()
    await world.service.page()  # the object that was signed out finds the new session as well


async def test_a_refresh_that_is_not_answered_is_unreachable_and_costs_nothing(world: World) -> None:
    prepared = await world.service.prepare(outgoing("Hej"))
    world.double.expire()
    world.double.fault(REFRESH, "drop-after")
    world.double.fault(REFRESH, "drop-after")  # a read on a kept connection is asked once more by itself
    with pytest.raises(UnreachableError):
        await world.service.publish(prepared)
    assert not world.double.me.records(POST)
    await world.service.publish(prepared)
    assert len(world.double.me.records(POST)) == 1


async def test_a_refresh_that_is_limited_waits(world: World) -> None:
    world.double.expire()
    world.double.fault(REFRESH, "error", 429, "RateLimitExceeded", Retry_After="120")
    with pytest.raises(RateLimitedError) as caught:
        await world.service.page()
    assert 100 < (caught.value.until - world.kit.clock.now()).total_seconds() <= 120
    await world.service.page()


async def test_a_refresh_without_tokens_signs_nobody_out(world: World) -> None:
    world.double.expire()
    world.double.fault(REFRESH, "garbage")
    with pytest.raises(UnreachableError):
        await world.service.page()
    await world.service.page()


async def test_without_a_secret_one_is_signed_out(world: World) -> None:
    world.keyring.kept.clear()
    with pytest.raises(AuthError, match="signed out"):
        await world.restarted().page()


async def test_a_locked_keyring_is_the_users_turn(world: World) -> None:
    world.keyring.locked = True
    with pytest.raises(AuthError, match="unlock"):
        await world.restarted().page()


async def test_a_token_command_gives_the_password_at_each_start(world: World) -> None:
    account = replace(world.service.account, token_command=("pass", "show", "bsky"))
    world.keyring.kept["bsky"] = Secret(APP_PASSWORD)
    service = PLUGIN.open(account, world.kit)
    await service.page()
    world.double.expire()
    await service.page()
    assert world.keyring.kept["bsky"] == Secret(APP_PASSWORD)
    assert (world.double.calls(LOGIN), world.double.calls(REFRESH)) == (2, 1)


async def test_a_token_commands_wrong_password_is_tried_once(world: World) -> None:
    account = replace(world.service.account, token_command=("pass", "show", "bsky"))
    world.keyring.kept["bsky"] = Secret("hunter2")
    service = PLUGIN.open(account, world.kit)
    for _attempt in range(3):
        with pytest.raises(AuthError):
            await service.page()
    assert world.double.calls(LOGIN) == 2  # the fixture's and this one


@pytest.mark.parametrize(
    ("status", "name", "error", "said"),
    [
        (401, "AuthenticationRequired", AuthError, "does not look like an app password"),
        (401, "AuthFactorTokenRequired", AuthError, "does not look like an app password"),
        (401, "AccountTakedown", AuthError, "went wrong"),
        (429, "RateLimitExceeded", RateLimitedError, "wait until"),
        (500, "InternalServerError", UnreachableError, "500"),
        (400, "InvalidRequest", AuthError, "went wrong"),
    ],
)
async def test_a_refused_login_says_why(
    world: World, status: int, name: str, error: type[Exception], said: str
) -> None:
    world.double.fault(LOGIN, "error", status, name)
    account = Account("new", "bluesky", world.double.url, "anna.test")
    with pytest.raises(error, match=said):
        await PLUGIN.sign_in(SignIn(account, Secret("my main password")), Silent(), world.kit)
    assert "new" not in world.keyring.kept


async def test_a_wrong_app_password_is_not_called_something_else(world: World) -> None:
    account = Account("new", "bluesky", world.double.url, "anna.test")
    with pytest.raises(AuthError) as caught:
        await PLUGIN.sign_in(SignIn(account, Secret("aaaa-bbbb-cccc-dddd")), Silent(), world.kit)
    assert "does not look" not in str(caught.value)


async def test_a_login_for_somebody_else_is_not_taken(world: World) -> None:
    world.double.me.handle = "anders.test"
    account = Account("new", "bluesky", world.double.url, "bo.test")  # whose password this is not
    with pytest.raises(AuthError):
        await PLUGIN.sign_in(SignIn(account, Secret(APP_PASSWORD)), Silent(), world.kit)


@pytest.mark.parametrize("handle", ["", "anna", "anna@mail.example", "an na.test", "-a.test", "x" * 300 + ".test"])
async def test_what_is_no_handle_is_refused_before_any_request(world: World, handle: str) -> None:
    asked = len(world.double.wire.requests)
    with pytest.raises(UsageError, match=r"anna\.bsky\.social"):
        await PLUGIN.sign_in(
            SignIn(Account("new", "bluesky", world.double.url, handle), Secret(APP_PASSWORD)), Silent(), world.kit
        )
    assert len(world.double.wire.requests) == asked


async def test_a_handle_that_nobody_has(world: World) -> None:
    account = Account("new", "bluesky", world.double.url, "nobody.test")
    with pytest.raises(RejectedError, match=r"nobody has the handle nobody\.test"):
        await PLUGIN.sign_in(SignIn(account, Secret(APP_PASSWORD)), Silent(), world.kit)


async def test_the_form_asks_for_what_is_needed() -> None:
    form = PLUGIN.form
    assert (form.url, form.handle_required, form.secret, form.browser) == (
        "https://bsky.social",
        True,
        "App password (leave it empty to sign in with the browser)",
        True,
    )


def test_tokens_do_not_print_themselves() -> None:
    tokens = Tokens("did:plc:x", "https://pds.example", "https://pds.example", Secret("canary-a"), Secret("canary-r"))
    assert "canary" not in repr(tokens)
    assert "canary" not in repr(tokens.pack())
    assert Tokens.read(tokens.pack()) == tokens


@pytest.mark.parametrize(
    "damaged", ["", "{", "[]", '{"did":"x"}', '{"did":1,"pds":2,"refresh":3}', "abcd-efgh", "[" * 9999]
)
def test_a_damaged_secret_is_no_session(damaged: str) -> None:
    assert Tokens.read(Secret(damaged)) is None


# ---------------------------------------------------------------- never twice


async def test_a_post_whose_answer_was_lost_is_repeated_without_a_second_one(world: World) -> None:
    prepared = await world.service.prepare(outgoing(unique()))
    world.double.fault(PUT, "drop-after")
    with pytest.raises(OutcomeUnknownError):
        await world.service.publish(prepared)
    published = [await world.service.publish(prepared) for _ in range(3)]
    assert len({item.remote_id for item in published}) == 1
    assert len(world.double.me.records(POST)) == 1


async def test_a_server_error_on_a_write_is_unknown(world: World) -> None:
    prepared = await world.service.prepare(outgoing(unique()))
    world.double.fault(PUT, "error", 502, "UpstreamFailure")
    with pytest.raises(OutcomeUnknownError):
        await world.service.publish(prepared)
    assert await world.service.find(prepared) is None


async def test_preparing_again_after_a_send_still_names_the_same_post(world: World) -> None:
    post = outgoing(unique())
    first = await world.service.publish(await world.service.prepare(post))
    again = dict(await world.service.prepare(post))
    assert isinstance(again["record"], dict)
    again["record"] = again["record"] | {"createdAt": "2026-11-24T08:00:00.000Z"}  # prepared later: other bytes
    second = await world.service.publish(again)
    assert second.remote_id == first.remote_id
    assert len(world.double.me.records(POST)) == 1


async def test_another_post_in_the_same_place_is_not_taken_for_ours(world: World) -> None:
    prepared = dict(await world.service.prepare(outgoing(unique())))
    await world.service.publish(prepared)
    record = prepared["record"]
    assert isinstance(record, dict)
    with pytest.raises(RejectedError) as caught:
        await world.service.publish(prepared | {"record": record | {"text": "something else"}})
    assert caught.value.code == "InvalidSwap"
    assert len(world.double.me.records(POST)) == 1


async def test_parallel_publishes_are_one_post(world: World) -> None:
    prepared = await world.service.prepare(outgoing(unique()))
    published = await asyncio.gather(*(world.service.publish(prepared) for _ in range(8)))
    assert len({item.remote_id for item in published}) == 1
    assert len(world.double.me.records(POST)) == 1


# ---------------------------------------------------------------- signing out

END = "com.atproto.server.deleteSession"


async def test_signing_out_ends_the_session(world: World) -> None:
    assert isinstance(world.service, SigningOut)
    await world.restarted().sign_out()
    assert world.keyring.session()["refresh"] not in world.double.refreshes
    assert (world.double.calls(END), world.double.calls(REFRESH)) == (1, 0)


async def test_what_another_program_has_renewed_is_ended(world: World) -> None:
    await world.service.page()
    renewed = world.double._tokens()
    world.keyring.change(access=renewed["accessJwt"], refresh=renewed["refreshJwt"])
    await world.service.sign_out()
    assert renewed["refreshJwt"] not in world.double.refreshes


async def test_whoever_is_still_at_it_renews_no_more(world: World) -> None:
    await world.service.page()
    await world.service.sign_out()
    world.double.expire()
    with pytest.raises(AuthError):
        await world.service.page()
    assert world.double.calls(REFRESH) == 0


async def test_a_session_that_has_ended_says_so(world: World) -> None:
    world.double.refreshes.clear()
    with pytest.raises(AuthError):
        await world.service.sign_out()
