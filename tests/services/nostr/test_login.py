"""Signing in: a key for writing, a public one for reading, a name that its domain vouches for."""

from __future__ import annotations

import json
import logging

import pytest

from mbclient.core.ports import SignIn
from mbclient.domain.account import Account
from mbclient.domain.errors import AuthError, UnreachableError, UnsupportedError, UsageError
from mbclient.domain.secret import Secret
from mbclient.services.kit import Kit
from mbclient.services.nostr import nip19
from mbclient.services.nostr.relays import address_of, relays_of
from mbclient.services.nostr.service import Nostr
from tests.services.bluesky.support import Silent
from tests.services.contract import outgoing
from tests.services.nostr.relay_server import Double
from tests.services.nostr.support import ANNA, BO, now, opened, plugin
from tests.services.wire import Reply, Request, Wire

NPUB = nip19.npub(ANNA.pubkey)


def request(relay: Double, secret: str, handle: str = "") -> SignIn:
    return SignIn(Account("nostr", "nostr", relay.url, handle), Secret(secret))


async def test_with_a_private_key(kit: Kit, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with Double() as relay:
        await relay.write(ANNA, 0, json.dumps({"name": "Anna Ek", "about": "Jobbar på Grönkvist"}), at=now())
        signed = await plugin().sign_in(request(relay, ANNA.nsec().reveal()), Silent(), kit)
    assert signed.secret == ANNA.nsec()
    assert (signed.account.handle, signed.account.remote_id, signed.account.url) == (NPUB, ANNA.pubkey, relay.url)
    assert (signed.profile.name, signed.profile.handle) == ("Anna Ek", NPUB)
    assert "Grönkvist" in signed.profile.text
    assert ANNA.nsec().reveal() not in caplog.text + repr(signed) + json.dumps(relay.asked)


async def test_with_a_public_key_one_only_reads(kit: Kit) -> None:
    async with Double() as relay:
        await relay.write(ANNA, 3, "", [["p", BO.pubkey]], at=now())
        signed = await plugin().sign_in(request(relay, NPUB), Silent(), kit)
        assert signed.secret is not None
        kit.secrets.set("nostr", signed.secret)
        service = plugin().open(signed.account, kit)
        assert isinstance(service, Nostr)
        await relay.write(BO, 1, "hej", at=now())
        assert [post.text for post in (await service.page()).posts] == ["hej"]
        assert not (await service.load_capabilities()).post
        with pytest.raises(UnsupportedError, match="nsec"):
            await service.prepare(outgoing("hej"))
        await service.aclose()


async def test_another_persons_key_is_not_taken(kit: Kit) -> None:
    async with Double() as relay:
        with pytest.raises(AuthError):
            await plugin().sign_in(request(relay, BO.nsec().reveal(), NPUB), Silent(), kit)


async def test_a_key_that_is_gone_means_signing_in_again(kit: Kit) -> None:
    async with Double() as relay:
        service = await opened(kit, [relay])
        kit.secrets.delete("nostr")
        with pytest.raises(AuthError, match="account add"):
            await service.page()


async def test_no_relay_answers(kit: Kit) -> None:
    async with Double() as relay:
        pass
    with pytest.raises(UnreachableError):
        await plugin().sign_in(request(relay, NPUB), Silent(), kit)


@pytest.mark.parametrize(
    ("status", "names", "vouched"),
    [
        (200, {"anna": ANNA.pubkey}, True),
        (200, {"anna": BO.pubkey}, False),
        (200, {}, False),
        (200, [], False),
        (302, {"anna": ANNA.pubkey}, False),
        (503, {"anna": ANNA.pubkey}, False),
    ],
)
async def test_a_name_counts_only_when_its_domain_says_so(kit: Kit, status: int, names: object, vouched: bool) -> None:
    asked: list[Request] = []

    async def handle(got: Request) -> Reply:
        asked.append(got)
        return Reply(status, {"names": names}, {"Location": "/other"})

    async with Double() as relay, Wire(handle) as domain:
        name = f"anna@127.0.0.1:{domain.port}"
        await relay.write(ANNA, 0, json.dumps({"name": "Anna", "nip05": name}), at=now())
        service = await opened(kit, [relay])
        profile = await service.verify()
        await service.aclose()
    assert profile.handle == (name if vouched else NPUB)
    assert (name in profile.text) is vouched
    assert [(got.path, got.query) for got in asked] == [("/.well-known/nostr.json", {"name": "anna"})]


@pytest.mark.parametrize(
    ("typed", "relays"),
    [
        ("wss://a.example", ("wss://a.example",)),
        ("https://a.example,wss://b.example/path", ("wss://a.example", "wss://b.example/path")),
        (
            "wss://a.example?relay=wss://b.example&relay=wss://c.example",
            ("wss://a.example", "wss://b.example", "wss://c.example"),
        ),
        ("a.example b.example", ("wss://a.example", "wss://b.example")),
        ("", ()),
    ],
)
def test_relays_as_an_address(typed: str, relays: tuple[str, ...]) -> None:
    assert relays_of(typed) == relays
    assert not relays or relays_of(address_of(relays)) == relays


@pytest.mark.parametrize("typed", ["ws://relay.example", "wss://10.0.0.1", "ftp://x", "wss://a@b.example"])
def test_what_is_no_relay(typed: str) -> None:
    with pytest.raises(UsageError):
        relays_of(typed)
