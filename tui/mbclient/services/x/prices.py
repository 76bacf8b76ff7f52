"""What calls cost, in millionths of a US dollar: pay per use, prices of 2026-04-20 (facts/x.md 0).

"Subject to change", X says. Where the facts are unsure, the dearer reading is taken: what a post quotes or answers
comes along and is counted as read, and own posts are not taken for those of the app's owner. People who come along
with posts are not counted. The same post or person costs once a UTC day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mbclient.core.purse import Billed
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.weighted import has_link
from mbclient.services.fields import identity, items, obj

POST_READ, USER_READ = 5_000, 10_000
POST_SENT, POST_WITH_LINK_SENT = 15_000, 200_000
DEED, UNDONE = 15_000, 10_000  # a like, repost or bookmark; taking one back, or a post
DESCRIPTION = 5_000  # of a picture
WITH_IT = 3  # posts that one entry may bring at most: itself, what it answers, what it quotes


@dataclass(frozen=True, slots=True)
class Price:
    """What one call may cost: `most` times `each`. `read`: it is billed by what the answer holds, else by itself."""

    what: str
    each: int
    most: int = 1
    read: bool = False

    @property
    def limit(self) -> int:
        return self.each * self.most

    def billed(self, answer: object) -> tuple[Billed, ...]:
        """What a whole answer did cost."""
        if not self.read:
            return (Billed(self.what, self.each),)
        return tuple(Billed(self.what, self.each, f"{self.what} {name}") for name in sorted({*_found(obj(answer))}))


def posts_read(entries: int) -> Price:
    """A page of at most so many entries."""
    return Price("posts-read", POST_READ, entries * WITH_IT, read=True)


USER = Price("users-read", USER_READ, read=True)
SENT = Price("posts-sent", POST_SENT)
SENT_WITH_LINK = Price("posts-sent-with-link", POST_WITH_LINK_SENT)
DONE = Price("deeds", DEED)
TAKEN_BACK = Price("taken-back", UNDONE)
DESCRIBED = Price("pictures-described", DESCRIPTION)


def price_of(text: str) -> Price:
    """Of sending a post."""
    return SENT_WITH_LINK if has_link(text) else SENT


def _found(answer: Mapping[str, object]) -> Iterator[str]:
    """The ids of what was returned, and of the posts that came along."""
    data, along = answer.get("data"), obj(answer.get("includes"))
    for raw in [*(items(data) or [data]), *items(along.get("tweets")), *items(along.get("posts"))]:
        name = identity(obj(raw))
        if name:
            yield name
