"""The outbox: a post is on disk before it is on the wire (reliability facts 3)."""

from __future__ import annotations

from collections.abc import Sequence

from mbclient.core.stores import OutboxRow, SendState
from mbclient.domain.errors import StorageError
from mbclient.storage.codec import microseconds, repaired
from mbclient.storage.codec_own import decode_row, encode_row
from mbclient.storage.database import Database
from mbclient.storage.locks import FileLock
from mbclient.texts import _

_COLUMNS = "outbox, account, position, key, state, created_at, body"


class OutboxStore:
    """Fills the `Outbox` port. A row's name is (outbox, account, position); its key never changes."""

    def __init__(self, database: Database, sender: FileLock) -> None:
        self._database = database
        self._sender = sender

    def add(self, rows: Sequence[OutboxRow]) -> None:
        """All rows or none. Raises `StorageError` if one is there already: sending it twice is never meant."""
        values = [_values(row) for row in rows]
        with self._database.writing() as db:
            for row in values:
                name_and_key = (*row[:3], row[3])
                if db.execute(
                    "SELECT 1 FROM outbox WHERE (outbox, account, position) = (?, ?, ?) OR key = ?", name_and_key
                ).fetchone():
                    raise StorageError(_("this post is in the outbox already"), _("look at: mbclient outbox list"))
                db.execute(f"INSERT INTO outbox ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)", row)
                db.execute("DELETE FROM draft WHERE id = ?", (row[0],))

    def update(self, row: OutboxRow) -> None:
        """Raises `StorageError` for a row that was never added."""
        if not self.advance(row, tuple(SendState)):
            raise StorageError(_("this post is no longer in the outbox"), _("look at: mbclient outbox list"))

    def advance(self, row: OutboxRow, expected: Sequence[SendState]) -> bool:
        """Updates only while the stored state is one of `expected`: two processes can't both take a row over."""
        outbox, account, position, key, state, created, body = _values(row)
        marks = ", ".join("?" * len(expected))
        with self._database.writing() as db:
            done = db.execute(
                f"UPDATE outbox SET key = ?, state = ?, created_at = ?, body = ?"
                f" WHERE (outbox, account, position) = (?, ?, ?) AND state IN ({marks})",
                (key, state, created, body, outbox, account, position, *(known.value for known in expected)),
            )
            return done.rowcount == 1

    def rows(self, *, states: Sequence[SendState] = (), outbox: str = "") -> Sequence[OutboxRow]:
        conditions, values = [], []
        if states:
            conditions.append(f"state IN ({', '.join('?' * len(states))})")
            values += [state.value for state in states]
        if outbox:
            conditions.append("outbox = ?")
            values.append(repaired(outbox))
        where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
        with self._database.reading() as db:
            found = db.execute(f"SELECT {_COLUMNS} FROM outbox {where} ORDER BY created_at, id", values).fetchall()
        return [decode_row(*row) for row in found]

    def sent_ids(self, account: str) -> Sequence[tuple[str, str]]:
        with self._database.reading() as db:
            found = db.execute(
                "SELECT outbox || ':' || account || ':' || position, json_extract(body, '$.remote_id') FROM outbox"
                " WHERE state = ? AND account = ? AND json_extract(body, '$.remote_id') IS NOT NULL",
                (SendState.SENT.value, repaired(account)),
            )
            return [(str(name), str(remote_id)) for name, remote_id in found]

    def claim_sending(self) -> bool:
        return self._sender.take()


def _values(row: OutboxRow) -> tuple[str, str, int, str, str, int, str]:
    return (
        repaired(row.outbox),
        repaired(row.account),
        row.position,
        repaired(row.key),
        row.state.value,
        microseconds(row.created_at),
        encode_row(row),
    )
