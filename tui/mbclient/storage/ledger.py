"""The ledger: own posts, for the count (policy facts 3.6 and 7)."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from mbclient.domain.draft import Kind
from mbclient.domain.errors import StorageError
from mbclient.domain.post import Visibility
from mbclient.policy.counting import normalised
from mbclient.policy.model import LedgerEntry, LedgerStatus
from mbclient.storage.codec import instant, microseconds, repaired
from mbclient.storage.database import Database

_COLUMNS = "at, account, service, kind, segments, grouped, status, visibility, deleted, text, remote_id"
_NEAR = timedelta(minutes=10) // timedelta(microseconds=1)
_SEEN = "seen:"  # groups formed here, of posts from other clients


class LedgerStore:
    """Fills the `Ledger` port.

    A post from another client arrives without a group and is given one at once, which stays: that of an equal text
    on another service within `crosspost_window`, else its own. A remote post that settles an own item of unknown
    outcome is the core's business: it records the item with its own group before the remote post is recorded.
    """

    def __init__(self, database: Database, crosspost_window: timedelta) -> None:
        self._database = database
        self._window = crosspost_window // timedelta(microseconds=1)

    def record(self, entries: Sequence[LedgerEntry]) -> None:
        with self._database.writing() as db:
            for entry in entries:
                self._record(db, entry)

    def _record(self, db: sqlite3.Connection, entry: LedgerEntry) -> None:
        account, remote_id = repaired(entry.account), repaired(entry.remote_id)
        known = self._known(db, entry, account, remote_id)
        if known is not None:
            if entry.deleted:
                db.execute("UPDATE ledger SET deleted = 1 WHERE id = ?", (known,))
            if entry.group:  # seen on the timeline before its sending was told: it is no other client's
                own = (repaired(entry.group), known, f"{_SEEN}*")
                db.execute("UPDATE ledger SET grouped = ? WHERE id = ? AND grouped GLOB ?", own)
            return
        words = repaired(normalised(entry.text))
        at = microseconds(entry.at)
        if remote_id and not entry.group and self._named(db, account, remote_id, words, at):
            return
        group = repaired(entry.group) or self._group(db, entry, at, words)
        db.execute(
            f"INSERT INTO ledger ({_COLUMNS}, words) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                at,
                account,
                repaired(entry.service),
                entry.kind.value,
                entry.segments,
                group,
                entry.status.value,
                entry.visibility.value,
                int(entry.deleted),
                repaired(entry.text),
                remote_id,
                words,
            ),
        )

    def _known(self, db: sqlite3.Connection, entry: LedgerEntry, account: str, remote_id: str) -> int | None:
        if remote_id:
            row = db.execute(
                "SELECT id FROM ledger WHERE account = ? AND remote_id = ?", (account, remote_id)
            ).fetchone()
        else:  # nothing remote yet: the same act on the same account at the same time
            row = db.execute(
                "SELECT id FROM ledger WHERE account = ? AND remote_id = '' AND at = ? AND grouped = ?",
                (account, microseconds(entry.at), repaired(entry.group)),
            ).fetchone()
        return int(row[0]) if row else None

    def _named(self, db: sqlite3.Connection, account: str, remote_id: str, words: str, at: int) -> bool:
        """Whether it is one that was sent, and nobody could say where: that has its id from now on."""
        found = db.execute(
            "SELECT id FROM ledger WHERE account = ? AND remote_id = '' AND status = ? AND words = ?"
            " AND at BETWEEN ? AND ? LIMIT 1",
            (account, LedgerStatus.SENT.value, words, at - _NEAR, at + _NEAR),
        ).fetchone()
        if found is None:
            return False
        db.execute("UPDATE ledger SET remote_id = ? WHERE id = ?", (remote_id, found[0]))
        return True

    def _group(self, db: sqlite3.Connection, entry: LedgerEntry, at: int, words: str) -> str:
        """The oldest group of equal text that has nothing of this service and fits in the window; else a new one."""
        service = repaired(entry.service or entry.account)
        rows = db.execute(
            "SELECT grouped, min(at), max(at), max(iif(service = '', account, service) = ?) FROM ledger"
            " WHERE at BETWEEN ? AND ? AND words = ? AND grouped GLOB ? GROUP BY grouped ORDER BY min(at), min(id)",
            (service, at - 2 * self._window, at + 2 * self._window, words, f"{_SEEN}*"),
        )
        for group, first, last, has_service in rows:
            if not has_service and max(last, at) - min(first, at) <= self._window:
                return str(group)
        return f"{_SEEN}{repaired(entry.account)}:{repaired(entry.remote_id) or at}"

    def mark_deleted(self, account: str, remote_id: str) -> None:
        with self._database.writing() as db:
            db.execute(
                "UPDATE ledger SET deleted = 1 WHERE account = ? AND remote_id = ?",
                (repaired(account), repaired(remote_id)),
            )

    def entries(self, since: datetime, until: datetime) -> Sequence[LedgerEntry]:
        """Those with `since` <= at < `until`, oldest first. A group formed here is told once it has two members."""
        with self._database.reading() as db:
            rows = db.execute(
                f"SELECT {_COLUMNS} FROM ledger WHERE at >= ? AND at < ? ORDER BY at, id",
                (microseconds(since), microseconds(until)),
            ).fetchall()
        found = [_entry(*row) for row in rows]
        sizes = Counter(entry.group for entry in found)
        return [
            replace(entry, group="") if entry.group.startswith(_SEEN) and sizes[entry.group] == 1 else entry
            for entry in found
        ]

    def role_since(self, role: str, today: date) -> date:
        """Where it cannot be noted now it is today, and noted another time: every meter asks, and no key waits."""
        with self._database.reading() as db:
            row = db.execute("SELECT since FROM role_seen WHERE role = ?", (repaired(role),)).fetchone()
        if row is None:
            try:
                with self._database.writing(waits=False) as db:
                    db.execute("INSERT OR IGNORE INTO role_seen VALUES (?, ?)", (repaired(role), today.isoformat()))
                    row = db.execute("SELECT since FROM role_seen WHERE role = ?", (repaired(role),)).fetchone()
            except StorageError:  # full, or held by another program: told by what must be kept
                return today
        return date.fromisoformat(row[0])


def _entry(
    at: int,
    account: str,
    service: str,
    kind: str,
    segments: int,
    group: str,
    status: str,
    visibility: str,
    deleted: int,
    text: str,
    remote_id: str,
) -> LedgerEntry:
    return LedgerEntry(
        at=instant(at),
        account=account,
        service=service,
        kind=Kind(kind),
        segments=segments,
        group=group,
        status=LedgerStatus(status),
        visibility=Visibility(visibility),
        deleted=bool(deleted),
        text=text,
        remote_id=remote_id,
    )
