"""Every sentence that the program says goes through the catalogue: none stands in the sources unmarked.

Looked at are the rooms that speak to the user. What a service says of a faulty document names fields and stays as it is
written there.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from mbclient.cli.table import COMMANDS
from tests.texts.catalogue import SOURCES, TEXTS_TAKEN

ROOMS = ("ui", "cli", "core", "texts", "policy/parse.py", "policy/scenario.py", "policy/values.py")
WORDS = re.compile(r"[^\W\d_]{2,} [^\W\d_]{2,}")  # two words in a row: a key, a name or a sign has one
STYLE = re.compile(r"(?:bold|italic|underline|reverse|dim|not|on|\$[\w-]+| )+")
BUGS = {"ValueError", "RuntimeError", "KeyError", "AssertionError", "TypeError", "NotImplementedError"}
QUIET = {"debug", "info", "warning", "exception", "log"}  # the log, which is English
SCRIPTS = {"cli/completions.py", "core/exportforms.py", "core/posthtml.py"}  # shell and markup
OTHERWISE = {"no key: ", "too soon"}
"""Said to nobody: names of things inside."""


def spared(tree: ast.AST) -> set[int]:
    """Constants that are no words to the user: marked ones, docstrings, style sheets, what only a bug would raise."""
    found: set[int] = set()
    for node in ast.walk(tree):
        inside: list[ast.AST] = []
        match node:
            case ast.Module() | ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
                inside = [each for each in node.body if isinstance(each, ast.Expr)]
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name in {*TEXTS_TAKEN, *BUGS, *QUIET}:
                inside = [node]
            case ast.Assign(targets=[ast.Name(id=name)]) if "CSS" in name:
                inside = [node]
            case ast.AnnAssign(annotation=annotation):
                inside = [annotation]
            case ast.Assert(msg=ast.expr() as message):
                inside = [message]
        for part in inside:
            if not isinstance(part, ast.Expr) or isinstance(part.value, ast.Constant):
                found |= {id(each) for each in ast.walk(part)}
    return found


def unmarked(source: str) -> Iterator[tuple[int, str]]:
    tree = ast.parse(source)
    marked = spared(tree)
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str() as words) if id(node) not in marked:
                if WORDS.search(words) and not STYLE.fullmatch(words):
                    yield node.lineno, words
            case _:
                pass


FILES = [path for room in ROOMS for path in sorted((SOURCES / room).rglob("*.py")) or [SOURCES / room]]


def test_no_sentence_is_said_past_the_catalogue() -> None:
    commands = {command.name for command in COMMANDS}
    found = []
    for path in FILES:
        name = path.relative_to(SOURCES).as_posix()
        if name not in SCRIPTS and path.name != "build_catalogues.py":
            for line, words in unmarked(path.read_text("utf-8")):
                if words not in commands | OTHERWISE and not words.startswith("mbclient "):  # an example of a command
                    found.append(f"{name}:{line}: {words!r}")
    assert found == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('say("Nothing was sent")', ["Nothing was sent"]),
        ('say(_("Nothing was sent"))', []),
        ('say(f"Nothing {n} was sent")', [" was sent"]),
        ('say(f"Nothing was sent to {n}")', ["Nothing was sent to "]),
        ('"""Nothing was sent."""', []),
        ('raise ValueError("nothing was sent")', []),
        ('WORDS = {1: "Nothing was sent"}', ["Nothing was sent"]),
        ('WORDS = {1: N_("Nothing was sent")}', []),
        ('x = ("words", "bold underline $primary")', []),
    ],
)
def test_the_look_itself_finds_what_it_should(source: str, found: list[str]) -> None:
    assert [words for _line, words in unmarked(source)] == found


def test_there_are_files_to_look_at() -> None:
    assert len(FILES) > 100
    assert Path(SOURCES / "ui" / "app.py") in FILES
    assert all(path.is_file() for path in FILES)
