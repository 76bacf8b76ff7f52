"""Polls: as a service shows one, as one is written, and what a server lets one be."""

from __future__ import annotations

from datetime import datetime

from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.safetext import SafeText


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer. `votes`: None as long as the service keeps them to itself. `mine`: I have voted for it."""

    text: SafeText
    votes: int | None = None
    mine: bool = False


@dataclass(frozen=True, slots=True)
class Poll:
    """The answers to a question, which is the post's text.

    `ends`: aware UTC, None for no end. `closed`: the service's own word that it is over. `voters`: how many people,
    None where votes alone are counted. `voted`: there is no voting for me any more. `id`: the service's name of it,
    empty where it has the post's.
    """

    choices: tuple[Choice, ...]
    multiple: bool = False
    ends: datetime | None = None
    closed: bool = False
    voters: int | None = None
    voted: bool = False
    id: str = ""

    @property
    def votes(self) -> int | None:
        """For all choices together; None as long as the service keeps some to itself."""
        told = [choice.votes for choice in self.choices if choice.votes is not None]
        return sum(told) if len(told) == len(self.choices) else None

    @property
    def chosen(self) -> frozenset[int]:
        """The places of my choices, from 0."""
        return frozenset(place for place, choice in enumerate(self.choices) if choice.mine)

    def is_over(self, now: datetime) -> bool:
        return self.closed or (self.ends is not None and self.ends <= now)

    def share(self, choice: Choice) -> float | None:
        """How many of those who voted chose it, 0 to 1; of the votes where people are not counted. None: not told."""
        votes = self.votes
        if votes is None or choice.votes is None:
            return None
        whole = self.voters if self.multiple and self.voters else votes
        return min(choice.votes / whole, 1.0) if whole else 0.0


@dataclass(frozen=True, slots=True)
class NewPoll:
    """A poll that is being written. `seconds`: how long it is open from when it is out, 0 where the service alone
    decides. `hide_totals`: nobody sees the votes before it is over.
    """

    choices: tuple[str, ...]
    multiple: bool = False
    seconds: int = 86_400
    hide_totals: bool = False


@dataclass(frozen=True, slots=True)
class PollLimits:
    """What a server lets a poll be, by default as Mastodon does (Mastodon facts 1).

    `length`: characters of a choice. `shortest`, `longest`: seconds; a `longest` of 0 is no limit. `multiple`: one
    person may choose several. `with_media`: a post may have files and a poll. `hide_totals`: as `NewPoll` has it.
    `timed`: whoever writes it says how long it is open.
    """

    choices: int = 4
    length: int = 50
    shortest: int = 300
    longest: int = 2_629_746
    multiple: bool = True
    with_media: bool = False
    hide_totals: bool = False
    timed: bool = True
