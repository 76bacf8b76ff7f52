"""The rules of the formats, written from their specifications, for whatever claims to be such a document."""

from __future__ import annotations

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from datetime import datetime
from html.parser import HTMLParser
from typing import Any

import feedparser
import html5lib
import jsonfeed

_ATOM = "{http://www.w3.org/2005/Atom}"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)\Z")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+\Z")
_MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]+\Z")
_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*\Z")
# How often each child may stand in an element: RFC 4287, 4.1.1 and 4.1.2.
_FEED = {"id": (1, 1), "title": (1, 1), "updated": (1, 1), "generator": (0, 1), "entry": (0, None)}
_ENTRY = {
    "id": (1, 1),
    "title": (1, 1),
    "updated": (1, 1),
    "published": (0, 1),
    "author": (1, None),
    "link": (0, None),
    "category": (0, None),
    "summary": (0, 1),
    "content": (1, 1),
}
_VOID = {"br"}
_ELEMENTS = {
    "section", "article", "header", "footer", "p", "a", "time", "div", "ul", "li", "blockquote", "details", "summary",
} | _VOID  # fmt: skip
_ATTRIBUTES = {"lang", "href", "rel", "class", "aria-label", "datetime"}


def read_atom(document: bytes) -> list[dict[str, str]]:
    """The entries of a valid feed: the text of each element by name, and its links by relation."""
    root = ET.fromstring(document)  # noqa: S314 - our own document
    assert root.tag == f"{_ATOM}feed"
    _children(root, _FEED)
    _common(root)
    entries = []
    for item in root.findall(f"{_ATOM}entry"):
        _children(item, _ENTRY)
        _common(item)
        found = {child.tag.removeprefix(_ATOM): child.text or "" for child in item}
        found["author"] = item.findtext(f"{_ATOM}author/{_ATOM}name") or ""
        assert found["author"]
        if "published" in found:
            assert _moment(found["published"]) <= _moment(found["updated"])
        links = [
            (link.get("rel", ""), link.get("type", ""), link.get("href", "")) for link in item.iter(f"{_ATOM}link")
        ]
        alternates = [(rel, kind) for rel, kind, _href in links if rel == "alternate"]
        assert len(alternates) == len(set(alternates))
        for rel, kind, href in links:
            assert rel in ("alternate", "related", "enclosure")
            assert _MEDIA_TYPE.match(kind)
            assert _URI.match(href)
            found[rel] = href
        found["categories"] = " ".join(each.get("term", "") for each in item.iter(f"{_ATOM}category"))
        content = item.find(f"{_ATOM}content")
        assert content is not None
        assert content.get("type") == "html"
        read_html(content.text or "")
        entries.append(found)
    ids = [entry["id"] for entry in entries]
    assert len(ids) == len(set(ids))
    understood = feedparser.parse(document)
    assert not understood.bozo, understood.get("bozo_exception")
    assert [entry.id for entry in understood.entries] == ids
    return entries


def _children(element: ET.Element, allowed: dict[str, tuple[int, int | None]]) -> None:
    names = [child.tag.removeprefix(_ATOM) for child in element]
    assert set(names) <= set(allowed)
    for name, (least, most) in allowed.items():
        assert names.count(name) >= least, name
        assert most is None or names.count(name) <= most, name


def _common(element: ET.Element) -> None:
    assert _URI.match(element.findtext(f"{_ATOM}id") or "")
    assert (element.findtext(f"{_ATOM}title") or "").strip()
    _moment(element.findtext(f"{_ATOM}updated") or "")
    if _LANG in element.attrib:
        assert _TAG.match(element.attrib[_LANG])


def _moment(text: str) -> datetime:
    assert _RFC3339.match(text), text
    return datetime.fromisoformat(text)


def read_json_feed(document: bytes) -> list[dict[str, Any]]:
    """The items of a valid JSON Feed 1.1."""
    feed = json.loads(document)
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["title"]
    for item in feed["items"]:
        assert isinstance(item["id"], str)
        assert item["id"]
        assert isinstance(item["content_html"], str)
        read_html(item["content_html"])
        for key in ("date_published", "date_modified"):
            if key in item:
                _moment(item[key])
        for author in item["authors"]:
            assert author.keys() & {"name", "url", "avatar"}
        for attachment in item.get("attachments", ()):
            assert _URI.match(attachment["url"])
            assert _MEDIA_TYPE.match(attachment["mime_type"])
        assert all(isinstance(tag, str) for tag in item.get("tags", ()))
        assert "language" not in item or _TAG.match(item["language"])
        known = {
            "id", "url", "content_html", "summary", "date_published", "date_modified", "authors", "tags", "language",
            "attachments",
        }  # fmt: skip
        assert all(key in known or re.match(r"_[A-Za-z]", key) for key in item)
    ids = [item["id"] for item in feed["items"]]
    assert len(ids) == len(set(ids))
    understood = jsonfeed.Feed.parse_string(document.decode())
    assert [item.id for item in understood.items] == ids

    items: list[dict[str, Any]] = feed["items"]
    return items


class _Reader(HTMLParser):
    """Every element is closed, in order; nothing is loaded or run."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.seen: list[str] = []
        self.links: list[str] = []
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in _ELEMENTS, tag
        assert not (tag == "p" and "p" in self.open), "a paragraph in a paragraph"
        for name, value in attrs:
            assert name in _ATTRIBUTES, name
            if name == "href":
                assert re.match(r"https?://", value or ""), value
                self.links.append(value or "")
            if name == "lang":
                assert _TAG.match(value or "")
            if name == "datetime":
                _moment(value or "")
        self.seen.append(tag)
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(decl)

    def handle_pi(self, data: str) -> None:
        raise AssertionError(data)


def read_html(document: str) -> _Reader:
    """A sound snippet: its words, links and elements."""
    html5lib.HTMLParser(strict=True).parseFragment(document)  # raises where it is no HTML
    reader = _Reader()
    reader.feed(document)
    reader.close()
    assert reader.open == []
    return reader


def read_csv(document: bytes) -> list[dict[str, str]]:
    """The rows of an RFC 4180 table: CRLF ends every row, each row has as many cells as the first."""
    text = document.decode()
    assert text.endswith("\r\n")
    assert text.count("\r") == text.count("\r\n")
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert len({len(row) for row in rows}) == 1
    assert not any(re.match(r"[=+\-@\t]", cell) for row in rows for cell in row)
    header, *others = rows
    return [dict(zip(header, row, strict=True)) for row in others]
