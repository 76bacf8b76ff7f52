"""`config show` and the settings screen: every setting in force, where it comes from, and whether it is fixed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from mbclient.domain.latepattern import late
from mbclient.domain.lazydataclass import dataclass
from mbclient.settings.checks import Spec
from mbclient.settings.choices import BESIDE
from mbclient.settings.config import CHOICES, Config, holds

DEFAULT = "default"
CHOICES_FILE = "choices.toml"
_PASSWORD = late(r"(?<=//)[^/@]*@")


@dataclass(frozen=True, slots=True)
class Setting:
    """One key. `source`: "default" or the file's name; `locked`: a file that the program does not write sets it."""

    key: str
    value: Any
    source: str = DEFAULT
    locked: bool = False


def config_show(config: Config) -> list[Setting]:
    """All but accounts, which have a command of their own; of the policy what the user set. Never a password."""
    settings = [_setting(config, key) for key in _keys(CHOICES) if key not in ("schema", "policy")]
    return [*settings, *_policy(config, config.policy, ("policy",))]


def _policy(config: Config, table: Mapping[str, Any], above: tuple[str, ...]) -> Iterator[Setting]:
    """Whether the company overrules a key is told by `policy show`."""
    for key, value in table.items():
        path = (*above, key)
        if isinstance(value, Mapping):
            yield from _policy(config, value, path)
        else:
            own = holds(config.document.values, path)
            yield Setting(".".join(path), _listed(value), config.own_file if own else CHOICES_FILE, own)


def _keys(spec: Spec, prefix: str = "") -> Iterator[str]:
    for key, rule in spec.items():
        if isinstance(rule, Mapping):
            yield from _keys(rule, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}"


def _setting(config: Config, key: str) -> Setting:
    source = config.origins.get(key, DEFAULT)
    locked = source == config.own_file and key not in BESIDE
    return Setting(key, _value(config, key), source, locked)


def _value(config: Config, key: str) -> Any:
    preferences = config.preferences
    if key == "report.database":
        return _PASSWORD.sub("***@", config.report_database)
    if key == "network.ca_file":
        return config.ca_file
    if key.startswith("compose."):
        return getattr(preferences, key.removeprefix("compose."))
    if key in ("views", "snippets"):
        return [_listed(asdict(each)) for each in getattr(preferences, key)]
    if key == "mutes":
        return [_listed(asdict(mute)) for mute in preferences.mutes]
    owner: object = preferences
    for part in key.split("."):
        owner = getattr(owner, part)
    return _listed(owner)


def _listed(value: Any) -> Any:
    """As JSON has it: lists and plain tables."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    if isinstance(value, Mapping):
        return {key: _listed(element) for key, element in value.items()}
    return [_listed(element) for element in value] if isinstance(value, tuple | list) else value
