"""Posts as JSON for the data file, and back: written out by hand, defaults left out, strict in reading.

Text is repaired on the way in, all of it at once, in the finished JSON; shown text is cleaned again on the way out, so
a better cleaning reaches old posts too. `v` is the form's version.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from mbclient.domain.poll import Choice, Poll
from mbclient.domain.post import (
    Author,
    Booster,
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
from mbclient.domain.safetext import SafeText
from mbclient.storage.codec import BROKEN, CodecError, dump, filled, instant, microseconds, repaired, storable
from mbclient.texts import _

VERSION = 1
_read = json.JSONDecoder().raw_decode  # our own JSON: nothing stands around it, and nobody need look for that
_NO_COUNTS, _NOT_MINE = Counts(), Mine()
_KINDS = {kind.value: kind for kind in PostKind}
_VISIBILITIES = {visibility.value: visibility for visibility in Visibility}


def encode_post(post: Post, *, without_author: bool = False) -> str:
    """The post without `also` and `terms`, which belong to its place in the archive."""
    return storable(dump({"v": VERSION, **_post(post, without_author=without_author)}))


def decode_post(
    body: str, *, author: Author | None = None, also: tuple[str, ...] = (), terms: tuple[str, ...] = ()
) -> Post:
    """`author`: of a post that was encoded without. Raises `CodecError`."""
    try:
        fields, end = _read(body)
        if fields["v"] != VERSION or end != len(body):
            raise ValueError("unknown form")
        return _as_post(fields, author or _as_author(fields["author"]), also, terms)
    except BROKEN as error:
        raise CodecError(_("post")) from error


def encode_author(author: Author) -> str:
    return storable(dump(_author(author)))


def decode_author(body: str) -> Author:
    """Raises `CodecError`."""
    try:
        return _as_author(json.loads(body))
    except BROKEN as error:
        raise CodecError(_("post")) from error


def encode_notification(notification: Notification) -> str:
    return storable(
        dump(
            filled(
                {
                    "v": VERSION,
                    "kind": notification.kind.value,
                    "author": _author(notification.author) if notification.author else None,
                    "post": _post(notification.post) if notification.post else None,
                    "detail": notification.detail,
                    "read": notification.read,
                }
            )
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
            post=_as_post(fields["post"], _as_author(fields["post"]["author"]), (), ()) if "post" in fields else None,
            detail=SafeText(fields.get("detail", "")),
            read=bool(fields.get("read", False)),
        )
    except BROKEN as error:
        raise CodecError(_("notification")) from error


def search_text(post: Post) -> str:
    """What full text search finds a post by. A change here needs a migration that fills `entry_text` anew."""
    parts = [post.text, post.cw or "", post.author.name, post.author.handle, *post.tags]
    parts += [media.alt for media in post.media]
    if post.poll:
        parts += [choice.text for choice in post.poll.choices]
    if post.quoted:
        parts += [post.quoted.text, post.quoted.author.name, post.quoted.author.handle]
    return unicodedata.normalize("NFC", repaired("\n".join(filter(None, parts))))


def _post(post: Post, *, without_author: bool = False) -> dict[str, object]:
    """Field by field in three parts: to name all of them and leave most out again takes twice the time."""
    fields: dict[str, object] = {
        "account": post.account,
        "service": post.service,
        "id": post.remote_id,
        "uri": post.uri,
        "url": post.url,
    }
    if not without_author:
        fields["author"] = _author(post.author)
    fields["text"] = post.text
    # zero is a real instant, 1970: a string is never taken for a default
    fields["at"] = str(microseconds(post.created_at))
    if not all(fields.values()):
        fields = filled(fields)
    _add_circumstances(fields, post)
    _add_attached(fields, post)
    return fields


def _add_circumstances(fields: dict[str, object], post: Post) -> None:
    """How the post came, and to whom it speaks."""
    if post.kind is not PostKind.POST:
        fields["kind"] = post.kind.value
    if post.boosted_by:
        fields["by"] = _author(post.boosted_by)
    if post.boost_id:
        fields["boost_id"] = post.boost_id
    if post.boosted_at is not None:
        fields["boosted_at"] = _when(post.boosted_at)
    if post.boosters:
        fields["boosters"] = [_booster(each) for each in post.boosters]
    if post.edited_at is not None:
        fields["edited_at"] = _when(post.edited_at)
    if post.lang is not None:
        fields["lang"] = [post.lang]
    if post.in_reply_to is not None:
        fields["reply_to"] = [post.in_reply_to]
    if post.quoted:
        fields["quoted"] = _quoted(post.quoted)
    if post.cw is not None:
        fields["cw"] = [post.cw]
    if post.sensitive:
        fields["sensitive"] = True
    if post.visibility is not Visibility.PUBLIC:
        fields["visibility"] = post.visibility.value


def _add_attached(fields: dict[str, object], post: Post) -> None:
    """What hangs on the words."""
    if post.links:
        fields["links"] = [[link.url, link.text] for link in post.links]
    if post.tags:
        fields["tags"] = post.tags
    if post.mentions:
        fields["mentions"] = post.mentions
    if post.media:
        fields["media"] = [[media.type, media.alt, media.url] for media in post.media]
    if (counts := post.counts) != _NO_COUNTS:
        fields["counts"] = [counts.replies, counts.boosts, counts.likes]
    if post.mine != _NOT_MINE:
        fields["mine"] = _mine(post.mine)
    if post.version:
        fields["version"] = post.version
    if post.root is not None:
        fields["root"] = post.root
    if post.filtered:
        fields["filtered"] = [_filtered(filtered) for filtered in post.filtered]
    if post.poll:
        fields["poll"] = _poll(post.poll)


def _as_post(fields: Mapping[str, Any], author: Author, also: tuple[str, ...], terms: tuple[str, ...]) -> Post:
    get = fields.get
    root = get("root")
    return Post(
        account=get("account", ""),
        service=get("service", ""),
        remote_id=get("id", ""),
        uri=get("uri", ""),
        author=author,
        text=SafeText(get("text", "")),
        created_at=instant(int(fields["at"])),
        url=get("url", ""),
        kind=_KINDS[get("kind", "post")],
        boosted_by=_as_author(fields["by"]) if "by" in fields else None,
        boost_id=get("boost_id", ""),
        boosted_at=_as_when(get("boosted_at")),
        boosters=tuple(_as_booster(*each) for each in fields["boosters"]) if "boosters" in fields else (),
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
        poll=_as_poll(fields["poll"]) if "poll" in fields else None,
    )


def _author(author: Author) -> dict[str, object]:
    return filled(
        {
            "handle": author.handle,
            "name": author.name,
            "url": author.url,
            "id": author.remote_id,
            "bot": author.bot,
            "avatar": author.avatar,
            "members": author.members_only,
        }
    ) or {"handle": ""}  # an author without anything is still one


def _as_author(fields: Mapping[str, Any]) -> Author:
    get = fields.get
    return _one_author(
        get("handle", ""),
        get("name", ""),
        get("url", ""),
        get("id", ""),
        get("bot", False),
        get("avatar", ""),
        get("members", False),
    )


@lru_cache(maxsize=1024)
def _one_author(handle: str, name: str, url: str, remote_id: str, bot: bool, avatar: str, members_only: bool) -> Author:
    """The same few write again and again."""
    return Author(SafeText(handle), SafeText(name), url, remote_id, bot, avatar, members_only)


def _booster(booster: Booster) -> Sequence[object]:
    return [_author(booster.author), booster.boost_id, _when(booster.at), booster.account]


def _as_booster(who: Mapping[str, Any], boost_id: str, at: str | None = None, account: str = "") -> Booster:
    """Rows of an earlier program have neither `at` nor `account`."""
    return Booster(_as_author(who), boost_id, _as_when(at), account)


def _quoted(quoted: Quoted) -> dict[str, object]:
    fields: dict[str, object] = {
        "author": _author(quoted.author),
        "text": quoted.text,
        "url": quoted.url,
        "id": quoted.remote_id,
        "state": quoted.state,
    }
    return fields if quoted.visibility is None else {**fields, "visibility": quoted.visibility.value}


def _as_quoted(fields: Mapping[str, Any]) -> Quoted:
    seen = fields.get("visibility")
    return Quoted(
        _as_author(fields["author"]),
        SafeText(fields["text"]),
        fields["url"],
        fields["id"],
        fields["state"],
        None if seen is None else Visibility(seen),
    )


def _filtered(filtered: Filtered) -> Sequence[object]:
    return [
        filtered.account,
        filtered.title,
        filtered.action.value,
        filtered.contexts,
        _when(filtered.until),
        filtered.id,
    ]


def _as_filtered(fields: Sequence[Any]) -> Filtered:
    account, title, action, contexts, until, filter_id = fields
    return Filtered(account, SafeText(title), FilterAction(action), tuple(contexts), _as_when(until), filter_id)


def _poll(poll: Poll) -> dict[str, object]:
    choices = [[choice.text, choice.votes, choice.mine] for choice in poll.choices]
    fields: dict[str, object] = {
        "multiple": poll.multiple,
        "ends": _when(poll.ends),
        "closed": poll.closed,
        "voters": [poll.voters] if poll.voters is not None else None,
        "voted": poll.voted,
        "id": poll.id,
    }
    return {"choices": choices, **filled(fields)}


def _as_poll(fields: Mapping[str, Any]) -> Poll:
    get = fields.get
    return Poll(
        choices=tuple(Choice(SafeText(text), votes, mine) for text, votes, mine in fields["choices"]),
        multiple=get("multiple", False),
        ends=_as_when(get("ends")),
        closed=get("closed", False),
        voters=fields["voters"][0] if "voters" in fields else None,
        voted=get("voted", False),
        id=get("id", ""),
    )


def _mine(mine: Mine) -> Sequence[object]:
    return [mine.liked, mine.boosted, mine.bookmarked, mine.like_ref, mine.boost_ref]


def _as_mine(fields: Sequence[Any]) -> Mine:
    liked, boosted, bookmarked, like_ref, boost_ref = fields
    return Mine(bool(liked), bool(boosted), bool(bookmarked), like_ref, boost_ref)


def _when(moment: datetime | None) -> str | None:
    return None if moment is None else str(microseconds(moment))


def _as_when(value: str | None) -> datetime | None:
    return None if value is None else instant(int(value))
