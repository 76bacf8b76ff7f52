"""Events (NIP-01): read without trust, named by their hash, signed, matched against a filter."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from mbclient.domain.lazydataclass import dataclass
from mbclient.services.nostr.keys import Key, is_signed

Filter = dict[str, Any]  # a NIP-01 filter as it is sent
Tags = tuple[tuple[str, ...], ...]

PROFILE, NOTE, FOLLOWS, DELETION, REPOST, REACTION = 0, 1, 3, 5, 6, 7
MUTES, RELAYS, AUTH = 10000, 10002, 22242

MAX_AUTHORS = 1000  # whom one question names
MAX_TAGS = 5000  # of a list of follows; other events have a few
MAX_CONTENT = 200_000
LAST_SECOND = 253_402_300_799  # of the year 9999: the last that a calendar can write
_HEX64, _HEX128 = re.compile(r"[0-9a-f]{64}\Z"), re.compile(r"[0-9a-f]{128}\Z")


class MalformedError(ValueError):
    """No event: it is skipped and counted, its neighbours are shown."""


@dataclass(frozen=True, slots=True)
class Event:
    """An event whose id is the hash of the rest. Whether its signature holds, `is_genuine` tells."""

    id: str
    pubkey: str
    created_at: int
    kind: int
    tags: Tags
    content: str
    sig: str

    @property
    def at(self) -> datetime:
        """When its author says that it was made."""
        return datetime.fromtimestamp(self.created_at, UTC)

    def named(self, name: str) -> Iterator[tuple[str, ...]]:
        """The tags of a name that have a value."""
        return (tag for tag in self.tags if len(tag) > 1 and tag[0] == name)

    def first(self, name: str) -> str:
        """The first value of a tag; empty without one."""
        return next((tag[1] for tag in self.named(name)), "")

    def raw(self) -> dict[str, Any]:
        """As it is sent and kept."""
        return {
            "id": self.id,
            "pubkey": self.pubkey,
            "created_at": self.created_at,
            "kind": self.kind,
            "tags": [list(tag) for tag in self.tags],
            "content": self.content,
            "sig": self.sig,
        }


def is_id(text: object) -> bool:
    """Whether this is 64 hex digits in lower case: an event's id, a public key."""
    return isinstance(text, str) and _HEX64.match(text) is not None


def digest(pubkey: str, created_at: int, kind: int, tags: Iterable[Sequence[str]], content: str) -> bytes:
    """The hash that is both the event's id and what is signed. Raises `UnicodeEncodeError` for a lone surrogate."""
    whole = [0, pubkey, created_at, kind, [list(tag) for tag in tags], content]
    return sha256(json.dumps(whole, separators=(",", ":"), ensure_ascii=False).encode()).digest()


def read_event(value: object) -> Event:
    """An event of a relay's JSON, its id recomputed. Raises `MalformedError`."""
    if not isinstance(value, dict):
        raise MalformedError("no object")
    event_id, pubkey, sig, content = (value.get(name) for name in ("id", "pubkey", "sig", "content"))
    created_at, kind = _number(value.get("created_at"), LAST_SECOND), _number(value.get("kind"), 65535)
    if not (is_id(event_id) and is_id(pubkey) and isinstance(sig, str) and _HEX128.match(sig)):
        raise MalformedError("no id, no author or no signature")
    if not isinstance(content, str) or len(content) > MAX_CONTENT:
        raise MalformedError("no content, or too much")
    tags = _tags(value.get("tags"))
    event = Event(str(event_id), str(pubkey), created_at, kind, tags, content, sig)
    try:
        hashed = digest(event.pubkey, created_at, kind, tags, content).hex()
    except UnicodeEncodeError as error:
        raise MalformedError("a lone surrogate") from error
    if hashed != event.id:
        raise MalformedError("the id is not the hash")
    return event


def _number(value: object, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise MalformedError("no number")
    return value


def _tags(value: object) -> Tags:
    if not isinstance(value, list) or len(value) > MAX_TAGS:
        raise MalformedError("no tags, or too many")
    for tag in value:
        if not isinstance(tag, list) or not all(isinstance(part, str) for part in tag):
            raise MalformedError("no tag")
    return tuple(tuple(tag) for tag in value)


def is_genuine(event: Event) -> bool:
    """Whether the author has signed it. The id is the hash already. 0.1 ms: call it in a thread."""
    return is_signed(event.pubkey, bytes.fromhex(event.id), event.sig)


def signed(key: Key, created_at: int, kind: int, tags: Iterable[Sequence[str]], content: str) -> Event:
    """A new event. Raises `UnicodeEncodeError` for a lone surrogate."""
    frozen = tuple(tuple(tag) for tag in tags)
    hashed = digest(key.pubkey, created_at, kind, frozen, content)
    return Event(hashed.hex(), key.pubkey, created_at, kind, frozen, content, key.sign(hashed))


def newest(events: Iterable[Event]) -> Event | None:
    """Of a replaceable kind the one that counts: the latest, of two in one second the one with the lowest id."""
    return min(events, key=lambda event: (-event.created_at, event.id), default=None)


def by_authors(wanted: Filter, authors: Iterable[str]) -> list[Filter]:
    """A filter for each thousand of the authors: relays refuse or cut a longer list."""
    everybody = list(dict.fromkeys(authors))
    return [wanted | {"authors": everybody[at : at + MAX_AUTHORS]} for at in range(0, len(everybody), MAX_AUTHORS)]


def matches(filters: Iterable[Filter], event: Event) -> bool:
    """Whether an event answers one of the filters: a relay may send anything. `search` is the caller's."""
    return any(_matches(wanted, event) for wanted in filters)


def _matches(wanted: Mapping[str, Any], event: Event) -> bool:
    plain = {"ids": event.id, "authors": event.pubkey, "kinds": event.kind}
    if any(name in wanted and value not in wanted[name] for name, value in plain.items()):
        return False
    if not wanted.get("since", 0) <= event.created_at <= wanted.get("until", LAST_SECOND):
        return False
    letters = [(name[1:], values) for name, values in wanted.items() if name.startswith("#")]
    return all(any(tag[1] in values for tag in event.named(letter)) for letter, values in letters)
