"""What the feed tests share: a site, a clock that is set by hand, a kit, the adapter."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from mbclient.domain.account import Account
from mbclient.services.feed.service import FeedService
from mbclient.services.http import Http
from mbclient.services.kit import Kit
from tests.services.feed.server import FeedSite, Walk
from tests.services.kit import MemorySecrets


@pytest.fixture
def clock() -> Walk:
    return Walk()


@pytest.fixture
async def kit(tmp_path: Path, clock: Walk) -> AsyncIterator[Kit]:
    http = Http(clock)
    try:
        yield Kit(http, MemorySecrets(), clock, tmp_path / "mbclient.db", tmp_path / "cache")
    finally:
        await http.aclose()


@pytest.fixture
async def site() -> AsyncIterator[FeedSite]:
    async with FeedSite() as site:
        yield site


def opened(url: str, kit: Kit, **fields: str) -> FeedService:
    return FeedService(replace(Account("news", "feed", url), **fields), kit)  # type: ignore[arg-type]  # texts only


@pytest.fixture
def service(site: FeedSite, kit: Kit) -> FeedService:
    return opened(site.url, kit)
