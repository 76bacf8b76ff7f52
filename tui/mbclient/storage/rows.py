"""How an entry lies in its tables, made small (speed facts G20): its names, its body and author, its words.

A name (the uri, an id at an account) stands there as a digest, and whoever finds it compares it with the post's own.
Full text knows an entry by its key without the last bits, which makes its lists a third shorter. Rows of before have
names in full, a body that is JSON, and their words in `entry_text`: they are read as they are, and go with time.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from binascii import b2a_base64
from collections.abc import Iterable, Sequence
from functools import lru_cache
from operator import attrgetter
from zlib import crc32

from mbclient.core.pieces import unhurried
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.post import Post
from mbclient.storage.codec import dump
from mbclient.storage.codec_posts import encode_author, encode_post
from mbclient.storage.packing import pack
from mbclient.storage.schema import FULL_TEXT

COARSE = 18  # bits of a key: of entries within 64 ms one is known to the full text by what is left of its key
AUTHOR = "(SELECT author.body FROM author WHERE author.id = entry.author)"
SIGHT = "account = ? AND remote_id IN (?, ?) AND key = ?"
_DIGEST = 4  # bytes
_LONGEST = 6  # characters of a name that stand as they are: as many as a digest has
_WHOLE = "\n"  # before a uri whose digest is another's
_MONTH = 30 * 86_400_000 << 12  # of keys
_NEAR = (
    f"SELECT entry.key, coarse FROM json_each(?) AS part CROSS JOIN entry ON entry.key >= part.value << {COARSE}"
    f" AND entry.key < part.value + 1 << {COARSE}"
)
_INSERT = (
    "INSERT INTO entry (key, coarse, uri, way, related, service, ids, marks, body, words, packed, author)"
    " VALUES (?, ?, ?, ?, ?, ?, '', ?, '', ?, ?, ?)"
)
# Joined, each is looked up as it stands in the list; of an IN (SELECT …) SQLite makes a sorted table first.
_STANDING = "SELECT entry.uri FROM json_each(?) AS name CROSS JOIN entry ON entry.uri = name.value"
_AUTHORS = "SELECT body, author.id, newest FROM json_each(?) AS one CROSS JOIN author ON author.hash = one.value"

_encoded = lru_cache(maxsize=4096)(encode_author)

Place = tuple[int, bool]
"""A key, and whether the full text knows the entry there without the key's last bits."""

Body = tuple[str, str]
"""A post without its author, and the author, as the codec writes them."""


@dataclass(frozen=True, slots=True)
class Fresh:
    """An entry that one account has seen, under `name`. `taken`: the digest of its uri is another's.

    `words`: how many there are to read; `found_by`: those that it is searched by.
    """

    place: Place
    uri: str
    name: str
    body: Body
    way: int
    related: bool
    service: str
    marks: str
    words: int
    found_by: str
    taken: bool


@lru_cache(maxsize=1024)
def short(name: str) -> str:
    if len(name) <= _LONGEST:
        return name
    return b2a_base64(hashlib.blake2b(name.encode(), digest_size=_DIGEST).digest())[:_LONGEST].decode()


def forms(uri: str) -> tuple[str, str, str]:
    """Whatever may stand for a uri."""
    return short(uri), _WHOLE + uri, uri


def sight(name: str, key: int) -> tuple[str, str, str, int]:
    """The values of `SIGHT`, for `account:remote_id`."""
    account, _colon, remote_id = name.partition(":")
    return account, short(remote_id), remote_id, key


def found(db: sqlite3.Connection, statement: str, values: Sequence[object]) -> list[int]:
    """The keys that a statement gives, all in one row.

    Between two rows another thread may take the interpreter, and keeps it for a millisecond: a page that was read row
    by row while a refresh converted posts took a tenth of a second.
    """
    (keys,) = db.execute(f"SELECT json_group_array(key) FROM ({statement})", values).fetchone()
    return list(json.loads(keys))


def see(db: sqlite3.Connection, name: str, key: int, body: str | None, way: int) -> None:
    """Notes that an account has seen an entry; with its copy, if that is another than the entry's."""
    _see(db, [(name, key, body, way)])


def encode_ids(ids: Iterable[str]) -> str:
    """One alone is that of the body."""
    every = list(ids)
    return dump(every) if len(every) > 1 else ""


def body_of(post: Post) -> Body:
    return encode_post(post, without_author=True), _encoded(post.author)


def standing(db: sqlite3.Connection, names: Iterable[str]) -> set[str]:
    """Which of these `forms` some entry has."""
    return {uri for (uri,) in db.execute(_STANDING, (dump([*names]),))}


def free(db: sqlite3.Connection, keys: Sequence[int]) -> list[Place]:
    """For each of these the first place from there on that no entry has, and none of these before it."""
    near: dict[int, dict[int, bool]] = {}

    def look(parts: Iterable[int]) -> None:
        asked = set(parts)
        near.update((part, {}) for part in asked)
        for key, coarse in db.execute(_NEAR, (dump([*asked]),)):
            near[key >> COARSE][key] = bool(coarse)

    def place(key: int) -> Place:
        if (part := key >> COARSE) not in near:
            look([part])
        while key in near[part]:
            key += 1  # another post of this millisecond has the place
        if key >> COARSE != part:
            return place(key)
        near[part][key] = coarse = not any(near[part].values())
        return key, coarse

    look(key >> COARSE for key in keys)
    return [place(key) for key in keys]


def insert(db: sqlite3.Connection, fresh: Iterable[Fresh]) -> None:
    """All at once, and in order: before any that is out of order full text would write out what it has gathered."""
    ordered = sorted(fresh, key=attrgetter("place"))
    authors = _authors(db, [(each.body[1], each.place[0]) for each in ordered])
    db.executemany(
        _INSERT,
        [
            (
                *each.place,
                _WHOLE + each.uri if each.taken else short(each.uri),
                each.way,
                each.related,
                each.service,
                each.marks,
                each.words,
                pack(*each.body),
                authors[each.body[1]],
            )
            for each in unhurried(ordered)
        ],
    )
    _see(db, [(each.name, each.place[0], None, each.way) for each in ordered])
    add_words(db, [(each.place, each.found_by) for each in ordered])


def write(db: sqlite3.Connection, key: int, body: Body, words: int, way: int) -> None:
    db.execute(
        "UPDATE entry SET body = '', packed = ?, author = ?, words = ?, way = ? WHERE key = ?",
        (pack(*body), _authors(db, [(body[1], key)])[body[1]], words, way, key),
    )


def move(db: sqlite3.Connection, key: int, to: Place, ids: Iterable[str]) -> None:
    """Takes a row, and who has seen it, to another place."""
    db.execute("UPDATE entry SET key = ?, coarse = ? WHERE key = ?", (*to, key))
    db.executemany(f"UPDATE sight SET key = ? WHERE {SIGHT}", [(to[0], *sight(name, key)) for name in ids])


def add_words(db: sqlite3.Connection, documents: Iterable[tuple[Place, str]]) -> None:
    rows = [(*_document(place), words) for place, words in documents]
    for table in FULL_TEXT:
        found = [(rowid, words) for its, rowid, words in rows if its == table]
        db.executemany(f"INSERT INTO {table} (rowid, text) VALUES (?, ?)", found)


def forget_words(db: sqlite3.Connection, place: Place, words: str) -> None:
    """Exactly those that were added."""
    table, rowid = _document(place)
    db.execute(f"INSERT INTO {table} ({table}, rowid, text) VALUES ('delete', ?, ?)", (rowid, words))


def forget_authors(db: sqlite3.Connection, below: int) -> None:
    """Those whom no entry has any more, when none but what is to stay is left below this key."""
    db.execute(
        "DELETE FROM author WHERE newest < :below"
        " AND id NOT IN (SELECT author FROM entry WHERE key < :below AND author IS NOT NULL)",
        {"below": below},
    )


def _document(place: Place) -> tuple[str, int]:
    key, coarse = place
    return ("entry_words", key >> COARSE) if coarse else ("entry_text", key)


def _see(db: sqlite3.Connection, sights: Iterable[tuple[str, int, str | None, int]]) -> None:
    values = [(*sight(name, key)[:2], key, body, way) for name, key, body, way in sights]
    db.executemany("INSERT OR REPLACE INTO sight VALUES (?, ?, ?, ?, ?)", values)


def _authors(db: sqlite3.Connection, wanted: Iterable[tuple[str, int]]) -> dict[str, int]:
    """The numbers of authors, of whom these keys are. `newest` is above all their keys, and rarely has to be raised."""
    latest: dict[str, int] = {}
    for author, key in wanted:
        latest[author] = max(key, latest.get(author, key))
    hashes = {author: crc32(author.encode()) for author in latest}
    known = {author: place for author, *place in db.execute(_AUTHORS, (dump([*hashes.values()]),)) if author in latest}
    for author, key in latest.items():
        if author not in known:
            values = (key + _MONTH, hashes[author], author)
            made = db.execute("INSERT INTO author (newest, hash, body) VALUES (?, ?, ?)", values)
            known[author] = [made.lastrowid, key]
        elif known[author][1] < key:
            db.execute("UPDATE author SET newest = ? WHERE id = ?", (key + _MONTH, known[author][0]))
    return {author: number for author, (number, _newest) in known.items()}
