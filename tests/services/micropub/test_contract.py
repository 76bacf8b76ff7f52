"""The contract over one's own site, however it lists its posts, and over micro.blog."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from mbclient.services.kit import Kit
from tests.services.contract import AdapterContract, Bench
from tests.services.micropub.conftest import BlogBench, SiteBench, opened
from tests.services.micropub.microblog import MicroBlog
from tests.services.micropub.server import MicropubSite, Settings

SITES = {
    "newest first": Settings(),
    "oldest first, by cursor": Settings(newest_first=False, paging="after", answer=202),
    "own slugs and times": Settings(keeps_slug=True, keeps_time=False),
}


class TestOwnSite(AdapterContract):
    @pytest.fixture(params=SITES)
    async def bench(self, request: pytest.FixtureRequest, kit: Kit) -> AsyncIterator[Bench]:
        async with MicropubSite(SITES[str(request.param)]) as site:
            site.config = {"visibility": ["public", "unlisted", "private"]}
            yield SiteBench(await opened(site, kit), site)


class TestMicroBlog(AdapterContract):
    @pytest.fixture
    async def bench(self, kit: Kit, microblog: MicroBlog) -> Bench:
        return BlogBench(await opened(microblog, kit), microblog)
