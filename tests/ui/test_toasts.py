"""What is said covers nothing that is being used: the composer, a question, the first lines of a list."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from textual.css.errors import StylesheetError
from textual.geometry import Region
from textual.widget import Widget
from textual.widgets import Input
from textual.widgets._toast import Toast, ToastRack

from mbclient.core.desk import Desk
from mbclient.ui.styling import StyleSheets
from tests.ui.running import MovableClock, Program, running

SIZES = [(60, 20), (80, 24), (200, 50)]
LONG = "masto waits for you: the server asks to wait until 14:00, which is more than an hour away (O shows it)"


async def say(program: Program, *texts: str) -> list[Region]:
    """Says them and gives where they are on the screen."""
    for text in texts:
        program.app.say(text)
    await program.until(lambda: len(program.app.screen.query(Toast)) == len(program.says()))
    await program.until(lambda: any(painted(program)))
    return painted(program)


def painted(program: Program) -> list[Region]:
    """What of them is seen."""
    found = program.app.screen._compositor.visible_widgets
    return [region.intersection(clip) for widget, (region, clip) in found.items() if isinstance(widget, Toast)]


def covered(program: Program, used: Sequence[Widget]) -> list[Widget]:
    return [widget for widget in used for toast in painted(program) if toast.overlaps(widget.region)]


@pytest.mark.parametrize("size", SIZES)
async def test_the_composer_stays_in_sight(demo: Desk, clock: MovableClock, size: tuple[int, int]) -> None:
    async with running(demo, clock, size=size, toasts=True) as program:
        await program.composing()
        await program.type("one\ntwo\nthree\nfour\nfive\nsix\nseven")
        assert await say(program, "Link copied.", LONG)
        assert covered(program, [program.main.composer]) == []


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("keys", "screen"),
    [
        (("M",), "Choose"),
        (("4", "delete"), "Ask"),
        (("c", "ctrl+o"), "TargetsScreen"),
        (("c", "alt+t"), "WhenScreen"),
        (("s", "4"), "AskText"),
    ],
)
async def test_no_line_of_a_question_is_covered(
    demo: Desk, clock: MovableClock, size: tuple[int, int], keys: tuple[str, ...], screen: str
) -> None:
    async with running(demo, clock, size=size, toasts=True) as program:
        for key in keys:
            if key == "c":
                await program.composing()
            else:
                await program.press(key)
        await program.screen(screen)
        assert await say(program, LONG)
        lines = [widget for widget in program.app.screen.query("Vertical > *") if widget.display and widget.region]
        assert lines
        assert covered(program, lines) == []


@pytest.mark.parametrize("size", SIZES)
async def test_where_one_types_and_the_first_of_a_list_stay_in_sight(
    demo: Desk, clock: MovableClock, size: tuple[int, int]
) -> None:
    async with running(demo, clock, size=size, toasts=True) as program:
        await program.press("slash")
        await program.screen("SearchScreen")
        assert await say(program, LONG)
        assert covered(program, [program.app.screen.query_one(Input)]) == []
        await program.press("escape")
        await program.screen("MainScreen")
        await program.press("comma")
        await program.screen("SettingsScreen")
        assert painted(program)
        assert all(toast.y > size[1] // 2 for toast in painted(program))


@pytest.mark.parametrize("size", SIZES)
async def test_what_one_reads_stays_in_sight(demo: Desk, clock: MovableClock, size: tuple[int, int]) -> None:
    async with running(demo, clock, size=size, toasts=True) as program:
        timeline = program.main.timeline

        def line() -> Region:
            return Region(timeline.region.x, timeline.region.y + timeline.selected_row, timeline.size.width, 1)

        for keys, below in ((("g", "g"), True), (("G",), False)):
            await program.press(*keys)
            toasts = await say(program, "Sent to masto.")
            assert toasts
            assert not any(toast.overlaps(line()) for toast in toasts)
            assert [toast.y > size[1] // 2 for toast in toasts] == [below]
            used = list(program.main.query("MeterBar, ViewTabs, AccountLine, KeyLine"))
            assert covered(program, used) == []
            program.app.clear_notifications()
            await program.until(lambda: not painted(program))


@pytest.mark.parametrize(("keys", "screen", "question"), [((), "MainScreen", "M"), (("H",), "MutesScreen", "a")])
async def test_what_is_said_stands_once_while_a_question_is_open(
    demo: Desk, clock: MovableClock, keys: Sequence[str], screen: str, question: str
) -> None:
    async with running(demo, clock, toasts=True) as program:
        await program.press(*keys)
        await program.screen(screen)
        below = program.app.screen
        assert len(await say(program, "Link copied.")) == 1
        await program.press(question)
        await program.until(lambda: program.app.screen is not below and len(painted(program)) == 1)
        assert not below.query_one(ToastRack).display
        await program.press("escape")
        await program.screen(screen)
        await program.until(lambda: len(painted(program)) == 1)
        assert program.says() == ["Link copied."]


@pytest.mark.parametrize("keys", [(), ("M",)])
async def test_what_is_said_is_there_to_its_last_word(demo: Desk, clock: MovableClock, keys: Sequence[str]) -> None:
    """Of a width that two lines take, and one if there were no scroll bar beside them."""
    async with running(demo, clock, size=(60, 20), toasts=True) as program:
        await program.press(*keys)
        seen = await say(program, "Nothing you have read ends it; Tab again leaves the text.")
        assert seen == [toast.region for toast in program.app.screen.query(Toast)]


async def test_where_its_rules_cannot_be_read_it_is_said_all_the_same(
    own: Desk, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when a newer version was installed under the running program, or no file can be opened any more."""

    def unreadable(_sheets: StyleSheets, path: str) -> None:
        raise StylesheetError(f"unable to read CSS file {path}")

    async with running(own, clock, toasts=True) as program:
        monkeypatch.setattr(StyleSheets, "read", unreadable)
        assert await say(program, "Link copied.")
        assert program.app.fault is None
