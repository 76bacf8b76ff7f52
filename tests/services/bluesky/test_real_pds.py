"""Against the real PDS, without an AppView: logins, tokens, what a record may be, repeats."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from mbclient.core.ports import SignIn
from mbclient.domain.account import Account
from mbclient.domain.draft import Attachment
from mbclient.domain.errors import AuthError, RateLimitedError, RejectedError, UnreachableError
from mbclient.domain.secret import Secret
from mbclient.services.bluesky.plugin import BlueskyPlugin
from mbclient.services.bluesky.service import Bluesky
from mbclient.services.kit import Kit
from tests.servers.bluesky import BlueskyAccount, BlueskyServer
from tests.services.bluesky.pictures import gif, jpeg, png, riff, vp8, vp8x
from tests.services.bluesky.support import Keyring, Silent, keyring_kit, opened
from tests.services.contract import outgoing, unique

pytestmark = pytest.mark.server
POST = "app.bsky.feed.post"


class World:
    def __init__(
        self, server: BlueskyServer, me: BlueskyAccount, kit: Kit, keyring: Keyring, service: Bluesky, folder: Path
    ) -> None:
        self.server, self.me, self.kit, self.keyring, self.service = server, me, kit, keyring, service
        self.folder = folder

    def restarted(self) -> Bluesky:
        service = BlueskyPlugin(self.server.plc_url).open(self.service.account, self.kit)
        assert isinstance(service, Bluesky)
        return service

    def posts(self) -> list[dict[str, Any]]:
        return [record for record in self.server.records(self.me) if isinstance(record, dict)]

    async def publish(self, text: str, **fields: object) -> dict[str, Any]:
        """Publishes, and gives the record as the server keeps it."""
        published = await self.service.publish(await self.service.prepare(outgoing(text, **fields)))
        stored = next(record for record in self.posts() if record["uri"] == published.remote_id)
        value = stored["value"]
        assert isinstance(value, dict)
        return value

    def file(self, name: str, raw: bytes, alt: str = "") -> Attachment:
        path = self.folder / name
        path.write_bytes(raw)
        return Attachment(str(path), alt)


@pytest.fixture
async def world(bluesky_pds: BlueskyServer, tmp_path: Path) -> AsyncIterator[World]:
    me = bluesky_pds.create_account()
    async with keyring_kit(tmp_path) as (kit, keyring):
        service = await opened(bluesky_pds, me, kit)
        yield World(bluesky_pds, me, kit, keyring, service, tmp_path)


# ---------------------------------------------------------------- sessions


async def test_login_finds_who_and_where(world: World) -> None:
    account = world.service.account
    assert (account.remote_id, account.handle, account.url) == (world.me.did, world.me.handle, world.server.base_url)
    assert set(world.keyring.session()) == {"did", "pds", "login", "access", "refresh"}
    profile = await world.service.verify()  # the AppView is not needed
    assert (profile.handle, profile.remote_id) == (world.me.handle, world.me.did)


async def test_the_profile_is_read_from_the_repository(world: World) -> None:
    record = {"displayName": "Anna Ek", "description": "Acme AB", "website": "https://acme.example"}
    body = {"repo": world.me.did, "collection": "app.bsky.actor.profile", "rkey": "self", "record": record}
    world.server.post("com.atproto.repo.putRecord", body, world.me.authorization)
    profile = await world.service.verify()
    assert profile.name == "Anna Ek"
    assert {"Acme AB", "https://acme.example", world.me.handle} <= set(profile.text.split("\n"))


@pytest.mark.parametrize("password", ["aaaa-bbbb-cccc-dddd", "not an app password"])
async def test_a_wrong_password(world: World, password: str) -> None:
    account = Account("new", "bluesky", world.server.base_url, world.me.handle)
    with pytest.raises(AuthError) as caught:
        await BlueskyPlugin(world.server.plc_url).sign_in(SignIn(account, Secret(password)), Silent(), world.kit)
    assert ("does not look like an app password" in str(caught.value)) is (" " in password)


async def test_an_identity_that_does_not_name_the_handle(world: World) -> None:
    """The server knows the handle, another directory does not know the DID: nothing is sent there."""
    account = Account("new", "bluesky", world.server.base_url, world.me.handle)
    plugin = BlueskyPlugin(world.server.base_url)  # a host that is no directory
    with pytest.raises((RejectedError, UnreachableError)):
        await plugin.sign_in(SignIn(account, Secret("aaaa-bbbb-cccc-dddd")), Silent(), world.kit)


async def test_an_expired_token_is_renewed(world: World) -> None:
    before = world.keyring.session()
    world.keyring.change(access=world.server.mint_expired_access(world.me.did))
    service = world.restarted()
    await asyncio.gather(*(service.verify() for _ in range(4)))
    after = world.keyring.session()
    assert after["refresh"] != before["refresh"]
    assert len(world.keyring.history) == 2  # the login's and one renewal


async def test_the_old_refresh_token_is_good_within_the_grace(world: World) -> None:
    """As after a crash between the server's answer and the keyring."""
    before = world.keyring.session()
    expired = world.server.mint_expired_access(world.me.did)
    for _crash in range(2):
        world.keyring.change(access=expired, refresh=before["refresh"])
        await world.restarted().verify()
    assert world.keyring.session()["refresh"] != before["refresh"]


async def test_a_revoked_session_is_signed_out(world: World) -> None:
    bearer = {"Authorization": f"Bearer {world.keyring.session()['refresh']}"}
    url = f"{world.server.base_url}/xrpc/com.atproto.server.deleteSession"
    assert (await asyncio.to_thread(httpx.post, url, headers=bearer, trust_env=False)).is_success
    world.keyring.change(access=world.server.mint_expired_access(world.me.did))
    service = world.restarted()
    for _attempt in range(2):
        with pytest.raises(AuthError, match="sign in again"):
            await service.verify()


async def test_signing_out_ends_the_session(world: World) -> None:
    await world.service.sign_out()
    world.keyring.change(access=world.server.mint_expired_access(world.me.did))
    with pytest.raises(AuthError, match="sign in again"):
        await world.restarted().verify()


async def test_damaged_tokens_are_signed_out(world: World) -> None:
    world.keyring.change(access="garbage", refresh="garbage")
    with pytest.raises(AuthError, match="sign in again"):
        await world.restarted().verify()


async def test_logins_are_limited_and_starts_are_not(bluesky_pds_limited: BlueskyServer, tmp_path: Path) -> None:
    me = bluesky_pds_limited.create_account()
    async with keyring_kit(tmp_path) as (kit, _keyring):
        service = await opened(bluesky_pds_limited, me, kit)
        for _start in range(40):
            restarted = BlueskyPlugin(bluesky_pds_limited.plc_url).open(service.account, kit)
            await restarted.verify()
        request = SignIn(service.account, Secret("aaaa-bbbb-cccc-dddd"))
        with pytest.raises(RateLimitedError) as caught:  # noqa: PT012  # which of them is refused is the server's
            for _login in range(31):
                try:
                    await BlueskyPlugin(bluesky_pds_limited.plc_url).sign_in(request, Silent(), kit)
                except AuthError:
                    continue
        assert timedelta(0) < caught.value.until - datetime.now(UTC) <= timedelta(minutes=5)
        await service.verify()


async def test_without_an_appview_reading_is_unreachable_and_writing_works(world: World) -> None:
    with pytest.raises(UnreachableError):
        await world.service.page()
    text = unique()
    await world.publish(text)
    assert [post.text for post in await world.service.own_posts(datetime.now(UTC) - timedelta(minutes=5))] == [text]


# ---------------------------------------------------------------- records


async def test_the_server_agrees_on_every_facet(world: World) -> None:
    other = world.server.create_account()
    text = f"👩‍👩‍👧‍👦 åäö @{other.handle} läs https://example.org/å?b=1, (example.com) #säkerhet! @nobody.test"
    record = await world.publish(text, lang="sv")
    raw = record["text"].encode()
    shown = [raw[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode() for facet in record["facets"]]
    assert shown == [f"@{other.handle}", "https://example.org/å?b=1", "example.com", "#säkerhet"]
    assert record["facets"][0]["features"][0]["did"] == other.did
    (own,) = await world.service.own_posts(datetime.now(UTC) - timedelta(minutes=5))
    assert (own.text, own.lang, own.tags, own.mentions) == (text, "sv", ("säkerhet",), (other.handle,))
    assert [link.url for link in own.links] == ["https://example.org/%C3%A5?b=1", "https://example.com"]


FAMILY = "👩‍👩‍👧‍👦"


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("å" * 300, True),
        ("å" * 301, False),
        ("e\u0301" * 300, True),
        ("e\u0301" * 301, False),
        (FAMILY * 120, True),
        (FAMILY * 121, False),
        ("🇸🇪" * 300, True),
        ("🇸🇪" * 301, False),
        ("👍🏽" * 300, True),
        ("👍🏽" * 301, False),
        ("a\r\nb" * 100, True),
        ("कि" * 300, True),
    ],
)
async def test_counting_agrees_with_the_server(world: World, text: str, fits: bool) -> None:
    assert (world.service.measure(text).over == 0) is fits
    if fits:
        assert (await world.publish(text))["text"] == text
    else:
        with pytest.raises(RejectedError, match="too big"):
            await world.publish(text)
        assert not world.posts()


async def test_all_picture_types_with_alt(world: World) -> None:
    media = (
        world.file("a.png", png(640, 480), "En katt å 👩‍👩‍👧‍👦"),
        world.file("b.jpg", jpeg(30, 20)),
        world.file("c.gif", gif(30, 20)),
        world.file("d.webp", riff(vp8x(30, 20), vp8(30, 20))),
    )
    record = await world.publish("Bilder", media=media)
    images = record["embed"]["images"]
    assert [image["alt"] for image in images] == ["En katt å 👩‍👩‍👧‍👦", "", "", ""]
    assert images[0]["aspectRatio"] == {"width": 640, "height": 480}
    assert [image["image"]["mimeType"].split("/")[0] for image in images] == ["image"] * 4


async def test_a_picture_of_the_size_that_is_allowed(world: World) -> None:
    record = await world.publish("Stor", media=(world.file("a.png", png(size=2_000_000)),))
    assert record["embed"]["images"][0]["image"]["size"] == 2_000_000


# ---------------------------------------------------------------- repeats


async def test_eight_publishes_at_once_are_one_post(world: World) -> None:
    prepared = await world.service.prepare(outgoing(unique()))
    published = await asyncio.gather(*(world.service.publish(prepared) for _ in range(8)))
    assert len({item.remote_id for item in published}) == 1
    assert len(world.posts()) == 1


async def test_a_repeat_changes_nothing(world: World) -> None:
    prepared = await world.service.prepare(outgoing(unique("å"), lang="sv"))
    await world.service.publish(prepared)
    before = world.posts()
    await world.service.publish(prepared)
    await world.restarted().publish(prepared)
    assert world.posts() == before


async def test_prepared_again_with_other_bytes_is_still_one_post(world: World) -> None:
    post = outgoing(unique())
    first = await world.service.publish(await world.service.prepare(post))
    again: dict[str, Any] = dict(await world.service.prepare(post))
    again["record"] = again["record"] | {"createdAt": "2026-11-24T08:00:00.000Z"}
    second = await world.service.publish(again)
    assert second.remote_id == first.remote_id
    again["record"] = again["record"] | {"text": "something else"}
    with pytest.raises(RejectedError) as caught:
        await world.service.publish(again)
    assert caught.value.code == "InvalidSwap"
    assert len(world.posts()) == 1


async def test_more_posts_than_a_page_are_all_counted(world: World) -> None:
    """More than one page of records, of which one lies back in time."""
    writes = []
    for number in range(130):
        minute = "1999-01-01T00:00:00.000Z" if number == 100 else f"2026-11-24T08:{number % 60:02d}:00.000Z"
        value = {"$type": POST, "text": f"{number}", "createdAt": minute}
        writes.append({"$type": "com.atproto.repo.applyWrites#create", "collection": POST, "value": value})
    world.server.post("com.atproto.repo.applyWrites", {"repo": world.me.did, "writes": writes}, world.me.authorization)
    posts = await world.service.own_posts(datetime(2026, 1, 1, tzinfo=UTC))
    assert {post.text for post in posts} == {str(number) for number in range(130)} - {"100"}


async def test_deleting_what_is_gone(world: World) -> None:
    published = await world.service.publish(await world.service.prepare(outgoing(unique())))
    assert published.post is not None
    await world.service.delete(published.post)
    await world.service.delete(published.post)
    assert not world.posts()
