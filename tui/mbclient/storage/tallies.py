"""What was received, counted for the statistics. On a connection of its own: counting weeks holds no page up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from threading import Lock

from mbclient.core.figurestores import HiddenBy, Received, Span
from mbclient.core.stores import hidden_mark
from mbclient.domain.errors import StorageError
from mbclient.storage import marks, shelf
from mbclient.storage.archive import HOUR
from mbclient.storage.codec import CodecError, dump, instant, repaired
from mbclient.storage.database import Database
from mbclient.texts import _

_NOT_IN = " AND entry.key NOT IN (SELECT key FROM entry_view WHERE account = '' AND view IN ({}))"
_MARKED = "CROSS JOIN entry_view AS mark ON mark.view = {} AND mark.account = '' AND mark.key"
_ALL, _OWN = "all", "own"
# Everything, and what of it has a place in the index of views, which is far less. Own posts do not count. What is left
# of everything is what the work filter hides.
_FATES = (
    (_ALL, "CROSS JOIN entry ON entry.key", ""),
    (_OWN, _MARKED.format("'mine'"), ""),
    (HiddenBy.MUTED, _MARKED.format(":muted"), _NOT_IN.format("'mine'")),
    (HiddenBy.NOTHING, _MARKED.format(":work"), _NOT_IN.format("'mine', :out, :muted")),
)


def _statement(without: Sequence[str]) -> str:
    """How many posts of each span of time, service and sort of marks, and how many words, fared how.

    A span is a range of keys, which is walked by itself: nothing is sorted but what lies in one. Marks are grouped as
    the text that they are: few are the ways to match.
    """
    groups = "span.number, entry.service, entry.marks"
    parts = []
    for fate, place, but in _FATES:
        entry = "" if fate == _ALL else " CROSS JOIN entry ON entry.key = mark.key"
        parts.append(
            f"SELECT '{fate}', {groups}, count(*), sum(entry.words) FROM span"
            f" {place} >= span.first AND {place.split()[-1]} < span.last{entry}"
            f" WHERE TRUE{but}{_seen_by_others(without)} GROUP BY {groups}"
        )
    spans = "SELECT key AS number, value ->> 0 AS first, value ->> 1 AS last FROM json_each(:spans)"
    return f"WITH span AS MATERIALIZED ({spans}) {' UNION ALL '.join(parts)}"


_Counted = tuple[int, str, str, HiddenBy, int, int]
"""Number of the span, service, marks; posts and their words."""


def _fared(rows: Iterable[tuple[str, int, str, str, int, int]]) -> Iterator[_Counted]:
    """Of each group what fared alike."""
    filtered: dict[tuple[int, str, str], list[int]] = {}
    for fate, number, service, marked, posts, words in rows:
        left = filtered.setdefault((number, service, marked), [0, 0])
        sign = 1 if fate == _ALL else -1
        left[0] += sign * posts
        left[1] += sign * words
        if fate not in (_ALL, _OWN):
            yield number, service, marked, HiddenBy(fate), posts, words
    for group, (posts, words) in filtered.items():
        if posts:
            yield *group, HiddenBy.FILTER, posts, words


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
            return self._opened

    def received(self, spans: Sequence[Span], *, without: Sequence[str] = ()) -> Sequence[Received]:
        with self._database.reading() as db:
            rows = db.execute(_statement(without), _bounds(spans, without)).fetchall()
        found: dict[tuple[int, str, tuple[str, ...], HiddenBy], list[int]] = {}
        for number, service, marked, hidden, posts, words in _fared(rows):
            into = found.setdefault((number, service, _terms(marked), hidden), [0, 0])
            into[0] += posts
            into[1] += words
        return [
            Received(spans[number][0], service, terms, hidden, *numbers)
            for (number, service, terms, hidden), numbers in sorted(found.items())
        ]

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


def _terms(marked: str) -> tuple[str, ...]:
    """The work terms among an entry's marks, each once."""
    try:
        return tuple(dict.fromkeys(marks.read(marked)[1].get(marks.HOME, ())))
    except CodecError:  # a damaged row is in no figure of work
        return ()


def _seen_by_others(without: Sequence[str]) -> str:
    """Left out is what only these accounts have seen."""
    if not without:
        return ""
    names = ", ".join(f":not{number}" for number in range(len(without)))
    return (
        " AND EXISTS (SELECT 1 FROM view_count AS other"
        f" WHERE other.view = 'home' AND other.account NOT IN ('', {names})"
        " AND EXISTS (SELECT 1 FROM entry_view WHERE view = 'home' AND account = other.account AND key = entry.key))"
    )


def _bounds(spans: Sequence[Span], without: Sequence[str]) -> Mapping[str, object]:
    return {
        "spans": dump([[shelf.first_key(first), shelf.first_key(last)] for first, last in spans]),
        "work": marks.WORK,
        "out": repaired(hidden_mark(marks.WORK)),
        "muted": repaired(hidden_mark(marks.HOME)),
        **{f"not{number}": repaired(name) for number, name in enumerate(without)},
    }
