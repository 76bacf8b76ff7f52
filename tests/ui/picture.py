"""Draws the picture of the README anew: `python -m tests.ui.picture` writes docs/screen.svg from the demo."""

from __future__ import annotations

import asyncio
import re
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from mbclient.bootstrap import build_demo
from mbclient.settings.paths import find_paths
from mbclient.settings.themes import choose_theme
from mbclient.ui.app import MbclientApp
from mbclient.ui.launch import Launch, ThemeChoice

WHERE = Path(__file__).parent.parent.parent / "docs" / "screen.svg"
DRAFT = "Quayline has a new berth planner, and it looks good. Our own release notes are out too."


class Stopped:
    """A clock that stands at eleven on a working Tuesday, so that the picture is the same each time."""

    def now(self) -> datetime:
        return datetime(2026, 11, 24, 10, 28, tzinfo=UTC) + timedelta(seconds=3)

    def monotonic(self) -> float:
        return 0.0


async def draw() -> str:
    """The main screen as SVG, the composer open with a reminder from the policy."""
    with tempfile.TemporaryDirectory() as folder:
        desk = build_demo(Path(folder), clock=Stopped())
        theme, _notice = choose_theme("mbclient-dark", find_paths(Path(folder, "config.toml"), folder))
        launch = Launch(ThemeChoice(theme.name, theme.dark, theme.colours), demo=True)
        app = MbclientApp(desk, launch)
        async with app.run_test(size=(132, 40)) as pilot:
            await pilot.pause(1)
            await pilot.press("j", "c")
            await pilot.pause(0.5)
            await pilot.press(*("space" if letter == " " else letter for letter in DRAFT))
            await pilot.pause(0.5)
            return app.export_screenshot(title="mbclient")


def main() -> None:
    svg = asyncio.run(draw())
    ids = re.findall(r"terminal-(\d+)-", svg)
    stable = svg.replace(f"terminal-{ids[0]}-", "terminal-") if ids else svg
    WHERE.write_text("\n".join(line.rstrip() for line in stable.splitlines()) + "\n", "utf-8")


if __name__ == "__main__":
    main()
