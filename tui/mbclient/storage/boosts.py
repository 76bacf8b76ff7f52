"""Boosts that were taken back: the entry of the boost goes, the post stays wherever else it is."""

from __future__ import annotations

import sqlite3

from mbclient.domain.post import Post
from mbclient.storage import marks, shelf
from mbclient.storage.codec import CodecError, decode_post, dump, repaired

REACH = 2000  # of an account's newest entries: a boost is taken back soon, or nobody looks for it here any more
_CANDIDATES = (
    "SELECT key, body FROM entry WHERE boost = 1 AND instr(body, ?) AND key IN"
    f" (SELECT key FROM entry_view WHERE view = ? AND account = ? ORDER BY key DESC LIMIT {REACH})"
)


def take_back(db: sqlite3.Connection, account: str, boost_id: str) -> Post | None:
    """Drops the boost that an account knows by this id, unless another account has it too; gives what was boosted."""
    account, boost_id = repaired(account), repaired(boost_id)
    for key, body in db.execute(_CANDIDATES, (dump(boost_id), marks.HOME, account)).fetchall():
        try:
            post = decode_post(body)
        except CodecError:
            continue
        if (post.account, post.boost_id) == (account, boost_id) and marks.accounts_of(db, key) == [account]:
            shelf.drop(db, key)
            return post
    return None
