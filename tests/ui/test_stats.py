"""The figures at full size, in the running program."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import pytest_asyncio
from textual.widgets import Static

from mbclient.ui.choices import Choices
from mbclient.ui.noticeline import NoticeLine
from mbclient.ui.screens.stats import StatsScreen
from tests.ui.running import MovableClock, Program, demo_desk, running

SIZES = [(60, 24), (80, 24), (120, 36), (200, 50)]


@pytest_asyncio.fixture
async def program(tmp_path: Path) -> AsyncIterator[Program]:
    clock = MovableClock()
    async with running(demo_desk(tmp_path, clock), clock) as started:
        yield started


async def open_figures(program: Program) -> StatsScreen:
    await program.press("s")
    await program.screen("StatsScreen")
    screen = program.app.screen
    assert isinstance(screen, StatsScreen)
    await program.until(lambda: lines(screen), "the figures are there")
    return screen


def lines(screen: StatsScreen) -> list[str]:
    return [str(option.prompt) for option in screen.query_one(Choices).options]


def shown(screen: StatsScreen, id: str) -> str:
    return str(screen.query_one(id, Static).render())


async def test_seven_days_first_and_other_periods_by_one_key(program: Program) -> None:
    screen = await open_figures(program)
    assert "Wed 18 Nov – Tue 24 Nov" in shown(screen, "#screen-title")
    await program.press("1")
    await program.until(lambda: "Tue 24 Nov" in shown(screen, "#screen-title") and "–" not in shown(screen, "#bars"))
    assert "Posts a day" in shown(screen, "#bars")
    await program.press("3")
    await program.until(lambda: "Wed 28 Oct – Tue 24 Nov" in shown(screen, "#screen-title"))


async def test_an_own_range_is_asked_for_until_it_is_one(program: Program) -> None:
    screen = await open_figures(program)
    await program.press("4")
    await program.screen("AskText")
    field = program.app.screen.query_one("Input")
    field.value = "2026-11-20 2026-11-01"  # type: ignore[attr-defined]  # an Input
    await program.press("enter")
    assert "turn them round" in str(program.app.screen.query_one("#below", Static).render())
    field.value = "2026-11-16 2026-11-20"  # type: ignore[attr-defined]  # an Input
    await program.press("enter")
    await program.screen("StatsScreen")
    await program.until(lambda: "Mon 16 Nov – Fri 20 Nov" in shown(screen, "#screen-title"))


async def test_every_figure_opens_to_what_it_was_made_of(program: Program) -> None:
    screen = await open_figures(program)
    titles = [line.split("  ")[0] for line in lines(screen)]
    for number, title in enumerate(titles):
        await program.press("home", *["down"] * number, "enter")
        await program.screen("MadeOfScreen")
        words = str(program.app.screen.query_one("VerticalScroll > Static", Static).render())
        assert words.startswith(f"{title.strip()}"), words
        assert len(words.splitlines()) >= 3
        await program.press("escape")
        await program.screen("StatsScreen")


@pytest.mark.parametrize("size", SIZES)
async def test_it_fits_every_width(tmp_path: Path, size: tuple[int, int]) -> None:
    clock = MovableClock()
    async with running(demo_desk(tmp_path, clock), clock, size=size) as program:
        screen = await open_figures(program)
        assert screen.query_one("#plots").region.right <= size[0]
        assert screen.query_one("#heat").display is (size[0] >= 100)
        assert screen.query_one("#bars").display
        await program.press("h")  # on a narrow screen one plot at a time
        assert screen.query_one("#heat").display
        assert screen.query_one("#bars").display is (size[0] >= 100)
        await program.press("h")
        assert screen.query_one(Choices).region.height >= 5
        for line in lines(screen):
            assert len(line) <= size[0]


async def test_a_pause_is_seen_at_any_width(tmp_path: Path) -> None:
    clock = MovableClock()
    async with running(demo_desk(tmp_path, clock), clock, size=(80, 24)) as program:
        screen = await open_figures(program)
        await program.press("P")
        assert "Reading time: paused" in shown(screen, "#screen-title")
        assert program.desk.attention.paused
        await program.press("P")
        assert "paused" not in shown(screen, "#screen-title")


async def test_all_reading_time_goes_after_a_yes(program: Program) -> None:
    screen = await open_figures(program)
    today = date(2026, 11, 24)
    reading = program.desk.world.stores.reading
    assert reading.sums(today, today)
    await program.press("delete")
    await program.screen("Ask")
    await program.press("n")
    await program.screen("StatsScreen")
    assert reading.sums(today, today)
    await program.press("delete")
    await program.screen("Ask")
    await program.press("y")
    await program.screen("StatsScreen")
    await program.until(lambda: not reading.sums(date(2026, 1, 1), today))
    await program.until(lambda: "nothing was measured" in shown(screen, "#heat"))


# ---------------------------------------------------------------- the time budget


async def use(program: Program, **statistics: int) -> None:
    desk = program.desk
    wanted = replace(desk.preferences.statistics, **statistics)  # type: ignore[arg-type]  # by name
    await desk.use(replace(desk.preferences, statistics=wanted))


async def test_the_budget_says_one_line_a_day_and_is_put_away(program: Program) -> None:
    line = program.main.query_one(NoticeLine)
    program.main.show_figures()
    await program.pilot.pause()
    assert line.words == ""
    await use(program, budget_minutes=5)
    program.main.show_figures()
    await program.until(lambda: "wanted to know at 5 min" in line.words)
    await program.press("escape")
    assert line.words == ""
    program.main.show_figures()
    await program.pilot.pause()
    assert line.words == ""


async def test_the_settings_switch_it_all(program: Program) -> None:
    await program.press("comma")
    await program.screen("SettingsScreen")
    rows = [str(option.prompt) for option in program.app.screen.query_one(Choices).options]
    (place,) = (number for number, row in enumerate(rows) if row.startswith("Measure reading time"))
    await program.press("home", *["down"] * place, "enter")
    await program.until(lambda: not program.desk.preferences.statistics.reading_time)
    await program.press("down", "enter")
    await program.until(lambda: program.desk.preferences.statistics.budget_minutes == 15)
    await program.press("down", "enter")
    await program.until(lambda: program.desk.preferences.statistics.summary)
