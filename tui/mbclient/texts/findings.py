"""The policy's words: rules, levels, modes, findings, fixes (policy facts 2, 5 and 6, in its own wording)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time

from mbclient.policy.model import CountState, Finding, Level, Machine, Mode, Policy, Status
from mbclient.texts import N_, _, ngettext
from mbclient.texts.times import clock, clock_in, listed, weekday, when

_RULE_NAMES = {
    1: N_("Country managers are active"),
    2: N_("Working hours"),
    3: N_("For everyone"),
    4: N_("Not anonymous"),
    5: N_("Competitors"),
}
_RULES = {
    1: N_(
        "Country managers are to be active on microblogs, as they are on blogs: "
        "it is a matter of openness and responsibility."
    ),
    2: N_("Posting during working hours is fine. Good times are {slots}. Preferably no more than {limit} posts a day."),
    3: N_("Every employee may post (rule 3)."),
    4: N_(
        "Whoever posts during working hours or on a work computer shows where they work and who they are. "
        "Anonymous posting belongs outside working hours and on a private computer."
    ),
    5: N_("Posting about competitors is fine, if it is clear where you work. Competitors are met with respect."),
}
_LEVELS = {
    Level.ALLOW: N_("OK"),
    Level.NUDGE: N_("Reminder"),
    Level.REQUIRE_DISCLOSURE: N_("Disclosure needed"),
    Level.BLOCK: N_("Blocked"),
}
_MODES = {
    Mode.IDENTIFIED: N_("IDENTIFIED"),
    Mode.ANONYMOUS_ALLOWED: N_("ANONYMOUS ALLOWED"),
    Mode.BLOCKED: N_("BLOCKED"),
}
_COUNT_STATES = {CountState.OK: N_("OK"), CountState.NEAR: N_("NEAR"), CountState.OVER: N_("OVER")}
_MACHINES = {
    Machine.WORK: N_("work computer"),
    Machine.PRIVATE: N_("private computer"),
    Machine.UNDECLARED: N_("unknown computer"),
}
_MACHINE_SOURCES = {
    "environment": N_("says MBCLIENT_MACHINE"),
    "system": N_("says the computer's own file, which its administrator keeps"),
    "declared": N_("you declared it"),
    "ssh": N_("over SSH the computer you sit at can't be seen"),
    "nobody": N_("nobody has said; it counts as a work computer"),
}
_ROLES = {"employee": N_("employee"), "landschef": N_("country manager")}
_MISSING = {"employer": N_("employer"), "name": N_("name")}
_WHY = {
    "work-time": N_("working hours"),
    "work-computer": N_("work computer"),
    "unknown-computer": N_("unknown computer"),
}
_FIXES = {
    "schedule-next-slot": N_("Send at the next recommended time"),
    "schedule-next-workday": N_("Send on the next working day"),
    "schedule-after-work": N_("Send after working hours"),
    "save-draft": N_("Save as draft"),
    "insert-signature": N_("Add your signature"),
    "insert-employer": N_("Add where you work"),
    "choose-identified-account": N_("Choose an account that shows who you are"),
    "confirm-profile": N_("Confirm what the profile shows"),
    "not-a-competitor": N_("Send anyway, with a reason"),
    "quote-instead": N_("Quote instead"),
    "drop-target": N_("Leave out the stopped accounts"),
    "repair-policy": N_("Repair the policy file"),
}


def rule_name(n: int) -> str:
    """The rule's short name, "Working hours"."""
    return _(_RULE_NAMES[n])


def rule_text(n: int, policy: Policy) -> str:
    """The rule in its own words; rule 2 with this policy's times and limit."""
    if n != 2:
        return _(_RULES[n])
    if policy.slots and policy.daily_soft_limit is not None:
        return _(_RULES[2]).format(slots=slots_text(policy.slots), limit=policy.daily_soft_limit)
    sentences = [_("Posting during working hours is fine.")]
    if policy.slots:
        sentences.append(_("Good times are {slots}.").format(slots=slots_text(policy.slots)))
    if policy.daily_soft_limit is not None:
        sentences.append(_("Preferably no more than {limit} posts a day.").format(limit=policy.daily_soft_limit))
    return " ".join(sentences)


def level_word(level: Level) -> str:
    """ "OK", "Reminder", "Disclosure needed", "Blocked"."""
    return _(_LEVELS[level])


def mode_word(mode: Mode) -> str:
    """ "IDENTIFIED", "ANONYMOUS ALLOWED", "BLOCKED"."""
    return _(_MODES[mode])


def count_word(state: CountState) -> str:
    """ "OK", "NEAR", "OVER"."""
    return _(_COUNT_STATES[state])


def machine_word(machine: Machine) -> str:
    """ "work computer", "private computer", "unknown computer"."""
    return _(_MACHINES[machine])


def machine_source(source: str) -> str:
    """Why the computer counts as it does (policy facts 3.3): "over SSH the computer you sit at can't be seen"."""
    return _(_MACHINE_SOURCES[source])


def computer_text(finding: Finding, source: str) -> str:
    """Why the computer counts as it does, where it is a reason of the finding: "work computer: over SSH …"; else ""."""
    whys = (why for why in finding.why if why in ("work-computer", "unknown-computer"))
    return next((f"{why_word(why)}: {machine_source(source)}" for why in whys), "")


def role_word(role: str) -> str:
    """The role as the user's language says it; a role that the company named itself stays as it is."""
    return _(_ROLES[role]) if role in _ROLES else role


def missing_word(fact: str) -> str:
    """What rule 4 lacks: "employer", "name"."""
    return _(_MISSING[fact])


def why_word(reason: str) -> str:
    """Why rule 4 applies: "working hours", "work computer", "unknown computer"."""
    return _(_WHY[reason])


def fix_text(fix_id: str) -> str:
    """The label of a one-key action. Raises KeyError for an id that policy facts 6 does not have."""
    return _(_FIXES[fix_id])


def slots_text(slots: tuple[time, ...]) -> str:
    """ "08:40, 11:40 and 15:00"."""
    return listed([clock(slot) for slot in sorted(slots)])


def finding_text(finding: Finding, policy: Policy, now: datetime | None = None) -> str:
    """What a finding says to the user: one to three plain sentences.

    `now` (aware) lets it say "tomorrow 08:40" of a time; without it the weekday stands. Raises KeyError for an id
    that policy facts 5.3 does not have.
    """
    return _FINDING_TEXTS[finding.id](finding, policy, now)


def silence_text(status: Status, policy: Policy) -> str | None:
    """Rule 1's reminder to a country manager, None while there is nothing to remind of.

    Status says when it is due (policy facts 6, P1); showing it at most once a day is the caller's.
    """
    n = status.silence_workdays
    if not status.silence_nudge or n is None:
        return None
    slot = when(status.next_slot, status.now, policy.zone) if status.next_slot else _("none")
    return ngettext(
        "As {role} you are expected to be active (rule 1). Your last post is {n} working day old. Next time: {slot}.",
        "As {role} you are expected to be active (rule 1). Your last post is {n} working days old. Next time: {slot}.",
        n,
    ).format(role=role_word(policy.role), n=n, slot=slot)


def _count(finding: Finding, policy: Policy, now: datetime | None) -> str:
    return _(
        "The guideline is at most {limit} posts a day (rule 2). This would be number {k}. You may still send it."
    ).format(limit=finding.params.get("limit", policy.daily_soft_limit), k=finding.params["k"])


def _slot(finding: Finding, policy: Policy, now: datetime | None) -> str:
    slots, slot = slots_text(policy.slots), finding.params.get("slot")
    if not isinstance(slot, datetime):
        return _("Recommended times in working hours are {slots} (rule 2). You may send now.").format(slots=slots)
    if now is None:
        shown = f"{weekday(slot.astimezone(policy.zone).date())} {clock_in(policy.zone, slot)}"
    else:
        shown = when(slot, now, policy.zone)
    return _("Recommended times in working hours are {slots} (rule 2). The next is {slot}. You may send now.").format(
        slots=slots, slot=shown
    )


def _not_anonymous(finding: Finding, policy: Policy, now: datetime | None) -> str:
    return _(
        "In working hours and on a work computer it must be clear where you work and who you are (rule 4). "
        "Missing: {missing}. Applies now: {why}."
    ).format(
        missing=listed([missing_word(fact) for fact in finding.missing]),
        why=listed([why_word(reason) for reason in finding.why]),
    )


def _link(finding: Finding, policy: Policy, now: datetime | None) -> str:
    return _("The same text from an anonymous and an identified account can reveal who you are.")


def _competitor(finding: Finding, policy: Policy, now: datetime | None) -> str:
    if finding.level == Level.NUDGE:
        text = _("You mention {competitor}. Your profile shows where you work; better say it in the post too (rule 5).")
    else:
        text = _(
            "You mention {competitor}. Then it must be clear where you work (rule 5). "
            "Say so in the post or in the profile."
        )
    return text.format(competitor=listed(_strings(finding.params, "competitor")))


def _respect(finding: Finding, policy: Policy, now: datetime | None) -> str:
    return _('"{term}" close to {competitor}: competitors are to be met with respect (rule 5). Rephrase?').format(
        term='", "'.join(_strings(finding.params, "term")),
        competitor=listed(_strings(finding.params, "competitor")),
    )


def _configuration(finding: Finding, policy: Policy, now: datetime | None) -> str:
    error = "".join(_strings(finding.params, "error"))
    if not error:
        return _("The policy could not be evaluated. Nothing is sent until it is repaired; the draft is kept.")
    return _(
        "The policy could not be evaluated: {error}. Nothing is sent until it is repaired; the draft is kept."
    ).format(error=error)


def _strings(params: Mapping[str, object], name: str) -> list[str]:
    """A parameter's texts: several under the plural of its name, else the one under its name."""
    value = params.get(f"{name}s", params.get(name, ()))
    if isinstance(value, str):
        return [value] if value else []
    return [str(item) for item in value] if isinstance(value, tuple) else []


_FINDING_TEXTS = {
    "P2-COUNT": _count,
    "P2-SLOT": _slot,
    "P4": _not_anonymous,
    "P4-LINK": _link,
    "P5-ID": _competitor,
    "P5-RESPECT": _respect,
    "CFG-ERROR": _configuration,
}
