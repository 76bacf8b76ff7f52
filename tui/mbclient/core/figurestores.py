"""What the figures need of the disk: reading time, what was received, what calls cost, who reported.

Methods are plain, safe to call from any thread, and raise `StorageError`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol

from mbclient.core.purse import Billed
from mbclient.domain.lazydataclass import dataclass


class Activity(StrEnum):
    """What was in front; composing is kept apart from reading."""

    READING = "reading"
    COMPOSING = "composing"


@dataclass(frozen=True, slots=True)
class ReadingPiece:
    """A part of it inside one local day and on one side of work time, as it is kept: no text, no author.

    `account`: through which one the post was read; empty without a post, and in what was kept before that was.
    """

    at: datetime
    length: timedelta
    day: date
    in_work_time: bool
    activity: Activity
    service: str = ""
    terms: tuple[str, ...] = ()
    account: str = ""


@dataclass(frozen=True, slots=True)
class ReadingSum:
    """Time on one local day, on one side of work time, through one account. `related`: on posts with a work term."""

    day: date
    in_work_time: bool
    activity: str
    service: str
    related: bool
    length: timedelta
    account: str = ""


@dataclass(frozen=True, slots=True)
class TermSum:
    """Reading time on posts that match one work term; terms overlap, so these do not add up."""

    day: date
    in_work_time: bool
    term: str
    length: timedelta
    service: str = ""
    account: str = ""


class ReadingLog(Protocol):
    """Reading time: pieces are kept 90 days, sums of days 400 (policy facts 14)."""

    def add(self, pieces: Sequence[ReadingPiece]) -> None: ...

    def ran(self, day: date) -> None:
        """Measuring was on that day: without a piece its reading time is zero, else it is not known."""
        ...

    def days(self, first: date, last: date) -> Sequence[date]:
        """The local days, both included, on which there was measuring."""
        ...

    def pieces(self, first: date, last: date) -> Sequence[ReadingPiece]:
        """What sums were made of, oldest first."""
        ...

    def sums(self, first: date, last: date) -> Sequence[ReadingSum]: ...

    def term_sums(self, first: date, last: date) -> Sequence[TermSum]: ...

    def delete(self) -> int:
        """Everything at once; how many days were known."""
        ...


Span = tuple[datetime, datetime]
"""From an instant to before another, aware UTC."""


class HiddenBy(StrEnum):
    """What keeps a received post out of the Work view."""

    NOTHING = ""
    FILTER = "filter"
    MUTED = "muted"


@dataclass(frozen=True, slots=True)
class Received:
    """Received posts of one span of time and one service that fared alike. `terms`: the work terms that matched."""

    start: datetime
    service: str
    terms: tuple[str, ...]
    hidden: HiddenBy
    number: int
    words: int

    @property
    def related(self) -> bool:
        return bool(self.terms)


class Tallies(Protocol):
    """What was received, for the statistics; may take a while: call it in a thread.

    Each post counts once, on however many services it was seen; own posts do not. `without`: accounts of which
    nothing is in any statistics.
    """

    def received(self, spans: Sequence[Span], *, without: Sequence[str] = ()) -> Sequence[Received]:
        """In each of the spans, which do not overlap; oldest first."""
        ...

    def oldest(self) -> datetime | None:
        """The hour of the oldest entry: before it nothing is known."""
        ...


@dataclass(frozen=True, slots=True)
class Expense:
    """What one kind of call has cost an account in a month: how many, and millionths of a US dollar."""

    what: str
    number: int
    amount: int


class Expenses(Protocol):
    """What services have charged, by account and month ("2026-11"). Amounts in millionths of a US dollar."""

    def reserve(self, account: str, month: str, what: str, most: int, cap: int | None) -> int | None:
        """Sets an amount aside, unless with it the month would pass the cap: None then. Gives its number.

        In one step with the sum: two programs cannot both spend what only one may.
        """
        ...

    def settle(self, number: int, day: date, billed: Sequence[Billed]) -> None:
        """What it did cost in place of what was set aside; a resource counts once a day."""
        ...

    def total(self, account: str, month: str) -> int:
        """With what is set aside."""
        ...

    def of(self, account: str, month: str) -> Sequence[Expense]:
        """By kind, the dearest first; what was set aside and never settled is among them."""
        ...


class Contributors(Protocol):
    """Under which number company reports go: new for every period, the same for the same one."""

    def of(self, period: str, fresh: str) -> str:
        """The period's number; it is `fresh` from now on where it had none."""
        ...
