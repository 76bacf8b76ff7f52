"""A file of before a post and its boosts were one entry: they become one, and nothing is lost."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from mbclient.core.ports import Feed
from mbclient.core.stores import FeedState, ViewQuery, hidden_mark
from mbclient.domain.post import Author, Booster, Post, PostKind
from mbclient.domain.safetext import SafeText
from mbclient.storage import database, open_stores, shelf
from mbclient.storage.codec_posts import encode_post, search_text
from mbclient.storage.database import connect
from tests.storage.earlier import earlier_file
from tests.storage.posts import NOON, FixedClock, arrival, post

BEFORE = 7  # migrations
EVA = Author(SafeText("eva"), SafeText("Eva"))
HALF_PAST = NOON + timedelta(minutes=30)


@pytest.fixture
def old(data_dir: Path) -> Path:
    return earlier_file(data_dir, BEFORE)


def put(db: sqlite3.Connection, one: Post, *accounts: str, views: tuple[str, ...] = (), also: str = "") -> None:
    """As that program kept a post, or its boosts in an entry beside it; `also` boosted it later."""
    key = shelf.first_key(one.sorted_at)
    marks: dict[str, list[str]] = {view: [] for view in ("home", *views)}
    body = encode_post(one)
    if also:
        body = json.dumps({**json.loads(body), "boosters": [[{"handle": also}, f"b-{also}"]]})
    ids = json.dumps([f"{account}:{account}-1" for account in accounts])
    row = (key, one.uri, one.boosted_by is not None, one.boosted_by is None, "work" in views, ids, json.dumps(marks))
    db.execute("INSERT INTO entry VALUES (?, ?, ?, ?, ?, 'mastodon', ?, ?, ?, 3)", (*row, body))
    db.execute("INSERT INTO entry_text (rowid, text) VALUES (?, ?)", (key, search_text(one)))
    for account in accounts:
        db.execute("INSERT INTO sight VALUES (?, ?, ?, NULL)", (account, f"{account}-1", key))
    for view in marks:
        db.executemany("INSERT INTO entry_view VALUES (?, ?, ?)", [(view, name, key) for name in ("", *accounts)])


def boosted(number: int) -> Post:
    return post(number, kind=PostKind.BOOST, boosted_by=EVA, boost_id="b-eva", boosted_at=HALF_PAST)


def test_a_post_and_the_entry_of_its_boosts_become_one(old: Path, clock: FixedClock) -> None:
    with closing(connect(old)) as db:
        put(db, post(1), "work")
        put(db, boosted(1), "work", "sky", views=("work", hidden_mark("home")), also="nils")
        put(db, post(2), "work")
    with closing(open_stores(old.parent, clock)) as stores:
        archive = stores.archive
        archive.set_feed_state("", Feed("sifted"), FeedState("as it was"))
        newest, entry = archive.page(ViewQuery())
        assert str(newest.post.text) == "post number 2"
        assert entry.key == shelf.first_key(NOON + timedelta(minutes=1))
        assert (entry.post.kind, entry.post.also) == (PostKind.POST, ("sky:sky-1",))
        assert entry.views == {"home", "work"}
        assert entry.post.boosters == (
            Booster(EVA, "b-eva", HALF_PAST, "work"),
            Booster(Author(SafeText("nils")), "b-nils", None, "work"),
        )
        assert [archive.count(ViewQuery(view, some)) for view in ("home", "work") for some in ((), ("sky",))] == [
            2, 1, 1, 1,
        ]  # fmt: skip
        assert len(archive.page(ViewQuery("work", ("sky",)))) == 1
        assert len(archive.search("number")) == len(archive.search("number", limit=2)) == 2
        archive.store([arrival(boosted(1))])
        assert [len(entry.post.boosters) for entry in archive.page(ViewQuery())] == [0, 2]


@pytest.mark.parametrize("large", [True, False])
def test_what_makes_one_wait_is_said_before_it_is_done(
    old: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch, large: bool
) -> None:
    monkeypatch.setattr(database, "LARGE", 0 if large else old.stat().st_size)
    found: list[int] = []

    def say(text: str) -> None:
        assert "bringing the data file" in text
        with closing(connect(old)) as db:
            found.append(int(db.execute("PRAGMA user_version").fetchone()[0]))

    for _time in range(2):
        open_stores(old.parent, clock, say=say).close()
    assert found == [BEFORE] * large


def test_boosts_of_what_did_not_come_itself_stay_where_they_were(old: Path, clock: FixedClock) -> None:
    with closing(connect(old)) as db:
        put(db, boosted(1), "work", also="nils")
    with closing(open_stores(old.parent, clock)) as stores:
        (entry,) = stores.archive.page(ViewQuery())
        assert (entry.key, entry.post.kind) == (shelf.first_key(HALF_PAST), PostKind.BOOST)
        assert (entry.post.boosted_by, entry.post.boost_id, entry.post.boosted_at) == (EVA, "b-eva", HALF_PAST)
        assert [str(each.author.handle) for each in entry.post.boosts] == ["eva", "nils"]
        stores.archive.store([arrival(boosted(1))])
        assert stores.archive.page(ViewQuery()) == [entry]
        assert stores.archive.take_back_boost("work", "b-eva") is not None


def test_what_hides_is_sifted_anew_and_what_is_broken_is_fetched_again(old: Path, clock: FixedClock) -> None:
    with closing(connect(old)) as db:
        put(db, post(1), "work")
        put(db, boosted(1), "work")
        db.execute("UPDATE entry SET body = 'x' WHERE boost = 1")
        db.execute("INSERT INTO feed_state VALUES ('', 'sifted', '', 'rules', NULL, NULL)")
    with closing(open_stores(old.parent, clock)) as stores:
        assert [entry.post.boosts for entry in stores.archive.page(ViewQuery())] == [()]
        assert stores.archive.feed_state("", Feed("sifted")) == FeedState()
