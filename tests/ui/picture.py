"""The pictures of the README and of docs/, drawn from the running program.

`python -m tests.ui.picture` draws them all anew. The clock stands, the zone is Stockholm's, the posts are the demo's:
the same program draws the same pictures on every computer, so that test_pictures.py can tell those that went stale.
"""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from textual.pilot import Pilot
from textual.widgets import TextArea

from mbclient.bootstrap import build, build_demo, read_settings
from mbclient.core.desk import Desk
from mbclient.core.events import AccountHealth
from mbclient.settings.paths import find_paths
from mbclient.settings.themes import choose_theme
from mbclient.texts import set_language
from mbclient.ui.app import MbclientApp
from mbclient.ui.launch import Launch, ThemeChoice

DOCS = Path(__file__).parent.parent.parent / "docs"
STILL = 4  # looks at a screen that stays the same, before it is drawn
PATIENCE = 200


class Stopped:
    """A clock that stands at half past eleven on a working Tuesday in Stockholm."""

    def now(self) -> datetime:
        return datetime(2026, 11, 24, 10, 28, 3, tzinfo=UTC)

    def monotonic(self) -> float:
        return 0.0


@dataclass(frozen=True, slots=True)
class Scene:
    """What to press, and how the program stands there. `typed`: into the field that has the keys then."""

    keys: tuple[str, ...] = ()
    typed: str = ""
    size: tuple[int, int] = (80, 24)
    language: str = "en"
    theme: str = "mbclient-dark"
    plain: bool = False
    first_start: bool = False


DRAFT = "Quayline has a new berth planner, and it looks good. Our own release notes are out too."
SCENES = {
    "screen": Scene(("j", "c"), DRAFT, (132, 40)),
    "pictures/first": Scene(first_start=True),
    "pictures/timeline": Scene(("j",)),
    "pictures/why": Scene(("j", "i")),
    "pictures/composer": Scene(("c",), DRAFT),
    "pictures/times": Scene(("T",)),
    "pictures/figures": Scene(("s",), size=(120, 36)),
    "pictures/swedish": Scene(("j",), language="sv", theme="mbclient-light"),
    "pictures/plain": Scene(("j",), plain=True),
}


async def draw(scene: Scene) -> str:
    """The screen as SVG."""
    with _as_in_stockholm(), tempfile.TemporaryDirectory() as folder:
        set_language(scene.language)
        desk = _own(Path(folder)) if scene.first_start else build_demo(Path(folder), clock=Stopped())
        desk.preferences = replace(desk.preferences, language=scene.language, plain=scene.plain)
        theme, _notice = choose_theme(scene.theme, find_paths(Path(folder, "config.toml"), folder))
        launch = Launch(
            ThemeChoice(theme.name, theme.dark, theme.colours), demo=not scene.first_start, first=scene.first_start
        )
        app = MbclientApp(desk, launch)
        async with app.run_test(size=scene.size) as pilot:
            await _settled(pilot, desk, live=scene.first_start)
            for key in scene.keys:
                await pilot.press(key)
                await _settle(pilot)
            await pilot.press(*("space" if letter == " " else letter for letter in scene.typed))
            for area in app.screen.query(TextArea):
                area.cursor_blink = False  # else it is there in one picture, and not in the next
            await _settle(pilot)
            return _stable(app.export_screenshot(title="mbclient"))


async def _settled(pilot: Pilot[str], desk: Desk, *, live: bool) -> None:
    """Until every account has answered; `live`: and streams, as the notebook does from then on."""
    for _look in range(PATIENCE):
        states = desk.account_states()
        if all(state.health is AccountHealth.OK and (state.live or not live) for state in states):
            return await _settle(pilot)
        await pilot.pause(0.05)
    raise AssertionError("an account never answered")


async def _settle(pilot: Pilot[str]) -> None:
    """Until the screen stays the same for a while: figures are counted in a thread."""
    seen: list[str] = []
    for _look in range(PATIENCE):
        await pilot.pause(0.05)
        seen.append("\n".join(strip.text for strip in pilot.app.screen._compositor.render_strips()))
        if len(seen) > STILL and len(set(seen[-STILL:])) == 1:
            return
    raise AssertionError("the screen never came to rest")


def _own(folder: Path) -> Desk:
    """The desk of somebody who starts for the first time."""
    setup = read_settings(config=str(folder / "config.toml"), data_dir=str(folder / "data"))
    set_language("en")
    return build(setup, clock=Stopped())


@contextmanager
def _as_in_stockholm() -> Iterator[None]:
    """Whatever the zone, language and keyring of who draws."""
    wanted = {"TZ": "Europe/Stockholm", "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
    before = {name: os.environ.get(name) for name in (*wanted, "SSH_CONNECTION", "NO_COLOR")}
    for name in before:
        os.environ.pop(name, None)
    os.environ.update(wanted)
    time.tzset()
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
        time.tzset()
        set_language("en")


def _stable(svg: str) -> str:
    """Without the names that the toolkit makes up anew each time, and without fonts from the network."""
    named = re.sub(r"terminal-\d+-", "terminal-", svg)
    local = re.sub(r"\s*@font-face \{.*?\}", "", named, flags=re.DOTALL)
    return "\n".join(line.rstrip() for line in local.splitlines()) + "\n"


def main() -> None:
    for name, scene in SCENES.items():
        file = DOCS / f"{name}.svg"
        file.parent.mkdir(exist_ok=True)
        file.write_text(asyncio.run(draw(scene)), "utf-8")


if __name__ == "__main__":
    main()
