"""TOML files as settings need them: bounded, tolerant of a BOM and CRLF, with every error at its line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import field
from functools import lru_cache
from pathlib import Path

from mbclient.domain.errors import SettingsError
from mbclient.domain.latepattern import late
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.safetext import SafeText
from mbclient.settings.files import read_bounded
from mbclient.texts import _
from mbclient.texts.places import settings_error

KeyPath = tuple[str | int, ...]  # ("accounts", 0, "service"): keys, and positions in arrays from 0

_PLACE = late(r" *\(at (?:line (\d+), column \d+|end of document)\)")


@dataclass(frozen=True, slots=True)
class Document:
    """One parsed file. `file` is its path as shown, empty for what came from no file."""

    file: str
    values: Mapping[str, object]
    text: str = field(default="", repr=False)

    def line(self, path: KeyPath) -> int | None:
        """The line (from 1) where the key stands, or the nearest key above it that has one."""
        lines = _lines(self.text) if path else {}
        while path:
            if path in lines:
                return lines[path]
            path = path[:-1]
        return None

    def error(self, path: KeyPath, problem: str, advice: str = "") -> SettingsError:
        """The error about one key, with file and line."""
        return settings_error(problem, advice, file=self.file, line=self.line(path), key=dotted(path))


def load(path: Path) -> Document | None:
    """The file, None when there is none. Raises SettingsError with the line of the first fault."""
    data = read_bounded(path)
    return None if data is None else parse(data, str(path))


@lru_cache(maxsize=8)  # a start asks for config.toml three times: its language first
def parse(data: bytes, file: str = "") -> Document:
    """Bytes as a `Document`, which nobody changes. Raises SettingsError."""
    import tomllib  # late: without settings files nothing needs it

    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise settings_error(_("not UTF-8 text"), _("save it as UTF-8"), file=file, line=line) from error
    try:
        return Document(file, tomllib.loads(text), text.replace("\r\n", "\n"))
    except RecursionError as error:
        raise SettingsError(_("nested too deeply"), _("make it simpler"), file=file) from error
    except ValueError as error:  # TOMLDecodeError, and what int() and date() say of absurd numbers
        from mbclient.texts.outside import told  # late: few starts tell of a fault

        place = _PLACE.search(str(error))
        reason = SafeText.line(told(_PLACE.sub("", str(error))), max_characters=200)
        raise settings_error(
            _("not valid TOML: {reason}").format(reason=reason),
            _("correct that line"),
            file=file,
            line=int(place[1] or text.count("\n") + 1) if place else None,
        ) from error


@lru_cache(maxsize=8)  # several faults, one file
def _lines(text: str) -> Mapping[KeyPath, int]:
    """Where the keys of a text stand that is known to be valid TOML."""
    try:
        return _Locator(text).lines
    except (RecursionError, IndexError):  # nested to the limit: the error is told without its line
        return {}


def dotted(path: KeyPath) -> str:
    """A key path as people write it: `accounts[0].service`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return SafeText.line(text.removeprefix("."), max_characters=120)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant."""
    from difflib import get_close_matches  # late: only an error needs it

    return next(iter(get_close_matches(word[:100], list(known), n=1, cutoff=0.6)), None)


class _Locator:
    """Finds the line of every key of a text that is known to be valid TOML.

    It only has to tell strings, comments and brackets apart; what values mean is tomllib's business.
    """

    _KEY_PART = late(r"""[ \t]*("(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[A-Za-z0-9_-]+)[ \t]*""")
    _BLANK = late(r"(?:[ \t\n]|#[^\n]*)*")
    _STRING = late(
        r"""
        \"{3} (?: [^\\] | \\. )*? \"{3,5}   # many lines, with escapes; two quotes may stand before the end
        | '{3} .*? '{3,5}
        | " (?: [^"\\\n] | \\. )* "
        | ' [^'\n]* '
        """,
        re.DOTALL | re.VERBOSE,
    )
    _BARE = late(r"[^,\]}#\n]*")

    def __init__(self, text: str) -> None:
        self.lines: dict[KeyPath, int] = {}
        self._text = text
        self._at = 0
        self._line = 1
        self._counted = 0
        self._arrays: dict[KeyPath, int] = {}  # arrays of tables: how many elements so far
        self._document()

    def _document(self) -> None:
        table: KeyPath = ()
        self._skip(self._BLANK)
        while self._at < len(self._text):
            if self._text.startswith("[", self._at):
                table = self._header()
            else:
                self._assignment(table)
            self._skip(self._BLANK)

    def _header(self) -> KeyPath:
        line = self._here()
        brackets = 2 if self._text.startswith("[[", self._at) else 1
        self._at += brackets
        path = self._inside(self._key())
        self._at += brackets
        if brackets == 2:
            self._arrays[path] = self._arrays.get(path, -1) + 1
            path = (*path, self._arrays[path])
        self.lines[path] = line  # a table's own header rather than that of a table inside it, which may come first
        return path

    def _inside(self, keys: KeyPath) -> KeyPath:
        """Where a header's name leads: through the newest element of each array of tables on the way."""
        path: KeyPath = ()
        for number, key in enumerate(keys, 1):
            path = (*path, key)
            self.lines.setdefault(path, self._line)
            if path in self._arrays and number < len(keys):
                path = (*path, self._arrays[path])
        return path

    def _assignment(self, table: KeyPath) -> None:
        line = self._here()
        path = table
        for key in self._key():
            path = (*path, key)
            self.lines.setdefault(path, line)
        self._at += 1  # =
        self._value(path)

    def _key(self) -> KeyPath:
        parts: list[str] = []
        while match := self._KEY_PART.match(self._text, self._at):
            self._at = match.end()
            parts.append(_unquoted(match[1]))
            if not self._text.startswith(".", self._at):
                break
            self._at += 1
        return tuple(parts)

    def _value(self, path: KeyPath) -> None:
        self._skip(self._BLANK)
        start = self._text[self._at]
        if start == "[":
            self._array(path)
        elif start == "{":
            self._inline_table(path)
        elif start in "\"'":
            self._skip(self._STRING)
        else:
            self._skip(self._BARE)

    def _array(self, path: KeyPath) -> None:
        self._at += 1
        number = 0
        while True:
            self._skip(self._BLANK)
            if self._text[self._at] == "]":
                break
            self.lines[(*path, number)] = self._here()
            self._value((*path, number))
            number += 1
            self._skip(self._BLANK)
            self._at += self._text[self._at] == ","
        self._at += 1

    def _inline_table(self, path: KeyPath) -> None:
        self._at += 1
        while True:
            self._skip(self._BLANK)
            if self._text[self._at] == "}":
                break
            self._assignment(path)
            self._skip(self._BLANK)
            self._at += self._text[self._at] == ","
        self._at += 1

    def _skip(self, pattern: re.Pattern[str]) -> None:
        if match := pattern.match(self._text, self._at):
            self._at = match.end()

    def _here(self) -> int:
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line


def _unquoted(key: str) -> str:
    if key[0] == "'":
        return key[1:-1]
    if key[0] == '"':
        import tomllib

        (plain,) = tomllib.loads(f"{key} = 0")
        return plain
    return key
