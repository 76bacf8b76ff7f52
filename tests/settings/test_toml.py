from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbclient.domain.errors import SettingsError
from mbclient.settings.toml import Document, dotted, load, nearest, parse
from tests.settings.conftest import put

EVERY_FORM = '''# a comment with [brackets] and = and "quotes"
schema = 1
"quoted key" = """
many
lines = [ "not", 'keys' ]
"""
literal = \'\'\'
[not.a.table]
x = 1\'\'\'
dotted.key.path = "a # b"   # c
array = [
  "one",  # with a comment ]
  [ 2, 3 ],
  { a = 1, b.c = 2 },
]
[table]
key = 2026-01-01
[[accounts]]
name = 'work'
[[accounts]]
name = "home"
[accounts.extra]
x = 1
[[accounts.more]]
y = 1
[table."odd ] key".'literal']
z = { w = "}", v = ["]"] }
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("schema",), 2),
        (("quoted key",), 3),
        (("literal",), 7),
        (("dotted", "key", "path"), 10),
        (("array",), 11),
        (("array", 0), 12),
        (("array", 1, 1), 13),
        (("array", 2, "b", "c"), 14),
        (("table",), 16),
        (("table", "key"), 17),
        (("accounts", 0), 18),
        (("accounts", 0, "name"), 19),
        (("accounts", 1, "name"), 21),
        (("accounts", 1, "extra", "x"), 23),
        (("accounts", 1, "more", 0, "y"), 25),
        (("table", "odd ] key", "literal", "z", "v", 0), 27),
        (("accounts", 0, "missing"), 18),  # the nearest thing above it
        (("nowhere",), None),
    ],
)
def test_the_line_of_a_key(path: tuple[str | int, ...], line: int | None) -> None:
    for text in (EVERY_FORM, EVERY_FORM.replace("\n", "\r\n"), "\ufeff" + EVERY_FORM):
        assert parse(text.encode()).line(path) == line


def _paths(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    children: list[tuple[str | int, object]] = []
    if isinstance(value, dict):
        children = list(value.items())
    elif isinstance(value, list):
        children = list(enumerate(value))
    return [path, *(found for key, child in children for found in _paths(child, (*path, key)))]


_KEYS = st.text(st.characters(codec="utf-8"), max_size=6)
_LEAVES = st.booleans() | st.integers(-(10**9), 10**9) | st.text(st.characters(codec="utf-8"), max_size=12) | st.dates()
_TABLES = st.dictionaries(
    _KEYS,
    st.recursive(
        _LEAVES,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3),
        max_leaves=8,
    ),
    max_size=4,
)


@given(_TABLES)
def test_every_key_of_any_table_has_a_line(table: dict[str, object]) -> None:
    import tomli_w

    text = tomli_w.dumps(table)
    document = parse(text.encode())
    lines = text.count("\n") + 1
    for path in _paths(document.values)[1:]:
        line = document.line(path)
        assert line is not None
        assert 1 <= line <= lines


@pytest.mark.parametrize(
    ("data", "line", "words"),
    [
        (b"a = 1\nb = \n", 2, "not valid TOML"),
        (b"a = 1\na = 2\n", 2, "not valid TOML"),
        (b"a = 1\nb = '\xff'\n", 2, "not UTF-8"),
        (b"x = " + b"[" * 100_000, None, "deeply"),
        (b"a = 1\nb = " + b"9" * 5000 + b"\n", None, "not valid TOML"),
        (b"a = 2026-02-31\n", 1, "not valid TOML"),
        (b"a = \x00", 1, "not valid TOML"),
        (b"a = 1\rb = 2", 1, "not valid TOML"),
    ],
)
def test_what_is_no_toml_says_where(data: bytes, line: int | None, words: str) -> None:
    with pytest.raises(SettingsError, match=words) as caught:
        parse(data, "config.toml")
    if line is not None:
        assert caught.value.line == line
    assert caught.value.file == "config.toml"
    assert caught.value.advice


def test_a_bom_and_crlf_are_read(tmp_path: Path) -> None:
    document = load(put(tmp_path / "x.toml", b"\xef\xbb\xbfa = 1\r\nb = 2\r\n"))
    assert document is not None
    assert document.values == {"a": 1, "b": 2}
    assert load(tmp_path / "missing.toml") is None


def test_an_error_names_file_line_and_key() -> None:
    error = parse(EVERY_FORM.encode(), "config.toml").error(("accounts", 1, "name"), "wrong", "mend it")
    assert str(error) == "config.toml, line 21: wrong; mend it"
    assert (error.line, error.key) == (21, "accounts[1].name")


def test_key_paths_and_near_words() -> None:
    assert dotted(("a", "b", 0, "c")) == "a.b[0].c"
    assert dotted(("a\x1b[31m",)) == "a␛[31m"
    assert nearest("languag", ["theme", "language"]) == "language"
    assert nearest("zzz", ["theme", "language"]) is None
    assert Document("", {}).line(("a",)) is None
