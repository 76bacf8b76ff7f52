"""What a settings file may hold: one check a key, and the reading of a whole table by its checks.

A check takes the value as TOML gave it and hands back the one to use, or raises `BadValue`. Nothing is guessed:
an unknown key, a wrong type or a bad value is an error with file, line and the nearest known key.

The first sentence of a check's docstring says what may stand there: docs/configuration.md is made from them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from mbclient.domain.account import ACCOUNT_NAME, Known
from mbclient.domain.errors import UsageError
from mbclient.domain.latepattern import late
from mbclient.domain.safetext import SafeText
from mbclient.settings.toml import Document, KeyPath, nearest
from mbclient.texts import _

Check = Callable[[Any], Any]
Spec = Mapping[str, "Check | Spec"]
Values = dict[str, Any]  # dotted key: checked value

_LANGUAGE = late(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_CONTROL = late(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_SECRET_WORDS = ("token", "password", "passwd", "secret", "access_token", "app_password", "api_key", "private_key")
_SHIPPED = (
    *("mastodon", "bluesky", "x", "threads", "misskey", "nostr", "gnusocial", "bloggy", "jaiku", "micropub"),
    *("feed", "local"),
)
_SECURE = {"https", "wss"}
_PLAIN = {"http", "ws"}
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class BadValue(Exception):
    """A value that a check refuses. `where`: the way into the value, for lists."""

    def __init__(self, problem: str, advice: str = "", where: KeyPath = ()) -> None:
        super().__init__(problem)
        self.problem = problem
        self.advice = advice
        self.where = where


def read_table(document: Document, spec: Spec, *, path: KeyPath = (), values: object = None) -> Values:
    """Every key of the table, checked; those left out are left out. Raises SettingsError at the first fault."""
    table = document.values if values is None else values
    if not isinstance(table, Mapping):
        raise document.error(path, *_wrong_type(table, _("a table")))
    checked: Values = {}
    for key, value in table.items():
        here = (*path, key)
        rule = spec.get(key)
        if rule is None:
            raise document.error(here, *_unknown_key(key, spec))
        if isinstance(rule, Mapping):
            checked |= {f"{key}.{name}": v for name, v in read_table(document, rule, path=here, values=value).items()}
            continue
        try:
            checked[key] = rule(value)
        except BadValue as bad:
            raise document.error((*here, *bad.where), f"{key}: {bad.problem}", bad.advice) from None
    return checked


def read_tables(document: Document, key: str, spec: Spec) -> list[Values]:
    """Every element of an array of tables, checked like `read_table`."""
    tables = document.values.get(key, [])
    if not isinstance(tables, list):
        raise document.error((key,), *_wrong_type(tables, f"[[{key}]]"))
    return [read_table(document, spec, path=(key, number), values=table) for number, table in enumerate(tables)]


def _unknown_key(key: str, spec: Spec) -> tuple[str, str]:
    shown = SafeText.line(key, max_characters=60)
    if key.lower() in _SECRET_WORDS:
        return (
            _("{key}: a secret never stands in a settings file").format(key=shown),
            _("delete it here and use `mbclient account add`, or token_command"),
        )
    meant = nearest(key, spec)
    advice = _("did you mean {key!r}?").format(key=meant) if meant else _("known: {keys}").format(keys=", ".join(spec))
    return _("unknown key {key!r}").format(key=str(shown)), advice


def _wrong_type(value: object, wanted: str) -> tuple[str, str]:
    return _("must be {wanted}, not {kind}").format(wanted=wanted, kind=_kind(value)), _("correct it")


def _kind(value: object) -> str:
    kinds: dict[type, str] = {
        bool: _("true or false"),
        str: _("a text"),
        int: _("a number"),
        float: _("a number"),
        list: _("a list"),
        dict: _("a table"),
    }
    return kinds.get(type(value), _("a date or time"))


def _expect(value: object, wanted_type: type, wanted: str) -> None:
    if type(value) is not wanted_type:  # exactly: true is an int to Python, and no number to a person
        raise BadValue(*_wrong_type(value, wanted))


def shown(value: str) -> str:
    """A value as an error may show it: short and clean."""
    return repr(str(SafeText.line(value, max_characters=40)))


def flag(value: Any) -> bool:
    """`true` or `false`."""
    _expect(value, bool, _("true or false"))
    return bool(value)


def _has_control(value: str) -> bool:
    """The quick look first: nearly all that stands in settings is printable."""
    return not value.isprintable() and _CONTROL.search(value) is not None


def text(value: Any) -> str:
    """One line of text, at most 500 characters."""
    _expect(value, str, _("a text"))
    if len(value) > 500 or _has_control(value):
        raise BadValue(_("must be one line of at most 500 characters"), _("shorten it"))
    return str(value)


def language_tag(value: Any) -> str:
    """A language's short name, such as "sv", "en" or "pt-BR"; empty for none."""
    if text(value) and not _LANGUAGE.fullmatch(value):
        raise BadValue(_("must be a language's short name"), _("write it as sv, en or pt-BR"))
    return str(value)


def paragraphs(value: Any) -> str:
    """Text of one or several lines, not empty, at most 5000 characters."""
    _expect(value, str, _("a text"))
    if not value.strip():
        raise BadValue(_("must not be empty"), _("write it, or leave the key out"))
    if len(value) > 5000 or _has_control(value.replace("\n", "")):
        raise BadValue(_("must be text of at most 5000 characters"), _("shorten it"))
    return str(value)


def filled(value: Any) -> str:
    """One line of text, not empty."""
    if not text(value).strip():
        raise BadValue(_("must not be empty"), _("write it, or leave the key out"))
    return str(value)


def number(low: float, high: float) -> Check:
    """A number from `low` to `high`, whole or not."""

    def check(value: Any) -> float:
        if type(value) is not float:
            _expect(value, int, _("a number"))
        if not low <= value <= high:  # refuses nan too
            raise BadValue(
                _("must be from {low} to {high}").format(low=low, high=high), _("choose a number in that range")
            )
        return float(value) if type(value) is float else int(value)

    check.__doc__ = f"A number from {low:,} to {high:,}."
    return check


def whole(low: int, high: int) -> Check:
    """A whole number from `low` to `high`."""
    within = number(low, high)

    def check(value: Any) -> int:
        _expect(value, int, _("a whole number"))
        return int(within(value))

    check.__doc__ = f"A whole number from {low:,} to {high:,}."
    return check


def one_of(*words: str) -> Check:
    """One of these words."""

    def check(value: Any) -> str:
        _expect(value, str, _("a text"))
        if value not in words:
            meant = nearest(value, words)
            raise BadValue(
                _("{value} is not known").format(value=shown(value)),
                _("did you mean {key!r}?").format(key=meant)
                if meant
                else _("choose {words}").format(words=", ".join(words)),
            )
        return str(value)

    check.__doc__ = " or ".join(f'`"{word}"`' for word in words) + "."
    return check


def list_of(item: Check, limit: int = 10_000) -> Check:
    """A list whose every element passes `item`; given as a tuple."""

    def check(value: Any) -> tuple[Any, ...]:
        _expect(value, list, _("a list"))
        if len(value) > limit:
            raise BadValue(_("must have at most {limit} entries").format(limit=limit), _("shorten it"))
        checked = []
        for position, element in enumerate(value):
            try:
                checked.append(item(element))
            except BadValue as bad:
                raise BadValue(bad.problem, bad.advice, (position, *bad.where)) from None
        return tuple(checked)

    each = first_sentence(item)
    check.__doc__ = f"A list; each entry: {each[:1].lower()}{each[1:]}"
    return check


def first_sentence(check: Check) -> str:
    """What may stand there, in words; empty where another reader judges the key."""
    words = " ".join((check.__doc__ or "").split())
    return f"{words.partition('. ')[0].rstrip('.')}." if words else ""


def account_name(value: Any) -> str:
    """An account's name: letters, digits, - and _, at most 40."""
    if not ACCOUNT_NAME.match(text(value)):
        raise BadValue(
            _("{value} is no account name").format(value=shown(value)), _("use letters, digits, - and _, at most 40")
        )
    return str(value)


def service(value: Any) -> str:
    """A service that is shipped or installed as a plug-in."""
    name = text(value)
    return name if name in _SHIPPED else str(one_of(*_SHIPPED, *_plug_ins())(name))


def _plug_ins() -> list[str]:
    from importlib.metadata import entry_points  # late: only an unusual service needs the search

    return [entry.name for entry in entry_points(group="mbclient.services") if entry.name not in _SHIPPED]


def url(value: Any) -> str:
    """An address of a service: encrypted, or on this very machine; without a name or password in it."""
    address = text(value)
    if not address:
        return address
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018 - reading it is what checks it
    except ValueError:
        raise BadValue(_("{value} is no address").format(value=shown(address)), _("write https://HOST")) from None
    if "@" in parts.netloc:
        raise BadValue(_("an address must not hold a name or password"), _("take out what stands before the @"))
    if parts.scheme not in _SECURE | _PLAIN or not parts.hostname or re.search(r"\s", address):
        raise BadValue(_("{value} is no address").format(value=shown(address)), _("write https://HOST"))
    if parts.scheme in _PLAIN and parts.hostname not in _LOOPBACK:
        raise BadValue(_("{value} is not encrypted").format(value=shown(address)), _("write https:// (or wss://)"))
    return address


def database(value: Any) -> str:
    """The address of a PostgreSQL database, as `postgresql://name@host/database`; empty for none."""
    if text(value) and not value.startswith(("postgresql://", "postgres://")):
        raise BadValue(
            _("that is no address of a PostgreSQL database"),
            _("write it as postgresql://name@host/database; a password belongs in ~/.pgpass"),
        )
    return str(value)


def certificates(value: Any) -> str:
    """A file of certificates in PEM form, by its whole path; empty for none."""
    if not text(value):
        return ""
    import ssl  # late: most files name none

    path = Path(value).expanduser()
    try:
        good = path.is_absolute() and path.is_file()
        if good:
            ssl.create_default_context(cafile=path)
    except OSError:  # ssl.SSLError is one
        good = False
    if not good:
        raise BadValue(
            _("must be a file of certificates in PEM form"), _("write its whole path, such as /etc/ssl/company-ca.pem")
        )
    return str(path)


def command(value: Any) -> tuple[str, ...]:
    """An argument list; no shell reads it."""
    if isinstance(value, str):
        raise BadValue(_("must be a list of arguments, not one text"), _('write it as ["pass", "show", "name"]'))
    arguments: tuple[str, ...] = list_of(text, limit=100)(value)
    if arguments and not arguments[0].strip():
        raise BadValue(_("the first argument must name a program"), _('write it as ["pass", "show", "name"]'))
    return arguments


def term(value: Any) -> str:
    """A term: a word, `"a phrase"`, `#tag`, `@handle`, `from:handle`, `domain:host`, `word*` or `lang:sv`."""
    from mbclient.core.workterms import read_terms  # late: files without terms need none of it

    word = filled(value)
    try:
        read_terms((word,), ())
    except UsageError as error:
        raise BadValue(error.problem, error.advice) from None
    return word


def key_table(value: Any) -> dict[str, str]:
    """An action with its keys, such as `compose = "c"`. Whether they exist is known to the table of keys, not here."""
    _expect(value, dict, _("a table"))
    checked = {}
    for action, keys in value.items():
        try:
            checked[str(action)] = filled(keys)
        except BadValue as bad:
            raise BadValue(bad.problem, bad.advice, (action,)) from None
    return checked


def raw_table(value: Any) -> dict[str, Any]:
    """A table that others read: [policy] is checked by the policy's own parser."""
    _expect(value, dict, _("a table"))
    return dict(value)


def known(value: Any) -> Known:
    """`"yes"`, `"no"` or `"unknown"`."""
    return Known(one_of(*Known)(value))


def day(value: Any) -> date:
    """A date."""
    if isinstance(value, datetime) or not isinstance(value, date):
        raise BadValue(*_wrong_type(value, _("a date")))
    return value


def moment(value: Any) -> datetime:
    """A date and time with its zone."""
    if not isinstance(value, datetime):
        raise BadValue(*_wrong_type(value, _("a date and time")))
    if value.tzinfo is None:
        raise BadValue(_("must have a time zone"), _("write it as 2026-12-01T17:00:00+01:00"))
    return value.astimezone(UTC)


def post_name(value: Any) -> str:
    """An address or id of a post: one line."""
    _expect(value, str, _("a text"))
    if not value.strip() or len(value) > 4000 or _has_control(value):
        raise BadValue(_("must be the address or the id of a post"), _("mute the conversation in the program instead"))
    return str(value)


def schema(value: Any) -> int:
    """1."""
    _expect(value, int, _("a number"))
    if value != 1:
        raise BadValue(_("this program knows schema 1 only"), _("update mbclient, or write schema = 1"))
    return 1
