"""The people and posts of the double, and the JSON of both generations of X's field names (facts/x.md 2, 3)."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

FIRST_MS = 1288834974657
LINK = re.compile(r"https?://\S+|\b[\w-]+\.(?:example|se|com)\b(?:/\S*)?")
COMMON = {"attachments", "conversation_id", "created_at", "entities", "lang", "possibly_sensitive", "public_metrics"}
# what each generation takes as a parameter's value
FIELDS = {
    "tweet": COMMON | {"author_id", "in_reply_to_user_id", "referenced_tweets", "note_tweet", "edit_history_tweet_ids"},
    "post": COMMON | {"note_post", "referenced_posts", "edit_history_post_ids"},
    "bare-post": COMMON,
}
EXPANSIONS = {
    "tweet": {
        "author_id",
        "referenced_tweets.id",
        "referenced_tweets.id.author_id",
        "attachments.media_keys",
        "attachments.poll_ids",
    },
    "post": {"author_id", "referenced_posts", "attachments.media_keys", "attachments.poll_ids"},
    "bare-post": {"author_id", "referenced_posts", "attachments.media_keys", "attachments.poll_ids"},
}


@dataclass(slots=True)
class Person:
    id: str
    username: str
    name: str
    description: str = ""
    location: str = ""
    link: str = ""
    badge: str = ""
    protected: bool = False
    follows: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Tweet:
    """`kind`: "", retweeted, quoted or replied_to, of `target`. `history`: ids of its earlier forms."""

    id: str
    person: Person
    text: str
    kind: str = ""
    target: str = ""
    conversation: str = ""
    media: list[str] = field(default_factory=list)
    poll: dict[str, Any] | None = None
    history: list[str] = field(default_factory=list)
    lang: str = "sv"
    likes: set[str] = field(default_factory=set)
    hidden_until: int = 0  # reads of lists that do not show it yet: the index lags

    @property
    def at(self) -> datetime:
        return datetime.fromtimestamp(((int(self.id) >> 22) + FIRST_MS) / 1000, UTC)


def snowflake(at: datetime, number: int) -> str:
    return str((int(at.timestamp() * 1000) - FIRST_MS) << 22 | number & 0x3FFFFF)


def entities(text: str, tweet: Tweet) -> tuple[str, dict[str, Any]]:
    """The text as X hands it over: HTML escaped, links as t.co, and what they stand for."""
    urls: list[dict[str, Any]] = []

    def short(match: re.Match[str]) -> str:
        address = f"https://t.co/{tweet.id[-6:]}{len(urls)}"
        real = match[0] if "://" in match[0] else f"http://{match[0]}"
        shown = real.partition("://")[2]
        urls.append({"start": match.start(), "end": match.end(), "url": address, "expanded_url": real})
        urls[-1]["display_url"] = shown if len(shown) < 27 else shown[:26] + "…"
        return address

    wired = html.escape(LINK.sub(short, text), quote=False)
    for kind, page in [("photo", "photo/1")] * bool(tweet.media):
        address = f"https://t.co/{tweet.id[-6:]}{kind}"
        wired += f" {address}"
        real = f"https://x.com/{tweet.person.username}/status/{tweet.id}/{page}"
        urls.append({"url": address, "expanded_url": real, "media_key": tweet.media[0]})
    if tweet.kind == "quoted":
        address = f"https://t.co/{tweet.id[-6:]}quote"
        wired += f" {address}"
        urls.append({"url": address, "expanded_url": f"https://x.com/somebody/status/{tweet.target}"})
    found: dict[str, Any] = {"urls": urls} if urls else {}
    tags = [{"tag": tag} for tag in re.findall(r"#(\w+)", text)]
    names = [{"username": name} for name in re.findall(r"@(\w+)", text)]
    return wired, found | ({"hashtags": tags} if tags else {}) | ({"mentions": names} if names else {})


def user(person: Person) -> dict[str, Any]:
    whole: dict[str, Any] = {
        "id": person.id,
        "username": person.username,
        "name": person.name,
        "description": person.description,
        "location": person.location,
        "protected": person.protected,
        "verified": False,
        "verified_type": "business" if person.badge else "none",
        "entities": {},
    }
    if person.link:
        whole["url"] = "https://t.co/profile"
        whole["entities"] = {"url": {"urls": [{"url": "https://t.co/profile", "expanded_url": person.link}]}}
    if person.badge:
        whole["affiliation"] = {"description": person.badge, "url": f"https://x.com/{person.badge}", "user_id": ["9"]}
    return whole


def problem(kind: str, status: int, detail: str, *, old_host: bool = False, **more: Any) -> dict[str, Any]:
    host = "api.twitter.com" if old_host else "api.x.com"
    where = kind if kind == "about:blank" else f"https://{host}/2/problems/{kind}"
    return {"title": kind.replace("-", " ").title(), "detail": detail, "type": where, "status": status, **more}
