"""The fixes of findings: what one key makes of a draft (policy facts 6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from mbclient.core.accounts import READ_ONLY, Accounts
from mbclient.core.judge import Judge
from mbclient.core.parts import thread_of
from mbclient.core.ports import Clock
from mbclient.domain.draft import Draft, Kind
from mbclient.policy import counting
from mbclient.policy.calendar import after_work
from mbclient.policy.disclosure import employer_line, signature, with_line
from mbclient.policy.model import Level
from mbclient.policy.slots import next_slot, next_workday_slot
from mbclient.texts import language


class Fixes:
    """Applied by the user's key only: the policy itself never edits a text."""

    def __init__(self, accounts: Accounts, judge: Judge, clock: Clock) -> None:
        self._accounts = accounts
        self._judge = judge
        self._clock = clock

    def apply(self, draft: Draft, fix: str, *, account: str = "") -> Draft:
        """The draft after a one-key fix of a finding (policy facts 6). Unknown fixes change nothing."""
        policy = self._judge.policy
        now = self._clock.now()
        if fix == "insert-signature":
            return replace(draft, text=with_line(draft.text, signature(policy)))
        if fix == "insert-employer":
            return replace(draft, text=with_line(draft.text, employer_line(policy, draft.lang or language())))
        if fix in ("schedule-next-slot", "schedule-next-workday", "schedule-after-work"):
            return replace(draft, due=self.when(fix, now) or draft.due)
        if fix == "drop-target" and account:
            return replace(draft, accounts=tuple(name for name in draft.accounts if name != account))
        if fix == "choose-identified-account":
            good = self.identified_accounts(draft, now)
            return replace(draft, accounts=good[:1]) if good else draft
        if fix == "quote-instead" and draft.kind is Kind.BOOST:
            return replace(draft, kind=Kind.QUOTE, quote_of=draft.boost_of, boost_of="")
        return draft

    def can_apply(self, draft: Draft, fix: str) -> bool:
        """Whether the fix leads anywhere now; the ones that ask the user (a reason, a profile) always do."""
        if fix == "save-draft":
            return bool(draft.text.strip())
        if fix in ("confirm-profile", "not-a-competitor", "drop-target"):
            return True
        return self.apply(draft, fix) != draft and not self.too_long(draft, fix)

    def too_long(self, draft: Draft, fix: str) -> dict[str, int]:
        """Where the fix's line would not fit: how many characters are missing, by account (policy facts 6, P4)."""
        fixed = self.apply(draft, fix)
        if fixed.text == draft.text:
            return {}
        services = self._accounts.services_there(fixed.accounts)
        if fixed.threaded:  # one part more, if need be
            services = [(name, service) for name, service in services if not thread_of(service, fixed)]
        reply = bool(fixed.reply_to)
        missing = {name: service.measure(fixed.text, fixed.cw, reply=reply).over for name, service in services}
        return {name: number for name, number in missing.items() if number}

    def when(self, fix: str, now: datetime) -> datetime | None:
        """The instant that a scheduling fix proposes; None: there is none within a year."""
        policy = self._judge.policy
        if fix == "schedule-after-work":
            return after_work(policy, now)
        groups = counting.groups(policy, self._judge.facts(now))
        find = next_slot if fix == "schedule-next-slot" else next_workday_slot
        return find(policy, groups, now)

    def identified_accounts(self, draft: Draft, now: datetime) -> tuple[str, ...]:
        """Accounts through which this draft would be allowed."""
        return tuple(
            account.name
            for account in self._accounts.all()
            if account.service not in READ_ONLY
            and self._judge.check(replace(draft, accounts=(account.name,)), now).level <= Level.NUDGE
        )
