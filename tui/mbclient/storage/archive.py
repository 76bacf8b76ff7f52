"""The archive: every post received, merged over accounts and services, in one order of time (speed facts 4)."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache, partial

from mbclient.core.ports import Feed
from mbclient.core.stores import Arrival, Entry, FeedState, Hits, Stored, ViewQuery, hidden_mark
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.post import Author, Notification, Post
from mbclient.domain.safetext import SafeText
from mbclient.storage import boosts, fulltext, marks, pruning, rows, shelf, ways
from mbclient.storage.codec import CodecError, instant, microseconds, repaired
from mbclient.storage.codec_posts import decode_notification, decode_post, encode_notification, search_text
from mbclient.storage.database import Database
from mbclient.storage.fulltext import Sought
from mbclient.storage.packing import is_whole, read_post, unpack
from mbclient.storage.ways import Way
from mbclient.texts import _

HOUR = 3_600_000 * shelf.TIEBREAKS  # of keys
NEWEST = (1 << 63) - 1
OLDEST = -(1 << 63)
LOOKED_AT = 10_000  # posts in one search for what full text cannot find: half a second's work
_CHUNK = 500  # posts that are looked through before others may read

_log = logging.getLogger(__name__)


class ArchiveStore:
    """Fills the `Archive` port. Reading has its own connection: no page waits for a refresh that is being stored."""

    def __init__(self, writer: Database, reader: Database) -> None:
        self._writer = writer
        self._reader = reader

    # ------------------------------------------------------------ writing

    def store(self, arrivals: Sequence[Arrival]) -> Stored:
        told = _Told()
        with self._writer.writing() as db:
            for arrival, outcome in shelf.take(db, arrivals):
                if outcome.was_at is None:
                    post = replace(arrival.post, also=()) if arrival.post.also else arrival.post
                    told.new[outcome.key] = Entry(outcome.key, post, arrival.views | {marks.HOME})
                else:
                    told.note(outcome, outcome.was_at)
            return told.stored(db)

    def update(self, post: Post) -> None:
        with self._writer.writing() as db:
            shelf.update(db, post)

    def remove(self, id: str) -> None:
        """The post goes for every account that saw it: it was deleted, or is gone."""
        with self._writer.writing() as db:
            for key in shelf.keys_of(db, *_split(id)):
                shelf.drop(db, key)

    def take_back_boost(self, account: str, boost_id: str) -> Stored | None:
        told = _Told()
        with self._writer.writing() as db:
            found = boosts.take_back(db, account, boost_id)
            if found is None:
                return None
            post, outcome = found
            if outcome is None or outcome.was_at is None:
                return Stored(gone=post.id)
            told.note(outcome, outcome.was_at)
            return told.stored(db)

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
        """A page that is short is the last one: what cannot be read is passed over, and the next takes its place."""
        upwards = after is not None
        bounds = [OLDEST if after is None else after, NEWEST if before is None else before]
        accounts = tuple(map(repaired, query.accounts))
        hidden = () if query.peek else (repaired(hidden_mark(query.view)),)
        statement = page_statement(upwards=upwards, peek=query.peek)
        entries: list[Entry] = []
        with self._reader.reading() as db:
            while (wanted := limit - len(entries)) > 0:
                keys: set[int] = set()
                for account in accounts or ("",):
                    asked = (repaired(query.view), account, *bounds, *hidden, wanted)
                    keys.update(rows.found(db, statement, asked))
                nearest = sorted(keys, reverse=not upwards)[:wanted]
                entries += _load(db, nearest, query.view, accounts)
                if len(nearest) < wanted:
                    break
                bounds[not upwards] = nearest[-1]
        return entries[::-1] if upwards else entries

    def count(self, query: ViewQuery, *, after: int | None = None) -> int:
        accounts = tuple(map(repaired, query.accounts)) or ("",)
        with self._reader.reading() as db:
            number = _count(db, query.view, accounts, after)
            # what is hidden in a view belongs to it
            return number if query.peek else number - _count(db, hidden_mark(query.view), accounts, after)

    def post(self, id: str) -> Post | None:
        account, remote_id = _split(id)
        with self._reader.reading() as db:
            keys = shelf.keys_of(db, account, remote_id)
            entries = _load(db, keys, marks.HOME, (account,))
        return entries[0].post if entries else None

    def search(self, query: str, *, accounts: Sequence[str] = (), limit: int = 40, before: int | None = None) -> Hits:
        sought = fulltext.sought(query)
        if not sought:
            return Hits()
        chosen = tuple(map(repaired, accounts))
        below = NEWEST if before is None else before
        if sought.inside:
            return self._search_inside(sought, chosen, limit, below)
        with self._reader.reading() as db:
            keys = fulltext.newest(db, sought.expression, chosen, below, limit)
            return Hits(_load(db, keys, marks.HOME, chosen))

    def _search_inside(self, sought: Sought, accounts: Sequence[str], limit: int, below: int) -> Hits:
        """What full text cannot tell, looked for in the newest posts. Between two portions others may read."""
        found: list[Entry] = []
        for _portion in range(LOOKED_AT // _CHUNK):
            with self._reader.reading() as db:
                keys = fulltext.newest(db, sought.expression, accounts, below, _CHUNK)
                hits = [raw for raw in shelf.rows_at(db, keys) if sought.stands_in(_written(raw))]
                entries = _entries(db, hits, marks.HOME, accounts)
            found += (entry for entry in entries if sought.stands_in(search_text(entry.post)))
            if len(found) >= limit or len(keys) < _CHUNK:
                return Hits(found[:limit])
            below = keys[-1]
        return Hits(found, ended_early=True)

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

    def raise_place(self, view: str, key: int) -> bool:
        with self._writer.writing() as db:
            raised = db.execute(
                "INSERT INTO place (view, key, seen) VALUES (?, ?, ?)"
                " ON CONFLICT (view) DO UPDATE SET key = excluded.key, seen = max(excluded.seen, ifnull(seen, key))"
                " WHERE key < excluded.key",
                (repaired(view), key, key),
            )
            return raised.rowcount > 0

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


class _Told:
    """What became of the entries in one write, each at the place that it has in the end."""

    def __init__(self) -> None:
        self.new: dict[int, Entry] = {}
        self._known, self._moved = 0, False
        self._edited: dict[int, int] = {}  # keys now, and those before

    def note(self, outcome: shelf.Outcome, before: int) -> None:
        """Of an entry that had this key."""
        key = outcome.key
        if before in self.new:  # brought twice at once
            self.new[key] = replace(self.new.pop(before), key=key)
            self._edited[key] = key
        elif outcome.edited or key != before:
            self._edited[key] = self._edited.pop(before, before)
        self._known += outcome.was_known
        self._moved |= outcome.is_moved

    def stored(self, db: sqlite3.Connection) -> Stored:
        changed = _load(db, sorted(self._edited, reverse=True), marks.HOME, ())
        self.new.update((entry.key, entry) for entry in changed if entry.key in self.new)
        known = [(self._edited[entry.key], entry) for entry in changed if entry.key not in self.new]
        return Stored(
            tuple(self.new[key] for key in sorted(self.new, reverse=True)),
            self._known,
            tuple(entry for before, entry in known if entry.key == before),
            self._moved,
            tuple((before, entry) for before, entry in known if entry.key != before),
        )


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


def _count(db: sqlite3.Connection, view: str, accounts: Sequence[str], after: int | None) -> int:
    """All of a view's entries are looked up; counted are those above a key, or of several accounts together."""
    asked = (repaired(view), *accounts)
    if len(accounts) == 1 and after is None:
        row = db.execute("SELECT number FROM view_count WHERE view = ? AND account = ?", asked).fetchone()
        return 0 if row is None else int(row[0])
    each = "DISTINCT key" if len(accounts) > 1 else "*"  # an account has an entry once
    row = db.execute(
        f"SELECT count({each}) FROM entry_view WHERE view = ? AND account IN ({_marks(accounts)}) AND key > ?",
        (*asked, OLDEST if after is None else after),
    ).fetchone()
    return int(row[0])


def _written(raw: shelf.Raw) -> str:
    """A row's body and author as they are stored, which is quicker had than the post; empty where it is damaged.

    Of JSON's escapes a search can hold none but the backslash's own.
    """
    *_rest, stored, author = raw
    try:
        return (unpack(stored, author) + (author or "")).replace("\\\\", "\\")
    except CodecError:
        return ""


def _load(db: sqlite3.Connection, keys: Sequence[int], view: str, accounts: Sequence[str]) -> list[Entry]:
    """The entries in the order of `keys`; with `accounts`, as one of these sees them."""
    return _entries(db, shelf.rows_at(db, keys), view, accounts)


def _entries(db: sqlite3.Connection, found: Iterable[shelf.Raw], view: str, accounts: Sequence[str]) -> list[Entry]:
    entries = []
    for raw in found:
        try:
            entries.append(_entry(db, raw, view, accounts))
        except CodecError:
            _log.warning("a stored post could not be read and is left out")
    return entries


def _entry(db: sqlite3.Connection, raw: shelf.Raw, view: str, accounts: Sequence[str]) -> Entry:
    """Raises `CodecError`. A row that is for certain whole is read when somebody looks at the post."""
    key, way, ids, marked, _coarse, stored, author = raw
    views, terms = marks.read(marked)
    matched = terms.get(view) or terms.get(marks.HOME, ())
    shown = _shown(way, matched)
    if ids and len(names := shelf.decode_ids(ids)) > 1:
        shown = _seen_by(db, key, shown, names, accounts)
    if is_whole(stored, author):
        return Entry.late(key, partial(_post_or_word, key, stored, author, shown), views)
    return Entry(key, _post(stored, author, shown), views)


@dataclass(frozen=True, slots=True)
class _Shown:
    """As what a post is shown. `copy`: that of the account that shows it, where it has another than the entry.

    `also`: the names under which others have it. `accounts`: whose boosts are told; none: everybody's.
    """

    way: Way
    terms: tuple[str, ...]
    also: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    copy: Post | None = None


@lru_cache(maxsize=1024)
def _shown(way: int, terms: tuple[str, ...]) -> _Shown:
    """Of most posts: the same few ways and terms. Raises `CodecError` for a way that is none."""
    try:
        return _Shown(Way(way), terms)
    except ValueError as error:
        raise CodecError(_("post")) from error


def _seen_by(db: sqlite3.Connection, key: int, shown: _Shown, names: Sequence[str], accounts: Sequence[str]) -> _Shown:
    """The copy that one of these accounts has, with the names of the others."""
    copy, its = None, names[0]
    if accounts and _split(its)[0] not in accounts:
        for name in sorted(names):
            sight = shelf.sight_of(db, name, key) if _split(name)[0] in accounts else None
            if sight and sight[0] is not None:
                copy, its = decode_post(sight[0]), name
                break
    also = tuple(name for name in names if name != its)
    return replace(shown, also=also, accounts=tuple(accounts), copy=copy)


def _post(stored: str | bytes, author: str | None, shown: _Shown) -> Post:
    """Raises `CodecError`."""
    _body, post = read_post(stored, author, terms=shown.terms)
    if shown.copy is not None:
        entry = ways.kept(post)
        post = replace(ways.kept(shown.copy), kind=entry.kind, boosters=entry.boosters, terms=shown.terms)
    if shown.also:
        post = replace(post, also=shown.also)
    return ways.shown(post, shown.way, shown.accounts) if post.boosters or post.boosted_by else post


def _post_or_word(key: int, stored: str | bytes, author: str | None, shown: _Shown) -> Post:
    """A post that is whole and yet cannot be read, which nothing of ours writes, stands there and says so."""
    try:
        return _post(stored, author, shown)
    except CodecError as error:
        _log.warning("a stored post that is whole could not be read")
        return Post("", "", "", "", Author(SafeText("")), SafeText(str(error)), instant(key // shelf.TIEBREAKS * 1000))


def _number_of_notifications(db: sqlite3.Connection) -> int:
    return int(db.execute("SELECT count(*) FROM notification").fetchone()[0])


def _split(id: str) -> tuple[str, str]:
    account, _colon, remote_id = repaired(id).partition(":")
    return account, remote_id


def _marks(values: Iterable[object]) -> str:
    return ", ".join("?" for _value in values)
