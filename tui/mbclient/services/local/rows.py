"""From the board's rows to posts, as one account sees them."""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from mbclient.domain.post import Author, Counts, Link, Mine, Post, PostKind, Quoted, Visibility
from mbclient.domain.safetext import REPLACEMENT, SafeText
from mbclient.services.addresses import web_link

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MENTION = re.compile(r"(?<![\w@/])@([A-Za-z0-9_-]{1,40})(?![\w@])")
_TAG = re.compile(r"(?<![\w#/])#(\w+)")
_LINK = re.compile(r"(?<!\w)https?://[\w\[][^\s<>\"()]*", re.IGNORECASE)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

# A post may be seen by everybody here, unless it is direct: then by its author and whom it mentions.
VISIBLE = (
    "(visibility <> 'direct' OR author = :me"
    " OR EXISTS (SELECT 1 FROM local_mention WHERE item = local_item.id AND name = :me_folded))"
)
SELECT = """SELECT local_item.*,
    (SELECT count(*) FROM local_item AS r WHERE r.reply_to = local_item.id) AS replies,
    (SELECT count(*) FROM local_item AS b WHERE b.boost_of = local_item.id) AS boosts,
    (SELECT count(*) FROM local_mark AS l WHERE l.item = local_item.id AND l.kind = 'like') AS likes,
    EXISTS (SELECT 1 FROM local_item AS b WHERE b.boost_of = local_item.id AND b.author = :me) AS boosted,
    EXISTS (SELECT 1 FROM local_mark AS m WHERE m.item = local_item.id AND m.kind = 'like' AND m.account = :me)
        AS liked,
    EXISTS (SELECT 1 FROM local_mark AS m WHERE m.item = local_item.id AND m.kind = 'bookmark' AND m.account = :me)
        AS bookmarked
    FROM local_item"""


def storable(text: str) -> str:
    """What SQLite can hold: lone surrogates and NUL become U+FFFD."""
    return _UNSTORABLE.sub(REPLACEMENT, text)


def folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


def mentions_in(text: str) -> list[str]:
    """Whom a text names, in order, once each."""
    return list(dict.fromkeys(_MENTION.findall(text)))


def tags_in(text: str) -> list[str]:
    return list(dict.fromkeys(_TAG.findall(text)))


def links_in(text: str) -> list[str]:
    """Web addresses, without the sentence's punctuation after them."""
    found = (web_link(link.rstrip(".,;:!?'")) for link in _LINK.findall(text))
    return list(dict.fromkeys(link for link in found if link))


def moment(milliseconds: int) -> datetime:
    return EPOCH + timedelta(milliseconds=milliseconds)


def milliseconds(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(milliseconds=1)


def item(db: sqlite3.Connection, me: str, number: int) -> sqlite3.Row | None:
    """One post that `me` may see."""
    found: sqlite3.Row | None = db.execute(
        f"{SELECT} WHERE id = :id AND boost_of IS NULL AND {VISIBLE}",
        {"id": number, "me": me, "me_folded": me.casefold()},
    ).fetchone()
    return found


class Reader:
    """Makes posts for one account; a row may be a post or a boost of one."""

    def __init__(self, account: str, me: str) -> None:
        self._account = account
        self._me = me

    def posts(self, db: sqlite3.Connection, rows: Iterable[sqlite3.Row]) -> tuple[Post, ...]:
        return tuple(post for row in rows if (post := self.post(db, row)) is not None)

    def post(self, db: sqlite3.Connection, row: sqlite3.Row) -> Post | None:
        """None for a boost whose post is gone."""
        if row["boost_of"] is None:
            return self._plain(db, row)
        boosted = item(db, self._me, row["boost_of"])
        if boosted is None:
            return None
        return self._plain(db, boosted, boost=row)

    def _plain(self, db: sqlite3.Connection, row: sqlite3.Row, *, boost: sqlite3.Row | None = None) -> Post:
        text = str(row["text"])
        kind = PostKind.QUOTE if row["quote_of"] else PostKind.REPLY if row["reply_to"] else PostKind.POST
        return Post(
            account=self._account,
            service="local",
            remote_id=str(row["id"]),
            uri=f"urn:mbclient:local:{row['id']}",
            author=author(row["author"]),
            text=SafeText(text),
            created_at=moment(row["created_at"]),
            kind=PostKind.BOOST if boost else kind,
            boosted_by=author(boost["author"]) if boost else None,
            boost_id=str(boost["id"]) if boost else "",
            boosted_at=moment(boost["created_at"]) if boost else None,
            edited_at=moment(row["edited_at"]) if row["edited_at"] is not None else None,
            lang=str(SafeText.line(row["lang"], max_characters=35)) or None,
            in_reply_to=str(row["reply_to"]) if row["reply_to"] else None,
            quoted=self._quoted(db, row["quote_of"]) if row["quote_of"] else None,
            cw=SafeText(row["cw"]) if row["cw"] else None,
            visibility=Visibility(row["visibility"]),
            links=tuple(map(Link, links_in(text))),
            tags=tuple(map(SafeText, tags_in(text))),
            mentions=tuple(map(SafeText, mentions_in(text))),
            counts=Counts(row["replies"], row["boosts"], row["likes"]),
            mine=Mine(bool(row["liked"]), bool(row["boosted"]), bool(row["bookmarked"])),
        )

    def _quoted(self, db: sqlite3.Connection, number: int) -> Quoted:
        row = item(db, self._me, number)
        if row is None:  # deleted, or direct to others
            return Quoted(author(""), SafeText(""), remote_id=str(number), state="deleted")
        visibility = Visibility(row["visibility"])
        return Quoted(author(row["author"]), SafeText(row["text"]), remote_id=str(number), visibility=visibility)


def author(name: str) -> Author:
    return Author(SafeText(name), SafeText(name), remote_id=name)
