"""Who is speaking, from where and when: rule 4's facts and modes (policy facts 3.3, 3.4 and P4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from mbclient.domain.account import Known
from mbclient.domain.lazydataclass import dataclass
from mbclient.policy.calendar import work_time
from mbclient.policy.model import AccountFacts, Disclosed, Facts, Machine, Mode, Policy

LOCAL_SERVICE = "local"
_SKEW_IGNORED = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Moment:
    """An effective instant, with what rule 4 asks of it. `why`: what makes anonymity impossible, if anything."""

    at: datetime
    work_time: bool
    why: tuple[str, ...]

    @property
    def must_identify(self) -> bool:
        return bool(self.why)


def counted_skew(skew: timedelta) -> timedelta:
    """The clock's error, if it is large enough to count (3.1)."""
    return skew if abs(skew) > _SKEW_IGNORED else timedelta(0)


def moment(policy: Policy, facts: Facts, now: datetime, due: datetime | None = None) -> Moment:
    """The instant that decides: when the post becomes public. With a faulty clock it is work time by either."""
    skew = counted_skew(facts.skew)
    local = due or now
    working = work_time(policy, local) or (bool(skew) and work_time(policy, local + skew))
    return Moment(due or now + skew, working, reasons(facts.machine, working))


def reasons(machine: Machine, working: bool) -> tuple[str, ...]:
    """Why it must be clear who writes, in the vocabulary of `Finding.why`."""
    why = ("work-time",) if working else ()
    if machine is Machine.WORK:
        return (*why, "work-computer")
    return why if machine is Machine.PRIVATE else (*why, "unknown-computer")


def settled_machine(policy: Policy, declared: Machine, *, ssh: bool) -> Machine:
    """The computer that counts: the one at the far end of an SSH session can't be seen (3.3)."""
    return Machine.WORK if ssh and policy.ssh_session != "as-declared" else declared


def with_local_rules(accounts: Mapping[str, AccountFacts]) -> dict[str, AccountFacts]:
    """The accounts with what holds for the embedded local service: it shows both facts to its only reader.

    Beside any other account it is a notebook, neither judged nor counted (3.4).
    """
    beside = any(account.service != LOCAL_SERVICE for account in accounts.values())
    return {
        name: replace(account, employer_visible=Known.YES, real_name_visible=Known.YES, notebook=beside)
        if account.service == LOCAL_SERVICE
        else account
        for name, account in accounts.items()
    }


def account_facts(facts: Facts, name: str) -> AccountFacts:
    """What is known of an account; of an unknown one nothing is, which counts as the stricter value."""
    return facts.accounts.get(name) or AccountFacts(name)


def missing(account: AccountFacts, shown: Disclosed) -> tuple[str, ...]:
    """What neither the profile nor the text shows: "employer", "name"."""
    lacks = []
    if account.employer_visible is not Known.YES and not shown.employer:
        lacks.append("employer")
    if account.real_name_visible is not Known.YES and not shown.name:
        lacks.append("name")
    return tuple(lacks)


def mode(moment_: Moment, account: AccountFacts, shown: Disclosed) -> Mode:
    """The identity mode of an account at an instant, by the table of P4."""
    if account.notebook or not missing(account, shown):
        return Mode.IDENTIFIED
    return Mode.BLOCKED if moment_.must_identify else Mode.ANONYMOUS_ALLOWED
