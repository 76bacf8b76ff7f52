"""Newer entries without a cursor for newer: nothing lost, nothing twice, gaps seen."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbclient.core.ports import Page
from mbclient.domain.post import Author, Post
from mbclient.domain.safetext import SafeText
from mbclient.services.bluesky.cursors import Known, read_older, write_gap
from mbclient.services.bluesky.service import Bluesky
from tests.services.bluesky.double import Double
from tests.services.bluesky.support import opened_double
from tests.services.contract import all_newer
from tests.services.kit import kit_in

START = datetime(2026, 11, 24, 8, tzinfo=UTC)


def post(number: int, second: float | None = None) -> Post:
    at = START + timedelta(seconds=number if second is None else second)
    uri = f"at://did:plc:x/app.bsky.feed.post/{number}"
    return Post("bsky", "bluesky", uri, uri, Author(SafeText("a.test")), SafeText(str(number)), at)


@given(st.lists(st.integers(0, 200), unique=True, max_size=60), st.lists(st.integers(0, 200), unique=True, max_size=60))
def test_known_is_what_was_on_the_page_or_lies_below_it(page: list[int], now: list[int]) -> None:
    known = Known.read(Known.of([post(number) for number in page]).write())
    for number in now:
        assert known.fresh(post(number)) is (number not in page and (not page or number > min(page)))


def test_a_back_dated_post_among_known_ones_is_new() -> None:
    known = Known.of([post(5), post(1)])
    assert known.fresh(post(9, 3))
    assert not known.fresh(post(9, 0))


def test_a_boost_is_an_entry_of_its_own() -> None:
    known = Known.of([post(5)])
    boost = replace(post(5), boost_id="at://did:plc:y/app.bsky.feed.repost/1", boosted_at=START + timedelta(seconds=9))
    assert known.fresh(boost)
    assert not known.fresh(post(5))


def test_a_gap_carries_both_cursors() -> None:
    known = Known.of([post(5), post(6)])
    assert read_older(write_gap(known, "srv:1;2")) == (known, "srv:1;2")
    assert read_older("srv:1;2") == (None, "srv:1;2")


@pytest.mark.parametrize("cursor", ["", "page1", "page1:x:y", "page1::é", "page9:1:AAAA", "max_id=7", "gap1:"])
def test_a_foreign_cursor_knows_nothing(cursor: str) -> None:
    assert Known.read(cursor) in (Known(), Known.read("page1::"))


# ---------------------------------------------------------------- on the double


class Home:
    def __init__(self, double: Double, service: Bluesky) -> None:
        self.double, self.service = double, service

    def write(self, count: int) -> list[str]:
        return [self.double.write(self.double.other, f"post {number}").uri for number in range(count)]


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    async with Double() as double, kit_in(tmp_path) as kit:
        yield Home(double, await opened_double(double, kit))


async def fill(service: Bluesky, page: Page, limit: int) -> list[Post]:
    """As the core does: pages below a gap until one says that it is closed."""
    posts = list(page.posts)
    while not page.complete:
        assert page.older is not None
        page = await service.page(before=page.older, limit=limit)
        posts += page.posts
    return posts


async def test_a_long_absence_is_a_gap_that_closes(home: Home) -> None:
    home.write(8)
    page = await home.service.page(limit=5)
    assert page.newer is not None
    new = home.write(23)
    newer = await home.service.page(after=page.newer, limit=5)
    assert not newer.complete
    posts = await fill(home.service, newer, 5)
    assert [item.remote_id for item in posts if item.remote_id in new] == new[::-1]


async def test_a_gap_in_an_archive_that_was_empty_is_read_to_the_end(home: Home) -> None:
    page = await home.service.page(limit=5)
    assert page.newer is not None
    new = home.write(12)
    posts = await fill(home.service, await home.service.page(after=page.newer, limit=5), 5)
    assert [item.remote_id for item in posts] == new[::-1]


async def test_deleting_a_post_brings_no_old_one_as_new(home: Home) -> None:
    ids = home.write(9)
    page = await home.service.page(limit=5)
    assert page.newer is not None
    home.double.world.delete(ids[-1])
    assert (await home.service.page(after=page.newer, limit=5)).posts == ()


async def test_a_page_with_nothing_to_show_is_read_past(home: Home) -> None:
    ids = home.write(2)
    home.double.nonsense = [{} for _item in range(7)]
    page = await home.service.page(limit=5)
    assert [item.remote_id for item in page.posts] == ids[::-1]
    assert page.skipped == 7


async def test_one_by_one(home: Home) -> None:
    page = await home.service.page(limit=3)
    assert page.newer is not None
    cursor, known = page.newer, set[str]()
    for _round in range(5):
        new = home.write(1)
        posts = await all_newer(home.service, cursor, 3, known)
        assert [item.remote_id for item in posts] == new
        known |= {item.entry_id for item in posts}
        latest = await home.service.page(after=cursor, limit=3)
        assert latest.newer is not None
        cursor = latest.newer
