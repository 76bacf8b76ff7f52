"""What SQLite is made to do for a page: it walks an index and sorts nothing, whatever is asked (speed facts G18)."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator

import pytest

from mbclient.core.stores import Stores, ViewQuery
from mbclient.storage import open_stores
from mbclient.storage.archive import ArchiveStore
from mbclient.storage.schema import FULL_TEXT
from tests.storage.posts import FixedClock, arrival, post

QUERIES = [
    ViewQuery(view, accounts, peek)
    for view in ("home", "work")
    for accounts in ((), ("work",), ("work", "sky"))
    for peek in (False, True)
]
BOUNDS = [{}, {"before": 1 << 60}, {"after": 1}, {"after": 1, "before": 1 << 60}]
ASKED: dict[str, Callable[[ArchiveStore], object]] = {
    **{
        f"{query.view}, {len(query.accounts)} accounts, {'peek' if query.peek else 'no peek'}, {'/'.join(bounds)}": (
            lambda archive, query=query, bounds=bounds: archive.page(query, **bounds)  # type: ignore[misc]
        )
        for query in QUERIES
        for bounds in BOUNDS
    },
    "search": lambda archive: archive.search("number"),
    "search further down": lambda archive: archive.search('"post number"', before=1 << 60),
    "search in some accounts": lambda archive: archive.search("numb*", accounts=("work", "sky")),
    "search inside words": lambda archive: archive.search("会議"),
    "search inside words in some accounts": lambda archive: archive.search("会議 numb*", accounts=("work", "sky")),
    "one post": lambda archive: archive.post("work:work-1"),
    "the reading place": lambda archive: archive.place("home"),
}

NO_TABLE = ("VIRTUAL TABLE", "(subquery-")  # the words, the keys that were given, and those of a page


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    """One for all questions, which change nothing."""
    opened = open_stores(tmp_path_factory.mktemp("plans"), FixedClock())
    opened.archive.store([arrival(post(n, account=account), "work") for n in range(20) for account in ("work", "sky")])
    yield opened
    opened.close()


@pytest.mark.parametrize("asked", ASKED)
def test_no_plan_sorts_or_walks_a_table(stores: Stores, asked: str) -> None:
    archive = stores.archive
    assert isinstance(archive, ArchiveStore)
    statements: list[str] = []
    with archive._reader.reading() as db:
        db.set_trace_callback(statements.append)
    ASKED[asked](archive)
    with archive._reader.reading() as db:
        db.set_trace_callback(None)
        plans = {statement: _plan(db, statement) for statement in statements if _is_ours(statement)}
    assert plans
    for statement, plan in plans.items():
        assert not any("TEMP B-TREE" in step for step in plan), (statement, plan)
        walked = [step for step in plan if step.startswith("SCAN") and not any(it in step for it in NO_TABLE)]
        assert not walked or (walked == ["SCAN entry"] and statement.endswith("ORDER BY key LIMIT 1")), statement


def _is_ours(statement: str) -> bool:
    """The full text index asks its own tables."""
    return statement.startswith("SELECT") and not any(f"'main'.'{table}" in statement for table in FULL_TEXT)


def _plan(db: sqlite3.Connection, statement: str) -> list[str]:
    return [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {statement}")]
