"""Spending: what calls to services cost this month, and the cap that the user set (config.toml, `monthly_cap_usd`).

Months and days are those of UTC, by which services charge. What an answer was lost for counts as spent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from mbclient.core.figurestores import Expense, Expenses
from mbclient.core.ports import Clock
from mbclient.core.purse import Billed
from mbclient.domain.account import Account
from mbclient.domain.errors import CapReachedError
from mbclient.domain.lazydataclass import dataclass
from mbclient.texts import _
from mbclient.texts.money import MILLION, dollars


@dataclass(frozen=True, slots=True)
class Spent:
    """An account's month. Amounts in millionths of a US dollar; `cap` None where the user set none."""

    amount: int
    cap: int | None
    expenses: tuple[Expense, ...] = ()

    @property
    def words(self) -> str:
        """`$1.23 of $5.00`, or what was spent alone."""
        if self.cap is None:
            return dollars(self.amount)
        return _("{spent} of {cap}").format(spent=dollars(self.amount), cap=dollars(self.cap))

    @property
    def near(self) -> bool:
        """Four fifths of the cap are gone."""
        return self.cap is not None and self.amount * 5 >= self.cap * 4


class Spending:
    """Fills the `Purse` that services pay from."""

    def __init__(self, expenses: Expenses, accounts: Callable[[], Sequence[Account]], clock: Clock) -> None:
        self._expenses = expenses
        self._accounts = accounts
        self._clock = clock

    def of(self, account: str) -> Spent:
        """This month so far."""
        month = _month(self._clock.now())
        return Spent(self._expenses.total(account, month), self._cap(account), tuple(self._expenses.of(account, month)))

    def words(self, account: str) -> str:
        """What to show beside an account's state; empty where nothing costs and nothing is capped."""
        spent = Spent(self._expenses.total(account, _month(self._clock.now())), self._cap(account))
        return spent.words if spent.amount or spent.cap is not None else ""

    # ------------------------------------------------------------ the purse

    def left(self, account: str) -> int | None:
        cap = self._cap(account)
        return None if cap is None else max(0, cap - self._expenses.total(account, _month(self._clock.now())))

    def check(self, account: str, most: int) -> None:
        cap, now = self._cap(account), self._clock.now()
        if cap is not None and self._expenses.total(account, _month(now)) + most > cap:
            raise self._refused(account, most, cap, now)

    def reserve(self, account: str, what: str, most: int) -> int:
        cap, now = self._cap(account), self._clock.now()
        number = self._expenses.reserve(account, _month(now), what, most, cap)
        if number is not None:
            return number
        assert cap is not None
        raise self._refused(account, most, cap, now)

    def _refused(self, account: str, most: int, cap: int, now: datetime) -> CapReachedError:
        spent, until = self._expenses.total(account, _month(now)), _next_month(now)
        problem = _("{account} has spent {spent} this month, and a call for up to {most} would pass your cap of {cap}")
        advice = _("raise monthly_cap_usd in config.toml")
        if most <= cap:  # or the next month's cap would not leave so much either
            advice = _("raise monthly_cap_usd in config.toml, or wait until {time}").format(time=f"{until:%Y-%m-%d}")
        return CapReachedError(
            problem.format(account=account, spent=dollars(spent), most=dollars(most), cap=dollars(cap)),
            advice,
            account=account,
            until=until,
        )

    def settle(self, account: str, number: int, billed: Sequence[Billed]) -> None:
        self._expenses.settle(number, self._clock.now().astimezone(UTC).date(), billed)

    def _cap(self, name: str) -> int | None:
        known = next((account for account in self._accounts() if account.name == name), None)
        if known is None or known.monthly_cap_usd is None:
            return None
        return round(known.monthly_cap_usd * MILLION)


def _month(now: datetime) -> str:
    return f"{now.astimezone(UTC):%Y-%m}"


def _next_month(now: datetime) -> datetime:
    there = now.astimezone(UTC)
    year, month = (there.year + 1, 1) if there.month == 12 else (there.year, there.month + 1)
    return datetime(year, month, 1, tzinfo=UTC)
