"""What is done to the board: posting once a key, editing, deleting, boosting, marking, and who is told of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from mbclient.domain.errors import RejectedError
from mbclient.domain.lengths import grapheme_length
from mbclient.domain.post import NotificationKind, Visibility
from mbclient.services.local.rows import folded, item, mentions_in, storable, tags_in
from mbclient.texts import _

MAX_LENGTH = 5000
_ALONE = (Visibility.FOLLOWERS, Visibility.DIRECT)  # not to be boosted: it would widen them


class Writer:
    """Writes for one account, each call inside the caller's transaction. Raises `RejectedError`."""

    def __init__(self, account: str, me: str) -> None:
        self._account = account
        self._me = me

    def register(self, db: sqlite3.Connection, now: int) -> None:
        db.execute("INSERT OR IGNORE INTO local_account VALUES (?, ?)", (self._me, now))

    def publish(self, db: sqlite3.Connection, prepared: Mapping[str, object], now: int) -> tuple[int, int, bool]:
        """The post's number, its time, and whether it is new: the same key again changes nothing."""
        key = storable(str(prepared["key"]))
        known = self.sent(db, key)
        if known is not None:
            return *known, False
        self.register(db, now)
        text, cw = storable(str(prepared["text"])), storable(str(prepared["cw"]))
        if not text.strip():
            raise self.refused(_("the post is empty"), _("write something"), 422)
        over = grapheme_length(text) + grapheme_length(cw) - MAX_LENGTH
        if over > 0:
            raise self.refused(_("the post is too long by {n}").format(n=over), _("shorten it"), 422)
        if prepared["edit_of"]:
            number, at = self._edit(db, str(prepared["edit_of"]), text, cw, now), now
        else:
            number = self._add(db, prepared, text, cw, now)
            at = now
        db.execute("INSERT INTO local_sent VALUES (?, ?, ?, ?)", (self._me, key, number, at))
        return number, at, True

    def sent(self, db: sqlite3.Connection, key: str) -> tuple[int, int] | None:
        row = db.execute("SELECT item, at FROM local_sent WHERE author = ? AND key = ?", (self._me, key)).fetchone()
        return None if row is None else (int(row["item"]), int(row["at"]))

    def _add(self, db: sqlite3.Connection, prepared: Mapping[str, object], text: str, cw: str, now: int) -> int:
        parent = self._known(db, str(prepared["reply_to"])) if prepared["reply_to"] else None
        quoted = self._known(db, str(prepared["quote_of"])) if prepared["quote_of"] else None
        number = self._insert(
            db,
            now,
            text=text,
            cw=cw,
            lang=storable(str(prepared["lang"])),
            visibility=Visibility(str(prepared["visibility"])).value,
            reply_to=parent["id"] if parent else None,
            quote_of=quoted["id"] if quoted else None,
        )
        self._index(db, number, text)
        told = {name.casefold(): NotificationKind.MENTION for name in mentions_in(text)}
        if quoted:
            told[quoted["author"].casefold()] = NotificationKind.QUOTE
        if parent:
            told[parent["author"].casefold()] = NotificationKind.REPLY
        if prepared["visibility"] == Visibility.DIRECT:  # a direct post is told to those alone who may read it
            told = {name: kind for name, kind in told.items() if name in map(str.casefold, mentions_in(text))}
        for name, kind in told.items():
            self._tell(db, name, kind, number, now)
        return number

    def _insert(self, db: sqlite3.Connection, now: int, **fields: object) -> int:
        newest = db.execute("SELECT max(id) FROM local_item").fetchone()[0] or 0
        sent = db.execute("SELECT max(item) FROM local_sent").fetchone()[0] or 0
        number = max(now, newest + 1, sent + 1)  # never the number of a deleted post, whatever the clock does
        values = {
            "id": number,
            "author": self._me,
            "created_at": now,
            "words": folded(f"{fields['cw']}\n{fields['text']}"),
            **fields,
        }
        names = ", ".join(values)
        marks = ", ".join(f":{name}" for name in values)
        db.execute(f"INSERT INTO local_item ({names}) VALUES ({marks})", values)  # noqa: S608 - our own names, bound values
        return number

    def _index(self, db: sqlite3.Connection, number: int, text: str) -> None:
        db.execute("DELETE FROM local_mention WHERE item = ?", (number,))
        db.execute("DELETE FROM local_tag WHERE item = ?", (number,))
        names = {name.casefold() for name in mentions_in(text)}
        db.executemany("INSERT INTO local_mention VALUES (?, ?)", [(number, name) for name in names])
        tags = {folded(tag) for tag in tags_in(text)}
        db.executemany("INSERT INTO local_tag VALUES (?, ?)", [(tag, number) for tag in tags])

    def _edit(self, db: sqlite3.Connection, remote_id: str, text: str, cw: str, now: int) -> int:
        row = self._own(db, remote_id)
        if row is None:
            raise self._unknown(remote_id)
        db.execute(
            "UPDATE local_item SET text = ?, cw = ?, words = ?, edited_at = ? WHERE id = ?",
            (text, cw, folded(f"{cw}\n{text}"), now, row["id"]),
        )
        self._index(db, row["id"], text)
        return int(row["id"])

    def delete(self, db: sqlite3.Connection, remote_id: str) -> tuple[int, ...]:
        """The numbers of what went: the post and its boosts."""
        row = self._own(db, remote_id)
        if row is None:
            return ()
        items = [
            row["id"],
            *(r["id"] for r in db.execute("SELECT id FROM local_item WHERE boost_of = ?", (row["id"],))),
        ]
        for number in items:
            for statement in (
                "DELETE FROM local_notice WHERE item = ?",
                "DELETE FROM local_mark WHERE item = ?",
                "DELETE FROM local_mention WHERE item = ?",
                "DELETE FROM local_tag WHERE item = ?",
                "DELETE FROM local_item WHERE id = ?",
            ):
                db.execute(statement, (number,))
        return tuple(items)

    def mark(self, db: sqlite3.Connection, remote_id: str, kind: str, on: bool, now: int) -> sqlite3.Row:
        """Sets or takes back a like or a bookmark; gives the post."""
        row = self._known(db, remote_id)
        name = (row["id"], kind, self._me)
        if on:
            db.execute("INSERT OR IGNORE INTO local_mark VALUES (?, ?, ?, ?)", (*name, now))
            if kind == "like":
                self._tell(db, row["author"].casefold(), NotificationKind.LIKE, row["id"], now)
        else:
            db.execute("DELETE FROM local_mark WHERE item = ? AND kind = ? AND account = ?", name)
            if kind == "like":
                self._untell(db, NotificationKind.LIKE, row["id"])
        return self._known(db, remote_id)

    def boost(self, db: sqlite3.Connection, remote_id: str, on: bool, now: int) -> tuple[sqlite3.Row, tuple[int, ...]]:
        """Sets or takes back a boost; gives the post, and the number of a boost that went."""
        row = self._known(db, remote_id)
        mine = db.execute(
            "SELECT id FROM local_item WHERE boost_of = ? AND author = ?", (row["id"], self._me)
        ).fetchone()
        undone: tuple[int, ...] = ()
        if on and mine is None:
            if row["visibility"] in _ALONE:
                raise self.refused(_("this post is not public"), _("quote or link nothing of it"), 403)
            self._insert(db, now, boost_of=row["id"], text="", cw="", lang="", visibility=row["visibility"])
            self._tell(db, row["author"].casefold(), NotificationKind.BOOST, row["id"], now)
        elif not on and mine is not None:
            db.execute("DELETE FROM local_item WHERE id = ?", (mine["id"],))
            undone = (mine["id"],)
            self._untell(db, NotificationKind.BOOST, row["id"])
        return self._known(db, remote_id), undone

    def _tell(self, db: sqlite3.Connection, folded_name: str, kind: NotificationKind, number: int, now: int) -> None:
        if folded_name == self._me.casefold():
            return
        db.execute(
            "INSERT OR IGNORE INTO local_notice (account, kind, author, item, at) VALUES (?, ?, ?, ?, ?)",
            (folded_name, kind.value, self._me, number, now),
        )

    def _untell(self, db: sqlite3.Connection, kind: NotificationKind, number: int) -> None:
        values = (kind.value, self._me, number)
        db.execute("DELETE FROM local_notice WHERE kind = ? AND author = ? AND item = ?", values)

    def _known(self, db: sqlite3.Connection, remote_id: str) -> sqlite3.Row:
        row = item(db, self._me, number_of(remote_id))
        if row is None:
            raise self._unknown(remote_id)
        return row

    def _own(self, db: sqlite3.Connection, remote_id: str) -> sqlite3.Row | None:
        row = item(db, self._me, number_of(remote_id))
        if row is not None and row["author"] != self._me:
            raise self.refused(_("this post is not yours"), _("only your own can be changed"), 403)
        return row

    def _unknown(self, remote_id: str) -> RejectedError:
        return self.refused(_("there is no post {id}").format(id=remote_id), _("it may have been deleted"), 404)

    def refused(self, problem: str, advice: str, status: int) -> RejectedError:
        return RejectedError(problem, advice, account=self._account, status=status)


def number_of(remote_id: str) -> int:
    """The row's number; 0, which no row has, for what is no number of ours."""
    return int(remote_id) if remote_id.isascii() and remote_id.isdigit() and len(remote_id) < 19 else 0
