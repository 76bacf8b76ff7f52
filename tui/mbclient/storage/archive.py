"""The archive: every post received, merged over accounts and services, in one order of time (speed facts 4)."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from mbclient.core.ports import Feed
from mbclient.core.stores import Arrival, Entry, FeedState, Stored, ViewQuery, hidden_mark
from mbclient.domain.post import Notification, Post
from mbclient.storage import boosts, marks, pruning, shelf
from mbclient.storage.codec import (
    CodecError,
    decode_notification,
    decode_post,
    encode_notification,
    instant,
    microseconds,
    repaired,
)
from mbclient.storage.database import Database
from mbclient.storage.fulltext import match_expression

HOUR = 3_600_000 * shelf.TIEBREAKS  # of keys
NEWEST = (1 << 63) - 1
OLDEST = -(1 << 63)
_CHUNK = 500  # values in one statement

_log = logging.getLogger(__name__)


class ArchiveStore:
    """Fills the `Archive` port. Reading has its own connection: no page waits for a refresh that is being stored."""

    def __init__(self, writer: Database, reader: Database) -> None:
        self._writer = writer
        self._reader = reader

    # ------------------------------------------------------------ writing

    def store(self, arrivals: Sequence[Arrival]) -> Stored:
        new: dict[int, Entry] = {}
        known = 0
        with self._writer.writing() as db:
            for arrival in arrivals:
                outcome = shelf.take(db, arrival)
                if outcome.is_new:
                    post = replace(arrival.post, also=()) if arrival.post.also else arrival.post
                    new[outcome.key] = Entry(outcome.key, post, arrival.views | {marks.HOME})
                elif outcome.key in new:  # brought twice at once
                    new.update((entry.key, entry) for entry in _load(db, [outcome.key], marks.HOME, ()))
                known += outcome.was_known
        return Stored(tuple(new[key] for key in sorted(new, reverse=True)), known)

    def update(self, post: Post) -> None:
        with self._writer.writing() as db:
            shelf.update(db, post)

    def remove(self, id: str) -> None:
        """The post goes for every account that saw it: it was deleted, or is gone."""
        with self._writer.writing() as db:
            for key in shelf.keys_of(db, *_split(id)):
                for (other,) in db.execute(
                    "SELECT key FROM entry WHERE uri = (SELECT uri FROM entry WHERE key = ?)", (key,)
                ).fetchall():
                    shelf.drop(db, other)

    def take_back_boost(self, account: str, boost_id: str) -> Post | None:
        with self._writer.writing() as db:
            return boosts.take_back(db, account, boost_id)

    def forget_account(self, account: str) -> None:
        with self._writer.writing() as db:
            shelf.forget_account(db, repaired(account))
            for table in ("feed_state", "notification", "gap"):
                db.execute(f"DELETE FROM {table} WHERE account = ?", (repaired(account),))

    def replace_views(self, view: str, keys: Mapping[int, tuple[str, ...] | None]) -> None:
        with self._writer.writing() as db:
            for key, terms in keys.items():
                marks.replace(db, key, repaired(view), terms)

    def prune(self, *, keep: int, before: datetime) -> int:
        return pruning.prune(self._writer, self._reader, keep=keep, before=before)

    # ------------------------------------------------------------ reading

    def page(
        self, query: ViewQuery, *, before: int | None = None, after: int | None = None, limit: int = 40
    ) -> Sequence[Entry]:
        upwards = after is not None
        bounds = (OLDEST if after is None else after, NEWEST if before is None else before)
        accounts = tuple(map(repaired, query.accounts))
        hidden = () if query.peek else (repaired(hidden_mark(query.view)),)
        statement = page_statement(upwards=upwards, peek=query.peek)
        with self._reader.reading() as db:
            keys: set[int] = set()
            for account in accounts or ("",):
                found = db.execute(statement, (repaired(query.view), account, *bounds, *hidden, limit))
                keys.update(key for (key,) in found)
            nearest = sorted(keys, reverse=not upwards)[:limit]
            return _load(db, sorted(nearest, reverse=True), query.view, accounts)

    def count(self, query: ViewQuery, *, after: int | None = None) -> int:
        accounts = tuple(map(repaired, query.accounts)) or ("",)
        each = "DISTINCT key" if len(accounts) > 1 else "*"  # an account has an entry once
        numbers = []
        with self._reader.reading() as db:
            for view in (query.view,) if query.peek else (query.view, hidden_mark(query.view)):
                row = db.execute(
                    f"SELECT count({each}) FROM entry_view"
                    f" WHERE view = ? AND account IN ({_marks(accounts)}) AND key > ?",
                    (repaired(view), *accounts, OLDEST if after is None else after),
                ).fetchone()
                numbers.append(int(row[0]))
        return numbers[0] - sum(numbers[1:])  # what is hidden in a view belongs to it

    def post(self, id: str) -> Post | None:
        account, remote_id = _split(id)
        with self._reader.reading() as db:
            keys = shelf.keys_of(db, account, remote_id)
            entries = _load(db, keys, marks.HOME, (account,))
        plain = [entry.post for entry in entries if entry.post.boosted_by is None]
        found = plain or [entry.post for entry in entries]
        return found[0] if found else None

    def search(
        self, query: str, *, accounts: Sequence[str] = (), limit: int = 40, before: int | None = None
    ) -> Sequence[Entry]:
        expression = match_expression(query)
        if not expression:
            return ()
        chosen = tuple(map(repaired, accounts))
        seen_by = (
            f" AND EXISTS (SELECT 1 FROM sight WHERE key = entry_text.rowid AND account IN ({_marks(chosen)}))"
            if chosen
            else ""
        )
        with self._reader.reading() as db:
            rows = db.execute(
                f"SELECT rowid FROM entry_text WHERE entry_text MATCH ? AND rowid < ?{seen_by}"
                " ORDER BY rowid DESC LIMIT ?",
                (expression, NEWEST if before is None else before, *chosen, limit),
            ).fetchall()
            return _load(db, [key for (key,) in rows], "home", chosen)

    # ------------------------------------------------------------ feeds, places, notifications

    def feed_state(self, account: str, feed: Feed) -> FeedState:
        with self._reader.reading() as db:
            row = db.execute(
                "SELECT newest, oldest, as_of FROM feed_state WHERE account = ? AND kind = ? AND name = ?",
                (repaired(account), repaired(feed.kind), repaired(feed.name)),
            ).fetchone()
        if row is None:
            return FeedState()
        return FeedState(row[0], row[1], None if row[2] is None else instant(row[2]))

    def set_feed_state(self, account: str, feed: Feed, state: FeedState) -> None:
        cursors = (cursor if cursor is None else repaired(cursor) for cursor in (state.newest, state.oldest))
        as_of = None if state.as_of is None else microseconds(state.as_of)
        name = (repaired(account), repaired(feed.kind), repaired(feed.name))
        with self._writer.writing() as db:
            db.execute("INSERT OR REPLACE INTO feed_state VALUES (?, ?, ?, ?, ?, ?)", (*name, *cursors, as_of))

    def place(self, view: str) -> int | None:
        with self._reader.reading() as db:
            row = db.execute("SELECT key FROM place WHERE view = ?", (repaired(view),)).fetchone()
        return None if row is None else int(row[0])

    def seen(self, view: str) -> int | None:
        with self._reader.reading() as db:
            row = db.execute("SELECT seen FROM place WHERE view = ?", (repaired(view),)).fetchone()
        return None if row is None or row[0] is None else int(row[0])

    def set_place(self, view: str, key: int, seen: int | None = None) -> None:
        with self._writer.writing() as db:
            db.execute(
                "INSERT INTO place (view, key, seen) VALUES (?, ?, ?)"
                " ON CONFLICT (view) DO UPDATE SET key = excluded.key, seen = ifnull(excluded.seen, seen)",
                (repaired(view), key, seen),
            )

    def store_notifications(self, notifications: Sequence[Notification]) -> int:
        with self._writer.writing() as db:
            before = _number_of_notifications(db)
            db.executemany(
                "INSERT INTO notification (account, remote_id, at, body) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (account, remote_id) DO UPDATE SET at = excluded.at, body = excluded.body",
                [
                    (repaired(one.account), repaired(one.remote_id), microseconds(one.at), encode_notification(one))
                    for one in notifications
                ],
            )
            return _number_of_notifications(db) - before

    def notifications(self, *, limit: int = 40) -> Sequence[Notification]:
        with self._reader.reading() as db:
            rows = db.execute(
                "SELECT account, remote_id, at, body FROM notification ORDER BY at DESC, id DESC LIMIT ?", (limit,)
            ).fetchall()
        found = []
        for row in rows:
            try:
                found.append(decode_notification(*row))
            except CodecError:
                _log.warning("a stored notification could not be read and is left out")
        return found


def page_statement(*, upwards: bool, peek: bool = True) -> str:
    """The page directly above or below a key: walks the index, sorts nothing; without `peek` past what is hidden."""
    way = "ASC" if upwards else "DESC"
    unhidden = (
        ""
        if peek
        else " AND NOT EXISTS (SELECT 1 FROM entry_view AS mark"
        " WHERE mark.view = ? AND mark.account = '' AND mark.key = entry_view.key)"
    )
    return (
        "SELECT key FROM entry_view"
        f" WHERE view = ? AND account = ? AND key > ? AND key < ?{unhidden} ORDER BY key {way} LIMIT ?"
    )


def _load(db: sqlite3.Connection, keys: Sequence[int], view: str, accounts: Sequence[str]) -> list[Entry]:
    """The entries in the order of `keys`; with `accounts`, as one of these sees them."""
    rows: dict[int, tuple[str, str, str]] = {}
    for start in range(0, len(keys), _CHUNK):
        chunk = keys[start : start + _CHUNK]
        found = db.execute(f"SELECT key, ids, marks, body FROM entry WHERE key IN ({_marks(chunk)})", chunk)
        rows.update((key, (ids, marked, body)) for key, ids, marked, body in found)
    entries = []
    for key in keys:
        if key not in rows:
            continue
        ids, marked, body = rows[key]
        try:
            entries.append(_entry(db, key, ids, marked, body, view, accounts))
        except CodecError:
            _log.warning("a stored post could not be read and is left out")
    return entries


def _entry(
    db: sqlite3.Connection, key: int, ids: str, marked: str, body: str, view: str, accounts: Sequence[str]
) -> Entry:
    views, terms = marks.read(marked)
    names = shelf.decode_ids(ids)
    shown = names[0]
    if len(names) > 1 and accounts and _split(shown)[0] not in accounts:
        own = db.execute(
            "SELECT body, account || ':' || remote_id FROM sight"
            f" WHERE key = ? AND account IN ({_marks(accounts)}) AND body IS NOT NULL",
            (key, *accounts),
        ).fetchone()
        body, shown = own or (body, shown)
    also = tuple(name for name in names if name != shown) if len(names) > 1 else ()
    post = decode_post(body, terms=terms.get(view) or terms.get(marks.HOME, ()), also=also)
    return Entry(key, post, views)


def _number_of_notifications(db: sqlite3.Connection) -> int:
    return int(db.execute("SELECT count(*) FROM notification").fetchone()[0])


def _split(id: str) -> tuple[str, str]:
    account, _colon, remote_id = repaired(id).partition(":")
    return account, remote_id


def _marks(values: Iterable[object]) -> str:
    return ", ".join("?" for _value in values)
