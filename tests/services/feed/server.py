"""A site of the tests' own that serves a feed in any of its formats, with validators, and misbehaves as feeds do."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape

from tests.services.doubles import Double
from tests.services.wire import Reply, Request


@dataclass(slots=True)
class Entry:
    id: str
    text: str
    at: datetime
    updated: datetime | None = None


class FeedSite(Double):
    """`entries` newest last. `answers` are given in order before anything else; `pages` by path."""

    def __init__(self, kind: str = "rss") -> None:
        super().__init__()
        self.kind = kind
        self.entries: list[Entry] = []
        self.window = 100
        self.spoiled = False
        self.answers: list[Reply] = []
        self.pages: dict[str, Reply] = {}
        self.headers: dict[str, str] = {}
        self._numbers = itertools.count(100)

    @property
    def url(self) -> str:
        return f"{self.wire.url}/feed"

    def write(self, text: str, at: datetime | None = None) -> str:
        """An item; gives its permalink, which is also its id."""
        address = f"{self.wire.url}/posts/{next(self._numbers)}"
        self.entries.append(Entry(address, text, at or datetime.now(UTC)))
        return address

    def asked(self) -> list[Request]:
        return [request for request in self.wire.requests if request.path == "/feed"]

    async def _handle(self, request: Request) -> Reply:
        if self.answers:
            return self.answers.pop(0)
        if request.path in self.pages:
            return self.pages[request.path]
        if request.path != "/feed":
            return Reply(404, b"<html>not here</html>", {"Content-Type": "text/html"})
        body, kind = self.document()
        etag = '"' + hashlib.sha256(body).hexdigest()[:8] + '"'
        headers = {"Content-Type": kind, "ETag": etag, **self.headers}
        if request.headers.get("if-none-match") == etag:
            return Reply(304, None, headers)
        return Reply(200, body, headers)

    def document(self) -> tuple[bytes, str]:
        entries = self.entries[::-1][: self.window]
        if self.kind == "json":
            return self._json(entries), "application/feed+json"
        if self.kind == "atom":
            return self._atom(entries).encode("utf-8", "replace"), "application/atom+xml; charset=utf-8"
        return self._rss(entries).encode("utf-8", "replace"), "application/rss+xml"

    def _rss(self, entries: list[Entry]) -> str:
        """Raw controls and all: no feed writer of the wild strips what XML forbids."""
        items = "".join(
            f"<item><guid>{entry.id}</guid><link>{entry.id}</link><pubDate>{format_datetime(entry.at)}</pubDate>"
            f"<description>{escape(escape(entry.text))}</description></item>"
            for entry in entries
        )
        nonsense = "<item></item><item><category>x</category></item>" if self.spoiled else ""
        return (
            '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>News of Grönkvist</title>'
            f"<link>{self.wire.url}/</link><description>What happens</description>{nonsense}{items}</channel></rss>"
        )

    def _atom(self, entries: list[Entry]) -> str:
        items = "".join(
            f'<entry><id>{entry.id}</id><link href="{entry.id}"/><published>{entry.at.isoformat()}</published>'
            f"<updated>{(entry.updated or entry.at).isoformat()}</updated>"
            f'<content type="text">{escape(entry.text)}</content></entry>'
            for entry in entries
        )
        nonsense = "<entry/>" if self.spoiled else ""
        return (
            '<feed xmlns="http://www.w3.org/2005/Atom"><title>News of Grönkvist</title>'
            f'<subtitle>What happens</subtitle><link href="{self.wire.url}/"/>{nonsense}{items}</feed>'
        )

    def _json(self, entries: list[Entry]) -> bytes:
        items: list[object] = [None, 7, "x", [], {"id": 1}] if self.spoiled else []
        items += [
            {"id": entry.id, "url": entry.id, "date_published": entry.at.isoformat(), "content_text": entry.text}
            for entry in entries
        ]
        feed = {
            "version": "https://jsonfeed.org/version/1.1",
            "title": "News of Grönkvist",
            "description": "What happens",
            "home_page_url": f"{self.wire.url}/",
            "items": items,
        }
        return json.dumps(feed).encode()


@dataclass(slots=True)
class Walk:
    """A clock that tests set forward by hand."""

    time: datetime = field(default_factory=lambda: datetime.now(UTC))

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return self.time.timestamp()

    def on(self, **span: float) -> None:
        self.time += timedelta(**span)


def page(html: str, headers: Mapping[str, str] | None = None) -> Reply:
    return Reply(200, html.encode(), {"Content-Type": "text/html; charset=utf-8", **(headers or {})})
