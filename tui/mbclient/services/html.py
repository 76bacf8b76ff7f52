"""HTML of a post to plain text and its links: by an allow-list, within bounds, cleaned after entity decoding.

Two readers feed one writer. The quick one knows the p, br, a and span that nearly every post is made of (speed facts
6); whatever it does not know goes to `html.parser`, after `_tame` has taken out what makes that one quadratic or fail
(reliability facts 1.6: comments without an end, tags without one, endless numbers). Tests hold the two against each
other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import unescape
from html.parser import HTMLParser
from urllib.parse import urljoin

from mbclient.domain.hosts import host_of
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.post import Link
from mbclient.domain.safetext import SafeText
from mbclient.services.addresses import web_link

MAX_HTML = 100_000
MAX_DEPTH = 64
MAX_LINKS = 100
MAX_TAGS = 4000  # what 100 kB of nothing but tags would cost is a second's work; no post has so many

_BLOCKS = frozenset({"p", "div", "blockquote", "pre", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "table", "hr"})
_LINES = frozenset({"li", "tr", "dt", "dd"})
_EMPTY = frozenset({"br", "hr", "img", "wbr", "input", "meta", "link", "area", "col", "source"})
_SILENT = "script|style|template|head|title|textarea|noscript|iframe|object|svg|math|select|button|rp"
_NO_NAMES: frozenset[str] = frozenset()
_SILENT_TAGS = frozenset(_SILENT.split("|"))


@dataclass(frozen=True, slots=True)
class PlainText:
    """What a reader sees of an HTML fragment, and the links in it in order, each once."""

    text: SafeText
    links: tuple[Link, ...] = ()


def plain_text(html: str, *, hidden: frozenset[str] = frozenset(), base: str = "") -> PlainText:
    """Converts a fragment. Elements with a class of `hidden` are left out whole (a quote's own "RE:" line).
    `base`: the address that relative links stand on; without one they are only words.

    A link stands with its address; where its words are others, with the words and the host in brackets. Links that
    are mentions or hashtags stand as they are written and are not among `links`.
    """
    if "<" not in html and "&" not in html:
        return PlainText(SafeText(html[:MAX_HTML].strip("\n")))
    source = html[:MAX_HTML]
    writer = _Writer(hidden, base)
    if not _read_quickly(source, writer):
        writer = _Writer(hidden, base)
        _read_anything(source, writer)
    return writer.finish()


class _Writer:
    """Turns start, end and text into plain text. Tolerates any order of tags."""

    def __init__(self, hidden: frozenset[str], base: str = "") -> None:
        self._hidden = hidden | {"invisible"}
        self._base = base
        self._parts: list[str] = []
        self._breaks = 0
        self._quotes = 0
        self._stack: list[tuple[str, bool, bool]] = []  # tag, hides its content, is followed by an ellipsis
        self._unseen = 0
        self._deeper = 0
        self._link: _Anchor | None = None
        self._links: dict[str, Link] = {}
        self._items: list[int] = []  # list nesting: 0 bullets, else the number of the next item

    @property
    def too_deep(self) -> bool:
        return self._deeper > 0

    @property
    def open_tag(self) -> str:
        return self._stack[-1][0] if self._stack else ""

    def start(self, tag: str, href: str | None, classes: str) -> None:
        """An element opens; `href` and `classes` are decoded."""
        if tag in _EMPTY:
            if tag == "br":
                self._break(self._breaks + 1)
            elif tag == "hr":
                self._break(2)
            return
        if len(self._stack) >= MAX_DEPTH:
            self._deeper += 1
            return
        names = frozenset(classes.split()) if classes else _NO_NAMES
        hides = tag in _SILENT_TAGS or not names.isdisjoint(self._hidden)
        self._stack.append((tag, hides, "ellipsis" in names))
        self._unseen += hides
        if tag == "a" and self._link is None:
            self._link = _Anchor(href, names)
        self._start_block(tag)

    def _start_block(self, tag: str) -> None:
        if tag in _BLOCKS:
            self._break(2)
            if tag == "blockquote":
                self._quotes += 1
            elif tag in ("ul", "ol"):
                self._items.append(1 if tag == "ol" else 0)
        elif tag in _LINES:
            self._break(1)
            if tag == "li":
                number = self._items[-1] if self._items else 0
                if number:
                    self._items[-1] += 1
                self.text(f"{number}. " if number else "- ")

    def end(self, tag: str) -> None:
        if self._deeper:
            self._deeper -= 1
            return
        if self.open_tag != tag and all(entry[0] != tag for entry in self._stack):
            return
        while True:
            open_tag, hides, ellipsis = self._stack.pop()
            self._unseen -= hides
            if ellipsis and not self._unseen:
                self._write("…")
            if open_tag == "a" and self._link and all(entry[0] != "a" for entry in self._stack):
                self._end_link(self._link)
            if open_tag in _BLOCKS:
                self._break(2)
                if open_tag == "blockquote":
                    self._quotes -= 1
                elif open_tag in ("ul", "ol"):
                    self._items.pop()
            if open_tag == tag:
                return

    def text(self, text: str) -> None:
        if "\n" in text or "\r" in text:
            text = _on_one_line(text)
        if self._link:
            self._link.whole.append(text)
        if self._unseen:
            return
        if self._breaks or not self._parts:
            text = text.removeprefix(" ") if text[:1] == " " and text.strip(" ") else text
            if not text.strip(" "):
                return
        self._write(text)

    def takes_whole_links(self) -> bool:
        """Whether a link may be written at once: nothing around it bears on it, and there is room for its elements."""
        return self._link is None and not self._unseen and len(self._stack) < MAX_DEPTH - 1

    def shows(self, names: Iterable[str]) -> bool:
        """Whether an element with these classes is not left out."""
        return self._hidden.isdisjoint(names)

    def address(self, url: str) -> None:
        """A link whose words are its own address, as `web_link` let it through."""
        self._write(url)
        if url not in self._links and len(self._links) < MAX_LINKS:
            self._links[url] = Link(url)

    def name(self, words: str) -> None:
        """A mention or hashtag: as it is written, and no link of the post."""
        self._write(words)

    def _break(self, lines: int) -> None:
        self._breaks = max(self._breaks, lines)

    def _write(self, text: str) -> None:
        if self._link and self._link.place is None:
            self._link.place = len(self._parts) + (1 if self._breaks and self._parts else 0)
        prefix = "> " * self._quotes
        if self._parts and self._breaks:
            self._parts.append("\n" * self._breaks + prefix)
        elif not self._parts and prefix:
            self._parts.append(prefix)
        self._breaks = 0
        self._parts.append(text)

    def _end_link(self, link: _Anchor) -> None:
        self._link = None
        if self._unseen:
            return
        place = len(self._parts) if link.place is None else link.place
        shown, whole = "".join(self._parts[place:]), "".join(link.whole).strip()
        if link.names & {"mention", "hashtag"} or shown[:1] in ("#", "@"):
            return
        url = web_link(link.href) or self._on_base(link.href)
        if not url:
            return
        words = "" if _same_address(whole, url) else shown.strip()
        if not words:
            del self._parts[place:]
            self._write(url)
        elif not re.search(rf"(?<![\w.-]){re.escape(host_of(url))}(?![\w.-])", words):
            self._write(f"[{host_of(url)}] " if shown.endswith(" ") else f" [{host_of(url)}]")
        if len(self._links) < MAX_LINKS:
            self._links.setdefault(url, Link(url, SafeText.line(words)))

    def _on_base(self, href: str | None) -> str:
        """A relative address made whole; empty without a base."""
        try:
            return web_link(urljoin(self._base, href.strip())) if self._base and href else ""
        except ValueError:
            return ""

    def finish(self) -> PlainText:
        while self._stack:
            self._deeper = 0
            self.end(self.open_tag)
        return PlainText(SafeText("".join(self._parts).rstrip()), tuple(self._links.values()))


def _on_one_line(text: str) -> str:
    """Line ends of the source are spaces, with what blanks stand around them."""
    first, *rest = text.replace("\r", "\n").split("\n")
    middle = [line for line in (part.strip(" \t\f") for part in rest[:-1]) if line]
    return " ".join([first.rstrip(" \t\f"), *middle, rest[-1].lstrip(" \t\f")])


class _Anchor:
    """An open link: its address as given, its classes, all its words, and where its visible ones begin."""

    __slots__ = ("href", "names", "place", "whole")

    def __init__(self, href: str | None, names: frozenset[str]) -> None:
        self.href = href
        self.names = names
        self.whole: list[str] = []
        self.place: int | None = None


def _same_address(words: str, url: str) -> bool:
    """Whether the words of a link are its own address, whole or cut short, with or without scheme."""
    if not words or words == url:
        return True
    address = words if "://" in words else f"https://{words}"
    cut = address.removesuffix("…").removesuffix("...")
    bare = url.removeprefix("https://").removeprefix("http://")
    again = web_link(cut).removeprefix("https://").removeprefix("http://")
    if not again or "." not in again:
        return False
    return bare.rstrip("/") == again.rstrip("/") or (cut != address and "/" in again and bare.startswith(again))


# ---------------------------------------------------------------- the quick reader

_ATTRIBUTES = r'(?:\s+[a-zA-Z-]+="[^"<>]*")*'
_TOKEN = re.compile(rf"([^<]+)|<(/?)(p|br|a|span)({_ATTRIBUTES})\s*/?>")
_HREF = re.compile(r'\shref="([^"]*)"')
_CLASS = re.compile(r'\sclass="([^"]*)"')
_PLAIN_ENTITIES = re.compile(r"&(?!amp;|lt;|gt;|quot;|#39;)")
_LONG_NUMBER = re.compile(r"&#(?:[0-9]{8,}|[xX][0-9a-fA-F]{7,});?")


# Two kinds of links that servers write in one way only; read whole they cost a fifth of what their parts do.
_AT_ONCE = re.compile(
    r'<a href="([^"<>&]*)"(?: (?:target|rel|translate)="[^"<>&]*")*'
    r"(?:"
    r'><span class="invisible">(https?://[^<>&\r\n]*)</span>'
    r'<span class="(?:ellipsis)?">([^<>&\r\n #@][^<>&\r\n]*)</span>'
    r'<span class="invisible">([^<>&\r\n]*)</span>'
    r"|"
    r' class="(u-url mention|mention hashtag|mention u-url|mention)"(?: (?:target|rel)="[^"<>&]*")*>'
    r"([#@])<span>([^<>&\r\n]*)</span>"
    r")</a>"
)


def _read_at_once(source: str, position: int, writer: _Writer) -> int:
    """Where a shortened link, a mention or a hashtag that begins here ends; 0 when it is to be read by its parts."""
    found = _AT_ONCE.match(source, position)
    if found is None or not writer.takes_whole_links():
        return 0
    href, scheme, seen, rest, names, sign, name = found.groups()
    if sign is None:
        url = web_link(href)
        if not url or not _same_address(f"{scheme}{seen}{rest}".strip(), url):
            return 0
        writer.address(url)
    elif not writer.shows(names.split()):
        return 0
    else:
        writer.name(sign + name)
    return found.end()


def _read_quickly(source: str, writer: _Writer) -> bool:
    """Feeds the writer; False (the writer is then worthless) at the first thing it does not know for certain."""
    if "&#" in source and _LONG_NUMBER.search(source):
        return False
    position, length = 0, len(source)
    match = _TOKEN.match
    while position < length:
        token = match(source, position)
        if token is None:
            return False
        begun, position = position, token.end()
        text, closing, tag, attributes = token.groups()
        if text is not None:
            writer.text(unescape(text) if "&" in text else text)
        elif closing:
            if attributes or tag == "br" or writer.open_tag != tag:
                return False
            writer.end(tag)
        elif tag != "br" and source[position - 2] == "/":
            return False
        elif not attributes:
            writer.start(tag, None, "")
        elif tag == "a" and (end := _read_at_once(source, begun, writer)):
            position = end
        else:
            if _PLAIN_ENTITIES.search(attributes) or attributes.count(" href=") > 1 or attributes.count(" class=") > 1:
                return False
            href, classes = _HREF.search(attributes), _CLASS.search(attributes)
            writer.start(tag, unescape(href[1]) if href else None, unescape(classes[1]) if classes else "")
        if writer.too_deep:
            return False
    return not writer.open_tag


# ---------------------------------------------------------------- the thorough reader

_WHOLE_TAG = re.compile(r"<(?!/?[a-zA-Z][^<>]*>)")
_SILENT_START = re.compile(rf"<({_SILENT})\b[^<>]*>", re.IGNORECASE)

_SILENT_END = {tag: re.compile(rf"</{tag}\s*>", re.IGNORECASE) for tag in _SILENT_TAGS}


def _tame(source: str) -> str:
    """The fragment without comments, declarations and silent elements; a `<` that opens no whole tag is text."""
    if source.count("<") > MAX_TAGS:
        source = "<".join(source.split("<", MAX_TAGS)[:MAX_TAGS])
    source = _LONG_NUMBER.sub("\N{REPLACEMENT CHARACTER}", source)
    source = _without(source, "<!--", "-->")
    source = _without(source, "<!", ">")
    source = _without(source, "<?", ">")
    parts: list[str] = []
    position = 0
    while found := _SILENT_START.search(source, position):
        parts.append(source[position : found.start()])
        end = _SILENT_END[found[1].lower()].search(source, found.end())
        position = end.end() if end else len(source)
    parts.append(source[position:])
    return _WHOLE_TAG.sub("&lt;", "".join(parts))


def _without(source: str, start: str, end: str) -> str:
    if start not in source:
        return source
    head, *rest = source.split(start)
    return head + "".join(piece.partition(end)[2] for piece in rest)  # one without an end swallows up to the next


class _Parser(HTMLParser):
    """html.parser with the writer behind it: one for each fragment, they may not be shared between threads."""

    def __init__(self, writer: _Writer) -> None:
        super().__init__(convert_charrefs=True)
        self._writer = writer

    def set_cdata_mode(self, elem: str, **_options: object) -> None:
        """Nothing switches the rest to raw text: silent elements are gone, and the writer hides what is left."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        href = classes = None
        for name, value in attrs:
            if name == "href" and href is None:
                href = value or ""
            elif name == "class" and classes is None:
                classes = value or ""
        self._writer.start(tag, href, classes or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)  # HTML knows no self-closing elements but the empty ones

    def handle_endtag(self, tag: str) -> None:
        self._writer.end(tag)

    def handle_data(self, data: str) -> None:
        self._writer.text(data)


def _read_anything(source: str, writer: _Writer) -> None:
    parser = _Parser(writer)
    parser.feed(_tame(source))
    parser.close()
