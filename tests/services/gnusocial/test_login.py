"""Signing in, with a password and in the browser; where a server's API lies and what it says of itself (facts 1, 2)."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbclient.core.ports import SignedIn, SignIn
from mbclient.domain.account import Account
from mbclient.domain.errors import AuthError, MbclientError, RejectedError, UsageError
from mbclient.domain.secret import Secret
from mbclient.services.gnusocial import PLUGIN
from mbclient.services.gnusocial.service import GnuSocial
from mbclient.services.gnusocial.site import NO_LIMIT, Site, read_config, site_address
from mbclient.services.kit import Kit
from mbclient.services.oauth1 import Pair, authorization, read_token, signature_base
from tests.services.contract import outgoing
from tests.services.gnusocial.conftest import opened
from tests.services.gnusocial.server import TwitterServer
from tests.services.gnusocial.shapes import BEHAVIOURS, config
from tests.services.kit import kit_in


class Dialog:
    """The user at the browser: says yes as `nick` and types the PIN."""

    def __init__(self, server: TwitterServer, nick: str = "anna", pin: str | None = None) -> None:
        self._server, self._nick, self._pin = server, nick, pin
        self.address = ""

    async def show_address(self, url: str) -> None:
        self.address = url

    async def ask_code(self) -> str:
        right = self._server.allow(self.address, self._nick)
        return f" {right} \n" if self._pin is None else self._pin


async def sign_in(
    server: TwitterServer, kit: Kit, dialog: Dialog | None = None, password: str = "", handle: str = "anna", **more: Any
) -> SignedIn:
    account = Account("work", "gnusocial", more.get("url", server.url), handle)
    request = SignIn(account, Secret(password) if password else None)
    return await PLUGIN.sign_in(request, dialog or Dialog(server), kit)


# ------------------------------------------------------------ the two ways in


async def test_with_a_password(server: TwitterServer, kit: Kit) -> None:
    server.people["anna"].bio = "Jobbar på Grönkvist"
    signed = await sign_in(server, kit, password="anna-password")
    assert (signed.account.handle, signed.account.remote_id) == (f"anna@127.0.0.1:{server.wire.port}", "1")
    assert signed.secret == Secret("anna-password")
    assert "Grönkvist" in signed.profile.text


async def test_with_the_browser_and_a_pin(server: TwitterServer, kit: Kit) -> None:
    dialog = Dialog(server)
    signed = await sign_in(server, kit, dialog)
    assert "mode=desktop" in dialog.address
    assert signed.secret is not None
    kept = json.loads(signed.secret.reveal())
    assert (kept["consumer_key"], kept["oauth_token"][:6]) == ("anonymous", "access")
    kit.secrets.set("work", signed.secret)
    service = PLUGIN.open(signed.account, kit)
    text = "Å & ä = 100 % ~ +"
    await service.publish(await service.prepare(outgoing(text)))  # a signed form
    assert [notice.text for notice in server.notices.values()] == [text]
    assert (await service.search("Å & ä")).posts  # a signed query


async def test_a_wrong_pin(server: TwitterServer, kit: Kit) -> None:
    with pytest.raises(AuthError, match="Invalid request token"):
        await sign_in(server, kit, Dialog(server, pin="1"))
    with pytest.raises(AuthError, match="no code"):
        await sign_in(server, kit, Dialog(server, pin=" "))


@pytest.mark.parametrize("password", ["wrong", "a:b"])
async def test_a_wrong_password_and_one_with_a_colon(server: TwitterServer, kit: Kit, password: str) -> None:
    with pytest.raises(AuthError) as caught:
        await sign_in(server, kit, password=password)
    assert ("colon" in str(caught.value)) is (":" in password)
    assert "anna-password" not in str(caught.value)


async def test_somebody_else_is_not_taken_for_the_account(server: TwitterServer, kit: Kit) -> None:
    with pytest.raises(AuthError, match="signed in as bo"):
        await sign_in(server, kit, Dialog(server, nick="bo"))


async def test_a_password_needs_a_nick(server: TwitterServer, kit: Kit) -> None:
    with pytest.raises(UsageError):
        await sign_in(server, kit, password="anna-password", handle="")


async def test_a_clock_that_is_off_is_corrected_by_the_servers(server: TwitterServer, kit: Kit) -> None:
    signed = await sign_in(server, kit)
    assert signed.secret is not None
    kit.secrets.set("work", signed.secret)
    server.clock_off = timedelta(hours=2)
    service = PLUGIN.open(signed.account, kit)
    await service.page()
    before = len(server.wire.requests)
    await service.publish(await service.prepare(outgoing("Hej")))
    assert len(server.wire.requests) - before == 2  # known by now: nothing is asked twice
    assert len(server.notices) == 1


async def test_a_revoked_token_is_asked_once(server: TwitterServer, kit: Kit) -> None:
    signed = await sign_in(server, kit)
    assert signed.secret is not None
    kit.secrets.set("work", signed.secret)
    server.tokens.clear()
    service = PLUGIN.open(signed.account, kit)
    before = len(server.wire.requests)
    with pytest.raises(AuthError):
        await service.page()
    assert len(server.wire.requests) - before <= 2


# ------------------------------------------------------------ OAuth 1.0a by its own examples


def test_the_signature_base_of_rfc_5849() -> None:
    """Section 3.4.1.1, the request with its form."""
    pairs = [
        ("oauth_consumer_key", "9djdj82h48djs9d2"),
        ("oauth_token", "kkk9d7dh3k39sjv7"),
        ("oauth_signature_method", "HMAC-SHA1"),
        ("oauth_timestamp", "137131201"),
        ("oauth_nonce", "7d8f3e4a"),
        ("c2", ""),
        ("a3", "2 q"),
    ]
    url = "http://EXAMPLE.COM:80/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b"
    assert signature_base("post", url, pairs) == (
        "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D"
        "%26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DHMAC-SHA1"
        "%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7"
    )


def test_the_signature_of_the_classic_example() -> None:
    """OAuth Core 1.0, appendix A.5: the photos of photos.example.net."""
    header = authorization(
        "GET",
        "http://photos.example.net/photos",
        Pair("dpf43f3p2l4k3l03", Secret("kd94hf93k423kf44")),
        Pair("nnch734d00sl2jdk", Secret("pfkkdhi9sl3r4s00")),
        params=[("file", "vacation.jpg"), ("size", "original")],
        timestamp=1191242096,
        nonce="kllo9940pd9333jh",
    )
    assert 'oauth_signature="tR3%2BTy81lMeYAr%2FFid0kMTYa%2FWM%3D"' in header
    assert "kd94hf93k423kf44" not in header


@given(st.text(max_size=100))
def test_a_token_is_read_or_there_is_none(body: str) -> None:
    assert read_token(f"{body}&oauth_token=a") is None or "oauth_token_secret" in body
    found = read_token("oauth_token=a%20b&oauth_token_secret=c")
    assert found is not None
    assert (found.key, found.secret.reveal()) == ("a b", "c")


# ------------------------------------------------------------ the site


@pytest.mark.parametrize("behaviour", ["gnusocial", "statusnet", "index.php", "twitter"])
async def test_the_api_is_found_wherever_it_lies(kit: Kit, behaviour: str) -> None:
    async with TwitterServer(behaviour) as server:
        signed = await sign_in(server, kit, password="anna-password", url=server.url + "/")
        service = PLUGIN.open(signed.account, kit)
        can = service.capabilities  # from the cache: nothing is asked
        assert can.max_length == BEHAVIOURS[behaviour].limit
        assert can.software == (BEHAVIOURS[behaviour].software or "twitter")


async def test_a_server_of_another_kind_says_so(server: TwitterServer, kit: Kit) -> None:
    with pytest.raises(RejectedError, match="speaks neither"):
        await sign_in(server, kit, password="x", url=server.url + "/annat")


def site(**settings: Any) -> Site:
    whole = config(BEHAVIOURS["gnusocial"], {name.replace("__", "."): value for name, value in settings.items()})
    return read_config(whole, "https://s.example", "https://s.example/api", "gnusocial")


@pytest.mark.parametrize(
    ("settings", "limit"),
    [
        ({}, 1000),
        ({"site__textlimit": 140}, 140),
        ({"site__textlimit": "0"}, NO_LIMIT),
        ({"notice__contentlimit": 0}, NO_LIMIT),
        ({"notice__contentlimit": "500"}, 500),
        ({"notice__contentlimit": None, "site__textlimit": None}, 140),
        ({"site__textlimit": -3}, 140),
        ({"site__textlimit": [1]}, 140),
    ],
)
def test_a_limit_may_be_null_zero_a_string_or_nonsense(settings: dict[str, Any], limit: int) -> None:
    assert site(**settings).capabilities().max_length == limit


def test_a_site_reads_back_what_was_kept() -> None:
    whole = site(site__private=True)
    assert Site.from_json(json.loads(json.dumps(whole.to_json())), whole.base) == whole
    assert Site.from_json({**whole.to_json(), "limit": "x"}, whole.base) is None
    assert Site.from_json({}, whole.base) is None


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("social.example", "https://social.example"),
        ("https://Social.example/", "https://social.example"),
        ("example.org/social", "https://example.org/social"),
        ("https://example.org/social/api/", "https://example.org/social/api"),
        ("http://127.0.0.1:8080/x", "http://127.0.0.1:8080/x"),
    ],
)
def test_a_site_may_lie_below_its_host(typed: str, address: str) -> None:
    assert site_address(typed) == address


@pytest.mark.parametrize(
    "typed", ["", "http://social.example", "https://x.example/../y", "https://x.example/a?b", "https://x.example/a b"]
)
def test_what_is_no_site(typed: str) -> None:
    with pytest.raises(UsageError):
        site_address(typed)


# ------------------------------------------------------------ secrets

CANARY = "canary-0123456789abcdef"
CALLS: dict[str, Callable[[GnuSocial], Awaitable[object]]] = {
    "page": lambda service: service.page(),
    "own": lambda service: service.own_posts(datetime.now(UTC)),
    "search": lambda service: service.search("x"),
    "verify": lambda service: service.verify(),
    "prepare": lambda service: service.prepare(outgoing("hej")),
    "publish": lambda service: service.publish({"key": "k", "text": "x", "composed_at": "2026-11-24T08:00:00+00:00"}),
}


@pytest.mark.parametrize("kind", ["drop-before", "garbage", "status"])
@pytest.mark.parametrize("name", CALLS)
async def test_no_error_holds_the_password(
    server: TwitterServer, kit: Kit, name: str, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    server.people["anna"].password = CANARY
    service = opened(server, kit)
    kit.secrets.set("work", Secret(CANARY))
    await service.load_capabilities()
    caplog.set_level(logging.DEBUG)
    for method in ("GET", "GET", "POST", "POST"):
        server.fault(method, "*", kind, status=401, body={"error": "nope"})
    with pytest.raises(MbclientError) as caught:
        await CALLS[name](service)
    told = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + caplog.text
    assert CANARY not in told


async def test_signing_in_leaves_no_secret_behind(server: TwitterServer, tmp_path: Path) -> None:
    server.people["anna"].password = CANARY
    async with kit_in(tmp_path) as kit:
        signed = await sign_in(server, kit, password=CANARY)
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert files
    assert all(CANARY.encode() not in file.read_bytes() for file in files)
    assert CANARY not in repr(signed)
