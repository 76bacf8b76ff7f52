"""Drafts: what is being written, safe on the disk twice: in the data file and in small files of their own."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from mbclient.core.stores import SavedDraft
from mbclient.domain.errors import StorageError
from mbclient.storage.codec import microseconds, repaired
from mbclient.storage.codec_own import decode_draft, encode_draft
from mbclient.storage.database import Database
from mbclient.storage.draftfiles import DraftFiles

_INSERT = "INSERT OR REPLACE INTO draft (id, saved_at, cursor, body) VALUES (?, ?, ?, ?)"


class DraftStore:
    """Fills the `Drafts` port."""

    def __init__(self, database: Database, files: DraftFiles) -> None:
        self._database = database
        self._files = files

    def save(self, saved: SavedDraft) -> None:
        """The small file first, which may still find room; raises `StorageError` when the data file takes it not."""
        with suppress(StorageError):
            self._files.write(saved)
        with self._database.writing() as db:
            db.execute(_INSERT, _values(saved))

    def get(self, id: str) -> SavedDraft | None:
        found = self._select("WHERE id = ?", (repaired(id),))
        return found[0] if found else None

    def list(self) -> Sequence[SavedDraft]:
        return self._select("ORDER BY saved_at DESC, id DESC")

    def _select(self, how: str, values: tuple[str, ...] = ()) -> Sequence[SavedDraft]:
        with self._database.reading() as db:
            rows = db.execute(f"SELECT id, saved_at, cursor, body FROM draft {how}", values).fetchall()
        return [decode_draft(*row) for row in rows]

    def delete(self, id: str) -> None:
        with self._database.writing() as db:
            db.execute("DELETE FROM draft WHERE id = ?", (repaired(id),))
        self._files.remove(id)

    def hold(self, id: str) -> bool:
        return self._files.hold(id)

    def let_go(self, id: str) -> None:
        self._files.let_go(id)

    def left_open(self) -> Sequence[SavedDraft]:
        found = []
        for name in self._files.left_open():
            saved = self.get(name)
            if saved is None:
                self._files.let_go(name)
            else:
                found.append(saved)
        return sorted(found, key=lambda saved: saved.saved_at, reverse=True)

    def take_in(self) -> int:
        """Brings in what only the files have, newer than the data file has it; gives how many drafts were missing.

        What is in the outbox has been sent off: its file is dropped, whatever ended the program in between.
        """
        self._files.sweep()
        missing = 0
        for saved in list(self._files.all()):
            with self._database.writing() as db:
                gone = db.execute("SELECT 1 FROM outbox WHERE outbox = ?", (repaired(saved.id),)).fetchone()
                known = db.execute("SELECT saved_at FROM draft WHERE id = ?", (repaired(saved.id),)).fetchone()
                if not gone and (known is None or known[0] < microseconds(saved.saved_at)):
                    db.execute(_INSERT, _values(saved))
                    missing += known is None
            if gone:
                self._files.remove(saved.id)
        return missing


def _values(saved: SavedDraft) -> tuple[str, int, int, str]:
    return (repaired(saved.id), microseconds(saved.saved_at), saved.cursor, encode_draft(saved))
