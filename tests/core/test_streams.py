"""Streams and the watch over them: gaps filled, breaks mended, nobody delayed, no task left. All time is the test's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbclient import bootstrap
from mbclient.core import events, intake, streams, watch
from mbclient.core.criteria import MENTIONS, WORK
from mbclient.core.events import AccountHealth
from mbclient.core.ports import Page, PostDeleted, PostEdited, StreamEvent, StreamOpened
from mbclient.core.refresh import MAX_PAGES
from mbclient.core.watch import Wakefulness
from mbclient.domain.account import Account
from mbclient.domain.errors import (
    AuthError,
    MbclientError,
    RateLimitedError,
    RejectedError,
    StorageError,
    UnreachableError,
    UnsupportedError,
    UsageError,
)
from mbclient.domain.post import Author, Notification, NotificationKind, PostKind
from mbclient.domain.safetext import SafeText
from tests.core.fakes import TUESDAY, Clock, FakeService, Office, a_draft, a_post, mine
from tests.core.test_refreshing import ids, posts
from tests.core.watched import is_live, watched
from tests.core.watched import until as watched_until


@pytest.fixture(autouse=True)
def _steady_backoff(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two seconds after the first break, four after the second; the jitter has its own tests."""
    monkeypatch.setattr(streams, "backoff", lambda breaks: 2.0**breaks)


@asynccontextmanager
async def watching(office: Office, *live: str) -> AsyncIterator[None]:
    """The program at work; `live`: accounts whose service has a stream. At the end nothing of it is left."""
    for name in live:
        has_stream(office, name)
    async with watched(office.desk):
        yield
    assert all(service.lines[0] == service.lines[1] for service in office.services.opened.values())


def has_stream(office: Office, name: str) -> FakeService:
    service = office.service(name)
    service.capabilities = replace(service.capabilities, stream=True)
    return service


async def until(office: Office, true: Callable[[], object]) -> None:
    await watched_until(office.desk, true)


async def passes(office: Office, seconds: float) -> None:
    """Time goes by, a second at a time, as the program sees it."""
    whole, rest = divmod(seconds, 1)
    for step in (*[1.0] * int(whole), *([rest] if rest else [])):
        office.clock.pass_(seconds=step)
        office.desk.watch.tick()
        await asyncio.sleep(0)


def live(office: Office, name: str = "work") -> bool:
    return is_live(office.desk, name)


def asking(office: Office, name: str) -> bool:
    lock = office.desk.refresher._turns.get(name)
    return lock is not None and lock.locked()


def has_opened(service: FakeService, times: int) -> Callable[[], bool]:
    return lambda: service.lines[0] == times


def has_asked(office: Office, account: str, times: int) -> Callable[[], bool]:
    """For its own posts, which every fill asks for once."""
    return lambda: office.remote.requests(account, "own_posts") == times


def filled(office: Office, times: int, name: str = "work") -> Callable[[], bool]:
    """Live, and it was refreshed so many times in all."""
    return lambda: live(office, name) and office.remote.requests(name, "own_posts") == times


def health(office: Office, name: str = "work") -> AccountHealth:
    state = office.desk.refresher.states.get(name)
    return state.health if state is not None else AccountHealth.IDLE


def notice(number: str, **fields: Any) -> Notification:
    given: dict[str, Any] = {"kind": NotificationKind.MENTION, "at": TUESDAY, "author": Author(SafeText("bo"))}
    return Notification("work", number, **(given | fields))


# ---------------------------------------------------------------- the line stands


async def test_what_came_before_the_line_stood_is_fetched(office: Office) -> None:
    work = has_stream(office, "work")
    work.pages = [Page(posts(1, 3), newer="3"), Page(posts(4, 5), newer="5")]
    async with watching(office):
        await until(office, filled(office, 2))
        assert work.cursors == [(None, None), (None, "3"), (None, "5")]
        assert ids(office) == [f"work:{n}" for n in (5, 4, 3, 2, 1)]
        assert not office.desk.refresher.states["sky"].live
    assert not office.desk.refresher.states["work"].live


async def test_an_account_without_a_stream_is_polled_alone(office: Office) -> None:
    async with watching(office):
        await until(office, lambda: health(office) is AccountHealth.OK)
    assert office.remote.requests("work", "stream") == 0


async def test_a_stream_that_the_first_answer_reveals_is_opened(office: Office) -> None:
    """Servers say what they can with the first answer."""
    async with watching(office):
        await until(office, lambda: health(office) is AccountHealth.OK)
        has_stream(office, "work")
        await passes(office, 60)
        await until(office, lambda: live(office))


async def test_posts_come_in_marked_and_told(office: Office) -> None:
    arrived: list[str] = []
    office.desk.bus.listen(
        lambda event: (
            arrived.extend(e.post.id for e in event.entries) if isinstance(event, events.PostsArrived) else None
        )
    )
    async with watching(office, "work"):
        await until(office, lambda: live(office))
        work = office.service("work")
        work.told.put_nowait(a_post(remote_id="1", text="OpenSSL again"))
        work.told.put_nowait(a_post(remote_id="2", text="Lunch"))
        await until(office, lambda: len(arrived) == 2)
        assert ids(office, WORK) == ["work:1"]
        work.told.put_nowait(a_post(remote_id="1", text="OpenSSL again"))  # told twice, shown once
        work.told.put_nowait(a_post(remote_id="3"))
        await until(office, lambda: len(arrived) == 3)
        assert sorted(ids(office)) == ["work:1", "work:2", "work:3"]


async def test_a_flood_is_stored_in_portions_and_none_is_lost(office: Office) -> None:
    portions: list[int] = []
    office.desk.bus.listen(
        lambda event: portions.append(len(event.entries)) if isinstance(event, events.PostsArrived) else None
    )
    async with watching(office, "work"):
        await until(office, lambda: live(office))
        for post in posts(1, 450):
            office.service("work").told.put_nowait(post)
        await until(office, lambda: sum(portions) == 450)
    assert len(ids(office)) == 450
    assert max(portions) == intake.SLICE


async def test_a_line_whose_adapter_errs_is_opened_again_and_no_other_hears_of_it(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults: list[Exception] = []

    async def guard(work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except* KeyError as group:
            faults.append(group)

    service, opened = has_stream(office, "work"), 0
    stream = service.stream

    async def slips() -> AsyncIterator[StreamEvent]:
        nonlocal opened
        opened += 1
        if opened < 3:
            raise KeyError("slip")
        async for event in stream():
            yield event

    monkeypatch.setattr(service, "stream", slips)
    monkeypatch.setattr("mbclient.core.streams.AGAIN_S", 0.001)
    has_stream(office, "sky")
    async with watched(office.desk, guard):
        await until(office, lambda: live(office) and live(office, "sky"))
    assert (opened, len(faults)) == (3, 2)


async def test_in_a_burst_the_loop_turns_after_each_event(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    turns, told_in = 0, []

    async def burst() -> AsyncIterator[StreamEvent]:
        yield StreamOpened()
        for post in posts(1, 50):
            told_in.append(turns)
            yield post
        await asyncio.Event().wait()

    monkeypatch.setattr(has_stream(office, "work"), "stream", burst)
    async with watching(office):
        while len(told_in) < 50:
            turns += 1
            await asyncio.sleep(0)
            office.desk.watch.tick()
    assert len(set(told_in)) == 50, "a key could come in between"


async def test_an_edit_changes_what_is_known_and_where_it_is_shown(office: Office) -> None:
    heard: list[events.Event] = []
    office.desk.bus.listen(heard.append)
    async with watching(office, "work"):
        await until(office, lambda: live(office))
        told = office.service("work").told
        told.put_nowait(a_post(remote_id="1", text="Lunch"))
        await until(office, lambda: ids(office) == ["work:1"])
        later = TUESDAY + timedelta(minutes=1)
        told.put_nowait(PostEdited(a_post(remote_id="unknown", text="never seen", edited_at=later)))
        told.put_nowait(PostEdited(a_post(remote_id="1", text="Lunch with openssl", edited_at=later)))
        await until(office, lambda: events.FilterChanged() in heard)
        assert ids(office) == ids(office, WORK) == ["work:1"]
        heard.clear()
        later += timedelta(minutes=1)
        told.put_nowait(PostEdited(a_post(remote_id="1", text="Lunch and openssl", edited_at=later)))
        await until(office, lambda: any(isinstance(event, events.PostChanged) for event in heard))
        known = office.desk.reading.known("work:1")
        assert known is not None
        assert known.text == "Lunch and openssl"
        assert events.FilterChanged() not in heard


async def test_a_deletion_takes_the_post_from_every_account(office: Office) -> None:
    removed: list[str] = []
    office.desk.bus.listen(lambda event: removed.append(event.id) if isinstance(event, events.PostRemoved) else None)
    uri = "https://else.example/posts/shared"
    await office.desk.refresher.take([a_post("sky", "s1", uri=uri)], office.desk.accounts.get("sky"))
    async with watching(office, "work"):
        await until(office, lambda: live(office))
        told = office.service("work").told
        told.put_nowait(a_post(remote_id="1", uri=uri))
        told.put_nowait(PostDeleted("never-seen"))
        told.put_nowait(PostDeleted("1"))
        await until(office, lambda: len(removed) == 2)
    assert sorted(removed) == ["sky:s1", "work:1"]
    assert ids(office) == []


async def test_a_boost_that_is_taken_back_goes_alone(office: Office) -> None:
    boost: dict[str, Any] = {
        "kind": PostKind.BOOST,
        "boosted_by": Author(SafeText("cy")),
        "boosted_at": TUESDAY,
    }
    async with watching(office, "work"):
        await until(office, lambda: live(office))
        told = office.service("work").told
        for post in (a_post(remote_id="1"), a_post(remote_id="1", boost_id="b1", **boost)):
            told.put_nowait(post)
        told.put_nowait(a_post(remote_id="2", boost_id="b2", **boost))
        await until(office, lambda: sorted(ids(office)) == ["work:1", "work:2"])
        told.put_nowait(PostDeleted("b1"))
        await until(office, lambda: (left := office.desk.reading.known("work:1")) is not None and not left.boosts)
        assert sorted(ids(office)) == ["work:1", "work:2"]
        told.put_nowait(PostDeleted("1"))
        told.put_nowait(PostDeleted("b2"))
        await until(office, lambda: ids(office) == [])


async def test_a_page_that_was_on_its_way_brings_no_deleted_post_back(office: Office) -> None:
    work = has_stream(office, "work")
    work.pages = [Page(newer="0"), Page(posts(1, 2), newer="2")]
    async with watching(office):
        await until(office, lambda: work.lines[0] == 1)
        work.hang.add("page")
        await passes(office, 1)
        work.told.put_nowait(PostDeleted("2"))
        work.told.put_nowait(a_post(remote_id="3"))
        await until(office, lambda: "work:3" in ids(office))
        work.hang.clear()
        work.go.set()
        await until(office, filled(office, 2))
    assert sorted(ids(office)) == ["work:1", "work:3"]


async def test_a_notification_is_kept_and_its_post_is_among_the_mentions(office: Office) -> None:
    async with watching(office, "work"):
        await until(office, lambda: live(office))
        told = office.service("work").told
        told.put_nowait(notice("n1", post=a_post(remote_id="1", text="Hej Anna")))
        told.put_nowait(notice("n2", kind=NotificationKind.LIKE, post=mine(remote_id="2")))
        await until(office, lambda: len(office.desk.reading.notifications()) == 2)
        await until(office, lambda: ids(office, MENTIONS) == ["work:1"])


async def test_a_flood_of_notifications_is_told_in_portions(office: Office) -> None:
    arrived: list[int] = []
    office.desk.bus.listen(
        lambda event: arrived.append(event.number) if isinstance(event, events.NotificationsArrived) else None
    )
    async with watching(office, "work"):
        await until(office, lambda: live(office))
        for number in range(100):
            office.service("work").told.put_nowait(notice(str(number), kind=NotificationKind.LIKE))
        await until(office, lambda: sum(arrived) == 100)
    assert len(arrived) < 50


# ---------------------------------------------------------------- own posts


async def test_own_posts_of_another_client_count_at_once(office: Office) -> None:
    before = office.desk.judge.status().count
    async with watching(office, "work"):
        await until(office, lambda: live(office))
        told = office.service("work").told
        told.put_nowait(mine(remote_id="1"))
        told.put_nowait(mine(remote_id="2", kind=PostKind.BOOST, boost_id="b", boosted_by=Author(SafeText("anna"))))
        told.put_nowait(PostDeleted("1"))  # a deleted one has counted all the same
        await until(office, lambda: ids(office) == ["work:2"])
        await until(office, lambda: office.desk.judge.status().count == before + 1)


async def test_a_post_that_is_being_sent_is_not_counted_twice(office: Office) -> None:
    """The server tells the stream before it answers the one who sends."""

    def counted() -> int:
        status = office.desk.judge.status()
        return status.count + status.planned

    before = counted()
    async with watching(office, "work"):
        await until(office, lambda: live(office))
        work = office.service("work")
        work.hang.add("publish")
        office.desk.composer.submit(a_draft("Hej på er"))
        office.clock.pass_(minutes=1)
        office.desk.sender.claim()
        sending = asyncio.create_task(office.desk.sender.flush())
        await asyncio.wait_for(work.reached.wait(), 5)
        work.told.put_nowait(mine(remote_id="1", text="Hej på er", created_at=office.clock.now()))
        await until(office, lambda: ids(office) == ["work:1"])
        assert counted() == before + 1
        work.go.set()
        await sending
        assert counted() == before + 1


# ---------------------------------------------------------------- breaks


async def test_a_break_is_mended_after_a_while_and_its_gap_filled(office: Office) -> None:
    work = has_stream(office, "work")
    async with watching(office):
        await until(office, filled(office, 2))
        work.pages = [Page(posts(1, 2), newer="2")]
        work.told.put_nowait(UnreachableError("reset"))
        await until(office, lambda: not office.desk.refresher.states["work"].live)
        assert health(office) is AccountHealth.OK  # that the line broke is no fault of what was read
        await passes(office, 1.5)
        assert work.lines == [1, 1]
        await passes(office, 0.5)
        await until(office, filled(office, 3))
        assert work.lines == [2, 1]
        assert ids(office) == ["work:2", "work:1"]


async def test_breaks_in_a_row_are_answered_more_and_more_slowly(office: Office) -> None:
    work = has_stream(office, "work")
    async with watching(office):
        await until(office, filled(office, 2))
        for wait in (2, 4, 8):
            work.told.put_nowait(UnreachableError("reset"))
            await until(office, lambda: work.lines[0] == work.lines[1])
            opened = work.lines[0]
            await passes(office, wait - 0.5)
            assert work.lines[0] == opened
            await passes(office, 0.5)
            await until(office, has_opened(work, opened + 1))
        await until(office, lambda: live(office))
        await passes(office, streams.STOOD_S)
        work.told.put_nowait(UnreachableError("reset"))  # of a line that stood: the first again
        await until(office, lambda: work.lines[0] == work.lines[1])
        await passes(office, 2)
        await until(office, lambda: work.lines[0] == 5)


async def test_an_end_without_a_word_is_a_break(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    work = has_stream(office, "work")

    async def nothing() -> AsyncIterator[Any]:
        work.remote.asked.append((office.clock.now(), "work", "stream"))
        return
        yield

    monkeypatch.setattr(work, "stream", nothing)
    async with watching(office):
        await until(office, lambda: office.remote.requests("work", "stream") == 1)
        await passes(office, 2)
        await until(office, lambda: office.remote.requests("work", "stream") == 2)


async def test_a_fill_that_fails_is_made_up_for_by_the_next_poll(office: Office) -> None:
    work = has_stream(office, "work")
    work.pages = [Page(posts(1, 1), newer="1")]
    async with watching(office):
        await until(office, lambda: work.lines[0] == 1 and not asking(office, "work"))
        office.remote.fault("work", "page", UnreachableError("503"))
        office.desk.watch.tick()
        work.told.put_nowait(UnreachableError("reset"))
        await until(office, lambda: work.lines == [1, 1])
        await passes(office, 2)
        await until(office, lambda: health(office) is AccountHealth.STALE and work.lines[0] == 2)
        work.pages = [Page(posts(2, 2), newer="2")]
        await passes(office, watch.POLL_S)
        await until(office, lambda: live(office))
    assert ids(office) == ["work:2", "work:1"]


async def test_one_line_that_hangs_delays_no_other(office: Office) -> None:
    sky = has_stream(office, "sky")
    sky.hang.add("stream")
    async with watching(office, "work"):
        await until(office, lambda: live(office))
        await asyncio.wait_for(sky.reached.wait(), 5)
        office.service("work").told.put_nowait(a_post(remote_id="1"))
        await until(office, lambda: ids(office) == ["work:1"])
        assert health(office, "sky") is AccountHealth.OK
        await passes(office, watch.POLL_S)
        await until(office, lambda: office.remote.requests("sky", "own_posts") == 2)


# ---------------------------------------------------------------- refusals


async def test_a_dead_token_pauses_the_account(office: Office) -> None:
    work = has_stream(office, "work")
    async with watching(office):
        await until(office, filled(office, 2))
        asked = office.remote.requests("work")
        office.remote.fault("work", "own_posts", AuthError("revoked"))
        work.told.put_nowait(AuthError("revoked"))
        await until(office, lambda: health(office) is AccountHealth.SIGNED_OUT)
        assert not office.desk.refresher.states["work"].live
        await passes(office, 2 * watch.POLL_S)
        assert office.remote.requests("work") == asked + 1
        await office.desk.refresher.refresh()  # signed in again, and asked for
        await passes(office, 5)
        await until(office, lambda: live(office) and work.lines[0] == 2)


async def test_a_token_that_streams_alone_refuse_leaves_the_account_polled(office: Office) -> None:
    has_stream(office, "work")
    office.remote.fault("work", "stream", AuthError("scope missing"), AuthError("scope missing"))
    async with watching(office):
        for times in (2, 3, 4):  # the second time it was asked whether the token is dead
            await until(office, has_asked(office, "work", times))
            await until(office, lambda: health(office) is AccountHealth.OK and not asking(office, "work"))
            await passes(office, watch.POLL_S)
        assert office.remote.requests("work", "stream") == 1


@pytest.mark.parametrize(
    "error", [UnsupportedError("none here"), RejectedError("no", status=403), UsageError("no address")]
)
async def test_what_is_refused_is_polled_and_asked_for_again_after_an_hour(
    office: Office, error: MbclientError
) -> None:
    has_stream(office, "work")
    office.remote.fault("work", "stream", error)
    async with watching(office):
        await until(office, lambda: office.remote.requests("work", "stream") == 1)
        await passes(office, 90)
        assert office.remote.requests("work", "stream") == 1
        office.clock.pass_(hours=1)
        office.desk.watch._streams.tick()
        await until(office, lambda: office.remote.requests("work", "stream") == 2)


async def test_a_limit_is_kept_to(office: Office) -> None:
    has_stream(office, "work")
    office.remote.fault("work", "stream", RateLimitedError("slow", until=TUESDAY + timedelta(seconds=40)))
    async with watching(office):
        await until(office, lambda: office.remote.requests("work", "stream") == 1)
        await passes(office, 39)
        assert office.remote.requests("work", "stream") == 1
        await passes(office, 1)
        await until(office, lambda: office.remote.requests("work", "stream") == 2)


async def test_a_full_disk_ends_the_line_for_a_while(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_args: object, **_named: object) -> None:
        raise StorageError("the disk is full")

    work = has_stream(office, "work")
    async with watching(office):
        await until(office, filled(office, 2))
        with monkeypatch.context() as patched:
            patched.setattr(office.desk.world.stores.archive, "store", full)
            work.told.put_nowait(a_post(remote_id="1"))
            await until(office, lambda: work.lines == [1, 1])
        await passes(office, streams.STORAGE_S - 1)
        assert work.lines == [1, 1]
        work.pages = [Page((a_post(remote_id="1"),), newer="1")]
        await passes(office, 1)
        await until(office, lambda: live(office) and ids(office) == ["work:1"])


async def test_a_full_disk_is_told_once_for_all_accounts(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_args: object, **_named: object) -> None:
        raise StorageError("the disk is full")

    told: list[str] = []
    office.desk.bus.listen(lambda event: told.append(event.text) if isinstance(event, events.Notice) else None)
    monkeypatch.setattr(office.desk.world.stores.archive, "set_feed_state", full)
    async with watching(office):
        await until(
            office,
            lambda: office.remote.requests("sky", "own_posts") == office.remote.requests("work", "own_posts") == 1,
        )
        await until(office, lambda: told and not asking(office, "work") and not asking(office, "sky"))
    assert told == ["the disk is full"]


# ---------------------------------------------------------------- polling beside


async def test_beside_a_line_polling_is_slow_and_quickens_when_it_breaks(office: Office) -> None:
    work = has_stream(office, "work")
    async with watching(office):
        await until(office, filled(office, 2))
        for times in (2, 3, 4, 5, 6):
            await until(office, lambda: not asking(office, "sky"))
            await passes(office, watch.POLL_S)
            await until(office, has_asked(office, "sky", times))
        assert office.remote.requests("work", "own_posts") == 2
        await passes(office, watch.LIVE_POLL_S - 5 * watch.POLL_S)
        await until(office, filled(office, 3))
        await passes(office, 2 * watch.POLL_S)
        work.hang.add("stream")
        work.told.put_nowait(UnreachableError("reset"))
        await until(office, lambda: not office.desk.refresher.states["work"].live)
        await passes(office, 1)
        await until(office, lambda: office.remote.requests("work", "own_posts") == 4)


async def test_who_was_away_too_long_for_one_refresh_is_caught_up_with_at_the_usual_pace(office: Office) -> None:
    """A line tells of nothing that came before it stood: what is left above the last page is not left to rare polls."""
    work = has_stream(office, "work")
    work.pages = [Page(posts(1, 1), newer="1")]
    async with watching(office):
        await until(office, filled(office, 2))
        assert not office.desk.refresher.behind
        work.pages = [Page(posts(n, n), newer=str(n)) for n in range(2, MAX_PAGES + 4)]
        await office.desk.refresher.refresh(["work"])
        assert f"work:{MAX_PAGES + 3}" not in ids(office)
        await passes(office, watch.POLL_S)
        await until(office, lambda: f"work:{MAX_PAGES + 3}" in ids(office))
        assert not office.desk.refresher.behind


async def test_a_refresh_by_hand_counts_as_the_next_poll(office: Office) -> None:
    async with watching(office):
        await until(office, lambda: office.remote.requests("work", "own_posts") == 1 and not asking(office, "work"))
        await passes(office, 50)
        await office.desk.refresher.refresh()
        await passes(office, 50)
        assert office.remote.requests("work", "own_posts") == 2
        await passes(office, 10)
        await until(office, lambda: office.remote.requests("work", "own_posts") == 3)


# ---------------------------------------------------------------- sleep


@pytest.mark.parametrize("frozen", [True, False], ids=["the steady clock stood", "the program was stopped"])
async def test_after_sleep_every_line_is_opened_anew_and_everybody_asked(office: Office, frozen: bool) -> None:
    work = has_stream(office, "work")
    async with watching(office):
        await until(office, lambda: filled(office, 2)() and health(office, "sky") is AccountHealth.OK)
        await passes(office, 3)
        work.pages = [Page(posts(1, 2), newer="2")]
        asked = office.remote.requests("sky", "own_posts")
        if frozen:
            office.clock.at += timedelta(hours=8)
        else:
            office.clock.pass_(seconds=watch.LATE_S + 1)
        office.desk.watch.tick()
        await until(office, lambda: work.lines == [2, 1] and live(office))
        await until(office, lambda: office.remote.requests("sky", "own_posts") == asked + 1)
        await until(office, lambda: ids(office) == ["work:2", "work:1"])


@given(
    steps=st.lists(
        st.tuples(st.floats(0, watch.LATE_S - 0.01), st.floats(-86400, watch.SLEPT.total_seconds() - 0.01)), max_size=20
    )
)
def test_a_late_second_and_a_clock_set_back_are_no_sleep(steps: list[tuple[float, float]]) -> None:
    clock = Clock()
    wakefulness = Wakefulness(clock)
    wakefulness.slept()
    for passed, jumped in steps:
        clock.pass_(seconds=passed)
        clock.at += timedelta(seconds=jumped)
        assert not wakefulness.slept()


@given(passed=st.floats(0, watch.LATE_S), slept=st.floats(watch.SLEPT.total_seconds() + 0.01, 10_000_000))
def test_a_wall_clock_far_ahead_is_sleep_and_told_once(passed: float, slept: float) -> None:
    clock = Clock()
    wakefulness = Wakefulness(clock)
    assert not wakefulness.slept()
    clock.pass_(seconds=passed)
    clock.at += timedelta(seconds=slept)
    assert wakefulness.slept()
    assert not wakefulness.slept()


# ---------------------------------------------------------------- accounts come and go


async def test_lines_follow_the_accounts(office: Office) -> None:
    async with watching(office, "work"):
        await until(office, lambda: live(office))
        work = office.service("work")
        office.desk.world.accounts.save(Account("new", "mastodon", "https://three.example", "anna", "me-new"))
        has_stream(office, "new")
        office.desk.bus.publish(events.FactsChanged())
        await passes(office, 1)
        await until(office, lambda: live(office, "new"))
        await office.desk.accounts.remove("work")
        await until(office, lambda: work.lines == [1, 1])
        await until(office, lambda: live(office, "new"))


async def test_lines_follow_what_another_program_does_with_the_accounts(office: Office) -> None:
    """It changes the file and tells nothing."""
    other = bootstrap.build(
        bootstrap.read_settings(config=str(office.config), data_dir=str(office.folder / "data")), clock=office.clock
    )
    told: list[events.Event] = []
    async with watching(office, "work"):
        await until(office, lambda: live(office))
        work = office.service("work")
        office.desk.bus.listen(lambda event: told.append(event) if event == events.FactsChanged() else None)
        await passes(office, 3)
        assert told == []
        new = Account("new", "mastodon", "https://three.example", "anna", "me-new")
        office.services.fake(new).capabilities = work.capabilities
        other.world.accounts.save(new)
        await until(office, lambda: live(office, "new"))
        await other.accounts.remove("work")
        await until(office, lambda: work.lines == [1, 1])
        asked = office.remote.requests("work", "own_posts")
        await passes(office, 2 * watch.LIVE_POLL_S)
        assert office.remote.requests("work", "own_posts") == asked
        await until(office, lambda: live(office, "new"))
        assert len(told) == 2
    other.world.stores.close()


async def test_a_line_that_closes_slowly_outlives_its_account(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The account is changed, which opens another line, and removed with that one, while the first still closes."""
    go, opened, closing, closed = asyncio.Event(), list[int](), list[int](), list[int]()

    async def stream() -> AsyncGenerator[StreamEvent, None]:
        number = len(opened)
        opened.append(number)
        try:
            yield StreamOpened()
            await asyncio.Event().wait()
        finally:
            closing.append(number)
            if number == 0:
                await go.wait()
            closed.append(number)

    monkeypatch.setattr(has_stream(office, "work"), "stream", stream)
    book = office.desk.world.accounts
    async with watching(office, "sky"):
        await until(office, lambda: live(office) and live(office, "sky"))
        book.save(replace(office.desk.accounts.get("work"), handle="anna.ek@one.example"))
        office.desk.bus.publish(events.FactsChanged())
        await until(office, lambda: (opened, closing) == ([0, 1], [0]))
        book.remove("work")
        office.desk.bus.publish(events.FactsChanged())
        await until(office, lambda: closed == [1])
        await passes(office, 3)
        go.set()
        await until(office, lambda: closed == [1, 0])
        await passes(office, 3)
        assert live(office, "sky")


async def test_quitting_closes_what_is_being_opened_too(office: Office) -> None:
    work = has_stream(office, "work")
    work.hang.add("stream")
    async with watching(office, "sky"):
        await until(office, lambda: live(office, "sky"))
        await asyncio.wait_for(work.reached.wait(), 5)
    assert office.service("sky").lines == [1, 1]
    assert work.lines == [0, 0]
