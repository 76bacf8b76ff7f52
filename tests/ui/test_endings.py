"""Writing a name or a tag: what could end it is proposed, tab takes it, tab again the next, a click any of them."""

from __future__ import annotations

import threading

import pytest

from mbclient.core.completing import Vocabulary
from mbclient.core.desk import Desk
from mbclient.ui.endings import Endings
from tests.ui.running import MovableClock, Program, running


def proposed(program: Program) -> str:
    line = program.main.query_one(Endings)
    return str(line.render()) if line.display else ""


def text(program: Program) -> str:
    draft = program.main.composer.draft
    assert draft is not None
    return draft.text


async def begun(program: Program, words: str) -> None:
    await program.composing()
    await program.until(lambda: (known := program.main.composer._vocabulary) and known.endings("#o", ["masto"]))
    await program.type(words)


async def test_tab_takes_the_first_and_then_the_next(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        await begun(program, "see #o")
        await program.until(lambda: "#ops" in proposed(program))
        first, second = proposed(program).removeprefix("Tab ").split()[:2]
        await program.press("tab")
        assert text(program) == f"see {first} "
        await program.press("tab")
        assert text(program) == f"see {second} "
        await program.type("now")
        await program.until(lambda: not proposed(program))
        assert text(program) == f"see {second} now"


async def test_a_person_is_ended_with_the_whole_handle(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        await begun(program, "@holm")
        await program.until(lambda: "@mira@harbour.example" in proposed(program))
        await program.press("tab")
        assert text(program) == "@mira@harbour.example "
        await program.press("ctrl+z")
        assert text(program) == "@holm"


async def test_a_click_takes_any(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        await begun(program, "#o")
        await program.until(lambda: "#ops" in proposed(program))
        second = proposed(program).split()[2]
        await program.pilot.click(Endings, offset=(proposed(program).index(second) + 2, 0))
        await program.until(lambda: text(program) == f"{second} ")
        await program.type("x")  # the text has the keys again
        assert text(program) == f"{second} x"


async def test_without_a_proposal_tab_leaves(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        await begun(program, "plain words")
        assert not proposed(program)
        await program.press("tab")
        assert not program.main.composer.has_focus_within
        assert text(program) == "plain words"


async def test_a_name_that_nothing_ends_keeps_the_keys_once(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        await begun(program, "see #nowhereread")
        await program.press("tab")
        assert any("Tab again leaves" in text for text in program.says())
        await program.type(" b")
        assert text(program) == "see #nowhereread b"
        await program.press("backspace", "backspace", "tab")
        assert not program.main.composer.has_focus_within


async def test_closing_puts_the_line_away(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        await begun(program, "#o")
        await program.until(lambda: "#ops" in proposed(program))
        await program.press("escape")
        assert not program.main.query_one(Endings).region


async def test_names_that_come_late_are_proposed_for_what_was_begun(
    demo: Desk, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, vocabulary = threading.Event(), demo.completing.vocabulary

    def late() -> Vocabulary:
        read.wait()
        return vocabulary()

    monkeypatch.setattr(demo.completing, "vocabulary", late)
    async with running(demo, clock) as program:
        await program.composing()
        await program.type("@holm")
        await program.press("tab")
        assert text(program) == "@holm"
        assert any("are being looked up; Tab again leaves" in said for said in program.says())
        read.set()
        await program.until(lambda: "@mira@harbour.example" in proposed(program))
        await program.press("tab")
        assert text(program) == "@mira@harbour.example "
