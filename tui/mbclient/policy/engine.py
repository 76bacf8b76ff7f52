"""The questions that everything else asks: `evaluate` judges a draft, `status` feeds the meter, `hold_reason` guards
the outbox. Composer, commands, sender and `policy test` call these same functions.

Every rule is always evaluated and findings never hide one another; the outcome is the strictest level found.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from mbclient.domain.draft import Draft
from mbclient.policy.calendar import local_date, workday, workdays_between
from mbclient.policy.counting import Group, count, count_state, groups, planned
from mbclient.policy.identity import Moment, account_facts, counted_skew, mode, moment
from mbclient.policy.model import Disclosed, Facts, Finding, Level, Mode, Override, Policy, Status, Verdict
from mbclient.policy.slots import current_slot, next_slot, window_end

LATE = "late"
WAITED = "waited"


def evaluate(policy: Policy, facts: Facts, draft: Draft, now: datetime) -> Verdict:
    """Judge a draft at `now` (aware UTC, from the caller's clock), or at its due time if it has one.

    Never raises for any text: what a broken policy, zone or date can make fail here becomes the finding
    `CFG-ERROR`, which stops the draft and keeps it (4.3).
    """
    from mbclient.policy.case import Case  # late: the meter asks for no verdict

    try:
        return Case(policy, facts, draft, now).verdict()
    except (ArithmeticError, LookupError, TypeError, ValueError, AttributeError) as error:
        # A faulty `tzinfo` or a date at the calendar's end can raise these; unjudged must never mean allowed.
        return _failed(draft, error)


def _failed(draft: Draft, error: Exception) -> Verdict:
    names = tuple(sorted(set(draft.accounts)))
    params = {"error": f"{type(error).__name__}: {error}"}
    finding = Finding("CFG-ERROR", Level.BLOCK, accounts=names, fixes=("repair-policy",), params=params)
    return Verdict(Level.BLOCK, (finding,), dict.fromkeys(names, Level.BLOCK), dict.fromkeys(names, Mode.BLOCKED))


def status(
    policy: Policy, facts: Facts, now: datetime, accounts: Iterable[str] | None = None, text: str = ""
) -> Status:
    """What the meter shows at `now` (aware UTC, from the caller's clock).

    `accounts`: whose modes, with `text` as what they would say; None is every account of the facts.
    With a faulty clock `Status.now` is the corrected instant, and `skew` what was added; a small skew is 0.
    """
    current = moment(policy, facts, now)
    at, day = current.at, local_date(policy, current.at)
    everything = groups(policy, facts)
    number = count(policy, everything, day)
    slot = current_slot(policy, everything, at)
    shown = _disclosed(policy, text) if text else Disclosed()
    names = sorted(set(facts.accounts if accounts is None else accounts))
    is_workday = workday(policy, day)
    silence, silent = _silence(policy, facts, everything, current)
    return Status(
        now=at,
        count=number,
        planned=planned(policy, everything, day),
        limit=policy.daily_soft_limit,
        count_state=count_state(number, policy.daily_soft_limit),
        current_slot=slot,
        current_until=window_end(policy, slot) if slot else None,
        next_slot=next_slot(policy, everything, at),
        work_time=current.work_time,
        workday=is_workday,
        machine=facts.machine,
        modes={name: mode(current, account_facts(facts, name), shown) for name in names},
        why=current.why,
        silence_workdays=silence,
        silence_nudge=silent and current.work_time and is_workday,
        skew=counted_skew(facts.skew),
    )


def _disclosed(policy: Policy, text: str) -> Disclosed:
    from mbclient.policy.cleaning import read  # late: only who is writing has a text
    from mbclient.policy.disclosure import disclosed

    return disclosed(policy, read(text))


def _silence(policy: Policy, facts: Facts, everything: Sequence[Group], current: Moment) -> tuple[int | None, bool]:
    """Workdays since the last activity of a role with a duty (P1), and whether that is too many."""
    role = policy.roles.get(policy.role)
    if role is None or role.duty != "active":
        return None, False
    today = local_date(policy, current.at)
    published = [group.at for group in everything if group.sent]
    since = policy.role_since or facts.role_since or today
    last = local_date(policy, max(published)) if published else since
    silence = workdays_between(policy, last, today)
    return silence, silence >= role.max_silence_workdays


def may_override(policy: Policy, finding: Finding) -> bool:
    """Whether the user may send in spite of a finding that stops, with a reason (10)."""
    allowed = {"P4": policy.override_p4, "P5-ID": policy.override_p5_id}
    return allowed.get(finding.id) is Override.USER_WITH_REASON


def hold_reason(
    policy: Policy, facts: Facts, draft: Draft, now: datetime, pressed_at: datetime, overridden: bool = False
) -> str | None:
    """Why a post must wait for the user right before its request is written (5.2), or None if it may go.

    The draft is judged as of `now`, whatever its due time was; `facts` leave its own ledger rows out. `pressed_at`:
    when the user pressed send. `overridden`: the user has overridden, with a reason, for this very text; it covers
    only what the policy lets the user override. The reason is the strictest stopping finding's id, `LATE` (a planned
    post past `max_late`) or `WAITED` (an unplanned one past `max_queue`). Nudges never hold.
    """
    verdict = evaluate(policy, facts, replace(draft, due=None), now)
    for finding in verdict.findings:
        if finding.level >= Level.REQUIRE_DISCLOSURE and not (overridden and may_override(policy, finding)):
            return finding.id
    if draft.due is not None:
        return LATE if now + counted_skew(facts.skew) - draft.due > policy.max_late else None
    return WAITED if now - pressed_at > policy.max_queue else None
