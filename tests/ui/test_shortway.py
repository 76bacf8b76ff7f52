"""Keys that move in the timeline: straight there, and never past a key or a click that came before them."""

from __future__ import annotations

from typing import Any

import pytest
from textual import events
from textual.message import Message
from textual.widget import Widget

from mbclient.ui.shortway import ShortWay
from tests.hostile.filled import fill
from tests.ui.running import CONFIG, MovableClock, Program, own_desk, running

POSTS = [f"openssl {number}" for number in range(12)]


async def selected(program: Program) -> int:
    """Which post from the newest on is selected, once every key has been heard."""
    await program.settle()
    return POSTS.index(program.selected().text)


async def test_a_key_that_is_held_down_is_handed_to_no_widget(
    home: Any, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []
    post_message = Widget.post_message

    def overheard(self: Widget, message: Message) -> bool:
        if isinstance(message, events.Key):
            heard.append(type(self).__name__)
        return post_message(self, message)

    monkeypatch.setattr(Widget, "post_message", overheard)
    desk = own_desk(home, clock)
    fill(desk, POSTS)
    async with running(desk, clock) as program:
        await program.until(program.texts)
        await program.press("x", "j")
        assert heard.count("Timeline") == 2  # behind another key a move takes that one's way
        heard.clear()
        await program.press("j", "j", "k", "pagedown", "pageup", "down")
        assert heard == []


@pytest.mark.parametrize(
    ("keys", "place"), [("jjj", 3), ("jjjk", 2), ("jjjgg", 0), ("jjjgjg", 4), ("jgjjgkk", 1), ("jj?j", 2)]
)
async def test_in_a_burst_each_key_is_taken_in_its_turn(home: Any, clock: MovableClock, keys: str, place: int) -> None:
    """Also where a sequence is broken off, and where a screen opens between them."""
    desk = own_desk(home, clock)
    fill(desk, POSTS)
    async with running(desk, clock) as program:
        await program.until(program.texts)
        program.send(*("question_mark" if key == "?" else key for key in keys))
        assert await selected(program) == place


@pytest.mark.parametrize("before", ["", "jj"])
async def test_behind_the_key_that_opens_the_composer_a_move_is_text(
    home: Any, clock: MovableClock, before: str
) -> None:
    desk = own_desk(home, clock)
    fill(desk, POSTS)
    async with running(desk, clock) as program:
        await program.until(program.texts)
        await program.press("j")
        program.send(*f"{before}cjjkjnn")
        await program.until(lambda: (draft := program.main.composer.draft) and draft.text == "jjkjnn")
        assert await selected(program) == 1 + len(before)


async def test_a_move_comes_behind_the_click_before_it(home: Any, clock: MovableClock) -> None:
    desk = own_desk(home, clock)
    fill(desk, POSTS)
    async with running(desk, clock) as program:
        await program.until(program.texts)
        await program.press("j", "j")
        timeline = program.main.timeline
        scene = timeline._scene
        assert scene is not None
        row = next(row for row, (entry, _line) in enumerate(scene.rows) if entry is timeline.on_screen[3])
        program.click(timeline.region.x + 5, timeline.region.y + row)
        program.send("j")
        assert await selected(program) == 4


async def test_where_a_screen_lies_over_the_timeline_nothing_moves(home: Any, clock: MovableClock) -> None:
    desk = own_desk(home, clock)
    fill(desk, POSTS)
    async with running(desk, clock) as program:
        await program.until(program.texts)
        await program.press("j", "j", "question_mark")
        await program.press("j", "j")
        await program.press("escape")
        assert await selected(program) == 2


async def test_the_way_is_free_when_all_that_was_asked_for_before_is_done(home: Any, clock: MovableClock) -> None:
    """A part that wants the focus has it given in a callback, behind the key that it was asked for with."""
    desk = own_desk(home, clock)
    async with running(desk, clock) as program:
        await program.until(lambda: program.main.timeline.has_focus)
        found = []
        program.app._under_way = move = events.Key("j", "j")
        program.app.call_later(lambda: found.append(program.app._under_way))
        ShortWay.on_key(program.app, move)
        await program.until(lambda: program.app._under_way is None)
        assert found == [move]


async def test_a_move_that_comes_up_is_no_word_on_what_came_after_it(home: Any, clock: MovableClock) -> None:
    desk = own_desk(home, clock)
    async with running(desk, clock) as program:
        await program.until(lambda: program.main.timeline.has_focus)
        move, later = events.Key("j", "j"), events.Key("c", "c")
        program.app._under_way = later
        ShortWay.on_key(program.app, move)
        await program.settle()
        assert program.app._under_way is later


async def test_pasted_text_is_input_too(home: Any, clock: MovableClock) -> None:
    desk = own_desk(home, clock)
    async with running(desk, clock) as program:
        await program.press("j", "j")
        assert program.app._under_way is None
        program.app.post_message(events.Paste("text"))
        await program.settle()
        assert isinstance(program.app._under_way, events.Paste)


@pytest.mark.parametrize("before", ["", "x"])
async def test_the_palettes_key_can_be_another_and_its_own_be_given_away(
    home: Any, clock: MovableClock, before: str
) -> None:
    desk = own_desk(home, clock, CONFIG + '\n[keys]\npalette = "ctrl+k"\nup = "k,up,ctrl+p"\n')
    fill(desk, POSTS)
    async with running(desk, clock) as program:
        await program.until(program.texts)
        await program.press("j", "j", *before, "ctrl+p")
        assert await selected(program) == 1
        await program.press("ctrl+k")
        assert program.screen_name == "Palette"
