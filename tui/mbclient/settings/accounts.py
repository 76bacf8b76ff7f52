"""Accounts: those of config.toml, the user's, over those of accounts.toml, written by logging in.

An account of config.toml may have an entry in accounts.toml too: what login learnt (handle, remote id) and what the
user confirmed of its profile (policy facts 3.4). It counts while service and address are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace

from mbclient.core.preferences import Confirmation
from mbclient.domain.account import Account, Known
from mbclient.domain.errors import SettingsError, UsageError
from mbclient.domain.lazydataclass import dataclass
from mbclient.settings import checks
from mbclient.settings.checks import Spec, Values, read_table, read_tables
from mbclient.settings.files import locked, tighten_file
from mbclient.settings.lastgood import Loaded, keep, load_or_last_good, signature
from mbclient.settings.paths import Paths
from mbclient.settings.toml import Document, KeyPath
from mbclient.settings.written import dump, write_program_file
from mbclient.texts import _

OWN: Spec = {
    "name": checks.account_name,
    "service": checks.service,
    "url": checks.url,
    "handle": checks.text,
    "pseudonymous": checks.flag,
    "token_command": checks.command,
    "monthly_cap_usd": checks.number(0, 100_000),
    "plan": checks.one_of("self-serve", "full"),
    "syndicate_to": checks.list_of(checks.filled, 50),
    "blog": checks.text,
}
LEARNT: Spec = {
    "remote_id": checks.text,
    "employer_visible": checks.known,
    "real_name_visible": checks.known,
    "confirmed_on": checks.day,
}
_WRITTEN: Spec = {**OWN, **LEARNT}
_FILE: Spec = {"schema": checks.schema, "accounts": lambda value: value}
_FACTS = ("employer_visible", "real_name_visible", "confirmed_on")


@dataclass(frozen=True, slots=True)
class AccountList:
    """All accounts in order, config.toml's first. `fixed`: the names that config.toml holds."""

    accounts: tuple[Account, ...] = ()
    confirmations: Mapping[str, Confirmation] = field(default_factory=dict)
    fixed: frozenset[str] = frozenset()
    notices: tuple[str, ...] = ()


_UNREAD = (None, AccountList())  # of no state of the file


def check_accounts(document: Document, spec: Spec = OWN) -> list[Values]:
    """The [[accounts]] of a file, each with a name of its own and a service. Raises SettingsError."""
    tables = read_tables(document, "accounts", spec)
    seen: set[str] = set()
    for number, table in enumerate(tables):
        here: KeyPath = ("accounts", number)
        for key in ("name", "service"):
            if key not in table:
                raise document.error(
                    here, _("an account needs a {key}").format(key=key), _("write {key} = …").format(key=key)
                )
        # File systems and keyrings need not tell a from A, so two such names are one.
        if table["name"].casefold() in seen:
            raise document.error(
                (*here, "name"),
                _("there are two accounts {name}").format(name=checks.shown(table["name"])),
                _("give each its own name"),
            )
        seen.add(table["name"].casefold())
    return tables


def load_accounts(paths: Paths, config: Document) -> AccountList:
    """`config`: the document of config.toml in force, already checked."""
    written = _load_written(paths)
    notices = [written.notice] if written.notice else []
    if written.exists:
        notices += tighten_file(paths.accounts_file)
    learnt = {table["name"]: table for table in written.value}
    own = check_accounts(config)
    tables = [_joined(table, learnt.get(table["name"])) for table in own]
    fixed = frozenset(table["name"] for table in own)
    tables += [table for name, table in learnt.items() if name not in fixed]
    return AccountList(
        accounts=tuple(_account(table) for table in tables),
        confirmations={table["name"]: _confirmation(table) for table in tables},
        fixed=fixed,
        notices=tuple(notices),
    )


def _load_written(paths: Paths) -> Loaded[list[Values]]:
    def read(document: Document) -> list[Values]:
        read_table(document, _FILE)
        return check_accounts(document, _WRITTEN)

    return load_or_last_good(paths.accounts_file, paths.last_good, read)


def _joined(own: Values, learnt: Values | None) -> Values:
    """An account of config.toml with what login learnt of it, if that is still the same profile."""
    if learnt is None or not _same_profile(own, learnt):
        return own
    return {key: learnt[key] for key in ("url", "handle", *LEARNT) if key in learnt} | own


def _same_profile(one: Values, other: Values) -> bool:
    """Nothing that both say differs: of another profile, nothing learnt or confirmed holds."""

    def said(table: Values, key: str) -> str:
        return str(table.get(key, "")).rstrip("/").casefold()

    return one["service"] == other["service"] and all(
        not said(one, key) or not said(other, key) or said(one, key) == said(other, key)
        for key in ("url", "handle", "remote_id")
    )


def _account(table: Values) -> Account:
    confirmed = _confirmation(table)
    plain = {key: value for key, value in table.items() if key not in _FACTS}
    return Account(**plain, employer_visible=confirmed.employer, real_name_visible=confirmed.real_name)


def _confirmation(table: Values) -> Confirmation:
    return Confirmation(
        table.get("employer_visible", Known.UNKNOWN),
        table.get("real_name_visible", Known.UNKNOWN),
        table.get("confirmed_on"),
    )


class FileAccountBook:
    """Fills the core's `AccountBook`. Reads again when a file has changed under it, by another process or by hand."""

    def __init__(self, paths: Paths, config: Document) -> None:
        """`config`: config.toml as it is in force."""
        self._paths = paths
        self._config = config
        self._known: tuple[object, AccountList] = _UNREAD  # in one: threads read it too

    def accounts(self) -> Sequence[Account]:
        return self._current().accounts

    def confirmation(self, name: str) -> Confirmation:
        return self._current().confirmations.get(name, Confirmation())

    def save(self, account: Account) -> None:
        """Add or replace. What was confirmed stays while it is the same profile. Raises SettingsError."""

        def change(tables: list[Values]) -> list[Values]:
            old = next((table for table in tables if table["name"] == account.name), None)
            entry = _table(account)
            if old is None:
                return [*tables, entry]
            if _same_profile(old, entry):
                entry |= {key: old[key] for key in _FACTS if key in old}
            return [entry if table is old else table for table in tables]

        own = next((known for known in check_accounts(self._config) if known["name"] == account.name), None)
        if own is not None and own["service"] != account.service:
            raise self._fixed(account.name)
        self._rewrite(change)

    def remove(self, name: str) -> None:
        """Raises SettingsError when config.toml, which is the user's, holds the account; UsageError for none."""
        current = self._current()
        if name in current.fixed:
            raise self._fixed(name)
        self._require(name, current)
        self._rewrite(lambda tables: [table for table in tables if table["name"] != name])

    def confirm(self, name: str, confirmation: Confirmation) -> None:
        """Note what the user said of the account's profile. Raises UsageError for an unknown account."""
        current = self._current()
        account = self._require(name, current)

        def change(tables: list[Values]) -> list[Values]:
            entry = _table(account)
            old = next((table for table in tables if table["name"] == name), entry)
            if _same_profile(entry, old):
                entry = {key: value for key, value in old.items() if key not in _FACTS}
            entry |= {"employer_visible": confirmation.employer, "real_name_visible": confirmation.real_name}
            if confirmation.on is not None:
                entry["confirmed_on"] = confirmation.on
            if old not in tables:
                return [*tables, entry]
            return [entry if table is old else table for table in tables]

        self._rewrite(change)

    def _current(self) -> AccountList:
        seen, known = signature(self._paths.accounts_file), self._known
        if known[0] != seen:
            known = self._known = seen, load_accounts(self._paths, self._config)
        return known[1]

    def _rewrite(self, change: Callable[[list[Values]], list[Values]]) -> None:
        path = self._paths.accounts_file
        with locked(path):
            written = _load_written(self._paths)
            tables = change(written.value)
            document = dump(path, {"schema": 1, "accounts": [_plain(table) for table in tables]})
            check_accounts(document, _WRITTEN)
            write_program_file(path, document, broken=written.error is not None)
            keep(path, self._paths.last_good, document)
        self._known = _UNREAD

    def _require(self, name: str, current: AccountList) -> Account:
        for account in current.accounts:
            if account.name == name:
                return account
        raise UsageError(_("there is no account {name!r}").format(name=name), _("see `mbclient account list`"))

    def _fixed(self, name: str) -> SettingsError:
        names = [table["name"] for table in check_accounts(self._config)]
        return self._config.error(
            ("accounts", names.index(name)),
            _("the account {name!r} stands in config.toml").format(name=name),
            _("change or remove it there"),
        )


def _table(account: Account) -> Values:
    """The account as accounts.toml keeps it: what says something, and no facts (`confirm` writes those)."""
    plain = replace(account, employer_visible=Known.UNKNOWN, real_name_visible=Known.UNKNOWN)
    return {key: value for key in (*OWN, "remote_id") if (value := getattr(plain, key))}


def _plain(table: Values) -> Values:
    out = {}
    for key, value in table.items():
        out[key] = list(value) if isinstance(value, tuple) else str(value) if isinstance(value, Known) else value
    return out
