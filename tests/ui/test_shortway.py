"""Keys that move in the timeline: straight there, and never past a key or a click that came before them."""

from __future__ import annotations

from typing import Any

import pytest
from textual import events

from mbclient.ui.timeline import Timeline
from mbclient.ui.timelinepane import TimelinePane
from tests.hostile.filled import fill
from tests.ui.running import MovableClock, Program, own_desk, running

POSTS = [f"openssl {number}" for number in range(12)]


def key(name: str) -> events.Key:
    return events.Key(name, name if len(name) == 1 else None)


async def selected(program: Program) -> int:
    """Which post from the newest on is selected, once every key has been heard."""
    for _turn in range(5):
        await program.pilot.pause()
    return POSTS.index(program.selected().text)


async def test_a_key_that_is_held_down_wakes_nothing_but_the_timeline(
    home: Any, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []
    for part in (Timeline, TimelinePane):
        post_message = part.post_message

        def told(self: Any, message: Any, post_message: Any = post_message) -> bool:
            if isinstance(message, events.Key):
                heard.append(type(self).__name__)
            return bool(post_message(self, message))

        monkeypatch.setattr(part, "post_message", told)
    desk = own_desk(home, clock)
    fill(desk, POSTS)
    async with running(desk, clock) as program:
        await program.until(program.texts)
        await program.press("x", "j")
        assert heard == ["Timeline", "TimelinePane"] * 2  # behind another key it takes that one's way
        heard.clear()
        await program.press("j", "j", "k", "pagedown", "pageup", "down")
        assert heard == []


@pytest.mark.parametrize(
    ("keys", "place"), [("jjj", 3), ("jjjk", 2), ("jjjgg", 0), ("jjjgjg", 4), ("jgjjgkk", 1), ("jj?j", 2)]
)
async def test_in_a_burst_each_key_is_taken_in_its_turn(home: Any, clock: MovableClock, keys: str, place: int) -> None:
    """A sequence that is broken off, and a screen that opens, too."""
    desk = own_desk(home, clock)
    fill(desk, POSTS)
    async with running(desk, clock) as program:
        await program.until(program.texts)
        for each in keys:
            program.app.post_message(key({"?": "question_mark"}.get(each, each)))
        assert await selected(program) == place


@pytest.mark.parametrize("before", ["", "jj"])
async def test_behind_the_key_that_opens_the_composer_it_is_text(home: Any, clock: MovableClock, before: str) -> None:
    desk = own_desk(home, clock)
    fill(desk, POSTS)
    async with running(desk, clock) as program:
        await program.until(program.texts)
        await program.press("j")  # from here on moves go straight
        for each in f"{before}cjjkjnn":
            program.app.post_message(key(each))
        await program.until(lambda: (draft := program.main.composer.draft) and draft.text == "jjkjnn")
        assert await selected(program) == 1 + len(before)


async def test_it_comes_behind_a_click(home: Any, clock: MovableClock) -> None:
    desk = own_desk(home, clock)
    fill(desk, POSTS)
    async with running(desk, clock) as program:
        await program.until(program.texts)
        await program.press("j", "j")
        timeline = program.main.timeline
        scene = timeline._scene
        assert scene is not None
        row = next(row for row, (entry, _line) in enumerate(scene.rows) if entry is timeline.on_screen[3])
        at = timeline.region.offset
        given: dict[str, Any] = {
            "widget": None, "x": at.x + 5, "y": at.y + row, "delta_x": 0, "delta_y": 0, "button": 1, "shift": False,
            "meta": False, "ctrl": False, "screen_x": at.x + 5, "screen_y": at.y + row,
        }  # fmt: skip
        program.app.post_message(events.MouseDown(**given))
        program.app.post_message(events.MouseUp(**given))
        program.app.post_message(key("j"))
        assert await selected(program) == 4


async def test_where_a_question_lies_over_the_timeline_nothing_moves(home: Any, clock: MovableClock) -> None:
    desk = own_desk(home, clock)
    fill(desk, POSTS)
    async with running(desk, clock) as program:
        await program.until(program.texts)
        await program.press("j", "j", "question_mark")
        await program.press("j", "j")
        await program.press("escape")
        assert await selected(program) == 2
