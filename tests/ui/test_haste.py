"""Keys and clicks that come faster than screens open and close: each is meant for one screen, none ends the program."""

from __future__ import annotations

from typing import Any

import pytest

from tests.hostile.filled import fill
from tests.ui.running import MovableClock, own_desk, running

SCREENS = ("D", "O", "N", "T", "H", "s", "enter", "a", "i", "comma", "question_mark", "ctrl+p", "M")


@pytest.mark.parametrize("key", ["D", "O", "N", "H", "T"])
async def test_four_clicks_on_a_line_open_it_once(home: Any, clock: MovableClock, key: str) -> None:
    desk = own_desk(home, clock)
    fill(desk, ["openssl a", "openssl b", "openssl c"])
    async with running(desk, clock) as program:
        await program.until(program.texts)
        await program.press(key)
        for _click in range(4):
            program.click(10, 4)
        await program.settle()
        assert program.app.fault is None
        assert program.app.is_running


@pytest.mark.parametrize("key", SCREENS)
async def test_keys_that_come_at_once_end_nothing(home: Any, clock: MovableClock, key: str) -> None:
    desk = own_desk(home, clock)
    fill(desk, ["openssl a", "openssl b", "openssl c"])
    async with running(desk, clock) as program:
        await program.until(program.texts)
        await program.press(key)
        program.send("enter", "enter", "escape", "escape", "enter", "pagedown", "escape", "escape")
        await program.settle()
        assert program.app.fault is None
        assert program.app.is_running


async def test_a_question_that_many_clicks_ask_for_is_asked_once(home: Any, clock: MovableClock) -> None:
    desk = own_desk(home, clock)
    fill(desk, ["openssl a", "openssl b", "openssl c"])
    async with running(desk, clock) as program:
        await program.until(program.texts)
        await program.press("H")
        program.send(*"a" * 60)
        await program.screen("AskText")
        await program.settle()
        assert [type(screen).__name__ for screen in program.app.screen_stack] == [
            "MainScreen",
            "MutesScreen",
            "AskText",
        ]
        await program.press("escape")
        assert program.screen_name == "MutesScreen"
