"""What some services can do besides all of `ports.Service`; the core asks which of these an adapter fills."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

from mbclient.domain.draft import Written
from mbclient.domain.errors import ServiceError
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.poll import Poll
from mbclient.domain.post import Post
from mbclient.domain.safetext import SafeText


@dataclass(frozen=True, slots=True)
class Waiting:
    """A post that a server holds until its time, whoever put it there. `id`: its name until it is out."""

    id: str
    text: SafeText
    due: datetime


@runtime_checkable
class Scheduling(Protocol):
    """What a service whose `capabilities.schedule` is set can do besides."""

    async def scheduled(self) -> Sequence[Waiting]:
        """All that the server holds for this account."""
        ...

    async def unschedule(self, id: str) -> bool:
        """Takes one back. False: the server does not hold it any more, be it published or taken back before."""
        ...


@runtime_checkable
class Marking(Protocol):
    """What a service can do besides that keeps reading places for all clients of an account.

    `places`: of "home" and "notifications" those that it keeps a mark of. A mark says how far somebody has read: what
    stands in it is the service's to know. Both calls raise `UnsupportedError` where this server keeps none after all.
    """

    places: Collection[str]

    async def read_marks(self) -> Mapping[str, str]:
        """By place; a place that was never set is missing."""
        ...

    async def set_mark(self, place: str, mark: str) -> bool:
        """False: another client set one at the same moment, and theirs stands."""
        ...

    def mark(self, remote_id: str, at: datetime) -> str:
        """Of who has read up to an entry: by a post's id, a boost's own, a notification's, and by its time."""

    def reaches(self, mark: str, other: str) -> bool:
        """Whether somebody who stands at the mark has read as far as the other says."""


@runtime_checkable
class SigningOut(Protocol):
    """What a service can do besides whose server makes the account's secret worthless when asked; a try, no more."""

    async def sign_out(self) -> None: ...


@runtime_checkable
class Choosing(Protocol):
    """What a service that does not let everybody be answered can tell besides."""

    def unanswerable(self, post: Post) -> ServiceError | None:
        """Why an answer to this post would be refused, and what to do instead; None for one that may be sent.

        From what is known: never touches the network.
        """
        ...


@runtime_checkable
class Voting(Protocol):
    """What a service can do besides that lets one vote in the polls of others."""

    async def vote(self, post: Post, choices: Sequence[int]) -> Poll:
        """My choices, by their places from 0; gives the poll as it stands then.

        A vote is given once: a repeat adds nothing, and what was given before settles it where it is the same.
        """
        ...


@runtime_checkable
class Rewriting(Protocol):
    """What a service that can edit tells besides where a post is shown in other words than it was written in."""

    async def written(self, post: Post) -> Written: ...


@runtime_checkable
class TagFollowing(Protocol):
    """What a service can do besides where tags are followed like people."""

    async def followed_tags(self) -> Sequence[str]:
        """Without their #. Raises `UnsupportedError` where this one server knows none after all."""
        ...


@runtime_checkable
class Forthcoming(Protocol):
    """A service whose `verify` reads what `load_capabilities` would: it is not asked twice."""

    verify_tells_all: bool
