"""Whatever order services tell things in, the timeline ends the same; and no page loses or repeats a post."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count, islice
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mbclient.core.intake import Intake
from mbclient.core.stores import Archive, Arrival, Entry, ViewQuery, hidden_mark
from mbclient.storage.shelf import first_key
from tests.core.fakes import TUESDAY, Office, a_post

POSTS, LENGTH = 4, 60
_SPACES = count(1)


@dataclass(frozen=True, slots=True)
class Told:
    """A service tells an account one thing of the post `number`: its text as edited so often, or that it is gone."""

    number: int
    account: str
    edit: int = 0
    gone: bool = False


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One for all examples: each has a day of its own."""
    made = Office(Path(tmp_path_factory.mktemp("orders")))
    yield made
    made.close()


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Told], list[Told]]:
    """All that is told, in two orders. A deletion is told to every account that has the post."""
    told = draw(
        st.lists(st.builds(Told, st.integers(0, POSTS - 1), st.sampled_from(["work", "sky"]), st.integers(0, 3)))
    )
    for number in draw(st.sets(st.integers(0, POSTS - 1))):
        told += [Told(number, account, gone=True) for account in ("work", "sky")]
    return draw(st.permutations(told)), draw(st.permutations(told))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories())
def test_any_order_of_arrivals_edits_and_deletions_gives_the_same_timeline(
    office: Office, orders: tuple[list[Told], list[Told]]
) -> None:
    first, second = (asyncio.run(timeline(office, order)) for order in orders)
    assert first == second
    gone = {each.number for each in orders[0] if each.gone}
    newest = {n: max((each.edit for each in orders[0] if each.number == n), default=0) for n in range(POSTS)}
    there = {each.number for each in orders[0]} - gone
    assert [text for text, _accounts in first] == [f"{n} edited {newest[n]} openssl" for n in sorted(there)[::-1]]


async def timeline(office: Office, told: list[Told]) -> list[tuple[str, frozenset[str]]]:
    """Texts and accounts, newest first, after all that was told in this order."""
    space = next(_SPACES)
    day = TUESDAY - timedelta(days=2 * space)
    desk = office.desk
    intake = Intake(desk.world.stores.archive, desk.world.stores.ledger, desk.sieve, desk.bus, lambda: TUESDAY)
    for each in told:
        account = desk.accounts.get(each.account)
        name = f"{space}-{each.number}"
        if each.gone:
            await intake.deleted(name, account)
            continue
        at = day + timedelta(minutes=each.number)
        post = a_post(
            each.account,
            name,
            f"{each.number} edited {each.edit} openssl",
            uri=f"https://else.example/{name}",  # the same for every account
            created_at=at,
            edited_at=at + timedelta(hours=each.edit) if each.edit else None,
        )
        await intake.take([post], account)
    entries = between(desk.world.stores.archive, day)
    return [
        (str(e.post.text), frozenset(name.partition(":")[0] for name in (e.post.id, *e.post.also))) for e in entries
    ]


def between(archive: Archive, day: datetime) -> Sequence[Entry]:
    """The entries of a day."""
    first = first_key(day) - 1
    last = first_key(day + timedelta(days=1))
    work, home = (archive.page(ViewQuery(view), after=first, before=last, limit=100) for view in ("work", "home"))
    assert work == home, "every text has the term, whatever came first"
    return home


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.integers(0, LENGTH), st.sampled_from(["work", "sky"]), st.booleans()), max_size=LENGTH),
    st.lists(st.integers(0, LENGTH), max_size=20),
    st.integers(1, 9),
    st.sampled_from([ViewQuery("home"), ViewQuery("home", ("work", "sky")), ViewQuery("home", peek=True)]),
)
def test_no_post_is_lost_or_repeated_between_pages_while_others_come(
    office: Office, posts: list[tuple[int, str, bool]], late: list[int], size: int, query: ViewQuery
) -> None:
    """Down page by page while posts arrive above, below and among them, and up again."""
    archive, space = office.desk.world.stores.archive, next(_SPACES)
    day = TUESDAY - timedelta(days=2 * space)

    def bring(name: str, minute: int, account: str, hidden: bool) -> None:
        at = day + timedelta(minutes=minute)
        post = a_post(account, f"{space}-{name}", name, uri=f"https://else.example/{space}-{name}", created_at=at)
        archive.store([Arrival(post, frozenset({hidden_mark("home")} if hidden else ()))])

    for place, (minute, account, hidden) in enumerate(posts):
        bring(f"old {place}", minute, account, hidden)
    shown = [f"old {place}" for place, (_minute, _account, hidden) in enumerate(posts) if query.peek or not hidden]
    bottom, top = first_key(day) - 1, first_key(day + timedelta(days=1))
    seen: list[Entry] = []
    comes = enumerate(late)
    at = top
    while page := [entry for entry in archive.page(query, before=at, limit=size) if entry.key > bottom]:
        seen += page
        at = page[-1].key
        for number, minute in islice(comes, 2):
            bring(f"new {number}", minute, "work", False)
    keys = [entry.key for entry in seen]
    assert keys == sorted(set(keys), reverse=True)
    assert sorted(text for entry in seen if (text := str(entry.post.text)).startswith("old")) == sorted(shown)
    back: list[Entry] = []
    at = bottom
    while page := [entry for entry in archive.page(query, after=at, limit=size) if entry.key < top]:
        back = page + back
        at = page[0].key
    assert {entry.key for entry in back} >= set(keys)
    assert [entry.key for entry in back] == sorted({entry.key for entry in back}, reverse=True)
