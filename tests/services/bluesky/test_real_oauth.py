"""Signing in with the browser against the real PDS and its own authorization server, driven as its page drives it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from mbclient.core.ports import SignIn
from mbclient.domain.account import Account
from mbclient.domain.errors import AuthError
from mbclient.domain.secret import Secret
from mbclient.services.bluesky.plugin import BlueskyPlugin
from mbclient.services.bluesky.service import Bluesky
from mbclient.services.kit import Kit
from tests.servers.bluesky import BlueskyAccount, BlueskyServer
from tests.services.bluesky.support import Keyring, keyring_kit
from tests.services.contract import outgoing, unique

pytestmark = pytest.mark.server
API = "/@atproto/oauth-provider/~api"


class Browser:
    """What a person's browser does on the PDS's page: signs in, says yes (or no), and goes where it is sent."""

    def __init__(self, account: BlueskyAccount, *, yes: bool = True) -> None:
        self.account, self.yes = account, yes
        self.ended = ""

    async def show_address(self, url: str) -> None:
        self.ended = await self._ends(url)
        if "127.0.0.1:" in self.ended:
            await visit(self.ended)

    async def ask_code(self) -> str:
        if "127.0.0.1:" in self.ended:
            await asyncio.Event().wait()
        return self.ended

    async def _ends(self, url: str) -> str:
        """The address that the page leads to in the end."""
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        fetch = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "none", "Sec-Fetch-Dest": "document"}
        async with httpx.AsyncClient(base_url=origin, trust_env=False, timeout=30) as client:
            page = await client.get(url, headers=fetch)
            assert page.status_code == 200, page.text
            cookies = _cookies(page)

            async def call(name: str, body: dict[str, object], bearer: str = "") -> dict[str, Any]:
                headers = {
                    "Sec-Fetch-Mode": "same-origin",
                    "Sec-Fetch-Site": "same-origin",
                    "Sec-Fetch-Dest": "empty",
                    "Origin": origin,
                    "Referer": url,
                    "x-csrf-token": cookies["csrf-token"],
                    "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
                    **({"Authorization": f"Bearer {bearer}"} if bearer else {}),
                }
                answer = await client.post(f"{API}/{name}", json=body, headers=headers)
                assert answer.status_code == 200, answer.text
                cookies.update(_cookies(answer))
                found = answer.json()
                assert isinstance(found, dict)
                return found

            if not self.yes:
                return _target((await call("reject", {}))["url"])
            who = {"locale": "en", "username": self.account.handle, "password": self.account.password}
            signed = await call("sign-in", {**who, "remember": False})
            yes = {"did": signed["account"]["did"]}
            return _target((await call("consent", yes, signed["ephemeralToken"]))["url"])


def _cookies(answer: httpx.Response) -> dict[str, str]:
    """Also those that want https, which a browser sends to this machine all the same."""
    pairs = (line.partition(";")[0].partition("=") for line in answer.headers.get_list("set-cookie"))
    return {name: value for name, _sign, value in pairs}


def _target(redirect: str) -> str:
    """Where the server's own redirect page goes on to."""
    query = {name: values[0] for name, values in parse_qs(urlsplit(redirect).query).items()}
    target, mode = query.pop("redirect_uri"), query.pop("redirect_mode")
    assert mode == "query"
    return f"{target}?{urlencode(query)}"


async def visit(address: str) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        await client.get(address)


@dataclass
class World:
    server: BlueskyServer
    me: BlueskyAccount
    kit: Kit
    keyring: Keyring

    async def sign_in(self, dialog: Browser, *, paste: bool = False) -> Bluesky:
        plugin = BlueskyPlugin(self.server.plc_url)
        account = Account("bsky", "bluesky", self.server.base_url, self.me.handle)
        signed = await plugin.sign_in(SignIn(account, None, paste), dialog, self.kit)
        assert signed.secret is not None
        self.kit.secrets.set("bsky", signed.secret)
        service = plugin.open(signed.account, self.kit)
        assert isinstance(service, Bluesky)
        return service

    def age(self) -> None:
        """The kept access token is one that the server does not take any more."""
        kept = json.loads(self.keyring.kept["bsky"].reveal())
        head, _body, signature = kept["access"].split(".")
        kept["access"] = f"{head}.e30.{signature}"
        self.keyring.kept["bsky"] = Secret(json.dumps(kept))


@pytest.fixture
async def world(bluesky_pds: BlueskyServer, tmp_path: Path) -> AsyncIterator[World]:
    async with keyring_kit(tmp_path) as (kit, keyring):
        yield World(bluesky_pds, bluesky_pds.create_account(), kit, keyring)


async def test_a_day_after_a_login_with_the_browser(world: World) -> None:
    service = await world.sign_in(Browser(world.me))
    assert (service.account.handle, service.account.remote_id) == (world.me.handle, world.me.did)
    text = unique()
    published = await service.publish(await service.prepare(outgoing(text)))
    (record,) = world.server.records(world.me)
    assert isinstance(record, dict)
    assert (record["uri"], record["value"]["text"]) == (published.remote_id, text)
    (post,) = await service.own_posts(published.at - timedelta(minutes=1))
    assert post.text == text
    await service.delete(post)
    assert list(world.server.records(world.me)) == []


async def test_with_a_pasted_address(world: World) -> None:
    service = await world.sign_in(Browser(world.me), paste=True)
    assert (await service.verify()).handle == world.me.handle


async def test_saying_no(world: World) -> None:
    with pytest.raises(AuthError, match="access_denied"):
        await world.sign_in(Browser(world.me, yes=False))


async def test_somebody_else_says_yes(world: World) -> None:
    other = world.server.create_account()
    with pytest.raises(AuthError):
        await world.sign_in(Browser(other))


async def test_tokens_are_renewed_by_a_refresh_token_that_holds_once(world: World) -> None:
    await world.sign_in(Browser(world.me))
    account = Account("bsky", "bluesky", world.server.base_url, world.me.handle, world.me.did)
    plugin = BlueskyPlugin(world.server.plc_url)
    before = world.keyring.session()
    world.age()
    programs = [plugin.open(account, world.kit) for _program in range(2)]
    await asyncio.gather(*(program.verify() for program in programs))
    after = world.keyring.session()
    assert after["refresh"] != before["refresh"]
    spent = json.loads(world.keyring.kept["bsky"].reveal()) | {"refresh": before["refresh"]}
    world.keyring.kept["bsky"] = Secret(json.dumps(spent))
    world.age()
    with pytest.raises(AuthError, match="two weeks"):
        await plugin.open(account, world.kit).verify()


async def test_signing_out_ends_the_session(world: World) -> None:
    service = await world.sign_in(Browser(world.me))
    kept = world.keyring.kept["bsky"]
    await service.sign_out()
    world.keyring.kept["bsky"] = kept
    world.age()
    with pytest.raises(AuthError):
        await BlueskyPlugin(world.server.plc_url).open(service.account, world.kit).verify()
