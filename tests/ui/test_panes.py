"""Screens of posts beside the views: older ones come as one goes down, and what is deleted meanwhile is marked."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.widgets import Static

from mbclient.core.desk import Desk
from mbclient.core.events import PostRemoved
from mbclient.core.ports import HOME, Feed, Page, Thread
from mbclient.core.stores import Arrival, Entry, FeedState
from mbclient.domain.errors import UnreachableError
from mbclient.domain.post import Post
from mbclient.domain.safetext import SafeText
from mbclient.ui.sources import PostsSource
from mbclient.ui.timeline import Timeline
from tests.ui.posts import make_post
from tests.ui.running import CONFIG, MovableClock, Program, own_desk, running


def written(number: int) -> Post:
    return make_post(number, account="notes", text=SafeText(f"openssl {number}"))


def title(program: Program) -> str:
    return str(program.app.screen.query_one("#screen-title", Static).render())


def shown(program: Program) -> Timeline:
    return program.app.screen.query_one(Timeline)


def painted(program: Program) -> str:
    timeline = shown(program)
    return "\n".join("".join(part.text for part in strip) for strip in timeline.render_lines(timeline.size.region))


def selected(program: Program) -> str:
    entry = shown(program).selected
    return "" if entry is None else str(entry.post.text)


async def walk(program: Program, posts: int) -> list[str]:
    """Down, post by post, and what was passed."""
    passed = [selected(program)]
    while len(passed) < posts:
        await program.press("j")
        await program.until(lambda: selected(program) != passed[-1], f"a post below {passed[-1]!r}")
        passed.append(selected(program))
    return passed


async def test_a_search_goes_on_as_far_as_the_archive(own: Desk, clock: MovableClock) -> None:
    newest_first = [written(number) for number in range(95, 0, -1)]
    await own.refresher.take(newest_first, own.accounts.get("notes"))
    async with running(own, clock, size=(100, 60)) as program:
        await program.press("slash")
        await program.screen("SearchScreen")
        await program.type("openssl")
        await program.until(lambda: "the newest 40 in the archive" in title(program))
        shown(program).focus()
        assert await walk(program, 95) == [str(post.text) for post in newest_first]
        assert "95 in the archive" in title(program)
        assert "newest" not in title(program)
        await program.press("slash", "enter")
        await program.until(
            lambda: "the newest 40 in the archive · " in title(program), "beside what the services find"
        )


async def test_an_empty_question_finds_nothing(own: Desk, clock: MovableClock) -> None:
    await own.refresher.take([written(1)], own.accounts.get("notes"))
    async with running(own, clock) as program:
        await program.press("slash")
        await program.screen("SearchScreen")
        await program.type("o*")
        await program.until(lambda: "1 in the archive" in title(program))
        await program.press("backspace", "backspace")
        await program.until(lambda: title(program) == "Search")
        assert shown(program).selected is None
        assert "looked up in the archive" in painted(program)


class Pages:
    """An author's pages; notes which were asked for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, desk: Desk, *pages: Page | Exception) -> None:
        self.pages = pages
        self.asked: list[str | None] = []
        monkeypatch.setattr(desk.accounts.service("notes"), "page", self.page)

    async def page(self, feed: Feed = HOME, *, before: str | None = None, **_rest: object) -> Page:
        if feed.kind != "author":
            return Page()
        self.asked.append(before)
        page = self.pages[int(before or 0)]
        if isinstance(page, Exception):
            raise page
        return page


async def author(program: Program) -> None:
    await program.until(lambda: program.main.timeline.on_screen)
    await program.press("a")
    await program.screen("AuthorScreen")


async def test_an_authors_posts_come_page_by_page_each_once(
    own: Desk, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    posts = [written(number) for number in range(30, 0, -1)]
    pages = Pages(
        monkeypatch, own, Page(tuple(posts[:20]), older="1"), Page(tuple(posts[18:29]), older="2"), Page((posts[29],))
    )
    await own.refresher.take(posts[:1], own.accounts.get("notes"))
    async with running(own, clock) as program:
        await author(program)
        await program.until(lambda: "20 posts" in title(program))
        assert await walk(program, 30) == [str(post.text) for post in posts]
        assert pages.asked == [None, "1", "2"]
        assert "30 posts" in title(program)


async def test_a_page_that_fails_leaves_those_that_are_there(
    own: Desk, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    posts = tuple(written(number) for number in range(3, 0, -1))
    Pages(monkeypatch, own, Page(posts, older="1"), UnreachableError("no route"))
    await own.refresher.take(posts[:1], own.accounts.get("notes"))
    async with running(own, clock) as program:
        await author(program)
        await program.until(lambda: "no route" in title(program))
        assert await walk(program, 3) == [str(post.text) for post in posts]


async def test_what_is_deleted_meanwhile_is_marked_and_nothing_else_is_said(
    own: Desk, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    posts = tuple(written(number) for number in range(3, 0, -1))
    Pages(monkeypatch, own, Page(posts))
    await own.refresher.take(posts[:1], own.accounts.get("notes"))
    async with running(own, clock) as program:
        await author(program)
        await program.until(lambda: "3 posts" in title(program))
        await program.press("j")
        own.bus.publish(PostRemoved("notes:999"))
        await program.pilot.pause()
        assert "deleted" not in painted(program)
        own.bus.publish(PostRemoved(posts[1].id))
        await program.until(lambda: painted(program).count("deleted") == 1, "the mark")
        assert (selected(program), "3 posts" in title(program)) == ("openssl 2", True)


# ---------------------------------------------------------------- conversations


def conversation() -> list[Post]:
    """Each answers the one before."""
    return [
        replace(written(number), remote_id=str(number), in_reply_to=str(number - 1) if number > 1 else None)
        for number in range(1, 5)
    ]


async def test_a_conversation_is_read_without_the_network_as_far_as_it_is_known(
    own: Desk, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(_post: Post) -> Thread:
        raise UnreachableError("no route")

    await own.refresher.take(conversation()[:3], own.accounts.get("notes"))
    monkeypatch.setattr(own.accounts.service("notes"), "thread", away)
    async with running(own, clock) as program:
        await program.until(lambda: program.main.timeline.on_screen)
        await program.press("g", "g", "enter")
        await program.screen("ThreadScreen")
        await program.until(lambda: "no route" in title(program))
        assert selected(program) == "openssl 3"
        await program.press("k", "k")
        assert selected(program) == "openssl 1"


async def test_whoever_has_moved_on_in_a_conversation_stays_there_when_the_rest_comes(
    own: Desk, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    go, posts = asyncio.Event(), conversation()

    async def slowly(post: Post) -> Thread:
        await go.wait()
        return Thread(tuple(posts[:2]), post, tuple(posts[3:]))

    await own.refresher.take(posts[:3], own.accounts.get("notes"))
    monkeypatch.setattr(own.accounts.service("notes"), "thread", slowly)
    async with running(own, clock) as program:
        await program.until(lambda: program.main.timeline.on_screen)
        await program.press("g", "g", "enter")
        await program.screen("ThreadScreen")
        await program.press("k")
        before = (selected(program), shown(program).selected_row)
        go.set()
        await program.until(lambda: "4 posts" in title(program))
        assert (selected(program), shown(program).selected_row) == before == ("openssl 2", before[1])
        await program.press("G")
        assert selected(program) == "openssl 4"


@given(st.lists(st.sampled_from([None, "0", "1", "2", "3"]), min_size=1, max_size=4))
@settings(max_examples=15, deadline=None)
def test_what_answers_itself_in_a_circle_ends(
    tmp_path_factory: pytest.TempPathFactory, answered: Sequence[str | None]
) -> None:
    posts = [replace(written(number), in_reply_to=other) for number, other in enumerate(answered)]
    home = tmp_path_factory.mktemp("circle")
    desk = own_desk(home, MovableClock())
    desk.world.stores.archive.store([Arrival(post, frozenset()) for post in posts])
    above = desk.reading.above(posts[0])
    desk.world.stores.close()
    line = [*above, posts[0]]
    assert len({post.id for post in line}) == len(line)
    assert all(below.in_reply_to == post.remote_id for post, below in pairwise(line))


# ---------------------------------------------------------------- the views


async def test_at_the_end_of_a_view_pages_are_fetched_until_something_belongs_there(
    own: Desk, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    lunch = [make_post(number, account="notes", text=SafeText("lunch")) for number in range(40, 0, -1)]
    pages = {str(page): Page(tuple(lunch[4 * page : 4 * page + 4]), older=str(page + 1)) for page in range(8)}
    pages["7"] = Page((written(1),))
    asked: list[str] = []

    async def page(_feed: Feed = HOME, *, before: str | None = None, **_rest: object) -> Page:
        if before is not None:
            asked.append(before)
        return pages[before] if before is not None else Page()

    monkeypatch.setattr(own.accounts.service("notes"), "page", page)
    await own.refresher.take([written(99)], own.accounts.get("notes"))
    async with running(own, clock) as program:
        own.world.stores.archive.set_feed_state("notes", HOME, FeedState("99", "0"))
        await program.press("j")
        await program.until(lambda: len(asked) == 5, "some pages")
        assert selected(program) == "openssl 99"
        await program.until(lambda: not any(worker.group == "older" for worker in program.main.workers))
        await program.press("j")
        await program.until(lambda: "openssl 1" in painted(program), "the next one that belongs here")
        assert (asked, selected(program)) == ([str(number) for number in range(8)], "openssl 99")


async def test_an_edit_that_comes_through_another_account_is_seen_at_once(home: Path, clock: MovableClock) -> None:
    another = '[[accounts]]\nname = "bo"\nservice = "local"\n\n[work_filter]'
    desk = own_desk(home, clock, CONFIG.replace("[work_filter]", another))
    post = make_post(1, account="notes", text=SafeText("openssl, before"))
    await desk.refresher.take([post, *map(written, range(9, 5, -1))], desk.accounts.get("notes"))
    async with running(desk, clock) as program:
        await program.until(lambda: "openssl, before" in painted(program))
        at = selected(program)
        edited = replace(post, account="bo", text=SafeText("openssl, after"), edited_at=clock.now())
        await desk.refresher.take([edited], desk.accounts.get("bo"))
        await program.until(lambda: "openssl, after" in painted(program))
        assert ("before" in painted(program), selected(program)) == (False, at)


async def test_other_terms_leave_open_what_is_open(own: Desk, clock: MovableClock) -> None:
    covered = make_post(50, account="notes", text=SafeText("openssl, covered"), cw=SafeText("careful"))
    await own.refresher.take([covered, *map(written, range(49, 0, -1))], own.accounts.get("notes"))
    async with running(own, clock) as program:
        await program.until(lambda: "careful" in painted(program))
        await program.press("x")
        assert "openssl, covered" in painted(program)
        before = painted(program)
        work = replace(own.preferences.work_filter, terms=("openssl", "lunch"))
        await own.use(replace(own.preferences, work_filter=work))
        await program.until(lambda: not any(worker.group == "sift" for worker in program.app.workers))
        assert painted(program) == before
        await program.press("p")
        assert "openssl, covered" in painted(program)


@given(st.lists(st.integers(0, 5), max_size=6))
def test_more_below_changes_no_key_above(sizes: Sequence[int]) -> None:
    source = PostsSource(())
    before: list[Entry] = []
    number = 0
    for size in sizes:
        source.add([make_post(number + place) for place in range(size)])
        number += size
        assert source.entries[: len(before)] == before
        before = list(source.entries)
    assert [entry.post.remote_id for entry in source.page(limit=99)] == [str(place) for place in range(number)]
    keys = [entry.key for entry in source.entries]
    assert keys == sorted(set(keys), reverse=True)
    assert source.count(after=-1) == number
