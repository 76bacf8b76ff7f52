"""What one writes is what is sent, to the last joiner; what is painted of it steers no terminal."""

from __future__ import annotations

import unicodedata

import pytest
from textual import events
from textual.widgets import Input, TextArea

from mbclient.core.desk import Desk
from mbclient.core.stores import SendState
from mbclient.domain.draft import Attachment
from mbclient.domain.safetext import own_text
from mbclient.ui.choices import Choices
from mbclient.ui.pasting import PasteParser
from mbclient.ui.screens.asktext import AskText
from tests.hostile.corpus import POSTS
from tests.ui.running import MovableClock, Program, running

WRITTEN = [
    pytest.param("👩‍💻", id="joiner in an emoji"),
    pytest.param("می‌خواهم", id="non-joiner between letters"),
    pytest.param("abc\u200f!", id="direction mark"),
    pytest.param("a\u00a0b\u3000c\u202fd", id="spaces"),
    pytest.param("co\u00adop", id="soft hyphen"),
]


def written(program: Program) -> str:
    draft = program.main.composer.draft
    return draft.text if draft is not None else ""


async def typing(program: Program, text: str) -> None:
    """As a terminal sends it: `Pilot` makes no text of such keys."""
    for message in PasteParser().feed(text):
        program.app.post_message(message)
    await program.pilot.pause()


def painted(program: Program) -> list[str]:
    area = program.main.query_one(TextArea)
    return ["".join(segment.text for segment in area.render_line(y)) for y in range(area.size.height)]


def steering(text: str) -> set[str]:
    kept = "\n\u200c\u200d"
    return {each for each in text if unicodedata.category(each) in ("Cc", "Cs", "Cf") and each not in kept}


@pytest.mark.parametrize("text", WRITTEN)
async def test_every_character_that_is_typed_arrives_and_is_sent(own: Desk, clock: MovableClock, text: str) -> None:
    async with running(own, clock) as program:
        await program.composing()
        await typing(program, text)
        await program.until(lambda: written(program) == text)
        assert steering("".join(painted(program))) == set()
        await program.press("ctrl+s")
        await program.until(lambda: program.rows(SendState.SENT))
        assert [row.draft.text for row in program.rows()] == [text]


async def test_what_is_typed_before_the_area_stands_arrives_too(own: Desk, clock: MovableClock) -> None:
    async with running(own, clock) as program:
        program.send("c")
        await typing(program, "👩‍💻")
        await program.until(lambda: written(program) == "👩‍💻")


async def test_the_cursor_goes_back_over_it(own: Desk, clock: MovableClock) -> None:
    async with running(own, clock) as program:
        await program.composing()
        await typing(program, "می‌خ")
        await program.press("left", "backspace")
        await program.until(lambda: written(program) == "میخ")


async def test_a_paste_keeps_marks_and_tabs(own: Desk, clock: MovableClock) -> None:
    text = "x\u200fy co\u00adop\tz"
    async with running(own, clock) as program:
        await program.composing()
        program.app.post_message(events.Paste(text))
        await program.until(lambda: written(program) == text)
        assert program.says() == []
        assert "x\u200cy co-op" in painted(program)[0]
        assert "\t" not in painted(program)[0]


@pytest.mark.parametrize("name", sorted(POSTS)[::12])
async def test_whatever_is_pasted_is_painted_straight_and_steers_nothing(
    own: Desk, clock: MovableClock, name: str
) -> None:
    text = own_text(POSTS[name][:3000])
    async with running(own, clock) as program:
        await program.composing()
        area = program.main.query_one(TextArea)
        area.insert(text)
        await program.until(lambda: written(program) == text)
        for y in range(area.size.height):
            strip = area.render_line(y)
            assert steering("".join(segment.text for segment in strip)) == set()
            assert strip.cell_length <= area.size.width


async def test_fields_of_one_line_take_them_likewise(own: Desk, clock: MovableClock) -> None:
    async with running(own, clock) as program:
        asked = AskText("?")
        program.app.push_screen(asked)
        await program.until(lambda: program.app.screen is asked and asked.query(Input))
        await typing(program, "می‌خ\u200f")
        field = asked.query_one(Input)
        await program.until(lambda: field.value == "می‌خ\u200f")
        program.app.post_message(events.Paste("\u202ex\x1b\ty"))
        await program.until(lambda: "y" in field.value)
        assert field.value == "می‌خ\u200fx␛ y"
        assert steering("".join(segment.text for segment in field.render_line(0))) == set()
        program.app.post_message(events.Paste("\na line\r\nand another"))
        await program.until(lambda: field.value.endswith("x␛ y a line and another"))


async def test_lists_show_it_clean(own: Desk, clock: MovableClock) -> None:
    draft = own.drafting.new()
    text = "x\u200fy co\u00adop\tz"
    for _number in range(2):
        own.composer.save(type(draft)(text=text, accounts=draft.accounts, media=(Attachment("a.png", text),)))
    async with running(own, clock) as program:
        await program.press("D")
        listed = program.app.screen.query_one(Choices)
        await program.until(lambda: listed.option_count)
        shown = "".join(str(option.prompt) for option in listed.options)
        assert shown.count("xy coop z") == 2
        assert steering(shown) == set()
