"""Posts as JSON for the data file, and back: written out by hand, defaults left out, strict in reading.

Text that SQLite or UTF-8 cannot carry is repaired on the way in (lone surrogates and NUL become U+FFFD); shown text is
cleaned again on the way out, so a better cleaning reaches old posts too. `v` is the form's version.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from mbclient.domain.errors import StorageError
from mbclient.domain.post import (
    Author,
    Counts,
    FilterAction,
    Filtered,
    Link,
    Media,
    Mine,
    Notification,
    NotificationKind,
    Post,
    PostKind,
    Quoted,
    Visibility,
)
from mbclient.domain.safetext import REPLACEMENT, SafeText
from mbclient.texts import _

VERSION = 1
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
BROKEN = (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError, RecursionError)


class CodecError(StorageError):
    """A stored item that cannot be read back."""

    def __init__(self, what: str) -> None:
        super().__init__(
            _("a stored {what} cannot be read").format(what=what), _("it is left out; refresh to fetch it again")
        )


def repaired(text: str) -> str:
    """The text with what no store can hold replaced by U+FFFD."""
    return _UNSTORABLE.sub(REPLACEMENT, text) if text else ""


def microseconds(moment: datetime) -> int:
    """An aware instant as microseconds since 1970, exactly."""
    return (moment - EPOCH) // _MICROSECOND


def instant(value: int) -> datetime:
    return EPOCH + timedelta(microseconds=value)


def dump(value: Mapping[str, object] | Sequence[object]) -> str:
    """Compact JSON of what is repaired already."""
    return _ENCODER.encode(value)


def dump_foreign(value: Mapping[str, object] | Sequence[object]) -> str:
    """Compact JSON of what others made: lone surrogates are repaired, NUL stands escaped."""
    return repaired(_ENCODER.encode(value))


def filled(fields: Mapping[str, object]) -> dict[str, object]:
    """The fields that say something: empty ones are the default and are left out."""
    return {name: value for name, value in fields.items() if value not in (None, "", False, 0, (), [], {})}


# ---------------------------------------------------------------- posts


def encode_post(post: Post) -> str:
    """The post without `also` and `terms`, which belong to its place in the archive."""
    return dump({"v": VERSION, **_post(post)})


def decode_post(body: str, *, also: tuple[str, ...] = (), terms: tuple[str, ...] = ()) -> Post:
    """Raises `CodecError`."""
    try:
        fields = json.loads(body)
        if fields["v"] != VERSION:
            raise ValueError("unknown form")
        return _as_post(fields, also, terms)
    except BROKEN as error:
        raise CodecError(_("post")) from error


def encode_notification(notification: Notification) -> str:
    return dump(
        filled(
            {
                "v": VERSION,
                "kind": notification.kind.value,
                "author": _author(notification.author) if notification.author else None,
                "post": _post(notification.post) if notification.post else None,
                "detail": repaired(notification.detail),
                "read": notification.read,
            }
        )
    )


def decode_notification(account: str, remote_id: str, at: int, body: str) -> Notification:
    """Raises `CodecError`."""
    try:
        fields = json.loads(body)
        return Notification(
            account,
            remote_id,
            NotificationKind(fields["kind"]),
            instant(at),
            author=_as_author(fields["author"]) if "author" in fields else None,
            post=_as_post(fields["post"], (), ()) if "post" in fields else None,
            detail=SafeText(fields.get("detail", "")),
            read=bool(fields.get("read", False)),
        )
    except BROKEN as error:
        raise CodecError(_("notification")) from error


def search_text(post: Post) -> str:
    """What full text search finds a post by. A change here needs a migration that fills `entry_text` anew."""
    parts = [post.text, post.cw or "", post.author.name, post.author.handle, *post.tags]
    parts += [media.alt for media in post.media]
    if post.quoted:
        parts += [post.quoted.text, post.quoted.author.name, post.quoted.author.handle]
    return unicodedata.normalize("NFC", repaired("\n".join(part for part in parts if part)))


def _post(post: Post) -> dict[str, object]:
    return filled(
        {
            "account": repaired(post.account),
            "service": repaired(post.service),
            "id": repaired(post.remote_id),
            "uri": repaired(post.uri),
            "url": repaired(post.url),
            "author": _author(post.author),
            "text": repaired(post.text),
            # zero is a real instant, 1970: a string is never taken for a default
            "at": str(microseconds(post.created_at)),
            "kind": "" if post.kind is PostKind.POST else post.kind.value,
            "by": _author(post.boosted_by) if post.boosted_by else None,
            "boost_id": repaired(post.boost_id),
            "boosted_at": _when(post.boosted_at),
            "edited_at": _when(post.edited_at),
            "lang": [repaired(post.lang)] if post.lang is not None else None,
            "reply_to": [repaired(post.in_reply_to)] if post.in_reply_to is not None else None,
            "quoted": _quoted(post.quoted) if post.quoted else None,
            "cw": [repaired(post.cw)] if post.cw is not None else None,
            "sensitive": post.sensitive,
            "visibility": "" if post.visibility is Visibility.PUBLIC else post.visibility.value,
            "links": [[repaired(link.url), repaired(link.text)] for link in post.links],
            "tags": [repaired(tag) for tag in post.tags],
            "mentions": [repaired(mention) for mention in post.mentions],
            "media": [[repaired(m.type), repaired(m.alt), repaired(m.url)] for m in post.media],
            "counts": _unless([post.counts.replies, post.counts.boosts, post.counts.likes], [0, 0, 0]),
            "mine": _mine(post.mine),
            "version": repaired(post.version),
            "root": [repaired(part) for part in post.root] if post.root is not None else None,
            "filtered": [_filtered(filtered) for filtered in post.filtered],
        }
    )


def _as_post(fields: Mapping[str, Any], also: tuple[str, ...], terms: tuple[str, ...]) -> Post:
    get = fields.get
    root = get("root")
    return Post(
        account=get("account", ""),
        service=get("service", ""),
        remote_id=get("id", ""),
        uri=get("uri", ""),
        author=_as_author(fields["author"]),
        text=SafeText(get("text", "")),
        created_at=instant(int(fields["at"])),
        url=get("url", ""),
        kind=PostKind(get("kind", "post")),
        boosted_by=_as_author(fields["by"]) if "by" in fields else None,
        boost_id=get("boost_id", ""),
        boosted_at=_as_when(get("boosted_at")),
        edited_at=_as_when(get("edited_at")),
        lang=fields["lang"][0] if "lang" in fields else None,
        in_reply_to=fields["reply_to"][0] if "reply_to" in fields else None,
        quoted=_as_quoted(fields["quoted"]) if "quoted" in fields else None,
        cw=SafeText(fields["cw"][0]) if "cw" in fields else None,
        sensitive=get("sensitive", False),
        visibility=Visibility(get("visibility", "public")),
        links=tuple(Link(url, SafeText(text)) for url, text in get("links", ())),
        tags=tuple(map(SafeText, get("tags", ()))),
        mentions=tuple(map(SafeText, get("mentions", ()))),
        media=tuple(Media(kind, SafeText(alt), url) for kind, alt, url in get("media", ())),
        counts=Counts(*fields["counts"]) if "counts" in fields else Counts(),
        mine=_as_mine(fields["mine"]) if "mine" in fields else Mine(),
        version=get("version", ""),
        root=(root[0], root[1]) if root is not None else None,
        also=also,
        terms=terms,
        filtered=tuple(map(_as_filtered, get("filtered", ()))),
    )


def _author(author: Author) -> dict[str, object]:
    return filled(
        {
            "handle": repaired(author.handle),
            "name": repaired(author.name),
            "url": repaired(author.url),
            "id": repaired(author.remote_id),
            "bot": author.bot,
        }
    ) or {"handle": ""}  # an author without anything is still one


def _as_author(fields: Mapping[str, Any]) -> Author:
    get = fields.get
    return Author(
        SafeText(get("handle", "")), SafeText(get("name", "")), get("url", ""), get("id", ""), get("bot", False)
    )


def _quoted(quoted: Quoted) -> dict[str, object]:
    return {
        "author": _author(quoted.author),
        "text": repaired(quoted.text),
        "url": repaired(quoted.url),
        "id": repaired(quoted.remote_id),
        "state": repaired(quoted.state),
    }


def _as_quoted(fields: Mapping[str, Any]) -> Quoted:
    return Quoted(_as_author(fields["author"]), SafeText(fields["text"]), fields["url"], fields["id"], fields["state"])


def _filtered(filtered: Filtered) -> Sequence[object]:
    return [
        repaired(filtered.account),
        repaired(filtered.title),
        filtered.action.value,
        [repaired(context) for context in filtered.contexts],
        _when(filtered.until),
        repaired(filtered.id),
    ]


def _as_filtered(fields: Sequence[Any]) -> Filtered:
    account, title, action, contexts, until, filter_id = fields
    return Filtered(account, SafeText(title), FilterAction(action), tuple(contexts), _as_when(until), filter_id)


def _mine(mine: Mine) -> Sequence[object] | None:
    fields: list[object] = [
        mine.liked,
        mine.boosted,
        mine.bookmarked,
        repaired(mine.like_ref),
        repaired(mine.boost_ref),
    ]
    return _unless(fields, [False, False, False, "", ""])


def _as_mine(fields: Sequence[Any]) -> Mine:
    liked, boosted, bookmarked, like_ref, boost_ref = fields
    return Mine(bool(liked), bool(boosted), bool(bookmarked), like_ref, boost_ref)


def _unless(value: Sequence[object], default: Sequence[object]) -> Sequence[object] | None:
    return None if value == default else value


def _when(moment: datetime | None) -> str | None:
    return None if moment is None else str(microseconds(moment))


def _as_when(value: str | None) -> datetime | None:
    return None if value is None else instant(int(value))
