"""config.toml and choices.toml: the user's settings, checked to the last key (contract, section 2).

config.toml is the user's and wins; choices.toml is what the program wrote for the user. Accounts: accounts.py.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import field, replace
from functools import partial
from pathlib import Path, PurePath
from typing import Any

from mbclient.core.preferences import (
    AlertWishes,
    Bounds,
    Confirmation,
    HiddenKinds,
    Measuring,
    Mute,
    Preferences,
    Snippet,
    View,
    WorkFilter,
)
from mbclient.domain.account import Account
from mbclient.domain.errors import SettingsError
from mbclient.domain.lazydataclass import dataclass
from mbclient.settings import checks
from mbclient.settings.accounts import AccountList, check_accounts, load_accounts
from mbclient.settings.checks import Spec, Values, read_table, read_tables
from mbclient.settings.lastgood import Loaded, load_or_last_good
from mbclient.settings.paths import Paths
from mbclient.settings.toml import Document, KeyPath, load, nearest
from mbclient.texts import _

_ALIKE = (
    "language",
    "theme",
    "plain",
    "density",
    "pictures",
    "default_accounts",
    "views",
    "snippets",
)  # Preferences calls them so too
BUILT_IN_VIEWS = ("work", "home", "mentions", "mine")
_TERMS = checks.list_of(checks.term)
_NAMES = checks.list_of(checks.account_name, limit=100)


def _elsewhere(value: Any) -> Any:
    """A key that another reader checks as a whole."""
    return value


VIEW: Spec = {
    "name": checks.filled,
    "terms": _TERMS,
    "accounts": _NAMES,
    "hide_boosts": checks.flag,
    "hide_replies": checks.flag,
}
SNIPPET: Spec = {"name": checks.filled, "text": checks.paragraphs}
MUTE: Spec = {
    "term": checks.term,
    "thread": checks.list_of(checks.post_name, limit=100),
    "until": checks.moment,
    "note": checks.text,
}
CHOICES: Spec = {
    "schema": checks.schema,
    "language": checks.one_of("auto", "en", "sv"),
    "theme": checks.filled,
    "plain": checks.flag,
    "density": checks.one_of("compact", "normal", "airy"),
    "pictures": checks.one_of("auto", "on", "always", "off"),
    "default_accounts": _NAMES,
    "work_filter": {
        "terms": _TERMS,
        "exclude": _TERMS,
        "search_services": checks.flag,
        "hide_boosts": checks.flag,
        "hide_replies": checks.flag,
    },
    "views": _elsewhere,
    "snippets": _elsewhere,
    "hide": {"boosts": checks.list_of(checks.filled, limit=100), "replies": checks.list_of(checks.filled, limit=100)},
    "mutes": _elsewhere,
    "archive": {"keep_posts": checks.whole(100, 10_000_000), "keep_days": checks.whole(1, 36_500)},
    "compose": {"undo_seconds": checks.number(0, 600), "post_language": checks.language_tag},
    "alerts": {"desktop": checks.flag, "quiet_outside_work": checks.flag},
    "statistics": {
        "reading_time": checks.flag,
        "budget_minutes": checks.whole(0, 1440),
        "summary": checks.flag,
    },
    "report": {"database": checks.database},
    "network": {"ca_file": checks.certificates},
    "keys": checks.key_table,
    "policy": checks.raw_table,
}
CONFIG: Spec = {**CHOICES, "accounts": _elsewhere}


@dataclass(frozen=True, slots=True)
class Config:
    """Everything set, checked and merged. `policy` is the user's own [policy] table, raw.

    `report_database` may hold a password and is never printed. `ca_file`: certificates trusted besides the system's.
    `origins`: dotted key -> the file that set it, for those not at their default. `notices`: what the user should be
    told. `doubts`: those of them that `config validate` judges itself, with the line.
    """

    preferences: Preferences = field(default_factory=Preferences)
    accounts: tuple[Account, ...] = ()
    confirmations: Mapping[str, Confirmation] = field(default_factory=dict)
    report_database: str = field(default="", repr=False)
    ca_file: str = ""
    policy: Mapping[str, Any] = field(default_factory=dict)
    notices: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    origins: Mapping[str, str] = field(default_factory=dict)
    documents: tuple[Document, ...] = field(default=(), repr=False, compare=False)

    @property
    def document(self) -> Document:
        """config.toml as it is in force."""
        return self.documents[0] if self.documents else Document("config.toml", {})

    @property
    def own_file(self) -> str:
        """What `origins` calls config.toml."""
        return PurePath(self.document.file).name

    def error(self, path: KeyPath, problem: str, advice: str = "") -> SettingsError:
        """The error about a value that only a later reader can judge (a key's name, a theme), at its line."""
        for document in self.documents:
            if holds(document.values, path):
                return document.error(path, problem, advice)
        return SettingsError(problem, advice, key=".".join(map(str, path)))


def load_config(paths: Paths, *, lenient: bool = False) -> Config:
    """The settings of this run. A missing file is an empty one.

    A broken config.toml raises SettingsError, for a command to end with; `lenient` (the UI) goes on with its last
    good copy and a notice. Broken accounts.toml and choices.toml always do: the program wrote them, not the user.
    """
    # A role that the company's file defines can be told from a wrong one only when both are read (company.py).
    company = any(os.path.lexists(path) for path in paths.company_policy_files)
    config = load_or_last_good(paths.config_file, paths.last_good, partial(read_config, any_role=company))
    if config.error is not None and not lenient:
        raise config.error
    choices = load_or_last_good(paths.choices_file, paths.last_good, partial(read_choices, any_role=company))
    accounts = load_accounts(paths, config.document)
    return _merge(paths, config, choices, accounts)


def read_config(document: Document, *, any_role: bool = False) -> Values:
    """A config.toml's checked values by dotted key. Raises SettingsError."""
    values = _read(document, CONFIG, any_role)
    check_accounts(document)
    if values.get("keys"):
        from mbclient.core.keytable import problems  # late: most files rebind nothing

        for found in problems(values["keys"]):
            raise document.error(("keys", found.action), found.problem, found.advice)
    return values


def read_choices(document: Document, *, any_role: bool = False) -> Values:
    """A choices.toml's, likewise."""
    return _read(document, CHOICES, any_role)


def validate(path: Path) -> None:
    """`config validate FILE`: raises SettingsError when the file is missing or not in order."""
    document = load(path)
    if document is None:
        raise SettingsError(_("there is no such file"), _("check the path"), file=str(path))
    read_config(document)


def _read(document: Document, spec: Spec, any_role: bool) -> Values:
    values = read_table(document, spec)
    values.pop("schema", None)
    values.pop("accounts", None)
    if "views" in values:
        values["views"] = _views(document)
    if "snippets" in values:
        values["snippets"] = _snippets(document)
    if "mutes" in values:
        values["mutes"] = _mutes(document)
    if values.get("policy"):
        from mbclient.settings.policytable import check_policy  # late: most files leave the policy to the company

        check_policy(document, values["policy"], above=("policy",), any_role=any_role)
    return values


def _views(document: Document) -> tuple[View, ...]:
    views: dict[str, View] = {}
    for number, table in enumerate(read_tables(document, "views", VIEW)):
        here: KeyPath = ("views", number, "name")
        name = table.get("name", "")
        if not name:
            raise document.error(here[:2], _("a view needs a name"), _('write name = "…"'))
        if name.casefold() in BUILT_IN_VIEWS or name.casefold() in views:
            raise document.error(
                here, _("there is a view {name} already").format(name=checks.shown(name)), _("choose another name")
            )
        views[name.casefold()] = View(**table)
    return tuple(views.values())


def _snippets(document: Document) -> tuple[Snippet, ...]:
    snippets: dict[str, Snippet] = {}
    for number, table in enumerate(read_tables(document, "snippets", SNIPPET)):
        for key in SNIPPET:
            if key not in table:
                problem = _("a snippet needs a name and a text")
                raise document.error(("snippets", number), problem, _('write {key} = "…"').format(key=key))
        snippet = Snippet(**table)
        if snippet.name.casefold() in snippets:
            raise document.error(
                ("snippets", number, "name"),
                _("there is a snippet {name} already").format(name=checks.shown(snippet.name)),
                _("choose another name"),
            )
        snippets[snippet.name.casefold()] = snippet
    return tuple(snippets.values())


def _mutes(document: Document) -> tuple[Mute, ...]:
    mutes = []
    for number, table in enumerate(read_tables(document, "mutes", MUTE)):
        if bool(table.get("term")) == bool(table.get("thread")):
            raise document.error(
                ("mutes", number), _("a mute needs a term or a thread"), _('write term = "…", and no thread')
            )
        mutes.append(Mute(**table))
    return tuple(mutes)


def _merge(paths: Paths, config: Loaded[Values], choices: Loaded[Values], accounts: AccountList) -> Config:
    values: Values = {**choices.value, **config.value}
    origins = dict.fromkeys(choices.value, paths.choices_file.name)
    origins |= dict.fromkeys(config.value, paths.config_file.name)
    for table in ("keys", "policy"):  # these are merged key by key
        values[table] = merged(choices.value.get(table, {}), config.value.get(table, {}))
    work = {key.removeprefix("work_filter."): v for key, v in values.items() if key.startswith("work_filter.")}
    plain: Values = {key: values[key] for key in _ALIKE if key in values}
    plain |= {key.removeprefix("compose."): v for key, v in values.items() if key.startswith("compose.")}
    hide = {key: values[f"hide.{key}"] for key in ("boosts", "replies") if f"hide.{key}" in values}
    bounds = {key: values[f"archive.{key}"] for key in ("keep_posts", "keep_days") if f"archive.{key}" in values}
    alerts = {key.removeprefix("alerts."): v for key, v in values.items() if key.startswith("alerts.")}
    measuring = {key.removeprefix("statistics."): v for key, v in values.items() if key.startswith("statistics.")}
    mutes = (  # these stand beside each other
        *(replace(mute, fixed=True) for mute in config.value.get("mutes", ())),
        *choices.value.get("mutes", ()),
    )
    preferences = Preferences(
        **plain,
        work_filter=WorkFilter(**work),
        hide=HiddenKinds(**hide),
        mutes=mutes,
        archive=Bounds(**bounds),
        statistics=Measuring(**measuring),
        alerts=AlertWishes(**alerts),
        keys=values["keys"],
    )
    notices = [loaded.notice for loaded in (config, choices) if loaded.notice]
    doubts = (*_unknown_accounts(preferences, accounts), *_unknown_views(preferences))
    return Config(
        preferences=preferences,
        accounts=accounts.accounts,
        confirmations=accounts.confirmations,
        report_database=values.get("report.database", ""),
        ca_file=values.get("network.ca_file", ""),
        policy=values["policy"],
        notices=(*notices, *accounts.notices, *doubts),
        doubts=doubts,
        origins=origins,
        documents=(config.document, choices.document),
    )


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Two tables as one, tables inside them too; any other value of `above` replaces that of `below`."""
    out = dict(below)
    for key, value in above.items():
        old = out.get(key)
        out[key] = merged(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return out


def _unknown_accounts(preferences: Preferences, accounts: AccountList) -> list[str]:
    """Names that are no account are no error: the account may be added by the next command."""
    names = {account.name for account in accounts.accounts}
    used = {"default_accounts": preferences.default_accounts}
    used |= {_("view {name}").format(name=view.name): view.accounts for view in preferences.views}
    notices = []
    for where, listed in used.items():
        for name in dict.fromkeys(listed):
            if name not in names:
                meant = nearest(name, names)
                advice = (
                    _("did you mean {key!r}?").format(key=meant) if meant else _("add it with `mbclient account add`")
                )
                notices.append(
                    _("{where}: there is no account {name!r}; {advice}").format(where=where, name=name, advice=advice)
                )
    return notices


def _unknown_views(preferences: Preferences) -> list[str]:
    """A view that is gone is no error either: the program starts without it."""
    names = {*BUILT_IN_VIEWS, *(view.name.casefold() for view in preferences.views)}
    notices = []
    for key, listed in (("hide.boosts", preferences.hide.boosts), ("hide.replies", preferences.hide.replies)):
        for name in dict.fromkeys(listed):
            if name.casefold() not in names:
                known = ", ".join((*BUILT_IN_VIEWS, *(view.name for view in preferences.views)))
                notices.append(
                    _("{key}: there is no view {name}; views: {known}").format(
                        key=key, name=checks.shown(name), known=known
                    )
                )
    return notices


def holds(values: object, path: KeyPath) -> bool:
    """Whether a parsed file sets the key."""
    if not path:
        return True
    if isinstance(values, Mapping):
        return path[0] in values and holds(values[path[0]], path[1:])
    return isinstance(values, list) and path[0] in range(len(values)) and holds(values[int(path[0])], path[1:])
