"""The contract against the real PDS and AppView."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from mbclient.core.ports import Service
from mbclient.domain.post import Post
from mbclient.services.bluesky.service import Bluesky
from tests.servers.bluesky import BlueskyAccount, BlueskyServer
from tests.servers.processes import READY_SECONDS
from tests.services.bluesky.support import now_text, opened
from tests.services.contract import AdapterContract, Bench, eventually
from tests.services.kit import kit_in

POST = "app.bsky.feed.post"


class NetworkBench(Bench):
    """ "me" follows "other"; both live on the same PDS."""

    patience = READY_SECONDS

    def __init__(self, service: Bluesky, server: BlueskyServer, me: BlueskyAccount, other: BlueskyAccount) -> None:
        super().__init__(service)
        self.server, self.me, self.other = server, me, other

    async def seed(self, texts: Sequence[str]) -> list[str]:
        ids = []
        for text in texts:
            stored = text.replace("\0", "")  # the AppView's database refuses the whole post with a NUL in it
            record = {"$type": POST, "text": stored, "createdAt": now_text()}
            ids.append(await asyncio.to_thread(self.server.create_record, self.other, POST, record))
            await asyncio.sleep(0.002)  # the next one is to be a later millisecond

        async def home() -> set[str]:
            return {post.remote_id for post in (await self.service.page(limit=100)).posts}

        assert set(ids) <= await eventually(home, set(ids).__le__, self.patience)
        return ids

    async def reply_as_other(self, post: Post, text: str) -> str:
        """Once the AppView has my post: it tells nobody of an answer that it indexes before what is answered."""

        async def seen() -> list[object]:
            query = {"uris": post.remote_id}
            answer = await asyncio.to_thread(self.server.get, "app.bsky.feed.getPosts", query, self.other.authorization)
            posts = answer["posts"]
            assert isinstance(posts, list)
            return posts

        assert await eventually(seen, bool, self.patience)
        ref = {"uri": post.remote_id, "cid": post.version}
        record = {"$type": POST, "text": text, "createdAt": now_text(), "reply": {"root": ref, "parent": ref}}
        return await asyncio.to_thread(self.server.create_record, self.other, POST, record)

    async def count(self, text: str) -> int:
        records = await asyncio.to_thread(self.server.records, self.me)
        return sum(1 for record in records if isinstance(record, dict) and record["value"]["text"] == text)


@pytest.mark.server
class TestContract(AdapterContract):
    @pytest.fixture
    async def bench(self, bluesky_network: BlueskyServer, tmp_path: Path) -> AsyncIterator[Bench]:
        me, other = bluesky_network.create_account(), bluesky_network.create_account()
        bluesky_network.follow(me, other)
        async with kit_in(tmp_path) as kit:
            service = await opened(bluesky_network, me, kit)
            yield NetworkBench(service, bluesky_network, me, other)

    async def test_bookmarks_are_there(self, service: Service) -> None:
        """Otherwise their test would be skipped without a word."""
        assert service.capabilities.bookmark
