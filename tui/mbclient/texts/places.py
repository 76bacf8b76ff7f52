"""Where in a file something is wrong, in the language in use: short, for every start reads a file of settings."""

from __future__ import annotations

from mbclient.domain.errors import SettingsError
from mbclient.texts import _


def settings_error(problem: str, advice: str, *, file: str, line: int | None = None, key: str = "") -> SettingsError:
    """The error at a place of a file. `line` from 1, None where it isn't known."""
    place = _("{file}, line {line}").format(file=file, line=line) if file and line else file
    return SettingsError(problem, advice, file=file, line=line, key=key, place=place)
