"""The table's key names are the toolkit's own."""

from __future__ import annotations

from textual.binding import Binding
from textual.keys import KEY_ALIASES, Keys, _character_to_key

from mbclient.core.keynames import NAMED_KEYS, PUNCTUATION, is_key, normal_key
from mbclient.core.keytable import DEFAULT_KEYS
from mbclient.ui.keys import bindings, keymap


def test_punctuation_has_the_names_that_the_toolkit_gives() -> None:
    assert {name: _character_to_key(character) for name, character in PUNCTUATION.items()} == {
        name: name for name in PUNCTUATION
    }
    assert all(normal_key(character) == name for name, character in PUNCTUATION.items())


def test_named_keys_are_known_to_the_toolkit() -> None:
    known = {key.value for key in Keys} | {alias for aliases in KEY_ALIASES.values() for alias in aliases} | {"space"}
    assert known >= NAMED_KEYS


def test_control_keys_are_names_too() -> None:
    assert all(is_key(f"ctrl+{letter}") for letter in "abcdefghijklmnopqrstuvwxyz")
    assert all(is_key(name) for name in ("shift+tab", "ctrl+pageup", "alt+x", "f12", "ctrl+shift+left", "å", "Ö"))


def test_bindings_carry_the_ids_of_the_table() -> None:
    made = bindings(*(action.id for action in DEFAULT_KEYS))
    assert [binding.id for binding in made if isinstance(binding, Binding)] == [action.id for action in DEFAULT_KEYS]
    assert keymap(DEFAULT_KEYS)["settings"] == "comma"
