"""From what Bluesky answers to posts: the border where outside text is cleaned."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeVar

from mbclient.domain.account import Account
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.post import EMPTY, Author, Counts, Link, Media, Mine, Post, PostKind, Quoted, Visibility
from mbclient.domain.safetext import SafeText
from mbclient.services.addresses import web_link
from mbclient.services.bluesky import richtext
from mbclient.services.bluesky.identity import is_did, is_handle
from mbclient.services.bluesky.moderation import MEDIA_LABELS
from mbclient.services.bluesky.shape import (
    MalformedError,
    Object,
    at_uri,
    count,
    instant,
    obj,
    objects,
    optional_instant,
    optional_obj,
    optional_text,
    strong_ref,
    text,
    texts,
    uri_parts,
)

WEB = "https://bsky.app"
POST = "app.bsky.feed.post"
UNREAD = "unread"  # the state of a quote of which only the reference was read
MEMBERS_ONLY = "!no-unauthenticated"  # set on an account: not to be shown without a login (facts 8)

T = TypeVar("T")


def understood(items: Iterable[object], decode: Callable[[Object], T]) -> tuple[list[T], int]:
    """What could be decoded, and how many items could not."""
    good: list[T] = []
    skipped = 0
    for item in items:
        try:
            good.append(decode(obj(item)))
        except MalformedError:
            skipped += 1
    return good, skipped


# ---------------------------------------------------------------- authors and labels


def author(view: Object) -> Author:
    """An author of a profile view, basic or whole."""
    did = text(view, "did")
    if not is_did(did):
        raise MalformedError("no DID")
    handle = optional_text(view, "handle")
    return Author(
        handle=SafeText.line(handle, max_characters=300),
        name=SafeText.line(optional_text(view, "displayName")),
        url=f"{WEB}/profile/{_named(did, handle)}",
        remote_id=did,
        bot=any(label.get("val") == "bot" for label in objects(view.get("labels"))),
        avatar=web_link(view.get("avatar")),
        members_only=any(
            label.get("val") == MEMBERS_ONLY and not label.get("neg") for label in objects(view.get("labels"))
        ),
    )


def _named(did: str, handle: str) -> str:
    """The handle where it is a real one; it reads better than the DID."""
    return handle if is_handle(handle) and not handle.endswith(".invalid") else did


def post_url(uri: str, handle: str = "") -> str:
    """The web address of a post."""
    did, _collection, rkey = uri_parts(uri)
    return f"{WEB}/profile/{_named(did, handle)}/post/{rkey}"


def _is_hidden(view: Object, writer: str) -> bool:
    """Whether a moderation service, never the author, says that it must not be shown."""
    labels = objects(view.get("labels")) + objects(optional_obj(view.get("author")).get("labels"))
    return any(label.get("val") == "!hide" and not label.get("neg") and label.get("src") != writer for label in labels)


def _is_sensitive(view: Object, record: Object) -> bool:
    """Whether anybody, the author too, says that it is not for everybody's eyes."""
    values = [label for label in objects(view.get("labels")) if not label.get("neg")]
    values += objects(optional_obj(record.get("labels")).get("values"))
    return any(optional_text(label, "val") in MEDIA_LABELS for label in values)


# ---------------------------------------------------------------- embeds


@dataclass(frozen=True, slots=True)
class _Embedded:
    media: tuple[Media, ...] = ()
    links: tuple[Link, ...] = ()
    quoted: Quoted | None = None


def _embedded(view: Object, record: Object) -> _Embedded:
    """What the embed shows; the raw record's own embed where there is no view of it."""
    embed = optional_obj(view.get("embed")) or optional_obj(record.get("embed"))
    kind = _embed_kind(embed)
    if kind == "record":
        return _Embedded(quoted=_quoted(optional_obj(embed.get("record"))))
    if kind == "recordWithMedia":
        quoted = _quoted(optional_obj(optional_obj(embed.get("record")).get("record")))
        return replace(_attached(optional_obj(embed.get("media"))), quoted=quoted)
    return _attached(embed)


def _embed_kind(embed: Object) -> str:
    return optional_text(embed, "$type").removeprefix("app.bsky.embed.").removesuffix("#view")


def _attached(embed: Object) -> _Embedded:
    kind = _embed_kind(embed)
    if kind == "external":
        return _Embedded(links=_external(optional_obj(embed.get("external"))))
    if kind == "video":
        alt = SafeText(optional_text(embed, "alt"))
        return _Embedded((Media("video", alt, web_link(embed.get("playlist"))),))
    pictures = objects(embed.get("images")) or objects(embed.get("items"))  # the second: a gallery's
    return _Embedded(
        tuple(
            Media("image", SafeText(optional_text(picture, "alt")), web_link(picture.get("fullsize")))
            for picture in pictures
        )
    )


def _external(card: Object) -> tuple[Link, ...]:
    url = web_link(card.get("uri"))
    return (richtext.link(url, optional_text(card, "title")),) if url else ()


_QUOTE_STATES = {"viewNotFound": "deleted", "viewBlocked": "blocked", "viewDetached": "detached"}


def _quoted(view: Object) -> Quoted | None:
    """The post inside a quote. A quoted list or feed is no post: None."""
    uri = optional_text(view, "uri")
    try:
        did, collection, _rkey = uri_parts(uri)
    except MalformedError:
        return None
    if collection != POST:
        return None
    nobody = Author(EMPTY, remote_id=did)
    kind = optional_text(view, "$type").partition("#")[2]
    if kind in _QUOTE_STATES:
        return Quoted(nobody, EMPTY, post_url(uri), uri, _QUOTE_STATES[kind])
    value = optional_obj(view.get("value"))
    try:
        writer = author(obj(view.get("author")))
    except MalformedError:  # only the reference: the record was read without its view
        return Quoted(nobody, EMPTY, post_url(uri), uri, UNREAD)
    if _is_hidden(view, writer.remote_id):
        return Quoted(nobody, EMPTY, post_url(uri), uri, "hidden")
    text = SafeText(optional_text(value, "text"))
    return Quoted(writer, text, post_url(uri, writer.handle), uri, visibility=Visibility.PUBLIC)


# ---------------------------------------------------------------- posts


def post(account: Account, view: Object) -> Post:
    """A postView, as it is: what wants it hidden or covered, `Moderation` says. Raises `MalformedError`."""
    viewer = optional_obj(view.get("viewer"))
    like, boost = optional_text(viewer, "like"), optional_text(viewer, "repost")
    plain = record_post(
        account, at_uri(view.get("uri")), text(view, "cid"), obj(view.get("record")), obj(view.get("author")), view
    )
    return replace(
        plain,
        counts=Counts(count(view, "replyCount"), count(view, "repostCount"), count(view, "likeCount")),
        mine=Mine(bool(like), bool(boost), viewer.get("bookmarked") is True, like, boost),
    )


def record_post(
    account: Account, uri: str, cid: str, record: Object, writer: Object, view: Object | None = None
) -> Post:
    """A post of its raw record. `writer` is its author's profile view, `view` the postView where there is one.

    The time is the one that Bluesky sorts by: the record's own, or the arrival if that was earlier, so that a post
    dated ten years ahead does not stay on top.
    """
    view = view or {}
    if record.get("$type", POST) != POST:
        raise MalformedError("no post")
    arrived = optional_instant(view.get("indexedAt"))
    declared = optional_instant(record.get("createdAt")) or arrived
    if declared is None or not isinstance(record.get("text"), str):
        raise MalformedError("no time or no text")
    who = author(writer)
    rich, embedded = richtext.read(record), _embedded(view, record)
    reply = optional_obj(record.get("reply"))
    parent, root = strong_ref(reply.get("parent")), strong_ref(reply.get("root"))
    known = {link.url for link in rich.links}
    languages = texts(record.get("langs"))
    return Post(
        account=account.name,
        service=account.service,
        remote_id=uri,
        uri=uri,
        author=who,
        text=SafeText(record["text"]),
        created_at=min(declared, arrived) if arrived else declared,
        url=post_url(uri, who.handle),
        kind=PostKind.REPLY if parent else PostKind.QUOTE if embedded.quoted else PostKind.POST,
        lang=str(SafeText.line(languages[0], max_characters=35)) if languages else None,
        in_reply_to=parent[0] if parent else None,
        quoted=embedded.quoted,
        sensitive=_is_sensitive(view, record),
        links=rich.links + tuple(link for link in embedded.links if link.url not in known),
        tags=rich.tags,
        mentions=rich.mentions,
        media=embedded.media,
        version=cid,
        root=(root or parent) if parent else None,
    )


def entry(item: Object, decode: Callable[[Object], Post]) -> Post:
    """A feedViewPost: a post, or a boost of one. `decode` makes the post of its view."""
    plain = decode(obj(item.get("post")))
    reason = optional_obj(item.get("reason"))
    if not optional_text(reason, "$type").endswith("#reasonRepost"):
        return plain
    by = author(obj(reason.get("by")))
    when = instant(reason.get("indexedAt"))
    ref = optional_text(reason, "uri") or f"{plain.remote_id}#{by.remote_id}#{when.isoformat()}"
    return replace(plain, kind=PostKind.BOOST, boosted_by=by, boost_id=ref, boosted_at=when)
