"""`policy explain RULE`: a rule in its own words, when it speaks, its parameters, and today's facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mbclient.domain.account import Known
from mbclient.domain.errors import UsageError
from mbclient.domain.lazydataclass import dataclass
from mbclient.policy.model import AccountFacts, Disclosure, Interval, Override, Policy, Status
from mbclient.texts import N_, _
from mbclient.texts.findings import (
    count_word,
    machine_word,
    mode_word,
    role_word,
    rule_name,
    rule_text,
    slots_text,
)
from mbclient.texts.times import calendar_day, clock_in, duration, weekday_name, when

_DECIDES = {
    "P2-COUNT": N_(
        "Reminder, to confirm: posts today, planned ones and this one are more than the guideline on a working day."
    ),
    "P2-SLOT": N_("Reminder, shown only: in working hours, outside every recommended time."),
    "P4": N_(
        "Blocked: in working hours or on a work computer, with an account and text that do not show employer and name."
    ),
    "P4-LINK": N_("Reminder, to confirm: the same draft goes to an anonymous and an identified account."),
    "P5-ID": N_(
        "Disclosure needed: a competitor is named and it is not clear where you work. "
        "Reminder: only the profile shows it."
    ),
    "P5-RESPECT": N_("Reminder, to confirm: a disparaging word close to a competitor's name."),
    "CFG-ERROR": N_("Blocked: the policy could not be evaluated. The draft is kept."),
}
_RULE_FINDINGS = {1: (), 2: ("P2-COUNT", "P2-SLOT"), 3: (), 4: ("P4", "P4-LINK"), 5: ("P5-ID", "P5-RESPECT")}
_KNOWN = {Known.YES: N_("yes"), Known.NO: N_("no"), Known.UNKNOWN: N_("unknown")}
_OVERRIDES = {Override.NOBODY: N_("nobody"), Override.USER_WITH_REASON: N_("you, with a reason")}
_DISCLOSURES = {
    Disclosure.PROFILE: N_("in the profile"),
    Disclosure.PROFILE_OR_TEXT: N_("in the profile or the post"),
    Disclosure.TEXT: N_("in the post"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A parameter or fact: `key` as the settings or the JSON name it, the label and value in words."""

    key: str
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """`id` is "P1" to "P5" or a finding's. `decides`: (finding id, when it speaks)."""

    id: str
    name: str
    text: str
    decides: tuple[tuple[str, str], ...]
    parameters: tuple[Row, ...]
    facts: tuple[Row, ...]


def explain(
    rule: str, policy: Policy, status: Status, accounts: Mapping[str, AccountFacts] | None = None
) -> Explanation:
    """What is to be known of a rule: "1" to "5", "P1" to "P5" or a finding's id, in any case.

    `accounts` are the user's, for rules 4 and 5. Raises UsageError for anything else.
    """
    name = rule.strip().upper()
    if name == "CFG-ERROR":
        text = _("A policy that can't be read or evaluated never makes anything freer.")
        return Explanation(name, _("Policy file"), text, ((name, _(_DECIDES[name])),), (), ())
    number = _rule_number(name)
    findings = (name,) if name in _DECIDES and name != "P4" else _RULE_FINDINGS[number]
    known = accounts or {}
    return Explanation(
        id=name if name in _DECIDES else f"P{number}",
        name=rule_name(number),
        text=rule_text(number, policy),
        decides=tuple((finding, _(_DECIDES[finding])) for finding in findings),
        parameters=tuple(_PARAMETERS[number](policy)),
        facts=tuple(_FACTS[number](policy, status, known)),
    )


def _rule_number(name: str) -> int:
    for number, findings in _RULE_FINDINGS.items():
        if name in (str(number), f"P{number}", *findings):
            return number
    known = ", ".join(["1", "2", "3", "4", "5", *_DECIDES])
    raise UsageError(_("no rule {rule}").format(rule=name), _("the rules are {known}").format(known=known))


def yes_no(value: bool) -> str:
    return _("yes") if value else _("no")


def known_word(value: Known) -> str:
    """ "yes", "no", "unknown"."""
    return _(_KNOWN[value])


def hours_text(intervals: tuple[Interval, ...]) -> str:
    """ "08:00-12:00, 13:00-17:00" in the language's clock; "none" without any."""
    spans = [f"{_minutes_text(span.start)}–{_minutes_text(span.end)}" for span in intervals]
    return ", ".join(spans) or _("none")


def week_text(week: tuple[tuple[Interval, ...], ...]) -> str:
    """ "Mon–Fri 08:00–17:00": days with the same hours together, days without any left out."""
    groups: list[tuple[int, int]] = []
    for day, hours in enumerate(week):
        if not hours:
            continue
        if groups and groups[-1][1] == day - 1 and week[groups[-1][0]] == hours:
            groups[-1] = (groups[-1][0], day)
        else:
            groups.append((day, day))
    texts = []
    for first, last in groups:
        days = weekday_name(first) if first == last else f"{weekday_name(first)}–{weekday_name(last)}"
        texts.append(f"{days} {hours_text(week[first])}")
    return "; ".join(texts) or _("none")


def _minutes_text(minutes: int) -> str:
    """A wall time given as minutes after midnight; a whole day is 24:00, past it the next day's time."""
    hour, minute = divmod(minutes if minutes <= 24 * 60 else minutes - 24 * 60, 60)
    return _("{hour}:{minute}").format(hour=f"{hour:02}", minute=f"{minute:02}")


def _active_parameters(policy: Policy) -> Iterator[Row]:
    yield Row("person.role", _("Your role"), role_word(policy.role))
    for name, role in policy.roles.items():
        if role.duty == "active":
            key = f"roles.{name}.max_silence_workdays"
            label = _("Working days of silence before a reminder, {role}").format(role=role_word(name))
            yield Row(key, label, str(role.max_silence_workdays))


def _hours_parameters(policy: Policy) -> Iterator[Row]:
    limit, capacity = policy.daily_soft_limit, policy.slot_capacity
    yield Row("timezone", _("Time zone"), policy.zone_name)
    yield Row("work", _("Working hours"), week_text(policy.week))
    yield Row("work.holidays", _("Holidays"), policy.holidays if policy.holidays != "none" else _("none"))
    yield Row("work.eves_off", _("Eves are days off"), yes_no(policy.eves_off))
    yield Row("posting.slots", _("Recommended times"), slots_text(policy.slots) or _("none"))
    yield Row("posting.slot_tolerance_min", _("Tolerance around each"), duration(policy.slot_tolerance))
    yield Row("posting.slot_capacity", _("Posts per time"), _("automatic") if capacity is None else str(capacity))
    yield Row("posting.daily_soft_limit", _("Guideline a day"), _("no limit") if limit is None else str(limit))


def _everyone_parameters(policy: Policy) -> Iterator[Row]:
    """Rule 3 has none: no role, title or department is ever a ground for stopping a post."""
    return iter(())


def _identity_parameters(policy: Policy) -> Iterator[Row]:
    yield Row("employer.name", _("Employer"), policy.employer.name or _("not set"))
    yield Row("person.name", _("Your name"), policy.person_name or _("not set"))
    yield Row("work", _("Working hours"), week_text(policy.week))
    yield Row("identity.recheck_days", _("Days that a confirmed profile holds"), str(policy.recheck_days))
    ssh = _("as declared") if policy.ssh_session == "as-declared" else _("work computer")
    yield Row("machine.ssh_session", _("An SSH session counts as"), ssh)
    yield Row("overrides.P4", _("Who may send anyway"), _(_OVERRIDES[policy.override_p4]))


def _competitor_parameters(policy: Policy) -> Iterator[Row]:
    names = ", ".join(sorted(competitor.name for competitor in policy.competitors))
    yield Row("employer.name", _("Employer"), policy.employer.name or _("not set"))
    yield Row("competitors", _("Competitors"), names or _("none"))
    yield Row("competitor_rule.disclosure", _("Where the employer is to be named"), _(_DISCLOSURES[policy.disclosure]))
    yield Row("competitor_rule.respect", _("Words about competitors are checked"), yes_no(policy.respect))
    yield Row("overrides.P5-ID", _("Who may send anyway"), _(_OVERRIDES[policy.override_p5_id]))


def _active_facts(policy: Policy, status: Status, accounts: Mapping[str, AccountFacts]) -> Iterator[Row]:
    silence = status.silence_workdays
    yield Row("silence_workdays", _("Working days since your last post"), "–" if silence is None else str(silence))
    yield _next_row(policy, status)


def _hours_facts(policy: Policy, status: Status, accounts: Mapping[str, AccountFacts]) -> Iterator[Row]:
    yield _day_row(policy, status)
    yield Row("workday", _("Working day"), yes_no(status.workday))
    yield _work_time_row(status)
    yield Row("count", _("Posts today"), f"{status.count} ({count_word(status.count_state)})")
    yield Row("planned", _("Planned today"), str(status.planned))
    current = clock_in(policy.zone, status.current_slot) if status.current_slot else _("none")
    yield Row("current_slot", _("Recommended time now"), current)
    yield _next_row(policy, status)


def _everyone_facts(policy: Policy, status: Status, accounts: Mapping[str, AccountFacts]) -> Iterator[Row]:
    yield Row("person.role", _("Your role"), role_word(policy.role))


def _identity_facts(policy: Policy, status: Status, accounts: Mapping[str, AccountFacts]) -> Iterator[Row]:
    yield _work_time_row(status)
    yield Row("machine", _("Computer"), machine_word(status.machine))
    for name, facts in sorted(accounts.items()):
        value = _("employer shown: {employer}, name shown: {name}").format(
            employer=known_word(facts.employer_visible), name=known_word(facts.real_name_visible)
        )
        if name in status.modes:
            value = f"{mode_word(status.modes[name])} ({value})"
        yield Row(f"accounts.{name}", _("Account {name}").format(name=name), value)


def _competitor_facts(policy: Policy, status: Status, accounts: Mapping[str, AccountFacts]) -> Iterator[Row]:
    for name, facts in sorted(accounts.items()):
        value = _("employer shown: {employer}").format(employer=known_word(facts.employer_visible))
        yield Row(f"accounts.{name}", _("Account {name}").format(name=name), value)


def _day_row(policy: Policy, status: Status) -> Row:
    today = status.now.astimezone(policy.zone).date()
    shown = f"{weekday_name(today.weekday())} {calendar_day(today, today)}"
    return Row("now", _("Now"), f"{shown} {clock_in(policy.zone, status.now)}")


def _work_time_row(status: Status) -> Row:
    return Row("work_time", _("Within working hours"), yes_no(status.work_time))


def _next_row(policy: Policy, status: Status) -> Row:
    slot = when(status.next_slot, status.now, policy.zone) if status.next_slot else _("none")
    return Row("next_slot", _("Next recommended time"), slot)


_PARAMETERS = {
    1: _active_parameters,
    2: _hours_parameters,
    3: _everyone_parameters,
    4: _identity_parameters,
    5: _competitor_parameters,
}
_FACTS = {
    1: _active_facts,
    2: _hours_facts,
    3: _everyone_facts,
    4: _identity_facts,
    5: _competitor_facts,
}
