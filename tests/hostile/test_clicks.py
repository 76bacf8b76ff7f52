"""What every cell of every screen would do, and clicks all over it, with a corpus of texts in every field: nothing that
a text says is done.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from textual import events

from mbclient.ui.app import MbclientApp
from tests.hostile.corpus import POSTS
from tests.hostile.filled import WAYS, fill, open_screen
from tests.ui.running import MovableClock, Program, own_desk, own_launch, running

SIZE = (80, 24)
# From one click to the next in a row: every cell, or every fourth where time is short. What a cell would do by its
# style is looked up in each, always.
STEP = 4 if "CI" in os.environ else 1
ACTS = (
    "[@click=app.ring]x[/] [@click=app.simulate_key('f12')]q[/] [@click=screen.ring()]y[/] [@mouse.down=app.ring]z[/]"
)
ACTIONS = [text for name, text in POSTS.items() if name.startswith(("markup", "talk", "html"))]
KINDS = list(POSTS.values())


def texts(number: int) -> list[str]:
    """Those that try to act, and a part of all others; which part depends on the screen."""
    others = KINDS[number % 12 :: 12]
    return [f"openssl {ACTS}", *ACTIONS, *others]


def metas(program: Program) -> list[str]:
    """What any cell of the screen would do by its style; a scroll bar's own are left out."""
    screen = program.app.screen
    found = []
    for row in range(SIZE[1]):
        for column in range(SIZE[0]):
            meta = screen.get_style_at(column, row).meta
            found += [f"{column},{row}: {key} {value}" for key, value in meta.items() if _is_foreign(key, value)]
    return found


def _is_foreign(key: str, value: object) -> bool:
    return key.startswith("@") and value not in ("grab", "release", "scroll_up", "scroll_down")


class Clicker:
    """Clicks as a mouse does. What leads elsewhere is left again, so that each cell of the screen gets its turn."""

    def __init__(self, program: Program, way: str) -> None:
        self._program = program
        self._way = way
        self.clicks = 0

    async def everywhere(self) -> None:
        home = self._program.screen_name
        for row in range(SIZE[1]):
            for column in range(row % STEP, SIZE[0], STEP):
                self._click(column, row)
            await self._program.pilot.pause()
            assert self._program.app.fault is None
            assert self._program.app.is_running
            if self._program.screen_name != home:
                await self._back(home)

    def _click(self, column: int, row: int) -> None:
        app = self._program.app
        given: dict[str, Any] = {
            "widget": None, "x": column, "y": row, "delta_x": 0, "delta_y": 0, "button": 1, "shift": False,
            "meta": False, "ctrl": False, "screen_x": column, "screen_y": row,
        }  # fmt: skip
        for kind in (events.MouseDown, events.MouseUp):
            app.post_message(kind(**given))
        self.clicks += 1

    async def _back(self, home: str) -> None:
        app = self._program.app
        await self._program.pilot.pause()
        app.back_to_main()
        await self._program.screen("MainScreen")
        await self._program.press("escape", "escape")
        if home != "MainScreen":
            await open_screen(self._program, self._way, ACTS)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited")  # a worker that a second click replaces at once
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(("number", "way"), list(enumerate(WAYS)), ids=list(WAYS))
async def test_no_click_does_what_a_text_says(
    home: Path, clock: MovableClock, monkeypatch: pytest.MonkeyPatch, number: int, way: str
) -> None:
    done: list[str] = []
    opened: list[str] = []
    monkeypatch.setattr(MbclientApp, "action_ring", lambda _app: done.append("ring"), raising=False)
    own_key = MbclientApp.simulate_key

    def simulate_key(app: MbclientApp, key: str) -> None:
        done.append(key) if key == "f12" else own_key(app, key)

    monkeypatch.setattr(MbclientApp, "simulate_key", simulate_key)
    monkeypatch.setattr(MbclientApp, "action_screenshot", lambda _app, *_given: done.append("picture"))
    monkeypatch.setattr(MbclientApp, "open_url", lambda _app, url, **_given: opened.append(url))
    monkeypatch.setattr(MbclientApp, "leave", lambda _app, *_given: done.append("left"))
    desk = own_desk(home, clock)
    fill(desk, texts(number))
    async with running(desk, clock, own_launch(home), SIZE) as program:
        await program.until(program.texts)
        await open_screen(program, way, ACTS)
        assert metas(program) == []
        clicker = Clicker(program, way)
        await clicker.everywhere()
        assert clicker.clicks == SIZE[0] * SIZE[1] // STEP
    assert [deed for deed in done if deed != "left"] == []
    assert all(url.startswith(("https://a.example/", "https://github.com/")) for url in opened), opened
