"""While posts are being stored: rules change, posts are deleted, whoever waited is cancelled."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from mbclient import bootstrap
from mbclient.core.events import Event, NotificationsArrived, PostRemoved, PostsArrived
from mbclient.core.lasting import all_ended
from mbclient.core.ports import HOME, NotificationPage, Page
from mbclient.core.preferences import Mute
from mbclient.core.stores import FeedState, ViewQuery
from mbclient.domain.errors import UsageError
from mbclient.domain.post import Notification, NotificationKind, Post
from tests.core.fakes import TUESDAY, Office, a_post, mine

PATIENCE_S = 20.0


class Gate:
    """Holds a function of the archive up, in its thread, until it is opened; `reached` once somebody is held."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, archive: object, name: str) -> None:
        self.reached, self._open = threading.Event(), threading.Event()
        function = getattr(archive, name)

        def held(*given: Any, **named: Any) -> object:
            if threading.current_thread() is not threading.main_thread():
                self.reached.set()
                assert self._open.wait(PATIENCE_S)
            return function(*given, **named)

        monkeypatch.setattr(archive, name, held)

    async def wait(self) -> None:
        assert await asyncio.to_thread(self.reached.wait, PATIENCE_S)

    def open(self) -> None:
        self._open.set()


class Knock:
    """A lock that tells when somebody waits for it."""

    def __init__(self) -> None:
        self._lock, self.waited_for = threading.Lock(), threading.Event()

    def __enter__(self) -> None:
        if not self._lock.acquire(blocking=False):
            self.waited_for.set()
            self._lock.acquire()

    def __exit__(self, *_how: object) -> None:
        self._lock.release()

    async def wait(self) -> None:
        assert await asyncio.to_thread(self.waited_for.wait, PATIENCE_S)


@pytest.fixture
def knock(office: Office, monkeypatch: pytest.MonkeyPatch) -> Knock:
    made = Knock()
    monkeypatch.setattr(office.desk.sieve, "marking", made)
    return made


@pytest.fixture
def heard(office: Office) -> Iterator[list[Event]]:
    told: list[Event] = []
    stop = office.desk.bus.listen(told.append)
    yield told
    stop()


def numbered(*numbers: int, text: str = "openssl") -> list[Post]:
    times = ((number, TUESDAY + timedelta(seconds=number)) for number in numbers)
    return [
        a_post("work", str(number), text=text, created_at=at, uri=f"https://one.example/{number}")
        for number, at in times
    ]


async def take(office: Office, posts: Sequence[Post]) -> None:
    await office.desk._intake.take(posts, office.desk.accounts.get("work"))


def shown(office: Office, *, peek: bool = False) -> list[str]:
    return [entry.post.remote_id for entry in office.desk.reading.page(ViewQuery("home", peek=peek), limit=500)]


# ---------------------------------------------------------------- rules


async def test_what_is_muted_while_it_is_stored_is_hidden(
    office: Office, knock: Knock, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate(monkeypatch, office.desk.world.stores.archive, "store")
    taking = asyncio.create_task(take(office, numbered(1, 2)))
    await gate.wait()
    muted = replace(office.desk.preferences, mutes=(Mute("openssl"),))
    using = asyncio.create_task(office.desk.use(muted))
    await knock.wait()
    gate.open()
    await asyncio.gather(taking, using)
    assert (shown(office), shown(office, peek=True)) == ([], ["2", "1"])
    assert not office.desk.resifter.stale()


async def test_of_two_changes_at_once_the_later_one_counts(
    office: Office, knock: Knock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await take(office, numbered(1, 2))
    gate = Gate(monkeypatch, office.desk.world.stores.archive, "replace_views")
    before = office.desk.preferences
    first = asyncio.create_task(office.desk.use(replace(before, mutes=(Mute("openssl"),))))
    await gate.wait()
    second = asyncio.create_task(office.desk.use(before))
    await knock.wait()
    gate.open()
    await asyncio.gather(first, second)
    assert shown(office) == ["2", "1"]
    assert not office.desk.resifter.stale()


# ---------------------------------------------------------------- what is gone


async def test_what_i_deleted_does_not_come_back_with_a_page_that_was_on_its_way(office: Office) -> None:
    (post,) = numbered(1)
    mine = replace(post, author=replace(post.author, remote_id="me-work"))
    await take(office, [mine])
    await office.desk.actions.delete(mine)
    await take(office, [mine, replace(mine, account="sky", remote_id="seen-there")])
    assert shown(office) == []


async def test_what_is_sent_anew_under_the_address_of_what_was_deleted_is_there(office: Office) -> None:
    """A web site may let one choose the address of a post."""
    (post,) = numbered(1)
    mine = replace(post, author=replace(post.author, remote_id="me-work"))
    await take(office, [mine])
    await office.desk.actions.delete(mine)
    await office.desk.refresher.take([mine], office.desk.accounts.get("work"))
    await take(office, [mine])
    assert shown(office) == ["1"]


async def test_what_is_deleted_while_it_is_stored_goes(
    office: Office, knock: Knock, heard: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate(monkeypatch, office.desk.world.stores.archive, "store")
    taking = asyncio.create_task(take(office, numbered(1, 2)))
    await gate.wait()
    deleting = asyncio.create_task(office.desk._intake.deleted("1", office.desk.accounts.get("work")))
    await knock.wait()
    gate.open()
    await asyncio.gather(taking, deleting)
    assert shown(office) == ["2"]
    told = [type(event) for event in heard if isinstance(event, PostsArrived | PostRemoved)]
    assert told == [PostsArrived, PostRemoved]


async def test_what_is_deleted_between_two_slices_is_not_stored(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    posts = numbered(*range(60, 0, -1))
    gate = Gate(monkeypatch, office.desk.world.stores.archive, "store")
    taking = asyncio.create_task(take(office, posts))
    await gate.wait()
    deleting = asyncio.create_task(office.desk._intake.deleted("1", office.desk.accounts.get("work")))
    gate.open()
    await asyncio.gather(taking, deleting)
    assert shown(office) == [str(number) for number in range(60, 1, -1)]


# ---------------------------------------------------------------- an account is gone


async def another_removes(office: Office, name: str) -> None:
    """`mbclient account remove` in another terminal, which tells this program nothing."""
    setup = bootstrap.read_settings(config=str(office.config), data_dir=str(office.folder / "data"))
    other = bootstrap.build(setup, clock=office.clock)
    await other.accounts.remove(name)
    other.world.stores.close()


@pytest.mark.parametrize("call", ["own_posts", "page", "notifications", "search"])
async def test_what_arrives_after_another_program_removed_the_account_does_not_stay(
    office: Office, heard: list[Event], call: str
) -> None:
    """Neither posts nor places in its feed: an account that gets its name would go on from there."""
    work, stores = office.service("work"), office.desk.world.stores
    work.pages = [Page(tuple(numbered(3, 2, 1)), newer="3", older="1")]
    await office.desk.refresher.refresh(["work"])
    office.clock.pass_(hours=2)
    work.own = [mine(remote_id="6", text="openssl", created_at=office.clock.now())]
    late = tuple(numbered(9, 8))
    work.pages = [Page(late, newer="9", older="8", complete=False), *(Page(older="8") for _page in range(20))]
    work.notices = NotificationPage((Notification("work", "1", NotificationKind.MENTION, TUESDAY, post=late[0]),))
    work.found = {"openssl": Page(tuple(numbered(7)))}
    work.hang.add(call)
    refreshing = asyncio.create_task(office.desk.refresher.refresh(["work"]))
    await asyncio.wait_for(work.reached.wait(), PATIENCE_S)
    await another_removes(office, "work")
    heard.clear()
    work.go.set()
    (done,) = await refreshing
    assert isinstance(done.error, UsageError) or call == "search"
    assert (shown(office, peek=True), stores.archive.notifications(), stores.gaps.all()) == ([], [], [])
    assert stores.archive.feed_state("work", HOME) == FeedState()
    assert not any(isinstance(event, PostsArrived | NotificationsArrived) for event in heard)


async def test_a_gap_is_not_filled_for_an_account_that_another_program_removed(office: Office) -> None:
    work, stores = office.service("work"), office.desk.world.stores
    work.pages = [Page(tuple(numbered(3, 2, 1)), newer="3", older="1")]
    await office.desk.refresher.refresh(["work"])
    gap = stores.gaps.mark("work", TUESDAY, TUESDAY - timedelta(days=1), "1")
    work.pages = [Page(tuple(numbered(-1, -2)), older="-2", complete=False)]
    work.hang.add("page")
    filling = asyncio.create_task(office.desk.refresher.fill_gap(gap))
    await asyncio.wait_for(work.reached.wait(), PATIENCE_S)
    await another_removes(office, "work")
    work.go.set()
    with pytest.raises(UsageError):
        await filling
    assert (shown(office), stores.gaps.all()) == ([], [])


async def test_older_pages_come_for_the_accounts_that_are_left(office: Office) -> None:
    for name in ("work", "sky"):
        office.service(name).pages = [Page((a_post(name, f"{name}1"),), newer="1", older="1")]
    await office.desk.refresher.refresh()
    for name in ("work", "sky"):
        office.service(name).pages = [Page((a_post(name, f"{name}0", created_at=TUESDAY - timedelta(days=1)),))]
    work = office.service("work")
    work.hang.add("page")
    asking = asyncio.create_task(office.desk.refresher.older())
    await asyncio.wait_for(work.reached.wait(), PATIENCE_S)
    await another_removes(office, "work")
    work.go.set()
    assert await asking == 1
    assert shown(office) == ["sky1", "sky0"]


# ---------------------------------------------------------------- who waits


async def test_what_is_stored_is_told_though_nobody_waits_for_it_any_more(
    office: Office, heard: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next refresh finds it known, and would not tell of it."""
    gate = Gate(monkeypatch, office.desk.world.stores.archive, "store")
    taking = asyncio.create_task(take(office, numbered(*range(60))))
    await gate.wait()
    taking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await taking
    gate.open()
    await all_ended(PATIENCE_S)
    told = [entry.post.remote_id for event in heard if isinstance(event, PostsArrived) for entry in event.entries]
    assert told == shown(office) != []
    assert len(told) < 60, "the rest comes with the next refresh"


async def test_a_notification_is_told_likewise(
    office: Office, heard: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate(monkeypatch, office.desk.world.stores.archive, "store_notifications")
    account = office.desk.accounts.get("work")
    one = Notification("work", "1", NotificationKind.LIKE, TUESDAY)
    noting = asyncio.create_task(office.desk._intake.notified([one], account))
    await gate.wait()
    noting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await noting
    gate.open()
    await all_ended(PATIENCE_S)
    assert NotificationsArrived(1) in heard
