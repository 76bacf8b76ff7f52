"""Putting posts on the shelf: one entry a post, however many accounts and boosts bring it; the newest edit wins."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from zlib import crc32

from mbclient.core.stores import Arrival
from mbclient.domain.post import Filtered, Post
from mbclient.storage import marks
from mbclient.storage.codec import (
    BROKEN,
    CodecError,
    decode_post,
    dump,
    encode_post,
    microseconds,
    repaired,
    search_text,
)
from mbclient.storage.marks import HOME, Marks
from mbclient.texts import _

TIEBREAKS = 4096  # keys to a millisecond
_KEPT_BY_EDITS = (HOME, "mentions", "mine")  # found by author or handle, not by words
_INSERT = (
    "INSERT INTO entry (key, uri, boost, counted, related, service, ids, marks, body)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING"
)
_FIRST_INSTANT = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Outcome:
    """`was_known`: this account had brought the post before."""

    key: int
    is_new: bool = False
    was_known: bool = False


@dataclass(frozen=True, slots=True)
class _Row:
    key: int
    ids: tuple[str, ...]
    marks: Marks
    body: str
    post: Post


def first_key(moment: datetime) -> int:
    """The smallest key of that millisecond."""
    return microseconds(moment) // 1000 * TIEBREAKS


def keys_of(db: sqlite3.Connection, account: str, remote_id: str) -> list[int]:
    """The entries that an account knows by this id, newest first."""
    rows = db.execute(
        "SELECT key FROM sight WHERE account = ? AND remote_id = ? ORDER BY key DESC", (account, remote_id)
    )
    return [key for (key,) in rows]


def decode_ids(ids: str) -> tuple[str, ...]:
    """At least one. Raises `CodecError`."""
    if ids.count('"') == 2 and "\\" not in ids and ids.startswith('["') and ids.endswith('"]'):
        return (ids[2:-2],)  # nearly always
    try:
        first, *others = json.loads(ids)
        return (first, *others)
    except BROKEN as error:
        raise CodecError(_("post")) from error


# ---------------------------------------------------------------- arriving


def take(db: sqlite3.Connection, arrival: Arrival) -> Outcome:
    """Stores one arrival, inside the caller's transaction."""
    uri = _identity(arrival.post)
    boost = int(arrival.post.boosted_by is not None)
    first = True
    for key, found_boost, ids, marked, body in db.execute(
        "SELECT key, boost, ids, marks, body FROM entry WHERE uri = ?", (uri,)
    ).fetchall():
        if found_boost != boost:
            first = False
            continue
        try:
            known = _Row(key, decode_ids(ids), marks.decode(marked), body, decode_post(body))
        except CodecError:  # unreadable: what arrives takes its place
            drop(db, key)
        else:
            return _join(db, known, arrival)
    return _add(db, arrival, uri, first=first)


def _add(db: sqlite3.Connection, arrival: Arrival, uri: str, *, first: bool) -> Outcome:
    post = arrival.post
    account, remote_id, marked = repaired(post.account), repaired(post.remote_id), _arriving_marks(arrival)
    row = (
        uri,
        int(post.boosted_by is not None),
        int(first),
        int(bool(marked[HOME])),
        repaired(post.service),
        dump([f"{account}:{remote_id}"]),
        marks.encode(marked),
        encode_post(post),
    )
    key = first_key(post.sorted_at) + crc32(uri.encode()) % TIEBREAKS
    while not db.execute(_INSERT, (key, *row)).rowcount:
        key += 1  # another post of this millisecond has the place
    db.execute("INSERT OR IGNORE INTO sight VALUES (?, ?, ?, NULL)", (account, remote_id, key))
    marks.index(db, key, marked, (account,))
    db.execute("INSERT INTO entry_text (rowid, text) VALUES (?, ?)", (key, search_text(post)))
    return Outcome(key, is_new=True)


def _join(db: sqlite3.Connection, known: _Row, arrival: Arrival) -> Outcome:
    post = arrival.post
    account, remote_id = repaired(post.account), repaired(post.remote_id)
    seen = db.execute(
        "SELECT body FROM sight WHERE account = ? AND remote_id = ? AND key = ?", (account, remote_id, known.key)
    ).fetchone()
    edited = _is_newer_edit(known.post, post)
    _write_body(db, known, _merged(known.post, post))
    if not _is_same_copy(known.post, post):
        own = _placed(decode_post(seen[0]), post) if seen and seen[0] else _placed(known.post, post)
        db.execute(
            "INSERT OR REPLACE INTO sight VALUES (?, ?, ?, ?)", (account, remote_id, known.key, encode_post(own))
        )
    if seen is None:
        ids = tuple(dict.fromkeys((*known.ids, repaired(post.id))))
        db.execute("UPDATE entry SET ids = ? WHERE key = ?", (dump(ids), known.key))
        marks.index(db, known.key, known.marks, (account,))
    _mark_again(db, known, arrival, edited=edited)
    return Outcome(known.key, was_known=seen is not None)


def _mark_again(db: sqlite3.Connection, known: _Row, arrival: Arrival, *, edited: bool) -> None:
    """Views add up over accounts; after an edit the words decide anew."""
    arriving = _arriving_marks(arrival)
    kept = {view: terms for view, terms in known.marks.items() if not edited or view in _KEPT_BY_EDITS}
    if not edited:
        # the same words match the same terms, unless the terms are newer than the mark
        arriving = {view: terms or kept.get(view, ()) for view, terms in arriving.items()}
    marked = {**kept, **arriving}
    if marked == known.marks:
        return
    accounts = marks.accounts_of(db, known.key)
    gone = [view for view in known.marks if view not in marked]
    marks.unindex(db, known.key, gone, ("", *accounts))
    marks.index(db, known.key, [view for view in marked if view not in known.marks], accounts)
    db.execute(
        "UPDATE entry SET marks = ?, related = ? WHERE key = ?",
        (marks.encode(marked), int(bool(marked[HOME])), known.key),
    )


def _arriving_marks(arrival: Arrival) -> Marks:
    own: Mapping[str, tuple[str, ...]] = arrival.terms
    work = tuple(map(repaired, arrival.post.terms))
    marked = {repaired(view): tuple(map(repaired, own.get(view, ()))) for view in sorted(arrival.views)}
    if marks.WORK in marked:
        marked[marks.WORK] = work
    return {**marked, HOME: work}


# ---------------------------------------------------------------- changing


def update(db: sqlite3.Connection, post: Post) -> None:
    """New content of a known post, in its entry and in that of its boosts; the account's own copy with it."""
    account, remote_id = repaired(post.account), repaired(post.remote_id)
    for key in keys_of(db, account, remote_id):
        row = db.execute("SELECT key, ids, marks, body FROM entry WHERE key = ?", (key,)).fetchone()
        if row is None:
            continue
        known = _Row(key, decode_ids(row[1]), marks.decode(row[2]), row[3], decode_post(row[3]))
        _write_body(db, known, _merged(known.post, post))
        if not _is_same_copy(known.post, post):
            db.execute(
                "UPDATE sight SET body = ? WHERE account = ? AND remote_id = ? AND key = ?",
                (encode_post(_placed(known.post, post)), account, remote_id, key),
            )


def _write_body(db: sqlite3.Connection, known: _Row, post: Post) -> None:
    body = encode_post(post)
    if body == known.body:
        return
    db.execute("UPDATE entry SET body = ? WHERE key = ?", (body, known.key))
    before, now = search_text(known.post), search_text(post)
    if before != now:
        _forget_words(db, known.key, before)
        db.execute("INSERT INTO entry_text (rowid, text) VALUES (?, ?)", (known.key, now))


def _merged(known: Post, arrived: Post) -> Post:
    """The entry's body after `arrived`: its own account brings everything, another one only a newer edit's content."""
    if _is_same_copy(known, arrived):
        return _placed(known, arrived)
    same_author = str(known.author.handle).casefold() == str(arrived.author.handle).casefold()
    filtered = _filtered(known, arrived)
    if not same_author or not _is_newer_edit(known, arrived):
        return known if filtered == known.filtered else replace(known, filtered=filtered)
    return replace(
        known,
        filtered=filtered,
        text=arrived.text,
        cw=arrived.cw,
        sensitive=arrived.sensitive,
        lang=arrived.lang,
        links=arrived.links,
        tags=arrived.tags,
        mentions=arrived.mentions,
        media=arrived.media,
        quoted=arrived.quoted,
        edited_at=arrived.edited_at,
    )


def _placed(known: Post, arrived: Post) -> Post:
    """`arrived` in the place of `known`: boosted by whoever brought it first; an older edit brings figures only."""
    if _is_newer_edit(arrived, known):
        return replace(known, counts=arrived.counts, mine=arrived.mine)
    return replace(
        arrived,
        kind=known.kind,
        boosted_by=known.boosted_by,
        boost_id=known.boost_id,
        boosted_at=known.boosted_at,
        also=(),
        terms=(),
        filtered=_filtered(known, arrived),
    )


def _filtered(known: Post, arrived: Post) -> tuple[Filtered, ...]:
    """The filters of every account that has brought the post, each account's as it said last, in one order."""
    others = (filtered for filtered in known.filtered if filtered.account != repaired(arrived.account))
    return tuple(sorted((*others, *arrived.filtered), key=lambda filtered: filtered.account))


def _is_same_copy(known: Post, arrived: Post) -> bool:
    return (known.account, known.remote_id) == (repaired(arrived.account), repaired(arrived.remote_id))


def _is_newer_edit(known: Post, arrived: Post) -> bool:
    return (arrived.edited_at or _FIRST_INSTANT) > (known.edited_at or _FIRST_INSTANT)


# ---------------------------------------------------------------- leaving


def drop(db: sqlite3.Connection, key: int) -> None:
    """Takes an entry out with everything that hangs on it."""
    row = db.execute("SELECT marks, body FROM entry WHERE key = ?", (key,)).fetchone()
    if row is None:
        return
    try:
        views: Sequence[str] = tuple(marks.decode(row[0]))
        _forget_words(db, key, search_text(decode_post(row[1])))
    except CodecError:  # unreadable: look for its traces everywhere; its words stay behind and lead nowhere
        views = [view for (view,) in db.execute("SELECT DISTINCT view FROM entry_view")]
    marks.unindex(db, key, views, ("", *marks.accounts_of(db, key)))
    db.execute("DELETE FROM sight WHERE key = ?", (key,))
    db.execute("DELETE FROM entry WHERE key = ?", (key,))


def forget_account(db: sqlite3.Connection, account: str) -> None:
    """What only this account saw goes; what others saw too is theirs from now on."""
    for (key,) in db.execute("SELECT DISTINCT key FROM sight WHERE account = ?", (account,)).fetchall():
        heir = db.execute(
            "SELECT account, remote_id, body FROM sight WHERE key = ? AND account <> ?"
            " ORDER BY body IS NOT NULL, account",
            (key, account),
        ).fetchone()
        if heir is None:
            drop(db, key)
        else:
            _leave_to(db, key, account, heir)


def _leave_to(db: sqlite3.Connection, key: int, account: str, heir: tuple[str, str, str | None]) -> None:
    ids, marked, body = db.execute("SELECT ids, marks, body FROM entry WHERE key = ?", (key,)).fetchone()
    known = _Row(key, decode_ids(ids), marks.decode(marked), body, decode_post(body))
    db.execute("DELETE FROM sight WHERE key = ? AND account = ?", (key, account))
    marks.unindex(db, key, known.marks, (account,))
    heir_account, heir_id, heir_body = heir
    if heir_body is not None:
        db.execute(
            "UPDATE sight SET body = NULL WHERE account = ? AND remote_id = ? AND key = ?", (heir_account, heir_id, key)
        )
        _write_body(db, known, decode_post(heir_body))
    first = f"{heir_account}:{heir_id}"
    left = [other for other in known.ids if other != first and not other.startswith(f"{account}:")]
    db.execute("UPDATE entry SET ids = ? WHERE key = ?", (dump([first, *left]), key))


def _forget_words(db: sqlite3.Connection, key: int, words: str) -> None:
    db.execute("INSERT INTO entry_text (entry_text, rowid, text) VALUES ('delete', ?, ?)", (key, words))


def _identity(post: Post) -> str:
    return repaired(post.uri) or f"{repaired(post.account)}:{repaired(post.remote_id)}"
