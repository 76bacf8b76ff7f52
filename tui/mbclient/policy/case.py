"""One draft before the rules 2, 4 and 5 (policy facts 5.3 and 6). `engine.evaluate` is the door to this."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from mbclient.domain.account import Known
from mbclient.domain.draft import Draft, Kind
from mbclient.domain.post import Visibility
from mbclient.policy.calendar import local_date, workday
from mbclient.policy.cleaning import Reading, read
from mbclient.policy.counting import COUNTED_KINDS, Group, count, groups, planned
from mbclient.policy.disclosure import disclosed, employer_line, signature
from mbclient.policy.identity import Moment, account_facts, missing, mode, moment
from mbclient.policy.model import (
    AccountFacts,
    Disclosed,
    Disclosure,
    Facts,
    Finding,
    Level,
    Mode,
    Override,
    Policy,
    Verdict,
)
from mbclient.policy.names import Mention, book
from mbclient.policy.respect import disrespect
from mbclient.policy.slots import next_slot, window_of

_TIMED_KINDS = COUNTED_KINDS - {Kind.REPLY}  # an answer does not wait for a recommended time


@dataclass
class Case:
    """One draft before the rules; each rule is a method that yields its findings."""

    policy: Policy
    facts: Facts
    draft: Draft
    now: datetime

    def verdict(self) -> Verdict:
        names = sorted(set(self.draft.accounts))
        findings: list[Finding] = []
        if self.draft.kind is not Kind.LIKE and self.draft.visibility is not Visibility.DIRECT:
            findings = sorted(self._with_drop_target(list(self._findings())), key=_by_strictness)
        accounts = {name: account_facts(self.facts, name) for name in names}
        return Verdict(
            level=max((finding.level for finding in findings), default=Level.ALLOW),
            findings=tuple(findings),
            per_target={name: _level_of(findings, name) for name in names},
            modes={name: mode(self.moment, account, self.shown) for name, account in accounts.items()},
            fixes=tuple(dict.fromkeys(fix for finding in findings for fix in finding.fixes)),
        )

    def _findings(self) -> Iterable[Finding]:
        if not self.targets:
            return
        kind = self.draft.kind
        if kind in COUNTED_KINDS:
            yield from self._count()
        if kind in _TIMED_KINDS:
            yield from self._slot()
        yield from self._identity()
        if kind is not Kind.EDIT:
            yield from self._link()
        yield from self._competitors()
        if kind is not Kind.BOOST:
            yield from self._respect()

    @cached_property
    def moment(self) -> Moment:
        return moment(self.policy, self.facts, self.now, self.draft.due)

    @cached_property
    def targets(self) -> list[AccountFacts]:
        """The accounts that are judged, by name, each once: a notebook is not."""
        accounts = [account_facts(self.facts, name) for name in sorted(set(self.draft.accounts))]
        return [account for account in accounts if not account.notebook]

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(account.name for account in self.targets)

    @cached_property
    def reading(self) -> Reading:
        """The draft's own words, the warning before the text; a boost has none."""
        return read("" if self.draft.kind is Kind.BOOST else self.draft.words)

    @cached_property
    def shown(self) -> Disclosed:
        return disclosed(self.policy, self.reading)

    @cached_property
    def mentions(self) -> list[Mention]:
        """Competitors named in the draft, or for a boost in what it points at and by whom that was written."""
        reading = self.reading
        if self.draft.kind is Kind.BOOST:
            author = self.draft.about.author
            signed = author if author.startswith("@") else f"{author}\n@{author}"
            reading = read(f"{self.draft.about.text}\n{signed}")
        return book(self.policy.employer, self.policy.competitors).competitor_mentions(reading)

    @cached_property
    def groups(self) -> list[Group]:
        return groups(self.policy, self.facts)

    @cached_property
    def _speaks_openly(self) -> bool:
        return any(not account.pseudonymous for account in self.targets)

    def _count(self) -> Iterable[Finding]:
        limit, day = self.policy.daily_soft_limit, local_date(self.policy, self.moment.at)
        if limit is None or not self._speaks_openly or not workday(self.policy, day):
            return
        number = count(self.policy, self.groups, day) + planned(self.policy, self.groups, day)
        number += max(1, self.draft.segments)
        if number > limit:
            yield Finding(
                "P2-COUNT",
                Level.NUDGE,
                accounts=self.names,
                fixes=("schedule-next-workday", "save-draft"),
                needs_confirm=True,
                params={"limit": limit, "k": number},
            )

    def _slot(self) -> Iterable[Finding]:
        at = self.moment.at
        if not self.policy.slots or not self._speaks_openly or not self.moment.work_time:
            return
        if window_of(self.policy, at) is None:
            upcoming = next_slot(self.policy, self.groups, at)
            yield Finding(
                "P2-SLOT",
                Level.NUDGE,
                accounts=self.names,
                fixes=("schedule-next-slot",) if upcoming else (),
                params={"slots": tuple(sorted(self.policy.slots)), "slot": upcoming},
            )

    def _identity(self) -> Iterable[Finding]:
        """One finding for each set of missing facts; a name is never offered where a pseudonymous account hears it."""
        blocked: dict[tuple[tuple[str, ...], bool], list[str]] = {}
        for account in self.targets:
            if mode(self.moment, account, self.shown) is Mode.BLOCKED:
                key = missing(account, self.shown), account.pseudonymous
                blocked.setdefault(key, []).append(account.name)
        for (lacks, _pseudonymous), names in sorted(blocked.items()):
            fixes = ["choose-identified-account", "confirm-profile"]
            if not self._hides_a_person and self.draft.kind is not Kind.BOOST and signature(self.policy):
                fixes.insert(0, "insert-signature")
            if self.moment.why == ("work-time",):
                fixes.append("schedule-after-work")
            yield Finding(
                "P4",
                Level.BLOCK,
                accounts=tuple(names),
                missing=lacks,
                why=self.moment.why,
                fixes=tuple(fixes),
            )

    def _link(self) -> Iterable[Finding]:
        if len({account.pseudonymous for account in self.targets}) > 1:
            yield Finding("P4-LINK", Level.NUDGE, accounts=self.names, needs_confirm=True)

    def _competitors(self) -> Iterable[Finding]:
        if not self.mentions:
            return
        named = tuple(sorted({mention.name for mention in self.mentions}))
        for level in (Level.REQUIRE_DISCLOSURE, Level.NUDGE):
            names = tuple(account.name for account in self.targets if self._disclosure_level(account) is level)
            if names:
                yield Finding(
                    "P5-ID",
                    level,
                    accounts=names,
                    missing=("employer",) if level is Level.REQUIRE_DISCLOSURE else (),
                    fixes=self._disclosure_fixes(),
                    params={"competitor": ", ".join(named), "competitors": named},
                )

    def _disclosure_level(self, account: AccountFacts) -> Level:
        """The table of P5-ID for one target."""
        in_profile = account.employer_visible is Known.YES
        if self.draft.kind is Kind.BOOST:
            return Level.ALLOW if in_profile else Level.REQUIRE_DISCLOSURE
        if self.shown.employer:
            return Level.ALLOW
        if not in_profile or self.policy.disclosure is Disclosure.TEXT:
            return Level.REQUIRE_DISCLOSURE
        return Level.ALLOW if self.policy.disclosure is Disclosure.PROFILE else Level.NUDGE

    @property
    def _hides_a_person(self) -> bool:
        """Every target gets the same text: with a pseudonymous one among them no fix may put the person's name in."""
        return any(account.pseudonymous for account in self.targets)

    def _disclosure_fixes(self) -> tuple[str, ...]:
        if self.draft.kind is Kind.BOOST:
            fixes = ["quote-instead"]
        else:
            fixes = ["insert-employer"] if employer_line(self.policy, self.draft.lang) else []
        fixes.append("choose-identified-account")
        if self.policy.override_p5_id is Override.USER_WITH_REASON:
            fixes.append("not-a-competitor")
        return tuple(fixes)

    def _respect(self) -> Iterable[Finding]:
        found = disrespect(self.policy, self.reading, self.mentions) if self.policy.respect else None
        if found:
            yield Finding(
                "P5-RESPECT",
                Level.NUDGE,
                accounts=self.names,
                needs_confirm=True,
                params={
                    "term": ", ".join(found.terms),
                    "terms": found.terms,
                    "competitor": ", ".join(found.competitors),
                    "competitors": found.competitors,
                },
            )

    def _with_drop_target(self, findings: list[Finding]) -> list[Finding]:
        """Where some targets are permitted and others are not, removing the others is a way out."""
        names = set(self.draft.accounts)
        stopped = {name for name in names if _level_of(findings, name) >= Level.REQUIRE_DISCLOSURE}
        if not stopped or stopped == names:
            return findings
        return [
            replace(finding, fixes=(*finding.fixes, "drop-target"))
            if finding.level >= Level.REQUIRE_DISCLOSURE
            else finding
            for finding in findings
        ]


def _by_strictness(finding: Finding) -> tuple[int, str, tuple[str, ...]]:
    return -finding.level, finding.id, finding.accounts


def _level_of(findings: Iterable[Finding], name: str) -> Level:
    return max((finding.level for finding in findings if name in finding.accounts), default=Level.ALLOW)
