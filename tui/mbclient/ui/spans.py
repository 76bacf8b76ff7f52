"""Which stretches of a post's text are links, tags, mentions and work terms.

The text itself is never changed but for one thing: where a link's words are not its address, the host is put beside
them, so that nobody is led astray (reliability facts 4.5).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from urllib.parse import urlsplit

from mbclient.domain.hosts import host_of
from mbclient.domain.latepattern import late
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.post import Link, Post
from mbclient.domain.safetext import SafeText
from mbclient.domain.tlds import TOP_LEVEL_DOMAINS
from mbclient.ui.wrap import apart

Span = tuple[int, int]  # [start, end) in a text

_TAG = late(r"(?<![\w/&#])#\w*[^\W\d_]\w*")
_MENTION = late(r"(?<![\w/@.])@\w[\w.-]*\w?(?:@\w[\w.-]*\w)?")
_ADDRESS = late(r"https?://[^\s<>\"“”\[\]]+", re.IGNORECASE)
_UNFIT = late(r"[\x00-\x20\x7f-\xa0\\]")  # a browser may read such an address otherwise than we do
_HOST = late(r"(?<![\w@.-])(?:[\w-]+\.)+(xn--[a-z0-9-]+|[^\W\d_]{2,})")  # not the host of a handle
_AFTER_ADDRESS = ".,;:!?'’…"


@dataclass(frozen=True, slots=True)
class Marked:
    """A text with the roles of its stretches: `roles` are disjoint and in order, `links` the stretches to click on.

    `unplaced`: links whose words are not in the text, such as a card's.
    """

    text: str
    roles: tuple[tuple[int, int, str], ...]
    links: tuple[tuple[int, int, str], ...]
    unplaced: tuple[Link, ...]

    def runs(self, start: int, end: int) -> list[tuple[int, int, str]]:
        """The stretch [start, end) cut where the role changes; "text" between the marked ones."""
        runs: list[tuple[int, int, str]] = []
        at = start
        for first, last, role in self.roles[bisect_left(self.roles, start, key=lambda item: item[1]) :]:
            if first >= end:
                break
            first, last = max(first, at), min(last, end)
            if last <= first:
                continue
            if first > at:
                runs.append((at, first, "text"))
            runs.append((first, last, role))
            at = last
        if at < end:
            runs.append((at, end, "text"))
        return runs


def mark(post: Post, terms: Sequence[Span] = ()) -> Marked:
    """The post's text, marked. `terms`: where matched work terms stand in `post.text`; they win over other roles."""
    text = apart(post.text)
    links, unplaced = _find_links(text, post.links)
    if not links and not terms and "#" not in text and "@" not in text:
        return Marked(text, (), (), unplaced)
    found: list[tuple[int, int, str]] = [(*match.span(), "tag") for match in _TAG.finditer(text)]
    found += [(*match.span(), "mention") for match in _MENTION.finditer(text)]
    found += [(start, end, "link") for start, end, _ in links]
    found += [(max(start, 0), min(end, len(text)), "term") for start, end in terms if start < end]
    insertions = [(end, f" ({host})") for start, end, url in links if (host := _hidden_host(text[start:end], url))]
    text, shift = _insert(text, insertions)
    roles = [(start + shift(start), end + shift(end - 1), role) for start, end, role in found]
    roles += [(at + shift(at - 1), at + shift(at - 1) + len(words), "muted") for at, words in insertions]
    clicks = tuple((start + shift(start), end + shift(end - 1), url) for start, end, url in links)
    return Marked(text, _layered(roles, len(text)), clicks, unplaced)


def shown_host(url: str) -> str:
    """The host as shown, cleaned; empty for what has none."""
    return SafeText.line(host_of(url), max_characters=100)


def is_web(url: str) -> bool:
    """Only these are ever opened or shown as links: http and https, with a host and no user before it."""
    if not url[:8].lower().startswith(("http://", "https://")) or _UNFIT.search(url):
        return False
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.username is None
    except ValueError:  # a broken IPv6 address
        return False


def claimed_host(words: str, url: str) -> str:
    """The host that a link's words name while it leads to another; empty when they name none, or are honest.

    A host above or below the true one is honest: `example.org` may lead to `www.example.org`, and the other way round.
    """
    true = f".{shown_host(url)}"
    for match in _HOST.finditer(words.lower().replace("。", ".")):
        claimed = f".{_ascii(match[0])}"
        known = match[1] in TOP_LEVEL_DOMAINS or match[1].startswith("xn--")
        if known and not (true.endswith(claimed) or claimed.endswith(true)):
            return match[0]
    return ""


def _ascii(host: str) -> str:
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host


def _find_links(text: str, links: Sequence[Link]) -> tuple[list[tuple[int, int, str]], tuple[Link, ...]]:
    """Where each link's words stand, in reading order; then plain addresses that nobody named."""
    placed: list[tuple[int, int, str]] = []
    unplaced: list[Link] = []
    at = 0
    for link in links:
        if not is_web(link.url):
            continue
        words = str(link.text) or link.url
        start = text.find(words, at)
        if start < 0:
            start = text.find(words)
        if start < 0 or any(start < end and first < start + len(words) for first, end, _ in placed):
            if all(url != link.url for _, _, url in placed):
                unplaced.append(link)
            continue
        at = start + len(words)
        placed.append((start, at, link.url))
    if "://" in text:
        for match in _ADDRESS.finditer(text):
            start, end = match.start(), match.end()
            while end > start and (text[end - 1] in _AFTER_ADDRESS or _closes_more(text[start:end])):
                end -= 1
            if is_web(text[start:end]) and not any(start < last and first < end for first, last, _ in placed):
                placed.append((start, end, text[start:end]))
    placed.sort()
    return placed, tuple(unplaced)


def _closes_more(address: str) -> bool:
    """A closing bracket that belongs to the sentence, not to the address."""
    return address.endswith(")") and address.count(")") > address.count("(")


def _hidden_host(words: str, url: str) -> str:
    """The host, when the words do not begin with it."""
    host = shown_host(url)
    bare = words.lower()
    for prefix in ("https://", "http://"):
        bare = bare.removeprefix(prefix)
    named = re.split(r"[/?#:…\s]", bare, maxsplit=1)[0].removeprefix("www.")
    return "" if named == host.removeprefix("www.") else host


def _insert(text: str, insertions: Sequence[tuple[int, str]]) -> tuple[str, _Shift]:
    if not insertions:
        return text, _Shift((), ())
    parts: list[str] = []
    at = 0
    positions: list[int] = []
    totals: list[int] = []
    for position, words in insertions:
        parts += (text[at:position], words)
        at = position
        positions.append(position)
        totals.append((totals[-1] if totals else 0) + len(words))
    parts.append(text[at:])
    return "".join(parts), _Shift(tuple(positions), tuple(totals))


@dataclass(frozen=True, slots=True)
class _Shift:
    """How far a character of the original text has moved."""

    positions: tuple[int, ...]
    totals: tuple[int, ...]

    def __call__(self, index: int) -> int:
        before = bisect_left(self.positions, index + 1)
        return self.totals[before - 1] if before else 0


def _layered(roles: Sequence[tuple[int, int, str]], length: int) -> tuple[tuple[int, int, str], ...]:
    """Disjoint stretches, where a later role lies over an earlier one."""
    edges = sorted({0, length, *(edge for start, end, _ in roles for edge in (start, end))})
    top: dict[int, str] = {}
    for start, end, role in roles:
        for edge in edges[bisect_left(edges, start) : bisect_left(edges, end)]:
            top[edge] = role
    return tuple((start, end, top[start]) for start, end in pairwise(edges) if start in top)
