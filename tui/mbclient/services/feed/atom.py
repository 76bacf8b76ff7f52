"""Atom 1.0 (RFC 4287) and 0.3, threading (RFC 4685), paging (RFC 5005)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from mbclient.domain.post import EMPTY, Media
from mbclient.domain.safetext import SafeText
from mbclient.services.feed.dates import feed_date
from mbclient.services.feed.items import (
    MAX_ITEMS,
    MAX_LISTED,
    Content,
    Document,
    Item,
    Person,
    each_once,
    identity,
    language,
    media_kind,
    tags,
)
from mbclient.services.feed.rss import THR
from mbclient.services.feed.xmltree import XML, local, markup, words
from mbclient.services.page import joined, media_type

_NAMESPACES = ("{http://www.w3.org/2005/Atom}", "{http://purl.org/atom/ns#}", "")


def is_atom(root: Element) -> bool:
    """A feed, or one entry alone."""
    return local(root) in ("feed", "entry") and _space(root) in _NAMESPACES


def read_atom(root: Element, url: str) -> Document:
    base = _base(root, url)
    raw = [root] if local(root) == "entry" else list(_children(root, "entry"))[:MAX_ITEMS]
    found = [_entry(element, base) for element in raw]
    return Document(
        title=SafeText.line(_text(root, "title", base).text),
        about=_text(root, "subtitle", base).text,
        home=_link(root, "alternate", base),
        items=tuple(item for item in found if item is not None),
        authors=tuple(_people(root, base)),
        lang=language(root.get(f"{XML}lang", "")),
        next_url=_link(root, "next", base) or _link(root, "prev-archive", base),
        skipped=found.count(None),
    )


def _space(element: Element) -> str:
    return element.tag[: element.tag.rfind("}") + 1]


def _children(element: Element, name: str) -> Iterator[Element]:
    return (child for child in element if local(child) == name and _space(child) in _NAMESPACES)


def _child(element: Element, name: str) -> Element | None:
    return next(_children(element, name), None)


def _base(element: Element, outer: str) -> str:
    given = element.get(f"{XML}base")
    return (joined(outer, given) or outer) if given else outer


def _entry(element: Element, outer: str) -> Item | None:
    base = _base(element, outer)
    title = SafeText.line(_text(element, "title", base).text)
    content = _text(element, "content", base)
    if not content.text and not content.media:
        content = _text(element, "summary", base)
    url = _link(element, "alternate", base)
    if not (title or content.text or url or content.media):
        return None
    published = (
        words(_child(element, "published")) or words(_child(element, "issued")) or words(_child(element, "created"))
    )
    updated = words(_child(element, "updated")) or words(_child(element, "modified"))
    made = hashlib.sha256(f"{title}\0{published}\0{content.text}".encode("utf-8", "replace")).hexdigest()[:32]
    source = _child(element, "source")
    people = list(_people(element, base)) or (list(_people(source, base)) if source is not None else [])
    reply = element.find(f"{THR}in-reply-to")
    return Item(
        key=identity(words(_child(element, "id")), url, made),
        url=url,
        title=title,
        body=content.text,
        links=content.links,
        published=feed_date(published),
        updated=feed_date(updated),
        authors=tuple(people),
        tags=tags(found.get("label") or found.get("term") or "" for found in _children(element, "category")),
        media=each_once([*_enclosures(element, base), *content.media]),
        lang=language(element.get(f"{XML}lang", "")),
        reply_to=(reply.get("ref") or reply.get("href") or "") if reply is not None else "",
    )


def _text(element: Element, name: str, outer: str) -> Content:
    """A text construct: plain, escaped HTML, or XHTML as elements. Content that lies elsewhere is not fetched."""
    found = _child(element, name)
    if found is None:
        return Content()
    base, kind = _base(found, outer), media_type(found.get("type", "text"))
    if kind in ("xhtml", "application/xhtml+xml") or found.get("mode") == "xml":
        return Content.of_html(markup(found), base)
    if kind in ("html", "text/html"):
        return Content.of_html(words(found), base)
    if kind in ("text", "text/plain"):
        return Content.of_text(words(found))
    return Content()


def _people(element: Element, base: str) -> Iterator[Person]:
    for found in list(_children(element, "author"))[:MAX_LISTED]:
        name = SafeText.line(words(_child(found, "name")), max_characters=200)
        uri = words(_child(found, "uri")) or words(_child(found, "url"))
        if name:
            yield Person(name, joined(base, uri) if uri else "")


def _links(element: Element, rel: str) -> Iterator[Element]:
    return (found for found in _children(element, "link") if found.get("rel", "alternate") == rel and found.get("href"))


def _link(element: Element, rel: str, base: str) -> str:
    """The first link that is a page, else the first at all."""
    found = list(_links(element, rel))
    best = next((link for link in found if link.get("type", "text/html") == "text/html"), found[0] if found else None)
    return joined(_base(best, base), best.get("href", "")) if best is not None else ""


def _enclosures(element: Element, base: str) -> Iterator[Media]:
    for found in list(_links(element, "enclosure"))[:MAX_LISTED]:
        url = joined(base, found.get("href", ""))
        if url:
            yield Media(media_kind(found.get("type", ""), url), SafeText(found.get("title", "")) or EMPTY, url)
