"""What all three kinds of feed come down to: a document of items, cleaned, with absolute addresses."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import field
from datetime import datetime, timedelta

from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.post import EMPTY, Link, Media
from mbclient.domain.safetext import SafeText
from mbclient.services.html import plain_text
from mbclient.services.page import attributes, joined

MAX_ITEMS = 1000
MAX_LISTED = 50  # tags, authors, enclosures of one item
MAX_CACHE = timedelta(days=1)  # a feed that wants to be asked less often is mistaken or asleep
_IMAGE = re.compile(r"<img\b([^<>]*)>", re.IGNORECASE)
_ID = re.compile(r"[!-~]{1,300}\Z")


class NoFeedError(ValueError):
    """The document is no feed."""


@dataclass(frozen=True, slots=True)
class Person:
    """An author as the feed names them; each part may be empty."""

    name: SafeText = EMPTY
    url: str = ""
    handle: SafeText = EMPTY
    avatar: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One item. `key` is its identity within the feed, `number` a server's own number where there is one."""

    key: str
    url: str = ""
    title: SafeText = EMPTY
    body: SafeText = EMPTY
    links: tuple[Link, ...] = ()
    published: datetime | None = None
    updated: datetime | None = None
    authors: tuple[Person, ...] = ()
    tags: tuple[SafeText, ...] = ()
    media: tuple[Media, ...] = ()
    lang: str = ""
    reply_to: str = ""

    @property
    def text(self) -> SafeText:
        """Title and body as one text; a title that only repeats the beginning of the body is left out."""
        title, body = str(self.title), str(self.body)
        start = " ".join(title.removesuffix("…").removesuffix("...").split())
        if not title or " ".join(body.split()).startswith(start):
            return self.body
        return SafeText(f"{title}\n\n{body}") if body else self.title

    @property
    def digest(self) -> str:
        """Changes when a reader would see a difference."""
        seen = [self.url, self.title, self.body, *(medium.url + medium.alt for medium in self.media)]
        return hashlib.sha256("\0".join(seen).encode("utf-8", "replace")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Document:
    """A feed as fetched. `ttl`: how long it wants to be left alone; `skip_hours`, `skip_days` (Monday 0) in UTC.

    `next_url`: the page with older items. `skipped`: items that could not be understood.
    """

    title: SafeText = EMPTY
    about: SafeText = EMPTY
    home: str = ""
    items: tuple[Item, ...] = ()
    authors: tuple[Person, ...] = ()
    lang: str = ""
    ttl: timedelta = timedelta()
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()
    next_url: str = ""
    expired: bool = False
    skipped: int = 0


@dataclass(slots=True)
class Content:
    """An item's body under way: text, links and pictures of its HTML, relative addresses made whole by `base`."""

    text: SafeText = EMPTY
    links: tuple[Link, ...] = ()
    media: list[Media] = field(default_factory=list)

    @classmethod
    def of_html(cls, html: str, base: str) -> Content:
        read = plain_text(html, base=base)
        return cls(read.text, read.links, list(pictures(html, base)))

    @classmethod
    def of_text(cls, text: str) -> Content:
        return cls(SafeText(text.strip()))


def pictures(html: str, base: str) -> Iterable[Media]:
    """The images in an HTML text, described by their alt texts; what counts readers (1 pixel wide) is none."""
    for raw in _IMAGE.findall(html[:100_000])[:MAX_LISTED]:
        given = attributes(raw)
        url = joined(base, given.get("src", "")) if given.get("src") else ""
        if url and given.get("width") not in ("0", "1") and given.get("height") not in ("0", "1"):
            yield Media("image", SafeText(given.get("alt", "")), url)


def media_kind(media_type: str, url: str = "") -> str:
    """image, video or audio by the media type, else by the address's ending; unknown for the rest."""
    kind = media_type.partition("/")[0].lower()
    if kind in ("image", "video", "audio"):
        return kind
    ending = url.partition("?")[0].rpartition(".")[2].lower()
    known = {"image": "jpg jpeg png gif webp avif", "video": "mp4 webm mov m4v", "audio": "mp3 m4a ogg opus wav"}
    return next((kind for kind, endings in known.items() if ending in endings.split()), "unknown")


def each_once(media: Iterable[Media]) -> tuple[Media, ...]:
    """Each address once, in order; of two descriptions the one that says something."""
    found: dict[str, Media] = {}
    for medium in media:
        known = found.get(medium.url)
        if known is None or (medium.alt and not known.alt):
            found[medium.url] = medium
    return tuple(found.values())[:MAX_LISTED]


def identity(*candidates: str) -> str:
    """The first that says something, as an id that commands can carry; one with blanks or foreign signs is hashed."""
    raw = next((text for text in candidates if text), "")
    return raw if not raw or _ID.match(raw) else hashlib.sha256(raw.encode("utf-8", "replace")).hexdigest()[:32]


def tags(names: Iterable[str]) -> tuple[SafeText, ...]:
    cleaned = (SafeText.line(name.strip().lstrip("#"), max_characters=100) for name in names)
    return tuple(dict.fromkeys(tag for tag in cleaned if tag))[:MAX_LISTED]


def language(name: str) -> str:
    return name.strip() if re.fullmatch(r"\s*[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*\s*", name) else ""
