"""Signing in, with the real PKCE check of the tests' server; the browser is a GET."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

import httpx
import pytest

from mbclient.core.abilities import SigningOut
from mbclient.core.ports import SignedIn, SignIn
from mbclient.domain.account import Account
from mbclient.domain.errors import AuthError, RejectedError, UnreachableError, UsageError
from mbclient.domain.secret import Secret
from mbclient.services import loopback
from mbclient.services.kit import Kit
from mbclient.services.mastodon import PLUGIN
from mbclient.services.mastodon.service import Mastodon
from mbclient.services.renewal import Tokens
from tests.services.kit import MemorySecrets
from tests.services.mastodon.conftest import opened
from tests.services.mastodon_server import MastodonServer, press_yes

Change = Callable[[str], str]


class Browser:
    """The user: a browser that says yes at once, or one who pastes what the page shows.

    `change` is a man in the middle: what the server sends back passes through it.
    """

    def __init__(self, *, paste: bool = False, change: Change = str) -> None:
        self.paste = paste
        self.change = change
        self.addresses: list[str] = []
        self.pages: list[str] = []
        self._ready = asyncio.Event()
        self._visit: asyncio.Task[None] | None = None

    async def show_address(self, url: str) -> None:
        self.addresses.append(url)
        self._visit = asyncio.create_task(self._go(url))

    async def _go(self, url: str) -> None:
        try:
            self.pages.append(self.change(await press_yes(url)))
        except httpx.HTTPStatusError as error:
            self.pages.append(error.response.text)
            return
        self._ready.set()
        if not self.paste:
            async with httpx.AsyncClient(trust_env=False) as client:
                await client.get(self.pages[-1])

    async def ask_code(self) -> str:
        await self._ready.wait()
        if not self.paste:
            await asyncio.Event().wait()
        return self.pages[-1]

    @property
    def asked(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(urlsplit(self.addresses[-1]).query).items()}


async def sign_in(server: MastodonServer, kit: Kit, browser: Browser, **fields: str) -> SignedIn:
    account = Account("work", "mastodon", server.url, **fields)  # type: ignore[arg-type]  # only texts are given
    async with asyncio.timeout(20):
        return await PLUGIN.sign_in(SignIn(account, paste=browser.paste), browser, kit)


SOFTWARE = ["mastodon", "mastodon-4.2", "hometown", "gotosocial", "pleroma", "takahe", "snac", "hollo"]


@pytest.mark.parametrize("software", SOFTWARE)
@pytest.mark.parametrize("paste", [False, True], ids=["browser", "pasted"])
async def test_each_software_lets_in(kit: Kit, software: str, paste: bool) -> None:
    async with MastodonServer(software) as server:
        browser = Browser(paste=paste)
        signed = await sign_in(server, kit, browser)
    assert signed.secret == Secret("anna-token")
    assert (signed.account.handle, signed.account.remote_id) == (f"anna@{server.domain}", "1")
    assert signed.account.url == server.url
    assert "Example AB" in signed.profile.text
    asked = browser.asked
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["state"]) >= 43
    assert len(asked["code_challenge"]) == 43
    assert asked["redirect_uri"].startswith("urn:ietf:wg:oauth" if paste else "http://127.0.0.1:")


async def test_scopes_are_as_narrow_as_the_server_knows(kit: Kit) -> None:
    for software, granular in (("mastodon", True), ("mastodon-4.2", False)):
        async with MastodonServer(software) as server:
            browser = Browser()
            await sign_in(server, kit, browser)
        scopes = browser.asked["scope"].split()
        assert ("write:statuses" in scopes, "write" in scopes) == (granular, not granular)
        assert not {"follow", "push", "admin:read"} & set(scopes)


async def test_a_pasted_address_does_as_well(server: MastodonServer, kit: Kit) -> None:
    """Over SSH the browser elsewhere cannot reach the loopback: the whole address is pasted instead."""
    browser = Browser(change=lambda address: address)
    browser.paste = False

    async def paste_address() -> str:
        await browser._ready.wait()
        return browser.pages[-1]

    async def show(url: str) -> None:
        browser.addresses.append(url)
        browser.pages.append(await press_yes(url))
        browser._ready.set()

    browser.show_address = show  # type: ignore[method-assign]  # this user only looks
    browser.ask_code = paste_address  # type: ignore[method-assign]  # and pastes
    assert (await sign_in(server, kit, browser)).secret == Secret("anna-token")


async def test_the_registered_app_is_used_again(server: MastodonServer, kit: Kit) -> None:
    for _number in range(3):
        await sign_in(server, kit, Browser())
    assert len(server.asked("POST", "/api/v1/apps")) == 1


async def test_an_app_that_the_server_forgot_is_registered_again(server: MastodonServer, kit: Kit) -> None:
    await sign_in(server, kit, Browser())
    server.apps.clear()
    assert (await sign_in(server, kit, Browser())).secret == Secret("anna-token")
    assert len(server.asked("POST", "/api/v1/apps")) == 2


async def test_each_server_has_its_own_app(kit: Kit) -> None:
    for _number in range(2):
        async with MastodonServer() as server:
            await sign_in(server, kit, Browser())
            assert len(server.apps) == 1


def with_query(address: str, **changes: str) -> str:
    parts = urlsplit(address)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()} | changes
    return urlunsplit(parts._replace(query=urlencode(query)))


async def test_a_forged_state_opens_nothing(server: MastodonServer, kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loopback.Loopback.wait, "__defaults__", (0.5,))
    with pytest.raises(AuthError, match="did not come back"):
        await sign_in(server, kit, Browser(change=lambda address: with_query(address, state="forged")))
    assert server.codes  # the code was never exchanged


async def test_another_issuer_is_refused(server: MastodonServer, kit: Kit) -> None:
    with pytest.raises(AuthError, match="another server"):
        await sign_in(server, kit, Browser(change=lambda address: with_query(address, iss="https://evil.example")))
    assert server.codes


async def test_a_wrong_code_is_said(server: MastodonServer, kit: Kit) -> None:
    with pytest.raises(AuthError, match="did not accept the code: The code is not valid"):
        await sign_in(server, kit, Browser(paste=True, change=lambda code: code + "x"))
    with pytest.raises(AuthError, match="did not let you in"):
        await sign_in(server, kit, Browser(paste=True, change=lambda code: " "))


async def test_a_no_in_the_browser_is_said(server: MastodonServer, kit: Kit) -> None:
    def refuse(address: str) -> str:
        return with_query(address, error="access_denied").replace("code=", "x=")

    with pytest.raises(AuthError, match="did not let you in: access_denied"):
        await sign_in(server, kit, Browser(change=refuse))


async def test_a_given_token_needs_no_browser(server: MastodonServer, kit: Kit) -> None:
    account = Account("work", "mastodon", server.url)
    signed = await PLUGIN.sign_in(SignIn(account, secret=Secret("anna-token\n")), Browser(), kit)
    assert signed.secret == Secret("anna-token")
    with pytest.raises(AuthError):
        await PLUGIN.sign_in(SignIn(account, secret=Secret("wrong")), Browser(), kit)
    assert isinstance(kit.secrets, MemorySecrets)
    assert kit.secrets.kept == {}  # nothing is stored here


async def test_signing_in_as_somebody_else_is_refused(server: MastodonServer, kit: Kit) -> None:
    for handle in ("anna", "@Anna", f"anna@{server.domain}"):
        assert (await sign_in(server, kit, Browser(), handle=handle)).account.name == "work"
    with pytest.raises(AuthError, match=r"you signed in as anna@.*, but work is bo"):
        await sign_in(server, kit, Browser(), handle="bo")


@pytest.mark.parametrize("url", ["http://mastodon.example", "https://10.0.0.1", "mastodon", "https://m.example/path"])
async def test_bad_names_ask_nothing(kit: Kit, url: str) -> None:
    with pytest.raises(UsageError):
        await PLUGIN.sign_in(SignIn(Account("work", "mastodon", url)), Browser(), kit)


async def test_a_server_of_another_kind(kit: Kit) -> None:
    async with MastodonServer() as server:
        for path in ("/.well-known/nodeinfo", "/api/v2/instance", "/api/v1/instance"):
            server.fault("GET", path, "status", status=404)
        with pytest.raises(RejectedError, match="does not speak Mastodon's language"):
            await sign_in(server, kit, Browser())
    with pytest.raises(UnreachableError):
        await sign_in(server, kit, Browser())  # and now there is none at all


async def test_metadata_that_points_elsewhere_is_not_followed(
    server: MastodonServer, kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    evil = {"authorization_endpoint": "https://evil.example/a", "token_endpoint": "https://evil.example/t"}
    monkeypatch.setattr(server, "_metadata", lambda: evil)
    browser = Browser()
    await sign_in(server, kit, browser)
    assert browser.addresses[0].startswith(server.url + "/oauth/authorize?")


# ---------------------------------------------------------------- the token afterwards


async def test_the_same_token_is_given_again_so_nobody_revokes_it(server: MastodonServer, kit: Kit) -> None:
    """To the same app on another computer: to revoke the one would sign the other out (Mastodon facts 2)."""
    one, other = await sign_in(server, kit, Browser()), await sign_in(server, kit, Browser())
    assert one.secret == other.secret
    service = opened(server, kit)
    await service.verify()
    server.people["anna"].token = "revoked"
    with pytest.raises(AuthError):
        await service.verify()
    assert "/oauth/revoke" not in {each.path for each in server.wire.requests}


async def test_a_refresh_token_is_used_once(server: MastodonServer, kit: Kit) -> None:
    await sign_in(server, kit, Browser())  # leaves the app in the cache
    service = opened(server, kit)
    kit.secrets.set("work", Tokens(Secret("expired"), Secret("anna-refresh")).pack())
    assert (await service.verify()).remote_id == "1"
    stored = kit.secrets.get("work")
    assert stored is not None
    assert json.loads(stored.reveal()) == {"access_token": "anna-token-2", "refresh_token": "anna-refresh-2"}
    server.people["anna"].token = "revoked"
    before = len(server.wire.requests)
    with pytest.raises(AuthError):
        await service.verify()
    assert len(server.wire.requests) - before <= 2


async def test_calls_at_once_and_other_programs_renew_once(server: MastodonServer, kit: Kit) -> None:
    await sign_in(server, kit, Browser())
    one, other = opened(server, kit), opened(server, kit)
    kit.secrets.set("work", Tokens(Secret("expired"), Secret("anna-refresh")).pack())
    before = len(server.wire.requests)
    await asyncio.gather(one.verify(), one.verify(), one.verify(), other.verify())
    assert [each.path for each in server.wire.requests[before:]].count("/oauth/token") == 1


async def test_a_renewal_that_fails_in_between_signs_nobody_out(server: MastodonServer, kit: Kit) -> None:
    await sign_in(server, kit, Browser())
    service = opened(server, kit)
    kit.secrets.set("work", Tokens(Secret("expired"), Secret("anna-refresh")).pack())
    server.fault("POST", "/oauth/token", "status", status=503)
    with pytest.raises(UnreachableError):
        await service.verify()
    assert (await service.verify()).remote_id == "1"


@pytest.fixture(params=["mastodon", "takahe", "snac"])
async def any_server(request: pytest.FixtureRequest) -> AsyncIterator[MastodonServer]:
    async with MastodonServer(str(request.param)) as server:
        yield server


async def test_a_dead_token_is_known_in_every_form(any_server: MastodonServer, kit: Kit) -> None:
    """401; 400 in plain text; 422 with nothing."""
    service = opened(any_server, kit)
    await service.page()
    any_server.revoked.add("anna-token")
    before = len(any_server.wire.requests)
    with pytest.raises(AuthError, match="does not accept the token") as caught:
        await service.page()
    assert len(any_server.wire.requests) - before == 1
    assert "anna-token" not in str(caught.value)
    any_server.revoked.clear()
    await service.page()  # signed in again meanwhile: the secret is read anew


async def test_no_token_asks_nothing(server: MastodonServer, kit: Kit) -> None:
    service = opened(server, kit)
    await service.load_capabilities()
    kit.secrets.delete("work")
    before = len(server.wire.requests)
    with pytest.raises(AuthError, match="no token is stored"):
        await service.page()
    assert len(server.wire.requests) == before


# ---------------------------------------------------------------- signing out


async def test_signing_out_takes_the_token_back(server: MastodonServer, kit: Kit) -> None:
    signed = await sign_in(server, kit, Browser())
    assert signed.secret is not None
    kit.secrets.set("work", signed.secret)
    service = Mastodon(signed.account, kit)
    assert isinstance(service, SigningOut)
    await service.verify()
    await service.sign_out()
    with pytest.raises(AuthError):
        await service.verify()


async def test_a_token_that_the_user_made_is_not_ours_to_take_back(server: MastodonServer, kit: Kit) -> None:
    await opened(server, kit).sign_out()
    assert server.asked("POST", "/oauth/revoke") == []
