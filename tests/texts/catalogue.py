"""Reading the sources and the catalogue, for the tests: what is said, and what is translated."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

import mbclient

SOURCES = Path(mbclient.__file__).parent
SWEDISH = SOURCES / "texts/locale/sv/LC_MESSAGES/mbclient.po"
TEXTS_TAKEN = {"_": 1, "N_": 1, "ngettext": 2}  # how many of the first arguments are texts

Message = str | tuple[str, ...]


def extracted() -> dict[Message, list[str]]:
    """Every message of the sources, with where it stands; a plural as (singular, plural).

    Read from the syntax tree, not with Babel's extractor: that one sees calls inside f-strings only from Python 3.12.
    """
    found: dict[Message, list[str]] = {}
    for place, texts in _calls():
        words = tuple(text.value for text in texts if isinstance(text, ast.Constant) and isinstance(text.value, str))
        if words:
            found.setdefault(words[0] if len(words) == 1 else words, []).append(place)
    return found


def unreadable_calls() -> list[str]:
    """Where a text is put together inside the call, so that no catalogue can hold it. A plain name may stand there:
    the text it holds is marked with `N_` elsewhere."""
    composed = (ast.JoinedStr, ast.BinOp, ast.Call, ast.IfExp)
    return [place for place, texts in _calls() if any(isinstance(text, composed) for text in texts)]


def swedish() -> Catalog:
    with SWEDISH.open("rb") as source:
        return read_po(source, locale="sv", abort_invalid=True)


def placeholders(message: str) -> set[str]:
    """The names between braces; a text with a lone brace is not for `str.format` and has none."""
    try:
        return {name for _literal, name, _spec, _conversion in Formatter().parse(message) if name is not None}
    except ValueError:
        return set()


def _calls() -> Iterator[tuple[str, list[ast.expr]]]:
    """Each call that looks up or marks a text: where, and its text arguments."""
    for path in sorted(SOURCES.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in TEXTS_TAKEN:
                place = f"{path.relative_to(SOURCES)}:{node.lineno}"
                yield place, node.args[: TEXTS_TAKEN[node.func.id]]
