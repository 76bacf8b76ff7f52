"""The archive within its bounds: what goes, what stays however old, and that nothing speaks of what is gone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from itertools import islice, takewhile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mbclient.core.preferences import Bounds
from mbclient.core.stores import Archive, OutboxRow, SavedDraft, SendState, Stores, ViewQuery
from mbclient.domain.draft import Draft, Kind
from mbclient.domain.post import Mine
from mbclient.policy.model import LedgerEntry
from mbclient.storage import open_stores
from mbclient.storage.pruning import PORTION
from tests.benchmarks.archives import filled_archive, pour
from tests.benchmarks.corpus import Corpus
from tests.storage.posts import NOON, FixedClock, arrival, post

EVERYTHING, WORK = ViewQuery(), ViewQuery("work")


@pytest.fixture
def archive(stores: Stores) -> Archive:
    return stores.archive


def texts(archive: Archive, query: ViewQuery = EVERYTHING) -> list[str]:
    return [str(entry.post.text) for entry in archive.page(query)]


def fill(archive: Archive, numbers: Iterable[int], *views: str) -> None:
    archive.store([arrival(post(number, str(number)), *views) for number in numbers])


def prune(archive: Archive, keep: int, minutes: int) -> int:
    """Until nothing is left to do; how many went."""
    before = NOON + timedelta(minutes=minutes)
    return sum(takewhile(bool, iter(lambda: archive.prune(keep=keep, before=before), None)))


def test_old_and_too_many_go_own_and_bookmarked_stay(archive: Archive) -> None:
    archive.store([arrival(post(0, "own"), "mine"), arrival(post(1, "marked", mine=Mine(bookmarked=True)))])
    fill(archive, range(2, 12), "work")
    assert archive.prune(keep=100, before=NOON) == 0
    assert archive.prune(keep=100, before=NOON + timedelta(minutes=4)) == 2
    assert archive.prune(keep=5, before=NOON) == 3
    assert archive.prune(keep=5, before=NOON) == 0
    assert texts(archive) == ["11", "10", "9", "8", "7", "marked", "own"]
    assert archive.count(WORK) == 5
    assert not archive.search("3")


def test_much_goes_in_portions(archive: Archive) -> None:
    fill(archive, range(2 * PORTION + 20))
    portions = [archive.prune(keep=0, before=NOON) for _ in range(4)]
    assert portions == [PORTION, PORTION, 20, 0]


def test_what_somebody_may_still_look_for_stays(stores: Stores) -> None:
    """What the ledger counts, what a draft and the outbox are about, and the place of reading."""
    archive = stores.archive
    fill(archive, range(20))
    archive.store([arrival(post(6, "6", account="home"))])
    stores.ledger.record([LedgerEntry(NOON, "work", "mastodon", remote_id="work-2")])
    answer = Draft("yes", accounts=("work",), kind=Kind.REPLY, reply_to="work:work-4")
    stores.drafts.save(SavedDraft("d1", answer, 0, NOON))
    boost = Draft("", accounts=("home",), kind=Kind.BOOST, boost_of="home:home-6")
    stores.outbox.add([OutboxRow("o1", "home", "k1", boost, SendState.QUEUED, NOON, NOON)])
    (reading,) = archive.search("8")
    archive.set_place("home", reading.key)
    assert prune(archive, 1, 0) == 15
    assert texts(archive) == ["19", "8", "6", "4", "2"]
    stores.drafts.delete("d1")
    assert prune(archive, 1, 0) == 1
    assert texts(archive) == ["19", "8", "6", "2"]


@given(st.sets(st.integers(0, 30)), st.integers(0, 30), st.integers(0, 30))
@settings(max_examples=15)
def test_search_counts_and_views_know_what_is_left_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, numbers: set[int], keep: int, minutes: int
) -> None:
    stores = open_stores(tmp_path_factory.mktemp("pruned"), FixedClock())
    archive = stores.archive
    fill(archive, sorted(numbers), "work")
    prune(archive, keep, minutes)
    left = [str(number) for number in sorted(numbers, reverse=True)[:keep] if number >= minutes]
    assert texts(archive) == texts(archive, WORK) == left
    assert {number for number in map(str, numbers) if archive.search(number)} == set(left)
    assert (archive.count(EVERYTHING), archive.count(WORK)) == (len(left), len(left))
    stores.close()


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_default_bounds_keep_the_file_below_two_hundred_megabytes(data_dir: Path) -> None:
    """A tenth more than they allow comes in, and is pruned as a refresh does it."""
    keep = Bounds().keep_posts
    stores = filled_archive(data_dir, keep)
    sizes = [size(data_dir)]
    pour(stores.archive, islice(Corpus().arrivals(keep + keep // 10), keep, None))
    while stores.archive.prune(keep=keep, before=NOON - timedelta(days=3650)):
        continue
    assert stores.archive.count(EVERYTHING) == keep
    stores.close()
    sizes.append(size(data_dir))
    assert 10_000_000 < max(sizes) <= 200_000_000


def size(data_dir: Path) -> int:
    """Of the data file with its log."""
    return sum(path.stat().st_size for path in data_dir.glob("mbclient.db*"))
