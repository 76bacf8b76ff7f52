"""What the program writes for the user: config.toml once, on a first start, and the choices made in the UI."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from mbclient.domain.errors import SettingsError
from mbclient.settings.checks import Check, Spec
from mbclient.settings.config import CHOICES, holds, merged, read_choices, read_config
from mbclient.settings.files import locked, write_atomically
from mbclient.settings.lastgood import keep, load_or_last_good
from mbclient.settings.paths import Paths
from mbclient.settings.shipped import shipped
from mbclient.settings.written import dump, write_program_file
from mbclient.texts import _

EXAMPLE = "config.example.toml"
_FREE = ("keys", "policy")  # tables whose keys others know
BESIDE = ("mutes",)  # lists that stand beside those of config.toml


def write_first_config(paths: Paths) -> bool:
    """On the first start of the UI: the example with every key commented out. Never over a file that stands."""
    if os.path.lexists(paths.config_file):
        return False
    write_atomically(paths.config_file, commented(shipped(EXAMPLE).read_text("utf-8")).encode())
    return True


def commented(example: str) -> str:
    """The example with its keys commented out; the headers stay, so that uncommenting one key is enough."""
    return "".join(
        line if not line.strip() or line.startswith(("#", "[")) else f"# {line}" for line in example.splitlines(True)
    )


def save_choice(paths: Paths, key: str, value: object) -> None:
    """Keep a choice made in the UI: `save_choice(paths, "compose.undo_seconds", 0)`; None takes it back.

    Raises SettingsError when config.toml fixes the key, when there is no such key, or when the value won't do.
    """
    section, _dot, rest = key.partition(".")
    path = (section, rest) if section == "keys" else tuple(key.split("."))  # an action's name may hold dots
    fixed = load_or_last_good(paths.config_file, paths.last_good, read_config).document
    if key not in BESIDE and holds(fixed.values, path):
        raise fixed.error(path, _("config.toml fixes {key}").format(key=key), _("change it there"))
    _check_key(path)
    with locked(paths.choices_file):
        current = load_or_last_good(paths.choices_file, paths.last_good, read_choices)
        table = _with(current.document.values, path, _plain(value))
        document = dump(paths.choices_file, table)
        read_choices(document)
        write_program_file(paths.choices_file, document, broken=current.error is not None)
        keep(paths.choices_file, paths.last_good, document)


def _check_key(path: tuple[str, ...]) -> None:
    rule: Check | Spec | None = CHOICES
    for part in path:
        rule = rule.get(part) if isinstance(rule, Mapping) else None
    whole = rule is not None and not isinstance(rule, Mapping)
    if not whole and not (path[0] in _FREE and len(path) > 1):
        raise SettingsError(_("there is no setting {key}").format(key=".".join(path)), _("see `mbclient config show`"))


def _with(values: Mapping[str, object], path: tuple[str, ...], value: object) -> dict[str, object]:
    table: dict[str, Any] = {"schema": 1, **merged({}, values)}
    inner = table
    for part in path[:-1]:
        child = inner.get(part)
        inner[part] = dict(child) if isinstance(child, Mapping) else {}
        inner = inner[part]
    if value is None:
        inner.pop(path[-1], None)
    else:
        inner[path[-1]] = value
    return table


def _plain(value: object) -> object:
    """Tuples as the lists that TOML knows, whatever they stand in."""
    if isinstance(value, list | tuple):
        return [_plain(element) for element in value]
    if isinstance(value, Mapping):
        return {str(key): _plain(element) for key, element in value.items()}
    return value
