"""RSS 0.90 to 2.0 and 1.0 (RDF), with the modules that matter: content, Dublin Core, Media RSS, syndication."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import timedelta
from xml.etree.ElementTree import Element

from mbclient.domain.post import Media
from mbclient.domain.safetext import SafeText
from mbclient.services.feed.dates import feed_date
from mbclient.services.feed.items import (
    MAX_CACHE,
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
from mbclient.services.feed.xmltree import PREFIXES, XML, local, words
from mbclient.services.html import plain_text
from mbclient.services.page import joined

DC, DCTERMS, CONTENT, MRSS = (f"{{{PREFIXES[name]}}}" for name in ("dc", "dcterms", "content", "media"))
ATOM, SY, THR = (f"{{{PREFIXES[name]}}}" for name in ("atom", "sy", "thr"))
RDF = f"{{{PREFIXES['rdf']}}}"
_PERIODS = {"hourly": 1, "daily": 24, "weekly": 168, "monthly": 720, "yearly": 8760}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MAIL = re.compile(r"\S+@\S+\s*\((.+)\)\Z|(.+?)\s*<\S+@\S+>\Z", re.DOTALL)
_OTHER_NAMES = tuple(f"{{{uri}}}" for name, uri in PREFIXES.items() if name not in ("atom", "rdf"))


def is_rss(root: Element) -> bool:
    name = local(root).lower()
    return name == "rss" or root.tag == f"{RDF}RDF"


def read_rss(root: Element, url: str) -> Document:
    channel = _child(root, "channel")
    if channel is None:
        channel = root
    base = joined(url, root.get(f"{XML}base", "")) or url
    base = joined(base, channel.get(f"{XML}base", "")) or base
    home = joined(base, words(_child(channel, "link")))
    raw = [*_children(channel, "item"), *(_children(root, "item") if channel is not root else ())][:MAX_ITEMS]
    found = [_item(element, home or base if base == url else base) for element in raw]
    person = _person(channel)
    return Document(
        title=SafeText.line(plain_text(words(_child(channel, "title"))).text),
        about=plain_text(words(_child(channel, "description"))).text,
        home=home,
        items=tuple(item for item in found if item is not None),
        authors=(person,) if person else (),
        lang=language(words(_child(channel, "language")) or words(channel.find(f"{DC}language"))),
        ttl=_ttl(channel),
        skip_hours=frozenset(_hours(channel)),
        skip_days=frozenset(_days(channel)),
        next_url=_atom_link(channel, "next", base),
        skipped=found.count(None),
    )


def _children(element: Element, name: str) -> Iterator[Element]:
    """Children by RSS's own names: 0.9x and 2.0 have no namespace, 1.0 and some 2.0 one of several."""
    for child in element:
        if local(child).lower() == name.lower() and not child.tag.startswith((ATOM, *_OTHER_NAMES)):
            yield child


def _child(element: Element, name: str) -> Element | None:
    return next(_children(element, name), None)


def _item(element: Element, outer: str) -> Item | None:
    """None for one that says nothing at all."""
    base = joined(outer, element.get(f"{XML}base", "")) or outer
    guid_element = _child(element, "guid")
    guid = words(guid_element) or element.get(f"{RDF}about", "")
    permalink = guid_element is not None and guid_element.get("isPermaLink", "true").lower() != "false"
    link = words(_child(element, "link")) or _atom_link(element, "alternate", base)
    url = joined(base, link) if link else (joined(base, guid) if permalink and "://" in guid else "")
    title = SafeText.line(plain_text(words(_child(element, "title"))).text)
    whole = words(element.find(f"{CONTENT}encoded")) or words(_child(element, "description"))
    content = Content.of_html(whole, base)
    date = words(_child(element, "pubDate")) or words(element.find(f"{DC}date"))
    if not (title or content.text or url or content.media):
        return None
    made = hashlib.sha256(f"{title}\0{date}\0{content.text}".encode("utf-8", "replace")).hexdigest()[:32]
    person = _person(element)
    reply = element.find(f"{THR}in-reply-to")
    return Item(
        key=identity(guid, link, made),
        url=url,
        title=title,
        body=content.text,
        links=content.links,
        published=feed_date(date) or feed_date(words(element.find(f"{DCTERMS}created"))),
        updated=feed_date(words(element.find(f"{DCTERMS}modified")) or words(element.find(f"{ATOM}updated"))),
        authors=(person,) if person else (),
        tags=tags(words(found) for found in [*_children(element, "category"), *element.findall(f"{DC}subject")]),
        media=each_once([*_enclosures(element, base), *_media(element, base), *content.media]),
        lang=language(element.get(f"{XML}lang", "") or words(element.find(f"{DC}language"))),
        reply_to=reply.get("ref", "") if reply is not None else "",
    )


def _person(element: Element) -> Person | None:
    """`mail@host (Name)`, `Name <mail@host>`, or a name; the mail address itself is nobody's business."""
    raw = words(element.find(f"{DC}creator"))
    if not raw:
        own = _child(element, "author")
        raw = words(own) if own is not None else words(_child(element, "managingEditor"))
    mail = _MAIL.match(raw[:500])
    name = SafeText.line(plain_text((mail[1] or mail[2]) if mail else raw).text, max_characters=200)
    return Person(name) if name and not ("@" in name and " " not in name) else None


def _enclosures(element: Element, base: str) -> Iterator[Media]:
    for found in list(_children(element, "enclosure"))[:MAX_LISTED]:
        url = joined(base, found.get("url", "")) if found.get("url") else ""
        if url:
            yield Media(media_kind(found.get("type", ""), url), SafeText(""), url)


def _media(element: Element, base: str) -> Iterator[Media]:
    """Media RSS, as Mastodon writes it: the description is the alt text."""
    for found in [*element.findall(f"{MRSS}content"), *element.findall(f"{MRSS}group/{MRSS}content")][:MAX_LISTED]:
        url = joined(base, found.get("url", "")) if found.get("url") else ""
        if url:
            kind = media_kind(found.get("type", "") or found.get("medium", "") + "/", url)
            alt = words(found.find(f"{MRSS}description")) or words(found.find(f"{MRSS}title"))
            yield Media(kind, plain_text(alt).text, url)


def _atom_link(element: Element, rel: str, base: str) -> str:
    for found in element.findall(f"{ATOM}link"):
        if found.get("rel", "alternate") == rel and found.get("href"):
            return joined(base, found.get("href", ""))
    return ""


def _ttl(channel: Element) -> timedelta:
    minutes = _number(words(_child(channel, "ttl")))
    period = _PERIODS.get(words(channel.find(f"{SY}updatePeriod")).lower(), 0)
    times = _number(words(channel.find(f"{SY}updateFrequency"))) or 1
    return min(max(timedelta(minutes=minutes), timedelta(hours=period) / times), MAX_CACHE)


def _number(text: str) -> int:
    return int(text) if re.fullmatch(r"[0-9]{1,6}", text) else 0


def _hours(channel: Element) -> Iterator[int]:
    """0 to 23 in GMT; 0.91 counted from 1 to 24."""
    found = _child(channel, "skipHours")
    for hour in list(found if found is not None else ())[:24]:
        if re.fullmatch(r"[0-9]{1,2}", words(hour)) and int(words(hour)) <= 24:
            yield int(words(hour)) % 24


def _days(channel: Element) -> Iterator[int]:
    found = _child(channel, "skipDays")
    for day in list(found if found is not None else ())[:7]:
        if words(day).lower() in _DAYS:
            yield _DAYS.index(words(day).lower())
