"""The key that hides everything: from every screen at once, whatever comes up meanwhile, until the next key."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path
from typing import Any

import pytest
from textual.screen import Screen
from textual.widgets import Input

import mbclient.ui.screens
from mbclient.core import events
from mbclient.core.desk import Desk
from mbclient.domain.draft import Draft
from mbclient.ui.app import MbclientApp
from mbclient.ui.draftarea import DraftArea
from mbclient.ui.screens.ask import Ask
from tests.hostile.filled import ACCOUNT, WAYS, fill, open_screen
from tests.ui.running import CONFIG, MovableClock, Program, own_desk, own_launch, running

SECRET = "hemligt"
TYPING = {"MainScreen, composing", "MainScreen, replying", "AskReason", "AskText", "Palette", "AddAccountScreen"}
COVERED_BY_F9 = f'{CONFIG}\n[keys]\nprivacy = "Z,f9"\n'


def shown(program: Program) -> str:
    """What a camera sees, blanks as they are."""
    return program.app.export_screenshot().replace("&#160;", " ")


def is_covered(program: Program) -> bool:
    return program.screen_name == "PrivacyScreen"


def test_every_screen_is_known_here() -> None:
    for module in pkgutil.iter_modules(mbclient.ui.screens.__path__):
        importlib.import_module(f"mbclient.ui.screens.{module.name}")
    importlib.import_module("mbclient.ui.palette")
    waiting: list[type[Any]] = [Screen]
    found = set()
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind.__module__.startswith("mbclient.") and not kind.__subclasses__():
            found.add(kind.__name__)
    assert found - {"PrivacyScreen"} == {way.partition(",")[0] for way in WAYS}


@pytest.mark.parametrize("way", WAYS)
async def test_one_key_covers_every_screen(home: Path, clock: MovableClock, way: str) -> None:
    """Where letters are typed it is the other key that a user gives it."""
    desk = own_desk(home, clock, COVERED_BY_F9)
    fill(desk, [f"openssl {SECRET} {number}" for number in range(9)])
    async with running(desk, clock, own_launch(home)) as program:
        await program.until(program.texts)
        await open_screen(program, way, SECRET)
        program.app.say(f"{SECRET} in a notification")
        before = program.app.screen
        await program.press("f9" if way in TYPING else "Z")
        await program.until(lambda: is_covered(program))
        program.app.say(f"{SECRET} again")
        desk.bus.publish(events.FilterChanged())
        await program.pilot.pause()
        seen = shown(program)
        assert SECRET not in seen
        assert "openssl" not in seen
        assert "Covered." in seen
        await program.press("q")  # uncovers, and means nothing else
        await program.until(lambda: program.app.screen is before)
        assert program.app.is_running


async def test_a_letter_in_a_text_is_a_letter(own: Desk, clock: MovableClock) -> None:
    async with running(own, clock) as program:
        await program.press("c", "Z")  # before there is an area that takes letters
        await program.until(lambda: program.main.composer.draft is not None and program.main.composer.draft.text == "Z")
        await program.type("Z")
        assert program.main.composer.draft is not None
        assert program.main.composer.draft.text == "ZZ"
        await program.press("escape", "slash")
        await program.screen("SearchScreen")
        await program.until(lambda: isinstance(program.app.focused, Input))
        await program.type("Z")
        assert program.app.screen.query_one(Input).value == "Z"


async def test_a_letter_behind_the_search_is_one_before_the_line_has_the_keys(own: Desk, clock: MovableClock) -> None:
    async with running(own, clock) as program:
        program.main.action_search()
        program.send("Z", "a")
        await program.until(lambda: isinstance(program.app.focused, Input) and program.app.focused.value == "Za")


@pytest.mark.parametrize("keys", ["jZ", "gZ", "rZ", "eZ", "/^Z", "c^Z", "gcZ"])
async def test_behind_a_key_that_opens_nothing_to_write_in_it_covers(
    home: Path, clock: MovableClock, keys: str
) -> None:
    """An empty timeline has nothing to answer or edit; `^`: escape, once what was opened stands. `g c`: a sequence."""
    desk = own_desk(home, clock, f'{CONFIG}\n[keys]\npause = "g c"\n')
    async with running(desk, clock) as program:
        burst, _escape, then = keys.partition("^")
        program.send(*("slash" if key == "/" else key for key in burst))
        if then:
            await program.until(lambda: isinstance(program.app.focused, Input | DraftArea))
            await program.press("escape")
            await program.screen("MainScreen")
            program.send(*then)
        await program.until(lambda: is_covered(program))


async def test_what_comes_up_meanwhile_comes_up_under_it(own: Desk, clock: MovableClock) -> None:
    async with running(own, clock) as program:
        await program.press("Z")
        await program.until(lambda: is_covered(program))
        program.app.push_screen(Ask(SECRET, SECRET))
        await program.pilot.pause()
        assert is_covered(program)
        assert SECRET not in shown(program)
        await program.press("y")  # no answer to what nobody has seen
        await program.screen("Ask")
        await program.press("escape")
        await program.screen("MainScreen")  # the first cover is gone too


async def test_a_draft_that_opens_meanwhile_opens_under_it(own: Desk, clock: MovableClock) -> None:
    async with running(own, clock) as program:
        await program.press("O")
        await program.screen("OutboxScreen")
        await program.press("Z")
        await program.until(lambda: is_covered(program))
        program.app.write(lambda: Draft(SECRET, (ACCOUNT,)))
        await program.until(lambda: program.main.composer.is_open)
        assert is_covered(program)
        assert SECRET not in shown(program)
        await program.press("x")
        await program.screen("MainScreen")
        await program.until(lambda: SECRET in shown(program))


@pytest.mark.parametrize("key", ["ctrl+p", "ctrl+c", "tab", "f1", "Z", "escape", "enter"])
async def test_the_first_key_does_nothing_but_uncover(own: Desk, clock: MovableClock, key: str) -> None:
    async with running(own, clock) as program:
        await program.press("Z")
        await program.until(lambda: is_covered(program))
        await program.press(key)
        await program.screen("MainScreen")
        assert program.app.is_running
        assert len(program.app.screen_stack) == 1


async def test_a_click_uncovers_and_clicks_on_nothing(own: Desk, clock: MovableClock) -> None:
    async with running(own, clock) as program:
        await program.press("Z")
        await program.until(lambda: is_covered(program))
        await program.pilot.click(offset=(3, 3))
        await program.screen("MainScreen")


async def test_the_desktop_shows_nothing_meanwhile(
    own: Desk, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    monkeypatch.setattr(MbclientApp, "_alert", lambda _app: asked.append("looked"))
    async with running(own, clock) as program:
        await program.press("Z")
        await program.until(lambda: is_covered(program))
        program.app.alert()
        await program.pilot.pause()
        assert asked == []
        await program.press("x")
        program.app.alert()
        await program.until(lambda: asked)
