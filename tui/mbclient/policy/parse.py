"""A policy table (the keys of policy facts 4.1) as a `Policy`, with everything that is wrong with it (4.3).

The table is what a TOML or JSON reader gives. Files, lines and which file wins are others' concern.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, tzinfo
from typing import Any

from mbclient.domain.marked import N_
from mbclient.policy import values
from mbclient.policy.cleaning import clean, fold
from mbclient.policy.model import (
    DEFAULT_ZONE,
    Absence,
    Disclosure,
    Interval,
    Organisation,
    Override,
    Policy,
    Role,
)
from mbclient.policy.values import Problem, Section, Wrong, list_of

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EMPLOYEE = "employee"
_YEAR_OF_MINUTES = 366 * 24 * 60
_HALF_DAY = 12 * 60  # a wider window around a recommended time would be no recommendation

__all__ = ["EMPLOYEE", "WEEKDAYS", "Problem", "parse_policy"]


def parse_policy(
    table: Mapping[str, object], zone: Callable[[str], tzinfo], base: Policy | None = None
) -> tuple[Policy, list[Problem]]:
    """The policy of a table over `base` (the built-in defaults if None), and every problem found.

    `zone` gives the time zone of an IANA name and raises LookupError, ValueError or OSError for one that is
    not to be had. A key with a problem keeps the value of `base`; whether the whole table is refused for an
    error is the caller's to decide. Warnings never refuse one.
    """
    problems: list[Problem] = []
    top = Section(table, (), problems)
    top.take("schema", _schema, 1)
    policy = base or Policy(zone=zone(DEFAULT_ZONE))
    found: dict[str, Any] = {}
    found |= _zone(top, zone, policy)
    found["employer"] = _employer(top.section("employer"), policy.employer)
    found |= _work(top.section("work"), policy)
    found |= _posting(top.section("posting"), policy)
    found["roles"] = _roles(top.section("roles"), policy.roles)
    found |= _person(top.section("person"), policy, found["roles"])
    found["competitors"] = top.take("competitors", _competitors(problems), policy.competitors)
    found |= _rules(top, policy)
    found |= _figures(top, policy)
    top.close()
    parsed = replace(policy, **found)
    problems += _clashes(parsed)
    problems += _idle_slots(parsed)
    return parsed, problems


def _schema(value: object) -> int:
    if value != 1 or isinstance(value, bool):
        raise Wrong(N_("must be 1: this program knows no other"))
    return 1


def _zone(top: Section, zone: Callable[[str], tzinfo], policy: Policy) -> dict[str, Any]:
    def convert(value: object) -> tuple[str, tzinfo]:
        name = values.text(value)
        try:
            return name, zone(name)
        except (LookupError, ValueError, OSError):
            raise Wrong(N_('must be a time zone such as "Europe/Stockholm"')) from None

    name, found = top.take("timezone", convert, (policy.zone_name, policy.zone))
    return {"zone_name": name, "zone": found}


def _employer(section: Section, base: Organisation) -> Organisation:
    employer = _organisation(section, base)
    section.close()
    return employer


def _organisation(section: Section, base: Organisation) -> Organisation:
    return Organisation(
        name=section.take("name", values.text, base.name),
        aliases=section.take("aliases", list_of(values.alias), base.aliases),
        handles=section.take("handles", list_of(values.handle), base.handles),
        domains=section.take("domains", list_of(values.domain), base.domains),
        hashtags=section.take("hashtags", list_of(values.hashtag), base.hashtags),
    )


def _competitors(problems: list[Problem]) -> Callable[[object], tuple[Organisation, ...]]:
    """All competitors that are right; what is wrong with the others goes to `problems`, each by its index."""

    def convert(value: object) -> tuple[Organisation, ...]:
        found = []
        for index, item in enumerate(list_of(lambda one: one)(value)):
            before = len(problems)
            section = Section(item, ("competitors", index), problems)
            one = _organisation(section, Organisation())
            section.close()
            if len(problems) == before and not (one.aliases or one.handles or one.domains or one.hashtags):
                section.problem(N_("has no alias, handle, domain or hashtag to be known by"))
            if len(problems) == before:
                found.append(one)
        return tuple(found)

    return convert


def _work(section: Section, policy: Policy) -> dict[str, Any]:
    week = tuple(section.take(name, values.intervals, policy.week[index]) for index, name in enumerate(WEEKDAYS))
    found = {
        "week": week,
        "holidays": section.take("holidays", values.choice("SE", "none"), policy.holidays),
        "eves_off": section.take("eves_off", values.flag, policy.eves_off),
        "exceptions": section.take("exceptions", _exceptions, policy.exceptions),
        "absences": section.take("absences", list_of(_absence), policy.absences),
        "user_may_set_hours": section.take("user_may_set_hours", values.flag, policy.user_may_set_hours),
    }
    section.close()
    return found


def _fields(value: object, converters: Mapping[str, Callable[[object], Any]]) -> dict[str, Any]:
    """An inline table whose every key is required."""
    problems: list[Problem] = []
    section = Section(value, (), problems)
    found = {key: section.take(key, convert, None) for key, convert in converters.items()}
    section.close()
    for key in converters:
        if not problems and key not in section:
            section.problem(values.MISSING, key)
    if problems:
        raise Wrong.of(problems[0])
    return found


def _exceptions(value: object) -> dict[date, tuple[Interval, ...]]:
    read = list_of(lambda item: _fields(item, {"date": values.day, "hours": values.intervals}))
    found: dict[date, tuple[Interval, ...]] = {}
    for index, one in enumerate(read(value)):
        if one["date"] in found:
            raise Wrong(N_("the date stands here twice"), (index, "date"))
        found[one["date"]] = one["hours"]
    return found


def _absence(value: object) -> Absence:
    one = _fields(value, {"from": values.day, "to": values.day})
    if one["to"] < one["from"]:
        raise Wrong(N_("must not lie before the first day"), ("to",))
    return Absence(one["from"], one["to"])


def _posting(section: Section, policy: Policy) -> dict[str, Any]:
    limit = values.whole_or("none", True, values.whole(0, 10_000))
    found = {
        "slots": section.take("slots", values.clocks, policy.slots),
        "slot_tolerance": section.take("slot_tolerance_min", values.minutes(_HALF_DAY), policy.slot_tolerance),
        "slot_capacity": section.take(
            "slot_capacity", values.whole_or("auto", False, values.whole(0, 10_000)), policy.slot_capacity
        ),
        "daily_soft_limit": section.take("daily_soft_limit", limit, policy.daily_soft_limit),
        "crosspost_window": section.take(
            "crosspost_window_min", values.minutes(_YEAR_OF_MINUTES), policy.crosspost_window
        ),
        "max_late": section.take("max_late_min", values.minutes(_YEAR_OF_MINUTES), policy.max_late),
        "max_queue": section.take("max_queue_min", values.minutes(_YEAR_OF_MINUTES), policy.max_queue),
    }
    section.close()
    return found


def _roles(section: Section, base: Mapping[str, Role]) -> dict[str, Role]:
    roles = dict(base)
    for name in section.names():
        one = section.section(name)
        known = roles.get(name, Role())
        roles[name] = Role(
            duty=one.take("duty", values.choice("active", ""), known.duty),
            max_silence_workdays=one.take("max_silence_workdays", values.whole(0, 10_000), known.max_silence_workdays),
        )
        one.close()
    section.close()
    return roles


def _person(section: Section, policy: Policy, roles: Mapping[str, Role]) -> dict[str, Any]:
    def since(value: object) -> date | None:
        return None if value == "" else values.day(value)

    found = {
        "person_name": section.take("name", values.text, policy.person_name),
        "role": section.take("role", values.choice(EMPLOYEE, *roles), policy.role),
        "role_since": section.take("role_since", since, policy.role_since),
    }
    section.close()
    return found


def _rules(top: Section, policy: Policy) -> dict[str, Any]:
    rule, overrides = top.section("competitor_rule"), top.section("overrides")
    machine, identity = top.section("machine"), top.section("identity")
    terms = list_of(_term)
    found = {
        "disclosure": rule.take("disclosure", values.one_of(Disclosure), policy.disclosure),
        "respect": rule.take("respect", values.flag, policy.respect),
        "respect_extra_terms": rule.take("respect_extra_terms", terms, policy.respect_extra_terms),
        "respect_allow_terms": rule.take("respect_allow_terms", terms, policy.respect_allow_terms),
        "override_p4": overrides.take("P4", values.one_of(Override), policy.override_p4),
        "override_p5_id": overrides.take("P5-ID", values.one_of(Override), policy.override_p5_id),
        "ssh_session": machine.take("ssh_session", values.choice("work", "as-declared"), policy.ssh_session),
        "recheck_days": identity.take("recheck_days", values.whole(1, 10_000), policy.recheck_days),
    }
    for section in (rule, overrides, machine, identity):
        section.close()
    return found


def _term(value: object) -> str:
    return values.alias(values.plain(value)).text


def _figures(top: Section, policy: Policy) -> dict[str, Any]:
    reading, log = top.section("reading"), top.section("log")
    found = {
        "idle_timeout": reading.take("idle_timeout_s", values.seconds, policy.idle_timeout),
        "tail": reading.take("tail_s", values.seconds, policy.tail),
        "words_per_minute": reading.take("words_per_minute", values.whole(1, 10_000), policy.words_per_minute),
        "hourly_rate": reading.take("hourly_rate", values.amount, policy.hourly_rate),
        "currency": reading.take("currency", values.text, policy.currency),
        "log_retention_days": log.take("retention_days", values.whole(0, 10_000), policy.log_retention_days),
    }
    reading.close()
    log.close()
    return found


def _clashes(policy: Policy) -> list[Problem]:
    """A competitor that would be met in the employer's own name."""
    employer = policy.employer
    own = {_key(alias.text) for alias in employer.aliases}
    own |= {_key(employer.name)} if employer.name else set()
    return [
        Problem(("competitors", index, "aliases", number), N_("is an alias of the employer too"))
        for index, competitor in enumerate(policy.competitors)
        for number, alias in enumerate(competitor.aliases)
        if _key(alias.text) in own
    ]


def _key(text: str) -> str:
    return " ".join(fold(clean(text)).replace("-", " ").split())


def _idle_slots(policy: Policy) -> list[Problem]:
    """A recommended time that lies in no work hours of any day is never recommended."""
    every = [one for hours in (*policy.week, *policy.exceptions.values()) for one in hours]
    return [
        Problem(("posting", "slots", index), N_("lies outside all work hours"), warning=True)
        for index, slot in enumerate(policy.slots)
        if not any(one.start <= at < one.end for one in every for at in _both_days(slot.hour * 60 + slot.minute))
    ]


def _both_days(at: int) -> tuple[int, int]:
    return at, at + 24 * 60
