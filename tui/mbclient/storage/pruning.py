"""Keeping the archive within its bounds, a small portion at a time (reliability facts 4.2).

What somebody may still look for stays, however old: own posts and what the ledger counts, bookmarks, what a draft or a
row of the outbox is about, and where one was reading.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from mbclient.storage import marks, rows, shelf
from mbclient.storage.codec import CodecError
from mbclient.storage.database import Database

PORTION = 100  # entries in one write: some milliseconds in which nothing else can be written
OWN = "EXISTS (SELECT 1 FROM entry_view AS own WHERE own.view = 'mine' AND own.account = '' AND own.key = entry.key)"
_OLDEST = -(1 << 63)
_ABOUT = "('reply_to', 'quote_of', 'edit_of', 'boost_of')"  # posts that a draft names (domain/draft.py)
_NAMED = (
    f"SELECT about.value FROM draft, json_each(draft.body) AS about WHERE about.key IN {_ABOUT}"
    " UNION SELECT about.value FROM outbox, json_each(outbox.body, '$.draft') AS about"
    f" WHERE about.key IN {_ABOUT}"
)
_OLD = f"{shelf.ROWS} WHERE key < ? AND NOT {OWN} AND key NOT IN (SELECT key FROM place) ORDER BY key"
_COUNTED = "SELECT 1 FROM ledger WHERE account = ? AND remote_id = ? AND remote_id <> ''"


def prune(writer: Database, reader: Database, *, keep: int, before: datetime) -> int:
    """One portion of what is older than `before` or beyond the newest `keep` entries; how many went, 0 when done."""
    with reader.reading() as db:  # no write waits for the counting
        limit = max(shelf.first_key(before), _beyond(db, keep))
    with writer.writing() as db:
        gone = list(islice(_gone(db, limit), PORTION))
        for key in gone:
            shelf.drop(db, key)
        db.execute("DELETE FROM gap WHERE key < ?", (limit,))
        if not gone:
            rows.forget_authors(db, limit)
    return len(gone)


def _gone(db: sqlite3.Connection, limit: int) -> Iterator[int]:
    named = {name for (name,) in db.execute(_NAMED)}
    for raw in db.execute(_OLD, (limit,)):
        try:
            row = shelf.as_row(*raw)
        except CodecError:  # nobody can look for it
            yield raw[0]
            continue
        counted = (db.execute(_COUNTED, name.split(":", 1)).fetchone() for name in row.ids)
        if not (row.post.mine.bookmarked or named.intersection(row.ids) or any(counted)):
            yield row.key


def _beyond(db: sqlite3.Connection, keep: int) -> int:
    """The key above which the newest `keep` entries lie, counted in the narrowest of the indexes."""
    row = db.execute(
        "SELECT key FROM entry_view WHERE view = ? AND account = '' ORDER BY key DESC LIMIT 1 OFFSET ?",
        (marks.HOME, keep),
    ).fetchone()
    return row[0] + 1 if row else _OLDEST
