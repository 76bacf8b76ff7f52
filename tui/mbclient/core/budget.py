"""The time budget that an employee may set for their own reading: one quiet line a day, never more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from mbclient.core.figures import Day, minutes
from mbclient.core.figurewords import duration
from mbclient.core.preferences import Measuring
from mbclient.texts import _, ngettext


class TimeBudget:
    """Counts what was read, pauses left out; a day on which nothing was measured has no budget."""

    def __init__(self, wanted: Callable[[], Measuring]) -> None:
        self._wanted = wanted
        self._day: date | None = None  # being shown since
        self._seen: date | None = None  # taken away

    def words(self, today: Day) -> str:
        """What to show now; empty while there is time left, and once the line was taken away."""
        budget = self._wanted().budget_minutes
        if not budget or today.reading is None or minutes(today.reading.total) < budget or self._seen == today.date:
            return ""
        self._day = today.date
        words = _("You have read for {time} today, and wanted to know at {budget} min. s shows on what.")
        return words.format(time=duration(today.reading.total), budget=budget)

    def put_away(self) -> None:
        """The user has read it; tomorrow is another day."""
        self._seen = self._day


def farewell(today: Day, limit: int | None) -> str:
    """The day in one sentence, for whoever wants it on leaving."""
    if limit is None or not today.workday:
        posts = ngettext("{n} post", "{n} posts", today.posts).format(n=today.posts)
    else:
        posts = ngettext("{n} post of {limit}", "{n} posts of {limit}", today.posts).format(n=today.posts, limit=limit)
    if today.reading is None:
        return _("Today: {posts}.").format(posts=posts)
    words = _("Today: {posts}; read {time} in work time, {related} of it on work, and {outside} outside.")
    return words.format(
        posts=posts,
        time=duration(today.reading.in_work_time),
        related=duration(today.reading.related_in_work_time),
        outside=duration(today.reading.outside),
    )
