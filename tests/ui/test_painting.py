"""Whatever is pressed, clicked, said or resized: what was written bit by bit is what painting all of it would show."""

from __future__ import annotations

import random
import webbrowser

import pytest
from textual._compositor import CompositorUpdate
from textual._context import visible_screen_stack
from textual.app import App
from textual.geometry import Region
from textual.screen import Screen

from mbclient.core.desk import Desk
from mbclient.ui.timeline import Timeline
from tests.ui.running import MovableClock, Program, running
from tests.ui.test_compositor import Cells, _shown

SIZES = ((60, 20), (61, 18), (80, 24), (119, 30), (120, 36), (200, 50))
_NAMED = ("escape", "pagedown", "pageup", "space", "enter", "slash", "tab", "shift+tab", "comma", "question_mark")
KEYS = (*"jjjjkkkG1234wpcfbBxamniNsODZhlvMrQtu", "g,g", *_NAMED, *["escape"] * 7, "ctrl+p", "down", "up", "home", "end")
TYPED = ("a", "ö", "漢", "🦉", " ")


class Terminal:
    """What stands on it, by what the application wrote there; a new size leaves nothing that can be relied on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.cells: Cells = {}
        display = App._display

        def written(app: App[str], screen: Screen[object], update: object) -> None:
            if isinstance(update, CompositorUpdate) and not app._batch_count:
                self.cells.update(_shown(update.render_segments(app.console)))
            display(app, screen, update)  # type: ignore[arg-type]  # what it was given

        monkeypatch.setattr(App, "_display", written)

    def shows(self, program: Program) -> bool:
        """Whether every cell is as if all had been painted just now."""
        app = program.app
        compositor = app.screen._compositor
        visible_screen_stack.set(app._background_screens)
        strips = compositor.render_strips(compositor.size)
        whole = "".join(f"\x1b[{y};1H{strip.render(app.console)}" for y, strip in enumerate(strips, 1))
        return compositor.size == app.size and all(self.cells.get(place) == cell for place, cell in _shown(whole))


def no_browser(*_given: object) -> webbrowser.BaseBrowser:
    raise webbrowser.Error


async def do_anything(program: Program, terminal: Terminal, chance: random.Random) -> str:
    """One random deed, in words."""
    app, pilot = program.app, program.pilot
    deed = chance.choices(("key", "type", "say", "hover", "click", "size"), (70, 6, 6, 8, 4, 6))[0]
    x, y = chance.randrange(app.size.width), chance.randrange(app.size.height)
    what: object = (x, y)
    if deed == "key":
        await pilot.press(*(what := chance.choice(KEYS)).split(","))
    elif deed == "type":
        await pilot.press(what := chance.choice(TYPED))
    elif deed == "say":
        app.say(what := "words " * chance.randint(1, 12))
    elif deed == "hover":
        await pilot.hover(offset=(x, y))
    elif deed == "click":
        await pilot.click(offset=(x, y))
    else:
        what = chance.choice([size for size in SIZES if size != app.size])
        terminal.cells.clear()
        await pilot.resize_terminal(*what)
    return f"{deed} {what}"


@pytest.mark.parametrize(
    ("seed", "deeds"), [(1, 40), *(pytest.param(seed, 80, marks=pytest.mark.slow) for seed in range(2, 8))]
)
async def test_nothing_stale_stays_on_the_screen(
    demo: Desk, clock: MovableClock, monkeypatch: pytest.MonkeyPatch, seed: int, deeds: int
) -> None:
    chance, done = random.Random(seed), list[str]()
    terminal = Terminal(monkeypatch)
    monkeypatch.setattr(webbrowser, "get", no_browser)  # a click may be on a link
    async with running(demo, clock, size=chance.choice(SIZES), toasts=True) as program:
        await program.press("2")
        for _deed in range(deeds):
            done.append(await do_anything(program, terminal, chance))
            await program.until(lambda: terminal.shows(program), f"{program.screen_name} as painted, after {done[-9:]}")


async def test_what_changes_under_a_screen_takes_nothing_from_what_changes_in_it(
    demo: Desk, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = Terminal(monkeypatch)
    async with running(demo, clock) as program:
        await program.press("2", "a")
        await program.screen("AuthorScreen")
        await program.until(lambda: terminal.shows(program), "painted")
        timeline = program.app.screen.query_one(Timeline)
        with program.app.batch_update():  # both before the next frame
            timeline.move_by(1)
            await program.until(lambda: timeline in program.app.screen._dirty_widgets, "told")
            assert not terminal.shows(program)
            program.main._compositor._dirty_regions.add(Region(0, 0, 4, 1))
            program.main._compositor_refresh()
        await program.until(lambda: terminal.shows(program), "painted, too")
