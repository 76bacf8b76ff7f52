"""The program as a whole: start, help, palette, settings, own keys, accounts, faults, and text that is only text."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from textual.widgets import Input

from mbclient import bootstrap
from mbclient.core.desk import Desk
from mbclient.core.keytable import DEFAULT_KEYS, Scope
from mbclient.core.stores import SendState
from mbclient.texts import set_language
from mbclient.ui.keyline import KeyLine
from tests.ui.running import CONFIG, MovableClock, Program, own_desk, own_launch, running

ALONE = CONFIG.replace('[[accounts]]\nname = "notes"\nservice = "local"\n', "")


def key_line(program: Program) -> str:
    return str(program.app.screen.query_one(KeyLine).render())


# ---------------------------------------------------------------- start


async def test_the_welcome_leads_to_a_notebook_that_works_at_once(home: Path, clock: MovableClock) -> None:
    async with running(own_desk(home, clock, ALONE), clock, own_launch(home)) as program:
        await program.screen("WelcomeScreen")
        await program.press("escape")
        await program.screen("MainScreen")
        await program.composing()
        await program.type("Mitt första")
        await program.press("ctrl+s")
        await program.until(lambda: program.rows(SendState.SENT))
        await program.until(lambda: "1 of 8" in program.meter())


async def test_the_welcome_leads_to_the_demo(home: Path, clock: MovableClock) -> None:
    async with running(own_desk(home, clock, ALONE), clock, own_launch(home)) as program:
        await program.screen("WelcomeScreen")
        await program.press("j", "enter")
        await program.until(lambda: program.app.return_value is not None)
    assert program.app.return_value == "demo"


async def test_an_account_is_added_and_a_refusal_loses_nothing_typed(home: Path, clock: MovableClock) -> None:
    async with running(own_desk(home, clock, ALONE), clock, own_launch(home)) as program:
        await program.screen("WelcomeScreen")
        await program.press("enter")
        await program.screen("AddAccountScreen")
        services = program.desk.world.services.names()
        await program.press(*["down"] * list(services).index("mastodon"), "enter")
        await program.until(lambda: program.app.screen.query("#url"))
        program.app.screen.query_one("#url", Input).value = "http://127.0.0.1:9"  # nothing listens there
        await program.press("enter")
        progress = program.app.screen.query_one("#progress")
        await program.until(lambda: str(progress.render()) not in ("", "Signing in …"))
        assert program.app.screen.query_one("#url", Input).value == "http://127.0.0.1:9"
        await program.press("escape")
        await program.screen("MainScreen")
        assert program.desk.accounts.only_notebook


@pytest.mark.parametrize("size", [(60, 24), (80, 24), (120, 36), (200, 50)])
async def test_every_size_shows_meter_tabs_timeline_and_whole_keys(
    demo: Desk, clock: MovableClock, size: tuple[int, int]
) -> None:
    async with running(demo, clock, size=size) as program:
        assert program.texts()
        assert "of 8" in program.meter() or "/8" in program.meter()
        assert len(key_line(program)) <= size[0]
        assert "? Help" in key_line(program)
        assert "q Quit" in key_line(program)
        await program.composing()
        await program.until(lambda: program.main.composer.region.width >= 60)
        assert "Ctrl+S Send" in key_line(program)
        assert "Search" not in key_line(program)
        assert program.texts()
        assert program.main.query_one("#verdict").region.height >= 2
        assert program.main.composer.region.bottom <= size[1]
        await program.press("escape", "S")
        await program.until(lambda: program.main.query_one("StatsPane").region.width > 0 or size[0] >= 100)


def test_nothing_heavy_is_loaded_before_the_first_paint(home: Path) -> None:
    """Speed facts 1: an eager HTTP client and keyring double the time to the first paint; the text area is a tenth."""
    (home / "config.toml").write_text(CONFIG, "utf-8")
    script = f"""
import asyncio, sys
from mbclient import bootstrap
from mbclient.ui.app import MbclientApp
from mbclient.ui.launch import Launch, ThemeChoice
from mbclient.ui.themes import DARK
setup = bootstrap.read_settings(config={str(home / "config.toml")!r}, data_dir={str(home / "data")!r})
seen = []
def begin(app):
    seen.extend(sys.modules)
    app.exit()
MbclientApp._begin = begin
async def main():
    app = MbclientApp(bootstrap.build(setup), Launch(ThemeChoice("mbclient-dark", True, DARK)))
    async with app.run_test():
        while not seen:
            await asyncio.sleep(0.01)
asyncio.run(main())
heavy = ("httpx", "keyring", "anyio", "markdown_it", "textual.widgets._text_area", "textual.widgets._footer",
         "textual.widgets._selection_list", "mbclient.ui.screens.settings")
print(*(name for name in heavy if name in seen))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []


# ---------------------------------------------------------------- help, palette, keys


async def test_help_shows_every_action(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        await program.press("question_mark")
        await program.screen("HelpScreen")
        words = str(program.app.screen.query("Static").first().render())
        told = Counter(action.description for action in DEFAULT_KEYS)
        for action in DEFAULT_KEYS:
            assert action.description in words, action.id
            if told[action.description] == 1:  # the nine views and the fixes stand as a span
                assert action.shown_keys in words, action.id
        assert "1 … 9" in words
        await program.press("question_mark")
        await program.screen("MainScreen")


async def test_help_is_there_on_every_screen_with_a_list(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        for key, name in (("O", "OutboxScreen"), ("D", "DraftsScreen"), ("comma", "SettingsScreen")):
            await program.press(key)
            await program.screen(name)
            await program.press("question_mark")
            await program.screen("HelpScreen")
            await program.press("escape")
            await program.screen(name)
            await program.press("escape")
            await program.screen("MainScreen")


async def test_the_palette_offers_every_action_and_runs_it(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        commands = {command.title: command for command in program.app.get_system_commands(program.app.screen)}
        hidden = {"palette", *(f"view_{number}" for number in range(1, 10))}
        for action in DEFAULT_KEYS.in_scope(Scope.READING, Scope.ANYWHERE):
            assert action.id in hidden or action.label in commands, action.id
        assert "Send" not in commands  # the composer is closed
        for view in demo.reading.views():
            assert f"View: {view.title}" in commands
        await program.composing()
        open_now = {command.title for command in program.app.get_system_commands(program.app.screen)}
        for action in DEFAULT_KEYS.in_scope(Scope.COMPOSER):
            assert action.label in open_now, action.id
        await program.press("ctrl+p")
        await program.screen("CommandPalette")
        await program.type("Settings")
        palette = program.app.screen.query_one("CommandList")
        await program.until(lambda: palette.option_count == 1)  # type: ignore[attr-defined]  # the toolkit's
        await program.press("down", "enter")
        await program.screen("SettingsScreen")


async def test_names_from_the_settings_are_plain_text_in_the_palette(home: Path, clock: MovableClock) -> None:
    config = CONFIG.replace('name = "Security"', 'name = "[/] [@click=app.quit]x[/]"')
    async with running(own_desk(home, clock, config), clock) as program:
        await program.press("ctrl+p")
        await program.screen("CommandPalette")
        await program.type("View:")
        palette = program.app.screen.query_one("CommandList")
        await program.until(lambda: 0 < palette.option_count < 9)  # type: ignore[attr-defined]  # the toolkit's
        for row in range(36):
            for column in range(0, 120, 4):
                assert "@click" not in program.app.screen.get_style_at(column, row).meta
        assert program.app.fault is None
        await program.press("escape", "5")
        assert "[/] [@click=app.q" in str(program.main.query_one("ViewTabs").render())


async def test_every_action_of_the_table_is_bound_on_the_main_screen(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        bound = {active.binding.id for active in program.main.active_bindings.values()}
        for action in DEFAULT_KEYS.in_scope(Scope.READING):
            assert action.id in bound, action.id
        await program.composing()
        bound = {active.binding.id for active in program.main.active_bindings.values()}
        for action in DEFAULT_KEYS.in_scope(Scope.COMPOSER):
            assert action.id in bound, action.id


async def test_own_keys_are_in_force_everywhere(home: Path, clock: MovableClock) -> None:
    config = CONFIG + '\n[keys]\ncompose = "a"\nauthor = "c"\ntop = "t t"\nsend = "f9"\nprivacy = "f8"\n'
    async with running(own_desk(home, clock, config), clock) as program:
        await program.composing("a")
        await program.type("med egna tangenter")
        await program.press("ctrl+s")
        assert program.rows() == []
        assert "F9 Send" in key_line(program)
        await program.press("f9")
        await program.until(lambda: program.rows(SendState.SENT))
        assert "a Compose" in key_line(program)
        await program.press("question_mark")
        await program.screen("HelpScreen")
        words = str(program.app.screen.query("Static").first().render())
        assert "t t" in words
        await program.press("escape", "f8")
        await program.screen("PrivacyScreen")


async def test_a_click_on_the_key_line_is_the_key(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        await program.pilot.click(KeyLine, offset=(key_line(program).index("Help"), 0))
        await program.screen("HelpScreen")


# ---------------------------------------------------------------- settings


async def test_new_terms_take_effect_at_once_and_are_kept(home: Path, clock: MovableClock) -> None:
    config = CONFIG.replace('[work_filter]\nterms = ["openssl", "#infosec"]\n', "")
    desk = own_desk(home, clock, config)
    async with running(desk, clock, own_launch(home)) as program:
        for text in ("om kaffe", "om openssl"):
            await program.composing()
            await program.type(text)
            await program.press("ctrl+s")
            await program.until(lambda: not program.rows(SendState.QUEUED, SendState.SENDING))
        await program.until(lambda: len(program.texts()) == 2)  # without terms everything is shown
        await program.press("comma")
        await program.screen("SettingsScreen")
        lines = [row.title for row in program.app.screen._rows]  # type: ignore[attr-defined]  # SettingsScreen's
        await program.press(*["j"] * lines.index("Work terms"), "enter")
        await program.screen("AskText")
        field = program.app.screen.query_one(Input)
        field.value = '"open'
        await program.press("enter")
        assert program.screen_name == "AskText"  # a bad term is said, and stays to be mended
        field.value = "kaffe, #lunch"
        await program.press("enter")
        await program.screen("SettingsScreen")
        await program.until(lambda: desk.preferences.work_filter.terms == ("kaffe", "#lunch"))
        await program.press("escape")
        await program.until(lambda: program.texts() == ["om kaffe"])
    again = bootstrap.read_settings(config=str(home / "config.toml"), data_dir=str(home / "data"))
    assert again.config.preferences.work_filter.terms == ("kaffe", "#lunch")


async def test_terms_that_config_fixes_are_refused(home: Path, clock: MovableClock) -> None:
    """config.toml, which is the user's, wins: nothing is changed that would be another after the next start."""
    desk = own_desk(home, clock)
    async with running(desk, clock, own_launch(home)) as program:
        assert not program.app.keep_choice("work_filter.terms", ["kaffe"])
        await program.until(program.says)


async def test_what_config_fixes_is_said(home: Path, clock: MovableClock) -> None:
    desk = own_desk(home, clock)
    launch = own_launch(home, locked=frozenset({"compose.undo_seconds"}))
    async with running(desk, clock, launch) as program:
        await program.press("comma")
        await program.screen("SettingsScreen")
        titles = [row.title for row in program.app.screen._rows]  # type: ignore[attr-defined]  # SettingsScreen's
        await program.press(*["j"] * titles.index("Time to take back"), "enter")
        await program.until(lambda: any("fixed in config.toml" in text for text in program.says()))
        assert desk.preferences.undo_seconds == 0


async def test_theme_language_and_computer_change_at_once(home: Path, clock: MovableClock) -> None:
    desk = own_desk(home, clock, CONFIG.replace('language = "en"\n', ""))
    async with running(desk, clock, own_launch(home)) as program:
        await program.press("comma")
        await program.screen("SettingsScreen")

        async def choose(title: str) -> None:
            titles = [row.title for row in program.app.screen._rows]  # type: ignore[attr-defined]  # SettingsScreen's
            program.app.screen.query_one("Choices").highlighted = titles.index(title)  # type: ignore[attr-defined]
            await program.press("enter")

        await choose("Theme")
        assert program.app.theme == "mbclient-light"
        await choose("This computer")
        declared = [desk.judge.machine.value]
        await choose("This computer")
        declared.append(desk.judge.machine.value)
        assert declared == ["work", "private"]
        await choose("Language")
        await program.until(lambda: desk.preferences.language == "en")
        await choose("Language")
        await program.until(lambda: "Inlägg i dag" in program.meter())
    set_language("en")


async def test_the_palette_changes_the_theme(home: Path, clock: MovableClock) -> None:
    async with running(own_desk(home, clock), clock, own_launch(home)) as program:
        commands = {command.title: command for command in program.app.get_system_commands(program.app.screen)}
        commands["Theme: mbclient-light"].callback()
        await program.pilot.pause()
        assert program.app.theme == "mbclient-light"
