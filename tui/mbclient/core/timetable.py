"""The recommended times to come and what is planned for each: where the queue has room (policy facts 8)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from mbclient.core.judge import Judge
from mbclient.core.parts import folded
from mbclient.core.stores import OPEN_STATES, Outbox, OutboxRow, SendState
from mbclient.domain.lazydataclass import dataclass
from mbclient.policy import counting, slots
from mbclient.policy.calendar import ONE_DAY, after_work, local_date

LOOK_DAYS = 30  # ahead for days with recommended times: a long holiday is no reason to look for ever


@dataclass(frozen=True, slots=True)
class Slot:
    """A recommended time. `load` of `capacity` are in its window, sent ones too; None is no limit.

    `planned`: the posts that wait for it, one row a target. `next`: the first one with room.
    """

    at: datetime
    load: int
    capacity: int | None
    planned: tuple[OutboxRow, ...] = ()
    next: bool = False

    @property
    def full(self) -> bool:
        return self.capacity is not None and self.load >= self.capacity


@dataclass(frozen=True, slots=True)
class Day:
    """A local day with its recommended times to come and the planned posts beside them, in order."""

    date: date
    slots: tuple[Slot, ...]
    others: tuple[OutboxRow, ...] = ()


class Timetable:
    """Reads alone. Everything by the corrected time, as the meter has it."""

    def __init__(self, judge: Judge, outbox: Outbox) -> None:
        self._judge = judge
        self._outbox = outbox

    def days(self, number: int) -> Sequence[Day]:
        """The next `number` days that have a recommended time to come; between them also days with planned posts."""
        policy, now = self._judge.policy, self._judge.corrected_now()
        groups = counting.groups(policy, self._judge.facts(now))
        capacity, first = slots.capacity(policy), slots.next_slot(policy, groups, now)
        waiting = self.planned()
        found: list[Day] = []
        day = local_date(policy, now)
        for _ahead in range(LOOK_DAYS):
            here = [row for row in waiting if row.draft.due and local_date(policy, row.draft.due) == day]
            coming = [at for at in slots.slot_instants(policy, day) if at >= now]
            made = []
            for at in coming:
                rows = tuple(row for row in here if row.draft.due and slots.window_of(policy, row.draft.due) == at)
                made.append(Slot(at, slots.load(policy, groups, at), capacity, rows, next=at == first))
            others = tuple(row for row in here if not any(row in slot.planned for slot in made))
            if made or others:
                found.append(Day(day, tuple(made), others))
            if sum(bool(each.slots) for each in found) >= number:
                break
            day += ONE_DAY
        return found

    def planned(self) -> Sequence[OutboxRow]:
        """Everything that waits for a time, the soonest first."""
        rows = [row for row in self._outbox.rows(states=OPEN_STATES) if row.draft.due is not None]
        waiting = [row for row in folded(rows) if row.state is SendState.QUEUED]
        return sorted(waiting, key=lambda row: (row.draft.due or row.created_at, row.outbox, row.account))

    def after_work(self) -> datetime | None:
        """When today's working hours have ended; None where they have."""
        now = self._judge.corrected_now()
        end = after_work(self._judge.policy, now)
        return end if end is not None and end - now < timedelta(days=1) and end > now else None
