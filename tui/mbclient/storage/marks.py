"""Which views an entry belongs to, and which terms matched there: `entry.marks` and its index `entry_view`."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from functools import lru_cache

from mbclient.storage.codec import BROKEN, CodecError, dump, repaired
from mbclient.texts import _

HOME, WORK = "home", "work"

Marks = dict[str, tuple[str, ...]]


def decode(marked: str) -> Marks:
    """Raises `CodecError`."""
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
    return dump({view: [repaired(term) for term in terms] for view, terms in marks.items()})


def accounts_of(db: sqlite3.Connection, key: int) -> list[str]:
    return [account for (account,) in db.execute("SELECT DISTINCT account FROM sight WHERE key = ?", (key,))]


def index(db: sqlite3.Connection, key: int, views: Iterable[str], accounts: Iterable[str]) -> None:
    """Adds what lacks, for any account ('') and for each of `accounts`."""
    rows = [(view, account, key) for account in ("", *accounts) for view in views]
    db.executemany("INSERT OR IGNORE INTO entry_view VALUES (?, ?, ?)", rows)


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
