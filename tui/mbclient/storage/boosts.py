"""Boosts that were taken back: the entry of nothing else goes, any other stays, at the place that is left to it."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

from mbclient.domain.post import Post
from mbclient.storage import marks, shelf
from mbclient.storage.codec import CodecError, dump, repaired
from mbclient.storage.packing import unpack
from mbclient.storage.ways import Way

REACH = 2000  # of an account's newest entries: a boost is taken back soon, or nobody looks for it here any more
_CANDIDATES = (
    f"{shelf.ROWS} WHERE key IN"
    f" (SELECT key FROM entry_view WHERE view = ? AND account = ? ORDER BY key DESC LIMIT {REACH})"
)


def take_back(db: sqlite3.Connection, account: str, boost_id: str) -> tuple[Post, shelf.Outcome | None] | None:
    """Takes out the boost that an account knows by this id; None where it knows none.

    Gives what was boosted, and what became of its entry: None when it is gone, nobody else having boosted the post.
    """
    account, boost_id = repaired(account), repaired(boost_id)
    wanted = dump(boost_id)
    for row in db.execute(_CANDIDATES, (marks.HOME, account)).fetchall():
        try:
            if wanted not in unpack(*row[-2:]):
                continue
            known = shelf.as_row(*row)
        except CodecError:
            continue
        left = tuple(each for each in known.post.boosters if (each.account, each.boost_id) != (account, boost_id))
        if not boost_id or left == known.post.boosters:
            continue
        key: int | None = shelf.rewrite(db, known, replace(known.post, boosters=left), known.way)
        if key is not None and all(each.account != account for each in left) and _only_boosted(db, known, key, account):
            key = shelf.leave(db, key, account)
        return known.post, None if key is None else shelf.Outcome(key, known.key, edited=True)
    return None


def _only_boosted(db: sqlite3.Connection, known: shelf.Row, key: int, account: str) -> bool:
    """Whether the account knows the post, which lies under this key now, by boosts alone."""
    sights = (shelf.sight_of(db, name, key) for name in known.ids if name.startswith(f"{account}:"))
    return all(sight is None or sight[1] is Way.BOOSTS for sight in sights)
