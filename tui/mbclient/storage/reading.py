"""Reading time on the disk: pieces for 90 days, sums of days for 400 (policy facts 14); all of it goes at one word."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from datetime import date, timedelta

from mbclient.core.figurestores import Activity, ReadingPiece, ReadingSum, TermSum
from mbclient.core.ports import Clock
from mbclient.storage.codec import dump, instant, microseconds, repaired
from mbclient.storage.database import Database

PIECES_KEPT = timedelta(days=90)
SUMS_KEPT = timedelta(days=400)
_MICROSECOND = timedelta(microseconds=1)
_TABLES = ("reading_piece", "reading_sum", "reading_term", "reading_day")


class ReadingStore:
    """Fills the `ReadingLog` port."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def add(self, pieces: Sequence[ReadingPiece]) -> None:
        if not pieces:
            return
        with self._database.writing() as db:
            for piece in pieces:
                self._add(db, piece)
            self._forget_old(db)

    def ran(self, day: date) -> None:
        with self._database.writing() as db:
            db.execute("INSERT OR IGNORE INTO reading_day VALUES (?)", (day.isoformat(),))
            self._forget_old(db)

    def days(self, first: date, last: date) -> Sequence[date]:
        with self._database.reading() as db:
            rows = db.execute("SELECT day FROM reading_day WHERE day BETWEEN ? AND ? ORDER BY day", _range(first, last))
            return [date.fromisoformat(day) for (day,) in rows]

    def pieces(self, first: date, last: date) -> Sequence[ReadingPiece]:
        with self._database.reading() as db:
            rows = db.execute(
                "SELECT at, length, day, work, activity, service, terms, account FROM reading_piece"
                " WHERE day BETWEEN ? AND ? ORDER BY at, id",
                _range(first, last),
            )
            return [
                ReadingPiece(
                    instant(at),
                    timedelta(microseconds=length),
                    date.fromisoformat(day),
                    bool(work),
                    Activity(activity),
                    service,
                    tuple(json.loads(terms)),
                    account,
                )
                for at, length, day, work, activity, service, terms, account in rows
            ]

    def sums(self, first: date, last: date) -> Sequence[ReadingSum]:
        with self._database.reading() as db:
            rows = db.execute(
                "SELECT day, work, activity, service, related, length, account FROM reading_sum"
                " WHERE day BETWEEN ? AND ? ORDER BY day, work, activity, service, account, related",
                _range(first, last),
            )
            return [
                ReadingSum(
                    date.fromisoformat(day),
                    bool(work),
                    activity,
                    service,
                    bool(related),
                    timedelta(microseconds=length),
                    account,
                )
                for day, work, activity, service, related, length, account in rows
            ]

    def term_sums(self, first: date, last: date) -> Sequence[TermSum]:
        with self._database.reading() as db:
            rows = db.execute(
                "SELECT day, work, term, length, service, account FROM reading_term"
                " WHERE day BETWEEN ? AND ? ORDER BY day, work, service, account, term",
                _range(first, last),
            )
            return [
                TermSum(date.fromisoformat(day), bool(work), term, timedelta(microseconds=length), service, account)
                for day, work, term, length, service, account in rows
            ]

    def delete(self) -> int:
        with self._database.writing() as db:
            known = int(db.execute("SELECT count(*) FROM reading_day").fetchone()[0])
            for table in _TABLES:
                db.execute(f"DELETE FROM {table}")
        return known

    def _add(self, db: sqlite3.Connection, piece: ReadingPiece) -> None:
        day, length = piece.day.isoformat(), piece.length // _MICROSECOND
        service, account = repaired(piece.service), repaired(piece.account)
        terms = [repaired(term) for term in piece.terms]
        db.execute("INSERT OR IGNORE INTO reading_day VALUES (?)", (day,))
        db.execute(
            "INSERT INTO reading_piece (at, length, day, work, activity, service, terms, account)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (microseconds(piece.at), length, day, piece.in_work_time, piece.activity, service, dump(terms), account),
        )
        db.execute(
            "INSERT INTO reading_sum VALUES (?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET length = length + excluded.length",
            (day, piece.in_work_time, piece.activity, service, account, bool(terms), length),
        )
        if piece.activity is Activity.READING:
            db.executemany(
                "INSERT INTO reading_term VALUES (?, ?, ?, ?, ?, ?)"
                " ON CONFLICT DO UPDATE SET length = length + excluded.length",
                [(day, piece.in_work_time, service, account, term, length) for term in dict.fromkeys(terms)],
            )

    def _forget_old(self, db: sqlite3.Connection) -> None:
        today = self._clock.now().date()
        for table, kept in zip(_TABLES, (PIECES_KEPT, SUMS_KEPT, SUMS_KEPT, SUMS_KEPT), strict=True):
            db.execute(f"DELETE FROM {table} WHERE day < ?", ((today - kept).isoformat(),))


def _range(first: date, last: date) -> tuple[str, str]:
    return first.isoformat(), last.isoformat()
