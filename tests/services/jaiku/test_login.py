"""Signing in with a consumer key of one's own, and what the profile tells (facts/jaiku.md 2)."""

from __future__ import annotations

import asyncio
import logging
import traceback
from datetime import timedelta
from pathlib import Path

import pytest

from mbclient.core.ports import SignedIn, SignIn
from mbclient.domain.account import Account
from mbclient.domain.errors import AuthError, RejectedError, ServiceError, UsageError
from mbclient.domain.secret import Secret
from mbclient.services.jaiku import PLUGIN
from mbclient.services.jaiku.service import Jaiku
from mbclient.services.kit import Kit
from mbclient.services.oauth1 import Pair
from tests.services.contract import outgoing
from tests.services.jaiku.conftest import stored
from tests.services.jaiku.server import CONSUMER, JaikuServer

KEYS = Secret(" ".join(CONSUMER))
WHOLE = Secret(f"{' '.join(CONSUMER)} anna-token anna-secret")


class Dialog:
    """The user at the browser: says yes as `nick`, or forgets to, and presses Enter."""

    def __init__(self, server: JaikuServer, nick: str = "anna") -> None:
        self._server, self._nick = server, nick
        self.address = ""

    async def show_address(self, url: str) -> None:
        self.address = url

    async def ask_code(self) -> str:
        if self._nick:
            self._server.allow(self.address, self._nick)
        return ""


async def sign_in(
    server: JaikuServer, kit: Kit, dialog: Dialog | None = None, secret: Secret = KEYS, handle: str = "anna"
) -> SignedIn:
    request = SignIn(Account("work", "jaiku", server.url, handle), secret)
    return await PLUGIN.sign_in(request, dialog or Dialog(server), kit)


async def test_a_clock_that_is_off_is_corrected_by_the_servers(server: JaikuServer, kit: Kit) -> None:
    server.clock_off = timedelta(hours=2)
    signed = await sign_in(server, kit)
    assert signed.secret is not None
    kit.secrets.set("work", signed.secret)
    service = PLUGIN.open(signed.account, kit)
    await service.page()
    for text in ("Hej", "Hej igen"):
        await service.publish(await service.prepare(outgoing(text)))
        assert len(server.by("anna", text)) == 1
    assert server.calls.count("post") == 2  # known by now: nothing is asked twice
    server.clock_off = -timedelta(hours=1)  # set right, or wrong the other way
    await service.publish(await service.prepare(outgoing("Hej då")))
    assert len(server.by("anna", "Hej då")) == 1


async def test_a_yes_on_the_web_page_and_enter(server: JaikuServer, kit: Kit) -> None:
    dialog = Dialog(server)
    signed = await sign_in(server, kit, dialog)
    assert dialog.address.startswith(f"{server.url}/api/authorize?oauth_token=")
    assert dialog.address.endswith("&perms=write")
    assert (signed.account.handle, signed.account.remote_id) == ("anna@jaiku.example", "anna@jaiku.example")
    assert signed.secret is not None
    kit.secrets.set("work", signed.secret)
    service = PLUGIN.open(signed.account, kit)
    await service.publish(await service.prepare(outgoing("Å & ä = 100 % ~ + *")))
    assert [entry.text for entry in server.entries.values()] == ["Å & ä = 100 % ~ + *"]


async def test_a_token_that_was_made_elsewhere_needs_no_browser(server: JaikuServer, kit: Kit) -> None:
    for secret in (WHOLE, stored()):
        signed = await sign_in(server, kit, Dialog(server, ""), secret)
        assert signed.secret == stored()


async def test_where_nobody_can_press_enter_it_is_tried_after_a_while(
    server: JaikuServer, kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Pipe(Dialog):
        async def ask_code(self) -> str:
            await super().ask_code()
            await asyncio.Event().wait()
            return ""

    monkeypatch.setattr("mbclient.services.jaiku.login.WAIT_S", 0.01)
    assert (await sign_in(server, kit, Pipe(server))).account.handle == "anna@jaiku.example"


async def test_enter_without_the_yes_is_told(server: JaikuServer, kit: Kit) -> None:
    with pytest.raises(AuthError, match="say yes on the web page first"):
        await sign_in(server, kit, Dialog(server, ""))


async def test_a_wrong_consumer_key(server: JaikuServer, kit: Kit) -> None:
    with pytest.raises(AuthError, match="Invalid signature"):
        await sign_in(server, kit, secret=Secret("consumer wrong"))


@pytest.mark.parametrize("secret", ["", "0123456789abcdef", "a b c"])
async def test_a_personal_key_is_refused_for_it_can_read_nothing(server: JaikuServer, kit: Kit, secret: str) -> None:
    with pytest.raises(UsageError, match=r"/api/keys; a personal key can only write"):
        await sign_in(server, kit, secret=Secret(secret))
    assert server.calls == []


async def test_somebody_elses_yes_is_not_taken_for_mine(server: JaikuServer, kit: Kit) -> None:
    """There is no "who am I": only the owner may see an overview, and that is the proof."""
    with pytest.raises(AuthError, match="who said yes"):
        await sign_in(server, kit, Dialog(server, "bo"))
    with pytest.raises(AuthError, match="check the nick"):
        await sign_in(server, kit, handle="nobody")
    with pytest.raises(UsageError):
        await sign_in(server, kit, handle="")


async def test_the_profile_holds_name_and_presence_line(server: JaikuServer, kit: Kit) -> None:
    server.actors["anna"].presence = {"presenceline": {"description": "Jobbar på Grönkvist"}, "location": "Norrtälje"}
    signed = await sign_in(server, kit)
    assert signed.profile.name == "Anna Ek"
    assert signed.profile.text == "Anna Ek\nJobbar på Grönkvist, Norrtälje"


async def test_a_presence_that_is_refused_is_only_missing(server: JaikuServer, kit: Kit) -> None:
    server.fault("presence_get", 2)
    assert (await sign_in(server, kit)).profile.text == "Anna Ek"


async def test_a_token_that_only_reads_cannot_post(server: JaikuServer, kit: Kit) -> None:
    server.tokens["anna-token"]["perms"] = "read"
    signed = await sign_in(server, kit, secret=WHOLE)
    assert signed.secret is not None
    kit.secrets.set("work", signed.secret)
    service = PLUGIN.open(signed.account, kit)
    await service.page()
    with pytest.raises(AuthError, match="write permission"):
        await service.publish(await service.prepare(outgoing("Hej")))


@pytest.mark.parametrize("kept", [None, Secret("x")])
async def test_without_a_token_the_account_is_signed_out(server: JaikuServer, kit: Kit, kept: Secret | None) -> None:
    if kept:
        kit.secrets.set("work", kept)
    service = PLUGIN.open(Account("work", "jaiku", server.url, "anna@jaiku.example"), kit)
    with pytest.raises(AuthError, match="no token is stored"):
        await service.page()


@pytest.mark.parametrize("kind", ["drop-after", "garbage", "status", 3, 0])
async def test_no_error_holds_a_secret(
    server: JaikuServer, kit: Kit, kind: str | int, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    canary = "canary-0123456789abcdef"
    server.tokens["anna-token"]["secret"] = canary
    kit.secrets.set("work", stored(Pair("anna-token", Secret(canary))))
    service = PLUGIN.open(Account("work", "jaiku", server.url, "anna@jaiku.example"), kit)
    caplog.set_level(logging.DEBUG)
    prepared = await service.prepare(outgoing("Hej"))
    server.fault("post", kind)
    with pytest.raises(ServiceError) as caught:
        await service.publish(prepared)
    told = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + caplog.text
    assert canary not in told
    assert all(canary.encode() not in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())


async def test_a_channel_is_nobodys_account(server: JaikuServer, kit: Kit) -> None:
    kit.secrets.set("work", stored())
    service = Jaiku(Account("work", "jaiku", server.url, "#infosec"), kit)
    with pytest.raises(ServiceError) as caught:
        await service.verify()
    assert not isinstance(caught.value, RejectedError)
