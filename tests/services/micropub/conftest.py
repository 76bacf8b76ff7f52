"""What these tests share: a kit, an account, the doubles, and the contract's benches."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from mbclient.domain.account import Account
from mbclient.domain.post import Post
from mbclient.domain.secret import Secret
from mbclient.services.kit import Kit
from mbclient.services.micropub.service import Micropub
from tests.services.contract import Bench
from tests.services.micropub.microblog import MicroBlog
from tests.services.micropub.server import MicropubSite, Server

FAULTS = {"auth": 401, "limited": 429, "down": 503, "refused": 409}


@pytest.fixture
async def site() -> AsyncIterator[MicropubSite]:
    async with MicropubSite() as site:
        yield site


@pytest.fixture
async def microblog() -> AsyncIterator[MicroBlog]:
    async with MicroBlog() as server:
        yield server


async def opened(server: Server, kit: Kit, token: str = "", **fields: Any) -> Micropub:
    """The site's or anna's account, its token in the kit's secrets, its configuration read."""
    host = f"127.0.0.1:{server.wire.port}"
    handle, me = (f"anna@{host}", "anna") if isinstance(server, MicroBlog) else (host, f"{server.url}/")
    kit.secrets.set("work", Secret(token or "site-token"))
    service = Micropub(Account("work", "micropub", server.url, handle, me, **fields), kit)
    await service.load_capabilities()
    return service


class SiteBench(Bench):
    """The contract's hands on one's own site: it is all that home has."""

    def __init__(self, service: Micropub, site: MicropubSite) -> None:
        super().__init__(service)
        self.site = site

    async def seed(self, texts: Sequence[str]) -> list[str]:
        return [self.site.write(text) for text in texts]

    async def reply_as_other(self, post: Post, text: str) -> str:
        raise AssertionError("nobody else writes on one's own site")

    async def count(self, text: str) -> int:
        return len(self.site.by(text))

    async def spoil(self) -> None:
        self.site.nonsense = [None, 7, "x", [], {"properties": {"url": ["x"]}}]

    async def fail(self, fault: str) -> None:
        if fault == "garbage":
            self.site.fault("GET", "/endpoint", "garbage")
        else:
            self.site.fault("GET", "/endpoint", "status", status=FAULTS[fault], body={"error": "no"})

    async def lose_answer(self) -> None:
        self.site.fault("POST", "/endpoint", "drop-after")


class BlogBench(Bench):
    """Likewise on micro.blog, where bo writes too."""

    def __init__(self, service: Micropub, server: MicroBlog) -> None:
        super().__init__(service)
        self.server = server

    async def seed(self, texts: Sequence[str]) -> list[str]:
        return [self.server.address(self.server.write("bo", text)) for text in texts]

    async def reply_as_other(self, post: Post, text: str) -> str:
        parent = next(item for item in self.server.items.values() if self.server.address(item) == post.remote_id)
        return self.server.address(self.server.write("bo", text, root=parent.root))

    async def count(self, text: str) -> int:
        return len(self.server.by("anna", text))

    async def spoil(self) -> None:
        self.server.nonsense = [
            None,
            7,
            "x",
            [],
            {"id": 1},
            {"id": "2", "url": "https://x.example/", "content_html": 3},
        ]

    async def fail(self, fault: str) -> None:
        if fault == "garbage":
            self.server.fault("GET", "/posts/timeline", "garbage")
        else:
            self.server.fault("GET", "/posts/timeline", "status", status=FAULTS[fault], body={"error": "no"})

    async def lose_answer(self) -> None:
        self.server.fault("POST", "/micropub", "drop-after")


def now() -> datetime:
    return datetime.now(UTC)
