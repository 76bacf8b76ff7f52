"""The browser: one of the terminal's takes its turn there, any other runs beside the program, none writes into it."""

from __future__ import annotations

import stat
import webbrowser
from pathlib import Path

import pytest

from mbclient.core.desk import Desk
from tests.ui.running import MovableClock, running

URL = "https://else.example/1"


@pytest.fixture
def opened(tmp_path: Path) -> Path:
    """Where a browser writes what it was given, and whether it had a terminal's output."""
    return tmp_path / "opened"


@pytest.fixture
def command(tmp_path: Path, opened: Path) -> str:
    path = tmp_path / "some-browser"
    path.write_text(f'#!/bin/sh\necho "$1 $(readlink /proc/$$/fd/1)" > {opened}.new\nmv {opened}.new {opened}\n')
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


async def test_a_browser_of_the_terminal_gets_it_until_it_ends(
    demo: Desk, clock: MovableClock, command: str, opened: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webbrowser, "get", lambda: webbrowser.GenericBrowser([command, "%s"]))
    async with running(demo, clock) as program:
        program.main.deeds.open_address(URL)
        await program.until(lambda: "This terminal cannot be handed to a browser; y copies the link." in program.says())
        assert not opened.exists()
        monkeypatch.setattr("textual.drivers.headless_driver.HeadlessDriver.can_suspend", property(lambda _self: True))
        told: list[str] = []
        program.app.app_suspend_signal.subscribe(program.main, lambda _app: told.append("away"))
        program.app.app_resume_signal.subscribe(program.main, lambda _app: told.append(opened.read_text().split()[0]))
        program.main.deeds.open_address(URL)
        await program.until(opened.exists)
        await program.until(lambda: told == ["away", URL])


async def test_any_other_runs_beside_the_program_and_writes_nothing_into_it(
    demo: Desk, clock: MovableClock, command: str, opened: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webbrowser, "get", lambda: webbrowser.BackgroundBrowser(command))
    monkeypatch.setenv("BROWSER", f"{command} %s &")  # for the Python that starts it
    async with running(demo, clock) as program:
        program.main.deeds.open_address(URL)
        await program.until(opened.exists)
        assert opened.read_text().split() == [URL, "/dev/null"]


@pytest.mark.parametrize("said", ["'firefox %s", "  ", ""], ids=["an open quote", "only spaces", "none"])
async def test_without_a_browser_it_says_so(
    demo: Desk, clock: MovableClock, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("BROWSER", said)
    monkeypatch.setattr(webbrowser, "_tryorder", None)  # looked up anew
    monkeypatch.setattr(webbrowser, "_browsers", {})
    async with running(demo, clock) as program:
        program.main.deeds.open_address(URL)
        await program.until(lambda: "There is no browser here; y copies the link." in program.says())
