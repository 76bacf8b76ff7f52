"""How many posts a view has is looked up, and is what counting them gives, whatever has happened to them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mbclient.core.stores import Archive, ViewQuery, hidden_mark
from mbclient.domain.post import Author
from mbclient.domain.safetext import SafeText
from mbclient.storage import open_stores
from mbclient.storage.archive import ArchiveStore
from mbclient.storage.database import connect
from tests.storage.earlier import earlier_file
from tests.storage.posts import NOON, FixedClock, arrival, post

Deed = tuple[object, ...]
VIEWS = ("home", "work", "mine")
ACCOUNTS: tuple[tuple[str, ...], ...] = ((), ("a",), ("b",), ("a", "b"))
MARKS = [(), ("work",), ("mine",), ("work", hidden_mark("work")), (hidden_mark("home"),)]
BEFORE = 6  # migrations of a file in which nothing was counted yet

numbers, accounts = st.integers(0, 5), st.sampled_from("ab")
deeds = st.one_of(
    st.tuples(st.just("store"), numbers, accounts, st.sampled_from(MARKS)),
    st.tuples(st.just("boost"), numbers, accounts, st.integers(0, 90)),
    st.tuples(st.just("take back"), numbers, accounts),
    st.tuples(st.just("remove"), numbers, accounts),
    st.tuples(st.just("forget"), accounts),
    st.tuples(st.just("mark"), st.sampled_from(["work", hidden_mark("work")]), st.booleans()),
    st.tuples(st.just("prune"), numbers),
)


def do(archive: Archive, deed: Deed) -> None:
    match deed:
        case "store", int(number), str(account), tuple(marks):
            archive.store([arrival(post(number, account=account), *marks)])
        case "boost", int(number), str(account), int(minute):
            at, eva = NOON + timedelta(minutes=minute), Author(SafeText("eva"))
            one = post(number, account=account, boosted_by=eva, boost_id=f"b-{number}", boosted_at=at)
            archive.store([arrival(one)])
        case "take back", int(number), str(account):
            archive.take_back_boost(account, f"b-{number}")
        case "remove", int(number), str(account):
            archive.remove(f"{account}:{account}-{number}")
        case "forget", str(account):
            archive.forget_account(account)
        case "mark", str(view), bool(into):
            found = archive.page(ViewQuery(peek=True), limit=3)
            if view == "work" and not into:  # what is hidden in a view belongs to it
                archive.replace_views(hidden_mark("work"), {entry.key: None for entry in found})
            keys = [entry.key for entry in found if view == "work" or "work" in entry.views]
            archive.replace_views(view, dict.fromkeys(keys, () if into else None))
        case "prune", int(number):
            archive.prune(keep=number, before=NOON - timedelta(days=1))
        case _:
            raise AssertionError(deed)


@given(st.lists(deeds, max_size=25))
@settings(max_examples=40, deadline=None)
def test_what_is_told_is_what_is_there(
    tmp_path_factory: pytest.TempPathFactory, done: list[tuple[object, ...]]
) -> None:
    with closing(open_stores(tmp_path_factory.mktemp("counted"), FixedClock())) as stores:
        for deed in done:
            do(stores.archive, deed)
        for view in VIEWS:
            for some in ACCOUNTS:
                for peek in (False, True):
                    query = ViewQuery(view, some, peek)
                    assert stores.archive.count(query) == len(stores.archive.page(query, limit=99)), query


def test_a_file_of_before_is_counted_once(data_dir: Path, clock: FixedClock) -> None:
    with closing(connect(earlier_file(data_dir, BEFORE))) as db:
        rows = [("home", key) for key in range(5)] + [("work", key) for key in (1, 3)]
        db.executemany("INSERT INTO entry_view VALUES (?, '', ?)", rows)
    with closing(open_stores(data_dir, clock)) as stores:
        assert [stores.archive.count(ViewQuery(view)) for view in VIEWS] == [5, 2, 0]
        stores.archive.store([arrival(post(7), "work")])
        assert [stores.archive.count(ViewQuery(view)) for view in VIEWS] == [6, 3, 0]


def test_two_programs_over_one_file_count_each_others(data_dir: Path, clock: FixedClock) -> None:
    with closing(open_stores(data_dir, clock)) as one, closing(open_stores(data_dir, clock)) as other:
        one.archive.store([arrival(post(1))])
        other.archive.store([arrival(post(1)), arrival(post(2))])
        assert one.archive.count(ViewQuery()) == other.archive.count(ViewQuery()) == 2


def test_a_view_costs_no_more_to_count_with_twenty_times_the_posts(data_dir: Path, clock: FixedClock) -> None:
    """In steps of SQLite's own machine, which are the same on every computer."""
    with closing(open_stores(data_dir, clock)) as stores:
        steps = [_steps(stores.archive, _fill(stores.archive, first, last)) for first, last in ((0, 50), (50, 1000))]
    few, many = steps
    assert many <= few + 10


def _fill(archive: Archive, first: int, last: int) -> Callable[[], object]:
    archive.store([arrival(post(number, account="a"), "work") for number in range(first, last)])
    return lambda: [archive.count(ViewQuery(view, some)) for view in VIEWS for some in ((), ("a",))]


def _steps(archive: Archive, ask: Callable[[], object]) -> int:
    assert isinstance(archive, ArchiveStore)
    steps = 0

    def step() -> int:
        nonlocal steps
        steps += 1
        return 0

    with archive._reader.reading() as db:
        db.set_progress_handler(step, 1)
    ask()
    with archive._reader.reading() as db:
        db.set_progress_handler(None, 1)
    return steps


def test_nothing_is_left_of_what_was_counted(data_dir: Path, clock: FixedClock) -> None:
    with closing(open_stores(data_dir, clock)) as stores:
        stores.archive.store([arrival(post(1), "work", "mine")])
        stores.archive.remove("work:work-1")
    with closing(connect(data_dir / "mbclient.db")) as db:
        assert {number for (number,) in db.execute("SELECT number FROM view_count")} == {0}
