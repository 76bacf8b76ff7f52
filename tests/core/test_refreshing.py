"""Refresh: accounts side by side, gaps closed whole, limits kept, own posts counted, the future kept in its place."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from mbclient.core.events import AccountChanged, AccountHealth, FilterChanged, NotificationsArrived, PostChanged
from mbclient.core.ports import HOME, NotificationPage, Page
from mbclient.core.preferences import Bounds
from mbclient.core.refresh import Refreshed
from mbclient.core.stores import ViewQuery
from mbclient.domain.errors import (
    AuthError,
    MbclientError,
    RateLimitedError,
    RejectedError,
    SecretError,
    StorageError,
    UnreachableError,
)
from mbclient.domain.post import Author, Notification, NotificationKind, Post, PostKind
from mbclient.domain.safetext import SafeText
from tests.core.fakes import TUESDAY, Office, a_post, mine


def ids(office: Office, view: str = "home") -> list[str]:
    return [entry.post.id for entry in office.desk.reading.page(ViewQuery(view), limit=500)]


def posts(first: int, last: int) -> tuple[Post, ...]:
    """Numbers `last` down to `first`, one a second, newest first."""
    return tuple(
        a_post(remote_id=str(n), created_at=TUESDAY + timedelta(seconds=n)) for n in range(last, first - 1, -1)
    )


async def refresh(office: Office, account: str = "work") -> Refreshed:
    (done,) = await office.desk.refresher.refresh([account])
    return done


async def test_the_first_refresh_brings_the_newest_page(office: Office) -> None:
    office.service("work").pages = [Page(posts(1, 3), older="1", newer="3", skipped=2)]
    done = await refresh(office)
    assert (done.new, ids(office)) == (3, ["work:3", "work:2", "work:1"])
    state = office.desk.refresher.states["work"]
    assert (state.health, state.as_of, state.skipped) == (AccountHealth.OK, TUESDAY, 2)


async def test_one_that_hangs_delays_no_other(office: Office) -> None:
    office.service("sky").hang.add("page")
    office.service("work").pages = [Page(posts(1, 3), newer="3")]
    fine = asyncio.Event()
    office.desk.bus.listen(
        lambda event: (
            fine.set()
            if isinstance(event, AccountChanged) and (event.state.account, event.state.health) == ("work", "ok")
            else None
        )
    )
    whole = asyncio.ensure_future(office.desk.refresher.refresh())
    await asyncio.wait_for(fine.wait(), 5)
    await asyncio.wait_for(office.service("sky").reached.wait(), 5)
    assert len(ids(office)) == 3
    assert office.desk.refresher.states["sky"].health is AccountHealth.REFRESHING
    office.service("sky").go.set()
    assert [one.error for one in await whole] == [None, None]


async def test_one_that_never_answers_is_stale_in_the_end(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mbclient.core.refresh.TIMEOUT_S", 0.01)
    office.service("sky").hang.add("page")
    done = await refresh(office, "sky")
    assert isinstance(done.error, UnreachableError)
    assert office.desk.refresher.states["sky"].health is AccountHealth.STALE


@pytest.mark.parametrize(
    ("error", "health"),
    [
        (AuthError("signed out"), AccountHealth.SIGNED_OUT),
        (UnreachableError("down"), AccountHealth.STALE),
        (RejectedError("gone", status=410), AccountHealth.STALE),
        (SecretError("keyring locked"), AccountHealth.STALE),
        (RateLimitedError("slow", until=TUESDAY + timedelta(minutes=5)), AccountHealth.LIMITED),
    ],
)
async def test_each_fault_is_its_own_accounts_state(
    office: Office, error: MbclientError, health: AccountHealth
) -> None:
    await office.desk.refresher.refresh()
    office.remote.fault("work", "page", error)
    office.clock.pass_(minutes=1)
    work, sky = await office.desk.refresher.refresh()
    state = office.desk.refresher.states["work"]
    assert (work.error, sky.error) == (error, None)
    assert (state.health, state.reason, state.as_of) == (health, error.problem, TUESDAY)


async def test_a_limited_account_is_not_asked_before_its_time(office: Office) -> None:
    until = TUESDAY + timedelta(minutes=5)
    office.remote.fault("work", "page", RateLimitedError("slow", until=until))
    await refresh(office)
    asked = office.remote.requests("work")
    for _minute in range(4):
        office.clock.pass_(minutes=1)
        assert isinstance((await refresh(office)).error, RateLimitedError)
    assert office.remote.requests("work") == asked
    office.clock.pass_(minutes=1)
    assert (await refresh(office)).error is None


async def test_what_is_refused_besides_does_not_take_the_timeline(office: Office) -> None:
    office.remote.fault("work", "notifications", RejectedError("scope missing", status=403))
    office.remote.fault("work", "own_posts", RejectedError("not for you", status=403))
    office.service("work").pages = [Page(posts(1, 3), newer="3")]
    assert (await refresh(office)).new == 3
    state = office.desk.refresher.states["work"]
    assert (state.health, state.reason) == (AccountHealth.OK, "not for you")


# ---------------------------------------------------------------- gaps


async def start(office: Office) -> None:
    office.service("work").pages = [Page(posts(1, 3), older="1", newer="3")]
    await refresh(office)
    office.clock.pass_(hours=2)


def late(first: int, last: int) -> tuple[Post, ...]:
    return tuple(
        a_post(remote_id=str(n), created_at=TUESDAY + timedelta(hours=1, seconds=n)) for n in range(last, first - 1, -1)
    )


async def test_a_gap_is_filled_down_to_what_is_known(office: Office) -> None:
    await start(office)
    office.service("work").pages = [
        Page(late(30, 39), older="30", newer="39", complete=False),
        Page(late(20, 29), older="20"),
        Page((*late(10, 19), *posts(1, 3)), older="0"),
        Page(),
    ]
    assert (await refresh(office)).new == 30
    assert len(ids(office)) == 33


async def test_a_fill_that_broke_off_is_taken_up_again(office: Office) -> None:
    """What it had brought before is known by then, and must not look like the gap's end."""
    await start(office)
    top = Page(late(30, 39), older="30", newer="39", complete=False)
    middle = Page(late(20, 29), older="20", complete=False)
    office.service("work").pages = [top, middle]
    office.remote.fault("work", "page", "", "", UnreachableError("down"))
    assert (await refresh(office)).error is not None
    office.service("work").pages = [top, middle, Page(late(10, 19), older="10"), Page()]
    await refresh(office)
    assert len(ids(office)) == 33
    assert ("20", None) in office.service("work").cursors[-4:]


async def test_an_own_post_in_the_middle_does_not_end_the_gap(office: Office) -> None:
    await start(office)
    own = mine(remote_id="25", created_at=TUESDAY + timedelta(hours=1, seconds=25))
    await office.desk.refresher.take([own], office.desk.accounts.get("work"))
    office.service("work").pages = [
        Page(late(30, 39), older="30", newer="39", complete=False),
        Page((*late(26, 29), own, *late(20, 24)), older="20"),
        Page((*late(10, 19), *posts(1, 3)), older="0"),
        Page(),
    ]
    await refresh(office)
    assert len(ids(office)) == 33


async def test_a_page_of_nothing_but_garbage_is_passed_and_counted(office: Office) -> None:
    await start(office)
    office.service("work").pages = [Page((), newer="50", skipped=40), Page(late(51, 52), newer="52", skipped=1), Page()]
    assert (await refresh(office)).new == 2
    assert office.desk.refresher.states["work"].skipped == 41


async def test_catching_up_is_bounded(office: Office) -> None:
    await start(office)
    office.service("work").pages = [Page(late(n, n), newer=str(n)) for n in range(10, 500)]
    await refresh(office)
    assert len(office.service("work").cursors) <= 12
    assert (await refresh(office)).new > 0  # and goes on next time where it was


async def test_older_pages_at_the_end_of_the_timeline(office: Office) -> None:
    await start(office)
    office.service("work").pages = [Page(posts(-9, 0), older=None)]
    assert await office.desk.refresher.older(["work"]) == 10
    assert await office.desk.refresher.older(["work"]) == 0


async def test_older_pages_until_there_is_enough_but_not_for_ever(office: Office) -> None:
    """Pages of which nothing is shown where one stands are passed, also one that is known already."""
    await start(office)
    ends = (-10, -20, -20, -30, -40, -50, -60, -70, -80, -90)
    office.service("work").pages = [Page(posts(end + 1, end + 10), older=str(end)) for end in ends]
    assert await office.desk.refresher.older(["work"], lambda: "work:-25" in ids(office)) == 30
    assert await office.desk.refresher.older(["work"], lambda: False) == 50
    assert office.service("work").cursors[-5:] == [(str(end), None) for end in range(-30, -80, -10)]


@pytest.mark.parametrize(
    ("error", "health"),
    [
        (UnreachableError("no route"), AccountHealth.STALE),
        (AuthError("signed out"), AccountHealth.SIGNED_OUT),
        (SecretError("the keyring is locked"), AccountHealth.STALE),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_older_pages_that_fail_are_the_accounts_state(
    office: Office, error: MbclientError, health: AccountHealth
) -> None:
    await start(office)
    office.remote.fault("work", "page", error)
    assert await office.desk.refresher.older(["work"]) == 0
    assert office.desk.refresher.states["work"].health is health


async def test_an_older_page_that_is_late_takes_no_refresh_back(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await start(office)
    asked, go = asyncio.Event(), asyncio.Event()

    async def page(*, before: str | None = None, **_named: object) -> Page:
        if before is None:
            return Page(late(4, 6), newer="6")
        asked.set()
        await go.wait()
        return Page(posts(-9, 0), older="-9")

    monkeypatch.setattr(office.service("work"), "page", page)
    older = asyncio.ensure_future(office.desk.refresher.older(["work"]))
    await asyncio.wait_for(asked.wait(), 5)
    refreshed = asyncio.ensure_future(refresh(office))
    for _step in range(50):  # it comes as far as it can
        await asyncio.to_thread(bool)
    go.set()
    assert (await older, (await refreshed).new) == (10, 3)
    state = office.desk.world.stores.archive.feed_state("work", HOME)
    assert (state.newest, state.oldest, state.as_of) == ("6", "-9", office.clock.now())


async def test_an_older_page_that_never_comes_holds_no_refresh_up(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await start(office)
    monkeypatch.setattr("mbclient.core.refresh.TIMEOUT_S", 0.01)
    office.service("work").hang.add("page")
    assert await asyncio.wait_for(office.desk.refresher.older(["work"]), 5) == 0
    assert office.desk.refresher.states["work"].health is AccountHealth.STALE
    monkeypatch.undo()
    office.service("work").hang.clear()
    assert (await refresh(office)).error is None


async def test_an_edit_that_a_poll_brings_is_told_and_decides_anew(office: Office) -> None:
    """Feeds and some servers know no stream: they give the post again."""
    before = a_post(remote_id="1", text="lunch")
    after = a_post(remote_id="1", text="openssl", edited_at=TUESDAY)
    office.service("work").pages = [Page((before,), newer="1"), Page((after,), newer="1"), Page((after,), newer="1")]
    told: list[object] = []
    office.desk.bus.listen(lambda event: told.append(event) if not isinstance(event, AccountChanged) else None)
    await refresh(office)
    assert ids(office, "work") == []
    told.clear()
    await refresh(office)
    changed = [str(event.post.text) for event in told if isinstance(event, PostChanged)]
    assert (changed, told.count(FilterChanged()), ids(office, "work")) == (["openssl"], 1, ["work:1"])
    told.clear()
    await refresh(office)
    assert told == []


# ---------------------------------------------------------------- own posts, mentions


async def test_own_posts_of_other_clients_are_counted_once(office: Office) -> None:
    service = office.service("work")
    service.own = [mine(remote_id="o1"), mine(remote_id="o2", text="Another"), a_post(kind=PostKind.BOOST)]
    await refresh(office)
    await refresh(office)
    assert office.desk.judge.status().count == 2
    assert len(ids(office, "mine")) == 2


async def test_days_without_a_refresh_are_caught_up_in_the_ledger(office: Office) -> None:
    await refresh(office)
    office.clock.pass_(days=5)
    await refresh(office)
    assert office.service("work").since[1] == TUESDAY
    office.clock.pass_(days=100)
    await refresh(office)
    assert office.service("work").since[2] == office.clock.now() - timedelta(days=30)


async def test_a_mention_comes_with_its_notification(office: Office) -> None:
    post = a_post(remote_id="m1", text="to you")
    notice = Notification("work", "n1", NotificationKind.MENTION, TUESDAY, Author(SafeText("bo")), post)
    like = Notification("work", "n2", NotificationKind.LIKE, TUESDAY, Author(SafeText("bo")), a_post(remote_id="x"))
    office.service("work").notices = NotificationPage((notice, like))
    told: list[int] = []
    office.desk.bus.listen(lambda event: told.append(event.number) if isinstance(event, NotificationsArrived) else None)
    await refresh(office)
    await refresh(office)
    assert (told, ids(office, "mentions")) == ([2], ["work:m1"])


# ---------------------------------------------------------------- time and space


async def test_the_far_future_does_not_stay_on_top(office: Office) -> None:
    dream = a_post(remote_id="future", created_at=TUESDAY + timedelta(days=3650))
    boost = a_post(
        remote_id="boosted",
        kind=PostKind.BOOST,
        boost_id="b1",
        boosted_by=Author(SafeText("cy")),
        boosted_at=TUESDAY + timedelta(days=1),
    )
    office.service("work").pages = [Page((dream, boost), newer="b1")]
    await refresh(office)
    office.clock.pass_(minutes=1)
    office.service("work").pages = [Page((a_post(remote_id="now", created_at=office.clock.now()),), newer="now")]
    await refresh(office)
    assert ids(office)[0] == "work:now"


async def test_a_slow_local_clock_moves_no_honest_post(office: Office) -> None:
    """The servers agree that it is later than this computer thinks."""
    office.services.skew = [("one.example", 7200.0), ("two.example", 7200.0)]
    honest = a_post(created_at=TUESDAY + timedelta(hours=2))
    office.service("work").pages = [Page((honest,), newer="1")]
    await refresh(office)
    known = office.desk.reading.known("work:1")
    assert known is not None
    assert known.created_at == honest.created_at


async def test_the_archive_is_pruned_once_a_day(office: Office) -> None:
    old = TUESDAY - timedelta(days=31)
    account = office.desk.accounts.get("work")
    await office.desk.refresher.take([a_post(remote_id=str(n), created_at=old) for n in range(600)], account)
    await office.desk.refresher.take([mine(remote_id="own", created_at=old)], account)
    await refresh(office)
    assert ids(office) == ["work:own"]
    await office.desk.refresher.take([a_post(remote_id="again", created_at=old)], account)
    await refresh(office)
    assert len(ids(office)) == 2
    office.clock.pass_(days=1)
    await refresh(office)
    assert ids(office) == ["work:own"]


async def test_much_is_pruned_over_several_refreshes_and_other_bounds_count_at_once(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mbclient.core.refresh.PORTIONS", 2)
    account = office.desk.accounts.get("work")
    await office.desk.refresher.take(list(posts(1, 450)), account)
    await office.desk.use(replace(office.desk.preferences, archive=Bounds(keep_posts=100)))
    left = []
    for _round in range(3):
        await refresh(office)
        left.append(len(ids(office)))
    assert left == [250, 100, 100]
    await office.desk.use(replace(office.desk.preferences, archive=Bounds(keep_days=1)))
    office.clock.pass_(hours=25)
    await refresh(office)
    assert ids(office) == []


async def test_a_full_disk_is_no_accounts_fault(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_args: object, **_named: object) -> None:
        raise StorageError("the disk is full")

    monkeypatch.setattr(office.desk.world.stores.archive, "set_feed_state", full)
    with pytest.raises(StorageError):
        await refresh(office)
    assert office.desk.refresher.states["work"].health is AccountHealth.IDLE
