"""Posts as JSON for the data file, and back: written out by hand, defaults left out, strict in reading.

Text that SQLite or UTF-8 cannot carry is repaired on the way in (lone surrogates and NUL become U+FFFD); shown text is
cleaned again on the way out, so a better cleaning reaches old posts too. `v` is the form's version.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
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
_NO_COUNTS, _NOT_MINE = Counts(), Mine()
_KINDS = {kind.value: kind for kind in PostKind}
_VISIBILITIES = {visibility.value: visibility for visibility in Visibility}
_Clean = Callable[[str], str]
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
    return {name: value for name, value in fields.items() if value}


# ---------------------------------------------------------------- posts


def encode_post(post: Post) -> str:
    """The post without `also` and `terms`, which belong to its place in the archive."""
    body = dump({"v": VERSION, **_post(post, _as_it_is)})
    try:
        body.encode()
    except UnicodeEncodeError:
        pass
    else:
        if "\\u0000" not in body:
            return body
    return dump({"v": VERSION, **_post(post, repaired)})  # a search in every text, for the few that need it


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
                "author": _author(notification.author, repaired) if notification.author else None,
                "post": _post(notification.post, repaired) if notification.post else None,
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


def _as_it_is(text: str) -> str:
    return text


def _post(post: Post, clean: _Clean) -> dict[str, object]:
    counts = post.counts
    return filled(
        {
            "account": clean(post.account),
            "service": clean(post.service),
            "id": clean(post.remote_id),
            "uri": clean(post.uri),
            "url": clean(post.url),
            "author": _author(post.author, clean),
            "text": clean(post.text),
            # zero is a real instant, 1970: a string is never taken for a default
            "at": str(microseconds(post.created_at)),
            "kind": "" if post.kind is PostKind.POST else post.kind.value,
            "by": _author(post.boosted_by, clean) if post.boosted_by else None,
            "boost_id": clean(post.boost_id),
            "boosted_at": _when(post.boosted_at),
            "edited_at": _when(post.edited_at),
            "lang": [clean(post.lang)] if post.lang is not None else None,
            "reply_to": [clean(post.in_reply_to)] if post.in_reply_to is not None else None,
            "quoted": _quoted(post.quoted, clean) if post.quoted else None,
            "cw": [clean(post.cw)] if post.cw is not None else None,
            "sensitive": post.sensitive,
            "visibility": "" if post.visibility is Visibility.PUBLIC else post.visibility.value,
            "links": [[clean(link.url), clean(link.text)] for link in post.links] if post.links else None,
            "tags": list(map(clean, post.tags)),
            "mentions": list(map(clean, post.mentions)),
            "media": [[clean(m.type), clean(m.alt), clean(m.url)] for m in post.media] if post.media else None,
            "counts": None if counts == _NO_COUNTS else [counts.replies, counts.boosts, counts.likes],
            "mine": None if post.mine == _NOT_MINE else _mine(post.mine, clean),
            "version": clean(post.version),
            "root": [clean(part) for part in post.root] if post.root is not None else None,
            "filtered": [_filtered(filtered, clean) for filtered in post.filtered] if post.filtered else None,
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
        kind=_KINDS[get("kind", "post")],
        boosted_by=_as_author(fields["by"]) if "by" in fields else None,
        boost_id=get("boost_id", ""),
        boosted_at=_as_when(get("boosted_at")),
        edited_at=_as_when(get("edited_at")),
        lang=fields["lang"][0] if "lang" in fields else None,
        in_reply_to=fields["reply_to"][0] if "reply_to" in fields else None,
        quoted=_as_quoted(fields["quoted"]) if "quoted" in fields else None,
        cw=SafeText(fields["cw"][0]) if "cw" in fields else None,
        sensitive=get("sensitive", False),
        visibility=_VISIBILITIES[get("visibility", "public")],
        links=tuple(Link(url, SafeText(text)) for url, text in fields["links"]) if "links" in fields else (),
        tags=tuple(map(SafeText, fields["tags"])) if "tags" in fields else (),
        mentions=tuple(map(SafeText, fields["mentions"])) if "mentions" in fields else (),
        media=tuple(Media(kind, SafeText(alt), url) for kind, alt, url in fields["media"]) if "media" in fields else (),
        counts=Counts(*fields["counts"]) if "counts" in fields else _NO_COUNTS,
        mine=_as_mine(fields["mine"]) if "mine" in fields else _NOT_MINE,
        version=get("version", ""),
        root=(root[0], root[1]) if root is not None else None,
        also=also,
        terms=terms,
        filtered=tuple(map(_as_filtered, fields["filtered"])) if "filtered" in fields else (),
    )


def _author(author: Author, clean: _Clean) -> dict[str, object]:
    return filled(
        {
            "handle": clean(author.handle),
            "name": clean(author.name),
            "url": clean(author.url),
            "id": clean(author.remote_id),
            "bot": author.bot,
        }
    ) or {"handle": ""}  # an author without anything is still one


def _as_author(fields: Mapping[str, Any]) -> Author:
    get = fields.get
    return _one_author(get("handle", ""), get("name", ""), get("url", ""), get("id", ""), get("bot", False))


@lru_cache(maxsize=1024)
def _one_author(handle: str, name: str, url: str, remote_id: str, bot: bool) -> Author:
    """The same few write again and again."""
    return Author(SafeText(handle), SafeText(name), url, remote_id, bot)


def _quoted(quoted: Quoted, clean: _Clean) -> dict[str, object]:
    return {
        "author": _author(quoted.author, clean),
        "text": clean(quoted.text),
        "url": clean(quoted.url),
        "id": clean(quoted.remote_id),
        "state": clean(quoted.state),
    }


def _as_quoted(fields: Mapping[str, Any]) -> Quoted:
    return Quoted(_as_author(fields["author"]), SafeText(fields["text"]), fields["url"], fields["id"], fields["state"])


def _filtered(filtered: Filtered, clean: _Clean) -> Sequence[object]:
    return [
        clean(filtered.account),
        clean(filtered.title),
        filtered.action.value,
        list(map(clean, filtered.contexts)),
        _when(filtered.until),
        clean(filtered.id),
    ]


def _as_filtered(fields: Sequence[Any]) -> Filtered:
    account, title, action, contexts, until, filter_id = fields
    return Filtered(account, SafeText(title), FilterAction(action), tuple(contexts), _as_when(until), filter_id)


def _mine(mine: Mine, clean: _Clean) -> Sequence[object]:
    return [mine.liked, mine.boosted, mine.bookmarked, clean(mine.like_ref), clean(mine.boost_ref)]


def _as_mine(fields: Sequence[Any]) -> Mine:
    liked, boosted, bookmarked, like_ref, boost_ref = fields
    return Mine(bool(liked), bool(boosted), bool(bookmarked), like_ref, boost_ref)


def _when(moment: datetime | None) -> str | None:
    return None if moment is None else str(microseconds(moment))


def _as_when(value: str | None) -> datetime | None:
    return None if value is None else instant(int(value))
