"""Editing a post whose service has to be asked how it was written: the composer waits for that, with the keys."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from mbclient.core.desk import Desk
from mbclient.core.stores import SendState
from mbclient.domain.draft import Written
from mbclient.domain.errors import UnreachableError
from mbclient.domain.post import Post
from tests.ui.running import MovableClock, Program, own_desk, running

SHOWN, WRITTEN = "Hej @bo", Written("Hej @bo@else.example")


class Answer:
    """What the service says of how a post was written, once it is asked and `go` is set."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self.go = asyncio.Event()
        self.asked: list[str] = []
        self.says: Written | Exception = WRITTEN

    def of(self, desk: Desk) -> None:
        """The desk's notebook shows other words than it keeps. It alone: what a class can do is remembered."""
        self._monkeypatch.setattr(desk.accounts.service("notes"), "written", self._written, raising=False)

    async def _written(self, post: Post) -> Written:
        self.asked.append(post.remote_id)
        await self.go.wait()
        if isinstance(self.says, Exception):
            raise self.says
        return self.says


@pytest.fixture
def answer(own: Desk, monkeypatch: pytest.MonkeyPatch) -> Answer:
    answer = Answer(monkeypatch)
    answer.of(own)
    return answer


@asynccontextmanager
async def at_own_post(own: Desk, clock: MovableClock) -> AsyncIterator[Program]:
    """The cursor stands on an own post, and the composer has been used before."""
    async with running(own, clock) as program:
        await program.composing()
        await program.type(SHOWN)
        await program.press("ctrl+s")
        await program.until(lambda: program.rows(SendState.SENT))
        await program.press("4")
        await program.until(lambda: program.texts() == [SHOWN])
        yield program


def words(program: Program) -> str | None:
    """What can be written in; None while there is nothing."""
    composer = program.main.composer
    return composer.draft.text if composer.draft is not None and composer.is_ready else None


def title(program: Program) -> str:
    return str(program.main.query_one("#title").render())


async def test_e_opens_the_composer_with_what_was_written(own: Desk, clock: MovableClock, answer: Answer) -> None:
    answer.go.set()
    async with at_own_post(own, clock) as program:
        await program.composing("e")
        assert words(program) == WRITTEN.text
        await program.type("!")
        await program.press("ctrl+s")
        await program.until(lambda: program.texts() == ["Hej @bo@else.example!"])
        assert not any("look through" in text for text in program.says())


async def test_what_is_typed_while_it_is_asked_for_follows_the_words(
    own: Desk, clock: MovableClock, answer: Answer
) -> None:
    """None of it is a command: `q` would leave, `f` would like."""
    async with at_own_post(own, clock) as program:
        program.send("e", *" quick", "enter", *"fix")
        await program.until(lambda: answer.asked)
        await program.settle()
        assert words(program) is None
        assert "asking notes how the post was written" in title(program)
        answer.go.set()
        await program.until(lambda: words(program) == f"{WRITTEN.text} quick\nfix")
        assert "Edit" in title(program)
        assert not program.selected().mine.liked
        await program.type("!")
        assert words(program) == f"{WRITTEN.text} quick\nfix!"


async def test_a_first_opening_builds_the_area_meanwhile(
    own: Desk, home: Path, clock: MovableClock, answer: Answer
) -> None:
    async with at_own_post(own, clock):
        pass
    again = own_desk(home, clock)
    answer.of(again)
    async with running(again, clock) as program:
        await program.press("4")
        await program.until(lambda: program.texts() == [SHOWN])
        program.send("e", *"!?")
        await program.until(lambda: answer.asked and program.main.query("DraftArea"))
        await program.settle()
        assert words(program) is None
        answer.go.set()
        await program.until(lambda: words(program) == f"{WRITTEN.text}!?")


async def test_a_warning_that_was_written_stands_in_its_line(own: Desk, clock: MovableClock, answer: Answer) -> None:
    answer.says = Written("text", "varning")
    answer.go.set()
    async with at_own_post(own, clock) as program:
        await program.composing("e")
        draft = program.main.composer.draft
        assert draft is not None
        assert (draft.text, draft.cw) == ("text", "varning")


async def test_escape_leaves_a_post_be_whose_words_do_not_come(own: Desk, clock: MovableClock, answer: Answer) -> None:
    async with at_own_post(own, clock) as program:
        await program.press("e", "x")
        await program.until(lambda: answer.asked)
        await program.press("escape")
        assert not program.main.composer.is_open
        await program.until(lambda: program.main.timeline.has_focus)
        answer.go.set()
        await program.settle()
        assert not program.main.composer.is_open
        assert list(own.drafts.list()) == []


async def test_another_draft_that_is_begun_meanwhile_stays(own: Desk, clock: MovableClock, answer: Answer) -> None:
    async with at_own_post(own, clock) as program:
        await program.press("e")
        await program.until(lambda: answer.asked)
        program.main.timeline.focus()
        await program.composing("c")
        await program.type("nytt")
        answer.go.set()
        await program.settle()
        assert words(program) == "nytt"


async def test_who_reads_on_meanwhile_keeps_the_keys(own: Desk, clock: MovableClock, answer: Answer) -> None:
    async with at_own_post(own, clock) as program:
        await program.press("e")
        await program.until(lambda: answer.asked)
        program.main.timeline.focus()
        answer.go.set()
        await program.until(lambda: words(program) == WRITTEN.text)
        assert program.main.timeline.has_focus
        assert "writes on" in title(program)


async def test_words_that_cannot_be_had_begin_no_edit(own: Desk, clock: MovableClock, answer: Answer) -> None:
    """Whoever is in the middle of a sentence then gives no commands with the rest of it."""
    answer.says = UnreachableError("notes does not answer", "try again later")
    answer.go.set()
    async with at_own_post(own, clock) as program:
        await program.press("e")
        await program.until(lambda: "notes does not answer; try again later" in title(program))
        await program.press(*"quick")
        assert program.app.is_running
        assert words(program) is None
        await program.press("escape")
        assert not program.main.composer.is_open
        assert list(own.drafts.list()) == []
        answer.says = WRITTEN
        await program.composing("e")
        assert words(program) == WRITTEN.text


async def test_words_that_may_lack_something_are_told_of(own: Desk, clock: MovableClock, answer: Answer) -> None:
    answer.says = Written("Hej @bo@else.example", exact=False)
    answer.go.set()
    async with at_own_post(own, clock) as program:
        await program.composing("e")
        assert any("look through names, links and formatting" in text for text in program.says())
        assert words(program) == "Hej @bo@else.example"


async def test_a_thread_gives_way_to_the_composer_with_all_that_is_typed(
    own: Desk, clock: MovableClock, answer: Answer
) -> None:
    async with at_own_post(own, clock) as program:
        await program.press("enter")
        await program.screen("ThreadScreen")
        await program.until(lambda: program.app.screen.query_one("Timeline").has_focus)
        program.send("e", *" quick")
        await program.until(lambda: answer.asked)
        await program.settle()
        answer.go.set()
        await program.until(lambda: words(program) == f"{WRITTEN.text} quick")
        assert program.screen_name == "MainScreen"


async def test_a_fault_of_the_adapter_begins_nothing_and_ends_nothing(
    own: Desk, clock: MovableClock, answer: Answer
) -> None:
    answer.says = ZeroDivisionError()
    answer.go.set()
    async with at_own_post(own, clock) as program:
        program.app.launch = replace(program.app.launch, report=lambda _fault: "a fault was noted")
        await program.press("e")
        await program.until(lambda: "not begun" in title(program))
        assert "a fault was noted" in program.says()
        await program.press("escape")
        assert not program.main.composer.is_open
