"""What the tests' own Misskey keeps and shows: people, notes, ids, and how its forks differ (facts/misskey.md)."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

ORIGIN = datetime(2000, 1, 1, tzinfo=UTC)
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One server software. `repeats`: the same body of the same user within a minute gives the same note."""

    software: str = "misskey"
    version: str = "2025.11.1"
    edit: bool = False
    utf16: bool = False
    repeats: bool = False
    descending: bool = False
    max_cw: int = 100


BEHAVIOURS = {
    "misskey": Behaviour(),
    "before-2024.5": Behaviour(version="2024.3.1", descending=True),
    "misskey.io": Behaviour(version="2025.4.1-mhq.13", repeats=True),
    "sharkey": Behaviour("sharkey", "2024.9.1", edit=True, utf16=True, max_cw=500),
}


@dataclass(slots=True)
class Person:
    """Somebody with an account; a `host` makes them another server's."""

    id: str
    username: str
    name: str
    host: str | None = None
    description: str | None = None
    fields: list[dict[str, str]] = field(default_factory=list)
    follows: set[str] = field(default_factory=set)
    policies: dict[str, Any] = field(default_factory=dict)
    suspended: bool = False
    notifications: list[dict[str, Any]] = field(default_factory=list)

    def lite(self) -> dict[str, Any]:
        return {"id": self.id, "username": self.username, "host": self.host, "name": self.name, "isBot": False}

    def whole(self) -> dict[str, Any]:
        more = {"description": self.description, "fields": self.fields, "location": None, "notesCount": 0}
        return self.lite() | more


@dataclass(slots=True)
class Note:
    """A note as the server keeps it."""

    id: str
    at: datetime
    user: Person
    text: str | None = None
    cw: str | None = None
    visibility: str = "public"
    local_only: bool = False
    reply: Note | None = None
    renote: Note | None = None
    files: list[dict[str, Any]] = field(default_factory=list)
    poll: dict[str, Any] | None = None
    votes: set[tuple[str, int]] = field(default_factory=set)
    seen_by: set[str] = field(default_factory=set)
    reactions: dict[str, str] = field(default_factory=dict)
    favourites: set[str] = field(default_factory=set)
    edited: datetime | None = None
    uri: str | None = None
    hidden: bool = False

    @property
    def pure(self) -> bool:
        return bool(self.renote) and not (self.text or self.cw or self.files or self.poll or self.reply)


class Ids:
    """aidx: 8 figures to base 36 of milliseconds since 2000, a node's mark, a counter."""

    def __init__(self) -> None:
        self._counter = itertools.count(1)

    def new(self, at: datetime) -> str:
        return bound(milliseconds(at)) + "0000" + base36(next(self._counter), 4)


def bound(epoch_ms: int) -> str:
    """The lowest id of a millisecond."""
    return base36(max(0, epoch_ms - milliseconds(ORIGIN)), 8)


def base36(number: int, width: int) -> str:
    figures = ""
    while number:
        number, last = divmod(number, 36)
        figures = DIGITS[last] + figures
    return figures.rjust(width, "0")


def milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def shown(note: Note, notes: Iterable[Note], me: Person | None, *, deep: bool = True) -> dict[str, Any]:
    """The note as the API gives it; what a note has not got is left out or null, as there."""
    all_notes = list(notes)
    counts: dict[str, int] = {}
    for reaction in note.reactions.values():
        counts[reaction] = counts.get(reaction, 0) + 1
    whole: dict[str, Any] = {
        "id": note.id,
        "createdAt": iso(note.at),
        "userId": note.user.id,
        "user": note.user.lite(),
        "text": None if note.hidden else note.text,
        "cw": note.cw,
        "visibility": note.visibility,
        "localOnly": note.local_only,
        "replyId": note.reply.id if note.reply else None,
        "renoteId": note.renote.id if note.renote else None,
        "files": note.files,
        "fileIds": [file["id"] for file in note.files],
        "reactions": counts,
        "reactionCount": sum(counts.values()),
        "renoteCount": sum(n.renote is note for n in all_notes),
        "repliesCount": sum(n.reply is note for n in all_notes),
        "mentions": [],
    }
    if note.visibility == "specified":
        whole["visibleUserIds"] = sorted(note.seen_by)
    if note.hidden:
        whole["isHidden"] = True
    if note.poll:
        choices = [
            {
                **choice,
                "votes": choice["votes"] + sum(place == number for _who, place in note.votes),
                "isVoted": me is not None and (me.id, number) in note.votes,
            }
            for number, choice in enumerate(note.poll["choices"])
        ]
        whole["poll"] = {**note.poll, "choices": choices}
    if note.uri:
        whole["uri"] = note.uri
    if note.edited:
        whole["updatedAt"] = iso(note.edited)
    if me is not None and me.id in note.reactions:
        whole["myReaction"] = note.reactions[me.id]
    if deep and note.reply:
        whole["reply"] = shown(note.reply, all_notes, me, deep=False)
    if deep and note.renote:
        whole["renote"] = shown(note.renote, all_notes, me)
    return whole


def policies(person: Person) -> Mapping[str, Any]:
    return {
        "gtlAvailable": True,
        "ltlAvailable": True,
        "canPublicNote": True,
        "canSearchNotes": False,
        "mentionLimit": 20,
        "scheduledNoteLimit": 1,
        "rateLimitFactor": 1,
        **person.policies,
    }
