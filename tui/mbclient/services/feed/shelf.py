"""What is kept of a feed between two fetches: its validators and text, when it may be asked again, what was seen.

Every item that is new or changed gets the next number: numbers are the places of the timeline's cursors, because
feeds come in any order, change what they have said, and forget. All of it may be lost: the feed is then read anew,
and a cursor from before finds its place by the item it names.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, field
from datetime import UTC, datetime

from mbclient.domain.errors import AuthError, RejectedError, ServiceError, UnreachableError, UnsupportedError
from mbclient.domain.lazydataclass import dataclass
from mbclient.services.cache import JsonCache
from mbclient.services.feed.items import Item

VERSION = 1
MAX_KEPT_TEXT = 8_000_000  # a larger feed is fetched whole each time, without validators
MAX_REMEMBERED = 5000
MAX_GAPS = 20


@dataclass(frozen=True, slots=True)
class Seen:
    """An item's place: `at` is when it was first seen, `edited` when a change was."""

    number: int
    at: datetime
    digest: str
    edited: datetime | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """What the last request came to, told again until the next one is due."""

    kind: str
    problem: str
    advice: str
    status: int = 0
    code: str = ""

    @classmethod
    def of(cls, error: ServiceError) -> Failure:
        kind = next((kind for kind, class_ in _KINDS.items() if isinstance(error, class_)), "unreachable")
        if isinstance(error, RejectedError):
            return cls(kind, error.problem, error.advice, error.status, error.code)
        return cls(kind, error.problem, error.advice)

    def error(self, account: str) -> ServiceError:
        if self.kind == "rejected":
            return RejectedError(self.problem, self.advice, account=account, status=self.status, code=self.code)
        return _KINDS.get(self.kind, UnreachableError)(self.problem, self.advice, account=account)


_KINDS: Mapping[str, type[ServiceError]] = {
    "rejected": RejectedError,
    "auth": AuthError,
    "unsupported": UnsupportedError,
    "unreachable": UnreachableError,
}


@dataclass(slots=True)
class Shelf:
    """One feed's memory. `url`: where it lies now, after permanent moves and discovery.

    `failure`: what the last request came to, where that was not the feed.
    `gaps`: numbers below which a window had slid on without leaving an item in common.
    """

    url: str
    etag: str = ""
    modified: str = ""
    text: str = ""
    content_url: str = ""
    due: datetime | None = None
    limited: datetime | None = None
    gone: bool = False
    failure: Failure | None = None
    epoch: str = field(default_factory=lambda: secrets.token_hex(4))
    next: int = 1
    seen: dict[str, Seen] = field(default_factory=dict)
    gaps: list[int] = field(default_factory=list)

    def note(self, items: Sequence[Item], now: datetime) -> None:
        """Gives numbers to what is new or changed, oldest first; what leaves the window is remembered for a while."""
        placed = sorted(enumerate(items), key=lambda pair: (pair[1].published or pair[1].updated or now, -pair[0]))
        if self.seen and items and all(item.key not in self.seen for item in items):
            self.gaps = [*self.gaps, self.next][-MAX_GAPS:]
        for _index, item in placed:
            known = self.seen.get(item.key)
            if known is None:
                self.seen[item.key] = Seen(self.next, now, item.digest)
            elif known.digest != item.digest:
                self.seen[item.key] = Seen(self.next, known.at, item.digest, edited=item.updated or now)
            else:
                continue
            self.next += 1
        if len(self.seen) > MAX_REMEMBERED:
            here = {item.key for item in items}
            oldest = sorted((seen.number, key) for key, seen in self.seen.items() if key not in here)
            for _number, key in oldest[: len(self.seen) - MAX_REMEMBERED]:
                del self.seen[key]

    def cursor(self, key: str) -> str:
        """The place of an item, for `place`."""
        return f"{self.epoch}.{self.seen[key].number}.{_short(key)}"

    def place(self, cursor: str) -> int:
        """The number a cursor names; 0 when neither it nor its item is known any more."""
        epoch, _dot, rest = cursor.partition(".")
        number, _dot, short = rest.partition(".")
        if epoch == self.epoch and number.isdecimal() and len(number) < 16:
            return int(number)
        return next((seen.number for key, seen in self.seen.items() if _short(key) == short), 0)

    # ------------------------------------------------------------ on disk

    def save(self, cache: JsonCache, name: str) -> None:
        plain: dict[str, object] = {
            "v": VERSION,
            "url": self.url,
            "gone": self.gone,
            "failure": asdict(self.failure) if self.failure is not None else None,
            "epoch": self.epoch,
            "next": self.next,
            "gaps": self.gaps,
            "due": _written(self.due),
            "limited": _written(self.limited),
            "seen": {
                key: [seen.number, seen.at.isoformat(), seen.digest, _written(seen.edited)]
                for key, seen in self.seen.items()
            },
        }
        if len(self.text) <= MAX_KEPT_TEXT:  # validators without a text would make a 304 worthless
            plain |= {"etag": self.etag, "modified": self.modified}
            plain |= {"text": self.text, "content_url": self.content_url}
        cache.write(name, plain)

    @classmethod
    def load(cls, cache: JsonCache, name: str, url: str) -> Shelf:
        """As saved; a fresh one for `url` where there is none, or a damaged one."""
        stored = cache.read(name)
        try:
            return cls._read(stored) if stored.get("v") == VERSION else cls(url)
        except (KeyError, TypeError, ValueError):
            return cls(url)

    @classmethod
    def _read(cls, stored: Mapping[str, object]) -> Shelf:
        seen: dict[str, Seen] = {}
        for key, entry in _table(stored["seen"]).items():
            number, at, digest, edited = map(str, entry if isinstance(entry, list) else ())
            seen[key] = Seen(int(number), _time(at), digest, _time(edited) if edited else None)
        gaps = stored["gaps"]
        return cls(
            url=str(stored["url"]),
            etag=str(stored.get("etag", "")),
            modified=str(stored.get("modified", "")),
            text=str(stored.get("text", "")),
            content_url=str(stored.get("content_url", "")),
            due=_time(stored["due"]) if stored["due"] else None,
            limited=_time(stored["limited"]) if stored["limited"] else None,
            gone=stored["gone"] is True,
            failure=_failure(stored["failure"]) if stored.get("failure") else None,
            epoch=str(stored["epoch"]),
            next=int(str(stored["next"])),
            seen=seen,
            gaps=[int(gap) for gap in gaps] if isinstance(gaps, list) else [],
        )


def _table(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise TypeError("no table")
    return value


def _failure(value: object) -> Failure:
    told = _table(value)
    kind, problem, advice, code = (str(told[name]) for name in ("kind", "problem", "advice", "code"))
    return Failure(kind, problem, advice, int(str(told["status"])), code)


def _time(value: object) -> datetime:
    when = datetime.fromisoformat(str(value))
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def _written(when: datetime | None) -> str:
    return when.isoformat() if when else ""


def _short(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:12]
