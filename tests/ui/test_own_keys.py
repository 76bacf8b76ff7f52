"""Every key of the program does something and stands in help: the table's, and those that one screen has besides."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator

import pytest
from textual.binding import Binding
from textual.dom import DOMNode

import mbclient.ui
from mbclient.core.desk import Desk
from mbclient.core.keynames import is_key
from mbclient.core.keytable import DEFAULT_KEYS
from mbclient.texts import _, set_language
from mbclient.texts.build_catalogues import compile_all
from tests.ui.running import MovableClock, running

IN_TABLE = {action.id for action in DEFAULT_KEYS}
EVERYWHERE = {"ctrl+c"}  # what every terminal program does


def classes() -> Iterator[type[DOMNode]]:
    """Every part of the screen that has bindings of its own."""
    for found in pkgutil.walk_packages(mbclient.ui.__path__, "mbclient.ui."):
        module = importlib.import_module(found.name)
        for _name, part in inspect.getmembers(module, inspect.isclass):
            if part.__module__ == found.name and issubclass(part, DOMNode) and "BINDINGS" in vars(part):
                yield part


PARTS = {part.__name__: part for part in classes()}
OWN = [
    pytest.param(part, binding, id=f"{name}-{binding.key}")
    for name, part in PARTS.items()
    for binding in part.BINDINGS
    if isinstance(binding, Binding)
]


def test_there_are_bindings_to_look_at() -> None:
    assert {"MainScreen", "Timeline", "ComposerPane", "OutboxScreen", "StatsScreen", "MbclientApp"} <= PARTS.keys()
    assert all(isinstance(binding, Binding) for part in PARTS.values() for binding in part.BINDINGS)
    bound = {binding.id for part in PARTS.values() for binding in part.BINDINGS if isinstance(binding, Binding)}
    assert bound >= IN_TABLE


@pytest.mark.parametrize(("part", "binding"), OWN)
def test_every_key_does_something_and_says_what(part: type[DOMNode], binding: Binding) -> None:
    target, _dot, action = binding.action.partition("(")[0].rpartition(".")
    owner = part if not target else {"app": PARTS["MbclientApp"], "screen": PARTS["MainScreen"]}[target]
    assert callable(getattr(owner, f"action_{action}", None))
    if binding.id not in IN_TABLE:  # those have tests of their own
        assert all(map(is_key, binding.key.split(",")))
        assert binding.description or binding.key in EVERYWHERE


def test_what_they_say_is_said_in_swedish_too() -> None:
    compile_all()
    said = {binding.description for part in PARTS.values() for binding in part.BINDINGS if isinstance(binding, Binding)}
    set_language("sv")
    alike = {words for words in said if words and _(words) == words}
    set_language("en")
    assert alike <= {"Media", "Markdown"}


@pytest.mark.parametrize(
    ("keys", "screen", "told"),
    [
        (("O",), "OutboxScreen", {"r  Enter": "Try again", "c": "Cancel"}),
        (("T",), "PlannedScreen", {"Enter": "Write for it"}),
        (("H",), "MutesScreen", {"a": "Add"}),
        (("D",), "DraftsScreen", {"d  Delete": "Delete"}),
    ],
)
async def test_help_tells_the_keys_of_the_screen_it_was_asked_on(
    demo: Desk, clock: MovableClock, keys: tuple[str, ...], screen: str, told: dict[str, str]
) -> None:
    async with running(demo, clock) as program:
        await program.press(*keys)
        await program.screen(screen)
        await program.press("question_mark")
        await program.screen("HelpScreen")
        words = str(program.app.screen.query("Static").first().render())
        here, _reading, _rest = words.partition("Reading")
        assert "On this screen" in here
        for key, does in told.items():
            assert [line for line in here.splitlines() if key in line and line.endswith(f" {does}")], key


async def test_the_main_screen_has_no_keys_that_the_table_does_not_know(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        await program.press("question_mark")
        await program.screen("HelpScreen")
        assert "On this screen" not in str(program.app.screen.query("Static").first().render())
