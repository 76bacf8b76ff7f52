"""The contract over feeds, in each of their formats: all that reading promises; the rest is skipped, for it cannot."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import pytest

from mbclient.core.ports import Page, Service
from mbclient.domain.post import Post
from mbclient.services.kit import Kit
from tests.hostile.mutations import Fuzz
from tests.services.bench import assert_all_safe
from tests.services.contract import AdapterContract, Bench, unique
from tests.services.feed.conftest import opened
from tests.services.feed.server import FeedSite, Walk
from tests.services.wire import Reply

FAULTS = {"auth": 401, "limited": 429, "down": 503, "refused": 403}


class FeedBench(Bench):
    """Time passes before each act: a feed is not asked twice within a quarter of an hour."""

    def __init__(self, site: FeedSite, kit: Kit, clock: Walk) -> None:
        super().__init__(opened(site.url, kit))
        self.site = site
        self.clock = clock

    async def seed(self, texts: Sequence[str]) -> list[str]:
        self.clock.on(minutes=16)
        return [self.site.write(text, self.clock.time) for text in texts]

    async def reply_as_other(self, post: Post, text: str) -> str:
        raise AssertionError("a feed has no replies")

    async def count(self, text: str) -> int:
        raise AssertionError("a feed has no posts of mine")

    async def spoil(self) -> None:
        self.clock.on(minutes=16)
        self.site.spoiled = True

    async def later(self) -> None:
        self.clock.on(minutes=16)

    async def fail(self, fault: str) -> None:
        self.clock.on(minutes=16)
        if fault == "garbage":
            self.site.answers.append(Reply(200, b"<html>upstream is tired</html>", {"Content-Type": "text/html"}))
        else:
            headers = {"Retry-After": "120"} if fault == "limited" else {}
            self.site.answers.append(Reply(FAULTS[fault], b"no", {"Content-Type": "text/plain", **headers}))


class TestContract(AdapterContract):
    @pytest.fixture(params=["rss", "atom", "json"])
    async def bench(self, request: pytest.FixtureRequest, kit: Kit, clock: Walk) -> AsyncIterator[Bench]:
        async with FeedSite(str(request.param)) as site:
            yield FeedBench(site, kit, clock)

    @pytest.mark.slow
    async def test_wrong_answers_crash_nothing(
        self, bench: Bench, service: Service, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
    ) -> None:
        """A feed is asked again when it is due and not before: days pass before each of the wrong answers."""
        assert isinstance(bench, FeedBench)
        await bench.seed([f"{unique()} https://example.org/x #tag", "another"])

        async def asked_again() -> Page:
            bench.clock.on(days=8)
            return await service.page()

        fuzz = Fuzz(monkeypatch)
        await fuzz.record(asked_again)
        survived = await fuzz.run(4_000, assert_all_safe)
        assert fuzz.given == 4_000
        assert survived > fuzz.given / 20
