"""What services are paid from: the port that those which charge for calls ask before and tell after."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from mbclient.domain.lazydataclass import dataclass


@dataclass(frozen=True, slots=True)
class Billed:
    """Something that a service charges for. `price`: in millionths of a US dollar, as all amounts of money here.

    `what`: a word that tells the kind. `resource`: the same one is charged once a UTC day; empty is charged each time.
    """

    what: str
    price: int
    resource: str = ""


class Purse(Protocol):
    """What calls to services cost, by account, and the cap that the user set for a month. Quick; may be a disk's work.

    Raises `StorageError` besides: what cannot be counted is not asked for.
    """

    def left(self, account: str) -> int | None:
        """What this month's cap leaves; None without a cap."""
        ...

    def check(self, account: str, most: int) -> None:
        """Raises `CapReachedError` as `reserve` would, and sets nothing aside: for work that calls are to follow."""
        ...

    def reserve(self, account: str, what: str, most: int) -> int:
        """Sets aside, before a call, what it may cost at most; gives the number to settle it by.

        Raises `CapReachedError` until the month's end where the cap does not leave so much. What is never settled,
        for the answer was lost, counts as spent.
        """
        ...

    def settle(self, account: str, number: int, billed: Sequence[Billed]) -> None:
        """What the call did cost, in place of what was set aside."""
        ...
