"""Signing in with an app of the user's own (facts/x.md 1; attacks on the door itself: test_loopback)."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import traceback
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from mbclient.core.ports import LoginDialog, SignedIn, SignIn
from mbclient.domain.account import Account
from mbclient.domain.errors import AuthError, UsageError
from mbclient.domain.secret import Secret
from mbclient.services.kit import Kit
from mbclient.services.loopback import Loopback
from mbclient.services.x import PLUGIN, login
from tests.services.contract import outgoing
from tests.services.kit import kit_in
from tests.services.x.server import CLIENT, XServer


@pytest.fixture(autouse=True)
def port(server: XServer, monkeypatch: pytest.MonkeyPatch) -> int:
    """The registered port; here any free one, so that tests may run side by side."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number: int = free.getsockname()[1]
    monkeypatch.setattr(login, "PORT", number)
    server.redirects = {f"http://127.0.0.1:{number}/callback"}
    return number


class Browser:
    """The user at the browser, which comes back through the door."""

    def __init__(self, server: XServer, name: str = "anna") -> None:
        self.server, self.name = server, name
        self.address = ""

    async def show_address(self, url: str) -> None:
        self.address = url
        back = urlsplit(self.server.press_yes(url, self.name))
        reader, writer = await asyncio.open_connection("127.0.0.1", back.port)
        writer.write(f"GET {back.path}?{back.query} HTTP/1.1\r\nHost: {back.netloc}\r\n\r\n".encode())
        await reader.read()
        writer.close()

    async def ask_code(self) -> str:
        await asyncio.Event().wait()
        raise AssertionError("cancelled when the browser has answered")


class Pasting:
    """The user pastes; `what` makes of the address that the browser ended at what is pasted."""

    def __init__(self, server: XServer, what: str = "address") -> None:
        self.server, self.what = server, what
        self.ended = ""

    async def show_address(self, url: str) -> None:
        self.ended = self.server.press_yes(url)

    async def ask_code(self) -> str:
        fields = parse_qs(urlsplit(self.ended).query)
        whole = {
            "address": f" {self.ended}\n",
            "code": fields["code"][0],
            "foreign": self.ended.replace(fields["state"][0], "another"),
            "refusal": f"http://127.0.0.1/callback?state={fields['state'][0]}&error=access_denied",
        }
        return whole[self.what]


async def sign_in(
    server: XServer, kit: Kit, dialog: LoginDialog, *, client_id: str = CLIENT, handle: str = "", paste: bool = False
) -> SignedIn:
    account = Account("work", "x", server.url, handle)
    return await PLUGIN.sign_in(SignIn(account, Secret(client_id) if client_id else None, paste), dialog, kit)


async def test_through_the_browser(server: XServer, kit: Kit, port: int) -> None:
    server.people["anna"].description = "Jobbar på Grönkvist"
    browser = Browser(server)
    signed = await sign_in(server, kit, browser)
    assert f"redirect_uri=http%3A%2F%2F127.0.0.1%3A{port}%2Fcallback" in browser.address
    assert (signed.account.handle, signed.account.remote_id, signed.account.url) == ("anna", "1", server.url)
    assert "Grönkvist" in signed.profile.text
    assert signed.secret is not None
    assert sorted(json.loads(signed.secret.reveal())) == ["access_token", "client_id", "expires", "refresh_token"]
    kit.secrets.set("work", signed.secret)
    service = PLUGIN.open(signed.account, kit)
    await service.publish(await service.prepare(outgoing("Hej")))
    assert [tweet.text for tweet in server.tweets.values()] == ["Hej"]
    assert len(server.asked("/2/oauth2/token")) == 1


@pytest.mark.parametrize("what", ["address", "code"])
async def test_with_a_pasted_answer(server: XServer, kit: Kit, what: str) -> None:
    assert (await sign_in(server, kit, Pasting(server, what), paste=True)).account.handle == "anna"


@pytest.mark.parametrize(("what", "why"), [("foreign", "another login"), ("refusal", "access_denied")])
async def test_what_is_not_the_answer(server: XServer, kit: Kit, what: str, why: str) -> None:
    with pytest.raises(AuthError, match=why):
        await sign_in(server, kit, Pasting(server, what), paste=True)
    assert server.asked("/2/oauth2/token") == []


async def test_a_code_holds_for_half_a_minute(server: XServer, kit: Kit) -> None:
    server.code_lasts = timedelta()
    with pytest.raises(AuthError, match="30 seconds"):
        await sign_in(server, kit, Browser(server))


async def test_the_port_is_taken(server: XServer, kit: Kit, port: int) -> None:
    async with Loopback("other", port):
        with pytest.raises(AuthError, match=f"port {port}"):
            await sign_in(server, kit, Browser(server))


@pytest.mark.parametrize("client_id", ["", " ", "not a client id"])
async def test_without_an_app_nothing_is_asked(server: XServer, kit: Kit, client_id: str) -> None:
    with pytest.raises(UsageError, match="Client ID"):
        await sign_in(server, kit, Browser(server), client_id=client_id)
    assert server.wire.requests == []


async def test_signing_in_again_knows_the_app(server: XServer, kit: Kit) -> None:
    signed = await sign_in(server, kit, Browser(server))
    assert signed.secret is not None
    kit.secrets.set("work", signed.secret)
    again = await sign_in(server, kit, Browser(server), client_id="")
    assert again.account == signed.account


async def test_somebody_else_is_not_taken_for_the_account(server: XServer, kit: Kit) -> None:
    with pytest.raises(AuthError, match="signed in as bo"):
        await sign_in(server, kit, Browser(server, "bo"), handle="@Anna")


async def test_a_token_that_cannot_be_renewed_is_refused(
    server: XServer, kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(login, "SCOPES", "tweet.read users.read")
    with pytest.raises(AuthError, match="two hours"):
        await sign_in(server, kit, Browser(server))


async def test_no_secret_stays_behind(server: XServer, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with kit_in(tmp_path) as kit:
        signed = await sign_in(server, kit, Browser(server))
        server.fault("POST", "/2/oauth2/token", "garbage")
        with pytest.raises(Exception, match="JSON") as caught:
            await sign_in(server, kit, Browser(server))
    told = "".join(traceback.format_exception(caught.value)) + repr(signed) + caplog.text
    secrets = [*server.access, *server.refresh]
    assert secrets
    assert not [secret for secret in secrets if secret in told]
    files = [file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()]
    assert not [secret for secret in secrets if any(secret.encode() in file for file in files)]
