"""Under which number this employee's company reports go, one for each period; forgotten like the days they are of."""

from __future__ import annotations

from mbclient.core.ports import Clock
from mbclient.storage.codec import microseconds
from mbclient.storage.database import Database
from mbclient.storage.reading import SUMS_KEPT


class ContributorStore:
    """Fills the `Contributors` port."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def of(self, period: str, fresh: str) -> str:
        now = self._clock.now()
        with self._database.writing() as db:
            db.execute("DELETE FROM report_period WHERE at < ?", (microseconds(now - SUMS_KEPT),))
            db.execute("INSERT OR IGNORE INTO report_period VALUES (?, ?, ?)", (period, fresh, microseconds(now)))
            row = db.execute("SELECT contributor FROM report_period WHERE period = ?", (period,)).fetchone()
        return str(row[0])
