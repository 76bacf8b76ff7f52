"""Reading time in the running program: what is in front, and what the user does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from textual import events

from mbclient.core.desk import Desk
from mbclient.core.figurestores import Activity
from tests.ui.running import MovableClock, Program, demo_desk, running

TODAY = date(2026, 11, 24)


@pytest_asyncio.fixture
async def program(tmp_path: Path) -> AsyncIterator[Program]:
    clock = MovableClock()
    async with running(unread_desk(tmp_path, clock), clock) as started:
        yield started


def unread_desk(folder: Path, clock: MovableClock) -> Desk:
    """The demo's, without the reading that it makes up."""
    desk = demo_desk(folder, clock)
    desk.world.stores.reading.delete()
    return desk


async def act(program: Program, *steps: float | str) -> None:
    """Keys, and seconds that pass between them."""
    for step in steps:
        if isinstance(step, str):
            await program.press(step)
        else:
            program.clock.ahead += timedelta(seconds=step)


def seconds(program: Program, activity: Activity) -> float:
    """Whole ones: the test itself takes a moment."""
    program.desk.attention.keep_now()
    pieces = program.desk.world.stores.reading.pieces(TODAY, TODAY)
    return sum(piece.length.total_seconds() for piece in pieces if piece.activity is activity)


def about(number: float) -> object:
    return pytest.approx(number, abs=4)


async def test_reading_and_writing_are_measured_apart(program: Program) -> None:
    await act(program, "j", 30, "j", 60)
    await program.composing()
    assert seconds(program, Activity.READING) == about(90)
    await act(program, 100, "a", 50, "b", "escape", 100)
    assert seconds(program, Activity.READING) == about(90)  # the key that left the composer was no reading
    assert seconds(program, Activity.COMPOSING) == about(50)


async def test_time_goes_to_the_service_of_the_post_under_the_cursor(program: Program) -> None:
    await act(program, "g", "g")
    service = program.selected().service
    await act(program, 60, "j")
    program.desk.attention.keep_now()
    longest = max(program.desk.world.stores.reading.pieces(TODAY, TODAY), key=lambda piece: piece.length)
    assert longest.service == service


async def test_another_window_ends_the_stretch_and_coming_back_begins_one(program: Program) -> None:
    await act(program, "j", 5)
    program.app.post_message(events.AppBlur())
    await program.until(lambda: program.app.focused is None)
    await act(program, 1000)
    program.app.post_message(events.AppFocus())
    await program.until(lambda: program.app.focused is program.main.timeline)
    await act(program, 100, "j", 7, "j")
    assert seconds(program, Activity.READING) == about(5 + 7)


async def test_a_thread_is_read_too_and_help_is_not(program: Program) -> None:
    await act(program, "j", "enter")
    await program.screen("ThreadScreen")
    await act(program, "j", 40, "k")
    await act(program, "question_mark")
    await program.screen("HelpScreen")
    await act(program, 90, "down", 90, "escape")
    await program.screen("ThreadScreen")
    await act(program, "escape")
    await program.screen("MainScreen")
    await act(program, "j", 20, "j")
    assert seconds(program, Activity.READING) == about(60)


async def test_one_key_pauses_and_says_so(program: Program) -> None:
    await act(program, "j", 10, "P")
    assert "Reading time is paused." in program.says()
    await act(program, "j", 50, "j")
    await act(program, "P")
    assert "Reading time is measured again." in program.says()
    await act(program, "j", 20, "j")
    assert seconds(program, Activity.READING) == about(30)


async def test_switched_off_nothing_is_measured(program: Program) -> None:
    desk = program.desk
    off = replace(desk.preferences.statistics, reading_time=False)
    await desk.use(replace(desk.preferences, statistics=off))
    await act(program, "n", "enter")
    await program.screen("ThreadScreen")
    await act(program, "j", 50, "j", "escape", "P")
    assert "Reading time is not measured: it is off in the settings." in program.says()
    assert seconds(program, Activity.READING) == about(0)


async def test_what_was_read_is_on_the_disk_when_the_program_has_ended(tmp_path: Path) -> None:
    clock = MovableClock()
    desk = unread_desk(tmp_path, clock)
    async with running(desk, clock) as program:
        await act(program, "j", 30, "j", 10)
        program.main.keep_all()
        pieces = desk.world.stores.reading.pieces(TODAY, TODAY)
    assert sum(piece.length.total_seconds() for piece in pieces) == about(40)
