"""What was received, counted: each post once, told apart by what hid it."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mbclient.core.figurestores import HiddenBy, Received
from mbclient.core.stores import Stores, hidden_mark
from mbclient.domain.errors import StorageError
from mbclient.domain.post import Author
from mbclient.domain.safetext import SafeText
from mbclient.storage import open_stores
from tests.storage.posts import NOON, FixedClock, arrival, post

HOUR = timedelta(hours=1)
LATER = NOON + 2 * HOUR
HOURS = [(NOON, NOON + HOUR), (NOON + HOUR, LATER)]


def test_by_span_service_and_work(stores: Stores) -> None:
    related = replace(post(1), terms=("x",))
    boost = post(1, boosted_by=Author(SafeText("eva")), boost_id="b", boosted_at=NOON + timedelta(minutes=3))
    stores.archive.store([arrival(related, "work"), arrival(related, "work"), arrival(boost)])
    stores.archive.store([arrival(post(1, account="other"))])  # seen twice, boosted: still one
    stores.archive.store([arrival(post(2), "work")])  # shown for want of terms: not work-related
    stores.archive.store([arrival(post(3), "mine"), arrival(post(61)), arrival(post(500))])
    assert stores.tallies.received(HOURS) == [
        Received(NOON, "mastodon", (), HiddenBy.NOTHING, 1, 3),
        Received(NOON, "mastodon", ("x",), HiddenBy.NOTHING, 1, 3),
        Received(NOON + timedelta(hours=1), "mastodon", (), HiddenBy.FILTER, 1, 3),
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
    counted = {(one.hidden, one.number, one.words) for one in stores.tallies.received(HOURS)}
    assert counted == {(HiddenBy.MUTED, 2, 5), (HiddenBy.FILTER, 1, 1)}


def test_terms_are_counted_each(stores: Stores) -> None:
    texts = {1: ("b",), 2: ("a", "b"), 3: ("a",), 4: ("b",)}
    stores.archive.store([arrival(replace(post(n), terms=terms), "work") for n, terms in texts.items()])
    found = [(one.terms, one.related, one.number, one.words) for one in stores.tallies.received(HOURS)]
    assert found == [(("a",), True, 1, 3), (("a", "b"), True, 1, 3), (("b",), True, 2, 6)]


def test_damaged_marks_are_in_no_figure_of_work(stores: Stores, data_dir: Path) -> None:
    stores.archive.store([arrival(replace(post(1), terms=("a",)), "work"), arrival(post(2))])
    with closing(sqlite3.connect(data_dir / "mbclient.db")) as db, db:
        db.execute("UPDATE entry SET marks = 'x' WHERE related")
    assert [(one.terms, one.number) for one in stores.tallies.received(HOURS)] == [((), 1), ((), 1)]


def test_what_only_these_accounts_have_seen_is_left_out(stores: Stores) -> None:
    stores.archive.store([arrival(post(1)), arrival(post(1, account="anon")), arrival(post(2, account="anon"))])
    assert sum(one.number for one in stores.tallies.received(HOURS, without=("anon",))) == 1
    assert sum(one.number for one in stores.tallies.received(HOURS, without=("anon", "work"))) == 0


def test_an_empty_archive_has_no_oldest(stores: Stores) -> None:
    assert stores.tallies.oldest() is None
    assert list(stores.tallies.received(HOURS)) == []


def test_a_closed_data_file_is_not_opened_again(stores: Stores) -> None:
    stores.tallies.oldest()
    stores.close()
    with pytest.raises(StorageError):
        stores.tallies.oldest()


def test_words_follow_an_edit(stores: Stores) -> None:
    stores.archive.store([arrival(post(1, "one two three"))])
    edited = post(1, "one two", edited_at=NOON + timedelta(hours=1))
    stores.archive.store([arrival(edited)])
    assert [one.words for one in stores.tallies.received(HOURS)] == [2]


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans(), st.booleans(), st.integers(1, 5)), max_size=12))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_fates_and_services_add_up_to_all_that_came(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[tuple[bool, bool, bool, bool, int]]
) -> None:
    """`mine`, `muted`, `work` and hidden in it, in whatever mixture: each post fares in one way."""
    opened = open_stores(tmp_path_factory.mktemp("fates"), FixedClock())
    views = ("mine", hidden_mark("home"), "work", hidden_mark("work"))
    for number, (*wanted, words) in enumerate(drawn):
        chosen = [view for view, is_in in zip(views, wanted, strict=True) if is_in]
        one = post(number, "w " * words, service="nostr" if words == 2 else "mastodon")
        opened.archive.store([arrival(replace(one, terms=("x",) if words > 2 else ()), *chosen)])
    found = opened.tallies.received(HOURS)
    theirs = [one for one in drawn if not one[0]]
    assert sum(one.number for one in found) == len(theirs)
    assert sum(one.words for one in found) == sum(words for *_marks, words in theirs)
    muted = [one for one in theirs if one[1]]
    shown = [one for one in theirs if not one[1] and one[2] and not one[3]]
    by_fate = Counter({fate: sum(one.number for one in found if one.hidden is fate) for fate in HiddenBy})
    assert by_fate == {
        HiddenBy.MUTED: len(muted),
        HiddenBy.NOTHING: len(shown),
        HiddenBy.FILTER: len(theirs) - len(muted) - len(shown),
    }
    assert sum(one.number for one in found if one.terms == ("x",)) == sum(words > 2 for *_marks, words in theirs)
    opened.close()
