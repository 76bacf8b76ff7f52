"""The forms of an export: Atom (RFC 4287), JSON Feed 1.1, an HTML snippet, CSV (RFC 4180), JSON Lines.

The same export gives the same bytes: nothing of the moment, the machine or the version stands in them.
"""

from __future__ import annotations

import csv
import io
import re
import xml.etree.ElementTree as ET  # builds only; nothing from outside is parsed here
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from html import escape
from urllib.parse import urlsplit

from mbclient.core.export import Entry, Export
from mbclient.core.jsonform import instant, post_json
from mbclient.core.jsontext import json_text
from mbclient.core.posthtml import anchor, content, lang, name_of, plain, web
from mbclient.domain.post import Media, Post
from mbclient.texts import _

ATOM = "http://www.w3.org/2005/Atom"
JSON_FEED = "https://jsonfeed.org/version/1.1"
TITLE_LENGTH = 80
COLUMNS = (
    "id", "published", "updated", "service", "account", "author", "handle", "kind", "visibility", "lang", "warning",
    "text", "url", "also_urls", "links", "tags", "media", "replies", "boosts", "likes", "terms",
)  # fmt: skip
_XML_LANG = "xml:lang"
_FORMULA = re.compile(r"[=+\-@\t\r]")
_TYPES = {  # by the name's end; a table of our own gives the same on every machine
    "jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "gif": "image/gif", "webp": "image/webp",
    "avif": "image/avif", "svg": "image/svg+xml", "mp4": "video/mp4", "webm": "video/webm", "mov": "video/quicktime",
    "mp3": "audio/mpeg", "ogg": "audio/ogg", "m4a": "audio/mp4", "wav": "audio/wav", "flac": "audio/flac",
}  # fmt: skip


def written(export: Export, form: str) -> bytes:
    """The whole document. `form`: one of `FORMS`."""
    return FORMS[form](export).encode("utf-8", "replace")


# ---------------------------------------------------------------- Atom


def atom(export: Export) -> str:
    """A feed document; every entry names its author, as RFC 4287 4.1.2 wants it."""
    feed = ET.Element("feed", {"xmlns": ATOM, _XML_LANG: export.language})
    _add(feed, "id", export.id)
    _add(feed, "title", plain(export.title))
    _add(feed, "updated", _time(export.updated))
    _add(feed, "generator", "mbclient")
    for entry in export.entries:
        _atom_entry(ET.SubElement(feed, "entry"), entry)
    ET.indent(feed)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(feed, encoding="unicode")}\n'


def _atom_entry(item: ET.Element, entry: Entry) -> None:
    post = entry.post
    if tag := lang(post.lang):
        item.set(_XML_LANG, tag)
    _add(item, "id", plain(entry.id))
    _add(item, "title", title(post))
    _add(item, "updated", _time(entry.updated))
    _add(item, "published", _time(post.created_at))
    author = ET.SubElement(item, "author")
    _add(author, "name", name_of(post.author))
    if profile := web(post.author.url):
        _add(author, "uri", profile)
    if address := web(post.url):
        _add(item, "link", rel="alternate", type="text/html", href=address)
    for copy in entry.copies:
        if address := web(copy.url):
            _add(item, "link", rel="related", type="text/html", href=address, title=copy.service)
    for media in post.media:
        if web(media.url):
            _add(item, "link", rel="enclosure", type=_type(media), href=media.url, title=plain(str(media.alt)))
    for name in _tags(post):
        _add(item, "category", term=name)
    if post.cw is not None:
        _add(item, "summary", plain(str(post.cw)))
    _add(item, "content", _body(post), type="html")


def _add(above: ET.Element, name: str, text: str = "", **attributes: str) -> None:
    """An element with text or attributes."""
    made = ET.SubElement(above, name, {key: value for key, value in attributes.items() if value})
    made.text = text or None


def title(post: Post) -> str:
    """Posts have none: the warning, else how the text begins, else what a picture shows."""
    words = post.cw if post.cw is not None else post.text
    line = " ".join(plain(str(words)).split())
    if not line and post.media:
        line = " ".join(plain(str(post.media[0].alt)).split())
    if len(line) > TITLE_LENGTH:
        line = line[:TITLE_LENGTH].rpartition(" ")[0] or line[:TITLE_LENGTH]
        line = f"{line.rstrip(' ,.;:–-')} …"
    return line or _("Post by {name}").format(name=name_of(post.author))


# ---------------------------------------------------------------- JSON Feed


def json_feed(export: Export) -> str:
    feed: dict[str, object] = {
        "version": JSON_FEED,
        "title": plain(export.title),
        "language": export.language,
        "items": [_item(entry) for entry in export.entries],
    }
    return f"{json_text(feed, indent=1)}\n"


def _item(entry: Entry) -> Mapping[str, object]:
    """What is empty is left out; where else the post is stands in an extension, `_mbclient`."""
    post = entry.post
    author = {"name": name_of(post.author), "url": web(post.author.url)}
    attachments = [
        _filled({"url": media.url, "mime_type": _type(media), "title": plain(str(media.alt))})
        for media in post.media
        if web(media.url)
    ]
    also = [address for copy in entry.copies if (address := web(copy.url))]
    return _filled(
        {
            "id": entry.id,
            "url": web(post.url),
            "content_html": _body(post),
            "summary": plain(str(post.cw)) if post.cw is not None else "",
            "date_published": _time(post.created_at),
            "date_modified": _time(entry.updated) if post.edited_at else "",
            "authors": [_filled(author)],
            "tags": _tags(post),
            "language": lang(post.lang),
            "attachments": attachments,
            "_mbclient": {"service": post.service, "also": also} if also else {},
        }
    )


def _filled(values: Mapping[str, object]) -> dict[str, object]:
    return {key: value for key, value in values.items() if value}


# ---------------------------------------------------------------- HTML


def html(export: Export) -> str:
    """A section to put into a page: one article a post, everything said in words, nothing loaded, nothing run."""
    articles = "".join(map(_article, export.entries)) or f"<p>{escape(_('No posts yet'))}</p>\n"
    name = escape(plain(export.title))
    return f'<section class="mbclient-posts" lang="{export.language}" aria-label="{name}">\n{articles}</section>\n'


def _article(entry: Entry) -> str:
    post = entry.post
    profile, address = web(post.author.url), web(post.url)
    name = name_of(post.author)
    who = anchor(profile, name) if profile else escape(name)
    day = f"{post.created_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    when = f'<time datetime="{_time(post.created_at)}">{day}</time>'
    elsewhere = [anchor(link, urlsplit(link).hostname or link) for copy in entry.copies if (link := web(copy.url))]
    places = ([anchor(address, _("The post at {host}").format(host=urlsplit(address).hostname))] if address else []) + (
        [f"{escape(_('Also at'))} {', '.join(elsewhere)}"] if elsewhere else []
    )
    foot = f"<footer><p>{' · '.join(places)}</p></footer>\n" if places else ""
    return f"<article>\n<header><p>{who} · {when}</p></header>\n{content(post)}\n{foot}</article>\n"


# ---------------------------------------------------------------- the data


def csv_table(export: Export) -> str:
    """Lines end in CRLF; a cell that a spreadsheet would run as a formula has an apostrophe before it."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow(COLUMNS)
    table.writerows([_harmless(cell) for cell in _row(entry)] for entry in export.entries)
    return text.getvalue()


def _row(entry: Entry) -> Iterator[str]:
    """In the order of `COLUMNS`; several values in a cell stand on lines of their own, text keeps its own."""
    post = entry.post
    yield from (entry.id, _time(post.created_at), _time(entry.updated), post.service, post.account)
    yield from (str(post.author.name), str(post.author.handle), post.kind.value, post.visibility.value)
    yield from (lang(post.lang), "" if post.cw is None else str(post.cw), str(post.whole_text), web(post.url))
    yield "\n".join(address for copy in entry.copies if (address := web(copy.url)))
    yield "\n".join(link.url for link in post.links if web(link.url))
    yield " ".join(_tags(post))
    yield "\n".join(f"{media.type}: {media.alt} {web(media.url)}".rstrip() for media in post.media)
    yield from map(str, (post.counts.replies, post.counts.boosts, post.counts.likes))
    yield "\n".join(post.terms)


def _harmless(cell: str) -> str:
    cell = plain(cell)
    return f"'{cell}" if _FORMULA.match(cell) else cell


def json_lines(export: Export) -> str:
    """The post object of the commands, one a line; copies are named in `also`."""
    return "".join(f"{json_text(post_json(entry.post))}\n" for entry in export.entries)


# ---------------------------------------------------------------- parts


def _time(moment: datetime) -> str:
    """RFC 3339 in UTC."""
    return instant(moment) or ""


def _body(post: Post) -> str:
    return content(post) or f"<p>{escape(title(post))}</p>"


def _tags(post: Post) -> list[str]:
    return list(dict.fromkeys(name for tag in post.tags if (name := plain(str(tag)).strip())))


def _type(media: Media) -> str:
    """A media type for the address's ending; what is not known is bytes, as RFC 2046 calls it."""
    return _TYPES.get(urlsplit(media.url).path.rpartition(".")[2].lower(), "application/octet-stream")


FORMS: Mapping[str, Callable[[Export], str]] = {
    "atom": atom,
    "jsonfeed": json_feed,
    "html": html,
    "csv": csv_table,
    "jsonl": json_lines,
}
