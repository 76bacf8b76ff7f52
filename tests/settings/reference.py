"""docs/configuration.md, made from the settings themselves: `python -m tests.settings.reference --write`.

What a key is for is its line in config.example.toml; what may stand there is the docstring of its check.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mbclient.settings.accounts import OWN
from mbclient.settings.checks import Check, Spec, first_sentence
from mbclient.settings.config import CONFIG, MUTE, SNIPPET, VIEW
from tests.generated import Page

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "config.example.toml"
LISTS: Mapping[str, Spec] = {"accounts": OWN, "views": VIEW, "snippets": SNIPPET, "mutes": MUTE}
_HEADER = re.compile(r"(?:# )?\[{1,2}([\w.]+)\]{1,2}(?:\s+# (.*))?")
_KEY = re.compile(r"(?:# )?([\w-]+) = (.*?)\s+# (.*)")


@dataclass(slots=True)
class Section:
    """A table of the file. `example`: an array of tables, whose values are examples, not defaults."""

    name: str
    words: str = ""
    example: bool = False
    keys: list[tuple[str, str, str]] = field(default_factory=list)  # key, value, what it is for


def sections(example: str) -> Iterator[Section]:
    """The tables of config.example.toml in its order, the first being the top level."""
    section, remarks = Section(""), list[str]()
    for line in [*example.splitlines(), ""]:
        if found := _HEADER.fullmatch(line):
            yield section
            words = " ".join(filter(None, (*remarks, found[2])))
            section, remarks = Section(found[1], words, "[[" in line), []
        elif found := _KEY.fullmatch(line):
            section.keys.append((found[1], found[2], found[3]))
            remarks = []
        elif line.startswith("# "):
            remarks.append(line[2:])
        else:
            remarks = remarks if line else []
    yield section


def check_of(section: str, key: str) -> Check | None:
    """The check of a key; None for the policy's, which has a parser of its own."""
    if section in LISTS:
        spec: Spec = LISTS[section]
    else:
        rule = CONFIG.get(section) if section else CONFIG
        if section == "keys":
            return CONFIG["keys"]  # type: ignore[return-value]  # no table of checks
        if not isinstance(rule, Mapping):
            return None
        spec = rule
    found = spec[key]
    assert callable(found)
    return found


def reference(example: str) -> str:
    """The generated part of the page."""
    lines: list[str] = []
    for section in sections(example):
        if not section.keys:
            continue
        brackets = "`[[{}]]`" if section.example else "`[{}]`"
        title = brackets.format(section.name) if section.name else "Top level"
        lines += [f"## {title}", ""]
        if section.words:
            lines += [_sentence(section.words), ""]
        policy = section.name.startswith("policy")
        heads = ["Key", "Example" if section.example else "Default", *([] if policy else ["May be"]), "What it is for"]
        lines += [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
        for key, value, words in section.keys:
            check = check_of(section.name, key)
            may_be = [] if policy else [first_sentence(check) if check else ""]
            lines.append("| " + " | ".join(map(_cell, [f"`{key}`", f"`{value}`", *may_be, words])) + " |")
        lines.append("")
    return "\n".join(lines)


def _sentence(words: str) -> str:
    return words[0].upper() + words[1:] + ("" if words.endswith((".", ":")) else ".")


def _cell(words: str) -> str:
    return words.replace("|", "\\|")


PAGE = Page("configuration.md", "tests/settings/reference.py", lambda: reference(EXAMPLE.read_text("utf-8")))

if __name__ == "__main__":
    PAGE.main()
