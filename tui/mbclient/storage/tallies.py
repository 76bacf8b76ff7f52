"""What was received, counted for the statistics. On a connection of its own: counting weeks holds no page up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from threading import Lock

from mbclient.core.figurestores import HiddenBy, Received
from mbclient.core.stores import hidden_mark
from mbclient.domain.errors import StorageError
from mbclient.storage import marks, shelf
from mbclient.storage.archive import HOUR
from mbclient.storage.codec import instant, repaired
from mbclient.storage.database import Database
from mbclient.texts import _

# Own posts are left out; a post on several services, or boosted again, counts once.
_THEIRS = (
    "entry.key >= :first AND entry.key < :last AND entry.counted"
    " AND NOT EXISTS (SELECT 1 FROM entry_view AS own"
    " WHERE own.view = 'mine' AND own.account = '' AND own.key = entry.key)"
)
_IN = "EXISTS (SELECT 1 FROM entry_view AS mark WHERE mark.view = {} AND mark.account = '' AND mark.key = entry.key)"
_HIDDEN = (
    f"CASE WHEN {_IN.format(':muted')} THEN '{HiddenBy.MUTED}'"
    f" WHEN NOT {_IN.format(':work')} OR {_IN.format(':out')} THEN '{HiddenBy.FILTER}' ELSE '{HiddenBy.NOTHING}' END"
)


class TallyStore:
    """Fills the `Tallies` port."""

    def __init__(self, path: Path, refusal: StorageError | None = None) -> None:
        self._path = path
        self._refusal = refusal  # see `Database`
        self._opening = Lock()
        self._opened: Database | None = None
        self._closed = False

    @property
    def _database(self) -> Database:
        with self._opening:  # when first asked: a command that counts nothing opens nothing
            if self._closed:  # a count that a thread had not begun when the program ended
                raise StorageError(_("the data file is closed"), _("start mbclient again"))
            if self._opened is None:
                self._opened = Database(self._path, read_only=True, refusal=self._refusal)
                self._opened.function("words", lambda text: len(str(text or "").split()))
            return self._opened

    def received(self, first: datetime, last: datetime, *, without: Sequence[str] = ()) -> Sequence[Received]:
        with self._database.reading() as db:
            rows = db.execute(
                "SELECT hour, service, related, hidden, count(*), sum(words) FROM ("
                f" SELECT entry.key / {HOUR} AS hour, service, related, {_HIDDEN} AS hidden,"
                " words(json_extract(body, '$.text')) AS words"
                f" FROM entry WHERE {_THEIRS}{_seen_by_others(without)}"
                ") GROUP BY hour, service, related, hidden ORDER BY hour, service, related, hidden",
                _bounds(first, last, without),
            ).fetchall()
        return [
            Received(instant(hour * 3_600_000_000), service, bool(related), HiddenBy(hidden), number, words)
            for hour, service, related, hidden, number, words in rows
        ]

    def received_by_term(
        self, first: datetime, last: datetime, *, without: Sequence[str] = ()
    ) -> Sequence[tuple[str, int]]:
        with self._database.reading() as db:
            return db.execute(
                "SELECT term.value, count(*) AS number FROM entry, json_each(entry.marks, '$.home') AS term"
                f" WHERE {_THEIRS} AND entry.related{_seen_by_others(without)}"
                " GROUP BY term.value ORDER BY number DESC, term.value",
                _bounds(first, last, without),
            ).fetchall()

    def oldest(self) -> datetime | None:
        with self._database.reading() as db:
            row = db.execute("SELECT key / ? FROM entry ORDER BY key LIMIT 1", (HOUR,)).fetchone()
        return instant(row[0] * 3_600_000_000) if row else None

    def close(self) -> None:
        """Nothing is asked after this."""
        with self._opening:
            self._closed = True
            if self._opened is not None:
                self._opened.close()
                self._opened = None


def _seen_by_others(without: Sequence[str]) -> str:
    """Left out is what only these accounts have seen."""
    if not without:
        return ""
    names = ", ".join(f":not{number}" for number in range(len(without)))
    return f" AND EXISTS (SELECT 1 FROM sight WHERE sight.key = entry.key AND sight.account NOT IN ({names}))"


def _bounds(first: datetime, last: datetime, without: Sequence[str]) -> Mapping[str, object]:
    return {
        "first": shelf.first_key(first),
        "last": shelf.first_key(last),
        "work": marks.WORK,
        "out": repaired(hidden_mark(marks.WORK)),
        "muted": repaired(hidden_mark(marks.HOME)),
        **{f"not{number}": repaired(name) for number, name in enumerate(without)},
    }
