"""What a web page says of itself: the links of its Link header and its head, its title, its description.

Only `<link>` counts, never `<a>`: what somebody wrote below a post must not name an endpoint. Read by patterns that
are linear in the page's length; nothing is rendered and nothing is fetched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urljoin

from mbclient.domain.latepattern import late
from mbclient.domain.lazydataclass import dataclass
from mbclient.services.addresses import web_link
from mbclient.services.answers import Answer

MAX_PAGE = 500_000
MAX_LINKS = 200
MAX_ATTRIBUTES = 4096

_TAG = late(r"<(link|base|meta)\b([^<>]*)>", re.IGNORECASE)
_TITLE = late(r"<title\b[^<>]*>([^<]{0,2000})", re.IGNORECASE)
_ATTRIBUTE = late(r"""([a-zA-Z_:][\w:.-]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?""")
_HEADER_LINK = late(r"<([^<>]{0,4096})>([^<]*)")
_PARAMETER = late(r""";\s*([a-zA-Z*-]+)\s*=\s*(?:"([^"]*)"|([^\s;,"]*))""")


@dataclass(frozen=True, slots=True)
class PageLink:
    """A link that the page declares: its relations in lower case, an absolute http(s) address, its media type."""

    rels: frozenset[str]
    url: str
    type: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class WebPage:
    """A page's own words: links in order, the header's first."""

    links: tuple[PageLink, ...] = ()
    title: str = ""
    description: str = ""

    def first(self, rel: str) -> str:
        """The first address with this relation; empty without one."""
        return next((link.url for link in self.links if rel in link.rels), "")


def unescape(text: str) -> str:
    """`&amp;` and its like as the characters that they stand for."""
    from html import unescape  # late: its table of names takes a while to load

    return unescape(text)


def read_page(answer: Answer) -> WebPage:
    """Reads an answer; addresses are taken relative to where it came from, or to the page's `<base>`."""
    links = list(_header_links(answer.headers.get("link", ""), answer.url))
    if "html" not in answer.headers.get("content-type", "html"):
        return WebPage(tuple(links))
    html = _without_comments(answer.text[:MAX_PAGE])
    base, metas = answer.url, dict[str, str]()
    for tag, raw in _TAG.findall(html):
        given = attributes(raw)
        if tag.lower() == "base":
            base = joined(answer.url, given.get("href", "")) or base
        elif tag.lower() == "meta":
            metas.setdefault((given.get("name") or given.get("property", "")).lower(), given.get("content", ""))
        elif len(links) < MAX_LINKS:
            url = joined(base, given.get("href", ""))
            rels = frozenset(given.get("rel", "").lower().split())
            if url and rels:
                links.append(PageLink(rels, url, media_type(given.get("type", "")), given.get("title", "")))
    title = _TITLE.search(html)
    description = metas.get("description") or metas.get("og:description", "")
    return WebPage(tuple(links), unescape(title[1]) if title else "", description)


def attributes(raw: str) -> dict[str, str]:
    """The attributes of a tag, names in lower case, values decoded; of a name given twice the first."""
    found: dict[str, str] = {}
    for name, double, single, bare in _ATTRIBUTE.findall(raw[:MAX_ATTRIBUTES]):
        found.setdefault(name.lower(), unescape(double or single or bare))
    return found


def joined(base: str, reference: str) -> str:
    """The absolute http(s) address of a reference; empty for what is none."""
    try:
        return web_link(urljoin(base, reference.strip()))
    except ValueError:
        return ""


def media_type(value: str) -> str:
    """`text/html` of `text/html; charset=utf-8`."""
    return value.partition(";")[0].strip().lower()


def _header_links(header: str, base: str) -> Iterator[PageLink]:
    for reference, parameters in _HEADER_LINK.findall(header)[:MAX_LINKS]:
        given: dict[str, str] = {}
        for name, quoted, bare in _PARAMETER.findall(parameters):
            given.setdefault(name.lower(), quoted or bare)
        url, rels = joined(base, reference), frozenset(given.get("rel", "").lower().split())
        if url and rels:
            yield PageLink(rels, url, media_type(given.get("type", "")), given.get("title", ""))


def _without_comments(html: str) -> str:
    head, *rest = html.split("<!--")
    return head + "".join(piece.partition("-->")[2] for piece in rest)
