"""The local service's tables, `local_*` in the program's data file, with a version of their own.

A connection lives for one transaction: several accounts and several programs may use the board at once, and nothing
has to be closed. Every commit is on the disk before it returns: these posts exist nowhere else.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from mbclient.domain.errors import UnsupportedError
from mbclient.texts import _

BUSY_S = 5.0

_FIRST = (
    # A post or, with `boost_of`, a boost: one sequence, so that one cursor pages both. Ids are milliseconds made
    # unique, and never come again after a post is deleted.
    """CREATE TABLE local_item (
        id INTEGER PRIMARY KEY,
        author TEXT NOT NULL,
        boost_of INTEGER,
        created_at INTEGER NOT NULL,
        edited_at INTEGER,
        text TEXT NOT NULL,
        words TEXT NOT NULL,
        cw TEXT NOT NULL,
        lang TEXT NOT NULL,
        visibility TEXT NOT NULL,
        reply_to INTEGER,
        quote_of INTEGER
    ) STRICT""",
    "CREATE INDEX local_item_author ON local_item (author, id)",
    "CREATE INDEX local_item_reply ON local_item (reply_to) WHERE reply_to IS NOT NULL",
    "CREATE UNIQUE INDEX local_item_boost ON local_item (boost_of, author) WHERE boost_of IS NOT NULL",
    # What was sent under which key stays, also when the post is deleted: a repeat never brings it back.
    """CREATE TABLE local_sent (
        author TEXT NOT NULL,
        key TEXT NOT NULL,
        item INTEGER NOT NULL,
        at INTEGER NOT NULL,
        PRIMARY KEY (author, key)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE local_mention (
        item INTEGER NOT NULL, name TEXT NOT NULL, PRIMARY KEY (item, name)
    ) STRICT, WITHOUT ROWID""",
    "CREATE TABLE local_tag (tag TEXT NOT NULL, item INTEGER NOT NULL, PRIMARY KEY (tag, item)) STRICT, WITHOUT ROWID",
    """CREATE TABLE local_mark (
        item INTEGER NOT NULL,
        kind TEXT NOT NULL,
        account TEXT NOT NULL,
        at INTEGER NOT NULL,
        PRIMARY KEY (item, kind, account)
    ) STRICT, WITHOUT ROWID""",
    # `cause`: the item that brought it about (the reply, the boost), or the liked post.
    """CREATE TABLE local_notice (
        id INTEGER PRIMARY KEY,
        account TEXT NOT NULL,
        kind TEXT NOT NULL,
        author TEXT NOT NULL,
        item INTEGER NOT NULL,
        at INTEGER NOT NULL,
        UNIQUE (account, kind, author, item)
    ) STRICT""",
    "CREATE INDEX local_notice_item ON local_notice (item)",
    "CREATE TABLE local_account (name TEXT PRIMARY KEY, since INTEGER NOT NULL) STRICT, WITHOUT ROWID",
)
MIGRATIONS: tuple[tuple[str, ...], ...] = (_FIRST,)


class Board:
    """Transactions on the board. Raises `sqlite3.Error`, and `UnsupportedError` for tables of a newer program."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._ready = False

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        with self._transaction("BEGIN") as db:
            yield db

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        with self._transaction("BEGIN IMMEDIATE") as db:
            yield db

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        if not self._ready:
            self._prepare()
        with closing(_connect(self._path)) as db:
            db.execute(begin)
            yield db
            db.execute("COMMIT")  # anything raised before: closing rolls back

    def _prepare(self) -> None:
        _make(self._path)
        with closing(_connect(self._path)) as db:
            _use_wal(db)
            db.execute("BEGIN IMMEDIATE")
            db.execute("CREATE TABLE IF NOT EXISTS local_version (version INTEGER NOT NULL)")
            row = db.execute("SELECT max(version) FROM local_version").fetchone()
            version = row[0] or 0
            if version > len(MIGRATIONS):
                raise UnsupportedError(_("the local service's posts are of a newer mbclient"), _("update mbclient"))
            for statements in MIGRATIONS[version:]:
                for statement in statements:
                    db.execute(statement)
            if version < len(MIGRATIONS):
                db.execute("DELETE FROM local_version")
                db.execute("INSERT INTO local_version VALUES (?)", (len(MIGRATIONS),))
            db.execute("COMMIT")
        self._ready = True


def _make(path: Path) -> None:
    """An empty file for its owner alone, unless there is one.

    That one nobody but SQLite may open: with any descriptor of a file all locks go that this process has on it (POSIX).
    The next program to end would take itself for the last, and remove the log that the stores here go on writing to.
    """
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600))


def _use_wal(db: sqlite3.Connection) -> None:
    """Turns to WAL, also when others do so at this moment: SQLite answers that clash at once, whatever the time-out.

    Harmless where the other was quicker: the mode is the file's, and asking again for what it is takes no lock.
    """
    until = time.monotonic() + BUSY_S
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
        time.sleep(0.01)


def _connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None, check_same_thread=False, timeout=BUSY_S
    )
    db.row_factory = sqlite3.Row
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA temp_store = MEMORY")
    return db
