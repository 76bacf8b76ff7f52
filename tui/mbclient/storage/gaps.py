"""Where the archive is known to have holes, each at its place in the order of entries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from mbclient.core.stores import Gap
from mbclient.storage import shelf
from mbclient.storage.codec import instant, microseconds, repaired
from mbclient.storage.database import Database


class GapStore:
    """Fills the `Gaps` port."""

    def __init__(self, writer: Database, reader: Database) -> None:
        self._writer = writer
        self._reader = reader

    def all(self) -> Sequence[Gap]:
        with self._reader.reading() as db:
            rows = db.execute("SELECT account, key, since, cursor FROM gap ORDER BY key DESC").fetchall()
        return [Gap(account, key, _upper(key), instant(since), cursor) for account, key, since, cursor in rows]

    def mark(self, account: str, below: datetime, since: datetime, cursor: str) -> Gap:
        """Directly below the millisecond of `below`, in a place that neither a post nor another gap has."""
        name, key = repaired(account), shelf.first_key(below) - 1
        with self._writer.writing() as db:
            while db.execute(
                "SELECT 1 FROM entry WHERE key = :key"
                " UNION ALL SELECT 1 FROM gap WHERE key = :key AND account <> :name",
                {"key": key, "name": name},
            ).fetchone():
                key -= 1
            gap = Gap(name, key, _upper(key), since, repaired(cursor))
            db.execute(
                "INSERT OR REPLACE INTO gap (account, key, since, cursor) VALUES (?, ?, ?, ?)",
                (gap.account, gap.key, microseconds(gap.since), gap.cursor),
            )
        return gap

    def close(self, gap: Gap) -> None:
        with self._writer.writing() as db:
            db.execute("DELETE FROM gap WHERE account = ? AND key = ?", (repaired(gap.account), gap.key))


def _upper(key: int) -> datetime:
    """The gap's upper edge, to the millisecond."""
    return instant((key // shelf.TIEBREAKS + 1) * 1000)
