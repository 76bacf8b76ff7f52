"""JSON Feed 1.0 and 1.1."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping

from mbclient.domain.post import Link, Media
from mbclient.domain.safetext import SafeText
from mbclient.services.feed.dates import feed_date
from mbclient.services.feed.items import (
    MAX_ITEMS,
    MAX_LISTED,
    Content,
    Document,
    Item,
    NoFeedError,
    Person,
    each_once,
    identity,
    language,
    media_kind,
    tags,
)
from mbclient.services.fields import items, obj
from mbclient.services.page import joined


def read_jsonfeed(value: object, url: str) -> Document:
    """From the decoded JSON. Raises `NoFeedError`."""
    feed = obj(value)
    if not isinstance(feed.get("items"), list) or not (feed.get("version") or feed.get("title")):
        raise NoFeedError("no JSON Feed")
    home = _address(feed, "home_page_url", url)
    raw = items(feed.get("items"))[:MAX_ITEMS]
    found = [_item(obj(entry), home or url) for entry in raw]
    return Document(
        title=SafeText.line(_text(feed, "title")),
        about=SafeText(_text(feed, "description")),
        home=home,
        items=tuple(item for item in found if item is not None),
        authors=tuple(_people(feed, home or url)),
        lang=language(_text(feed, "language")),
        next_url=_address(feed, "next_url", url),
        expired=feed.get("expired") is True,
        skipped=found.count(None),
    )


def _text(source: Mapping[str, object], name: str) -> str:
    """A string; a number where some servers write one (ids)."""
    value = source.get(name)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else ""


def _address(source: Mapping[str, object], name: str, base: str) -> str:
    value = _text(source, name)
    return joined(base, value) if value else ""


def _item(entry: Mapping[str, object], base: str) -> Item | None:
    url, external = _address(entry, "url", base), _address(entry, "external_url", base)
    html, text = _text(entry, "content_html"), _text(entry, "content_text")
    content = Content.of_html(html, url or base) if html.strip() else Content.of_text(text or _text(entry, "summary"))
    title = SafeText.line(_text(entry, "title"))
    if not (title or content.text or url or external or content.media):
        return None
    date = _text(entry, "date_published")
    made = hashlib.sha256(f"{title}\0{date}\0{content.text}".encode("utf-8", "replace")).hexdigest()[:32]
    links, body = content.links, content.text
    if external and all(link.url != external for link in links):
        links = (Link(external), *links)
        body = body if external in body else SafeText(f"{body}\n\n{external}".strip())
    extra = obj(entry.get("_microblog"))
    return Item(
        key=identity(_text(entry, "id"), url or external, made),
        url=url or external,
        title=title,
        body=body,
        links=links,
        published=feed_date(date),
        updated=feed_date(_text(entry, "date_modified")),
        authors=tuple(_people(entry, base)),
        tags=tags(tag for tag in items(entry.get("tags")) if isinstance(tag, str)),
        media=each_once([*_attachments(entry, base), *content.media]),
        lang=language(_text(entry, "language")),
        reply_to=_text(extra, "in_reply_to_id") or _text(extra, "in_reply_to_url"),
    )


def _people(source: Mapping[str, object], base: str) -> Iterator[Person]:
    """1.1 has a list, 1.0 one author; micro.blog adds a user name."""
    raw = items(source.get("authors")) or [source.get("author")]
    for entry in raw[:MAX_LISTED]:
        author = obj(entry)
        handle = _text(obj(author.get("_microblog")), "username")
        name = SafeText.line(_text(author, "name") or handle, max_characters=200)
        if name:
            handle = SafeText.line(handle, max_characters=100)
            yield Person(name, _address(author, "url", base), handle, _address(author, "avatar", base))


def _attachments(entry: Mapping[str, object], base: str) -> Iterator[Media]:
    picture = _address(entry, "image", base)
    if picture:
        yield Media("image", SafeText(""), picture)
    for raw in items(entry.get("attachments"))[:MAX_LISTED]:
        attachment = obj(raw)
        url = _address(attachment, "url", base)
        if url:
            kind = media_kind(_text(attachment, "mime_type"), url)
            yield Media(kind, SafeText(_text(attachment, "title")), url)
