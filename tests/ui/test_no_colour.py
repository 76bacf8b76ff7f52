"""NO_COLOR: no colour leaves the program, and every state, choice and place can still be told."""

from __future__ import annotations

from itertools import combinations

import pytest
from rich.segment import Segment
from textual.widgets import Input, OptionList, TextArea

from mbclient.core.desk import Desk
from mbclient.core.events import AccountHealth, AccountState
from mbclient.policy.model import CountState, Mode
from mbclient.texts import _, set_language
from mbclient.texts.meter import meter_text
from mbclient.ui.screens.outbox import _WORDS as STATES
from mbclient.ui.tabs import AccountLine
from tests.hostile.filled import WAYS, fill, open_screen
from tests.texts.conftest import status_of
from tests.ui.running import MovableClock, Program, running

TEXTS = [f"openssl number {number}" for number in range(7)]
QUAYLINE = "Quayline has a new berth planner"


@pytest.fixture(autouse=True)
def _no_color(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")


def segments(program: Program) -> list[Segment]:
    """What the compositor puts on the screen, with its styles."""
    return [segment for strip in program.app.screen._compositor.render_strips() for segment in strip]


def shown(program: Program) -> str:
    return "".join(each.text for each in segments(program))


def coloured(program: Program) -> list[Segment]:
    return [each for each in segments(program) if each.style and (each.style.color or each.style.bgcolor)]


def reversed_words(program: Program) -> str:
    return "".join(each.text for each in segments(program) if each.style and each.style.reverse)


def underlined_words(program: Program) -> str:
    return "".join(each.text for each in segments(program) if each.style and each.style.underline)


def looks(program: Program) -> list[tuple[object, ...]]:
    """All that a terminal of two colours shows: each character with bold, italic, underlined, reversed."""
    return [
        (char, *(bool(style and getattr(style, name)) for name in ("bold", "italic", "underline", "reverse")))
        for text, style, _control in segments(program)
        for char in text
    ]


def steady(program: Program) -> None:
    """No cursor blinks."""
    for area in program.app.screen.query(TextArea):
        area.cursor_blink = False
    for line in program.app.screen.query(Input):
        line.cursor_blink = False


@pytest.mark.parametrize("way", WAYS)
async def test_every_screen_tells_without_colour_what_has_the_focus_and_what_is_chosen(
    own: Desk, clock: MovableClock, way: str
) -> None:
    fill(own, TEXTS)
    async with running(own, clock, size=(80, 24)) as program:
        await open_screen(program, way, TEXTS[0])
        assert coloured(program) == []
        steady(program)
        seen = []
        for part in program.app.screen.focus_chain:
            program.app.screen.set_focus(part)
            await program.pilot.pause()
            seen.append(looks(program))
        assert all(one != other for one, other in combinations(seen, 2))
        if way == "Palette":
            await program.until(lambda: "Author" in shown(program))
        for part in program.app.screen.query(OptionList):
            if part.option_count < 2:
                continue
            if part.can_focus:
                program.app.screen.set_focus(part)
            await program.press("down")  # the palette has chosen nothing at first
            before = looks(program)
            await program.press("down")
            assert looks(program) != before


async def test_where_one_types_the_cursor_and_what_is_selected_are_told(own: Desk, clock: MovableClock) -> None:
    async with running(own, clock, size=(80, 24)) as program:
        await program.composing()
        steady(program)
        await program.type("hej openssl!")
        await program.press("left")
        await program.until(lambda: "!" in underlined_words(program))
        await program.press(*["shift+left"] * 7)
        await program.until(lambda: "openssl" in reversed_words(program))
        assert underlined_words(program) == "o"  # the cursor's end of it
        await program.press("escape", "slash")
        await program.screen("SearchScreen")
        await program.type("infosec")
        await program.press("shift+home")
        await program.until(lambda: "infosec" in reversed_words(program))


async def test_text_selected_with_the_mouse_is_told(own: Desk, clock: MovableClock) -> None:
    async with running(own, clock, size=(80, 24)) as program:
        await program.press("question_mark")
        await program.screen("HelpScreen")
        assert "Select the next post" not in reversed_words(program)
        program.app.screen.text_select_all()
        await program.until(lambda: "Select the next post" in reversed_words(program))


async def test_an_error_is_told_apart_from_what_is_just_said(own: Desk, clock: MovableClock) -> None:
    async with running(own, clock, size=(80, 24)) as program:
        program.app._disable_notifications = False  # as outside tests, for screens to come
        await program.press("question_mark")
        for severity in ("information", "warning", "error"):
            program.app.say(f"this is an {severity}", severity)
        await program.until(lambda: shown(program).count("this is an") == 3)
        assert coloured(program) == []
        kinds = [
            (bool(style.bold), bool(style.underline))
            for text, style, _control in segments(program)
            if style and "this is an" in text
        ]
        assert len(set(kinds)) == 3


@pytest.mark.parametrize("language", ["en", "sv"])
def test_each_state_of_a_post_in_the_outbox_has_words_of_its_own(language: str) -> None:
    set_language(language)
    words = [_(word) for word, _style in STATES.values()]
    assert len(set(words)) == len(words)


async def test_what_is_chosen_is_told_without_colour(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock, size=(80, 24)) as program:
        assert "1 Work" in reversed_words(program)
        await program.press("2")
        assert "2 Home" in reversed_words(program)
        rows = [strip.text for strip in program.main.timeline.render_lines(program.main.timeline.size.region)]
        assert {row[0] for row in rows} == {"▌", " "}
        await program.press("comma")
        await program.screen("SettingsScreen")
        await program.press("j", "j", "j")
        underlined = "".join(each.text for each in segments(program) if each.style and each.style.underline)
        assert program.settings()[3] in underlined
        assert not [title for title in program.settings()[:3] if title in underlined]


async def test_the_cursor_of_the_composer_is_there(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock, size=(80, 24)) as program:
        await program.composing()
        await program.type(QUAYLINE)
        await program.until(lambda: "Quayline" in program.verdict())
        assert coloured(program) == []
        assert "! " in program.verdict()


@pytest.mark.parametrize("language", ["en", "sv"])
def test_each_state_of_the_meter_has_a_sign_or_a_word_of_its_own(own: Desk, language: str) -> None:
    policy = own.judge.policy
    set_language(language)
    counts = [
        str(meter_text(status_of(count_state=state), policy, ("masto",), width).shown[0])
        for state in CountState
        for width in (200, 30)
    ]
    assert len(set(counts)) == len(counts)
    modes = {
        str(part)
        for mode in Mode
        for part in meter_text(status_of(modes={"masto": mode}), policy, ("masto",), 200).shown
        if part.state in ("identified", "anonymous", "blocked")
    }
    assert len(modes) >= 3


def test_each_state_of_an_account_has_a_sign_of_its_own() -> None:
    line = AccountLine()
    line.show([AccountState("work", health) for health in AccountHealth])
    signs = [sign for sign, _words, _style, _plain in line._items()]
    assert len(set(signs)) == len(AccountHealth)
