"""Which views an entry belongs to, and which terms matched there: `entry.marks` and its index `entry_view`."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from mbclient.storage.codec import BROKEN, CodecError, dump, repaired
from mbclient.texts import _

HOME, WORK = "home", "work"

_ACCOUNTS = (
    "SELECT account FROM view_count AS one WHERE view = ? AND account <> ''"
    " AND EXISTS (SELECT 1 FROM entry_view WHERE view = one.view AND account = one.account AND key = ?)"
)

Marks = dict[str, tuple[str, ...]]


def decode(marked: str) -> Marks:
    """Raises `CodecError`."""
    if not marked:
        return {HOME: ()}
    try:
        return {view: tuple(terms) for view, terms in json.loads(marked).items()}
    except BROKEN as error:
        raise CodecError(_("post")) from error


@lru_cache(maxsize=1024)
def read(marked: str) -> tuple[frozenset[str], Mapping[str, tuple[str, ...]]]:
    """The views, and the terms of each; the same few marks come again and again. Raises `CodecError`."""
    marks = decode(marked)
    return frozenset(marks), marks


def encode(marks: Mapping[str, Iterable[str]]) -> str:
    """Empty for what is in no view and matched nothing."""
    if marks == {HOME: ()}:
        return ""
    return dump({view: [repaired(term) for term in terms] for view, terms in marks.items()})


def accounts_of(db: sqlite3.Connection, key: int) -> list[str]:
    """Those who have seen it: whose `home` it is in."""
    return [account for (account,) in db.execute(_ACCOUNTS, (HOME, key))]


def index(db: sqlite3.Connection, key: int, views: Iterable[str], accounts: Iterable[str]) -> None:
    """Adds what lacks, for any account ('') and for each of `accounts`."""
    put(db, [(view, account, key) for account in ("", *accounts) for view in views])


def put(db: sqlite3.Connection, rows: Sequence[tuple[str, str, int]]) -> None:
    """Adds what lacks of these: view, account, key."""
    db.executemany("INSERT OR IGNORE INTO entry_view VALUES (?, ?, ?)", sorted(rows))


def unindex(db: sqlite3.Connection, key: int, views: Iterable[str], accounts: Iterable[str]) -> None:
    """Takes out exactly these; '' must be named."""
    rows = [(view, account, key) for account in accounts for view in views]
    db.executemany("DELETE FROM entry_view WHERE view = ? AND account = ? AND key = ?", rows)


def replace(db: sqlite3.Connection, key: int, view: str, terms: tuple[str, ...] | None) -> None:
    """Puts an entry into a view with these terms, or out of it. What `work` matched counts for the whole archive."""
    row = db.execute("SELECT marks FROM entry WHERE key = ?", (key,)).fetchone()
    if row is None:
        return
    marks = decode(row[0])
    accounts = accounts_of(db, key)
    if terms is None:
        if view != HOME and marks.pop(view, None) is not None:
            unindex(db, key, (view,), ("", *accounts))
    else:
        marks[view] = terms
        index(db, key, (view,), accounts)
    if view == WORK:
        marks[HOME] = terms or ()
    changed = (encode(marks), int(bool(marks.get(HOME))), key)
    db.execute("UPDATE entry SET marks = ?, related = ? WHERE key = ?", changed)
