"""Reading time: how long posts were in front of the employee, measured from what they did (policy facts 14).

A stretch is the time that a timeline or the composer is in front. Only interactions are seen, never a text: what lies
between two of them counts in full up to the idle timeout, else as a short tail. Figures stay on this machine.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from threading import Lock

from mbclient.core.figurestores import Activity, ReadingLog, ReadingPiece
from mbclient.core.ports import Clock
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.post import Post
from mbclient.policy.calendar import day_start, local_date, spans, work_time
from mbclient.policy.model import Policy

CLOCK_JUMP_S = 5.0  # wall and monotonic clock apart by more than this: the machine slept, or its clock was set
_ZERO = timedelta(0)


@dataclass(frozen=True, slots=True)
class Attended:
    """Time that counts, on one post (None: none was under the cursor). `start`: aware UTC."""

    start: datetime
    length: timedelta
    activity: Activity
    post: Post | None = None


Cursor = Callable[[], Post | None]


class Stretch:
    """One stretch of being in front. Times are monotonic seconds, counted from `began`, which is at the wall's `at`."""

    def __init__(self, activity: Activity, at: datetime, began: float, idle: timedelta, tail: timedelta) -> None:
        self.activity = activity
        self._at = at
        self._began = began
        self._last: float | None = None  # the last interaction
        self._idle, self._tail = idle.total_seconds(), tail.total_seconds()
        self._counted: list[tuple[float, float, Post | None]] = []

    def jumped(self, at: datetime, now: float) -> bool:
        """Whether the clocks have come apart since it began."""
        return abs((at - self._at).total_seconds() - (now - self._began)) > CLOCK_JUMP_S

    def interact(self, now: float, post: Post | None) -> None:
        """`post`: the one that was under the cursor since the interaction before."""
        if self._last is not None:
            gap = now - self._last
            self._count(gap if gap <= self._idle else self._tail, post)
        self._last = now

    @property
    def has_counted(self) -> bool:
        """Whether there is something to `take`."""
        return bool(self._counted)

    def end(self, now: float, post: Post | None) -> None:
        """Nothing is in front any more: after the last interaction the tail counts, as far as there was time."""
        if self._last is not None:
            self._count(min(self._tail, now - self._last), post)
            self._last = None

    def _count(self, seconds: float, post: Post | None) -> None:
        start, counted = self._last, self._counted
        if start is None or seconds <= 0:
            return
        if counted and counted[-1][1] == start and counted[-1][2] is post:
            counted[-1] = (counted[-1][0], start + seconds, post)  # on the same post all the while
        else:
            counted.append((start, start + seconds, post))

    def take(self) -> list[Attended]:
        """What has been counted since it was last taken."""
        counted, self._counted = self._counted, []
        return [
            Attended(
                self._at + timedelta(seconds=start - self._began), timedelta(seconds=end - start), self.activity, post
            )
            for start, end, post in counted
        ]


def cut(policy: Policy, attended: Attended) -> Iterator[ReadingPiece]:
    """The parts of it between the borders of days and of work time; together they are as long as it is."""
    start, end = attended.start, attended.start + attended.length
    post = attended.post if attended.activity is Activity.READING else None
    borders = {start, end}
    day, last = local_date(policy, start), local_date(policy, end)
    while day <= last:
        for border in (day_start(policy.zone, day), *(edge for span in spans(policy, day) for edge in span)):
            if start < border < end:
                borders.add(border)
        day += timedelta(days=1)
    ordered = sorted(borders)
    for begin, finish in pairwise(ordered):
        yield ReadingPiece(
            begin,
            finish - begin,
            local_date(policy, begin),
            work_time(policy, begin),
            attended.activity,
            post.service if post is not None else "",
            post.terms if post is not None else (),
            post.account if post is not None else "",
        )


class Attention:
    """The live measure. `front` and `leave` say what is in front, `interact` that the user did something.

    An interaction costs two readings of the clock and a comparison; pieces are made when they are `take`n. `measured`:
    whether the settings want it; `unmeasured`: accounts whose posts are in no statistics (pseudonymous ones).
    """

    def __init__(
        self,
        policy: Callable[[], Policy],
        log: ReadingLog,
        clock: Clock,
        *,
        measured: Callable[[], bool],
        unmeasured: Callable[[], Sequence[str]],
    ) -> None:
        self._policy = policy
        self._log = log
        self._clock = clock
        self._measured = measured
        self._unmeasured = unmeasured
        self._stretch: Stretch | None = None
        self._cursor: Cursor = _nothing
        self._activity: Activity | None = None
        self._attended: list[Attended] = []
        self._unkept: list[ReadingPiece] = []
        self._ran: date | None = None
        self._writing = Lock()
        self.paused = False

    @property
    def active(self) -> bool:
        """Whether interactions are measured now."""
        return not self.paused and self._measured()

    @property
    def is_kept(self) -> bool:
        """Whether the log has all that was measured, and that it was measured on this day."""
        waits = self._unkept or self._attended or (self._stretch is not None and self._stretch.has_counted)
        return not waits and (not self.active or self._ran == local_date(self._policy(), self._clock.now()))

    def front(self, activity: Activity, cursor: Cursor) -> None:
        """Something else is in front. `cursor` gives the post under it."""
        self.leave()
        self._activity, self._cursor = activity, cursor
        self._begin()

    def leave(self) -> None:
        """Blur, another pane, suspend or quit: nothing that is measured is in front."""
        self._end()
        self._activity, self._cursor = None, _nothing

    def interact(self) -> None:
        """A key, scroll or click, before it is acted upon."""
        if self._stretch is None:
            return
        at, now = self._clock.now(), self._clock.monotonic()
        if self._stretch.jumped(at, now):
            self._end()
            self._begin()
        self._stretch.interact(now, self._cursor())

    def pause(self, on: bool) -> None:
        """By the user's key: what was measured so far stays."""
        self.paused = on
        self.settings_changed()

    def settings_changed(self) -> None:
        """Another policy, or measuring was switched on or off."""
        self._end()
        self._begin()

    def take(self) -> list[ReadingPiece]:
        """What was measured since the last time, cut at the borders; for the log."""
        if self._stretch is not None:
            self._attended += self._stretch.take()
        attended, self._attended = self._attended, []
        policy, unmeasured = self._policy(), frozenset(self._unmeasured())
        return [
            piece
            for each in attended
            if each.post is None or each.post.account not in unmeasured
            for piece in cut(policy, each)
        ]

    async def keep(self) -> None:
        """Writes what was measured, in a thread. What the disk does not take waits for the next time.

        Raises `StorageError`.
        """
        self._unkept += self.take()
        await asyncio.to_thread(self._write)

    async def forget(self) -> int:
        """Deletes all that was ever measured, in a thread; how many days were known. Raises `StorageError`."""
        self._unkept += self.take()
        return await asyncio.to_thread(self._delete)

    def _delete(self) -> int:
        with self._writing:  # what a thread is still writing comes before: nothing that was deleted comes back
            before = len(self._unkept)
            known = self._log.delete()
            del self._unkept[:before]
            self._ran = None
            return known

    def keep_now(self) -> None:
        """The same before the program ends."""
        self._unkept += self.take()
        self._write()

    def _write(self) -> None:
        with self._writing:  # the last words of a program may come while a thread still writes
            today = local_date(self._policy(), self._clock.now())
            if self.active and self._ran != today:
                self._log.ran(today)
                self._ran = today
            pieces = tuple(self._unkept)
            self._log.add(pieces)
            del self._unkept[: len(pieces)]

    def _begin(self) -> None:
        if self._activity is not None and self.active:
            policy = self._policy()
            self._stretch = Stretch(
                self._activity, self._clock.now(), self._clock.monotonic(), policy.idle_timeout, policy.tail
            )

    def _end(self) -> None:
        if self._stretch is not None:
            self._stretch.end(self._clock.monotonic(), self._cursor())
            self._attended += self._stretch.take()
            self._stretch = None


def _nothing() -> Post | None:
    return None
