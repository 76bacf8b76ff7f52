"""Recommended times: instants, windows, load and the next one (policy facts 8)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from functools import lru_cache

from mbclient.policy.calendar import ONE_DAY, local_date, resolve, spans, workday
from mbclient.policy.counting import Group
from mbclient.policy.model import Policy

DAYS_AHEAD = 366


def slot_instants(policy: Policy, day: date) -> tuple[datetime, ...]:
    """The configured times of a date as instants in work time, in order, each once."""
    work = spans(policy, day)
    return _instants(policy.zone, day, policy.slots, work) if work else ()


@lru_cache(maxsize=4096)
def _instants(
    zone: tzinfo, day: date, slots: tuple[time, ...], work: tuple[tuple[datetime, datetime], ...]
) -> tuple[datetime, ...]:
    instants = {resolve(zone, day, wall) for wall in slots}
    return tuple(sorted(at for at in instants if any(start <= at < end for start, end in work)))


def slots_near(policy: Policy, instant: datetime, reach: timedelta) -> list[datetime]:
    """Every slot instant at most `reach` from an instant."""
    day, last = local_date(policy, instant - reach) - ONE_DAY, local_date(policy, instant + reach)
    near: set[datetime] = set()
    while day <= last:
        near.update(slot for slot in slot_instants(policy, day) if abs(slot - instant) <= reach)
        day += ONE_DAY
    return sorted(near)


def window_of(policy: Policy, instant: datetime) -> datetime | None:
    """The slot whose window holds the instant, to the second: the nearest, at equal distance the earlier."""
    second = instant.replace(microsecond=0)
    near = slots_near(policy, second, policy.slot_tolerance)
    return min(near, key=lambda slot: (abs(slot - second), slot), default=None)


def window_end(policy: Policy, slot: datetime) -> datetime:
    """The last instant of a slot's window; where two windows overlap, the middle belongs to the earlier."""
    later = [other for other in slots_near(policy, slot, 2 * policy.slot_tolerance) if other > slot]
    end = slot + policy.slot_tolerance
    return min(end, slot + (later[0] - slot) / 2) if later else end


def capacity(policy: Policy) -> int | None:
    """Groups that a slot is meant for; None is no limit. "auto": the daily limit shared out, rounded up."""
    if policy.slot_capacity is not None:
        return policy.slot_capacity
    if policy.daily_soft_limit is None or not policy.slots:
        return None
    return -(-policy.daily_soft_limit // len(policy.slots))


def load(policy: Policy, groups: Sequence[Group], slot: datetime) -> int:
    """Groups, planned ones too but no replies, whose instant lies in the slot's window."""
    reach = policy.slot_tolerance + timedelta(seconds=1)  # windows are to the second, posts are not
    return sum(
        not group.reply and abs(group.at - slot) < reach and window_of(policy, group.at) == slot for group in groups
    )


def is_full(policy: Policy, groups: Sequence[Group], slot: datetime) -> bool:
    """Whether the slot has had as many groups as it is meant for."""
    limit = capacity(policy)
    return limit is not None and load(policy, groups, slot) >= limit


def next_slot(policy: Policy, groups: Sequence[Group], now: datetime) -> datetime | None:
    """The earliest slot from `now` on that is not full, on a workday at most 366 days ahead; else None."""
    return _first_free(policy, groups, now, local_date(policy, now), DAYS_AHEAD)


def next_workday_slot(policy: Policy, groups: Sequence[Group], now: datetime) -> datetime | None:
    """The earliest slot that is not full on a later day than today: the fix `schedule-next-workday`."""
    return _first_free(policy, groups, now, local_date(policy, now) + ONE_DAY, DAYS_AHEAD - 1)


def _first_free(policy: Policy, groups: Sequence[Group], now: datetime, first: date, days: int) -> datetime | None:
    if not policy.slots or capacity(policy) == 0:
        return None
    for ahead in range(days + 1):
        day = first + timedelta(days=ahead)
        for slot in slot_instants(policy, day):
            if slot >= now and workday(policy, local_date(policy, slot)) and not is_full(policy, groups, slot):
                return slot
    return None


def current_slot(policy: Policy, groups: Sequence[Group], now: datetime) -> datetime | None:
    """The slot whose window holds `now`, if it is on a workday and not full; else None."""
    slot = window_of(policy, now)
    if slot is None or not workday(policy, local_date(policy, slot)) or is_full(policy, groups, slot):
        return None
    return slot
