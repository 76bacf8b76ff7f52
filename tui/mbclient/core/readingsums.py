"""Reading time as it is told: whose of it, and in which sums (policy facts 7 and 14).

What was read through an account goes with the account: nothing of a pseudonymous one is in any figure, also if it was
made so later, and nothing of one that was removed, of which nobody knows any more what it was.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from datetime import timedelta
from typing import TypeVar

from mbclient.core.figures import Reading
from mbclient.core.figurestores import Activity, ReadingPiece, ReadingSum, TermSum
from mbclient.domain.lazydataclass import dataclass
from mbclient.policy.model import AccountFacts

Key = TypeVar("Key", bound=Hashable)
_ZERO = timedelta(0)


@dataclass(frozen=True, slots=True)
class Told:
    """Which reading is told. `unclear`: services of accounts that are not, for what was kept without an account."""

    accounts: frozenset[str]
    unclear: frozenset[str]

    @classmethod
    def of(cls, accounts: Mapping[str, AccountFacts], *, notebook: bool) -> Told:
        """`notebook`: whether the local notebook beside other accounts is."""
        told = {name for name, one in accounts.items() if not one.pseudonymous and (notebook or not one.notebook)}
        return cls(
            frozenset(told),
            frozenset(one.service for name, one in accounts.items() if name not in told and one.service),
        )

    def __call__(self, one: ReadingPiece | ReadingSum | TermSum) -> bool:
        if one.account:
            return one.account in self.accounts
        if isinstance(one, TermSum) and not one.service:  # of before either was kept
            return not self.unclear
        return one.service not in self.unclear


def read_by(sums: Iterable[ReadingSum], key: Callable[[ReadingSum], Key]) -> dict[Key, Reading]:
    """Reading time, and writing beside it, in groups."""
    read: dict[Key, Reading] = {}
    for one in sums:
        read[key(one)] = read.get(key(one), Reading()) + reading_of(one)
    return read


def reading_of(one: ReadingSum) -> Reading:
    """One sum as what it is."""
    if one.activity == Activity.COMPOSING:
        return Reading(composing=one.length)
    related = one.length if one.related else _ZERO
    if one.in_work_time:
        return Reading(in_work_time=one.length, related_in_work_time=related)
    return Reading(outside=one.length, related_outside=related)


def term_reading(sums: Iterable[TermSum]) -> dict[str, Reading]:
    """By work term; all of it is on posts with one."""
    read: dict[str, Reading] = {}
    for one in sums:
        length = (
            Reading(one.length, _ZERO, one.length)
            if one.in_work_time
            else Reading(_ZERO, one.length, _ZERO, one.length)
        )
        read[one.term] = read.get(one.term, Reading()) + length
    return read
