"""Signing in by MiAuth and with a token of one's own; what the server says of itself (facts/misskey.md 1, 2)."""

from __future__ import annotations

import asyncio
import json
import logging
import traceback
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from mbclient.core.ports import SignedIn, SignIn
from mbclient.domain.account import Account
from mbclient.domain.errors import AuthError, MbclientError, RejectedError
from mbclient.domain.post import Visibility
from mbclient.domain.secret import Secret
from mbclient.services.kit import Kit
from mbclient.services.misskey import PLUGIN
from mbclient.services.misskey.dialects import software_of
from mbclient.services.misskey.server import Server, read_meta
from mbclient.services.misskey.service import Misskey
from tests.services.contract import outgoing
from tests.services.kit import kit_in
from tests.services.misskey.conftest import error, opened
from tests.services.misskey.server import MisskeyServer


class Browser:
    """The user: says yes as `nick`, and is sent back to the program, or pastes something."""

    def __init__(self, server: MisskeyServer, nick: str = "anna", *, yes: bool = True, pasted: str = "") -> None:
        self._server, self._nick, self._yes, self._pasted = server, nick, yes, pasted
        self.address = ""
        self.back = ""

    async def show_address(self, url: str) -> None:
        self.address = url
        if self._yes:
            self.back = self._server.allow(url, self._nick)

    async def ask_code(self) -> str:
        if not self.back:
            return self._pasted
        async with httpx.AsyncClient(trust_env=False) as browser:
            answer = await browser.get(self.back)
            assert answer.status_code == 200
        await asyncio.Event().wait()
        raise AssertionError("the door answers first")


async def sign_in(server: MisskeyServer, kit: Kit, browser: Browser | None = None, **more: Any) -> SignedIn:
    account = Account("work", "misskey", more.get("url", server.url), more.get("handle", ""))
    secret = Secret(more["token"]) if "token" in more else None
    request = SignIn(account, secret, paste=more.get("paste", False))
    return await PLUGIN.sign_in(request, browser or Browser(server), kit)


# ------------------------------------------------------------ the ways in


async def test_through_the_browser(server: MisskeyServer, kit: Kit) -> None:
    anna = server.people["anna"]
    anna.description, anna.fields = "Jobbar på **Grönkvist**", [{"name": "Titel", "value": "utvecklare"}]
    browser = Browser(server)
    signed = await sign_in(server, kit, browser)
    query = dict(parse_qsl(urlsplit(browser.address).query))
    assert query["name"] == "mbclient"
    assert query["callback"].startswith("http://127.0.0.1:")
    assert (signed.account.handle, signed.account.remote_id) == (f"anna@{server.domain}", "uanna")
    assert "Grönkvist" in signed.profile.text
    assert "Titel: utvecklare" in signed.profile.text
    assert signed.secret is not None
    assert signed.secret.reveal().startswith("token of ")


async def test_the_permissions_that_are_asked_for_are_enough(server: MisskeyServer, kit: Kit, tmp_path: Path) -> None:
    signed = await sign_in(server, kit)
    assert signed.secret is not None
    kit.secrets.set("work", signed.secret)
    service = PLUGIN.open(signed.account, kit)
    theirs = await service.post(server.write(server.people["bo"], "Hej").id)
    await service.publish(await service.prepare(outgoing("Hej själv", reply_to=theirs)))
    for on in (True, False):
        await service.set_liked(theirs, on)
        await service.set_boosted(theirs, on)
        await service.set_bookmarked(theirs, on)
    await service.page()
    await service.notifications()
    await service.delete((await service.own_posts(theirs.created_at))[0])


async def test_over_ssh_the_server_is_asked_once_the_user_says_so(server: MisskeyServer, kit: Kit) -> None:
    browser = Browser(server, pasted="")
    signed = await sign_in(server, kit, browser, paste=True)
    assert "callback" not in browser.address
    assert signed.account.remote_id == "uanna"


async def test_before_a_yes_there_is_no_token(server: MisskeyServer, kit: Kit) -> None:
    """The server answers 200 with `ok: false`."""
    with pytest.raises(AuthError, match="nobody has allowed it"):
        await sign_in(server, kit, Browser(server, yes=False), paste=True)


async def test_what_another_login_left_is_not_taken(server: MisskeyServer, kit: Kit) -> None:
    old = "https://x.example/miauth/01234567-89ab-4def-8123-456789abcdef"
    with pytest.raises(AuthError, match="another login"):
        await sign_in(server, kit, Browser(server, yes=False, pasted=old), paste=True)
    assert not [request for request in server.wire.requests if request.path.endswith("/check")]


async def test_each_login_has_a_session_of_its_own(server: MisskeyServer, kit: Kit) -> None:
    browsers = [Browser(server), Browser(server)]
    for browser in browsers:
        await sign_in(server, kit, browser)
    assert urlsplit(browsers[0].address).path != urlsplit(browsers[1].address).path


async def test_the_token_is_handed_out_once_and_its_loss_is_said(kit: Kit) -> None:
    class Forgetful(MisskeyServer):
        def fault(self, endpoint: str, kind: str, **more: Any) -> None: ...

        def allow(self, address: str, nick: str = "anna") -> str:
            back = super().allow(address, nick)
            session = urlsplit(address).path.removeprefix("/miauth/")
            super().fault(f"miauth/{session}/check", "drop-after")
            return back

    async with Forgetful() as server:
        with pytest.raises(AuthError, match="handed out only once"):
            await sign_in(server, kit)
        assert len([request for request in server.wire.requests if request.path.endswith("/check")]) == 1


async def test_nothing_can_fail_between_the_token_and_its_keeping(server: MisskeyServer, kit: Kit) -> None:
    server.fault("i", "status", status=503, body=error("INTERNAL_ERROR"))
    signed = await sign_in(server, kit)
    assert signed.secret is not None


async def test_with_a_token_of_the_web_settings(server: MisskeyServer, kit: Kit) -> None:
    signed = await sign_in(server, kit, token=" anna-token\n")
    assert signed.secret == Secret("anna-token")
    assert signed.profile.handle == f"anna@{server.domain}"
    with pytest.raises(AuthError):
        await sign_in(server, kit, token="wrong")


async def test_somebody_else_is_not_taken_for_the_account(server: MisskeyServer, kit: Kit) -> None:
    with pytest.raises(AuthError, match="signed in as bo"):
        await sign_in(server, kit, Browser(server, "bo"), handle="anna")


async def test_a_server_of_another_kind_says_so(server: MisskeyServer, kit: Kit) -> None:
    server.meta = {}
    with pytest.raises(RejectedError, match="Misskey's language"):
        await sign_in(server, kit)


# ------------------------------------------------------------ what a server says of itself


async def test_limits_and_policies_are_read_from_the_server(kit: Kit) -> None:
    async with MisskeyServer("sharkey", maxNoteTextLength=8192, maxAltTextLength=2000) as server:
        server.people["anna"].policies |= {"canPublicNote": False, "ltlAvailable": False}
        service = opened(server, kit)
        can = await service.load_capabilities()
        assert (can.software, can.max_length, can.max_alt, can.edit) == ("sharkey", 8192, 2000, True)
        assert Visibility.PUBLIC not in can.visibilities
        assert "local" not in can.feeds
        again = opened(server, kit)
        assert again.capabilities == can  # from the cache: nothing is asked


@pytest.mark.parametrize("path", ["/.well-known/nodeinfo", "/nodeinfo/2.1"])
async def test_nodeinfo_that_fails_once_leaves_the_software_as_it_was(kit: Kit, path: str) -> None:
    async with MisskeyServer("sharkey") as server:
        service = opened(server, kit)
        await service.load_capabilities()
        server.fault(path, "status")
        can = await service.load_capabilities()
        assert (can.software, can.edit) == ("sharkey", True)


async def test_upstream_has_no_edit_and_searches_for_tags_at_least(service: Misskey) -> None:
    can = service.capabilities
    assert (can.software, can.max_length, can.edit, can.search, can.schedule) == ("misskey", 3000, False, True, False)
    assert can.visibilities == tuple(Visibility)


@pytest.mark.parametrize(
    ("name", "version", "software"),
    [
        ("misskey", "2025.11.1", "misskey"),
        ("misskey", "2025.4.1-mhq.13", "misskey.io"),
        ("misskey", "2025.4.1-io.2a", "misskey.io"),
        ("Sharkey", "2024.9.1", "sharkey"),
        ("", "13.0.0", "misskey"),
        ("cherrypick", "4.12.0", "cherrypick"),
    ],
)
def test_the_software_is_told_by_nodeinfo_and_the_version(name: str, version: str, software: str) -> None:
    assert software_of(name, version) == software


def test_a_server_reads_back_what_was_kept() -> None:
    whole = read_meta({"version": "1\x1b[31m", "maxNoteTextLength": "many", "policies": 7}, "m.example", "misskey")
    assert (whole.longest, whole.local, whole.public) == (3000, True, True)
    assert "\x1b" not in whole.version
    kept = json.loads(json.dumps(whole.to_json()))
    assert Server.from_json(kept) == whole
    assert Server.from_json({**kept, "search": False}) == whole  # as an earlier version kept it
    assert Server.from_json({**whole.to_json(), "max_length": "x"}) is None
    assert Server.from_json({}) is None


# ------------------------------------------------------------ secrets

CANARY = "canary-0123456789abcdef"
CALLS: dict[str, Callable[[Misskey], Awaitable[object]]] = {
    "page": lambda service: service.page(),
    "own": lambda service: service.own_posts(datetime.now(UTC)),
    "verify": lambda service: service.verify(),
    "prepare": lambda service: service.prepare(outgoing("hej")),
    "publish": lambda service: service.publish({"key": "k", "body": {"text": "x", "visibility": "public"}}),
    "stream": lambda service: anext(service.stream()),
}


@pytest.mark.parametrize("kind", ["drop-before", "garbage", "status"])
@pytest.mark.parametrize("name", CALLS)
async def test_no_error_holds_the_token(
    server: MisskeyServer, kit: Kit, name: str, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    service = opened(server, kit)
    kit.secrets.set("work", Secret(CANARY))
    caplog.set_level(logging.DEBUG, "mbclient")
    for _number in range(3):
        server.fault("*", kind, status=500, body=error("INTERNAL_ERROR"))
    with pytest.raises(MbclientError) as caught:
        await CALLS[name](service)
    told = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + caplog.text
    assert CANARY not in told


async def test_signing_in_leaves_no_secret_behind(server: MisskeyServer, tmp_path: Path) -> None:
    server.tokens[CANARY] = server.tokens["anna-token"]
    async with kit_in(tmp_path) as kit:
        signed = await sign_in(server, kit, token=CANARY)
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert files
    assert all(CANARY.encode() not in file.read_bytes() for file in files)
    assert CANARY not in repr(signed)
