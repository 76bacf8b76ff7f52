"""What was received, counted: each post once, told apart by what hid it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from mbclient.core.figurestores import HiddenBy, Received
from mbclient.core.stores import Stores, hidden_mark
from mbclient.domain.errors import StorageError
from mbclient.domain.post import Author
from mbclient.domain.safetext import SafeText
from tests.storage.posts import NOON, arrival, post

LATER = NOON + timedelta(hours=2)


def test_by_hour_service_and_work(stores: Stores) -> None:
    related = replace(post(1), terms=("x",))
    boost = post(1, boosted_by=Author(SafeText("eva")), boost_id="b", boosted_at=NOON + timedelta(minutes=3))
    stores.archive.store([arrival(related, "work"), arrival(related, "work"), arrival(boost)])
    stores.archive.store([arrival(post(1, account="other"))])  # seen twice, boosted: still one
    stores.archive.store([arrival(post(2), "work")])  # shown for want of terms: not work-related
    stores.archive.store([arrival(post(3), "mine"), arrival(post(61)), arrival(post(500))])
    assert stores.tallies.received(NOON, LATER) == [
        Received(NOON, "mastodon", False, HiddenBy.NOTHING, 1, 3),
        Received(NOON, "mastodon", True, HiddenBy.NOTHING, 1, 3),
        Received(NOON + timedelta(hours=1), "mastodon", False, HiddenBy.FILTER, 1, 3),
    ]
    assert stores.tallies.oldest() == NOON


def test_a_mute_counts_as_one_also_where_the_filter_would_hide_it(stores: Stores) -> None:
    muted = hidden_mark("home")
    stores.archive.store(
        [
            arrival(post(1, "one two"), muted),
            arrival(post(2, "one two three"), "work", muted, hidden_mark("work")),
            arrival(post(3, "one"), "work", hidden_mark("work")),  # a boost or a reply that Work hides
        ]
    )
    counted = {(one.hidden, one.number, one.words) for one in stores.tallies.received(NOON, LATER)}
    assert counted == {(HiddenBy.MUTED, 2, 5), (HiddenBy.FILTER, 1, 1)}


def test_terms_are_counted_most_first(stores: Stores) -> None:
    texts = {1: ("b",), 2: ("a", "b"), 3: ("a",), 4: ("b",)}
    stores.archive.store([arrival(replace(post(n), terms=terms), "work") for n, terms in texts.items()])
    assert list(stores.tallies.received_by_term(NOON, LATER)) == [("b", 3), ("a", 2)]


def test_what_only_these_accounts_have_seen_is_left_out(stores: Stores) -> None:
    stores.archive.store([arrival(post(1)), arrival(post(1, account="anon")), arrival(post(2, account="anon"))])
    assert sum(one.number for one in stores.tallies.received(NOON, LATER, without=("anon",))) == 1
    assert sum(one.number for one in stores.tallies.received(NOON, LATER, without=("anon", "work"))) == 0


def test_an_empty_archive_has_no_oldest(stores: Stores) -> None:
    assert stores.tallies.oldest() is None
    assert list(stores.tallies.received(NOON, LATER)) == []


def test_a_closed_data_file_is_not_opened_again(stores: Stores) -> None:
    stores.tallies.oldest()
    stores.close()
    with pytest.raises(StorageError):
        stores.tallies.oldest()
