"""XML to a tree, for documents that nobody vouches for.

Python's expat with every dangerous part refused: entity declarations (billion laughs), an internal subset, anything
external. A bare `<!DOCTYPE rss …>`, which RSS 0.91 asks for, is passed over and never fetched. Depth and number of
elements are bounded. A document that is not well-formed is repaired once: HTML's entities, bare ampersands,
characters that XML forbids, prefixes that were never declared.

Why not a feed library: feedparser falls back to a parser made of regular expressions over whatever does not parse,
and the others build on parsers that expand entities; what is needed here is small, and refusing is most of it.
"""

from __future__ import annotations

import re
from html.entities import html5
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

MAX_DEPTH = 100
MAX_ELEMENTS = 50_000
MAX_PREFIXES = 50
XML = "{http://www.w3.org/XML/1998/namespace}"
PREFIXES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
    "thr": "http://purl.org/syndication/thread/1.0",
}


class BadXmlError(ValueError):
    """Not XML, or XML that is refused."""


def parse_xml(text: str) -> Element:
    """The root element; names as `{namespace}local`. Raises `BadXmlError`."""
    try:
        return _parse(text)
    except expat.ExpatError:
        try:
            return _parse(_repaired(text))
        except expat.ExpatError as error:
            raise BadXmlError(str(error)) from error


def _parse(text: str) -> Element:
    builder = TreeBuilder()
    parser = expat.ParserCreate("utf-8", "}")  # the declaration's own encoding no longer counts: it is text already
    depth = count = 0

    def start(name: str, given: dict[str, str]) -> None:
        nonlocal depth, count
        depth += 1
        count += 1
        if depth > MAX_DEPTH or count > MAX_ELEMENTS:
            raise BadXmlError("too deep or too large")
        builder.start(_name(name), {_name(key): value for key, value in given.items()})

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(_name(name))

    def doctype(_name: str, _system: str | None, _public: str | None, internal: bool) -> None:
        if internal:
            raise BadXmlError("a document type of its own")

    def refuse(*_given: object) -> int:
        raise BadXmlError("an entity declaration")

    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = doctype
    parser.EntityDeclHandler = refuse
    parser.UnparsedEntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse
    parser.SkippedEntityHandler = lambda name, _parameter: builder.data(html5.get(f"{name};", ""))
    parser.Parse(text.encode("utf-8", "replace"), True)
    return builder.close()


def _name(name: str) -> str:
    return "{" + name if "}" in name else name


def markup(element: Element) -> str:
    """What stands inside an element, as HTML again: for Atom's xhtml. No deeper than `MAX_DEPTH`."""
    parts = [_escaped(element.text)]
    for child in element:
        tag = local(child)
        given = "".join(f' {key}="{_escaped(value)}"' for key, value in child.attrib.items() if "}" not in key)
        parts.append(f"<{tag}{given}>{markup(child)}</{tag}>{_escaped(child.tail)}")
    return "".join(parts)


def local(element: Element) -> str:
    """An element's name without its namespace."""
    return element.tag.rpartition("}")[2]


def words(element: Element | None) -> str:
    """An element's text, children's included, without outer blanks."""
    return "".join(element.itertext()).strip() if element is not None else ""


def _escaped(text: str | None) -> str:
    text = text or ""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


# ---------------------------------------------------------------- repair

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_AMPERSAND = re.compile(r"&(?:#(\d{1,8}|[xX][0-9a-fA-F]{1,7});|([A-Za-z][A-Za-z0-9]{0,31});)?")
_KEPT = frozenset({"amp", "lt", "gt", "quot", "apos"})
_ROOT = re.compile(r"<[A-Za-z_][\w.:-]*")
_USED = re.compile(r"[</\s]([A-Za-z_][\w.-]{0,40}):[A-Za-z_]")


def _repaired(text: str) -> str:
    pieces = _around_cdata(_FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text))
    pieces[::2] = [_AMPERSAND.sub(_entity, piece) for piece in pieces[::2]]
    text = "".join(pieces).lstrip()
    root = _ROOT.search(text)
    if not root:
        return text
    declared = set(re.findall(r"xmlns:([\w.-]+)\s*=", text))
    used = set(_USED.findall("".join(pieces[::2]))) - declared - {"xml", "xmlns"}
    undeclared = sorted(used)[:MAX_PREFIXES]
    named = "".join(f' xmlns:{name}="{PREFIXES.get(name, "urn:undeclared:" + name)}"' for name in undeclared)
    return text[: root.end()] + named + text[root.end() :]


def _around_cdata(text: str) -> list[str]:
    """Text and CDATA sections by turns, text first; what lies in a section is not touched."""
    pieces, position = list[str](), 0
    while (start := text.find("<![CDATA[", position)) >= 0 and (end := text.find("]]>", start)) >= 0:
        pieces += [text[position:start], text[start : end + 3]]
        position = end + 3
    return [*pieces, text[position:]]


def _entity(found: re.Match[str]) -> str:
    number, name = found.groups()
    if number:
        code = int(number[1:], 16) if number[0] in "xX" else int(number)
        good = code in (9, 10, 13) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or 0x10000 <= code <= 0x10FFFF
        return found[0] if good else "\N{REPLACEMENT CHARACTER}"
    if name in _KEPT:
        return found[0]
    known = html5.get(f"{name};") if name else None
    return known if known is not None and "<" not in known and "&" not in known else "&amp;" + found[0][1:]
