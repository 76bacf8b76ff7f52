"""The Twitter-compatible servers of the tests: how they differ, and the JSON they answer with (facts/gnusocial.md)."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What one kind of server does differently."""

    software: str = "gnusocial"
    limit: int = 1000
    too_long: int = 413
    gone: int = 410
    search_array: bool = True
    deeds: bool = True
    lists: frozenset[str] = frozenset({"home_timeline", "friends_timeline", "mentions_timeline", "mentions", "replies"})
    conversations: bool = True
    commands: bool = True
    uris: bool = True
    root: str = "/api"


BEHAVIOURS = {
    "gnusocial": Behaviour(),
    "statusnet": Behaviour(
        "statusnet", 140, 406, 404, False, False, frozenset({"friends_timeline", "mentions", "replies"})
    ),
    "index.php": Behaviour(root="/index.php/api"),
    "twitter": Behaviour(
        "", 140, 403, 404, False, False, frozenset({"friends_timeline", "replies"}), False, False, False, ""
    ),
}


@dataclass(slots=True)
class Person:
    id: int
    nick: str
    password: str
    name: str
    bio: str = ""
    follows: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Notice:
    """A notice as the server keeps it. `deed`: a like that is kept as a notice."""

    id: int
    person: Person
    text: str
    at: datetime
    parent: int = 0
    conversation: int = 0
    repeats: int = 0
    likes: set[int] = field(default_factory=set)
    source: str = "web"
    deed: bool = False
    files: list[str] = field(default_factory=list)

    @property
    def place(self) -> tuple[int, int]:
        return int(self.at.timestamp()), self.id


def stamp(at: datetime) -> str:
    """English names, and the offset of the site."""
    return f"{DAYS[at.weekday()]} {MONTHS[at.month - 1]} {at.day:02} {at:%H:%M:%S} +0000 {at.year}"


def search_stamp(at: datetime) -> str:
    return f"{DAYS[at.weekday()]}, {at.day:02} {MONTHS[at.month - 1]} {at.year} {at:%H:%M:%S} +0000"


def now() -> datetime:
    return datetime.now(UTC)


# ------------------------------------------------------------ commands, as the facts tell them


def obeyed(text: str) -> bool:
    """Whether the interpreter takes the text: a switch over its first word, as the original has one."""
    word, _space, rest = " ".join(text.split()).partition(" ")
    other, _space, extra = rest.partition(" ")
    match word.lower():
        case "help" | "login" | "stats" | "subscribers" | "subscriptions" | "groups" | "stop" | "quit" | "tracks":
            return not rest
        case "tracking":
            return not rest
        case "on" | "off":
            return not extra
        case "lose" | "follow" | "sub" | "leave" | "unsub" | "join" | "drop" | "get" | "last" | "whois" | "nudge":
            return bool(other) and not extra
        case "invite" | "track" | "untrack" | "fav" | "repeat" | "rp" | "rt" | "rd":
            return bool(other) and not extra
        case "r" | "reply" | "list" | "tag" | "unlist" | "untag" | "d" | "dm":
            return bool(other) and bool(extra)
    return False


# ------------------------------------------------------------ OAuth, told by RFC 5849 alone


def signature(method: str, url: str, pairs: list[tuple[str, str]], secrets: tuple[str, str]) -> str:
    def safe(text: str) -> str:
        return quote(text, safe="~")

    query = "&".join(sorted(f"{safe(name)}={safe(value)}" for name, value in pairs))
    base = "&".join([method, safe(url), safe(query)])
    key = "&".join(map(safe, secrets))
    return base64.b64encode(hmac.new(key.encode(), base.encode(), hashlib.sha1).digest()).decode()


def user(person: Person, url: str) -> dict[str, Any]:
    return {
        "id": person.id,
        "screen_name": person.nick,
        "name": person.name,
        "description": person.bio,
        "location": "Norrtälje",
        "url": None,
        "statusnet_profile_url": f"{url}/{person.nick}",
        "protected": False,
        "statuses_count": 3,
    }


def config(behaviour: Behaviour, settings: Mapping[str, Any]) -> dict[str, Any]:
    """As `gnusocial/config.json`: numbers may be strings, a limit null."""
    whole: dict[str, Any] = {
        "site": {
            "name": "Double",
            "textlimit": str(behaviour.limit),
            "private": "0",
            "ssl": "always",
            "timezone": "UTC",
        },
        "notice": {"contentlimit": None},
        "throttle": {"enabled": False, "count": 20, "timespan": 600},
        "url": {"maxurllength": 100},
        "attachments": {"uploads": True, "file_quota": 5_000_000},
    }
    for path, value in settings.items():
        section, name = path.split(".")
        whole[section][name] = value
    return whole
