"""The archive: one order, one entry a post, views that page by key."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import count, permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mbclient.core.ports import HOME, Feed
from mbclient.core.stores import Archive, Arrival, Entry, FeedState, Stores, ViewQuery
from mbclient.domain.poll import Choice, Poll
from mbclient.domain.post import (
    Author,
    Counts,
    Mine,
    Notification,
    NotificationKind,
    Post,
    PostKind,
    Quoted,
)
from mbclient.domain.safetext import SafeText
from mbclient.storage import archive as archive_module
from mbclient.storage import open_stores, shelf
from mbclient.storage.codec_posts import encode_author
from mbclient.storage.packing import pack, read_post
from tests.storage.posts import NOON, FixedClock, arrival, post

_PLACES = count(0, 10)
EVERYTHING, WORK = ViewQuery(), ViewQuery("work")


@pytest.fixture
def archive(stores: Stores) -> Archive:
    return stores.archive


def texts(archive: Archive, query: ViewQuery = EVERYTHING, **how: int) -> list[str]:
    return [str(entry.post.text) for entry in archive.page(query, **how)]


def boost(name: str, minute: int, *, number: int = 1, **fields: Any) -> Post:
    """`name` boosts the post `number` so many minutes after noon."""
    return post(
        number,
        kind=PostKind.BOOST,
        boosted_by=Author(SafeText(name)),
        boost_id=f"b-{name}",
        boosted_at=NOON + timedelta(minutes=minute),
        **fields,
    )


def _accounts(entry: Entry, place: int) -> Iterator[tuple[str, int]]:
    """Which account knows the entry under which number, counted from `place`."""
    for name in (entry.post.id, *entry.post.also):
        account, _dash, number = name.partition(":")[2].partition("-")
        yield account, int(number) - place


def fill(archive: Archive, numbers: range, *views: str) -> None:
    archive.store([arrival(post(number, str(number)), *views) for number in numbers])


class TestPaging:
    def test_newest_first_whatever_the_order_of_arrival(self, archive: Archive) -> None:
        archive.store([arrival(post(number, str(number))) for number in (3, 1, 4, 2)])
        assert texts(archive) == ["4", "3", "2", "1"]

    def test_pages_downwards_and_upwards_meet(self, archive: Archive) -> None:
        fill(archive, range(10))
        first = archive.page(EVERYTHING, limit=4)
        second = archive.page(EVERYTHING, before=first[-1].key, limit=4)
        assert [str(entry.post.text) for entry in second] == ["5", "4", "3", "2"]
        above = archive.page(EVERYTHING, after=second[-1].key, limit=3)
        assert [str(entry.post.text) for entry in above] == ["5", "4", "3"]  # directly above, not the newest

    def test_between_two_keys(self, archive: Archive) -> None:
        fill(archive, range(10))
        keys = [entry.key for entry in archive.page(EVERYTHING)]
        assert texts(archive, after=keys[7], before=keys[4]) == ["4", "3"]

    @pytest.mark.parametrize(("places", "posts"), [(8, 20), pytest.param(4096, 5000, marks=pytest.mark.slow)])
    def test_posts_of_one_millisecond_all_have_a_place(
        self, archive: Archive, monkeypatch: pytest.MonkeyPatch, places: int, posts: int
    ) -> None:
        """Even where there are more of them than places in a millisecond."""
        monkeypatch.setattr(shelf, "TIEBREAKS", places)
        archive.store([arrival(post(n, str(n), created_at=NOON)) for n in range(posts)])
        assert len({entry.key for entry in archive.page(EVERYTHING, limit=6000)}) == posts

    def test_the_key_is_time_first(self, archive: Archive) -> None:
        stored = archive.store([arrival(post(1))])
        assert stored.new[0].key // 4096 == int((NOON + timedelta(minutes=1)).timestamp() * 1000)

    @pytest.mark.parametrize("peek", [True, False])
    @pytest.mark.parametrize("upwards", [True, False])
    def test_no_page_is_sorted(self, archive: Archive, data_dir: Path, upwards: bool, peek: bool) -> None:
        with sqlite3.connect(data_dir / "mbclient.db") as db:
            plan = " ".join(
                row[3]
                for row in db.execute(
                    f"EXPLAIN QUERY PLAN {archive_module.page_statement(upwards=upwards, peek=peek)}",
                    ("home", "", 0, 1, *(() if peek else ("hidden",)), 40),
                )
            )
        db.close()
        assert "SCAN" not in plan
        assert "SEARCH entry_view USING PRIMARY KEY" in plan
        assert "TEMP B-TREE" not in plan


class TestViews:
    def test_home_is_everything_and_a_view_its_own(self, archive: Archive) -> None:
        archive.store([arrival(post(1, "in"), "work"), arrival(post(2, "out"))])
        assert texts(archive) == ["out", "in"]
        assert texts(archive, WORK) == ["in"]
        assert archive.page(EVERYTHING)[1].views == {"home", "work"}

    def test_counts_and_what_is_above_a_key(self, archive: Archive) -> None:
        fill(archive, range(5), "work")
        fill(archive, range(5, 8))
        key = archive.page(WORK)[1].key
        assert archive.count(EVERYTHING) == 8
        assert archive.count(WORK) == 5
        assert archive.count(WORK, after=key) == 1

    def test_the_terms_of_the_view_that_is_asked(self, archive: Archive) -> None:
        one = replace(post(1), terms=("openssl",))
        archive.store([arrival(one, "work", "Security", "mentions", terms={"Security": ("cve",)})])
        assert archive.page(WORK)[0].post.terms == ("openssl",)
        assert archive.page(ViewQuery("Security"))[0].post.terms == ("cve",)
        assert archive.page(ViewQuery("mentions"))[0].post.terms == ("openssl",)  # it has none of its own
        found = archive.post("work:work-1")
        assert found is not None
        assert found.terms == ("openssl",)

    def test_new_terms_take_posts_in_and_out(self, archive: Archive) -> None:
        archive.store([arrival(post(1, "one"), "work"), arrival(post(2, "two"))])
        second, first = (entry.key for entry in archive.page(EVERYTHING))
        archive.replace_views("work", {first: None, second: ("two",), 12345: ("nobody",)})
        assert texts(archive, WORK) == ["two"]
        assert archive.page(WORK)[0].post.terms == ("two",)
        assert archive.page(EVERYTHING)[1].views == {"home"}
        archive.replace_views("home", {first: None})
        assert texts(archive) == ["two", "one"]  # home stays everything

    def test_some_accounts_only(self, archive: Archive) -> None:
        for number in range(12):
            account = ("work", "bsky", "x")[number % 3]
            archive.store([arrival(post(number, str(number), account=account), "work")])
        assert texts(archive, ViewQuery("work", ("work",))) == ["9", "6", "3", "0"]
        assert texts(archive, ViewQuery("work", ("work", "bsky")), limit=4) == ["10", "9", "7", "6"]
        key = archive.page(ViewQuery("work", ("work", "bsky")))[3].key
        assert texts(archive, ViewQuery("work", ("work", "bsky")), after=key, limit=2) == ["9", "7"]
        assert archive.count(ViewQuery("work", ("work", "bsky"))) == 8


class TestMerging:
    def test_one_post_through_two_accounts_is_one_entry(self, archive: Archive) -> None:
        first = archive.store([arrival(post(1, account="work"))])
        second = archive.store([arrival(post(1, account="bsky"))])
        again = archive.store([arrival(post(1, account="bsky"))])
        assert [len(first.new), len(second.new), first.known, second.known, again.known] == [1, 0, 0, 0, 1]
        (entry,) = archive.page(EVERYTHING)
        assert (entry.post.id, entry.post.also) == ("work:work-1", ("bsky:bsky-1",))

    def test_each_account_keeps_its_own_copy(self, archive: Archive) -> None:
        archive.store([arrival(post(1, account="work"))])
        archive.store([arrival(post(1, account="bsky", mine=Mine(liked=True)))])
        (through,) = archive.page(ViewQuery(accounts=("bsky",)))
        assert (through.post.id, through.post.also, through.post.mine.liked) == ("bsky:bsky-1", ("work:work-1",), True)
        (first,) = archive.page(EVERYTHING)
        assert not first.post.mine.liked
        by_id = archive.post("bsky:bsky-1")
        assert by_id is not None
        assert by_id.account == "bsky"

    def test_views_add_up(self, archive: Archive) -> None:
        archive.store([arrival(post(1, account="work"), "work")])
        archive.store([arrival(post(1, account="bsky"), "mentions")])
        (entry,) = archive.page(ViewQuery("mentions", ("work",)))
        assert entry.views == {"home", "work", "mentions"}

    @pytest.mark.parametrize("order", [*permutations(("post", "eva", "nils", "Eva"))])
    def test_a_post_and_its_boosts_are_one_entry_at_the_posts_own_place(
        self, archive: Archive, order: Sequence[str]
    ) -> None:
        ways = {"post": post(1), "eva": boost("eva", 30), "nils": boost("nils", 40), "Eva": boost("Eva", 50)}
        for name in order:
            archive.store([arrival(ways[name])])
        (entry,) = archive.page(EVERYTHING)
        one = entry.post
        assert entry.key // 4096 == (NOON + timedelta(minutes=1)).timestamp() * 1000
        assert (one.kind, one.boosted_by, one.boosted_at) == (PostKind.POST, None, None)
        assert [(each.author.handle, each.boost_id) for each in one.boosters] == [("eva", "b-eva"), ("nils", "b-nils")]
        assert archive.post("work:work-1") == one
        assert archive.count(EVERYTHING) == len(archive.search("number")) == 1

    @pytest.mark.parametrize("order", [*permutations((30, 40, 50))])
    def test_what_only_boosts_brought_stands_where_the_earliest_of_them_does(
        self, archive: Archive, order: Sequence[int]
    ) -> None:
        for minute in order:
            archive.store([arrival(boost(f"who{minute}", minute))])
        (entry,) = archive.page(EVERYTHING)
        assert entry.key // 4096 == (NOON + timedelta(minutes=30)).timestamp() * 1000
        assert (entry.post.kind, entry.post.sorted_at) == (PostKind.BOOST, NOON + timedelta(minutes=30))
        assert [str(each.author.handle) for each in entry.post.boosts] == ["who30", "who40", "who50"]

    @pytest.mark.parametrize("order", [*permutations(range(3))])
    def test_a_search_finds_old_posts_and_does_not_take_a_boost_from_where_it_is_news(
        self, archive: Archive, order: Sequence[int]
    ) -> None:
        ways = [arrival(boost("eva", 30)), arrival(boost("nils", 40)), Arrival(post(1), frozenset(), found=True)]
        for number in order:
            archive.store([ways[number]])
        (entry,) = archive.page(EVERYTHING)
        assert entry.key // 4096 == (NOON + timedelta(minutes=30)).timestamp() * 1000
        assert (entry.post.kind, entry.post.sorted_at) == (PostKind.POST, NOON + timedelta(minutes=30))
        assert [str(each.author.handle) for each in entry.post.boosts] == ["eva", "nils"]

    def test_a_move_is_told_with_the_key_that_was(self, archive: Archive) -> None:
        first = archive.store([arrival(boost("eva", 30)), arrival(post(2))]).new[0]
        stored = archive.store([arrival(post(1))])
        assert (stored.new, stored.edited) == ((), ())
        ((before, entry),) = stored.placed
        assert before == first.key
        assert texts(archive) == ["post number 2", "post number 1"]
        assert archive.page(EVERYTHING)[1] == entry
        at_once = archive.store([arrival(boost("nils", 70, number=60)), arrival(post(60))])
        assert ([e.key // 4096 for e in at_once.new], at_once.placed) == (
            [(NOON + timedelta(hours=1)).timestamp() * 1000],
            (),
        )

    def test_each_account_knows_the_boosts_that_it_brought(self, archive: Archive) -> None:
        archive.store([arrival(post(1)), arrival(boost("eva", 30)), arrival(boost("nils", 20, account="bsky"))])
        people = {
            accounts: [str(each.author.handle) for each in archive.page(ViewQuery(accounts=accounts))[0].post.boosts]
            for accounts in [(), ("work",), ("bsky",)]
        }
        assert people == {(): ["nils", "eva"], ("work",): ["eva"], ("bsky",): ["nils"]}
        archive.forget_account("work")
        assert [str(each.author.handle) for each in archive.page(EVERYTHING)[0].post.boosts] == ["nils"]

    def test_the_newest_edit_wins_in_any_order(self, archive: Archive) -> None:
        new = post(1, "new words", edited_at=NOON + timedelta(hours=2))
        old = post(1, "old words", edited_at=NOON + timedelta(hours=1), counts=Counts(likes=9))
        for one in (post(1, "first words"), new, old, post(1, "first words")):
            archive.store([arrival(one)])
        assert texts(archive) == ["new words"]
        assert len(archive.search("new")) == 1
        assert not archive.search("first")

    @pytest.mark.parametrize("boost_is_edited", [False, True])
    def test_an_edit_comes_with_the_post_or_a_boost_of_it_and_is_told(
        self, archive: Archive, *, boost_is_edited: bool
    ) -> None:
        archive.store([arrival(post(1, "before")), arrival(boost("eva", 30))])
        one = boost("eva", 30) if boost_is_edited else post(1)
        edited = replace(one, text=SafeText("after"), edited_at=NOON + timedelta(hours=1))
        stored = archive.store([arrival(edited)])
        assert texts(archive) == ["after"]
        assert [(str(entry.post.text), entry.post.kind) for entry in stored.edited] == [("after", PostKind.POST)]
        assert (stored.new, stored.moved) == ((), False)
        assert not archive.search("before")
        assert archive.store([arrival(edited)]).edited == ()

    def test_other_counts_are_no_edit_and_a_strangers_edit_is_none(self, archive: Archive) -> None:
        archive.store([arrival(post(1))])
        later = NOON + timedelta(hours=1)
        counted = archive.store([arrival(post(1, counts=Counts(likes=3)))])
        forged = archive.store([arrival(post(1, account="bsky", author=Author(SafeText("eve")), edited_at=later))])
        assert (counted.edited, forged.edited) == ((), ())

    def test_another_accounts_newer_edit_shows_too(self, archive: Archive) -> None:
        archive.store([arrival(post(1, "before", account="work", mine=Mine(liked=True)))])
        archive.store([arrival(post(1, "after", account="bsky", edited_at=NOON + timedelta(hours=1)))])
        (entry,) = archive.page(EVERYTHING)
        assert (entry.post.id, str(entry.post.text), entry.post.mine.liked) == ("work:work-1", "after", True)

    @pytest.mark.parametrize(("words", "voted"), [("no", True), ("perhaps", False)])
    def test_another_accounts_newer_edit_brings_its_poll_and_nobodys_votes(
        self, archive: Archive, words: str, *, voted: bool
    ) -> None:
        """An edit that gives other choices takes votes back."""
        later = NOON + timedelta(hours=1)
        yes, no = Choice(SafeText("yes"), 1), Choice(SafeText("no"), 2, mine=True)
        theirs = Poll((replace(yes, votes=5, mine=True), Choice(SafeText(words), 6)), ends=later, voted=True, id="b")
        archive.store([arrival(post(1, account="work", poll=Poll((yes, no), voted=True, id="a")))])
        archive.store([arrival(post(1, account="bsky", poll=theirs, edited_at=later))])
        choices = (Choice(SafeText("yes"), 5), Choice(SafeText(words), 6, mine=voted))
        (entry,) = archive.page(EVERYTHING)
        assert entry.post.poll == Poll(choices, ends=later, voted=voted, id="a")
        (entry,) = archive.page(ViewQuery(accounts=("bsky",)))
        assert entry.post.poll == theirs
        assert len(archive.search(words)) == 1

    def test_a_poll_that_another_accounts_edit_brings_is_voted_in_when_ones_own_server_has_named_it(
        self, archive: Archive
    ) -> None:
        later = NOON + timedelta(hours=1)
        theirs = Poll((Choice(SafeText("yes"), 1, mine=True), Choice(SafeText("no"), 0)), id="b")
        archive.store([arrival(post(1, account="work"))])
        archive.store([arrival(post(1, account="bsky", poll=theirs, edited_at=later))])
        (entry,) = archive.page(EVERYTHING)
        assert entry.post.poll == replace(
            theirs, choices=(Choice(SafeText("yes"), 1), theirs.choices[1]), voted=True, id=""
        )
        archive.store([arrival(post(1, account="work", poll=replace(theirs, id="a"), edited_at=later))])
        assert archive.page(EVERYTHING)[0].post.poll == replace(theirs, id="a")
        archive.store([arrival(post(1, account="bsky", edited_at=later + timedelta(hours=1)))])
        assert archive.page(EVERYTHING)[0].post.poll is None

    def test_a_stranger_under_the_same_address_changes_nothing(self, archive: Archive) -> None:
        archive.store([arrival(post(1, "true"))])
        forged = post(1, "false", account="bsky", author=Author(SafeText("eve")), edited_at=NOON + timedelta(hours=1))
        archive.store([arrival(forged)])
        assert texts(archive) == ["true"]

    @pytest.mark.parametrize("edited", [False, True])
    def test_who_asks_not_to_be_shown_without_a_login_does_so_whoever_brings_it(
        self, archive: Archive, *, edited: bool
    ) -> None:
        """Only the entry's own account knows that it was taken back; a stranger says nothing of the author."""
        anna = post(1).author
        asks = replace(anna, members_only=True)
        later = NOON + timedelta(hours=1) if edited else None
        archive.store([arrival(post(1))])
        forged = Author(SafeText("eve"), members_only=True)
        for one, told in (
            (post(1, account="eva", author=forged, edited_at=later), anna),
            (post(1, account="bsky", author=asks, edited_at=later), asks),
            (post(1, account="bsky", author=anna, edited_at=later), asks),
            (post(1, author=anna, edited_at=later), anna),
        ):
            archive.store([arrival(one)])
            assert archive.page(EVERYTHING)[0].post.author == told

    def test_an_edit_is_judged_anew(self, archive: Archive) -> None:
        archive.store([arrival(replace(post(1), terms=("a",)), "work", "mine")])
        stored = archive.store([arrival(post(1, "else", edited_at=NOON + timedelta(hours=1)))])
        assert stored.moved
        (entry,) = archive.page(EVERYTHING)
        assert entry.views == {"home", "mine"}
        assert not archive.page(WORK)
        assert entry.post.terms == ()

    @settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(steps=st.lists(st.tuples(st.integers(1, 3), st.sampled_from(["a", "b"]), st.integers(0, 4)), max_size=12))
    def test_any_order_of_arrival_ends_alike(self, archive: Archive, steps: list[tuple[int, str, int]]) -> None:
        ends = []
        for order in (steps, steps[::-1]):
            place = next(_PLACES)  # other posts in the same archive, ten minutes further on
            for number, account, edit in order:
                edited = NOON + timedelta(days=99, hours=edit) if edit else None
                one = post(place + number, f"text {edit}", account=account, edited_at=edited)
                archive.store([arrival(one)])
            page = archive.page(EVERYTHING, after=shelf.first_key(NOON + timedelta(minutes=place)))
            ends.append([(str(e.post.text), sorted(_accounts(e, place))) for e in page])
        assert ends[0] == ends[1]
        newest = {number: max(edit for n, _, edit in steps if n == number) for number, _, _ in steps}
        assert [text for text, _ in ends[0]] == [f"text {newest[n]}" for n in sorted(newest, reverse=True)]


class TestChanging:
    def test_an_update_leaves_place_and_boosts(self, archive: Archive) -> None:
        archive.store([arrival(boost("eva", 30)), arrival(post(2))])
        (boosted,) = (entry.post for entry in archive.page(EVERYTHING) if entry.post.boosts)
        archive.update(replace(boosted, text=SafeText("changed"), mine=Mine(liked=True), boosters=()))
        first = archive.page(EVERYTHING)[0].post
        assert (first.mine.liked, first.boost_id, first.sorted_at) == (True, "b-eva", NOON + timedelta(minutes=30))
        assert len(archive.search("changed")) == 1
        archive.update(post(99))
        assert len(archive.page(EVERYTHING)) == 2

    def test_update_of_one_account_leaves_the_other(self, archive: Archive) -> None:
        archive.store([arrival(post(1, account="a")), arrival(post(1, account="b"))])
        archive.update(post(1, account="b", mine=Mine(boosted=True)))
        assert not archive.page(EVERYTHING)[0].post.mine.boosted
        assert archive.page(ViewQuery(accounts=("b",)))[0].post.mine.boosted

    def test_remove_takes_every_trace(self, archive: Archive, data_dir: Path) -> None:
        archive.store([arrival(post(1, account="a"), "work"), arrival(post(1, account="b"))])
        archive.remove("b:b-1")
        archive.remove("b:unknown")
        assert not archive.page(EVERYTHING)
        assert not archive.search("post")
        with sqlite3.connect(data_dir / "mbclient.db") as db:
            rows = (
                "SELECT (SELECT count(*) FROM entry) + (SELECT count(*) FROM sight) + (SELECT count(*) FROM entry_view)"
            )
            assert db.execute(rows).fetchone() == (0,)
            db.execute("INSERT INTO entry_text (entry_text) VALUES ('integrity-check')")
            db.execute("INSERT INTO entry_words (entry_words) VALUES ('integrity-check')")
        db.close()

    def test_a_forgotten_account_leaves_its_posts_to_the_others(self, archive: Archive) -> None:
        archive.store([arrival(post(1, "both", account="a"), "work"), arrival(post(1, "both", account="b"))])
        archive.store([arrival(post(2, "only a", account="a"))])
        archive.set_feed_state("a", HOME, FeedState("1"))
        archive.forget_account("a")
        (entry,) = archive.page(EVERYTHING)
        assert (entry.post.id, entry.post.also) == ("b:b-1", ())
        assert texts(archive, ViewQuery("work", ("b",))) == ["both"]
        assert not archive.page(ViewQuery(accounts=("a",)))
        assert archive.feed_state("a", HOME) == FeedState()

    def test_unreadable_rows_are_left_out_and_mended_by_the_next_arrival(
        self, archive: Archive, data_dir: Path
    ) -> None:
        fill(archive, range(3), "work")
        with sqlite3.connect(data_dir / "mbclient.db") as db:
            db.execute(
                "UPDATE entry SET packed = x'78' WHERE key = (SELECT key FROM entry ORDER BY key LIMIT 1 OFFSET 1)"
            )
        db.close()
        assert texts(archive) == ["2", "0"]
        fill(archive, range(3), "work")
        assert texts(archive, WORK) == ["2", "1", "0"]

    def test_what_is_whole_and_yet_no_post_says_so_in_its_place(self, archive: Archive, data_dir: Path) -> None:
        """A page tells what is whole by its sum, and reads a post when somebody looks at it."""
        fill(archive, range(3), "work")
        author = encode_author(post(1).author)
        with sqlite3.connect(data_dir / "mbclient.db") as db:
            db.execute(
                "UPDATE entry SET packed = ? WHERE key = (SELECT key FROM entry ORDER BY key LIMIT 1 OFFSET 1)",
                (pack('{"v":99}', author),),
            )
        db.close()
        newest, strange, oldest = archive.page(EVERYTHING)
        assert (str(newest.post.text), str(oldest.post.text)) == ("2", "0")
        assert "cannot be read" in str(strange.post.text)
        assert oldest.post.created_at < strange.post.created_at < newest.post.created_at
        fill(archive, range(3), "work")
        assert texts(archive, WORK) == ["2", "1", "0"]

    def test_a_row_that_came_in_no_way_there_is_is_left_out(self, archive: Archive, data_dir: Path) -> None:
        fill(archive, range(3), "work")
        with sqlite3.connect(data_dir / "mbclient.db") as db:
            db.execute("UPDATE entry SET way = 9 WHERE key = (SELECT key FROM entry ORDER BY key LIMIT 1 OFFSET 1)")
        db.close()
        assert texts(archive) == ["2", "0"]

    def test_a_page_reads_no_post_that_nobody_looks_at(self, archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
        fill(archive, range(9), "work")
        read: list[object] = []

        def reading(*asked: Any, **named: Any) -> tuple[str, Post]:
            read.append(asked)
            return read_post(*asked, **named)

        monkeypatch.setattr(archive_module, "read_post", reading)
        page = archive.page(EVERYTHING)
        assert (len(page), [entry.shown_in("work") for entry in page], read) == (9, [True] * 9, [])
        assert str(page[3].post.text) == "5"
        assert page[3].post is page[3].post
        assert len(read) == 1

    @pytest.mark.parametrize("broken", [(18, 17), (10,), (19, 9, 0), tuple(range(3, 17))])
    def test_beside_an_unreadable_row_no_page_is_short(
        self, archive: Archive, data_dir: Path, broken: tuple[int, ...]
    ) -> None:
        """A short page is where whoever reads on believes the end to be."""
        fill(archive, range(20), "work")
        keys = [entry.key for entry in archive.page(EVERYTHING)]
        with sqlite3.connect(data_dir / "mbclient.db") as db:
            db.executemany("UPDATE entry SET packed = x'78' WHERE key = ?", [(keys[-1 - each],) for each in broken])
        db.close()
        whole = [str(number) for number in range(20) if number not in broken]
        for query in (EVERYTHING, WORK, ViewQuery(accounts=("work", "b"))):
            assert texts(archive, query, limit=4) == whole[:-5:-1]
            assert texts(archive, query, after=-1, limit=4) == whole[3::-1]
            assert texts(archive, query, before=keys[5], limit=20) == [each for each in whole[::-1] if int(each) < 14]


@pytest.mark.slow
def test_a_page_costs_the_same_whatever_lies_below_it(data_dir: Path, clock: FixedClock) -> None:
    """Speed facts G18, as a ratio: 40,000 posts against 2,000."""

    def median_page(archive: Archive, query: ViewQuery, newest: int) -> float:
        times = []
        for step in range(101):
            key = (int(NOON.timestamp()) + step * newest * 60 // 100) * 1000 * 4096
            begun = time.process_time()
            archive.page(query, before=key)
            times.append(time.process_time() - begun)
        return sorted(times)[50]

    stores = open_stores(data_dir, clock)
    queries = (EVERYTHING, WORK, ViewQuery("work", ("a", "b")))
    small: list[float] = []
    done = 0
    for size in (2_000, 40_000):
        for start in range(done, size, 500):
            batch = [post(n, str(n), account="abc"[n % 3]) for n in range(start, start + 500)]
            stores.archive.store([arrival(one, *(["work"] if n % 5 else [])) for n, one in enumerate(batch)])
        done = size
        measured = [median_page(stores.archive, query, size) for query in queries]
        small = small or measured
    stores.close()
    assert all(large <= 3 * little for large, little in zip(measured, small, strict=True))


class TestSearch:
    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("openssl", ["openssl and nginx", "OpenSSL patch tuesday"]),
            ("OPENSSL nginx", ["openssl and nginx"]),
            ('"patch tuesday"', ["OpenSSL patch tuesday"]),
            ('"tuesday patch"', []),
            ("open*", ["openssl and nginx", "OpenSSL patch tuesday"]),
            ("open", []),
            ("räka", ["en räka"]),
            ("raka", ["en raka"]),
            ("ra\u0308ka", ["en räka"]),
            ("openssl OR räka", []),
            ("text:openssl", []),
            ('"unfinished patch', []),
            ('"patch tues', []),
            ("NEAR(openssl, patch)", []),
            ("!!! ...", []),
            ("", []),
            ("*", []),
            ("openssl -nginx", ["openssl and nginx"]),
            ("a\x00b \ud800", []),
            ("'; DROP TABLE entry; --", []),
        ],
    )
    def test_words_phrases_beginnings(self, archive: Archive, query: str, found: list[str]) -> None:
        for number, text in enumerate(["OpenSSL patch tuesday", "openssl and nginx", "en räka", "en raka"]):
            archive.store([arrival(post(number, text))])
        assert [str(entry.post.text) for entry in archive.search(query)] == found

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("会議", [4, 3, 0]),
            ("今日", [0]),
            ("会議 openssl", [3]),
            ("会議 open*", [3]),
            ("OpenSSLの", [3, 1]),
            ("会議 ない", []),
            ('"会議は午後"', [0]),
            ("ประชุม", [2]),
            ("か\u3099", [1]),
            ("sushi", []),
        ],
    )
    def test_a_word_inside_a_sentence_without_spaces(self, archive: Archive, query: str, found: list[int]) -> None:
        texts = ["今日の会議は午後三時からです", "opensslの脆弱性が", "วันนี้มีประชุม", "会議室 opensslの OpenSSL", "lunch"]
        for number, text in enumerate(texts):
            archive.store([arrival(post(number, text, cw=SafeText("会議で") if text == "lunch" else None))])
        assert [texts.index(str(entry.post.text)) for entry in archive.search(query)] == found

    def test_a_face_with_a_backslash_is_found(self, archive: Archive) -> None:
        archive.store([arrival(post(1, "well ¯\\_(ツ)_/¯ then"))])
        assert archive.search("¯\\_(ツ)_/¯")

    def test_such_a_word_is_looked_for_from_the_newest_down_and_not_for_ever(
        self, archive: Archive, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("mbclient.storage.archive._CHUNK", 4)
        monkeypatch.setattr("mbclient.storage.archive.LOOKED_AT", 12)
        for number in range(20):
            archive.store([arrival(post(number, f"今日の会議{number}", account="ab"[number % 2]))])
        page = archive.search("会議", limit=3)
        assert [str(entry.post.text) for entry in page] == ["今日の会議19", "今日の会議18", "今日の会議17"]
        assert len(archive.search("会議")) == 12
        assert [archive.search("会議", limit=limit).ended_early for limit in (3, 12, 13)] == [False, False, True]
        assert [archive.search(query).ended_early for query in ("明日", "今日*", "2")] == [True, True, False]
        assert len(archive.search("会議", before=page[-1].key)) == 12
        assert [entry.post.account for entry in archive.search("会議", accounts=("a",))] == ["a"] * 10

    def test_what_is_searched(self, archive: Archive) -> None:
        quoted = Quoted(Author(SafeText("nils")), SafeText("inner words"))
        one = post(1, "outer", cw=SafeText("warning"), tags=(SafeText("infosec"),), quoted=quoted)
        archive.store([arrival(one)])
        assert all(len(archive.search(word)) == 1 for word in ("outer", "warning", "#infosec", "inner", "nils", "Anna"))

    def test_a_polls_choices_are_searched_also_of_a_post_from_before_they_were_kept_apart(
        self, archive: Archive
    ) -> None:
        archive.store([arrival(post(1, "question\n\n○ either (1)"))])
        poll = Poll((Choice(SafeText("either"), 2), Choice(SafeText("other"), 3)))
        archive.store([arrival(post(1, "question", poll=poll))])
        assert [len(archive.search(word)) for word in ("question", "either", "other")] == [1, 1, 1]
        (entry,) = archive.page(EVERYTHING)
        assert (entry.post.text, entry.post.poll) == ("question", poll)

    def test_accounts_limit_and_paging(self, archive: Archive) -> None:
        for number in range(10):
            archive.store([arrival(post(number, f"word {number}", account="ab"[number % 2]))])
        page = archive.search("word", accounts=("a",), limit=3)
        assert [str(entry.post.text) for entry in page] == ["word 8", "word 6", "word 4"]
        rest = archive.search("word", accounts=("a",), before=page[-1].key)
        assert [str(entry.post.text) for entry in rest] == ["word 2", "word 0"]


class TestTheRest:
    def test_a_place_is_raised_and_never_lowered(self, archive: Archive) -> None:
        """Two tell how far one has read: whoever comes last does not take back what the other one said."""
        told = [archive.raise_place("home", key) for key in (5, 3, 5, 7)]
        assert (told, archive.place("home"), archive.seen("home")) == ([True, False, False, True], 7, 7)
        archive.set_place("home", 2, 9)
        assert archive.raise_place("home", 4)
        assert (archive.place("home"), archive.seen("home")) == (4, 9)

    def test_feed_states_and_places_last(self, archive: Archive, data_dir: Path, clock: FixedClock) -> None:
        state = FeedState("new", None, NOON)
        archive.set_feed_state("work", Feed("tag", "infosec"), state)
        archive.set_place("work", 42)
        archive.set_place("work", 43)
        another = open_stores(data_dir, clock)
        again = another.archive
        assert again.feed_state("work", Feed("tag", "infosec")) == state
        assert again.feed_state("work", HOME) == FeedState()
        assert (again.place("work"), again.place("home")) == (43, None)
        another.close()

    def test_notifications_are_kept_once_newest_first(self, archive: Archive) -> None:
        one = Notification("work", "1", NotificationKind.LIKE, NOON, post=post(1))
        two = Notification("work", "2", NotificationKind.MENTION, NOON + timedelta(hours=1))
        assert archive.store_notifications([one, two]) == 2
        assert archive.store_notifications([one, replace(two, read=True)]) == 0
        assert archive.notifications() == [replace(two, read=True), one]
        assert archive.notifications(limit=1) == [replace(two, read=True)]
