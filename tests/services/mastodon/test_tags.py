"""Tags that are followed like people: read where a server knows them, asked once where it does not."""

from __future__ import annotations

import pytest

from mbclient.core.abilities import TagFollowing
from mbclient.domain.errors import RejectedError, UnsupportedError
from mbclient.services.kit import Kit
from mbclient.services.mastodon.service import Mastodon
from tests.services.mastodon.conftest import opened
from tests.services.mastodon.test_login import Browser, sign_in
from tests.services.mastodon_server import MastodonServer

PATH = "/api/v1/followed_tags"


async def test_the_followed_tags_are_read(server: MastodonServer, service: Mastodon) -> None:
    tags: TagFollowing = service
    assert await tags.followed_tags() == ()
    server.people["anna"].tags += ["openssl", "säkerhet"]
    assert await tags.followed_tags() == ("openssl", "säkerhet")


async def test_nonsense_is_left_out(server: MastodonServer, service: Mastodon) -> None:
    server.fault("GET", PATH, "status", status=200, body=[{"name": "openssl"}, {"name": 7}, "x", {}])
    assert await service.followed_tags() == ("openssl",)
    server.fault("GET", PATH, "status", status=200, body={"error": "no list"})
    assert await service.followed_tags() == ()


async def test_a_server_without_them_is_asked_once(kit: Kit) -> None:
    async with MastodonServer("takahe") as server:
        service = opened(server, kit)
        for _round in range(2):
            with pytest.raises(UnsupportedError):
                await service.followed_tags()
        assert len(server.asked("GET", PATH)) == 1


@pytest.mark.parametrize("software", ["mastodon", "mastodon-4.2"])
async def test_who_signs_in_may_read_them(software: str, kit: Kit) -> None:
    """A right of its own where the server tells its rights one by one."""
    async with MastodonServer(software) as server:
        server.people["anna"].tags += ["openssl"]
        await sign_in(server, kit, Browser())
        assert await opened(server, kit).followed_tags() == ("openssl",)


async def test_a_token_of_before_has_none_to_tell_and_goes_on_working(
    server: MastodonServer, service: Mastodon
) -> None:
    server.people["anna"].tags += ["openssl"]
    await sign_in(server, service.api.kit, Browser())
    server.scopes["anna-token"].remove("read:follows")
    with pytest.raises(RejectedError, match="scopes"):  # a refusal, and no reason to sign in again
        await service.followed_tags()
    written = server.write(server.people["bo"], "hej").id
    assert [post.remote_id for post in (await service.page()).posts] == [written]
