"""Facets: what in a text is a link, a mention or a tag, by UTF-8 bytes (Bluesky facts 5).

Nothing is linked by the server: without a facet an address is dead text. What is found here follows the detection of
Bluesky's own clients, so that a text means the same in both.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping

from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.lengths import grapheme_length, utf8_length
from mbclient.domain.post import Link
from mbclient.domain.safetext import SafeText
from mbclient.domain.tlds import TOP_LEVEL_DOMAINS
from mbclient.services.addresses import web_link
from mbclient.services.bluesky.identity import is_handle
from mbclient.services.bluesky.shape import Object, objects, optional_obj, optional_text, texts

_FEATURE = "app.bsky.richtext.facet#"
_MENTION = re.compile(r"(?:^|(?<=[\s(]))@([a-zA-Z0-9.-]+)\b")
_LINK = re.compile(r"(?:^|(?<=[\s(]))(?:https?://\S+|[a-z][a-z0-9-]*(?:\.[a-z0-9-]+)+\S*)", re.IGNORECASE)
_HOST = re.compile(r"[a-z][a-z0-9-]*(?:\.[a-z0-9-]+)+", re.IGNORECASE)
_TAG = re.compile("(?:^|(?<=\\s))[#＃](?!\ufe0f)([^\\s\u00ad\u2060\u200a-\u200d\u20e2]+)")
MAX_TAG, MAX_TAG_BYTES = 64, 640
MAX_FACETS = 100


@dataclass(frozen=True, slots=True)
class Found:
    """A stretch of a text, in code points: `kind` is link, mention or tag, `value` the address, handle or tag."""

    start: int
    end: int
    kind: str
    value: str


def find(text: str) -> list[Found]:
    """Links, mentions and tags in order, none overlapping; a link wins over what stands inside it."""
    found: list[Found] = []
    for candidate in sorted([*_links(text), *_mentions(text), *_tags(text)], key=lambda item: item.start):
        if not found or candidate.start >= found[-1].end:
            found.append(candidate)
    return found[:MAX_FACETS]


def _mentions(text: str) -> Iterator[Found]:
    for match in _MENTION.finditer(text):
        handle = match[1].rstrip(".-")
        ending = handle.rpartition(".")[2].lower()
        if is_handle(handle) and (ending in TOP_LEVEL_DOMAINS or ending == "test"):
            yield Found(match.start(), match.start() + 1 + len(handle), "mention", handle.lower())


def _links(text: str) -> Iterator[Found]:
    for match in _LINK.finditer(text):
        shown = _without_ending(match[0])
        bare = "://" not in shown[:8]
        host = _HOST.match(shown)
        if bare and (host is None or host[0].rpartition(".")[2].lower() not in TOP_LEVEL_DOMAINS):
            continue
        address = web_link(f"https://{shown}" if bare else shown)
        if address:
            yield Found(match.start(), match.start() + len(shown), "link", address)


def _without_ending(shown: str) -> str:
    """A sentence's punctuation is not the link's, nor a parenthesis that was opened before it."""
    while shown:
        if shown[-1] in ".,;:!?'\"”’»" or (shown[-1] == ")" and shown.count("(") < shown.count(")")):
            shown = shown[:-1]
        else:
            break
    return shown


def _tags(text: str) -> Iterator[Found]:
    for match in _TAG.finditer(text):
        tag = match[1]
        while tag and unicodedata.category(tag[-1])[0] == "P":
            tag = tag[:-1]
        real = any(not character.isdigit() and unicodedata.category(character)[0] != "P" for character in tag)
        if real and grapheme_length(tag) <= MAX_TAG and utf8_length(tag) <= MAX_TAG_BYTES:
            yield Found(match.start(), match.start() + 1 + len(tag), "tag", tag)


def facets(text: str, dids: Mapping[str, str]) -> list[Object]:
    """The facets of a text to be sent. `dids`: handle → DID of those that exist; other mentions stay text."""
    made: list[Object] = []
    for item in find(text):
        feature = _feature(item, dids)
        if feature:
            start = utf8_length(text[: item.start])
            end = start + utf8_length(text[item.start : item.end])
            made.append({"index": {"byteStart": start, "byteEnd": end}, "features": [feature]})
    return made


def _feature(item: Found, dids: Mapping[str, str]) -> Object:
    if item.kind == "link":
        return {"$type": _FEATURE + "link", "uri": item.value}
    if item.kind == "tag":
        return {"$type": _FEATURE + "tag", "tag": item.value}
    return {"$type": _FEATURE + "mention", "did": dids[item.value]} if item.value in dids else {}


@dataclass(frozen=True, slots=True)
class Rich:
    """What the facets of a received record say."""

    links: tuple[Link, ...] = ()
    tags: tuple[SafeText, ...] = ()
    mentions: tuple[SafeText, ...] = ()


def read(record: Object) -> Rich:
    """Links (with their words where these are not the address), tags and mentions of a record.

    Offsets outside the text or inside a character lose their words, not the link: the server accepts any.
    """
    raw = optional_text(record, "text").encode("utf-8", "replace")
    links: dict[str, Link] = {}
    tags: dict[str, SafeText] = {}
    mentions: dict[str, SafeText] = {}
    for facet in objects(record.get("facets"))[:MAX_FACETS]:
        words = _words(raw, optional_obj(facet.get("index")))
        for feature in objects(facet.get("features")):
            kind = optional_text(feature, "$type")
            url = web_link(feature.get("uri"))
            if kind == _FEATURE + "link" and url:
                links.setdefault(url, link(url, words))
            elif kind == _FEATURE + "tag" and optional_text(feature, "tag"):
                _add_tag(tags, optional_text(feature, "tag"))
            elif kind == _FEATURE + "mention" and words.startswith("@"):
                name = SafeText.line(words[1:])
                mentions.setdefault(name, name)
    for tag in texts(record.get("tags")):
        _add_tag(tags, tag)
    return Rich(tuple(links.values()), tuple(tags.values()), tuple(mentions.values()))


def _add_tag(tags: dict[str, SafeText], raw: str) -> None:
    tag = SafeText.line(raw.lstrip("#＃"), max_characters=MAX_TAG_BYTES)
    if tag:
        tags.setdefault(tag.casefold(), tag)


def _words(raw: bytes, index: Object) -> str:
    start, end = index.get("byteStart"), index.get("byteEnd")
    if not (isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= len(raw)):
        return ""
    try:
        return raw[start:end].decode()
    except UnicodeDecodeError:
        return ""


def link(url: str, words: str) -> Link:
    """A link with its words, unless they are the address itself, its scheme left out or not."""
    shown = SafeText.line(words)
    same = shown.rstrip("/") in (url.rstrip("/"), url.partition("://")[2].rstrip("/"))
    return Link(url) if same else Link(url, shown)
