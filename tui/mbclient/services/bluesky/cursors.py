"""Reading upwards on a service whose cursors only lead down (Bluesky facts 4).

"Newer" is the first page again, laid over what the last first page held. Its cursor therefore carries that page: a
short digest of every entry and the time of its oldest one. The whole page is looked at, not only down to the first
known entry, since a back-dated post may appear below known ones.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import blake2b

from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.post import Post

_NEWER, _GAP = "page1", "gap1"
_SIZE = 6  # bytes of a digest: a hundred entries collide once in 10^10 pages
_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


@dataclass(frozen=True, slots=True)
class Known:
    """The last first page: `floor` is its oldest entry's time in microseconds, None for an empty one."""

    digests: frozenset[bytes] = frozenset()
    floor: int | None = None

    @classmethod
    def of(cls, posts: Iterable[Post]) -> Known:
        listed = list(posts)
        times = [_microseconds(post) for post in listed]
        return cls(frozenset(_digest(post) for post in listed), min(times) if times else None)

    def fresh(self, post: Post) -> bool:
        """Whether the entry is new: not on that page, and not from further down either."""
        return _digest(post) not in self.digests and (self.floor is None or _microseconds(post) >= self.floor)

    def reached_by(self, posts: Iterable[Post]) -> bool:
        """Whether the posts overlap that page, so that there is no gap between."""
        return any(not self.fresh(post) for post in posts)

    def write(self) -> str:
        packed = base64.urlsafe_b64encode(b"".join(sorted(self.digests))).decode()
        return f"{_NEWER}:{'' if self.floor is None else self.floor}:{packed}"

    @classmethod
    def read(cls, cursor: str) -> Known:
        """What `write` wrote; a cursor of another kind knows nothing, which costs a few entries seen again."""
        kind, _colon, rest = cursor.partition(":")
        floor, _colon, packed = rest.partition(":")
        try:
            raw = base64.urlsafe_b64decode(packed)
            lowest = int(floor) if floor else None
        except (ValueError, binascii.Error):
            return cls()
        if kind != _NEWER:
            return cls()
        return cls(frozenset(raw[place : place + _SIZE] for place in range(0, len(raw), _SIZE)), lowest)


def write_gap(known: Known, cursor: str) -> str:
    """A cursor for the gap below a page that did not reach what is known."""
    return f"{_GAP}:{known.write()};{cursor}"


def read_older(cursor: str) -> tuple[Known | None, str]:
    """(what ends the gap, the server's cursor); no end where the reading simply goes down."""
    if not cursor.startswith(_GAP + ":"):
        return None, cursor
    known, _colon, rest = cursor.removeprefix(_GAP + ":").partition(";")
    return Known.read(known), rest


def _digest(post: Post) -> bytes:
    return blake2b(post.entry_id.encode("utf-8", "replace"), digest_size=_SIZE).digest()


def _microseconds(post: Post) -> int:
    return (post.sorted_at - _EPOCH) // timedelta(microseconds=1)
