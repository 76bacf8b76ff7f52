"""What is new on the board since the last look: posts, boosts, edits and notices, whichever program wrote them."""

from __future__ import annotations

import sqlite3

from mbclient.core.ports import PostEdited, StreamEvent
from mbclient.domain.post import Notification, NotificationKind
from mbclient.services.local.rows import SELECT, VISIBLE, Reader, author, item, moment


class News:
    """One account's looks; the first only notes how far the board is. Ids only grow, so the newest one is a mark."""

    def __init__(self, account: str, me: str, reader: Reader) -> None:
        self._account = account
        self._me = me
        self._reader = reader
        self._item = self._notice = self._edit = -1

    def look(self, db: sqlite3.Connection) -> list[StreamEvent]:
        """In the order in which it came to be; a direct post only for those it names."""
        last = self._item, self._edit, self._notice
        self._item, self._edit = db.execute(
            "SELECT ifnull(max(id), 0), ifnull(max(edited_at), 0) FROM local_item"
        ).fetchone()
        self._notice = db.execute("SELECT ifnull(max(id), 0) FROM local_notice").fetchone()[0]
        if last[0] < 0:
            return []
        who = {"me": self._me, "me_folded": self._me.casefold()}
        new = db.execute(f"{SELECT} WHERE id > :last AND {VISIBLE} ORDER BY id", {**who, "last": last[0]})
        events: list[StreamEvent] = [*self._reader.posts(db, new.fetchall())]
        edited = db.execute(
            f"{SELECT} WHERE edited_at > :last AND id <= :item AND {VISIBLE} ORDER BY edited_at",
            {**who, "last": last[1], "item": last[0]},
        )
        events += [PostEdited(post) for post in self._reader.posts(db, edited.fetchall())]
        notices = db.execute(
            "SELECT * FROM local_notice WHERE account = ? AND id > ? ORDER BY id", (self._me.casefold(), last[2])
        )
        return events + [notification(db, row, self._account, self._me, self._reader) for row in notices.fetchall()]


def notification(db: sqlite3.Connection, row: sqlite3.Row, account: str, me: str, reader: Reader) -> Notification:
    """A row of `local_notice`, with the post it is about while that can be seen."""
    about = item(db, me, row["item"])
    return Notification(
        account,
        str(row["id"]),
        NotificationKind(row["kind"]),
        moment(row["at"]),
        author=author(row["author"]),
        post=reader.post(db, about) if about is not None else None,
    )
