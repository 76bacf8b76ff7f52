"""The compositor of screens with posts: what it paints is what the toolkit's paints, asking fewer widgets for it."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rich.cells import cell_len
from textual._compositor import ChopsUpdate, Compositor, CompositorUpdate
from textual.app import App, ComposeResult
from textual.geometry import Region, Size
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static

from mbclient.core import pieces
from mbclient.core.desk import Desk
from mbclient.domain.safetext import SafeText
from mbclient.ui.compositor import LeanCompositor, LeanScreen
from mbclient.ui.scrollmark import ScrollMark
from mbclient.ui.tabs import ViewTabs
from mbclient.ui.timeline import Timeline
from tests.benchmarks.archives import pour
from tests.benchmarks.corpus import Corpus
from tests.ui.posts import make_post
from tests.ui.running import CONFIG, MovableClock, Program, own_desk, running

TRIES = 20
_WRITTEN = re.compile(r"\x1b\[(\d+);(\d+)H|\x1b\[([\d;]*)m|(\n)|([^\x1b\n]+)")

Cells = dict[tuple[int, int], tuple[str, str]]
Lines = Callable[..., list[Strip]]


class AllAsked(Compositor):
    """The toolkit's, over what the program's own laid out."""

    def __init__(self, laid_out: Compositor) -> None:
        self.__dict__.update(laid_out.__dict__)


def rows(compositor: Compositor, size: Size) -> list[Strip]:
    return [strip.simplify() for strip in compositor.render_strips(size)]


def painted(compositor: Compositor, regions: set[Region], program: Program) -> Cells:
    """What a terminal shows in these regions, by row and column: a character and its style."""
    compositor._dirty_regions = set(regions)
    update = compositor.render_update()
    assert isinstance(update, CompositorUpdate)
    inside = {(y, x) for region in regions for y in region.line_range for x in region.column_range}
    return {place: cell for place, cell in _shown(update.render_segments(program.app.console)) if place in inside}


def _shown(written: str) -> Iterator[tuple[tuple[int, int], tuple[str, str]]]:
    row = column = 0
    style = ""
    for down, right, sgr, line, text in _WRITTEN.findall(written):
        if down:
            row, column = int(down) - 1, int(right) - 1
        elif line:
            row, column = row + 1, 0
        for character in text:
            yield (row, column), (character, style)
            column += cell_len(character)
        if not (down or line or text):
            style = sgr


def some_regions(chance: random.Random, size: Size) -> set[Region]:
    found = set()
    for _number in range(chance.randint(1, 4)):
        x, y = chance.randrange(size.width), chance.randrange(size.height)
        found.add(Region(x, y, chance.randint(1, size.width - x), chance.randint(1, size.height - y)))
    return found


async def compare(program: Program, chance: random.Random) -> None:
    await program.pilot.pause()
    ours = program.app.screen._compositor
    assert isinstance(ours, LeanCompositor)
    size, theirs = ours.size, AllAsked(ours)
    assert rows(ours, size) == rows(theirs, size)
    for _try in range(TRIES):
        regions = some_regions(chance, size)
        assert painted(ours, regions, program) == painted(theirs, regions, program), regions


@pytest.mark.parametrize("width", [60, 80, 120, 200])
async def test_it_paints_what_the_toolkit_paints(demo: Desk, clock: MovableClock, width: int) -> None:
    chance = random.Random(width)
    async with running(demo, clock, size=(width, 36)) as program:
        await program.press("2")
        await program.until(lambda: program.main.timeline.on_screen, "posts")
        await compare(program, chance)
        program.app.say("said over a part of the timeline")
        await compare(program, chance)
        await program.composing()
        await compare(program, chance)
        await program.press("escape")
        await program.press("enter")
        await program.screen("ThreadScreen")
        await compare(program, chance)


async def test_no_emoji_shifts_what_stands_beside_it_whatever_a_terminal_makes_of_it(
    own: Desk, clock: MovableClock
) -> None:
    """`_shown` is a terminal that joins no emoji: it draws a family of four as four, eight cells for two."""
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"
    post = make_post(1, account="notes", text=SafeText(f"The {family} again"))
    await own.refresher.take([post], own.accounts.get("notes"))
    async with running(own, clock) as program:
        await program.press("2")
        await program.until(lambda: program.main.timeline.on_screen, "the post")
        cells = painted(program.app.screen._compositor, {program.app.screen.region}, program)
        beside = program.main.query_one(ScrollMark).region.x
        rows = {y for (y, _x), (character, _style) in cells.items() if character == family[-1]}
        assert rows
        assert {cells[y, beside][0] for y in rows} <= {"│", "┃"}


async def test_a_key_asks_the_timeline_and_its_mark_alone(
    home: Path, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[type[Widget]] = []
    desk = own_desk(home, clock, CONFIG + "\n[archive]\nkeep_days = 36500\n")
    pour(desk.world.stores.archive, Corpus().arrivals(100))  # of one kind: no other keys for one of them
    await desk.resifter.run()
    async with running(desk, clock) as program:
        await program.press("2")
        await program.until(lambda: len(program.main.timeline.on_screen) > 2, "posts")
        await program.press("j")
        for kind in (Widget, Timeline, ScrollMark):
            theirs = kind.render_lines

            def render_lines(widget: Widget, crop: Region, theirs: Lines = theirs) -> list[Strip]:
                asked.append(type(widget))
                return theirs(widget, crop)

            monkeypatch.setattr(kind, "render_lines", render_lines)
        await program.press("j", "k", "j", "pagedown", "pageup")
        assert set(asked) <= {Timeline, ScrollMark}
        assert asked.count(Timeline) >= 5, "each was painted"
        asked.clear()
        program.main.query_one(ViewTabs).refresh()
        await program.press("j")
        assert set(asked) <= {Timeline, ScrollMark, ViewTabs}, "nor whatever stands beside what changed"


async def test_a_key_is_painted_without_the_clock_of_frames(
    home: Path, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may have to wait for its next beat, when anything else was painted just before."""
    desk = own_desk(home, clock, CONFIG + "\n[archive]\nkeep_days = 36500\n")
    pour(desk.world.stores.archive, Corpus().arrivals(20))
    async with running(desk, clock) as program:
        await program.press("2")
        await program.until(lambda: len(program.main.timeline.on_screen) > 2, "posts")
        await program.press("j")
        frames: list[set[Widget]] = []
        real = LeanCompositor.render_partial_update

        def counted(compositor: LeanCompositor) -> ChopsUpdate | None:
            frames.append(set(program.main._dirty_widgets))
            return real(compositor)

        monkeypatch.setattr(LeanCompositor, "render_partial_update", counted)
        monkeypatch.setattr(program.main._update_timer, "resume", lambda: None)
        await program.pilot.press("j")  # `program.press` would paint by itself
        assert any(program.main.query_one(Timeline) in widgets for widgets in frames)


def test_keys_that_come_faster_than_frames_share_them(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Two()

    def at_once(came_at: float) -> list[bool]:
        monkeypatch.setattr(pieces, "key_came_at", lambda: came_at)
        return [screen._takes_a_keys_frame() for _frame in range(3)]

    assert at_once(100.0) == [True, True, False], "the first may be of something else"
    assert at_once(100.004) == [False, False, False]
    assert at_once(100.033) == [True, True, False]


class Two(LeanScreen):
    CSS = "Static { height: auto; }"

    def compose(self) -> ComposeResult:
        yield Static("one", id="upper")
        yield Static("two", id="lower")


class Question(ModalScreen[None]):
    """Covers a part of the screen."""


async def test_what_grows_in_a_screen_that_was_covered_from_the_first_is_given_room() -> None:
    """It is painted uncovered without being laid out again: what was asked of the layout before is not done by that."""
    app: App[None] = App()
    async with app.run_test(size=(40, 10)) as pilot:
        two = Two()
        app.push_screen(two)
        await app.push_screen(Question())
        await pilot.pause()
        app.pop_screen()
        two.query_one("#upper", Static).update("one\nand\nmore")
        two._compositor_refresh()  # as the toolkit does for whatever has changed
        await pilot.pause()
        assert two.query_one("#lower").region.y == 3
