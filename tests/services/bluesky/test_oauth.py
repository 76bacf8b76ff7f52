"""Signing in to Bluesky with the browser, and what comes after (facts 3b; attacks on the door: test_loopback)."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import traceback
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from mbclient.core.ports import LoginDialog, SignedIn, SignIn
from mbclient.domain.account import Account
from mbclient.domain.errors import AuthError, MbclientError, UnreachableError, UnsupportedError
from mbclient.domain.secret import Secret
from mbclient.services.bluesky import PLUGIN
from mbclient.services.bluesky.dpop import Key
from mbclient.services.bluesky.grants import Grant
from mbclient.services.bluesky.identity import Identity
from mbclient.services.bluesky.oauth import Login
from mbclient.services.bluesky.service import Bluesky
from mbclient.services.bluesky.session import Tokens
from mbclient.services.kit import Kit
from tests.services.bluesky.double import OTHER
from tests.services.bluesky.oauth_double import OAuthDouble
from tests.services.bluesky.records import POST
from tests.services.bluesky.support import Keyring, keyring_kit
from tests.services.contract import outgoing

PAR, TOKEN = "/oauth/par", "/oauth/token"
TIMELINE = "app.bsky.feed.getTimeline"


class Browser:
    """The user at the browser, which comes back through the door. `changes`: what the answer says otherwise."""

    def __init__(self, double: OAuthDouble, **changes: str) -> None:
        self.double, self.changes = double, changes
        self.address = self.page = ""

    async def show_address(self, url: str) -> None:
        self.address = url
        back = urlsplit(self.double.auth.press_yes(url, **self.changes))
        reader, writer = await asyncio.open_connection("127.0.0.1", back.port)
        writer.write(f"GET {back.path}?{back.query} HTTP/1.1\r\nHost: {back.netloc}\r\n\r\n".encode())
        self.page = (await reader.read()).decode()
        writer.close()

    async def ask_code(self) -> str:
        await asyncio.Event().wait()
        raise AssertionError("cancelled when the browser has answered")


class Pasting:
    """The user pastes the address that the browser ended at, or the code alone."""

    def __init__(self, double: OAuthDouble, *, code: bool = False) -> None:
        self.double, self.code = double, code
        self.ended = ""

    async def show_address(self, url: str) -> None:
        self.ended = self.double.auth.press_yes(url)

    async def ask_code(self) -> str:
        return parse_qs(urlsplit(self.ended).query)["code"][0] if self.code else self.ended


async def sign_in(double: OAuthDouble, kit: Kit, dialog: LoginDialog, *, paste: bool = False) -> SignedIn:
    account = Account("bsky", "bluesky", double.url, "anna.test")
    signed = await PLUGIN.sign_in(SignIn(account, None, paste), dialog, kit)
    assert signed.secret is not None
    kit.secrets.set("bsky", signed.secret)  # as the core does
    return signed


class World:
    def __init__(self, double: OAuthDouble, kit: Kit, keyring: Keyring, account: Account) -> None:
        self.double, self.kit, self.keyring, self.account = double, kit, keyring, account

    def started(self) -> Bluesky:
        """The account in a program just started."""
        service = PLUGIN.open(self.account, self.kit)
        assert isinstance(service, Bluesky)
        return service

    def session(self) -> dict[str, Any]:
        value = json.loads(self.keyring.kept["bsky"].reveal())
        assert isinstance(value, dict)
        return value


@pytest.fixture
async def double() -> AsyncIterator[OAuthDouble]:
    async with OAuthDouble() as double:
        yield double


@pytest.fixture
async def world(double: OAuthDouble, tmp_path: Path) -> AsyncIterator[World]:
    async with keyring_kit(tmp_path) as (kit, keyring):
        signed = await sign_in(double, kit, Browser(double))
        yield World(double, kit, keyring, signed.account)


# ------------------------------------------------------------ signing in


async def test_through_the_browser(double: OAuthDouble, tmp_path: Path) -> None:
    async with keyring_kit(tmp_path) as (kit, _keyring):
        browser = Browser(double)
        signed = await sign_in(double, kit, browser)
    assert (signed.account.handle, signed.account.remote_id) == ("anna.test", double.me.did)
    assert "200 OK" in browser.page
    first, second = double.auth.calls(PAR)  # the first without a nonce, which nobody can know before
    assert (first.form, first.headers["dpop"] != second.headers["dpop"]) == (second.form, True)
    assert first.form["login_hint"] == "anna.test"
    assert first.form["client_id"].startswith("http://localhost?redirect_uri=http%3A%2F%2F127.0.0.1%2Fcallback&scope=")
    assert first.form["redirect_uri"].startswith("http://127.0.0.1:")
    assert len(double.auth.calls(TOKEN)) == 1  # the nonce is known by then


async def test_with_a_pasted_address(double: OAuthDouble, tmp_path: Path) -> None:
    async with keyring_kit(tmp_path) as (kit, _keyring):
        assert (await sign_in(double, kit, Pasting(double), paste=True)).account.handle == "anna.test"
        with pytest.raises(AuthError, match="paste the whole address"):  # a code alone does not say who gave it
            await sign_in(double, kit, Pasting(double, code=True), paste=True)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"iss": "https://evil.example"}, "another server"),
        ({"iss": ""}, "another server"),
        ({"code": "", "error": "access_denied"}, "access_denied"),
        ({"code": "code-0"}, "Invalid code"),
    ],
)
async def test_answers_that_are_not_taken(
    double: OAuthDouble, tmp_path: Path, changes: dict[str, str], why: str
) -> None:
    async with keyring_kit(tmp_path) as (kit, _keyring):
        with pytest.raises(AuthError, match=why):
            await sign_in(double, kit, Browser(double, **changes))
    assert double.bound == {}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"sub": OTHER}, "somebody else than anna.test"),
        ({"sub": None}, "somebody else"),
        ({"token_type": "Bearer"}, "no token that is good"),
        ({"scope": "openid"}, "no token that is good"),
        ({"access_token": ""}, "no token that is good"),
    ],
)
async def test_tokens_that_are_not_taken(
    double: OAuthDouble, tmp_path: Path, changes: dict[str, Any], why: str
) -> None:
    double.auth.changes = changes
    async with keyring_kit(tmp_path) as (kit, _keyring):
        with pytest.raises(AuthError, match=why):
            await sign_in(double, kit, Browser(double))


async def test_a_host_without_this_login(double: OAuthDouble, tmp_path: Path) -> None:
    double.has_oauth = False
    async with keyring_kit(tmp_path) as (kit, _keyring):
        with pytest.raises(UnsupportedError, match="sign in with an app password"):
            await sign_in(double, kit, Browser(double))


@pytest.mark.parametrize(
    ("metadata", "error"),
    [
        ({"issuer": "https://other.example"}, UnreachableError),
        ({"token_endpoint": "http://other.example/token"}, UnreachableError),
        ({"pushed_authorization_request_endpoint": None}, UnreachableError),
        ({"authorization_endpoint": "javascript:alert(1)"}, UnreachableError),
        ({"dpop_signing_alg_values_supported": ["RS256"]}, UnsupportedError),
    ],
)
async def test_what_a_server_says_of_itself_is_looked_at(
    double: OAuthDouble, tmp_path: Path, metadata: dict[str, Any], error: type[MbclientError]
) -> None:
    double.auth.metadata = metadata
    async with keyring_kit(tmp_path) as (kit, _keyring):
        with pytest.raises(error):
            await sign_in(double, kit, Browser(double))
    assert double.auth.calls(PAR) == []


async def test_a_server_elsewhere_leads_to_no_port_of_this_machine(tmp_path: Path) -> None:
    async with keyring_kit(tmp_path) as (kit, _keyring):
        login = Login(Identity(OTHER, "bo.example", "https://pds.example"), kit, "bsky")
        for address in ("http://127.0.0.1:8080/token", "https://localhost/token", "http://[::1]/", "ftp://x.example"):
            with pytest.raises(UnreachableError):
                login._check(address, "https://pds.example")
        login._check("https://auth.example/token", "https://auth.example")


async def test_a_clock_that_is_off_is_no_matter(double: OAuthDouble, tmp_path: Path) -> None:
    double.auth.proofs.off = double.proofs.off = timedelta(hours=-3)
    async with keyring_kit(tmp_path) as (kit, _keyring):
        await sign_in(double, kit, Browser(double))


async def test_without_the_library_it_says_what_to_do(
    double: OAuthDouble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith("cryptography.hazmat.primitives.asymmetric")]:
        monkeypatch.setitem(sys.modules, name, None)
    async with keyring_kit(tmp_path) as (kit, _keyring):
        with pytest.raises(UnsupportedError, match=r"cryptography; install mbclient\[oauth\]"):
            await sign_in(double, kit, Browser(double))


# ------------------------------------------------------------ the session


async def test_a_start_signs_nobody_in(world: World) -> None:
    asked = len(world.double.auth.wire.requests)
    for _start in range(3):
        await world.started().page()
    assert len(world.double.auth.wire.requests) == asked


async def test_each_server_has_its_own_nonce_and_it_is_learnt_once(world: World) -> None:
    service = world.started()
    before = world.double.calls(TIMELINE)
    await service.page()
    assert world.double.calls(TIMELINE) - before == 2
    await service.page()
    assert world.double.calls(TIMELINE) - before == 3
    world.double.proofs.turn()
    await service.page()
    assert world.double.calls(TIMELINE) - before == 5


async def test_nonces_that_change_with_each_answer(world: World) -> None:
    world.double.proofs.steady = False
    service = world.started()
    await service.page()
    before = len(world.double.wire.requests)
    for _time in range(3):
        await service.page()
    assert len(world.double.wire.requests) - before == 3


async def test_a_write_that_wanted_a_nonce_is_made_once(world: World) -> None:
    service = world.started()
    prepared = await service.prepare(outgoing("Hej"))
    world.double.proofs.turn()
    published = await service.publish(prepared)
    assert (await service.publish(prepared)).remote_id == published.remote_id
    assert len(world.double.me.records(POST)) == 1


async def test_a_nonce_that_is_never_right_ends(world: World) -> None:
    class Stubborn(type(world.double.proofs)):  # type: ignore[misc]  # the class of what stands there
        """Wants another one each time."""

        @property
        def nonce(self) -> str:
            self.turn()
            return f"nonce-{self._number}"

    world.double.proofs = Stubborn("pds")
    before = world.double.calls(TIMELINE)
    with pytest.raises(AuthError):
        await world.started().page()
    assert world.double.calls(TIMELINE) - before == 2


async def test_an_expired_token_is_renewed_and_kept_before_it_is_used(world: World) -> None:
    before = world.session()
    world.double.expire()
    await world.started().page()
    after = world.session()
    assert after["refresh"] != before["refresh"]
    assert after["grant"] == before["grant"]  # the key stays
    used = [request.headers["authorization"] for request in world.double.wire.requests if "dpop" in request.headers]
    assert used[-1] == f"DPoP {after['access']}"


async def test_a_refresh_token_is_used_once_by_all_programs(world: World) -> None:
    services = [world.started() for _program in range(3)]
    await asyncio.gather(*(service.page() for service in services))
    world.double.expire()
    asked = len([r for r in world.double.auth.calls(TOKEN) if r.form["grant_type"] == "refresh_token"])
    await asyncio.gather(*(service.page() for service in services for _time in range(3)))
    refreshes = [r.form["refresh_token"] for r in world.double.auth.calls(TOKEN)[asked:] if "refresh_token" in r.form]
    assert len(set(refreshes)) == 1
    assert len(world.double.auth.refreshes) == 1


async def test_a_keyring_that_locks_loses_nothing(world: World) -> None:
    """Unlike with app passwords there is no grace: the new pair waits until it can be kept."""
    service = world.started()
    await service.page()
    world.double.expire()
    world.keyring.locks_when_written = True
    tried = await asyncio.gather(*(service.page() for _time in range(4)), return_exceptions=True)
    assert {str(error) for error in tried} == {"the keyring is locked; unlock it"}
    world.keyring.locks_when_written = world.keyring.locked = False
    await service.page()
    assert world.session()["refresh"] in world.double.auth.refreshes


async def test_a_caller_that_is_cancelled_breaks_no_renewal_off(world: World) -> None:
    service = world.started()
    await service.page()
    before = world.session()
    world.double.expire()
    asked = len(world.double.auth.calls(TOKEN))
    world.double.auth.held = asyncio.Event()
    page = asyncio.ensure_future(service.page())
    await world.double.auth.holding.wait()
    page.cancel()
    with pytest.raises(asyncio.CancelledError):
        await page
    world.double.auth.held.set()
    await service.page()
    assert world.session()["refresh"] != before["refresh"]
    assert len(world.double.auth.calls(TOKEN)) - asked <= 2


async def test_two_weeks_later(world: World) -> None:
    service = world.started()
    await service.page()
    world.double.auth.end_sessions()
    asked = len(world.double.auth.wire.requests)
    said = []
    for _time in range(3):
        with pytest.raises(AuthError) as caught:
            await service.page()
        said.append(str(caught.value))
    again = f"sign in again: mbclient account add bluesky --name {world.account.name}"
    assert all(again in each for each in said)
    assert "ends after two weeks" in said[0]
    assert len(world.double.auth.wire.requests) - asked <= 2  # a nonce, then the word
    signed = await sign_in(world.double, world.kit, Browser(world.double))
    assert signed.account == world.account
    await world.started().page()


async def test_an_authorization_server_that_is_down_ends_no_session(world: World) -> None:
    service = world.started()
    await service.page()
    world.double.expire()
    world.double.auth.down = True
    with pytest.raises(UnreachableError):
        await service.page()
    world.double.auth.down = False
    await service.page()


async def test_a_session_with_a_damaged_key_is_signed_out(world: World) -> None:
    kept = world.session()
    kept["grant"]["key"] = "{}"
    world.keyring.kept["bsky"] = Secret(json.dumps(kept))
    with pytest.raises(AuthError, match="signed out"):
        await world.started().page()


@pytest.mark.parametrize("value", [None, 7, [], {}, {"issuer": "x"}, {"issuer": 1, "token_endpoint": 2}])
def test_what_is_no_grant(value: object) -> None:
    assert Grant.read(value) is None


# ------------------------------------------------------------ keys and secrets


def test_a_key_comes_back_as_it_was_kept() -> None:
    key = Key.made()
    again = Key.read(key.keep())
    assert again is not None
    assert again.public == key.public
    assert "d" not in key.public
    for damaged in ("", "{", "{}", '{"d": 7}', '{"d": ""}', '{"d": "AA"}', "[]", '{"d": "å"}'):
        assert Key.read(Secret(damaged)) is None, damaged


def test_tokens_and_keys_do_not_print_themselves() -> None:
    key = Key.made()
    secret = json.loads(key.keep().reveal())["d"]
    grant = Grant("https://a.example", "https://a.example/token", "http://localhost", key.keep())
    tokens = Tokens("did:plc:x", "https://p.example", "https://p.example", Secret("aaa-1"), Secret("rrr-1"), grant)
    assert Tokens.read(tokens.pack()) == tokens
    assert not [part for part in (secret, "aaa-1", "rrr-1") if part in repr(tokens)]


async def test_no_secret_stays_behind(double: OAuthDouble, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with keyring_kit(tmp_path) as (kit, keyring):
        signed = await sign_in(double, kit, Browser(double))
        key = json.loads(json.loads(keyring.kept["bsky"].reveal())["grant"]["key"])["d"]
        double.auth.end_sessions()
        with pytest.raises(AuthError) as caught:
            await PLUGIN.open(signed.account, kit).page()
    told = "".join(traceback.format_exception(caught.value)) + repr(signed) + caplog.text
    secrets = [key, *double.bound, *double.auth.refreshes]
    assert not [secret for secret in secrets if secret in told]
    files = [file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()]
    assert not [secret for secret in secrets if any(secret.encode() in file for file in files)]


# ------------------------------------------------------------ signing out

REVOKE = "/oauth/revoke"


async def test_signing_out_ends_the_session(world: World) -> None:
    assert world.double.auth.refreshes
    await world.started().sign_out()
    assert world.double.auth.refreshes == {}


@pytest.mark.parametrize("endpoint", ["", "https://else.example/oauth/revoke", "https://[x/revoke", 7])
async def test_no_other_server_gets_the_token(world: World, endpoint: object) -> None:
    world.double.auth.metadata["revocation_endpoint"] = endpoint
    await world.started().sign_out()
    assert world.double.auth.calls(REVOKE) == []
    assert world.double.auth.refreshes
