"""Reading places shared with other clients: the newest wins, nothing unseen is passed over, no key writes one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mbclient.core.events import PlaceMoved
from mbclient.core.ports import NotificationPage, Page
from mbclient.core.readmarks import WRITE_EVERY_S, ReadMarks
from mbclient.core.stores import Entry, ViewQuery
from mbclient.domain.errors import AuthError, MbclientError, SecretError, UnreachableError
from mbclient.domain.post import Author, Notification, NotificationKind, Post, PostKind
from mbclient.domain.safetext import SafeText
from tests.core.fakes import TUESDAY, Office, a_post
from tests.core.watched import until, watched


def numbered(number: int, account: str = "work") -> Post:
    return a_post(account, str(number), created_at=TUESDAY + timedelta(seconds=number))


async def take(office: Office, *numbers: int, account: str = "work") -> None:
    posts = [numbered(number, account) for number in reversed(numbers)]
    await office.desk.refresher.take(posts, office.desk.accounts.get(account))


def keys(office: Office) -> dict[str, int]:
    """The keys of home by post id."""
    return {entry.post.id: entry.key for entry in office.desk.reading.page(ViewQuery("home", peek=True), limit=500)}


def read_to(office: Office, post: str) -> None:
    """The user stands there in home."""
    office.desk.reading.keep_place("home", keys(office)[post])


def place(office: Office) -> str:
    """Where home's place is, by post id."""
    at = office.desk.reading.place("home")
    return next((post for post, key in keys(office).items() if key == at), "")


def notice(number: int, *, read: bool = False) -> Notification:
    at = TUESDAY + timedelta(seconds=number)
    return Notification("work", str(number), NotificationKind.LIKE, at, Author(SafeText("bo")), read=read)


@pytest.fixture(autouse=True)
def _flush_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Quitting with a server that hangs takes no longer than it must."""
    monkeypatch.setattr("mbclient.core.readmarks.FLUSH_S", 0.05)


@pytest.fixture
def marks(office: Office) -> ReadMarks:
    office.service("work").marks = {}
    return office.desk.watch._marks


# ---------------------------------------------------------------- one account


async def test_what_was_read_elsewhere_is_read_here(office: Office, marks: ReadMarks) -> None:
    await take(office, *range(1, 60))
    read_to(office, "work:5")
    office.service("work").marks = {"home": "12"}
    moved: list[str] = []
    office.desk.bus.listen(lambda event: moved.append(event.view) if isinstance(event, PlaceMoved) else None)
    for _round in range(2):
        await marks.read("work")
    assert moved == ["home"]
    assert place(office) == "work:12"
    assert office.desk.reading.seen("home") == keys(office)["work:12"]
    assert office.service("work").marks == {"home": "12"}


async def test_what_was_read_here_is_told_there(office: Office, marks: ReadMarks) -> None:
    await take(office, *range(1, 60))
    read_to(office, "work:50")
    office.service("work").marks = {"home": "12"}
    await marks.read("work")
    assert place(office) == "work:50"
    assert office.service("work").marks == {"home": "50"}


async def test_scrolling_back_takes_no_mark_back(office: Office, marks: ReadMarks) -> None:
    await take(office, *range(1, 9))
    read_to(office, "work:7")
    await marks.read("work")
    read_to(office, "work:2")
    await marks.write()
    assert office.service("work").marks == {"home": "7"}
    assert office.remote.requests("work", "set_mark") == 1


async def test_before_anything_was_read_here_the_other_clients_place_is_taken(office: Office, marks: ReadMarks) -> None:
    await take(office, *range(1, 9))
    await take(office, *range(1, 9), account="sky")
    office.service("work").marks = {"home": "4"}
    await marks.read("work")
    assert place(office) == "work:4"


@pytest.mark.parametrize("mark", ["0", "4", "700"], ids=["long gone", "between", "not here yet"])
async def test_a_mark_on_a_post_that_is_not_here(office: Office, marks: ReadMarks, mark: str) -> None:
    await take(office, 1, 3, 5, 7)
    read_to(office, "work:1")
    office.service("work").marks = {"home": mark}
    await marks.read("work")
    assert place(office) == {"0": "work:1", "4": "work:3", "700": "work:7"}[mark]
    assert office.service("work").marks == {"home": {"0": "1"}.get(mark, mark)}


async def test_a_boost_is_marked_by_its_own_id(office: Office, marks: ReadMarks) -> None:
    boost = a_post(
        remote_id="3",
        kind=PostKind.BOOST,
        boost_id="9",
        boosted_by=Author(SafeText("cy")),
        boosted_at=TUESDAY + timedelta(seconds=9),
    )
    await take(office, 8)
    await office.desk.refresher.take([boost], office.desk.accounts.get("work"))
    read_to(office, "work:3")
    await marks.read("work")
    assert office.service("work").marks == {"home": "9"}


async def test_an_empty_archive_and_an_unread_home_say_nothing(office: Office, marks: ReadMarks) -> None:
    await marks.read("work")
    office.service("work").marks = {"home": "5"}
    await marks.read("work")
    await take(office, 1, 2)
    await marks.write()
    assert office.remote.requests("work", "set_mark") == 0


# ---------------------------------------------------------------- several accounts


async def test_nothing_of_another_account_is_passed_over_unseen(office: Office, marks: ReadMarks) -> None:
    await take(office, 1, 3, 5, 7)
    await take(office, 2, 6, account="sky")  # keeps no marks
    read_to(office, "sky:2")
    office.service("work").marks = {"home": "7"}
    await marks.read("work")
    assert place(office) == "work:5"  # above it is a post that nobody has seen
    assert office.service("work").marks == {"home": "7"}
    read_to(office, "sky:6")
    await marks.read("work")
    assert place(office) == "work:7"


async def test_two_marks_meet(office: Office, marks: ReadMarks) -> None:
    await take(office, 1, 3, 5, 7)
    await take(office, 2, 4, 6, 8, account="sky")
    read_to(office, "work:1")
    office.service("work").marks = {"home": "7"}
    office.service("sky").marks = {"home": "4"}
    await marks.read("work")
    assert place(office) == "work:1"
    await marks.read("sky")
    assert place(office) == "work:5"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(
    brought=st.lists(st.sampled_from(["work", "sky"]), min_size=1, max_size=8),
    here=st.integers(0, 8),
    there=st.tuples(st.integers(0, 9), st.integers(0, 9)),
)
async def test_a_place_only_goes_up_and_only_over_what_was_read(
    office: Office, brought: list[str], here: int, there: tuple[int, int]
) -> None:
    for entry in office.desk.reading.page(ViewQuery("home", peek=True), limit=100):
        office.desk.world.stores.archive.remove(entry.post.id)
    for number, account in enumerate(brought, 1):
        await take(office, number, account=account)
    at = keys(office)
    order = sorted(at, key=lambda post: at[post])
    start = order[min(here, len(order)) - 1] if here else order[0]
    read_to(office, start)
    read = dict(zip(("work", "sky"), there, strict=True))
    for account, mark in read.items():
        office.service(account).marks = {"home": str(mark)}
    marks = ReadMarks(office.desk.accounts, office.desk.world.stores.archive, office.desk.reading, office.desk.bus)
    await marks.read("work")
    await marks.read("sky")
    end = place(office)
    assert at[end] >= at[start]
    passed = [post.partition(":") for post in order if at[start] < at[post] <= at[end]]
    assert all(int(number) <= read[account] for account, _colon, number in passed)
    above = [post for post in order if at[post] > at[end]]
    if above and at[end] > at[start]:  # it stopped where it had to
        account, _colon, stop = above[0].partition(":")
        assert int(stop) > read[account]
    for account, was in read.items():
        kept = office.service(account).marks
        assert kept is not None
        assert int(kept["home"]) >= was


# ---------------------------------------------------------------- notifications


async def test_notifications_read_elsewhere_are_read_here(office: Office, marks: ReadMarks) -> None:
    office.desk.world.stores.archive.store_notifications([notice(n) for n in (1, 2, 3)])
    office.service("work").marks = {"notifications": "2"}
    await marks.read("work")
    assert {n.remote_id: n.read for n in office.desk.reading.notifications()} == {"1": True, "2": True, "3": False}
    assert office.service("work").marks == {"notifications": "2"}


async def test_notifications_read_here_are_read_elsewhere(office: Office, marks: ReadMarks) -> None:
    office.desk.world.stores.archive.store_notifications([notice(n, read=n < 3) for n in (1, 2, 3)])
    office.service("work").marks = {"notifications": "1"}
    await marks.read("work")
    assert office.service("work").marks == {"notifications": "2"}


async def test_where_a_service_keeps_one_place_only_that_is_told(office: Office, marks: ReadMarks) -> None:
    await take(office, 1, 2)
    read_to(office, "work:2")
    office.desk.world.stores.archive.store_notifications([notice(1, read=True)])
    office.service("work").places = ("notifications",)
    await marks.read("work")
    assert office.service("work").marks == {"notifications": "1"}


# ---------------------------------------------------------------- faults, races, pace


async def test_another_client_at_the_same_moment_is_heard(office: Office, marks: ReadMarks) -> None:
    await take(office, 1, 2, 3)
    read_to(office, "work:2")
    office.remote.fault("work", "set_mark", "raced")
    await marks.read("work")
    assert office.remote.requests("work", "read_marks") == 2
    await marks.write()
    assert office.service("work").marks == {"home": "2"}


@pytest.mark.parametrize("call", ["read_marks", "set_mark"])
@pytest.mark.parametrize("error", [UnreachableError("503"), AuthError("revoked"), SecretError("locked")])
async def test_a_fault_loses_nothing(office: Office, marks: ReadMarks, call: str, error: MbclientError) -> None:
    await take(office, 1, 2, 3)
    read_to(office, "work:2")
    office.remote.fault("work", call, error)
    await marks.read("work")
    assert office.service("work").marks == {}
    await marks.read("work")
    assert office.service("work").marks == {"home": "2"}


async def test_a_server_without_marks_is_asked_once(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    work = office.service("work")
    refuse = work.read_marks

    async def read_marks() -> object:
        asked.append("work")
        return await refuse()

    monkeypatch.setattr(work, "read_marks", read_marks)
    for _round in range(3):
        await office.desk.watch._marks.read("work")
    assert asked == ["work"]


async def test_a_moved_place_is_written_now_and_then(office: Office, marks: ReadMarks) -> None:
    work = office.service("work")
    work.pages = [Page(tuple(numbered(n) for n in (3, 2, 1)), newer="3")]
    work.notices = NotificationPage((notice(1),))
    async with watched(office.desk):
        await until(
            office.desk, lambda: office.remote.requests("work", "read_marks") == 1 and not office.desk.watch._asking
        )
        for second in range(1, round(WRITE_EVERY_S)):
            read_to(office, f"work:{1 + second % 3}")
            office.clock.pass_(seconds=1)
            office.desk.watch.tick()
            await asyncio.sleep(0)
        assert office.remote.requests("work", "set_mark") == 0
        read_to(office, "work:3")
        office.clock.pass_(seconds=1)
        await until(office.desk, lambda: work.marks == {"home": "3"})
    assert office.remote.requests("work", "set_mark") == 1


async def test_quitting_writes_the_last_place_and_waits_for_nobody(office: Office, marks: ReadMarks) -> None:
    work = office.service("work")
    work.pages = [Page(tuple(numbered(n) for n in (3, 2, 1)), newer="3")]
    async with watched(office.desk):
        await until(office.desk, lambda: office.remote.requests("work", "read_marks") == 1)
        read_to(office, "work:2")
    assert work.marks == {"home": "2"}
    async with watched(office.desk):
        office.clock.pass_(minutes=2)
        await until(office.desk, lambda: office.remote.requests("work", "read_marks") == 2)
        read_to(office, "work:3")
        work.hang.add("set_mark")
    assert work.marks == {"home": "2"}
    work.hang.clear()
    async with watched(office.desk):  # the next start makes up for it
        office.clock.pass_(minutes=2)
        await until(office.desk, lambda: work.marks == {"home": "3"})


# ---------------------------------------------------------------- many accounts at once


@pytest.mark.parametrize(
    "change", [lambda known: known.update(sky={}), lambda known: known.clear()], ids=["came", "went"]
)
async def test_other_accounts_come_and_go_while_the_archive_is_looked_through(
    office: Office, marks: ReadMarks, monkeypatch: pytest.MonkeyPatch, change: Callable[[Any], object]
) -> None:
    """The archive is looked through in a thread, and meanwhile another account's server answers."""
    await take(office, *range(1, 9))
    office.service("work").marks = {"home": "4", "notifications": "1"}
    page = marks._archive.page

    def meanwhile(*asked: Any, **named: Any) -> Sequence[Entry]:
        change(marks._marks)
        return page(*asked, **named)

    monkeypatch.setattr(marks._archive, "page", meanwhile)
    await marks.read("work")
    assert place(office) == "work:4"


async def test_who_reads_on_meanwhile_is_not_taken_back(
    office: Office, marks: ReadMarks, monkeypatch: pytest.MonkeyPatch
) -> None:
    await take(office, *range(1, 9))
    read_to(office, "work:2")
    office.service("work").marks = {"home": "4"}
    known, page = keys(office), marks._archive.page

    def meanwhile(*asked: Any, **named: Any) -> Sequence[Entry]:
        monkeypatch.undo()  # once
        marks._archive.set_place("home", known["work:7"], known["work:8"])
        return page(*asked, **named)

    monkeypatch.setattr(marks._archive, "page", meanwhile)
    await marks.read("work")
    assert place(office) == "work:7"
    assert office.desk.reading.seen("home") == known["work:8"]
