"""What else the demo makes up: its accounts, its company's policy, its computer, reading time, a keyring of nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from mbclient.core.figurestores import Activity, ReadingPiece
from mbclient.core.preferences import (
    Confirmation,
    LoadedPolicy,
    MachineFacts,
    Preferences,
    View,
    WorkFilter,
)
from mbclient.domain.account import Account, Known
from mbclient.domain.errors import UsageError
from mbclient.domain.secret import Secret
from mbclient.policy.calendar import work_time, workday
from mbclient.policy.model import Alias, Machine, Organisation, Policy
from mbclient.policy.parse import WEEKDAYS
from mbclient.texts import _

ACCOUNTS = (
    Account("masto", "mastodon", "https://harbour.example", "anna@harbour.example"),
    Account("sky", "bluesky", "https://sky.example", "anna.sky.example"),
    Account("den", "misskey", "https://den.example", "anna@den.example"),
)
POLICY = Policy(
    zone=ZoneInfo("Europe/Stockholm"),
    employer=Organisation("Harbour & Sons", (Alias("Harbour & Sons"), Alias("Harbour"))),
    person_name="Anna Ek",
    competitors=(Organisation("Quayline", (Alias("Quayline"),), ("quayline",), ("quayline.example",), ("quayline",)),),
)
PREFERENCES = Preferences(
    default_accounts=("masto", "sky"),
    work_filter=WorkFilter(
        terms=("openssl", "#infosec", '"release notes"', "#release", "#ops", "cve", '"patch tuesday"', "certificate"),
        exclude=("#giveaway",),
    ),
    views=(View("Security", ("#infosec", "cve", "openssl")),),
)


class DemoBook:
    """Fills `AccountBook`; what is changed lasts as long as the demo. All was confirmed `today`."""

    def __init__(self, today: date) -> None:
        self._accounts = list(ACCOUNTS)
        said = Confirmation(Known.YES, Known.YES, today)
        self._said = {account.name: said for account in ACCOUNTS}

    def accounts(self) -> Sequence[Account]:
        return tuple(self._accounts)

    def save(self, account: Account) -> None:
        self.remove(account.name)
        self._accounts.append(account)

    def remove(self, name: str) -> None:
        self._accounts = [account for account in self._accounts if account.name != name]

    def confirmation(self, name: str) -> Confirmation:
        return self._said.get(name, Confirmation())

    def confirm(self, name: str, confirmation: Confirmation) -> None:
        self._said[name] = confirmation


class DemoPolicy:
    """Fills `PolicySource`."""

    def current(self) -> LoadedPolicy:
        locked = ("employer.name", "person.name", *(f"work.{day}" for day in WEEKDAYS))
        return LoadedPolicy(POLICY, sources=(_("the demo"),), locked=frozenset(locked))


class DemoMachine:
    """Fills `MachineSource`."""

    def __init__(self) -> None:
        self._facts = MachineFacts(Machine.WORK, "declared")

    def current(self) -> MachineFacts:
        return self._facts

    def declare(self, machine: Machine) -> None:
        self._facts = MachineFacts(machine, "declared")


class DemoSecrets:
    """Fills `Secrets`: there are none."""

    def get(self, account: str) -> Secret | None:
        return None

    def set(self, account: str, secret: Secret, *, allow_file: bool = False) -> None:
        raise UsageError(_("the demo keeps no secrets"), _("start mbclient without --demo"))

    def delete(self, account: str) -> None:
        """There is nothing to forget."""


def reading_pieces(today: date, now: datetime) -> list[ReadingPiece]:
    """Two weeks of made-up reading: a little at most hours of work, less in the evening, none later than `now`."""
    zone, terms = POLICY.zone, ("openssl", "cve", "#infosec", "#ops")
    accounts = {account.service: account.name for account in ACCOUNTS}
    pieces = []
    for back in range(14):
        day = today - timedelta(days=back)
        hours = (8, 9, 11, 13, 15, 16, 20) if workday(POLICY, day) else (10, 21)
        for number, hour in enumerate(hours):
            at = datetime.combine(day, time(hour, (7 * back + 11 * number) % 55), tzinfo=zone).astimezone(UTC)
            length = timedelta(minutes=1 + (3 * back + 5 * number) % 7)
            related = (back + number) % 3 != 0
            service = ("mastodon", "bluesky", "misskey")[(back + number) % 3]
            term = (terms[number % len(terms)],) if related else ()
            if at + length < now:
                inside = work_time(POLICY, at)
                pieces.append(ReadingPiece(at, length, day, inside, Activity.READING, service, term, accounts[service]))
    return pieces
