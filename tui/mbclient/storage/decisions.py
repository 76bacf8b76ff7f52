"""The decision log: what the policy said and what happened, never a post's text (policy facts 10)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from mbclient.core.ports import Clock, Json
from mbclient.storage.codec import dump_foreign, microseconds
from mbclient.storage.database import Database


class DecisionStore:
    """Fills the `DecisionLog` port; entries older than `retention` go as new ones come."""

    def __init__(self, database: Database, clock: Clock, retention: timedelta) -> None:
        self._database = database
        self._clock = clock
        self._retention = retention

    def append(self, entry: Json) -> None:
        """An entry's time is its `ts` (ISO 8601), else now."""
        now = self._clock.now()
        with self._database.writing() as db:
            db.execute(
                "INSERT INTO decision (at, body) VALUES (?, ?)", (microseconds(_time(entry, now)), dump_foreign(entry))
            )
            db.execute("DELETE FROM decision WHERE at < ?", (microseconds(now - self._retention),))

    def entries(self) -> Sequence[Json]:
        """Oldest first, none older than the retention."""
        first = microseconds(self._clock.now() - self._retention)
        with self._database.reading() as db:
            rows = db.execute("SELECT body FROM decision WHERE at >= ? ORDER BY at, id", (first,)).fetchall()
        return [json.loads(body) for (body,) in rows]

    def delete(self, *, before: datetime | None = None) -> int:
        """How many were removed. Without `before` all are."""
        with self._database.writing() as db:
            if before is None:
                return db.execute("DELETE FROM decision").rowcount
            return db.execute("DELETE FROM decision WHERE at < ?", (microseconds(before),)).rowcount


def _time(entry: Json, now: datetime) -> datetime:
    try:
        moment = datetime.fromisoformat(str(entry.get("ts")))
    except ValueError:
        return now
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
