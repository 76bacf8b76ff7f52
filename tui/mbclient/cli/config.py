"""config show, path, validate."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from mbclient.bootstrap import needs_address
from mbclient.cli.run import Run
from mbclient.core.accounts import NOTEBOOK
from mbclient.core.keytable import DEFAULT_KEYS, problems
from mbclient.domain.errors import SettingsError, UsageError
from mbclient.settings.accounts import load_accounts
from mbclient.settings.company import load_policy
from mbclient.settings.config import BUILT_IN_VIEWS, Config, load_config
from mbclient.settings.config import validate as check_file
from mbclient.settings.paths import Paths, find_paths
from mbclient.settings.show import DEFAULT, config_show
from mbclient.settings.themes import load_theme, theme_files
from mbclient.settings.toml import Document, KeyPath, nearest
from mbclient.texts import _


def show(run: Run) -> int:
    """Every setting in force and the file that set it; never a secret."""
    for setting in config_show(run.setup.config):
        if run.out.json:
            run.out.object(
                {
                    "schema": 1,
                    "key": setting.key,
                    "value": setting.value,
                    "source": setting.source,
                    "locked": setting.locked,
                }
            )
        else:
            source = "" if setting.source == DEFAULT else f"  # {setting.source}"
            run.out.line(f"{setting.key} = {_value(setting.value)}{source}")
    return 0


def _value(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def path(run: Run) -> int:
    """Where every file lies, whether it is there or not."""
    paths = run.setup.paths
    places: dict[str, object] = {
        "config": paths.config_file,
        "accounts": paths.accounts_file,
        "choices": paths.choices_file,
        "company_policy": paths.company_policy_files,
        "machine": paths.machine_file,
        "data": paths.data_dir,
        "log": paths.log_file,
        "themes": paths.own_themes,
    }
    if run.out.json:
        run.out.object({"schema": 1, **{name: _path(value) for name, value in places.items()}})
        return 0
    rows: list[tuple[str, str]] = []
    for name, value in places.items():
        found = _path(value)
        rows += [(name, one) for one in found] if isinstance(found, list) else [(name, found)]
    left = max(len(name) for name, _place in rows) + 2
    for name, place in rows:
        run.out.line(f"{name:<{left}}{place}")
    return 0


def _path(value: object) -> str | list[str]:
    return [str(path) for path in value] if isinstance(value, tuple) else str(value)


def validate(run: Run) -> int:
    """A file of its own, or all that is in force: settings, keys, theme. Raises `SettingsError`."""
    named = run.given.word("FILE")
    if named:
        file = Path(named).expanduser().absolute()
        warnings = _check_file(run, file)
    else:
        file = run.setup.paths.config_file
        warnings = check_settings(run.setup.config, run.setup.paths)
    if run.out.json:
        run.out.object({"schema": 1, "file": str(file), "ok": True})
    else:
        for warning in warnings:
            run.out.text(f"! {warning}", style="yellow")
        words = _("{file} is in order") if file.exists() else _("there is no {file}: the defaults hold")
        run.out.text(words.format(file=file))
    return 0


def _check_file(run: Run, file: Path) -> tuple[str, ...]:
    """A file as if it were in force: with the user's own themes and the accounts that have logged in."""
    check_file(file)
    given = run.given
    own = find_paths(given.text("--config") or None, given.text("--data-dir") or None)
    paths = find_paths(file, given.text("--data-dir") or None)
    accounts = load_accounts(own, Document("", {})).accounts
    views = [view.name for view in load_config(own, lenient=True).preferences.views]  # the program keeps some itself
    return check_settings(load_config(paths), own, [account.name for account in accounts], views)


def _check_names(config: Config, path: KeyPath, names: Sequence[str], known: Sequence[str]) -> None:
    """Raises `SettingsError` for a name that is no account."""
    for number, name in enumerate(names):
        if name not in known:
            meant = nearest(name, known)
            advice = _("did you mean {key!r}?").format(key=meant) if meant else _("add it with `mbclient account add`")
            raise config.error((*path, number), _("there is no account {name!r}").format(name=name), advice)


def _check_views(config: Config, others: Sequence[str]) -> None:
    """Raises `SettingsError` for a view that is hidden from and does not exist."""
    preferences = config.preferences
    known = [*BUILT_IN_VIEWS, *(view.name for view in preferences.views), *others]
    folded = {name.casefold() for name in known}
    for key, names in (("boosts", preferences.hide.boosts), ("replies", preferences.hide.replies)):
        for number, name in enumerate(names):
            if name.casefold() not in folded:
                meant = nearest(name, known)
                listed = _("views: {known}").format(known=", ".join(dict.fromkeys(known)))
                advice = _("did you mean {key!r}?").format(key=meant) if meant else listed
                raise config.error(("hide", key, number), _("there is no view {name!r}").format(name=name), advice)


def _check_addresses(config: Config, known: Sequence[str]) -> None:
    """Raises `SettingsError` for an account without the address that its service needs. `known`: login has theirs."""
    for number, account in enumerate(config.accounts):
        if account.url or account.name in known:
            continue
        with suppress(UsageError):  # a service that cannot be loaded: told when it is used, and by `doctor`
            if needs_address(account.service):
                problem = _("the account {name} needs the address of its server").format(name=account.name)
                raise config.error(("accounts", number), problem, _('write url = "https://…"'))


def check_settings(
    config: Config, paths: Paths, others: Sequence[str] = (), views: Sequence[str] = ()
) -> tuple[str, ...]:
    """What only other rooms can judge of the settings: names of keys, the theme, accounts and views.

    `others`, `views`: accounts and views that are known besides.

    Gives what is no error but reads oddly. Raises `SettingsError`.
    """
    preferences = config.preferences
    for found in problems(preferences.keys, DEFAULT_KEYS):  # across both files; each alone was in order when read
        raise config.error(("keys", found.action), found.problem, found.advice)
    themes = theme_files(paths)
    if preferences.theme not in themes:
        meant = nearest(preferences.theme, themes)
        advice = _("did you mean {key!r}?").format(key=meant) if meant else _("see `mbclient themes`")
        raise config.error(("theme",), _("there is no theme {name!r}").format(name=preferences.theme), advice)
    load_theme(themes[preferences.theme])
    _check_addresses(config, others)
    known = [*(account.name for account in config.accounts), *others] or [NOTEBOOK.name]
    _check_names(config, ("default_accounts",), preferences.default_accounts, known)
    for number, view in enumerate(preferences.views):
        _check_names(config, ("views", number, "accounts"), view.accounts, known)
    _check_views(config, views)
    policy = load_policy(paths, config.policy)
    for fault in policy.faults:
        raise SettingsError(fault)
    return policy.warnings
