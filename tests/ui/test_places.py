"""Where a reader stands: kept for each view when the program ends; and holes on the way, which load on demand."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from mbclient.core.desk import Desk
from mbclient.core.events import AccountHealth, PlaceMoved, PostChanged
from mbclient.core.ports import HOME, Feed, Page
from mbclient.core.stores import ViewQuery
from mbclient.domain.errors import UnreachableError
from mbclient.domain.post import Author, Mine, Post, PostKind
from mbclient.domain.safetext import SafeText
from mbclient.ui import viewing
from tests.ui.posts import NOON, make_post
from tests.ui.running import PATIENCE_S, MovableClock, Program, own_desk, running


def posts(first: int, last: int, words: str = "openssl") -> Sequence[Post]:
    """Newest first; every other one is of use at work."""
    return [
        make_post(number, account="notes", text=SafeText(f"{words if number % 2 else 'lunch'} {number}"))
        for number in range(last, first - 1, -1)
    ]


async def take(desk: Desk, some: Sequence[Post]) -> None:
    await desk.refresher.take(some, desk.accounts.get("notes"))


def text(program: Program) -> str:
    return str(program.selected().text)


# ---------------------------------------------------------------- across restarts


async def test_every_view_is_opened_where_it_was_left_and_what_came_since_is_new(
    home: Path, clock: MovableClock
) -> None:
    desk = own_desk(home, clock)
    await take(desk, posts(1, 60))
    async with running(desk, clock, size=(100, 24)) as program:
        await program.press("j", "j")
        await program.press("2", *("j" * 7))
        assert text(program) == "openssl 53"
        await program.press("q")
    desk.world.stores.close()

    desk = own_desk(home, clock)
    await take(desk, posts(61, 64))
    async with running(desk, clock, size=(100, 24)) as program:
        await program.until(lambda: "2 new ↑" in program.tabs(), "of the four two are of use at work")
        assert text(program) == "openssl 55"
        await program.press("2")
        assert text(program) == "openssl 53"
        assert "4 new ↑" in program.tabs()
        await program.press("n")
        assert text(program) == "openssl 61", "the oldest that has never been on screen"


async def test_a_program_that_is_killed_has_kept_the_place_too(home: Path, clock: MovableClock) -> None:
    desk = own_desk(home, clock)
    await take(desk, posts(1, 60))
    async with running(desk, clock, size=(100, 24)) as program:
        await program.press("j", "j", "j")
        place = program.main.timeline.selected_key
        with closing(own_desk(home, clock).world.stores) as other:
            await program.until(lambda: other.archive.place("work") == place, "it is on the disk while one reads")


async def test_a_place_that_waited_for_the_disk_does_not_come_after_the_one_that_followed(
    own: Desk, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go, kept = threading.Event(), threading.Event(), list[int]()
    keep = own.reading.keep_place

    def held_up(view: str, key: int, seen: int | None = None) -> None:
        if not begun.is_set():
            begun.set()
            go.wait(PATIENCE_S)
        keep(view, key, seen)
        kept.append(key)

    def at_work(program: Program) -> int:
        return sum(worker.group == "places" and not worker.is_finished for worker in program.app.workers)

    await take(own, posts(1, 60))
    monkeypatch.setattr(own.reading, "keep_place", held_up)
    monkeypatch.setattr(viewing, "KEEP_AFTER_S", 0.001)
    async with running(own, clock, size=(100, 24)) as program:
        await program.press("j")
        await program.until(begun.is_set)
        await program.press("j")
        await program.until(lambda: at_work(program) > 1 or kept, "it waits too, or has been served before the other")
        go.set()
        await program.until(lambda: len(kept) > 1 and not at_work(program))
        assert own.reading.place("work") == program.main.timeline.selected_key


async def test_a_place_that_waits_for_the_disk_is_kept_where_another_client_has_read_less_far(
    own: Desk, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go = threading.Event(), threading.Event()
    keep = own.reading.keep_place

    def held_up(view: str, key: int, seen: int | None = None) -> None:
        begun.set()
        go.wait(PATIENCE_S)
        keep(view, key, seen)

    def at_work(program: Program) -> int:
        return sum(worker.group == "places" and not worker.is_finished for worker in program.app.workers)

    await take(own, posts(1, 60))
    home = [entry.key for entry in own.reading.page(ViewQuery("home"), limit=60)]
    keep("home", home[9])
    monkeypatch.setattr(own.reading, "keep_place", held_up)
    monkeypatch.setattr(viewing, "KEEP_AFTER_S", 0.001)
    async with running(own, clock, size=(100, 24)) as program:
        await program.press("j")
        await program.until(begun.is_set, "another view's place is at the disk")
        await program.press("2", "k", "k", "k", "k")
        assert program.main.timeline.selected_key == home[5]
        await program.press("1")
        assert own.reading.place("home") == home[9], "it waits"
        assert own.world.stores.archive.raise_place("home", home[7])
        own.bus.publish(PlaceMoved("home"))
        await program.pilot.pause()
        go.set()
        await program.until(lambda: not at_work(program))
        assert own.reading.place("home") == home[5]
        await program.press("2")
        assert program.main.timeline.selected_key == home[5]


# ---------------------------------------------------------------- at first


@pytest.fixture
def answered(own: Desk, monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Once set, the first refresh brings all forty posts; until then it hangs."""
    event = asyncio.Event()

    async def page(_feed: Feed = HOME, **_rest: object) -> Page:
        await event.wait()
        return Page(tuple(posts(10, 40)))

    monkeypatch.setattr(own.accounts.service("notes"), "page", page)
    return event


async def begun(desk: Desk, program: Program) -> None:
    """The first nine are there already."""
    await program.press("2")
    await take(desk, posts(1, 9))
    await program.until(lambda: "9 posts" in program.tabs())


async def test_whoever_begins_with_nothing_stands_at_the_newest_once_the_accounts_have_answered(
    own: Desk, clock: MovableClock, answered: asyncio.Event
) -> None:
    """What comes first of a first refresh is no place that anybody chose: an own post of yesterday, say."""
    async with running(own, clock, size=(100, 24)) as program:
        await begun(own, program)
        answered.set()
        await program.until(lambda: "40 posts" in program.tabs())
        assert text(program) == "lunch 40"
        assert "new ↑" not in program.tabs()
        await take(own, posts(41, 42))
        await program.until(lambda: "2 new ↑" in program.tabs(), "from now on all that comes is new")
        assert text(program) == "lunch 40"


async def test_whoever_has_moved_among_the_first_posts_is_not_moved(
    own: Desk, clock: MovableClock, answered: asyncio.Event
) -> None:
    async with running(own, clock, size=(100, 24)) as program:
        await begun(own, program)
        await program.press("j", "j")
        assert text(program) == "openssl 7"
        answered.set()
        await program.until(lambda: "31 new ↑" in program.tabs())
        assert text(program) == "openssl 7"


async def test_whoever_comes_to_an_empty_view_after_that_is_not_moved(own: Desk, clock: MovableClock) -> None:
    async with running(own, clock, size=(100, 24)) as program:
        await program.until(lambda: all(state.health is AccountHealth.OK for state in own.account_states()))
        await program.press("2")
        await take(own, posts(1, 1))
        await program.until(lambda: "1 post" in program.tabs())
        await take(own, posts(2, 2))
        await program.until(lambda: "2 posts" in program.tabs())
        assert text(program) == "openssl 1"


# ---------------------------------------------------------------- more is known


def boosted_long_after() -> tuple[Post, Post]:
    """A post, and somebody's boost of it that is newer than all others."""
    eva = Author(SafeText("eva@m.example"), SafeText("Eva"))
    theirs = make_post(30, account="notes", text=SafeText("openssl of old"))
    return theirs, replace(theirs, kind=PostKind.BOOST, boosted_by=eva, boost_id="b1", boosted_at=NOON)


async def test_a_boost_is_new_until_the_post_itself_comes_which_is_not(own: Desk, clock: MovableClock) -> None:
    theirs, boost = boosted_long_after()
    await take(own, [*posts(41, 60), *posts(20, 29)])
    async with running(own, clock, size=(100, 24)) as program:
        await program.press("2")
        await take(own, [boost])
        await program.until(lambda: "1 new ↑" in program.tabs())
        before = painted(program)
        await take(own, [theirs])
        await program.until(lambda: "new ↑" not in program.tabs())
        assert painted(program) == before


async def test_a_boost_stays_under_the_eyes_when_the_post_itself_comes_and_is_at_its_own_place_after(
    own: Desk, clock: MovableClock
) -> None:
    """A post of long ago, boosted today, is news there; then a page of older posts brings it."""
    theirs, boost = boosted_long_after()
    await take(own, [*posts(41, 60), *posts(20, 29), boost])
    async with running(own, clock, size=(100, 30)) as program:
        await program.press("2", "g", "g")
        timeline = program.main.timeline
        assert text(program) == "openssl of old"
        before, key = painted(program), timeline.selected_key
        await take(own, [theirs])
        await program.until(lambda: own.reading.page(ViewQuery("home"))[0].key != key, "it is elsewhere now")
        await program.pilot.pause()
        assert (painted(program), timeline.selected_key) == (before, key)
        liked = replace(theirs, mine=Mine(liked=True))
        own.world.stores.archive.update(liked)
        own.bus.publish(PostChanged(liked))
        await program.until(lambda: program.selected().mine.liked, "it is the post that it was")
        assert text(program) == "openssl of old"
        await program.press("G", "g", "g")
        assert text(program) == "lunch 60"
        await program.press("G")
        rows = [str(entry.post.text) for entry in own.reading.page(ViewQuery("home"), limit=99)]
        assert rows.count("openssl of old") == 1
        assert rows[rows.index("openssl of old") - 1 :][:3] == ["openssl 41", "openssl of old", "openssl 29"]
        assert program.main.source.count() == len(rows)


# ---------------------------------------------------------------- holes


class Missing:
    """What the service still has of a hole: pages by cursor, an error once."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, desk: Desk, pages: dict[str, Page]) -> None:
        self.pages = pages
        self.fails = False
        monkeypatch.setattr(desk.accounts.service("notes"), "page", self.page)

    async def page(self, _feed: Feed = HOME, *, before: str | None = None, **_rest: object) -> Page:
        if before is None:
            return Page()
        if self.fails:
            raise UnreachableError("no route to the server")
        return self.pages[before]


def painted(program: Program) -> str:
    """The words on the screen, wherever they break."""
    timeline = program.main.timeline
    rows = ("".join(part.text for part in strip) for strip in timeline.render_lines(timeline.size.region))
    return " ".join(word for row in rows for word in row.replace("▌", " ").split())


async def test_a_hole_stands_in_its_place_says_what_is_missing_and_loads_with_a_key(
    own: Desk, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    below, above = posts(1, 5), posts(11, 15)
    missing = Missing(monkeypatch, own, {"c1": Page(tuple(posts(6, 10)), older=None)})
    await take(own, [*above, *below])
    own.world.stores.gaps.mark("notes", above[-1].created_at, below[0].created_at, "c1")
    async with running(own, clock, size=(100, 90)) as program:
        await program.press("2", *("j" * 5))
        entry = program.main.timeline.selected
        assert entry is not None
        assert entry.gap is not None
        assert "notes: posts between" in painted(program)
        assert "are missing here · Enter loads them" in painted(program)
        assert "10 posts" in program.tabs(), "a hole is no post"

        missing.fails = True
        await program.press("enter")
        await program.until(lambda: "no route to the server" in painted(program), "the reason in its place")
        assert "Enter tries again" in painted(program)

        missing.fails = False
        await program.press("enter")
        await program.until(lambda: "15 posts" in program.tabs(), "what was missing")
        await program.until(lambda: "missing" not in painted(program))
        shown = [str(entry.post.text) for entry in program.main.timeline.on_screen]
        assert shown == [str(post.text) for post in posts(1, 15)]
        assert any("5 missing posts loaded" in said for said in program.says())


async def test_a_hole_can_be_neither_liked_nor_answered(own: Desk, clock: MovableClock) -> None:
    await take(own, posts(1, 3))
    own.world.stores.gaps.mark("notes", NOON, NOON, "c1")
    async with running(own, clock) as program:
        await program.press("2", "g", "g")
        entry = program.main.timeline.selected
        assert entry is not None
        assert entry.gap is not None
        for key in ("f", "r", "b", "i", "a", "M", "y"):
            await program.press(key)
            assert (program.screen_name, program.main.composer.draft) == ("MainScreen", None)
