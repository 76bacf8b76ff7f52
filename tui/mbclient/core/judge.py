"""The policy asked about this computer, these accounts and this day: the one way to a verdict or a meter.

Composer, commands, sender and meter all come through here, so what the meter promises the gate keeps.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from mbclient import __version__
from mbclient.core.accounts import Accounts
from mbclient.core.ids import ulid
from mbclient.core.ports import Clock
from mbclient.core.preferences import LoadedPolicy, MachineSource, PolicySource
from mbclient.core.stores import OPEN_STATES, DecisionLog, Ledger, Outbox, OutboxRow, SendState
from mbclient.domain.capabilities import SCHEDULE_AHEAD
from mbclient.domain.draft import Draft
from mbclient.domain.safetext import SafeText
from mbclient.policy import engine
from mbclient.policy.identity import counted_skew
from mbclient.policy.model import (
    AccountFacts,
    Facts,
    Finding,
    LedgerEntry,
    LedgerStatus,
    Level,
    Machine,
    Policy,
    Status,
    Verdict,
)
from mbclient.texts import _
from mbclient.texts.findings import finding_text
from mbclient.texts.times import duration

SKEW_SAMPLES = 5
LEDGER_DAYS = 60  # far enough back for any silence that rule 1 could mind
_OUTBOX_STATUS = {
    SendState.SENDING: LedgerStatus.UNKNOWN,
    SendState.UNKNOWN: LedgerStatus.UNKNOWN,
    SendState.HELD: LedgerStatus.HELD,
}


class Judge:
    """Gathers the facts and asks the engine."""

    def __init__(
        self,
        policy: PolicySource,
        machine: MachineSource,
        accounts: Accounts,
        ledger: Ledger,
        outbox: Outbox,
        log: DecisionLog,
        clock: Clock,
        skew: Callable[[], Sequence[tuple[str, float]]] = tuple,
    ) -> None:
        self._policy = policy
        self._machine = machine
        self._accounts = accounts
        self._ledger = ledger
        self._outbox = outbox
        self._log = log
        self._clock = clock
        self._skew = skew

    @property
    def loaded(self) -> LoadedPolicy:
        return self._policy.current()

    @property
    def policy(self) -> Policy:
        return self._policy.current().policy

    @property
    def machine(self) -> Machine:
        return self._machine.current().machine

    def facts(self, now: datetime, *, without: Iterable[str] = (), since: datetime | None = None) -> Facts:
        """All that is known at `now`. `without`: outbox ids left out (a draft is never counted against itself).

        `since`: how far back the ledger is read, where that is further than any rule looks.
        """
        policy = self.policy
        accounts = self.account_facts(now)
        skew = self.skew()
        return Facts(
            machine=self.machine,
            accounts=accounts,
            ledger=self._entries(now, skew, accounts, frozenset(without), since),
            skew=skew,
            role_since=policy.role_since or self._ledger.role_since(policy.role, now.astimezone(policy.zone).date()),
        )

    def account_facts(self, now: datetime | None = None) -> Mapping[str, AccountFacts]:
        """What is known of every account, by name, without what was posted."""
        return self._accounts.facts(self.policy, now or self._clock.now())

    def _entries(
        self,
        now: datetime,
        skew: timedelta,
        accounts: Mapping[str, AccountFacts],
        without: frozenset[str],
        since: datetime | None,
    ) -> tuple[LedgerEntry, ...]:
        """The ledger has the servers' time: the window reaches over the local clock's and theirs."""
        start = min(now, now + skew) - timedelta(days=LEDGER_DAYS)
        recorded = self._ledger.entries(min(start, since or start), max(now, now + skew) + timedelta(days=1))
        waiting = (_as_entry(row, now) for row in self._outbox.rows(states=OPEN_STATES) if row.outbox not in without)
        return tuple(
            entry for entry in (*recorded, *waiting) if entry.account in accounts and entry.group not in without
        )

    def server_now(self) -> datetime:
        """The time as the servers tell it, as far as they do."""
        return self._clock.now() + self.skew()

    def corrected_now(self) -> datetime:
        """The time that counts: the local clock's, unless the servers agree that it is off by more than a minute."""
        return self._clock.now() + counted_skew(self.skew())

    def skew(self) -> timedelta:
        """Median of the last five answers from at least two hosts, one where only one is set up (3.1)."""
        samples = self._skew()[-SKEW_SAMPLES:]
        hosts = {host for host, _seconds in samples}
        if not samples or (len(hosts) < 2 and self._accounts.remote_hosts() > 1):
            return timedelta(0)
        from statistics import median  # late: a start has measured nothing yet

        return timedelta(seconds=round(median(seconds for _, seconds in samples)))

    def check(self, draft: Draft, now: datetime | None = None, *, without: Iterable[str] = ()) -> Verdict:
        """The verdict on a draft, nothing stored."""
        now = now or self._clock.now()
        return engine.evaluate(self.policy, self.facts(now, without=without), draft, now)

    def status(
        self,
        accounts: Sequence[str] | None = None,
        now: datetime | None = None,
        *,
        text: str = "",
        without: Iterable[str] = (),
    ) -> Status:
        """What the meter shows for these accounts (None: the default ones)."""
        now = now or self._clock.now()
        chosen = self._accounts.default_names() if accounts is None else tuple(accounts)
        return engine.status(self.policy, self.facts(now, without=without), now, accounts=chosen, text=text)

    def hold_reason(self, row: OutboxRow, now: datetime) -> str | None:
        """Why an outbox row must wait for the user instead of being sent now (5.2), in words; None: it may go."""
        draft = replace(row.draft, accounts=(row.account,))
        facts = self.facts(now, without=(row.outbox,))
        covered = bool(row.override_reason) and row.override_digest == text_digest(draft.text)
        if draft.on_server and draft.due is not None:
            return self._not_to_hand_over(facts, draft, now, covered)
        held = engine.hold_reason(self.policy, facts, draft, now, pressed_at=row.created_at, overridden=covered)
        if held == engine.LATE:
            return _("its planned time has passed by more than {limit}").format(limit=duration(self.policy.max_late))
        if held == engine.WAITED:
            return _("it could not be sent for more than {limit}").format(limit=duration(self.policy.max_queue))
        verdict = engine.evaluate(self.policy, facts, replace(draft, due=None), now)
        return next((finding_text(found, self.policy, now) for found in verdict.findings if found.id == held), held)

    def _not_to_hand_over(self, facts: Facts, draft: Draft, now: datetime, covered: bool) -> str | None:
        """A server will not ask again: what it shall keep is judged as of its due time (5.2)."""
        assert draft.due is not None
        if draft.due < self.corrected_now() + SCHEDULE_AHEAD:
            return _("its time is too near for the server's own schedule")
        verdict = engine.evaluate(self.policy, facts, draft, now)
        strict = [found for found in verdict.findings if found.level >= Level.REQUIRE_DISCLOSURE]
        stopping = [found for found in strict if not (covered and self.may_override(found))]
        return finding_text(stopping[0], self.policy, now) if stopping else None

    def may_override(self, finding: Finding) -> bool:
        """Whether the user may send despite this finding, with a reason (section 10)."""
        return engine.may_override(self.policy, finding)

    def record(
        self,
        draft: Draft,
        verdict: Verdict,
        outcome: str,
        *,
        draft_id: str,
        reason: str = "",
        fixes_used: Sequence[str] = (),
    ) -> None:
        """One line of the decision log (section 10): ids and figures, never a text or a name of another.

        `outcome`: sent, held, cancelled or partial. The figures leave out the draft itself.
        """
        now = self._clock.now()
        status = self.status(draft.accounts, now, without=(draft_id,))
        overridden = [f.id for f in verdict.findings if f.level >= Level.REQUIRE_DISCLOSURE] if reason else []
        self._log.append(
            {
                "schema": 1,
                "id": ulid(now),
                "ts": _utc(now),
                "policy_digest": self.loaded.digest,
                "client_version": __version__,
                "draft_id": draft_id,
                "accounts": list(draft.accounts),
                "t": _utc(draft.due or now),
                "work_time": status.work_time,
                "machine": status.machine.value,
                "skew_s": int(status.skew.total_seconds()),
                "count": status.count,
                "planned": status.planned,
                "level": verdict.level.word,
                "findings": [{"id": f.id, "level": f.level.word} for f in verdict.findings],
                "fixes_used": list(fixes_used),
                "override": {"id": overridden[0], "ids": overridden, "reason": reason} if overridden else None,
                "outcome": outcome,
            }
        )

    def record_fact(self, what: str, value: str) -> None:
        """A change of ownership, absence or account facts, which the log keeps as well."""
        now = self._clock.now()
        self._log.append({"schema": 1, "ts": _utc(now), "fact": what, "value": value})


def _utc(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def text_digest(text: str) -> str:
    """An override holds for one text only: this names the text without keeping it."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _as_entry(row: OutboxRow, now: datetime) -> LedgerEntry:
    """What waits without a due time is due as soon as it may go: after midnight it is the new day's."""
    status = _OUTBOX_STATUS.get(row.state)
    if status is None:
        status = LedgerStatus.SCHEDULED if row.draft.due else LedgerStatus.QUEUED
    return LedgerEntry(
        at=row.draft.due or row.first_sent_at or max(row.not_before, now),
        account=row.account,
        service=row.service,
        kind=row.draft.kind,
        segments=row.draft.segments,
        group=row.outbox,
        status=status,
        visibility=row.draft.visibility,
        text=SafeText(row.draft.text),  # as the service shows it
    )
