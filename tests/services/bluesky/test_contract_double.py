"""The contract against the double: the same suite as against the real servers, and the faults on top."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from mbclient.domain.post import Post
from mbclient.services.bluesky import PLUGIN
from mbclient.services.bluesky.service import Bluesky
from tests.services.bluesky.double import Double
from tests.services.bluesky.oauth_double import OAuthDouble
from tests.services.bluesky.records import POST
from tests.services.bluesky.support import opened_double
from tests.services.bluesky.test_oauth import Browser, sign_in
from tests.services.contract import AdapterContract, Bench
from tests.services.kit import kit_in

TIMELINE = "app.bsky.feed.getTimeline"
FAULTS = {
    "auth": ("error", 401, "AuthenticationRequired"),
    "limited": ("error", 429, "RateLimitExceeded"),
    "down": ("error", 503, "InternalServerError"),
    "refused": ("error", 400, "InvalidRequest"),
    "garbage": ("garbage", 200, ""),
}


class DoubleBench(Bench):
    def __init__(self, service: Bluesky, double: Double) -> None:
        super().__init__(service)
        self.double = double

    async def seed(self, texts: Sequence[str]) -> list[str]:
        return [self.double.write(self.double.other, text).uri for text in texts]

    async def reply_as_other(self, post: Post, text: str) -> str:
        ref = {"uri": post.remote_id, "cid": post.version}
        double = self.double
        made = double.write(double.other, text, reply={"root": ref, "parent": ref})
        view = made.ref | {"author": double.other.view, "reason": "reply", "record": made.value, "isRead": False}
        double.notifications.insert(0, view | {"indexedAt": made.indexed, "reasonSubject": post.remote_id})
        return made.uri

    async def count(self, text: str) -> int:
        return sum(1 for record in self.double.me.records(POST) if record.value["text"] == text)

    async def spoil(self) -> None:
        self.double.nonsense = [None, "x", {}, {"post": {"uri": "at://x"}}, {"post": {"record": []}}]

    async def fail(self, fault: str) -> None:
        kind, status, name = FAULTS[fault]
        self.double.fault(TIMELINE, kind, status, name)

    async def lose_answer(self) -> None:
        self.double.fault("com.atproto.repo.putRecord", "drop-after")


class TestContract(AdapterContract):
    @pytest.fixture
    async def bench(self, tmp_path: Path) -> AsyncIterator[Bench]:
        async with Double() as double, kit_in(tmp_path) as kit:
            yield DoubleBench(await opened_double(double, kit), double)


class TestContractByTheBrowser(AdapterContract):
    """The same, with each request proven by a key and a nonce that changes with each answer."""

    @pytest.fixture
    async def bench(self, tmp_path: Path) -> AsyncIterator[Bench]:
        async with OAuthDouble() as double, kit_in(tmp_path) as kit:
            double.proofs.steady = False
            signed = await sign_in(double, kit, Browser(double))
            service = PLUGIN.open(signed.account, kit)
            assert isinstance(service, Bluesky)
            yield DoubleBench(service, double)
