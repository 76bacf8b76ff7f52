"""The README tells the truth: its keys are those in force, its commands exist, its picture is there."""

from __future__ import annotations

import re
from pathlib import Path

from mbclient.core.keytable import DEFAULT_KEYS, Scope

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def keys_table() -> str:
    """The Markdown table of every action; views 1 to 9 and fixes 1 to 4 on one line each."""
    titles = {
        Scope.READING: "Reading",
        Scope.FIGURES: "Figures",
        Scope.COMPOSER: "Composer",
        Scope.ANYWHERE: "Everywhere",
    }
    lines = ["| | Keys | |", "|---|---|---|"]
    for scope, title in titles.items():
        for action in DEFAULT_KEYS.in_scope(scope):
            series = re.fullmatch(r"(view|fix)_(\d)", action.id)
            if series and series[2] != "1":
                continue
            keys = (action.shown_keys or DEFAULT_KEYS["palette"].shown_keys).replace("|", "\\|")
            last = {"view": "9", "fix": "5"}[series[1]] if series else ""  # F2 to F5
            shown = f"`{keys}` … `{keys[:-1]}{last}`" if series else " ".join(f"`{key}`" for key in keys.split("  "))
            lines.append(f"| {title} | {shown} | {action.description} |")
            title = ""
    return "\n".join(lines)


def test_the_keys_in_the_readme_are_those_of_the_table() -> None:
    start, end = "<!-- keys: tests/test_readme.py compares -->\n", "\n<!-- /keys -->"
    assert README.partition(start)[2].partition(end)[0] == keys_table()


def test_what_the_readme_links_to_is_there() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        if "://" not in target:
            assert (ROOT / target).exists(), target


def test_the_readme_names_the_two_commands_that_do_it_all() -> None:
    commands = re.findall(r"^python3 -m venv .*$", README, re.MULTILINE)
    assert [command.split("/")[-1] for command in commands] == ["mbclient", "pytest"]


def test_every_shipped_theme_is_named_and_no_other() -> None:
    told = README.partition("Themes: ")[2].partition("\n\n")[0]
    pairs = re.sub(r"`(mbclient-\w+)-dark` and `-light`", r"`\1-dark` `\1-light`", " ".join(told.split()))
    assert set(re.findall(r"`(mbclient-[\w-]+)`", pairs)) == {path.stem for path in (ROOT / "themes").glob("*.toml")}
