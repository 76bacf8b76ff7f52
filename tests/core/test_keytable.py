"""The table of keys is the one of the outside contract, and bad keys are refused with a reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbclient.core.keynames import is_key, normal_key, shown_key
from mbclient.core.keytable import DEFAULT_KEYS, Scope, problems
from mbclient.domain.errors import SettingsError

# As the contract lists them; Home and End besides.
CONTRACT = {
    "down": "j down", "up": "k up", "bottom": "G end", "page_up": "pageup", "page_down": "pagedown space",
    "thread": "enter", "back": "escape", "toggle_work": "w", "peek": "p", "refresh": "full_stop", "search": "slash",
    "compose": "c", "reply": "r", "quote": "Q", "boost": "b", "like": "f", "bookmark": "B", "reveal": "x", "open": "o",
    "copy_link": "y", "author": "a", "media": "m", "next_unread": "n", "why": "i", "notifications": "N", "mute": "M",
    "edit": "e", "delete": "delete", "undo": "u", "stats": "s", "pause": "P", "outbox": "O", "drafts": "D",
    "privacy": "Z", "settings": "comma", "help": "question_mark", "palette": "ctrl+p", "next_pane": "tab", "quit": "q",
    "send": "ctrl+s", "send_planned": "ctrl+t", "editor": "ctrl+e", "targets": "ctrl+o", "close": "escape",
    **{f"view_{number}": str(number) for number in range(1, 10)},
}  # fmt: skip


def test_default_keys_are_those_of_the_contract() -> None:
    keys = {action.id: " ".join(action.keys) for action in DEFAULT_KEYS if action.id != "top"}
    assert {action: keys.pop(action, None) for action in CONTRACT} == CONTRACT
    # What the contract leaves open: two lists, a pane and the screen of the figures, voting; in the composer the fixes,
    # visibility, the warning, the time, the poll, the thread.
    assert {action for action, key in keys.items() if key} == {
        "fix_1",
        "fix_2",
        "fix_3",
        "fix_4",
        "visibility",
        "warning",
        "send_at",
        "as_thread",
        "poll",
        "vote",
        "mutes",
        "planned",
        "figures",
        *(action.id for action in DEFAULT_KEYS.in_scope(Scope.FIGURES)),
    }
    assert DEFAULT_KEYS["top"].keys == ("g g", "home")


def test_the_defaults_have_no_conflicts_and_only_known_keys() -> None:
    assert problems({action.id: ",".join(action.keys) for action in DEFAULT_KEYS if action.keys}) == ()


def test_every_action_says_what_it_does() -> None:
    for action in DEFAULT_KEYS:
        assert action.label
        assert action.description
        assert len(action.label) <= 14, "must fit a footer"
        assert bool(action.shown_keys) == bool(action.keys)


def test_an_action_without_a_key_takes_one() -> None:
    """Until then the palette has it."""
    without = [action.id for action in DEFAULT_KEYS if not action.keys]
    assert "attach" in without
    for action in without:
        assert DEFAULT_KEYS.rebound({action: "f9"})[action].keys == ("f9",)
    assert not DEFAULT_KEYS["attach"].shown_keys


def test_rebinding_takes_punctuation_sequences_and_several_keys() -> None:
    table = DEFAULT_KEYS.rebound({"settings": "g s", "top": "g g,home", "help": "?,f1", "refresh": "ctrl+r"})
    assert table["settings"].keys == ("g s",)
    assert table["help"].keys == ("question_mark", "f1")
    assert table["refresh"].keys == ("ctrl+r",)
    assert table["reply"] == DEFAULT_KEYS["reply"]


@pytest.mark.parametrize(
    ("overrides", "action", "words"),
    [
        ({"replay": "r"}, "replay", "reply"),
        ({"reply": "r", "boost": "crtl+b"}, "boost", "crtl+b"),
        ({"settings": "coma"}, "settings", "comma"),
        ({"boost": "r"}, "boost", "reply"),
        ({"settings": "g"}, "settings", "top"),
        ({"top": "g,g g"}, "top", "beginning"),
        ({"settings": "c o"}, "settings", "compose"),
        ({"send": "x"}, "send", "composer"),
        ({"send": "enter"}, "send", "composer"),
        ({"send": "ctrl+p"}, "send", "palette"),
        ({"reply": ""}, "reply", "no key"),
        ({"reply": " , "}, "reply", "no key"),
        ({"reply": "ctrl+ctrl+x"}, "reply", "ctrl+ctrl+x"),
        ({"reply": "ctrl+G"}, "reply", "ctrl+G"),
        ({"figures_month": "2"}, "figures_month", "figures_week"),
        ({"figures_hours": "P"}, "figures_hours", "pause"),  # heard there too
        ({"stats": "h"}, "stats", "figures_hours"),
        ({"palette": "4"}, "palette", "view_4"),
        ({"compose": "ctrl+q"}, "compose", "ends the program"),
        ({"palette": "ctrl+k,ctrl+q"}, "palette", "ends the program"),
        ({"send": "ctrl+q"}, "send", "ends the program"),
        ({"outbox": "g ctrl+q"}, "outbox", "ends the program"),
        ({"quit": "q,ctrl+q x"}, "quit", "ends the program"),
        ({"help": "shift+tab"}, "help", "pane before"),
        ({"bottom": "shift+g"}, "bottom", '"A"'),
        ({"top": "g shift+slash"}, "top", '"?"'),
    ],
)
def test_bad_keys_are_refused_with_a_reason(overrides: dict[str, str], action: str, words: str) -> None:
    first = problems(overrides)[0]
    assert first.action == action
    assert words in first.problem + first.advice
    assert first.advice
    with pytest.raises(SettingsError) as refused:
        DEFAULT_KEYS.rebound(overrides)
    assert refused.value.key == f"keys.{action}"


def test_what_always_ends_the_program_may_be_the_only_key_that_does() -> None:
    table = DEFAULT_KEYS.rebound({"quit": "ctrl+q", "compose": "q"})
    assert (table["quit"].keys, table["compose"].keys) == (("ctrl+q",), ("q",))


def test_a_key_has_one_name_in_whatever_order_it_is_held_down() -> None:
    """Under the other name it would never arrive, and two actions could have it."""
    assert DEFAULT_KEYS.rebound({"top": "shift+ctrl+up"})["top"].keys == ("ctrl+shift+up",)
    assert problems({"top": "shift+ctrl+up", "bottom": "ctrl+shift+up"})
    assert not problems({"top": "shift+up", "figures": "shift+tab", "page_up": "shift+space"})


def test_two_actions_may_swap_their_keys() -> None:
    table = DEFAULT_KEYS.rebound({"reply": "b", "boost": "r"})
    assert (table["reply"].keys, table["boost"].keys) == (("b",), ("r",))


def test_the_figures_hear_a_key_that_means_something_else_while_reading() -> None:
    table = DEFAULT_KEYS.rebound({"figures_hours": "r", "reply": "1"} | {"view_1": "f9"})
    assert (table["figures_hours"].keys, table["reply"].keys) == (("r",), ("1",))


def test_a_clash_between_two_own_lines_is_told_once() -> None:
    assert len(problems({"reply": "t", "boost": "t"})) == 1


def test_reading_and_composer_do_not_meet() -> None:
    assert problems({"editor": "escape"})
    assert not problems({"editor": "ctrl+s", "send": "ctrl+e"})
    assert {action.scope for action in DEFAULT_KEYS.in_scope(Scope.COMPOSER)} == {Scope.COMPOSER}


@given(st.dictionaries(st.sampled_from([*CONTRACT, "nonsense"]), st.text(max_size=12), max_size=4))
def test_any_section_is_accepted_whole_or_refused_with_words(overrides: dict[str, str]) -> None:
    found = problems(overrides)
    if found:
        assert all(problem.problem and problem.advice for problem in found)
    else:
        table = DEFAULT_KEYS.rebound(overrides)
        assert all(is_key(stroke) for action in table for key in action.keys for stroke in key.split())


@pytest.mark.parametrize(
    ("key", "shown"), [("ctrl+s", "Ctrl+S"), ("full_stop", "."), ("g g", "g g"), ("f5", "F5"), ("pagedown", "PgDn")]
)
def test_keys_are_shown_as_people_write_them(key: str, shown: str) -> None:
    assert shown_key(key) == shown
    assert normal_key(".") == "full_stop"


def test_a_leader_of_ones_own() -> None:
    """As the README shows it: one key before others, for what has a key already and for what has none."""
    table = DEFAULT_KEYS.rebound({"outbox": "O,g o", "drafts": "g d", "copy_markdown": "g m"})
    assert table["outbox"].keys == ("O", "g o")
    assert table["copy_markdown"].shown_keys == "g m"
    with pytest.raises(SettingsError, match="already means"):
        DEFAULT_KEYS.rebound({"outbox": "space o"})  # space alone is a page down
