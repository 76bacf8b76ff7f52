"""The whole program in a test: a real desk on a folder of its own, the application over it, a clock that can be moved.

Nothing sleeps for a fixed time: `until` waits for what must become true.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from textual import events
from textual.pilot import Pilot

from mbclient import bootstrap
from mbclient.core.desk import Desk
from mbclient.core.keytable import DEFAULT_KEYS
from mbclient.core.stores import OutboxRow, SendState
from mbclient.domain.post import Post
from mbclient.settings.choices import save_choice
from mbclient.texts import set_language
from mbclient.ui.app import MbclientApp
from mbclient.ui.choices import Choices
from mbclient.ui.launch import Launch, ThemeChoice, Themes
from mbclient.ui.main import MainScreen
from mbclient.ui.screens.settings import SettingsScreen
from mbclient.ui.themes import DARK
from mbclient.ui.verdictview import VerdictView

TUESDAY = datetime(2026, 11, 24, 10, 40, tzinfo=UTC)  # 11:40 in Stockholm: a recommended time
STOCKHOLM = timedelta(hours=1)  # ahead of UTC, in November
PATIENCE_S = 10.0
CONFIG = """
schema = 1
language = "en"

[[accounts]]
name = "notes"
service = "local"

[work_filter]
terms = ["openssl", "#infosec"]

[[views]]
name = "Security"
terms = ["cve"]

[compose]
undo_seconds = 0

[policy.employer]
name = "Grönkvist"

[policy.person]
name = "Anna Ek"

[[policy.competitors]]
name = "Blåbet"
aliases = ["Blåbet"]
"""
THEME = ThemeChoice("mbclient-dark", True, DARK)


class MovableClock:
    """Fills the `Clock` port: runs on from a known Tuesday, and jumps when a test says so."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self.ahead = timedelta(0)

    def now(self) -> datetime:
        return TUESDAY + timedelta(seconds=time.monotonic() - self._began) + self.ahead

    def monotonic(self) -> float:
        return self.now().timestamp()

    def jump_to(self, hour: int, minute: int, second: int = 0, *, day: int = 24) -> None:
        """A wall time in Stockholm, in November 2026."""
        self.ahead += datetime(2026, 11, day, hour, minute, second, tzinfo=UTC) - STOCKHOLM - self.now()


@dataclass(slots=True)
class Program:
    """An application under a pilot."""

    app: MbclientApp
    pilot: Pilot[str]
    clock: MovableClock

    @property
    def desk(self) -> Desk:
        return self.app.desk

    @property
    def main(self) -> MainScreen:
        return self.app.main

    @property
    def screen_name(self) -> str:
        return type(self.app.screen).__name__

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    def send(self, *keys: str) -> None:
        """Presses them without waiting for what comes of them."""
        for key in keys:
            self.app.post_message(events.Key(key, key if len(key) == 1 else None))

    def click(self, x: int, y: int) -> None:
        """Likewise a click."""
        given: dict[str, Any] = {
            "widget": None, "x": x, "y": y, "delta_x": 0, "delta_y": 0, "button": 1, "shift": False, "meta": False,
            "ctrl": False, "screen_x": x, "screen_y": y,
        }  # fmt: skip
        self.app.post_message(events.MouseDown(**given))
        self.app.post_message(events.MouseUp(**given))

    async def settle(self) -> None:
        """Until what was sent has come to the focused widget, and from there up through the parts it stands in."""
        for _part in range(5):
            await self.pilot.pause()

    async def type(self, text: str) -> None:
        """Each character as a key."""
        await self.pilot.press(*("enter" if each == "\n" else each for each in text))

    async def until(self, true: Callable[[], object], what: str = "") -> None:
        end = time.monotonic() + PATIENCE_S
        while not true():
            assert time.monotonic() < end, f"never came true: {what or true}"
            await self.pilot.pause()
            await asyncio.sleep(0.005)
        await self.pilot.pause()

    async def composing(self, key: str = "c") -> None:
        """Opens the composer and waits until it has the keys."""
        await self.press(key)
        await self.until(lambda: self.main.composer.has_focus_within and self.app.focused is not self.main.composer)

    async def screen(self, name: str) -> None:
        """Waits for a screen by its class's name."""
        await self.until(lambda: self.screen_name == name, name)

    def settings(self) -> list[str]:
        """The titles of the settings screen, from the top."""
        assert isinstance(self.app.screen, SettingsScreen)
        return [row.title for row in self.app.screen.rows]

    async def change(self, setting: str) -> None:
        """On the settings screen: takes the line of that title, and enter."""
        await self.screen("SettingsScreen")
        self.app.screen.query_one(Choices).highlighted = self.settings().index(setting)
        await self.press("enter")

    def says(self) -> list[str]:
        """What has been said in notifications that are still up."""
        return [notification.message for notification in self.app._notifications]

    def verdict(self) -> str:
        """What stands under the text."""
        return str(self.main.query_one("#verdict").render())

    def offers(self) -> list[str]:
        """The fixes offered there, in the order of their keys."""
        return [offer.fix for offer in self.main.query_one(VerdictView).offers]

    async def fix(self, name: str) -> None:
        """Presses the key of a fix."""
        await self.press(DEFAULT_KEYS[f"fix_{self.offers().index(name) + 1}"].keys[0])

    async def drafts_are(self, *texts: str) -> None:
        """Waits until exactly these are kept."""
        await self.until(lambda: [saved.draft.text for saved in self.desk.drafts.list()] == list(texts), "the drafts")

    def selected(self) -> Post:
        entry = self.main.timeline.selected
        assert entry is not None
        return entry.post

    def tabs(self) -> str:
        return str(self.main.query_one("ViewTabs").render())

    def meter(self) -> str:
        return str(self.main.query_one("MeterBar").render())

    def rows(self, *states: SendState) -> list[OutboxRow]:
        return list(self.desk.outbox.rows(states=states or tuple(SendState)))

    def texts(self) -> list[str]:
        """The posts on screen, from the top."""
        return [str(entry.post.text) for entry in self.main.timeline.on_screen]


@asynccontextmanager
async def running(
    desk: Desk,
    clock: MovableClock,
    launch: Launch | None = None,
    size: tuple[int, int] = (120, 36),
    *,
    toasts: bool = False,
) -> AsyncIterator[Program]:
    """The application over a desk, its timeline focused and its sender at work. `toasts`: what is said is shown too."""
    app = MbclientApp(desk, launch or Launch(theme=THEME, themes=lambda: Themes((THEME,))))
    async with app.run_test(size=size, notifications=toasts) as pilot:
        program = Program(app, pilot, clock)
        await program.until(lambda: app.desk.sender.sends, "the sender has begun")
        yield program


def own_desk(folder: Path, clock: MovableClock, config: str = CONFIG) -> Desk:
    """The desk of someone whose only service is the notebook, as the program makes it."""
    file = folder / "config.toml"
    if not file.exists():
        file.write_text(config, "utf-8")
    setup = bootstrap.read_settings(config=str(file), data_dir=str(folder / "data"), lenient=True)
    set_language("en")
    return bootstrap.build(setup, clock=clock)


def own_launch(folder: Path, *, first: bool = False, faults: Sequence[str] = ()) -> Launch:
    """As the command line starts it: choices are kept beside config.toml. `faults`: of the user's own themes."""
    setup = bootstrap.read_settings(config=str(folder / "config.toml"), data_dir=str(folder / "data"), lenient=True)
    set_language("en")
    return Launch(
        theme=THEME,
        themes=lambda: Themes((THEME, replace(THEME, name="mbclient-light", dark=False)), faults),
        save_choice=lambda key, value: save_choice(setup.paths, key, value),
        set_language=set_language,
        first=first,
    )


def demo_desk(folder: Path, clock: MovableClock) -> Desk:
    """Three made-up accounts with two weeks of posts; nothing waits before it is sent."""
    set_language("en")
    desk = bootstrap.build_demo(folder, clock=clock)
    desk.preferences = replace(desk.preferences, undo_seconds=0)
    return desk
