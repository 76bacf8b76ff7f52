"""A page of posts is stored as one, not post by post; what comes of it is the same (speed facts G20)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from mbclient.core.stores import Arrival, Entry, Stores, ViewQuery
from mbclient.domain.post import Post
from mbclient.storage import open_stores
from mbclient.storage.archive import ArchiveStore
from tests.benchmarks.corpus import Corpus
from tests.storage.posts import FixedClock, arrival, post, posts

PAGE = list(Corpus().arrivals(40))


@given(st.lists(posts, max_size=6))
def test_posts_that_come_at_once_lie_there_as_if_they_had_come_one_by_one(some: Sequence[Post]) -> None:
    arrivals = [arrival(one) for one in (*some, *some[:2])]
    assert kept([arrivals]) == kept([[one] for one in arrivals])


def kept(batches: Sequence[Sequence[Arrival]]) -> Sequence[Entry]:
    with TemporaryDirectory() as folder:
        stores = open_stores(Path(folder), FixedClock())
        try:
            for batch in batches:
                stores.archive.store(batch)
            return stores.archive.page(ViewQuery())
        finally:
            stores.close()


def test_posts_of_one_moment_that_come_at_once_have_a_place_each(stores: Stores) -> None:
    same = [arrival(post(number, created_at=post(0).created_at)) for number in range(300)]
    assert len({entry.key for entry in stores.archive.store(same).new}) == 300
    assert len(stores.archive.page(ViewQuery(), limit=400)) == 300


def test_a_page_is_looked_up_by_as_many_questions_as_a_post(stores: Stores) -> None:
    _first, one, page = (questions(traced(stores, some)) for some in (PAGE[:1], PAGE[1:2], PAGE[2:]))
    assert one == page > 0


def questions(statements: Sequence[str]) -> int:
    return sum(statement.startswith("SELECT") for statement in statements)


def test_full_text_writes_as_much_for_a_page_that_begins_with_the_newest(stores: Stores, tmp_path: Path) -> None:
    others = open_stores(tmp_path / "others", FixedClock())
    try:
        rising, falling = (
            sum("REPLACE INTO 'main'.'entry_words_data'" in one for one in traced(each, page))
            for each, page in ((stores, PAGE), (others, PAGE[::-1]))
        )
        assert rising == falling > 0
    finally:
        others.close()


def traced(stores: Stores, arrivals: Sequence[Arrival]) -> Sequence[str]:
    """The statements that are run to store these."""
    assert isinstance(stores.archive, ArchiveStore)
    statements: list[str] = []
    connection = stores.archive._writer._connection
    connection.set_trace_callback(statements.append)
    stores.archive.store(arrivals)
    connection.set_trace_callback(None)
    return statements
