"""What these tests share: a kit, anna's account, and the contract's bench."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import pytest

from mbclient.domain.account import Account
from mbclient.domain.post import Post
from mbclient.domain.secret import Secret
from mbclient.services.bloggy.service import Bloggy
from mbclient.services.kit import Kit
from tests.services.bloggy.server import BloggyServer
from tests.services.contract import Bench

FAULTS = {"auth": 401, "limited": 429, "down": 503, "refused": 403}


@pytest.fixture
async def server() -> AsyncIterator[BloggyServer]:
    async with BloggyServer() as server:
        yield server


@pytest.fixture
async def plain_server() -> AsyncIterator[BloggyServer]:
    async with BloggyServer(api=False) as server:
        yield server


async def opened(server: BloggyServer, kit: Kit, **fields: str) -> Bloggy:
    """anna's account, with her password in the kit's secrets."""
    me = "1" if server.api else "anna"
    account = Account("work", "bloggy", server.url, f"anna@127.0.0.1:{server.wire.port}", remote_id=me)
    kit.secrets.set("work", Secret("anna-password"))
    service = Bloggy(replace(account, **fields), kit)  # type: ignore[arg-type]  # only texts are given
    await service.load_capabilities()
    return service


class BloggyBench(Bench):
    """With the API bo, whom anna follows, writes; without it home is anna's own RSS."""

    def __init__(self, service: Bloggy, server: BloggyServer) -> None:
        super().__init__(service)
        self.server = server

    async def seed(self, texts: Sequence[str]) -> list[str]:
        who = self.server.people["bo" if self.server.api else "anna"]
        return [str(self.server.write(who, text).id) for text in texts]

    async def reply_as_other(self, post: Post, text: str) -> str:
        return str(self.server.write(self.server.people["bo"], text, parent=int(post.remote_id)).id)

    async def count(self, text: str) -> int:
        return len(self.server.by(self.server.people["anna"], text))

    async def spoil(self) -> None:
        self.server.nonsense = [None, 7, {"id": 1}]

    async def fail(self, fault: str) -> None:
        place = "statuses/friends_timeline.json" if self.server.api else "anna/rss"
        if fault == "garbage":
            self.server.fault("GET", place, "garbage")
        else:
            self.server.fault("GET", place, "status", status=FAULTS[fault], body={"error": "no"})

    async def lose_answer(self) -> None:
        self.server.fault("GET", "post", "drop-after")
