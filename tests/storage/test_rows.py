"""Posts made small: nothing is lost by it, digests that are alike join no posts, and rows of before serve on."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mbclient.core.stores import Archive, Entry, Stores, ViewQuery
from mbclient.domain.post import Author, Booster, Mine, Post, PostKind
from mbclient.domain.safetext import SafeText
from mbclient.storage import open_stores, packing, rows, shelf
from mbclient.storage.codec import CodecError, dump
from mbclient.storage.codec_posts import encode_author, encode_post, search_text
from mbclient.storage.packing import is_whole, pack, read_post, unpack
from mbclient.storage.rows import COARSE, body_of, short
from tests.benchmarks.corpus import Corpus
from tests.storage.posts import NOON, FixedClock, arrival, post, posts
from tests.storage.test_codec import mended

EVERYTHING = ViewQuery()


@given(posts)
def test_a_packed_post_comes_back_as_it_was(one: Post) -> None:
    body, author = body_of(one)
    assert read_post(pack(body, author), author) == (body, mended(one))


def test_a_post_takes_less_than_half_of_what_its_json_takes() -> None:
    some = list(Corpus().posts(300))
    packed = sum(len(pack(*body_of(one))) for one in some)
    assert packed < 0.45 * sum(len(encode_post(one).encode()) for one in some)


@given(posts, st.data())
def test_damage_is_told_without_reading(one: Post, data: st.DataObject) -> None:
    body, author = body_of(one)
    whole = pack(body, author)
    assert is_whole(whole, author)
    at = data.draw(st.integers(0, len(whole) - 1))
    changed = whole[at] ^ data.draw(st.integers(1, 255))
    assert not is_whole(whole[:at] + bytes([changed]) + whole[at + 1 :], author)
    assert not is_whole(whole[:at], author)
    assert not is_whole(whole, f"{author} ")
    assert not is_whole(whole, None)


@given(posts)
def test_what_was_packed_before_there_was_a_sum_is_read(one: Post) -> None:
    body, author = body_of(one)
    before = b"\x01" + pack(body, author)[5:]
    assert not is_whole(before, author)
    assert read_post(before, author) == (body, mended(one))


@pytest.mark.parametrize("damaged", [b"", b"\x01", b"\x02rest", b"\x01\xff\xff", "", "no json"])
def test_what_cannot_be_unpacked_is_one_named_error(damaged: bytes | str) -> None:
    with pytest.raises(CodecError, match="post"):
        read_post(damaged, '{"handle":"anna"}')


def test_a_post_is_no_post_without_its_author() -> None:
    with pytest.raises(CodecError, match="post"):
        unpack(pack(*body_of(post(1))), None)


def test_a_name_is_short_and_a_short_one_stands_as_it_is() -> None:
    assert {len(short(f"https://one.example/{number}")) for number in range(1000)} == {6}
    assert (short("123456"), short("")) == ("123456", "")


# ---------------------------------------------------------------- digests that are alike


@pytest.fixture
def alike(monkeypatch: pytest.MonkeyPatch, stores: Stores) -> Stores:
    """Every name has the same digest."""
    monkeypatch.setattr(rows, "short", lambda _name: "same")
    return stores


def texts(archive: Archive, query: ViewQuery = EVERYTHING) -> list[str]:
    return [str(entry.post.text) for entry in archive.page(query)]


def test_posts_whose_names_look_alike_stay_apart(alike: Stores) -> None:
    archive = alike.archive
    for _time in range(2):
        archive.store([arrival(post(number, str(number), account=account)) for number in range(4) for account in "ab"])
    assert texts(archive) == ["3", "2", "1", "0"]
    assert [str(found.text) for number in range(4) if (found := archive.post(f"b:b-{number}"))] == ["0", "1", "2", "3"]
    assert archive.post("b:b-9") is None
    archive.update(post(2, "new", account="a"))
    archive.remove("b:b-1")
    archive.remove("b:b-9")
    assert texts(archive) == ["3", "new", "0"]
    archive.forget_account("a")
    assert [entry.post.id for entry in archive.page(EVERYTHING)] == ["b:b-3", "b:b-2", "b:b-0"]


# ---------------------------------------------------------------- words


def test_entries_of_the_same_moment_are_all_found_and_in_order(stores: Stores) -> None:
    """One has the coarse key, the others are found by their own."""
    archive = stores.archive
    moments = [NOON + timedelta(milliseconds=step) for step in (0, 0, 1, 30, 63, 64, 65, 200)]
    archive.store([arrival(post(n, f"word {n}", created_at=moment)) for n, moment in enumerate(moments)])
    page = archive.page(EVERYTHING)
    assert len({entry.key >> COARSE for entry in page}) < len(page)
    assert archive.search("word") == page
    walked: list[Entry] = []
    while some := archive.search("word", limit=2, before=walked[-1].key if walked else None):
        walked += some
    assert walked == list(page)
    archive.update(post(1, "other"))
    archive.remove("work:work-2")
    assert len(archive.search("word")) == len(page) - 2
    assert [entry.post.id for entry in archive.search("other")] == ["work:work-1"]


# ---------------------------------------------------------------- authors


def test_an_author_lies_there_once_and_goes_with_the_last_post(stores: Stores, data_dir: Path) -> None:
    archive, by_eva = stores.archive, Author(SafeText("eva"), SafeText("Eva"))
    archive.store([arrival(post(number)) for number in range(5)])
    archive.store([arrival(post(6, author=by_eva)), arrival(post(90_000))])
    archive.store([arrival(post(7, author=replace(by_eva, name=SafeText("Eva E"))), "mine")])
    assert authors(data_dir) == 3
    while archive.prune(keep=1, before=NOON + timedelta(days=61)):
        continue
    assert archive.prune(keep=1, before=NOON + timedelta(days=61)) == 0
    assert [str(entry.post.author.name) for entry in archive.page(EVERYTHING)] == ["Anna", "Eva E"]
    assert authors(data_dir) == 2


def authors(data_dir: Path) -> int:
    with closing(sqlite3.connect(data_dir / "mbclient.db")) as db:
        return int(db.execute("SELECT count(*) FROM author").fetchone()[0])


# ---------------------------------------------------------------- rows of before


def make_old(path: Path) -> None:
    """Every row as the program wrote it before posts were made small."""
    with closing(sqlite3.connect(path)) as db, db:
        for raw in db.execute(shelf.ROWS).fetchall():
            row = shelf.as_row(*raw)
            marked = dump({view: list(terms) for view, terms in row.marks.items()})
            rows.forget_words(db, row.place, search_text(row.post))
            rows.add_words(db, [((row.key, False), search_text(row.post))])
            db.execute(
                "UPDATE entry SET uri = ?, ids = ?, marks = ?, body = ?, packed = NULL, author = NULL, coarse = 0"
                " WHERE key = ?",
                (row.post.uri, dump(list(row.ids)), marked, encode_post(row.post), row.key),
            )
            for name in row.ids:
                account, digest, whole, key = rows.sight(name, row.key)
                db.execute(
                    "UPDATE sight SET remote_id = ? WHERE account = ? AND remote_id = ? AND key = ?",
                    (whole, account, digest, key),
                )
        db.execute("DELETE FROM author")


EVA: dict[str, Any] = {
    "kind": PostKind.BOOST,
    "boosted_by": Author(SafeText("eva")),
    "boosted_at": NOON + timedelta(hours=9),
}
DEEDS: dict[str, Callable[[Archive, int], object]] = {
    "arrive": lambda archive, n: archive.store([arrival(post(n, f"number {n}"), "work")]),
    "arrive elsewhere": lambda archive, n: archive.store([arrival(post(n, f"number {n}", account="sky"))]),
    "edit": lambda archive, n: archive.store([arrival(post(n, f"edited {n}", edited_at=NOON + timedelta(days=1)))]),
    "boost": lambda archive, n: archive.store([arrival(post(n, f"number {n}", **EVA, boost_id=f"b{n}"))]),
    "take back": lambda archive, n: archive.take_back_boost("work", f"b{n}"),
    "like": lambda archive, n: archive.update(post(n, f"number {n}", mine=Mine(liked=True))),
    "like elsewhere": lambda archive, n: archive.update(post(n, account="sky", mine=Mine(liked=True))),
    "remove": lambda archive, n: archive.remove(f"work:work-{n}"),
    "forget": lambda archive, _n: archive.forget_account("work"),
    "prune": lambda archive, n: archive.prune(keep=3, before=NOON + timedelta(minutes=n)),
}
told = st.lists(st.tuples(st.sampled_from(sorted(DEEDS)), st.integers(0, 5)), max_size=12)


@given(told, told)
@settings(max_examples=40, deadline=None)
def test_rows_of_before_serve_like_those_of_now(
    tmp_path_factory: pytest.TempPathFactory, before: Sequence[tuple[str, int]], after: Sequence[tuple[str, int]]
) -> None:
    seen = [list(lived(tmp_path_factory.mktemp("rows"), before, after, old=old)) for old in (False, True)]
    assert seen[0] == seen[1]


def lived(
    folder: Path, before: Sequence[tuple[str, int]], after: Sequence[tuple[str, int]], *, old: bool
) -> Iterator[object]:
    """All that can be seen of an archive with that history."""
    with closing(open_stores(folder, FixedClock())) as stores:
        for deed, number in before:
            DEEDS[deed](stores.archive, number)
    if old:
        make_old(folder / "mbclient.db")
    with closing(open_stores(folder, FixedClock())) as stores:
        archive = stores.archive
        yield archive.page(EVERYTHING)
        for deed, number in after:
            yield DEEDS[deed](archive, number)
        for query in (EVERYTHING, ViewQuery("work"), ViewQuery(accounts=("sky",)), ViewQuery("work", ("work", "sky"))):
            yield archive.page(query), archive.count(query)
        yield [archive.search(words) for words in ("number", "edited", '"number 3"', "anna", "ed*")]
        yield archive.search("number", accounts=("sky",))
        yield [archive.post(f"{account}:{account}-{n}") for account in ("work", "sky") for n in range(6)]


@given(told)
@settings(max_examples=40, deadline=None)
def test_what_was_read_before_hides_no_change(
    tmp_path_factory: pytest.TempPathFactory, deeds: Sequence[tuple[str, int]]
) -> None:
    """Posts that were decoded once are remembered: after each deed they are what they are to who remembers none."""
    with closing(open_stores(tmp_path_factory.mktemp("again"), FixedClock())) as stores:
        archive = stores.archive
        for deed, number in deeds:
            DEEDS[deed](archive, number)
            queries = [ViewQuery(view, accounts) for view in ("home", "work") for accounts in ((), ("sky",))]
            seen = [archive.page(query) for query in queries]
            packing._remembered.cache_clear()
            assert [archive.page(query) for query in queries] == seen


def test_a_whole_article_is_not_remembered() -> None:
    """Five hundred of them would take more memory than the program."""
    words = " ".join(map(str, range(3000)))
    author = encode_author(post(1).author)
    for text, same in (("short", True), (words, False)):
        stored = pack(encode_post(post(1, text), without_author=True), author)
        assert (read_post(stored, author)[1] is read_post(stored, author)[1]) is same


def test_a_boost_of_before_is_taken_back(stores: Stores, data_dir: Path) -> None:
    archive = stores.archive
    archive.store([arrival(post(1)), arrival(post(1, **EVA, boost_id="b1"))])
    make_old(data_dir / "mbclient.db")
    (entry,) = archive.page(EVERYTHING)
    assert entry.post.boosters == (Booster(Author(SafeText("eva")), "b1", NOON + timedelta(hours=9), "work"),)
    archive.take_back_boost("work", "b1")
    assert archive.page(EVERYTHING)[0].post.boosters == ()
