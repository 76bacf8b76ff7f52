"""An h-entry of `q=source`, or an item of micro.blog's timeline, as a `Post` (facts/micropub.md A, C)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.post import Author, Link, Media, Mine, Post, PostKind, Visibility
from mbclient.domain.safetext import SafeText
from mbclient.services.addresses import web_link
from mbclient.services.fields import Garbage, identity, instant, items, obj, string
from mbclient.services.html import plain_text
from mbclient.services.plainwords import links_in, tags_in

VISIBILITIES = {
    Visibility.PUBLIC: "public",
    Visibility.UNLISTED: "unlisted",
    Visibility.DIRECT: "private",
}
MAX_LISTED = 50
DEEDS = ("like-of", "repost-of", "bookmark-of", "rsvp")  # kept as posts, but nobody's words
_USERNAME = re.compile(r"[A-Za-z0-9_.-]{1,60}\Z")

Raw = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Decoder:
    """Knows for whom: the account's and the service's names, and whose site it is."""

    account: str
    service: str
    owner: Author

    def entry(self, raw: object) -> Post | None:
        """None for a deed or a draft. Raises `Garbage`."""
        properties = obj(obj(raw).get("properties"))
        url, published = web_link(first(properties, "url")), instant(first(properties, "published"))
        if any(properties.get(name) for name in DEEDS) or first(properties, "post-status") == "draft":
            return None
        if not url or published is None:
            raise Garbage("an entry without address or time")
        text, links = _content(properties)
        media = _photos(properties)
        if not text and not media:
            raise Garbage("an entry that says nothing")
        parent = web_link(_cited(first(properties, "in-reply-to")))
        said = first(properties, "visibility")
        named = [SafeText.line(tag) for tag in _list(properties, "category")[:MAX_LISTED] if isinstance(tag, str)]
        return Post(
            account=self.account,
            service=self.service,
            remote_id=url,
            uri=url,
            author=self.owner,
            text=text,
            created_at=published,
            url=url,
            kind=PostKind.REPLY if parent else PostKind.POST,
            in_reply_to=parent or None,
            edited_at=instant(first(properties, "updated")),
            visibility=next((own for own, name in VISIBILITIES.items() if name == said), Visibility.PUBLIC),
            links=links,
            tags=tuple(dict.fromkeys([*named, *tags_in(text)])),
            media=media,
        )

    def item(self, raw: object, host: str) -> Post:
        """An item of the timeline; its number, which the API's other calls want, is the post's `version`."""
        item = obj(raw)
        number, url = identity(item), web_link(item.get("url"))
        published = instant(item.get("date_published"))
        if not number or not url or published is None:
            raise Garbage("an item without id, address or time")
        html, extra = item.get("content_html"), obj(item.get("_microblog"))
        if not isinstance(html, str):
            raise Garbage("an item without content")
        read = plain_text(html, base=url)
        return Post(
            account=self.account,
            service=self.service,
            remote_id=url,
            uri=url,
            author=_author(obj(item.get("author")), host),
            text=read.text,
            created_at=published,
            url=url,
            links=read.links,
            tags=tags_in(read.text),
            mine=Mine(liked=extra.get("is_favorite") is True, bookmarked=extra.get("is_bookmark") is True),
            version=number,
        )


def _author(raw: Raw, host: str) -> Author:
    username = string(obj(raw.get("_microblog")), "username")
    url = web_link(raw.get("url"))
    handle = f"{username}@{host}" if _USERNAME.match(username) else urlsplit(url).netloc or "?"
    name = SafeText.line(string(raw, "name"), max_characters=200)
    known = name if name.strip() else SafeText.line(username or handle)
    return Author(SafeText.line(handle), known, url, username or handle, avatar=web_link(raw.get("avatar")))


def first(properties: Raw, name: str) -> object:
    """A property's first value: values are lists, and some servers send the value alone."""
    value = properties.get(name)
    if isinstance(value, list):
        return value[0] if value else None
    return value


def _list(properties: Raw, name: str) -> list[object]:
    value = properties.get(name)
    return items(value) if isinstance(value, list) else [value]


def _cited(value: object) -> object:
    """An address, or a citation with one."""
    return value if isinstance(value, str) else first(obj(obj(value).get("properties")), "url")


def words(properties: Raw) -> tuple[SafeText, tuple[Link, ...]]:
    """What an entry says below its title: plain words, or HTML."""
    value = first(properties, "content")
    if isinstance(value, str):
        text = SafeText(value.strip())
        return text, links_in(text)
    html = string(obj(value), "html")
    read = plain_text(html) if html else plain_text("")
    return read.text or SafeText(string(obj(value), "value").strip()), read.links


def _heading(properties: Raw, text: str) -> SafeText:
    """The title that is shown above the words; empty without one, or for one that is made of the words' beginning."""
    title = first(properties, "name")
    said = SafeText(SafeText.line(title).strip()) if isinstance(title, str) else SafeText()
    return SafeText() if text.startswith(said.rstrip("…")) else said


def _content(properties: Raw) -> tuple[SafeText, tuple[Link, ...]]:
    """The words; a title stands above."""
    text, links = words(properties)
    title = _heading(properties, text)
    return (SafeText(f"{title}\n\n{text}".strip()) if title else text), links


def _photos(properties: Raw) -> tuple[Media, ...]:
    found = []
    for kind in ("photo", "video", "audio"):
        for value in _list(properties, kind)[:MAX_LISTED]:
            url = web_link(value if isinstance(value, str) else obj(value).get("value"))
            if url:
                found.append(Media("image" if kind == "photo" else kind, SafeText(string(obj(value), "alt")), url))
    return tuple(found)
