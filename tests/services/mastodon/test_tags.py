"""Tags that are followed like people: read where a server knows them, asked once where it does not."""

from __future__ import annotations

import pytest

from mbclient.core.ports import TagFollowing
from mbclient.domain.errors import UnsupportedError
from mbclient.services.kit import Kit
from mbclient.services.mastodon.service import Mastodon
from tests.services.mastodon.conftest import opened
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
