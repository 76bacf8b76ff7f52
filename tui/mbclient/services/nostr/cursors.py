"""Places in a timeline that several relays tell.

`created_at` is the author's word, and an event may reach a relay late: reading upwards begins some minutes below what
is known and leaves out what was seen. A relay that did not answer keeps its own place, so that what only it has is
not missed. Times are those of events, never later than this clock's, so that neither a future date nor a wrong clock
moves a place past what is still to come.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import field
from hashlib import blake2b

from mbclient.domain.lazydataclass import dataclass
from mbclient.services.nostr.events import Event

OVERLAP_S = 600
MAX_KNOWN = 300


@dataclass(frozen=True, slots=True)
class Newer:
    """Where to read on upwards: `since` by relay (its short name), ids that were seen from there on (shortened)."""

    since: Mapping[str, int] = field(default_factory=dict)
    known: frozenset[str] = frozenset()

    def asked(self, url: str) -> int:
        """From which second a relay is asked; a relay that is new begins where the others are."""
        return self.since.get(short(url), max(self.since.values(), default=0))

    def fresh(self, event: Event) -> bool:
        return event.id[:12] not in self.known

    def write(self) -> str:
        return json.dumps({"since": dict(self.since), "known": sorted(self.known)}, separators=(",", ":"))

    def moved(
        self, relays: Iterable[str], answered: Iterable[str], seen: Iterable[Event], now: int, floor: int
    ) -> Newer:
        """The place above what was just read. `floor`: below it not all was read (0: all was)."""
        events = sorted(seen, key=lambda event: -event.created_at)
        newest = max((event.created_at for event in events if event.created_at <= now), default=floor)
        start = max(floor, newest - OVERLAP_S)
        there = set(answered)
        since = {
            short(url): max(self.asked(url), start) if url in there else self.since.get(short(url), floor)
            for url in relays
        }
        lowest = min(since.values(), default=0)
        known = [event.id[:12] for event in events if event.created_at >= lowest]
        return Newer(since, frozenset(known[:MAX_KNOWN]))


@dataclass(frozen=True, slots=True)
class Older:
    """Where to read on downwards: up to this second, without the ids of it that were shown. `gap`: where it ends."""

    until: int
    known: frozenset[str] = frozenset()
    gap: Newer | None = None

    def shown(self, event: Event) -> bool:
        """Whether it is one of those."""
        return event.created_at == self.until and event.id in self.known

    def write(self) -> str:
        gap = json.loads(self.gap.write()) if self.gap is not None else None
        return json.dumps({"until": self.until, "known": sorted(self.known), "gap": gap}, separators=(",", ":"))


def read_newer(cursor: str) -> Newer:
    """What `write` wrote. Raises `ValueError` for anything else."""
    return _newer(json.loads(cursor))


def read_older(cursor: str) -> Older:
    """What `write` wrote. Raises `ValueError` for anything else."""
    value = json.loads(cursor)
    if not isinstance(value, dict) or not isinstance(value.get("until"), int):
        raise ValueError("no place to read down from")
    gap = value.get("gap")
    return Older(value["until"], _names(value.get("known")), None if gap is None else _newer(gap))


def _newer(value: object) -> Newer:
    if not isinstance(value, dict) or not isinstance(value.get("since"), dict):
        raise ValueError("no place to read up from")
    since = {str(name): second for name, second in value["since"].items() if isinstance(second, int)}
    return Newer(since, _names(value.get("known")))


def _names(value: object) -> frozenset[str]:
    if not isinstance(value, list):
        raise ValueError("no ids")
    return frozenset(name for name in value if isinstance(name, str))


def short(url: str) -> str:
    """A relay's name within a cursor."""
    return blake2b(url.encode(), digest_size=4).hexdigest()
