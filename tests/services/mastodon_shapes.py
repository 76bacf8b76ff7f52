"""The shapes that Mastodon and its relatives answer in, and the table of how each of them differs.

Written from the Mastodon facts, independently of the adapter: nothing here is imported from it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import grapheme


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How one server software behaves. The defaults are upstream Mastodon 4.5."""

    software: str = "mastodon"
    version: str = "4.5.0"
    level: int = 7
    idempotency: str = "strict"  # strict | broken (4.6: a repeat is a 500) | global | reject | none
    schedule: str = "yes"  # yes | ignored | held (answers with a status, and holds it)
    count: str = "upstream"  # upstream | points | graphemes
    limit: int = 500
    links: str = "both"  # both | next | none
    page_up: str = "min_id"
    streaming: str = "sse+ws"  # sse+ws | ws | none
    markers: bool = True
    metadata: bool = True
    v2: bool = True
    nodeinfo: bool = True
    source: bool = True
    editing: bool = True
    refuses: int = 422
    dead_token: str = "json"  # json (401) | text (400) | empty (422)
    orphan: str = "refuse"  # refuse (404) | post
    rate_headers: str = "iso"  # iso | none
    empty_text: bool = True
    exact_redirect: bool = False
    ids: str = "snowflake"  # snowflake | ulid | odd
    filters: bool = True
    tags: bool = True  # tags can be followed
    polls: bool = True  # else they are passed over in silence


BEHAVIOURS = {
    "mastodon": Behaviour(),
    "mastodon-4.6": Behaviour(version="4.6.5", level=11, idempotency="broken"),
    "mastodon-4.2": Behaviour(version="4.2.10", level=0, metadata=False),
    "glitch": Behaviour(version="4.5.0+glitch"),
    "hometown": Behaviour(
        "hometown",
        "3.4.6+hometown-1.0.6",
        0,
        v2=False,
        metadata=False,
        editing=False,
        source=False,
        filters=False,
    ),
    "gotosocial": Behaviour(
        "gotosocial",
        "0.20.0+git-abc",
        0,
        idempotency="none",
        count="points",
        limit=5000,
        streaming="ws",
        metadata=False,
        refuses=400,
        exact_redirect=True,
        ids="ulid",
    ),
    "pleroma": Behaviour(
        "pleroma",
        "2.7.2 (compatible; Pleroma 2.5.0)",
        0,
        idempotency="global",
        count="graphemes",
        limit=5000,
        streaming="ws",
        metadata=False,
        v2=False,
        rate_headers="none",
        exact_redirect=True,
    ),
    "akkoma": Behaviour(
        "akkoma",
        "2.7.2 (compatible; Akkoma 3.10.4)",
        0,
        idempotency="none",
        count="graphemes",
        limit=5000,
        streaming="ws",
        metadata=False,
        v2=False,
        rate_headers="none",
        exact_redirect=True,
    ),
    "pixelfed": Behaviour(
        "pixelfed",
        "3.5.3 (compatible; Pixelfed 0.11.13)",
        0,
        idempotency="reject",
        streaming="none",
        metadata=False,
        v2=False,
        editing=False,
        empty_text=False,
        exact_redirect=True,
        filters=False,
        polls=False,
    ),
    "takahe": Behaviour(
        "takahe",
        "takahe/0.11.0",
        0,
        idempotency="none",
        schedule="ignored",
        count="points",
        streaming="none",
        markers=False,
        tags=False,
        metadata=False,
        dead_token="text",
        refuses=400,
        rate_headers="none",
        exact_redirect=True,
    ),
    "snac": Behaviour(
        "snac",
        "4.0.0 (not true; really snac/2.38)",
        0,
        idempotency="none",
        schedule="ignored",
        count="points",
        limit=100_000,
        links="none",
        page_up="since_id",
        streaming="none",
        markers=False,
        metadata=False,
        v2=False,
        nodeinfo=False,
        source=False,
        editing=False,
        dead_token="empty",
        orphan="post",
        rate_headers="none",
        exact_redirect=True,
        ids="odd",
        filters=False,
        polls=False,
    ),
    "hollo": Behaviour(
        "hollo",
        "0.6.20",
        0,
        schedule="ignored",
        limit=10_000,
        links="next",
        streaming="none",
        count="points",
        rate_headers="none",
        exact_redirect=True,
    ),
}

_WORD = re.compile(r"https?://[^\s]+|(?<![=/\w])@\w+(?:@[\w.:-]+\w)?|(?<![/\w])#\w+")


def length(text: str, cw: str, behaviour: Behaviour) -> int:
    """Counted as the server counts; good enough for the texts of the tests."""
    if behaviour.count == "points":
        return len(cw) + len(text)
    if behaviour.count == "upstream":
        text = re.sub(r"https?://[^\s]+", "x" * 23, text)
        text = re.sub(r"(?<![=/\w])(@\w+)@[\w.:-]+\w", r"\1", text)
    return int(grapheme.length(cw + text))


def content(text: str, base: str) -> str:
    """The HTML that Mastodon makes of a text: paragraphs, shortened links, mentions and tags."""

    def word(found: re.Match[str]) -> str:
        piece = found[0]
        if piece.startswith("http"):
            scheme, rest = piece.split("//", 1)
            shown, hidden = html.escape(rest[:30]), html.escape(rest[30:])
            cut = f'<span class="ellipsis">{shown}</span><span class="invisible">{hidden}</span>' if hidden else shown
            attributes = 'target="_blank" rel="nofollow noopener" translate="no"'
            return f'<a href="{html.escape(piece)}" {attributes}><span class="invisible">{scheme}//</span>{cut}</a>'
        if piece.startswith("@"):
            name = piece[1:].partition("@")[0]
            link = f'<a href="{base}/@{name}" class="u-url mention" translate="no">@<span>{name}</span></a>'
            return f'<span class="h-card" translate="no">{link}</span>'
        return f'<a href="{base}/tags/{piece[1:]}" class="mention hashtag" rel="tag">#<span>{piece[1:]}</span></a>'

    def paragraph(part: str) -> str:
        out, position = "", 0
        for found in _WORD.finditer(part):
            out += html.escape(part[position : found.start()], quote=False) + word(found)
            position = found.end()
        return "<p>" + (out + html.escape(part[position:], quote=False)).replace("\n", "<br />") + "</p>"

    return "".join(paragraph(part) for part in text.split("\n\n")) if text else ""


_MENTION = re.compile(r"(?<![=/\w])@(\w+)(?:@([\w.:-]+\w))?")


def mentions(text: str, people: Mapping[str, str], base: str) -> list[dict[str, str]]:
    """Whom a text mentions, each once: `people` of this server by name with their ids, others by name and host."""
    found: dict[str, dict[str, str]] = {}
    for name, host in _MENTION.findall(text):
        if host and not base.endswith(f"//{host}"):
            acct, url = f"{name}@{host}", f"https://{host}/@{name}"
            found[acct] = {"id": f"9{len(found)}", "username": name, "acct": acct, "url": url}
        elif name in people:
            found[name] = {"id": people[name], "username": name, "acct": name, "url": f"{base}/@{name}"}
    return list(found.values())


@dataclass(slots=True)
class Person:
    """An account on the server."""

    id: str
    name: str
    token: str
    display_name: str = ""
    note: str = "<p>Engineer at <strong>Example AB</strong></p>"
    follows: set[str] = field(default_factory=set)
    markers: dict[str, str] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)

    def json(self, base: str) -> dict[str, object]:
        return {
            "id": self.id,
            "username": self.name,
            "acct": self.name,
            "display_name": self.display_name,
            "locked": False,
            "bot": False,
            "note": self.note,
            "url": f"{base}/@{self.name}",
            "uri": f"{base}/users/{self.name}",
            "avatar": f"{base}/avatars/{self.name}.png",
            "fields": [{"name": "Web", "value": '<a href="https://example.org">https://example.org</a>'}],
            "emojis": [],
        }


@dataclass(slots=True)
class Poll:
    """A status's poll; `votes`: the places that each voter chose."""

    id: str
    titles: list[str]
    ends: datetime
    multiple: bool = False
    hide_totals: bool = False
    votes: dict[str, list[int]] = field(default_factory=dict)

    def over(self, now: datetime) -> bool:
        return self.ends <= now

    def json(self, me: str, author: str, now: datetime) -> dict[str, object]:
        """As the API shows it to `me`: nobody's author votes, and hidden figures are null until the end."""
        given = [place for places in self.votes.values() for place in places]
        hidden = self.hide_totals and not self.over(now)
        return {
            "id": self.id,
            "expires_at": stamp(self.ends),
            "expired": self.over(now),
            "multiple": self.multiple,
            "votes_count": len(given),
            "voters_count": len(self.votes) if self.multiple else None,
            "voted": me == author or me in self.votes,
            "own_votes": self.votes.get(me, []),
            "options": [
                {"title": title, "votes_count": None if hidden else given.count(place)}
                for place, title in enumerate(self.titles)
            ],
            "emojis": [],
        }


@dataclass(slots=True)
class Stored:
    """A status in the server's database; `order` is its place in time."""

    id: str
    order: int
    person: Person
    text: str
    created_at: datetime
    cw: str = ""
    visibility: str = "public"
    sensitive: bool = False
    language: str | None = None
    parent: str | None = None
    quote: str | None = None
    reblog: str | None = None
    media: list[str] = field(default_factory=list)
    poll: Poll | None = None
    edited_at: datetime | None = None
    likes: set[str] = field(default_factory=set)
    bookmarks: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Filter:
    """A filter of anna's: version 2 of the API. `statuses` are those that it names one by one."""

    id: str
    title: str
    keywords: list[str]
    action: str = "warn"
    context: list[str] = field(default_factory=lambda: ["home", "notifications", "public", "thread", "account"])
    expires_at: datetime | None = None
    statuses: list[str] = field(default_factory=list)

    def json(self) -> dict[str, object]:
        """As it stands inside a match, without its keywords."""
        ends = stamp(self.expires_at) if self.expires_at else None
        shown: dict[str, object] = {"id": self.id, "title": self.title, "context": self.context, "expires_at": ends}
        return shown | {"filter_action": self.action}

    def listed(self) -> dict[str, object]:
        """As the list of filters has it."""
        keywords = [
            {"id": f"{self.id}{n}", "keyword": word, "whole_word": True} for n, word in enumerate(self.keywords)
        ]
        statuses = [{"id": f"{self.id}s{n}", "status_id": status} for n, status in enumerate(self.statuses)]
        return self.json() | {"keywords": keywords, "statuses": statuses}

    def result(self, stored: Stored) -> dict[str, object] | None:
        """The match of a status, None where there is none. One that is over matches nothing any more."""
        words = [word for word in self.keywords if word.lower() in re.findall(r"\w+", stored.text.lower())]
        named = [stored.id] if stored.id in self.statuses else []
        over = self.expires_at is not None and self.expires_at <= datetime.now(self.expires_at.tzinfo)
        if over or not (words or named):
            return None
        return {"filter": self.json(), "keyword_matches": words or None, "status_matches": named or None}


def stamp(when: datetime) -> str:
    """RFC 3339 with three digits, as Mastodon writes it."""
    return when.strftime("%Y-%m-%dT%H:%M:%S.") + f"{when.microsecond // 1000:03d}Z"
