"""Where the panes stand on the first paint and after a change of width: one, two or three of them (main.tcss)."""

from __future__ import annotations

import pytest
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from mbclient.core.desk import Desk
from mbclient.ui.choices import Choices
from mbclient.ui.compositor import LeanCompositor
from mbclient.ui.draftarea import DraftArea
from mbclient.ui.meterbar import MeterBar
from mbclient.ui.screens.welcome import WelcomeScreen
from tests.ui.running import MovableClock, Program, running


def panes(program: Program) -> tuple[Region, Region, Region]:
    """Timeline, figures, composer."""
    timeline, figures, composer = (program.main.query_one(name) for name in ("#reading", "#stats", "ComposerPane"))
    return timeline.region, figures.region, composer.region


def check(program: Program, width: int) -> None:
    timeline, figures, composer = panes(program)
    if width < 100:
        assert timeline.width == width
        assert not figures
        return
    assert (figures.x, figures.y) == (timeline.right, timeline.y), "beside it"
    assert figures.right == width
    assert timeline.height > 20, "the whole height"
    assert (composer.x, composer.y) == (figures.x, figures.bottom), "below the figures"


@pytest.mark.parametrize("width", [60, 80, 120, 200])
async def test_the_panes_of_the_first_paint(own: Desk, clock: MovableClock, width: int) -> None:
    async with running(own, clock, size=(width, 36)) as program:
        check(program, width)


async def test_the_panes_follow_the_width(own: Desk, clock: MovableClock) -> None:
    async with running(own, clock, size=(120, 36)) as program:
        for width in (80, 200, 60, 120):
            await program.pilot.resize_terminal(width, 36)
            await program.pilot.pause()
            check(program, width)


async def test_another_width_is_laid_out_as_its_own_at_once(
    own: Desk, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    laid_out: list[tuple[int, bool]] = []
    theirs = LeanCompositor.reflow

    def reflow(compositor: LeanCompositor, parent: Widget, size: Size) -> object:
        laid_out.append((size.width, parent.has_class("-narrow")))
        return theirs(compositor, parent, size)

    async with running(own, clock, size=(120, 36)) as program:
        monkeypatch.setattr(LeanCompositor, "reflow", reflow)
        for width, narrow in ((80, True), (120, False), (110, False)):
            laid_out.clear()
            await program.pilot.resize_terminal(width, 36)
            await program.pilot.pause()
            assert set(laid_out) == {(width, narrow)}


async def test_another_size_is_painted_whole_once(
    own: Desk, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    painted: list[int] = []
    theirs = LeanCompositor.render_full_update

    def paint(compositor: LeanCompositor, *, simplify: bool = False) -> object:
        painted.append(compositor.size.width)
        return theirs(compositor, simplify=simplify)

    async with running(own, clock, size=(120, 36)) as program:
        monkeypatch.setattr(LeanCompositor, "render_full_update", paint)
        for width, height in ((80, 36), (120, 30), (110, 36), (200, 50)):
            painted.clear()
            await program.pilot.resize_terminal(width, height)
            await program.pilot.pause(0.2)  # the toolkit paints all again in its next frames
            assert painted == [width]


async def test_what_one_writes_is_wrapped_at_the_width_that_it_is_painted_at(
    own: Desk, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The toolkit's area wraps anew only after it was laid out and painted at another size."""
    painted: list[list[str]] = []
    theirs = DraftArea.render_lines

    def paint(area: DraftArea, crop: Region) -> list[Strip]:
        strips = theirs(area, crop)
        painted.append([strip.text for strip in strips])
        return strips

    async with running(own, clock, size=(100, 20)) as program:
        await program.composing()
        await program.type("ett långt utkast som bryts om på flera rader när skärmen blir smal " * 2)
        area = program.main.query_one(DraftArea)
        monkeypatch.setattr(DraftArea, "render_lines", paint)
        for size in ((60, 15), (100, 20), (200, 50)):
            await program.pilot.resize_terminal(*size)
            await program.pilot.pause(0.1)
            last = painted[-1]
            assert area.size.height == max(5, min(16, area.wrapped_document.height)), size
            painted.clear()
            area.refresh()
            await program.until(lambda: painted)
            assert last == painted[-1], size


@pytest.mark.parametrize("size", [(40, 3), (40, 4), (60, 5)])
async def test_the_meter_stays_in_sight_however_low_the_terminal_is(
    own: Desk, clock: MovableClock, size: tuple[int, int]
) -> None:
    async with running(own, clock, size=size) as program:
        assert program.main.query_one(MeterBar).region.y == 0
        for keys in (("slash",), ("question_mark",)):
            await program.press(*keys)
            assert program.app.screen.scroll_offset == (0, 0)
            assert not program.app.screen.show_vertical_scrollbar
            await program.press("escape")


async def test_a_low_terminal_reaches_every_choice_of_the_welcome(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock, size=(50, 8)) as program:
        program.app.push_screen(WelcomeScreen(demo, program.app.launch))
        await program.screen("WelcomeScreen")
        choices = program.app.screen.query_one(Choices)
        for _choice in range(choices.option_count - 1):
            await program.press("down")
        assert choices.highlighted == choices.option_count - 1
        assert program.app.screen.region.contains_point((choices.region.x, choices.region.bottom - 1))


async def test_dragging_over_the_closed_composer_selects_and_ends_nothing(own: Desk, clock: MovableClock) -> None:
    async with running(own, clock) as program:
        title = program.main.query_one("#title")
        await program.pilot.mouse_down(title, offset=(2, 0))
        await program.pilot.hover(title, offset=(20, 0))
        await program.pilot.mouse_up(title, offset=(20, 0))
        await program.pilot.pause()
        assert program.app.fault is None
        assert not program.main.selections
