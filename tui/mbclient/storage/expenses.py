"""What services charge, by account and month; set aside before a call, settled after it."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import date

from mbclient.core.figurestores import Expense
from mbclient.core.purse import Billed
from mbclient.storage.database import Database


class ExpenseStore:
    """Fills the `Expenses` port."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def reserve(self, account: str, month: str, what: str, most: int, cap: int | None) -> int | None:
        with self._database.writing() as db:
            if cap is not None and _total(db, account, month) + most > cap:
                return None
            held = db.execute(
                "INSERT INTO expense_held (account, month, what, amount) VALUES (?, ?, ?, ?)",
                (account, month, what, most),
            )
            return int(held.lastrowid or 0)

    def settle(self, number: int, day: date, billed: Sequence[Billed]) -> None:
        with self._database.writing() as db:
            row = db.execute("SELECT account, month FROM expense_held WHERE id = ?", (number,)).fetchone()
            if row is None:  # settled before
                return
            account, month = row
            db.execute("DELETE FROM expense_held WHERE id = ?", (number,))
            for item in billed:
                if item.resource and not _first_today(db, account, item.resource, day):
                    continue
                db.execute(
                    "INSERT INTO expense VALUES (?, ?, ?, 1, ?) ON CONFLICT (account, month, what)"
                    " DO UPDATE SET number = number + 1, amount = amount + excluded.amount",
                    (account, month, item.what, item.price),
                )
            db.execute("DELETE FROM expense_billed WHERE day <> ?", (day.isoformat(),))

    def total(self, account: str, month: str) -> int:
        with self._database.reading() as db:
            return _total(db, account, month)

    def of(self, account: str, month: str) -> Sequence[Expense]:
        with self._database.reading() as db:
            rows = db.execute(
                "SELECT what, sum(number), sum(amount) FROM ("
                "SELECT what, number, amount FROM expense WHERE account = ? AND month = ? UNION ALL"
                " SELECT what, 1, amount FROM expense_held WHERE account = ? AND month = ?"
                ") GROUP BY what ORDER BY sum(amount) DESC, what",
                (account, month, account, month),
            ).fetchall()
            return [Expense(what, number, amount) for what, number, amount in rows]


def _total(db: sqlite3.Connection, account: str, month: str) -> int:
    (total,) = db.execute(
        "SELECT (SELECT coalesce(sum(amount), 0) FROM expense WHERE account = ? AND month = ?)"
        " + (SELECT coalesce(sum(amount), 0) FROM expense_held WHERE account = ? AND month = ?)",
        (account, month, account, month),
    ).fetchone()
    return int(total)


def _first_today(db: sqlite3.Connection, account: str, resource: str, day: date) -> bool:
    """Notes a resource as paid for; False when it was already."""
    changed = db.execute(
        "INSERT INTO expense_billed VALUES (?, ?, ?) ON CONFLICT (account, resource)"
        " DO UPDATE SET day = excluded.day WHERE day <> excluded.day",
        (account, resource, day.isoformat()),
    ).rowcount
    return changed > 0
