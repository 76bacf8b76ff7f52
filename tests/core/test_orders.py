"""Whatever order services tell things in, the timeline ends the same; and no page loses or repeats a post."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count, islice
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mbclient.core.intake import Intake
from mbclient.core.stores import Archive, Arrival, Entry, ViewQuery, hidden_mark
from mbclient.domain.post import Author, PostKind
from mbclient.domain.safetext import SafeText
from mbclient.storage.shelf import first_key
from tests.core.fakes import TUESDAY, Office, a_post

POSTS, LENGTH = 4, 60
_SPACES = count(1)


NAMES = ("Cy", "Eva", "Nils")


@dataclass(frozen=True, slots=True)
class Told:
    """A service tells an account one thing of the post `number`: its text as edited so often, or that it is gone.

    `boosted`: the post comes because one of `NAMES` boosted it, each at a time of their own; `gone` then means that
    boost. `found`: it comes because it was searched for.
    """

    number: int
    account: str
    edit: int = 0
    gone: bool = False
    boosted: str = ""
    found: bool = False


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One for all examples: each has a day of its own."""
    made = Office(Path(tmp_path_factory.mktemp("orders")))
    yield made
    made.close()


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Told], list[Told]]:
    """All that is told, in two orders. That something is gone is told to every account that has it."""
    told = draw(
        st.lists(
            st.builds(
                Told,
                st.integers(0, POSTS - 1),
                st.sampled_from(["work", "sky"]),
                st.integers(0, 3),
                boosted=st.sampled_from(["", *NAMES]),
                found=st.booleans(),
            )
        )
    )
    for number in draw(st.sets(st.integers(0, POSTS - 1), max_size=2)):
        told += [Told(number, account, gone=True) for account in ("work", "sky")]
    for number, name in draw(st.sets(st.tuples(st.integers(0, POSTS - 1), st.sampled_from(NAMES)), max_size=2)):
        told += [Told(number, account, gone=True, boosted=name) for account in ("work", "sky")]
        # its words go with it where it is known to be gone before it comes
        told = [replace(each, edit=0) if (each.number, each.boosted) == (number, name) else each for each in told]
    return draw(st.permutations(told)), draw(st.permutations(told))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories())
def test_any_order_of_arrivals_boosts_edits_and_deletions_gives_the_same_timeline(
    office: Office, orders: tuple[list[Told], list[Told]]
) -> None:
    first, second = (asyncio.run(timeline(office, order)) for order in orders)
    assert first == second == expected(orders[0])


Line = tuple[int, str, frozenset[str], tuple[str, ...], str]  # minute, text, accounts, who boosted it, its kind


def expected(told: list[Told]) -> list[Line]:
    """Without any order: what is known of each post says where it stands and what it shows, newest first."""
    gone = {(each.number, each.boosted) for each in told if each.gone}
    there = [each for each in told if not each.gone and (each.number, "") not in gone]
    there = [each for each in there if (each.number, each.boosted) not in gone]
    lines = []
    for number in {each.number for each in there}:
        mine = [each for each in there if each.number == number]
        edit = max(each.edit for each in mine)
        names = tuple(sorted({each.boosted for each in mine if each.boosted}))
        itself = any(not each.boosted and not each.found for each in mine)
        minute = number if itself or not names else boosted_after(names[0], number)
        kind = "post" if any(not each.boosted for each in mine) else "boost"
        lines.append((minute, number, edit, frozenset(each.account for each in mine), names, kind))
    return [
        (minute, f"{number} edited {edit} openssl", accounts, names, kind)
        for minute, number, edit, accounts, names, kind in sorted(lines, key=lambda line: line[:2], reverse=True)
    ]


def boosted_after(name: str, number: int) -> int:
    """Minutes."""
    return POSTS * (1 + NAMES.index(name)) + number


async def timeline(office: Office, told: list[Told]) -> list[Line]:
    """What stands there after all that was told in this order, newest first."""
    space = next(_SPACES)
    day = TUESDAY - timedelta(days=2 * space)
    desk = office.desk
    stores = desk.world.stores
    intake = Intake(
        stores.archive,
        stores.ledger,
        desk.sieve,
        desk.bus,
        lambda: TUESDAY,
        desk.resifter.keep_end,
        desk.accounts.is_there,
    )
    for each in told:
        account = desk.accounts.get(each.account)
        name = f"{space}-{each.number}"
        boost_id = f"{name}-{each.boosted}" if each.boosted else ""
        if each.gone:
            await intake.deleted(boost_id or name, account)
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
        if each.boosted:
            post = replace(
                post,
                kind=PostKind.BOOST,
                boosted_by=Author(SafeText(each.boosted)),
                boost_id=boost_id,
                boosted_at=day + timedelta(minutes=boosted_after(each.boosted, each.number)),
            )
        await intake.take([post], account, found=each.found and not each.boosted)
    return [
        (
            (entry.post.sorted_at - day) // timedelta(minutes=1),
            str(entry.post.text),
            frozenset(name.partition(":")[0] for name in (entry.post.id, *entry.post.also)),
            tuple(str(each.author.handle) for each in entry.post.boosts),
            entry.post.kind.value,
        )
        for entry in between(desk.world.stores.archive, day)
    ]


def between(archive: Archive, day: datetime) -> Sequence[Entry]:
    """The entries of a day."""
    first = first_key(day) - 1
    last = first_key(day + timedelta(days=1))
    work, home = (paged(archive, ViewQuery(view), first, last) for view in ("work", "home"))
    assert work == home, "every text has the term, whatever came first"
    assert home == archive.page(ViewQuery("home"), after=first, before=last, limit=100)
    return home


def paged(archive: Archive, query: ViewQuery, first: int, last: int) -> Sequence[Entry]:
    """Two at a time, downwards."""
    entries: list[Entry] = []
    while page := archive.page(query, before=entries[-1].key if entries else last, limit=2):
        entries += (entry for entry in page if entry.key > first)
        if page[-1].key <= first:
            break
    return entries


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
