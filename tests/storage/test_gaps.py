"""Holes in the feeds: each has a place of its own in the order of entries, and goes with its account or its time."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from mbclient.core.stores import Stores, ViewQuery
from mbclient.storage import open_stores
from tests.storage.posts import NOON, FixedClock, arrival, post


def test_a_gap_stands_between_the_posts_around_it_and_lasts(stores: Stores, data_dir: Path, clock: FixedClock) -> None:
    stores.archive.store([arrival(post(number)) for number in (1, 9)])
    upper = post(9).sorted_at
    gap = stores.gaps.mark("work", upper, NOON, "next")
    newest, oldest = stores.archive.page(ViewQuery())
    assert newest.key > gap.key > oldest.key
    again = open_stores(data_dir, clock)
    assert again.gaps.all() == [gap]
    again.gaps.close(gap)
    assert stores.gaps.all() == []
    again.close()


def test_two_accounts_gaps_have_two_places(stores: Stores) -> None:
    one, other = (stores.gaps.mark(name, NOON, NOON - timedelta(hours=1), "c") for name in ("work", "sky"))
    assert one.key != other.key
    assert stores.gaps.mark("work", NOON, NOON - timedelta(hours=2), "d").key == one.key
    assert [gap.cursor for gap in stores.gaps.all()] == ["d", "c"]


def test_gaps_go_with_their_account_and_with_what_is_pruned(stores: Stores) -> None:
    stores.gaps.mark("work", NOON, NOON, "c")
    stores.gaps.mark("sky", NOON - timedelta(days=40), NOON, "c")
    stores.archive.prune(keep=100, before=NOON - timedelta(days=30))
    assert [gap.account for gap in stores.gaps.all()] == ["work"]
    stores.archive.forget_account("work")
    assert stores.gaps.all() == []


def test_what_was_seen_stays_when_only_the_place_moves(stores: Stores) -> None:
    archive = stores.archive
    archive.set_place("work", 42, 50)
    archive.set_place("work", 41)
    assert (archive.place("work"), archive.seen("work")) == (41, 50)
    assert archive.seen("home") is None
