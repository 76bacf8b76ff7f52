"""MFM, Misskey's markup, to plain text and its links (facts/misskey.md 7).

A function `$[name.args words]` becomes its words, a tag goes, a link stands with its address or its host; what is only
emphasis (`**`, `~~`, a quote's `>`) reads well as it is. In code nothing means anything. Every pattern is linear.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from mbclient.domain.hosts import host_of
from mbclient.domain.lengths import links as find_links
from mbclient.domain.post import Link
from mbclient.domain.safetext import MAX_CHARACTERS, SafeText
from mbclient.services.addresses import web_link
from mbclient.services.html import PlainText

MAX_DEPTH = 64
MAX_LINKS = 100
_MARK = re.compile(
    r"(?P<fence>```[^\n`]*\n)|(?P<code>`[^`\n]+`)|(?P<plain><plain>)"
    r"|<(?P<tag>/?(?:small|center|b|i|s))>"
    r"|(?P<function>\$\[(?P<name>[a-z0-9_]{1,30})(?:\.[\w.,=:-]{1,200})? )|(?P<end>\])"
    r"|\??\[(?P<words>[^\[\]\n]{1,500})\]\((?P<target>https?://[^\s()<>]{1,2000}(?:\([^\s()<>]{1,200}\)[^\s()<>]{0,500})?)\)"
    r"|<(?P<angle>https?://[^\s<>]{1,2000})>"
)


def plain_text(mfm: str) -> PlainText:
    """What a reader sees of a note's text, and its links in order, each once."""
    reader = _Reader(mfm[:MAX_CHARACTERS])
    return PlainText(SafeText(reader.text()), tuple(reader.links.values())[:MAX_LINKS])


class _Reader:
    """One pass from left to right. What has no end is only text, so a start is written and taken out by its end.

    `_open`: functions whose end is yet to come, each (place in `_parts`, name); `_tags`: likewise the tags by name.
    """

    def __init__(self, source: str) -> None:
        self._source = source
        self._parts: list[str] = []
        self._open: list[tuple[int, str]] = []
        self._tags: dict[str, list[int]] = {}
        self._absent: set[str] = set()
        self.links: dict[str, Link] = {}

    def text(self) -> str:
        position = 0
        while found := _MARK.search(self._source, position):
            self._words(self._source[position : found.start()])
            position = self._mark(found)
        self._words(self._source[position:])
        return "".join(self._parts)

    def _words(self, words: str) -> None:
        if "://" in words:
            for start, end in find_links(words):
                self._link(words[start:end], "")
        self._parts.append(words)

    def _link(self, target: str, words: str) -> str:
        url = web_link(target)
        if url and len(self.links) < MAX_LINKS:
            self.links.setdefault(url, Link(url, SafeText.line(words)))
        return url

    def _mark(self, found: re.Match[str]) -> int:
        """Writes what a mark stands for; gives where to read on."""
        if found["fence"] is not None:
            return self._literal(found, "\n```")
        if found["plain"] is not None:
            return self._literal(found, "</plain>")
        if found["code"] is not None:
            self._parts.append(found["code"])
        elif found["function"] is not None:
            if len(self._open) < MAX_DEPTH:
                self._open.append((len(self._parts), found["name"]))
            self._parts.append(found["function"])
        elif found["end"] is not None:
            self._close()
        elif found["tag"] is not None:
            self._tag(found[0], found["tag"])
        elif found["angle"] is not None:
            self._parts.append(self._link(found["angle"], "") or found[0])
        elif found["target"] is not None:
            self._parts.append(self._named(found))
        return found.end()

    def _literal(self, found: re.Match[str], end: str) -> int:
        """What stands until an end mark, as it is; without one the start mark is only text, and so are all later."""
        start = found.end()
        stop = -1 if end in self._absent else self._source.find(end, start - (end[0] == "\n"))
        if stop < start - 1:
            self._absent.add(end)
            self._parts.append(found[0])
            return start
        behind = stop + len(end)
        self._parts.append(self._source[start:stop] if end == "</plain>" else self._source[found.start() : behind])
        return behind

    def _tag(self, written: str, name: str) -> None:
        starts = self._tags.setdefault(name.lstrip("/"), [])
        if not name.startswith("/"):
            if len(starts) < MAX_DEPTH:
                starts.append(len(self._parts))
        elif starts:
            self._parts[starts.pop()] = ""
            return
        self._parts.append(written)

    def _close(self) -> None:
        if not self._open:
            self._parts.append("]")
            return
        place, name = self._open.pop()
        inside = "".join(self._parts[place + 1 :])
        if name == "ruby" and " " in inside.strip():
            base, _space, reading = inside.strip().rpartition(" ")
            inside = f"{base} ({reading})"
        elif name == "unixtime":
            inside = _time(inside)
        self._parts[place:] = [inside]
        self._tags = {tag: [start for start in starts if start < place] for tag, starts in self._tags.items()}

    def _named(self, found: re.Match[str]) -> str:
        """A link with words of its own shows where it leads, unless they say so."""
        words, url = found["words"], self._link(found["target"], found["words"])
        if not url:
            return found[0]
        host = host_of(url)
        said = re.search(rf"(?<![\w.-]){re.escape(host)}(?![\w.-])", words)
        return words if said else f"{words} [{host}]"


def _time(seconds: str) -> str:
    """A moment in seconds since 1970, for readers in every zone; other words as they are."""
    text = seconds.strip()
    if not re.fullmatch(r"[0-9]{1,11}", text):
        return seconds
    return datetime.fromtimestamp(int(text), UTC).strftime("%Y-%m-%d %H:%M UTC")
