"""What a JaikuEngine keeps, and the JSON it answers with (facts/jaiku.md 3, 4, 6)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

NAMESPACE = "jaiku.example"


def full(nick: str) -> str:
    """Answers always have the namespace."""
    return nick if "@" in nick else f"{nick}@{NAMESPACE}"


@dataclass(slots=True)
class Actor:
    """A person, or a channel: its nick begins with #."""

    nick: str
    given_name: str
    family_name: str
    privacy: int = 3
    members: set[str] = field(default_factory=set)
    presence: dict[str, object] = field(default_factory=dict)


@dataclass(slots=True)
class Entry:
    """A post or comment as kept. `parent`: the key of what is commented."""

    uuid: str
    owner: str
    actor: str
    text: str
    at: datetime
    parent: str
    number: int
    kind: str = "presence"
    comments: int = 0
    deleted: bool = False

    @property
    def stream(self) -> str:
        return f"stream/{self.actor}/comments" if self.parent else f"stream/{self.owner}/{self.kind}"

    @property
    def key(self) -> str:
        return f"{self.stream}/{self.uuid}"

    def url(self, base: str) -> str:
        nick = self.owner.partition("@")[0]
        place = f"channel/{nick[1:]}" if nick.startswith("#") else f"user/{nick}"
        parent = self.parent.rpartition("/")[2]
        return f"{base}/{place}/presence/{parent or self.uuid}" + (f"#c-{self.uuid}" if parent else "")


def entry_json(entry: Entry) -> dict[str, Any]:
    """As the API has it; the fraction of a second is missing when it is zero."""
    extra: dict[str, object] = {"title": None if entry.parent else entry.text, "comment_count": entry.comments}
    if entry.parent:
        extra |= {"content": entry.text, "entry_stream_type": "presence", "entry_title": "something"}
    return {
        "stream": entry.stream,
        "owner": entry.owner,
        "actor": entry.actor,
        "entry": entry.parent or None,
        "uuid": entry.uuid,
        "created_at": str(entry.at.replace(tzinfo=None)),
        "deleted_at": None,
        "extra": extra,
    }


class Site(Protocol):
    """What an item needs to know of its server."""

    @property
    def url(self) -> str: ...


def feed_item(entry: Entry, site: Site) -> str:
    """As the feeds have it: hyphens in the time, escaped slashes, loose blanks."""
    nick = entry.actor.partition("@")[0]
    item: dict[str, Any] = {
        "comment_id" if entry.parent else "id": entry.uuid,
        "title": f"Comment from {nick}" if entry.parent else entry.text,
        "content": entry.text if entry.parent else None,
        "url": entry.url(site.url),
        "created_at": entry.at.strftime("%Y-%m-%dT%H-%M-%SZ"),
        "created_at_relative": "a moment ago",
        "user": {"nick": nick, "full_nick": entry.actor, "first_name": nick.title(), "last_name": None},
    }
    return json.dumps(item, indent=3).replace("/", "\\/")


def whole_feed(items: list[str]) -> bytes:
    """An item of another stream leaves nothing between two commas: then this is no JSON."""
    body = "\n  ,\n\n".join(items)
    return f'{{\n  "title": "Jaiku",\n  "url": "x",\n  "stream": [\n  {body}\n]\n\n}}\n'.encode()
