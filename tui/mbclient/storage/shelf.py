"""Putting posts on the shelf: one entry a post, however many accounts and boosts bring it; the newest edit wins."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import reduce
from itertools import chain
from zlib import crc32

from mbclient.core.pieces import unhurried
from mbclient.core.stores import Arrival, hidden_mark
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.post import Post, PostKind
from mbclient.storage import marks, merging, rows, ways
from mbclient.storage.codec import BROKEN, CodecError, dump, microseconds, repaired
from mbclient.storage.codec_posts import decode_post, encode_post, search_text
from mbclient.storage.marks import HOME, Marks
from mbclient.storage.packing import read_post
from mbclient.storage.ways import Way
from mbclient.texts import _

TIEBREAKS = 4096  # keys to a millisecond
_KEPT_BY_EDITS = (HOME, "mentions", "mine")  # found by author or handle, not by words
ROWS = f"SELECT key, way, ids, marks, coarse, ifnull(packed, body), {rows.AUTHOR} FROM entry"
_AT = (
    "SELECT json_group_array(json_array(entry.key, way, ids, marks, coarse, hex(packed), body,"
    f" {rows.AUTHOR})) FROM json_each(?) AS wanted CROSS JOIN entry ON entry.key = wanted.value"
)
_HIDDEN = repaired(hidden_mark(""))


@dataclass(frozen=True, slots=True)
class Outcome:
    """`was_known`: this account had brought the post before. `edited`: it has other words, or came in one more way.

    `was_at`: the key that it had till now, None for a new one. `is_moved`: it belongs to other views for that.
    """

    key: int
    was_at: int | None = None
    was_known: bool = False
    edited: bool = False
    is_moved: bool = False


Raw = tuple[int, int, str, str, int, str | bytes, str | None]
"""A row of `ROWS`."""


@dataclass(frozen=True, slots=True)
class Row:
    """An entry as it is stored; `post` as it is kept (`ways.kept`). `coarse`: how the full text knows it (rows.py)."""

    key: int
    way: Way
    ids: tuple[str, ...]
    marks: Marks
    coarse: bool
    body: tuple[str, str | None]
    post: Post

    @property
    def place(self) -> rows.Place:
        return self.key, self.coarse


def rows_at(db: sqlite3.Connection, keys: Sequence[int]) -> Iterator[Raw]:
    """The rows that there are with these keys, in the keys' order; as one row of SQLite's (see `rows.found`)."""
    (found,) = db.execute(_AT, (dump(keys),)).fetchone()
    for *marked, packed, body, author in json.loads(found):
        yield (*marked, bytes.fromhex(packed) if packed else body, author)


def first_key(moment: datetime) -> int:
    """The smallest key of that millisecond."""
    return microseconds(moment) // 1000 * TIEBREAKS


def keys_of(db: sqlite3.Connection, account: str, remote_id: str) -> list[int]:
    """The entries that an account knows by this id, newest first."""
    found = db.execute(
        "SELECT key FROM sight WHERE account = ? AND remote_id IN (?, ?)", (account, rows.short(remote_id), remote_id)
    ).fetchall()
    name = f"{account}:{remote_id}"
    return sorted((key for (key,) in found if name in _ids(db, key)), reverse=True)


def _ids(db: sqlite3.Connection, key: int) -> tuple[str, ...]:
    row = db.execute(f"{ROWS} WHERE key = ?", (key,)).fetchone()
    try:
        return as_row(*row).ids if row else ()
    except CodecError:
        return ()


def decode_ids(ids: str) -> tuple[str, ...]:
    """None: the body's own alone. Raises `CodecError`."""
    if not ids:
        return ()
    try:
        first, *others = json.loads(ids)
        return (first, *others)
    except BROKEN as error:
        raise CodecError(_("post")) from error


# ---------------------------------------------------------------- arriving


def take(db: sqlite3.Connection, arrivals: Sequence[Arrival]) -> Iterator[tuple[Arrival, Outcome]]:
    """Stores them, inside the caller's transaction: what nothing here looks like first, all of it in one go."""
    forms = [rows.forms(_identity(arrival.post)) for arrival in arrivals]
    standing = rows.standing(db, chain.from_iterable(forms))
    fresh: list[Arrival] = []
    others: list[Arrival] = []
    for arrival, names in zip(arrivals, forms, strict=True):
        (fresh if standing.isdisjoint(names) else others).append(arrival)
        standing.update(names)
    for arrival, key in zip(fresh, _add(db, fresh), strict=True):
        yield arrival, Outcome(key)
    for arrival in unhurried(others):
        yield arrival, _take_one(db, arrival)


def _take_one(db: sqlite3.Connection, arrival: Arrival) -> Outcome:
    uri = _identity(arrival.post)
    taken = False
    for row in db.execute(f"{ROWS} WHERE uri IN (?, ?, ?)", rows.forms(uri)).fetchall():
        try:
            known = as_row(*row)
        except CodecError:  # unreadable: what arrives takes its place
            drop(db, row[0])
            continue
        if _identity(known.post) == uri:
            return _join(db, known, arrival)
        taken = True
    [key] = _add(db, [arrival], taken=taken)
    return Outcome(key)


def as_row(key: int, way: int, ids: str, marked: str, coarse: int, stored: str | bytes, author: str | None) -> Row:
    """Of what `ROWS` gave. Raises `CodecError`."""
    body, post = read_post(stored, author)
    names = decode_ids(ids) or (post.id,)
    return Row(key, Way(way), names, marks.decode(marked), bool(coarse), (body, author), ways.kept(post))


def _add(db: sqlite3.Connection, arrivals: Sequence[Arrival], *, taken: bool = False) -> list[int]:
    """Their keys."""
    posts = [(ways.kept(arrival.post), ways.way_of(arrival)) for arrival in arrivals]
    places = rows.free(db, [_wanted_key(post, way) for post, way in posts])
    fresh: list[rows.Fresh] = []
    views: list[tuple[str, str, int]] = []
    for arrival, (post, way), place in unhurried(zip(arrivals, posts, places, strict=True)):
        account, marked = repaired(post.account), _arriving_marks(arrival)
        fresh.append(
            rows.Fresh(
                place,
                _identity(post),
                f"{account}:{repaired(post.remote_id)}",
                rows.body_of(post),
                way,
                related=bool(marked[HOME]),
                service=repaired(post.service),
                marks=marks.encode(marked),
                words=_words(post),
                found_by=search_text(post),
                taken=taken,
            )
        )
        views += [(view, one, place[0]) for one in ("", account) for view in marked]
    rows.insert(db, fresh)
    marks.put(db, views)
    return [key for key, _coarse in places]


def _wanted_key(post: Post, way: Way) -> int:
    """`post` as it is kept."""
    return first_key(ways.moment(post, way)) + crc32(_identity(post).encode()) % TIEBREAKS


def _join(db: sqlite3.Connection, known: Row, arrival: Arrival) -> Outcome:
    name = f"{repaired(arrival.post.account)}:{repaired(arrival.post.remote_id)}"
    seen = sight_of(db, name, known.key)
    merged, way = _brought_once_more(known, arrival)
    edited = merged.edited_at != known.post.edited_at
    boosted = merged.boosters != known.post.boosters or way is not known.way
    key = rewrite(db, known, merged, way)
    joined = known if key == known.key else replace(known, key=key)
    _see(db, joined, arrival, name, seen)
    moved = _mark_again(db, joined, arrival, edited=edited, boosted=boosted)
    return Outcome(joined.key, known.key, seen is not None, edited or boosted, moved)


def _brought_once_more(known: Row, arrival: Arrival) -> tuple[Post, Way]:
    """The entry's post and way after an arrival: boosts add up, but those of a stranger under the same address."""
    post = arrival.post
    merged = merging.merged(known.post, post)
    if not merging.is_same_copy(known.post, post) and not merging.is_same_author(known.post, post):
        return merged, known.way
    kind = post.kind if known.post.kind is PostKind.BOOST else known.post.kind
    created_at = min(known.post.created_at, post.created_at)
    boosters = known.post.boosters
    if post.boosts:
        boosters = ways.in_order((*boosters, *ways.kept(post).boosters))
    if (kind, created_at, boosters) != (merged.kind, merged.created_at, merged.boosters):
        merged = replace(merged, kind=kind, created_at=created_at, boosters=boosters)
    return merged, ways.both(known.way, ways.way_of(arrival))


def _see(db: sqlite3.Connection, entry: Row, arrival: Arrival, name: str, seen: tuple[str | None, Way] | None) -> None:
    """Notes that the account of `name` has the entry too, and its copy if that is another. `seen`: its sight till now.

    `entry`: at its place, and the post as it was before.
    """
    post, way = arrival.post, ways.way_of(arrival)
    own: str | None = None
    if not merging.is_same_copy(entry.post, post):
        copy = merging.placed(decode_post(seen[0]) if seen and seen[0] else entry.post, post)
        own = encode_post(replace(copy, boosters=()))
    if seen is None:
        rows.see(db, name, entry.key, own, way)
        ids = dict.fromkeys((*entry.ids, name))
        db.execute("UPDATE entry SET ids = ? WHERE key = ?", (rows.encode_ids(ids), entry.key))
        marks.index(db, entry.key, entry.marks, (repaired(post.account),))
        return
    told = own, ways.both(seen[1], way)
    if told != seen:
        db.execute(f"UPDATE sight SET body = ?, way = ? WHERE {rows.SIGHT}", (*told, *rows.sight(name, entry.key)))


def _mark_again(db: sqlite3.Connection, known: Row, arrival: Arrival, *, edited: bool, boosted: bool) -> bool:
    """Views add up over accounts; after an edit the words decide anew. Whether it is in other views for that.

    `boosted`: it has come in one more way. Whether all of them are hidden, the filter must say (`Sieve.remark`).
    """
    arriving = _arriving_marks(arrival)
    kept = {view: terms for view, terms in known.marks.items() if not edited or view in _KEPT_BY_EDITS}
    if not edited:
        # the same words match the same terms, unless the terms are newer than the mark
        arriving = {
            view: terms or kept.get(view, ())
            for view, terms in arriving.items()
            if not boosted or not view.startswith(_HIDDEN)
        }
    marked = {**kept, **arriving}
    if marked == known.marks:
        return False
    accounts = marks.accounts_of(db, known.key)
    gone = [view for view in known.marks if view not in marked]
    marks.unindex(db, known.key, gone, ("", *accounts))
    marks.index(db, known.key, [view for view in marked if view not in known.marks], accounts)
    db.execute(
        "UPDATE entry SET marks = ?, related = ? WHERE key = ?",
        (marks.encode(marked), int(bool(marked[HOME])), known.key),
    )
    return (edited or boosted) and marked.keys() != known.marks.keys()


def _arriving_marks(arrival: Arrival) -> Marks:
    own: Mapping[str, tuple[str, ...]] = arrival.terms
    work = tuple(map(repaired, arrival.post.terms))
    marked = {repaired(view): tuple(map(repaired, own.get(view, ()))) for view in sorted(arrival.views)}
    if marks.WORK in marked:
        marked[marks.WORK] = work
    return {**marked, HOME: work}


# ---------------------------------------------------------------- changing


def update(db: sqlite3.Connection, post: Post) -> None:
    """New content of a known post; the account's own copy with it."""
    account, remote_id = repaired(post.account), repaired(post.remote_id)
    for key in keys_of(db, account, remote_id):
        row = db.execute(f"{ROWS} WHERE key = ?", (key,)).fetchone()
        if row is None:
            continue
        known = as_row(*row)
        rewrite(db, known, merging.merged(known.post, post), known.way)
        if not merging.is_same_copy(known.post, post):
            db.execute(
                f"UPDATE sight SET body = ? WHERE {rows.SIGHT}",
                (
                    encode_post(replace(merging.placed(known.post, post), boosters=())),
                    *rows.sight(f"{account}:{remote_id}", key),
                ),
            )


def rewrite(db: sqlite3.Connection, known: Row, post: Post, way: Way) -> int:
    """Other content, boosts or way of an entry; the key of the place that follows from these."""
    place, body = known.place, rows.body_of(post)
    if ways.moment(post, way) != ways.moment(known.post, known.way):
        [place] = rows.free(db, [_wanted_key(post, way)])
        _move(db, known, place)
    elif body == known.body and way is known.way:
        return known.key
    rows.write(db, place[0], body, _words(post), way)
    before, now = search_text(known.post), search_text(post)
    if before != now or place != known.place:
        rows.forget_words(db, known.place, before)
        rows.add_words(db, [(place, now)])
    return place[0]


def _move(db: sqlite3.Connection, known: Row, place: rows.Place) -> None:
    accounts = ("", *marks.accounts_of(db, known.key))
    marks.unindex(db, known.key, known.marks, accounts)
    rows.move(db, known.key, place, known.ids)
    marks.index(db, place[0], known.marks, accounts[1:])


def _words(post: Post) -> int:
    """How many there are to read, for the estimate of what hiding it saved."""
    return len(post.whole_text.split())


# ---------------------------------------------------------------- leaving


def drop(db: sqlite3.Connection, key: int) -> None:
    """Takes an entry out with everything that hangs on it."""
    row = db.execute(f"{ROWS} WHERE key = ?", (key,)).fetchone()
    if row is None:
        return
    try:
        known = as_row(*row)
        views: Sequence[str] = tuple(known.marks)
        rows.forget_words(db, known.place, search_text(known.post))
        db.executemany(f"DELETE FROM sight WHERE {rows.SIGHT}", [rows.sight(name, key) for name in known.ids])
    except CodecError:  # unreadable: look for its traces everywhere; its words stay behind and lead nowhere
        views = [view for (view,) in db.execute("SELECT DISTINCT view FROM entry_view")]
        db.execute("DELETE FROM sight WHERE key = ?", (key,))
    marks.unindex(db, key, views, ("", *marks.accounts_of(db, key)))
    db.execute("DELETE FROM entry WHERE key = ?", (key,))


def forget_account(db: sqlite3.Connection, account: str) -> None:
    """What only this account saw goes; what others saw too is theirs from now on."""
    for (key,) in db.execute("SELECT DISTINCT key FROM sight WHERE account = ?", (account,)).fetchall():
        leave(db, key, account)


def leave(db: sqlite3.Connection, key: int, account: str) -> int | None:
    """Takes an entry from an account; where it is now, None when nobody else has it."""
    known = as_row(*db.execute(f"{ROWS} WHERE key = ?", (key,)).fetchone())
    left = [name for name in known.ids if not name.startswith(f"{account}:")]
    copies = {name: sight for name in left if (sight := sight_of(db, name, key))}
    if not copies:
        drop(db, key)
        return None
    gone = [rows.sight(name, key) for name in known.ids if name not in left]
    db.executemany(f"DELETE FROM sight WHERE {rows.SIGHT}", gone)
    marks.unindex(db, key, known.marks, (account,))
    heir = min(copies, key=lambda name: (copies[name][0] is not None, name))
    post = known.post
    if (heir_body := copies[heir][0]) is not None:
        db.execute(f"UPDATE sight SET body = NULL WHERE {rows.SIGHT}", rows.sight(heir, key))
        post = replace(decode_post(heir_body), kind=post.kind, created_at=post.created_at)
    db.execute("UPDATE entry SET ids = ? WHERE key = ?", (rows.encode_ids(dict.fromkeys((heir, *left))), key))
    boosts = tuple(each for each in known.post.boosters if each.account != account)
    way = reduce(ways.both, (way for _body, way in copies.values()))
    return rewrite(db, known, replace(post, boosters=boosts), way)


def sight_of(db: sqlite3.Connection, name: str, key: int) -> tuple[str | None, Way] | None:
    """The copy of an entry that is known by this name, None where it is the entry's own body; and how it came there."""
    row = db.execute(f"SELECT body, way FROM sight WHERE {rows.SIGHT}", rows.sight(name, key)).fetchone()
    return (row[0], Way(row[1])) if row else None


def _identity(post: Post) -> str:
    return repaired(post.uri) or f"{repaired(post.account)}:{repaired(post.remote_id)}"
