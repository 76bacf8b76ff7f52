"""The engine's feeds: JSON that may be no JSON, times with hyphens, Atom where that happens (facts/jaiku.md 6)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from mbclient.domain.errors import UsageError
from mbclient.domain.post import Post
from mbclient.services.answers import Answer, decode_json
from mbclient.services.feed.charset import decoded
from mbclient.services.feed.document import read_feed
from mbclient.services.feed.items import Item
from mbclient.services.fields import Garbage, items, obj, string
from mbclient.services.jaiku.entries import Decoder, Name, entry_time
from mbclient.texts import _

_LINK = re.compile(r"/(user|channel)/([^/]{1,200})/presence/([0-9a-f]{1,64})\Z")
_SENTENCE = re.compile(r"c-([0-9a-f]{1,64})\Z")
_NICK = re.compile(r"[A-Za-z0-9_]{1,60}\Z")


def feed_path(kind: str, name: str) -> str:
    """Where a feed lies, without its ending. Raises `UsageError` for what there is none of."""
    nick = name.lstrip("#@").partition("@")[0]
    if kind == "local":
        return "/feed/"
    if kind == "author" and _NICK.match(nick):
        return f"/user/{nick}/"
    if kind == "list" and _NICK.match(nick):
        return f"/channel/{nick}/"
    raise UsageError(_("there is no feed {name} here").format(name=repr(kind)))


def json_posts(answer: Answer, decoder: Decoder) -> tuple[list[Post], int]:
    """The posts, and how many could not be understood. Raises `ValueError` for what is no JSON feed.

    An entry of another kind leaves a hole between two commas: then the whole document is none.
    """
    stream = obj(decode_json(answer.body)).get("stream")
    if not isinstance(stream, list):
        raise ValueError("no stream")
    good, bad = [], 0
    for raw in items(stream):
        try:
            good.append(_json_post(obj(raw), decoder))
        except Garbage:
            bad += 1
    return good, bad


def _json_post(item: dict[str, object] | object, decoder: Decoder) -> Post:
    fields = obj(item)
    user, at = obj(fields.get("user")), entry_time(fields.get("created_at"))
    nick, comment = string(user, "full_nick"), string(fields, "comment_id")
    name = _name(string(fields, "url"), nick, string(fields, "id"), comment)
    text = string(fields, "content") if comment else string(fields, "title")
    if name is None or at is None or not nick:
        raise Garbage("an item without address, time or author")
    names = f"{string(user, 'first_name')} {string(user, 'last_name')}"
    author = decoder.author(nick, names, user.get("avatar"))
    return decoder.made(name, at, author, text)


def atom_posts(answer: Answer, decoder: Decoder) -> tuple[list[Post], int]:
    """Likewise, from Atom. Raises `NoFeedError`."""
    document = read_feed(decoded(answer.body, answer.headers.get("content-type", "")), answer.url)
    good = list(_atom(document.items, decoder))
    return good, document.skipped + len(document.items) - len(good)


def _atom(found: tuple[Item, ...], decoder: Decoder) -> Iterator[Post]:
    """A comment's title is a sentence about it; its words stand in the content."""
    for item in found:
        who = str(item.authors[0].name) if item.authors else ""
        nick = "".join(who.split())
        full = nick if "@" in nick else f"{nick}@{decoder.me.partition('@')[2]}"
        name = _name(item.url or item.key, full, "", "")
        if name is None or item.published is None or not nick:
            continue
        yield decoder.made(name, item.published, decoder.author(full), str(item.body if name.comment else item.title))


def _name(url: str, nick: str, uuid: str, comment: str) -> Name | None:
    """By the permalink; a post without one that can be read is in its author's own stream."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    namespace = nick.partition("@")[2]
    link, anchor = _LINK.search(unquote(parts.path)), _SENTENCE.match(parts.fragment)
    comment = comment or (anchor[1] if anchor else "")
    if link:
        owner = f"{'#' if link[1] == 'channel' else ''}{link[2]}"
        whole = owner if "@" in owner or not namespace else f"{owner}@{namespace}"
        return Name.read(str(Name(whole, link[3], comment)))
    return None if comment else Name.read(f"{nick}/{uuid}")
