"""A policy as the table it could have been read from: every key of policy facts 4.1 with the value in force."""

from __future__ import annotations

from datetime import timedelta

from mbclient.policy.model import Alias, Interval, Organisation, Policy
from mbclient.policy.parse import WEEKDAYS

_DAY = 24 * 60


def policy_table(policy: Policy) -> dict[str, object]:
    """JSON's and TOML's types only; "none" is no limit, as TOML has no null. `parse_policy` reads it back the same."""
    hours = {name: _hours(intervals) for name, intervals in zip(WEEKDAYS, policy.week, strict=True)}
    return {
        "schema": 1,
        "timezone": policy.zone_name,
        "employer": _organisation(policy.employer),
        "person": {
            "name": policy.person_name,
            "role": policy.role,
            "role_since": policy.role_since.isoformat() if policy.role_since else "",
        },
        "work": {
            **hours,
            "holidays": policy.holidays,
            "eves_off": policy.eves_off,
            "exceptions": [
                {"date": day.isoformat(), "hours": _hours(intervals)} for day, intervals in policy.exceptions.items()
            ],
            "absences": [{"from": one.first.isoformat(), "to": one.last.isoformat()} for one in policy.absences],
            "user_may_set_hours": policy.user_may_set_hours,
        },
        "posting": _posting(policy),
        "identity": {"recheck_days": policy.recheck_days},
        "machine": {"ssh_session": policy.ssh_session},
        "roles": {
            name: {"duty": role.duty, "max_silence_workdays": role.max_silence_workdays}
            for name, role in policy.roles.items()
        },
        "competitors": [_organisation(competitor) for competitor in policy.competitors],
        "competitor_rule": {
            "disclosure": policy.disclosure.value,
            "respect": policy.respect,
            "respect_extra_terms": list(policy.respect_extra_terms),
            "respect_allow_terms": list(policy.respect_allow_terms),
        },
        "overrides": {"P4": policy.override_p4.value, "P5-ID": policy.override_p5_id.value},
        "reading": {
            "idle_timeout_s": _seconds(policy.idle_timeout),
            "tail_s": _seconds(policy.tail),
            "words_per_minute": policy.words_per_minute,
            "hourly_rate": policy.hourly_rate,
            "currency": policy.currency,
        },
        "log": {"retention_days": policy.log_retention_days},
    }


def _posting(policy: Policy) -> dict[str, object]:
    return {
        "slots": [f"{slot:%H:%M}" for slot in policy.slots],
        "slot_tolerance_min": _minutes(policy.slot_tolerance),
        "slot_capacity": "auto" if policy.slot_capacity is None else policy.slot_capacity,
        "daily_soft_limit": "none" if policy.daily_soft_limit is None else policy.daily_soft_limit,
        "crosspost_window_min": _minutes(policy.crosspost_window),
        "max_late_min": _minutes(policy.max_late),
        "max_queue_min": _minutes(policy.max_queue),
    }


def _organisation(one: Organisation) -> dict[str, object]:
    return {
        "name": one.name,
        "aliases": [_alias(alias) for alias in one.aliases],
        "handles": list(one.handles),
        "domains": list(one.domains),
        "hashtags": list(one.hashtags),
    }


def _alias(alias: Alias) -> object:
    return {"text": alias.text, "case_sensitive": True} if alias.case_sensitive else alias.text


def _hours(intervals: tuple[Interval, ...]) -> list[str]:
    return [f"{_wall(one.start)}-{_wall(one.end)}" for one in intervals]


def _wall(minutes: int) -> str:
    """Midnight at the end of the day is 24:00; past it, the next day's time."""
    hour, minute = divmod(minutes if minutes <= _DAY else minutes - _DAY, 60)
    return f"{hour:02}:{minute:02}"


def _minutes(length: timedelta) -> int:
    return length // timedelta(minutes=1)


def _seconds(length: timedelta) -> int:
    return length // timedelta(seconds=1)
