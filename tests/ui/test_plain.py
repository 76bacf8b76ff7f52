"""The plain reading mode: sentences in one column, nothing drawn, the terminal's cursor where the user is."""

from __future__ import annotations

import dataclasses
import re
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.geometry import Offset

from mbclient.core.desk import Desk
from mbclient.domain.poll import Choice, Poll
from mbclient.domain.post import Author, Counts, Media, Mine, PostKind, Quoted, Visibility
from mbclient.domain.safetext import SafeText
from mbclient.ui.choices import Choices
from mbclient.ui.paint import Painter
from mbclient.ui.plainly import lay_out_plainly
from mbclient.ui.render import Dress, Look, content_width
from mbclient.ui.sheet import GUTTER
from mbclient.ui.themes import DARK, palette
from tests.ui.posts import ANNA, BO, WORDS, make_entry, make_post, post_of_texts
from tests.ui.running import MovableClock, Program, own_desk, own_launch, running
from tests.ui.test_render import TEXTS, shown

DRAWN = re.compile("[\u2190-\u21ff\u2500-\u25ff┄┊♡✓•▌]")  # arrows, boxes, blocks, shapes
FRAMES = re.compile("[\u2500-\u259f]")
PLAIN = dataclasses.replace(WORDS, plain=True)
LOOK = Look(time="3 min")


def rows_of(program: Program) -> list[str]:
    """What the compositor puts on the screen."""
    return [strip.text.rstrip() for strip in program.app.screen._compositor.render_strips()]


async def switch(program: Program) -> None:
    """On or off, as the palette does it."""
    await program.app.switch_plain()
    await program.pilot.pause()


def test_a_post_is_read_in_the_order_it_is_told() -> None:
    post = make_post(
        1,
        text=SafeText("Ny version"),
        author=ANNA,
        kind=PostKind.REPLY,
        visibility=Visibility.UNLISTED,
        boosted_by=BO,
        quoted=Quoted(Author(SafeText("cia@example.org"), SafeText("Cia")), SafeText("Äldre version")),
        media=(Media("image", SafeText("en kran")),),
        counts=Counts(1, 2, 0),
        mine=Mine(liked=True),
    )
    assert shown(lay_out_plainly(post, 80, dataclasses.replace(LOOK, unread=True), PLAIN)) == [
        f"new, Anna Ek, @{ANNA.handle}, boosted by Bo Åström, reply, 3 min,",
        "bluesky, unlisted",
        "Ny version",
        "Quotes:",
        "Cia  @cia@example.org",
        "Äldre version",
        "[image: en kran]",
        "1 reply, 2 boosts, liked",
    ]


def test_a_poll_is_told_in_sentences() -> None:
    poll = Poll((Choice(SafeText("Ja"), 3), Choice(SafeText("Nej"), 1, mine=True)))
    words = dataclasses.replace(PLAIN, poll=lambda poll: (f"{poll.votes} votes", "choose one"))
    assert shown(lay_out_plainly(make_post(4, text=SafeText("Kaffe?"), poll=poll, counts=Counts()), 80, LOOK, words))[
        1:
    ] == ["Kaffe?", "Ja: 75 %, 3 votes", "Nej: 25 %, 1 vote, your vote", "4 votes, choose one"]


@given(TEXTS, st.integers(min_value=10, max_value=200), TEXTS, TEXTS)
def test_any_text_in_any_field_stays_within_the_width(
    text: SafeText, width: int, name: SafeText, alt: SafeText
) -> None:
    post = post_of_texts(text, name, alt)
    for look in (LOOK, dataclasses.replace(LOOK, revealed=True, dress=Dress(depth=9, lead="x" * 200))):
        for row in shown(lay_out_plainly(post, width, look, PLAIN)):
            assert cell_len(row) <= content_width(width)
            assert "\n" not in row


def test_a_warning_covers_here_too() -> None:
    layout = lay_out_plainly(make_post(1, text=SafeText("hemligt"), cw=SafeText("lunch")), 80, LOOK, PLAIN)
    assert layout.covered
    assert [row.strip() for row in shown(layout)[1:3]] == ["lunch", "covered by a warning; x shows it"]


def test_selected_and_the_line_below_are_told_without_a_drawing() -> None:
    painter = Painter(60, palette(DARK), PLAIN)
    card = painter.card(make_entry(1), LOOK)
    assert {strip.text[0] for strip in painter.lines(card, selected=True)} == {">"}
    assert {strip.text[0] for strip in painter.lines(card, selected=False)} == {" "}
    assert painter.rule().text.strip() == ""
    assert painter.rule("day", "yesterday").text.strip() == "yesterday"


@pytest.mark.parametrize("size", [(60, 24), (120, 36), (200, 50)])
async def test_one_column_and_nothing_drawn_at_any_width(
    demo: Desk, clock: MovableClock, size: tuple[int, int]
) -> None:
    async with running(demo, clock, size=size) as program:
        top = program.selected()
        assert any(DRAWN.search(row) for row in rows_of(program))
        await switch(program)
        assert program.selected() == top
        for keys in ((), ("2", "j", "j"), ("S",), ("S", "enter"), ("escape", "O"), ("escape", "comma")):
            await program.press(*keys)
            body = rows_of(program)[2:-2]  # between the meter's lines and those of accounts and keys
            assert not [row for row in body if DRAWN.search(row)], keys
        await program.press("escape")
        await program.composing()
        assert program.main.composer.region.width == size[0]
        assert not [row for row in rows_of(program)[2:-2] if FRAMES.search(row)]


async def test_figures_are_told_in_the_timelines_place(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        await switch(program)
        assert not program.main.query_one("StatsPane").display
        await program.press("S")
        pane = program.main.query_one("StatsPane")
        await program.until(lambda: "Tue 24 Nov: " in str(pane.render()))
        assert pane.region.width == 120
        assert not program.main.query_one("#reading").display
        await program.press("S")
        assert program.main.query_one("#reading").display


async def test_the_cursor_of_the_terminal_is_where_the_user_is(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        await switch(program)
        for key in ("j", "j", "pagedown", "k", "end", "home"):
            await program.press(key)
            timeline = program.main.timeline
            here = timeline.region.offset + Offset(GUTTER, max(timeline.selected_row, 0))
            assert program.app.cursor_position == here, key
            assert rows_of(program)[here.y].startswith(">")
        await program.press("comma")
        await program.screen("SettingsScreen")
        await program.press("j", "j")
        places = []
        for _step in range(4):
            places.append(program.app.cursor_position.y)
            await program.press("j")
        assert [rows_of(program)[y].split("  ")[0].strip() for y in places] == program.settings()[2:6]


async def test_the_cursor_is_in_the_field_before_anything_is_typed(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        await program.press("slash")
        await program.screen("SearchScreen")
        field = program.app.screen.query_one("Input")
        await program.until(lambda: program.app.cursor_position.y == field.region.y)
        await program.press("escape", "escape")
        await program.screen("MainScreen")
        await program.composing()
        area = program.main.query_one("DraftArea")
        await program.until(lambda: program.app.cursor_position.y == area.region.y)


async def test_a_covered_timeline_does_not_take_the_cursor_away(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        await program.press("comma")
        await program.screen("SettingsScreen")
        await program.press("j", "j")
        before = program.app.cursor_position
        program.main.show_view(program.main.view)
        program.main.timeline.words_changed()
        await program.pilot.pause()
        assert program.app.cursor_position == before


async def test_nothing_is_counted_down_aloud(own: Desk, clock: MovableClock) -> None:
    async with running(own, clock) as program:
        own.preferences = dataclasses.replace(own.preferences, undo_seconds=30)
        await switch(program)
        await program.composing()
        await program.type("Hej")
        await program.press("ctrl+s")
        line = program.main.query_one("#accounts")
        await program.until(lambda: "u takes it back" in str(line.render()))
        said = str(line.render())
        clock.ahead += timedelta(seconds=7)
        program.main.second_passed()
        await program.pilot.pause()
        assert str(line.render()) == said


async def test_the_choice_is_kept_and_the_next_start_is_plain(home: Path, clock: MovableClock) -> None:
    async with running(own_desk(home, clock), clock, own_launch(home)) as program:
        commands = {command.title: command for command in program.app.get_system_commands(program.app.screen)}
        await commands["Plain reading: on"].callback()
    assert "plain = true" in (home / "choices.toml").read_text("utf-8")
    async with running(own_desk(home, clock), clock, own_launch(home)) as program:
        await program.until(lambda: program.app.has_class("-plain"))
        assert "[1 Work]" in program.tabs()


async def test_a_list_that_has_left_its_screen_places_no_cursor(own: Desk, clock: MovableClock) -> None:
    """A click may highlight a line of a list whose screen was just closed, before it hears that it lost its focus."""
    async with running(own, clock) as program:
        await program.press("comma")
        await program.screen("SettingsScreen")
        choices = program.app.screen.query(Choices).first()
        await program.press("escape")
        await program.screen("MainScreen")
        before = program.app.cursor_position
        choices.set_reactive(Choices.has_focus, True)
        choices.highlighted = 1
        choices.place_cursor()
        assert (choices.is_attached, program.app.cursor_position) == (False, before)
