"""The program as a whole: start, help, palette, settings, own keys, accounts, faults, and text that is only text."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import Input

from mbclient import bootstrap
from mbclient.core.desk import Desk
from mbclient.core.keytable import DEFAULT_KEYS, Scope
from mbclient.core.stores import SendState
from mbclient.domain.errors import UsageError
from mbclient.texts import set_language
from mbclient.ui.app import THREADS_YIELD_S
from mbclient.ui.choices import Choices
from mbclient.ui.hanging import Hanging
from mbclient.ui.keyline import KeyLine
from mbclient.ui.screens.addaccount import AddAccountScreen
from mbclient.ui.screens.help import WORDS_AT
from tests.ui.running import CONFIG, MovableClock, Program, own_desk, own_launch, running

ALONE = CONFIG.replace('[[accounts]]\nname = "notes"\nservice = "local"\n', "")


def screen_words(program: Program) -> str:
    """All that stands on the screen, as one line."""
    rows = program.app.screen._compositor.render_strips()
    return " ".join(" ".join(strip.text.replace("│", " ") for strip in rows).split())


def key_line(program: Program) -> str:
    return str(program.app.screen.query_one(KeyLine).render())


# ---------------------------------------------------------------- start


async def test_the_welcome_leads_to_a_notebook_that_works_at_once(home: Path, clock: MovableClock) -> None:
    async with running(own_desk(home, clock, ALONE), clock, own_launch(home, first=True)) as program:
        await program.screen("WelcomeScreen")
        await program.press("escape")
        await program.screen("MainScreen")
        await program.composing()
        await program.type("Mitt första")
        await program.press("ctrl+s")
        await program.until(lambda: program.rows(SendState.SENT))
        await program.until(lambda: "1 of 8" in program.meter())


async def test_the_welcome_leads_to_the_demo(home: Path, clock: MovableClock) -> None:
    async with running(own_desk(home, clock, ALONE), clock, own_launch(home, first=True)) as program:
        await program.screen("WelcomeScreen")
        await program.press("j", "enter")
        await program.until(lambda: program.app.return_value is not None)
    assert program.app.return_value == "demo"


async def test_who_turns_back_from_adding_an_account_has_the_three_ways_again(home: Path, clock: MovableClock) -> None:
    async with running(own_desk(home, clock, ALONE), clock, own_launch(home, first=True)) as program:
        for _again in range(2):
            await program.screen("WelcomeScreen")
            await program.press("enter")
            await program.screen("AddAccountScreen")
            await program.press("escape")
        await program.screen("WelcomeScreen")
        await program.press("end", "enter")
        await program.screen("AskText")


async def test_an_account_is_added_and_a_refusal_loses_nothing_typed(home: Path, clock: MovableClock) -> None:
    async with running(own_desk(home, clock, ALONE), clock, own_launch(home, first=True)) as program:
        await program.screen("WelcomeScreen")
        await program.press("enter")
        await program.screen("AddAccountScreen")
        await program.press("enter")  # Mastodon
        await program.until(lambda: program.app.screen.query("#url"))
        program.app.screen.query_one("#url", Input).value = "http://127.0.0.1:9"  # nothing listens there
        await program.press("enter")
        progress = program.app.screen.query_one("#progress")
        await program.until(lambda: str(progress.render()) not in ("", "Signing in …"))
        assert program.app.screen.query_one("#url", Input).value == "http://127.0.0.1:9"
        await program.press("escape")
        await program.screen("WelcomeScreen")
        assert program.desk.accounts.only_notebook


async def test_services_say_how_one_signs_in_and_a_broken_one_takes_none_along(
    home: Path, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = own_desk(home, clock)
    services = desk.world.services
    title = services.title

    def broken(name: str) -> str:
        if name == "jaiku":
            raise UsageError("the service jaiku cannot be loaded (no module)")
        return title(name)

    monkeypatch.setattr(services, "title", broken)
    async with running(desk, clock, own_launch(home)) as program:
        program.app.push_screen(AddAccountScreen(desk))
        await program.screen("AddAccountScreen")
        choices = program.app.screen.query_one(Choices)
        lines = [str(choices.get_option_at_index(place).prompt) for place in range(choices.option_count)]
        assert len(lines) == len(services.names()) - 1
        assert any(line.split() == ["Mastodon", "with", "the", "browser"] for line in lines)
        assert any("cannot be loaded" in text for text in program.says())
        choices.highlighted = next(place for place, line in enumerate(lines) if line.startswith("Mastodon"))
        await program.press("enter")
        await program.until(lambda: program.app.screen.query("#url"))
        assert program.app.screen.query_one("#name", Input).value == "mastodon"


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
import sys, types
import mbclient.__main__
import asyncio
from mbclient import bootstrap
from mbclient.ui.app import MbclientApp
from mbclient.ui.launch import Launch, ThemeChoice
from mbclient.ui.themes import DARK
setup = bootstrap.read_settings(config={str(home / "config.toml")!r}, data_dir={str(home / "data")!r})
seen = []
def begin(app):
    seen.extend(name for name, module in sys.modules.items() if isinstance(module, types.ModuleType)
                and type(module).__name__ != "_Late")
    app.exit()
MbclientApp._begin = begin
async def main():
    app = MbclientApp(bootstrap.build(setup), Launch(ThemeChoice("mbclient-dark", True, DARK)))
    async with app.run_test():
        while not seen:
            await asyncio.sleep(0.01)
asyncio.run(main())
heavy = ("ssl", "asyncio.sslproto", "hashlib", "_hashlib",
         "httpx", "keyring", "anyio", "markdown_it", "textual.widgets._text_area", "textual.widgets._footer",
         "textual.widgets._selection_list", "mbclient.ui.screens.settings",
         "importlib.metadata", "email.utils", "urllib.request", "http.client", "mbclient.domain.tokens",
         "mbclient.policy.case", "mbclient.policy.names", "mbclient.policy.disclosure",
         "mbclient.core.export", "mbclient.core.posthtml", "mbclient.core.report", "mbclient.core.fixes",
         "mbclient.core.send", "mbclient.core.compose", "mbclient.core.act", "mbclient.core.streams",
         "mbclient.core.watch", "mbclient.ui.verdictview", "mbclient.ui.endings")
print(*(name for name in heavy if name in seen))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []


async def test_the_first_post_that_no_work_term_matches_is_said_to_be_hidden(home: Path, clock: MovableClock) -> None:
    async with running(own_desk(home, clock, ALONE), clock, own_launch(home), size=(60, 24)) as program:
        await program.until(lambda: "write the first post" in screen_words(program))
        await program.composing()
        await program.type("Hej")
        await program.press("ctrl+s")
        await program.until(lambda: program.rows(SendState.SENT))
        await program.until(lambda: "w for everything" in screen_words(program))
        await program.press("w")
        assert program.texts() == ["Hej"]


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


async def click_in_help(program: Program, words: str) -> None:
    """On the line with these words, as it stands on the screen."""
    await program.screen("HelpScreen")
    static = program.app.screen.query("Static").first()
    lines = str(static.render()).splitlines()
    row = next(row for row, line in enumerate(lines) if words in line)
    program.app.screen.query_one("VerticalScroll").scroll_to(y=max(row - 3, 0), animate=False)
    await program.pilot.pause()
    await program.pilot.click(static, offset=(4, row))


async def test_a_click_in_help_is_the_key(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        for words, name in (("Kept drafts", "DraftsScreen"), ("Settings and accounts", "SettingsScreen")):
            await program.press("question_mark")
            await click_in_help(program, words)
            await program.screen(name)
            await program.press("escape")
            await program.screen("MainScreen")
        await program.press("question_mark")
        await click_in_help(program, "Show the view with this number")
        await program.screen("MainScreen")
        await program.press("O", "question_mark")
        await click_in_help(program, "Cover the screen")
        await program.until(lambda: program.screen_name not in ("HelpScreen", "OutboxScreen", "MainScreen"))


async def test_a_click_in_help_types_nothing_into_a_draft(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        await program.composing()
        await program.type("Hej")
        commands = {command.title: command for command in program.app.get_system_commands(program.app.screen)}
        await commands["Help"].callback()
        await click_in_help(program, "Show the view with this number")
        await program.screen("MainScreen")
        draft = program.main.composer.draft
        assert draft is not None
        assert draft.text == "Hej"


async def test_the_palette_pages_through_the_timeline(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        await program.until(program.texts)
        commands = {command.title: command for command in program.app.get_system_commands(program.app.screen)}
        first = program.main.timeline.selected
        await commands["Page down"].callback()
        assert program.main.timeline.selected != first
        await commands["Page up"].callback()
        assert program.main.timeline.selected == first


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
        await program.screen("Palette")
        await program.type("Settings")
        palette = program.app.screen.query_one("CommandList")
        await program.until(lambda: palette.option_count == 1)  # type: ignore[attr-defined]  # the toolkit's
        await program.press("down", "enter")
        await program.screen("SettingsScreen")


async def test_the_way_back_is_named_and_helps_words_hang_in_their_column_on_a_narrow_screen(
    demo: Desk, clock: MovableClock
) -> None:
    async with running(demo, clock, size=(60, 24)) as program:
        set_language("sv")
        await program.press("N")
        await program.screen("NotificationsScreen")
        await program.until(lambda: "Esc Tillbaka" in key_line(program))
        await program.press("question_mark")
        await program.screen("HelpScreen")
        help_text = program.app.screen.query_one("VerticalScroll > Static")
        visual = help_text.visual  # type: ignore[attr-defined]  # a Static's
        assert isinstance(visual, Hanging)
        lines = [line.plain for line in visual.lines(help_text.size.width)]
        described = [line for line in lines if line.startswith("  ")]
        assert any(not line[:WORDS_AT].strip() for line in described)  # one goes on below
        assert all(line[WORDS_AT - 1] == " " and line[WORDS_AT] != " " for line in described)


async def test_the_palette_finds_a_command_by_what_it_does_too_below_those_called_so(
    demo: Desk, clock: MovableClock
) -> None:
    async with running(demo, clock) as program:
        await program.press("ctrl+p")
        await program.screen("Palette")
        await program.type("draft")
        palette = program.app.screen.query_one("CommandList")
        await program.until(lambda: palette.option_count > 1)  # type: ignore[attr-defined]  # the toolkit's
        found = [str(palette.get_option_at_index(n).prompt) for n in range(palette.option_count)]  # type: ignore[attr-defined]
        assert found[0].startswith("Drafts")
        assert any(line.startswith("Quit") for line in found)  # "drafts and the outbox are kept"


@pytest.mark.parametrize("word", ["poll", "omröstning"])
async def test_the_palette_finds_a_command_by_its_english_name_too(demo: Desk, clock: MovableClock, word: str) -> None:
    async with running(demo, clock) as program:
        await program.composing()
        set_language("sv")
        await program.press("ctrl+p")
        await program.screen("Palette")
        await program.type(word)
        await program.until(lambda: "Omröstning" in screen_words(program))


async def test_the_palette_speaks_the_users_language_also_where_it_finds_nothing(
    home: Path, clock: MovableClock
) -> None:
    async with running(own_desk(home, clock), clock) as program:
        set_language("sv")
        await program.press("ctrl+p")
        await program.screen("Palette")
        assert program.app.screen.query_one(Input).placeholder == "Hitta ett kommando efter namn"
        await program.type("xyzzy")
        await program.until(lambda: "inget kommando heter så" in screen_words(program))


async def test_names_from_the_settings_are_plain_text_in_the_palette(home: Path, clock: MovableClock) -> None:
    config = CONFIG.replace('name = "Security"', 'name = "[/] [@click=app.quit]x[/]"')
    async with running(own_desk(home, clock, config), clock) as program:
        await program.press("ctrl+p")
        await program.screen("Palette")
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
        await program.press(*["j"] * program.settings().index("Work terms"), "enter")
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
    launch = replace(own_launch(home), locked=lambda: frozenset({"compose.undo_seconds"}))
    async with running(desk, clock, launch) as program:
        await program.press("comma")
        await program.screen("SettingsScreen")
        await program.press(*["j"] * program.settings().index("Time to take back"), "enter")
        await program.until(lambda: any("fixed in config.toml" in text for text in program.says()))
        assert desk.preferences.undo_seconds == 0


async def test_theme_language_and_computer_change_at_once(home: Path, clock: MovableClock) -> None:
    desk = own_desk(home, clock, CONFIG.replace('language = "en"\n', ""))
    async with running(desk, clock, own_launch(home)) as program:
        await program.press("comma")
        await program.change("Theme")
        assert program.app.theme == "mbclient-light"
        await program.change("This computer")
        declared = [desk.judge.machine.value]
        await program.change("This computer")
        declared.append(desk.judge.machine.value)
        assert declared == ["work", "private"]
        await program.change("Language")
        await program.until(lambda: desk.preferences.language == "en")
        await program.change("Language")
        await program.until(lambda: "Inlägg i dag" in program.meter())
    set_language("en")


async def test_the_language_of_new_posts_is_asked_and_kept(home: Path, clock: MovableClock) -> None:
    desk = own_desk(home, clock)
    async with running(desk, clock, own_launch(home)) as program:
        await program.press("comma")
        await program.change("Language of new posts")
        await program.screen("AskText")
        await program.type("svenska språket\n")
        assert "two or three letters" in screen_words(program)
        program.app.screen.query_one(Input).clear()
        await program.type("SV\n")
        await program.until(lambda: desk.preferences.post_language == "sv")
        assert desk.drafting.new().lang == "sv"
        again = bootstrap.read_settings(config=str(home / "config.toml"), data_dir=str(home / "data"))
        assert again.config.preferences.post_language == "sv"
        await program.change("Language of new posts")
        await program.screen("AskText")
        program.app.screen.query_one(Input).clear()
        await program.press("enter")
        await program.until(lambda: desk.preferences.post_language == "")


async def test_every_word_of_settings_and_details_is_swedish(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        set_language("sv")
        await program.press("comma")
        await program.screen("SettingsScreen")
        assert "visar arbetsgivaren: ja, namnet: ja" in screen_words(program)
        await program.press("escape", "i")
        await program.screen("DetailsScreen")
        words = screen_words(program)
        assert "offentligt" in words
        assert re.search(r"tis 24 nov \d\d\.\d\d", words)
        assert re.search(r"\d+ svar, \d+ delning(ar)?, \d+ gillanden?", words)


async def test_the_details_say_that_enter_opens_a_link_and_it_does(
    demo: Desk, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(demo, clock) as program:
        opened: list[str] = []
        monkeypatch.setattr(program.app, "open_url", lambda url, **_more: opened.append(url))
        post = program.selected()
        await program.press("i")
        await program.screen("DetailsScreen")
        await program.until(lambda: "Enter Open" in key_line(program))
        await program.press("enter")
        await program.until(lambda: opened)
        assert opened == [post.url]


async def test_the_palette_changes_the_theme(home: Path, clock: MovableClock) -> None:
    async with running(own_desk(home, clock), clock, own_launch(home)) as program:
        commands = {command.title: command for command in program.app.get_system_commands(program.app.screen)}
        commands["Theme: mbclient-light"].callback()
        await program.pilot.pause()
        assert program.app.theme == "mbclient-light"


@pytest.mark.parametrize("way", ["settings", "palette"])
async def test_where_themes_are_chosen_it_is_said_which_are_left_out(home: Path, clock: MovableClock, way: str) -> None:
    faults = ["/own/red.toml, line 3: primary: 'red' is no colour; write it as #rrggbb", "/own/x.toml: dark is missing"]
    async with running(own_desk(home, clock), clock, own_launch(home, faults=faults)) as program:
        assert program.says() == []
        if way == "settings":
            await program.press("comma")
            await program.change("Theme")
            assert program.app.theme == "mbclient-light"
            await program.change("Theme")
        else:
            await program.press("ctrl+p")
        await program.until(program.says)
        assert program.says() == [f"{faults[0]} (this theme is left out) · 1 more: `mbclient themes` says why"]


async def test_the_copies_of_each_day_are_looked_after_while_it_runs(
    demo: Desk, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []

    async def run() -> None:
        looked.append("begun")

    monkeypatch.setattr(demo.copies, "run", run)
    async with running(demo, clock) as program:
        await program.until(lambda: looked)


async def test_the_density_changes_at_once_and_is_kept(home: Path, clock: MovableClock) -> None:
    desk = own_desk(home, clock)
    async with running(desk, clock, own_launch(home)) as program:
        for text in ("ett om openssl", "ett till om openssl"):
            await program.composing()
            await program.type(text)
            await program.press("ctrl+s")
            await program.until(lambda: not program.rows(SendState.QUEUED, SendState.SENDING))
        await program.until(lambda: len(program.texts()) == 2)
        rows = {}
        for density in ("normal", "airy", "compact"):
            assert desk.preferences.density == density
            scene = program.main.timeline._scene
            assert scene is not None
            rows[density] = len(scene.rows)
            await program.press("comma")
            await program.change("Density")
            await program.until(lambda: desk.preferences.density != density)  # noqa: B023  # called at once
            await program.press("escape")
            await program.screen("MainScreen")
        assert rows["compact"] < rows["normal"] < rows["airy"]
    again = bootstrap.read_settings(config=str(home / "config.toml"), data_dir=str(home / "data"))
    assert again.config.preferences.density == "normal"


async def test_no_thread_holds_a_key_for_long(own: Desk, clock: MovableClock) -> None:
    sys.setswitchinterval(0.005)  # the interpreter's own
    async with running(own, clock):
        assert sys.getswitchinterval() == pytest.approx(THREADS_YIELD_S)


@pytest.mark.parametrize("size", [(60, 24), (80, 24), (120, 36)])
@pytest.mark.parametrize("language", ["en", "sv"])
async def test_an_account_is_told_whole_in_the_settings(
    demo: Desk, clock: MovableClock, size: tuple[int, int], language: str
) -> None:
    set_language(language)
    async with running(demo, clock, size=size) as program:
        await program.press("comma")
        await program.screen("SettingsScreen")
        lines = [str(option.prompt) for option in program.app.screen.query_one(Choices).options[:3]]
        assert [line.split()[1] for line in lines] == ["masto", "sky", "den"]
        assert "…" not in "".join(lines)
