"""The figures at full size, in the running program."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import pytest_asyncio
from textual.widgets import Static

from mbclient.core.figurewords import measures
from mbclient.ui.choices import Choices
from mbclient.ui.keyline import KeyLine
from mbclient.ui.noticeline import NoticeLine
from mbclient.ui.screens.madeof import MadeOfScreen
from mbclient.ui.screens.settings import SettingsScreen
from mbclient.ui.screens.stats import StatsScreen
from mbclient.ui.statspane import StatsPane
from tests.ui.running import MovableClock, Program, demo_desk, running
from tests.ui.test_plain import FRAMES

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


async def test_the_users_own_keys_are_heard_and_shown(tmp_path: Path) -> None:
    clock = MovableClock()
    desk = demo_desk(tmp_path, clock)
    await desk.use(replace(desk.preferences, keys={"figures_month": "x,g m", "figures_today": "ctrl+y"}))
    async with running(desk, clock) as program:
        screen = await open_figures(program)
        assert "x\u00a04\u00a0weeks" in shown(screen, "#screen-title")
        await program.press("x")
        await program.until(lambda: "Wed 28 Oct – Tue 24 Nov" in shown(screen, "#screen-title"))
        await program.press("2")
        await program.until(lambda: "Wed 18 Nov – Tue 24 Nov" in shown(screen, "#screen-title"))
        await program.press("g", "m")
        await program.until(lambda: "Wed 28 Oct – Tue 24 Nov" in shown(screen, "#screen-title"))


async def test_the_pane_beside_the_timeline_opens_to_what_it_is_made_of(tmp_path: Path) -> None:
    clock = MovableClock()
    async with running(demo_desk(tmp_path, clock), clock, size=(120, 36)) as program:
        program.app.screen.query_one(StatsPane).focus()
        await program.press("enter")
        await program.screen("StatsScreen")
        await program.press("escape")
        await program.screen("MainScreen")
        await program.pilot.click(StatsPane)
        await program.screen("StatsScreen")


async def test_an_own_range_is_asked_for_until_it_is_one(program: Program) -> None:
    screen = await open_figures(program)
    await program.press("4")
    await program.screen("AskText")
    field = program.app.screen.query_one("Input")
    field.value = "2026-11-20 2026-11-01"  # type: ignore[attr-defined]  # an Input
    await program.press("enter")
    assert "turn them round" in str(program.app.screen.query_one("#below", Static).render())
    field.value = "9999-12-30 9999-12-31"  # type: ignore[attr-defined]  # an Input
    await program.press("enter")
    assert "is too far away" in str(program.app.screen.query_one("#below", Static).render())
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
        choices = screen.query_one(Choices)
        assert choices.virtual_size.width <= choices.size.width


async def test_a_period_and_its_key_stay_on_one_line(program: Program) -> None:
    await open_figures(program)
    title = shown(program.app.screen, "#screen-title")  # type: ignore[arg-type]  # the figures
    assert "4\u00a0own\u00a0range" in title


async def test_the_hours_name_the_recommended_times_and_need_no_colour(program: Program) -> None:
    screen = await open_figures(program)
    lines_of = shown(screen, "#heat").splitlines()
    assert lines_of[0] == "When you read (▼ 08:40, 11:40, 15:00)"
    assert lines_of[1].count("▼") == 3
    assert set("░▒▓█") <= set("".join(lines_of[2:9]))
    assert [line[:3] for line in lines_of[2:9]] == ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]


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


@pytest.mark.parametrize("gone", ["#bars", "#plots", "Choices", "*"])
async def test_a_screen_that_is_being_left_shows_nothing_more(program: Program, gone: str) -> None:
    """Its parts go one by one before it does; a change of its size or of the pause may still be told to it."""
    screen = await open_figures(program)
    await screen.query(gone).remove()
    screen.on_resize()
    screen.pause_changed()
    assert program.app.fault is None


@pytest.mark.parametrize("keys", [["s", "enter"], ["comma"]])
async def test_any_screen_that_is_told_its_size_as_it_is_left_shows_nothing_more(
    program: Program, keys: list[str]
) -> None:
    if keys[0] == "s":
        await open_figures(program)
    await program.press(*keys[-1:])
    await program.screen("MadeOfScreen" if keys[0] == "s" else "SettingsScreen")
    screen = program.app.screen
    await screen.remove_children()
    assert isinstance(screen, MadeOfScreen | SettingsScreen)
    screen.on_resize()
    screen.on_mount()
    assert program.app.fault is None


@pytest.mark.parametrize("size", SIZES)
async def test_no_figure_is_cut_and_enter_is_offered(tmp_path: Path, size: tuple[int, int]) -> None:
    clock = MovableClock()
    async with running(demo_desk(tmp_path, clock), clock, size=size) as program:
        screen = await open_figures(program)
        assert screen._figures is not None
        for measure, line in zip(measures(screen._figures), lines(screen), strict=False):
            assert measure.title in line
            assert measure.value in line
        await program.until(lambda: "open" in {item.action for item in screen.query_one(KeyLine).shown})
        await program.press("end", "enter")
        await program.screen("MadeOfScreen")


async def test_plain_reading_gets_figures_for_what_is_drawn(program: Program) -> None:
    screen = await open_figures(program)
    assert "█" in shown(screen, "#bars")
    await program.app.switch_plain()
    await program.until(lambda: "█" not in shown(screen, "#bars"))
    assert re.fullmatch(r"Posts a day, the newest first: Tue 4(, \w{3} \d+){6}", shown(screen, "#bars"))
    assert not screen.query_one("#heat").display
    assert lines(screen)[0] == "Posts: 45 in 7 days with data"
    assert not FRAMES.search("".join(strip.text for strip in screen._compositor.render_strips()))
    assert "figures_hours" not in {item.action for item in screen.query_one(KeyLine).shown}
    await program.app.switch_plain()
    await program.until(lambda: "█" in shown(screen, "#bars"))


@pytest.mark.parametrize("width", [60, 80, 120])
async def test_no_period_is_parted_from_its_key(tmp_path: Path, width: int) -> None:
    clock = MovableClock()
    async with running(demo_desk(tmp_path, clock), clock, size=(width, 24)) as program:
        screen = await open_figures(program)
        title = screen.query_one("#screen-title", Static)
        rows = ["".join(part.text for part in title.render_line(row)) for row in range(title.size.height)]
        for period in ("1 today", "2 7 days", "3 4 weeks", "4 own range"):
            assert any(period in row.replace("\xa0", " ") for row in rows), rows
