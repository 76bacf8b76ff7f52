"""How long a row still waits: a due time by the servers' clock, any other wait by seconds that never jump.

So a clock that is set anew, or that was wrong all along, sends nothing before its time, and a few seconds of undo stay
a few seconds (reliability facts 4.3).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from mbclient.core.ports import Clock
from mbclient.core.stores import OutboxRow

FIRST_BACKOFF_S, LAST_BACKOFF_S = 2.0, 300.0
READ_BACK_PAUSE = timedelta(seconds=60)
READ_BACKS = 2
LONGEST = timedelta(minutes=66)  # an hour's limit of a server with its jitter: no wait of ours is longer
JITTER = random.SystemRandom()


def backoff(attempts: int) -> float:
    """Seconds before another try: 2, 4, 8 … 300, full jitter, never less than half a second."""
    ceiling = min(FIRST_BACKOFF_S * 2.0 ** max(0, min(attempts, 10) - 1), LAST_BACKOFF_S)
    return max(0.5, JITTER.random() * ceiling)


class Waits:
    """`now` is the corrected time. What has been seen waiting is remembered until `only` forgets it."""

    def __init__(self, clock: Clock, now: Callable[[], datetime]) -> None:
        self._clock = clock
        self._now = now
        self._ends: dict[str, tuple[datetime, float]] = {}

    def seconds(self, row: OutboxRow) -> float:
        """Until the row may be handled; 0 when it may now."""
        if row.scheduled_id:  # looked for after its time, which is the server's
            return self._until(row.not_before)
        if row.draft.due is None or row.draft.on_server:
            return self._wait(row)
        due = self._until(row.draft.due)
        return max(due, self._wait(row)) if row.attempts else due

    def over(self, row: OutboxRow) -> bool:
        return self.seconds(row) <= 0

    def only(self, rows: Iterable[OutboxRow]) -> None:
        """Forgets whatever is not among these."""
        names = {row.name for row in rows}
        self._ends = {name: end for name, end in self._ends.items() if name in names}

    def _until(self, instant: datetime) -> float:
        return max(0.0, (instant - self._now()).total_seconds())

    def _wait(self, row: OutboxRow) -> float:
        """Seconds from when the row was first seen to wait until this instant, whatever the clock does meanwhile."""
        began = self._ends.get(row.name)
        if began is None or began[0] != row.not_before:
            left = row.not_before - self._clock.now()
            longest = LONGEST if row.attempts else row.not_before - row.created_at  # since then it was set back
            left = max(timedelta(0), min(left, longest, LONGEST))
            began = self._ends[row.name] = (row.not_before, self._clock.monotonic() + left.total_seconds())
        return max(0.0, began[1] - self._clock.monotonic())
