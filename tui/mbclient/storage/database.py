"""A connection to the data file: one lock, one way to read, one way to write, faults as `StorageError`."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from threading import RLock

from mbclient.core.pieces import hurry
from mbclient.domain.errors import StorageError
from mbclient.storage.schema import APPLICATION_ID, MIGRATIONS, VERSION
from mbclient.texts import _

BUSY_S = 5.0
LONG_LOG = 5_000_000  # bytes: more than SQLite lets small writes gather before it empties the log
LATE_CHECKPOINT = 5000  # pages of log, not SQLite's 1000, before a write that somebody waits for empties it
LARGE = 20_000_000  # bytes of a file that takes more than a moment to bring up to date
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class Database:
    """One SQLite connection that any thread may use, one at a time.

    `full`: a commit is on the disk before it returns (synchronous FULL), for what must not be lost; else NORMAL.
    Somebody waits for such a write: to empty the log, which takes a tenth of a second, is left to the others.
    `refusal`: the disk takes nothing; the file is looked at as it lies there, and writing raises this.
    """

    def __init__(
        self, path: Path, *, full: bool = False, read_only: bool = False, refusal: StorageError | None = None
    ) -> None:
        self.path = path
        self._log = path.with_name(f"{path.name}-wal")
        self._full = full
        self._lock = RLock()
        self._refusal = refusal
        with translated(path):
            self._connection = connect(path, untouched=refusal is not None)
            self._connection.execute(f"PRAGMA synchronous = {'FULL' if full else 'NORMAL'}")
            if full:
                self._connection.execute(f"PRAGMA wal_autocheckpoint = {LATE_CHECKPOINT}")
            if read_only:
                self._connection.execute("PRAGMA query_only = ON")

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A snapshot: what is read inside belongs together."""
        with self._transaction("BEGIN") as connection:
            yield connection

    @contextmanager
    def writing(self, *, waits: bool = True) -> Iterator[sqlite3.Connection]:
        """A transaction that is committed at the end, or never was if anything failed.

        `waits`: a moment for another program that writes just now; without, that is a `StorageError` at once.
        """
        if self._refusal is not None:
            raise StorageError(self._refusal.problem, self._refusal.advice)
        hurry()  # who writes in a thread may be giving way to the key that asks for this
        patience = nullcontext() if waits else self._impatient()
        with self._lock, translated(self.path), patience, self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection
        if not self._full:
            self._shorten_log()

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        with self._lock, translated(self.path):
            connection = self._connection
            connection.execute(begin)
            try:
                yield connection
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    def _shorten_log(self) -> None:
        """Gives the disk back what a large write took: by itself a log stays as long as it ever was.

        Waits for nobody: where somebody else reads or writes just now, the next write does it.
        """
        if not self._log.exists() or self._log.stat().st_size <= LONG_LOG:
            return
        full_disk = suppress(sqlite3.OperationalError)  # all is in the log then, and stays there
        with self._lock, translated(self.path), self._impatient(), full_disk:
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()

    @contextmanager
    def _impatient(self) -> Iterator[None]:
        """Waits for nobody; for who holds the lock."""
        self._connection.execute("PRAGMA busy_timeout = 0")
        try:
            yield
        finally:
            self._connection.execute(f"PRAGMA busy_timeout = {BUSY_S * 1000:.0f}")

    def close(self) -> None:
        with self._lock, translated(self.path):
            self._connection.close()


def connect(path: Path, *, untouched: bool = False) -> sqlite3.Connection:
    """A connection with the settings that every one of ours has. The file must exist. Raises `sqlite3.Error`.

    `untouched`: nothing is made beside the file, and what a log beside it holds is not seen.
    """
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?{'mode=ro&immutable=1' if untouched else 'mode=rw'}",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        timeout=BUSY_S,
    )
    connection.execute("PRAGMA temp_store = MEMORY")  # no post's text in a temporary file
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    return connection


def migrate(path: Path, say: Callable[[str], object] = lambda _text: None) -> None:
    """Brings the file to this program's schema, each step in one transaction: old or new, nothing between.

    `say` is told before a large file is worked on, which may take a minute. Raises `StorageError` for a file of a newer
    program, which is left untouched, and `sqlite3.Error` for damage.
    """
    connection = connect(path)
    try:
        if (found := _version(connection)) < VERSION:
            if found and (size := path.stat().st_size) > LARGE:
                say(_("bringing the data file ({n} MB) up to date, once; please wait").format(n=size // 1_000_000))
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
        while (version := _version(connection)) < VERSION:
            connection.execute("BEGIN IMMEDIATE")
            if _version(connection) == version:  # another process may have been quicker
                for statement in MIGRATIONS[version]:
                    connection.execute(statement)
                connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                connection.execute(f"PRAGMA user_version = {version + 1}")
            connection.execute("COMMIT")
    finally:
        connection.close()


def _version(connection: sqlite3.Connection) -> int:
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > VERSION:
        raise StorageError(
            _("the data file was written by a newer mbclient (schema {found}, this one knows {known})").format(
                found=version, known=VERSION
            ),
            _("update mbclient, or name another folder with --data-dir"),
        )
    return version


def is_damage(error: sqlite3.Error) -> bool:
    """Whether SQLite says that the file itself is broken, or is no data file at all."""
    code = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF in _DAMAGED


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turns SQLite's faults into a `StorageError` that says what to do. Damage is noted beside the file."""
    try:
        yield
    except sqlite3.Error as error:
        if is_damage(error):
            with suppress(OSError):  # without the note only what the next start sees by itself is mended
                suspect_file(path).touch(mode=0o600)
        raise storage_error(path, error) from error


def suspect_file(path: Path) -> Path:
    """Says that damage was met in use, which size and time of the file do not tell."""
    return path.with_name(f"{path.name}.suspect")


def storage_error(path: Path, error: sqlite3.Error) -> StorageError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _DAMAGED:
        return StorageError(
            _("the data file {path} is damaged").format(path=path),
            _("start mbclient again: it moves the file aside and restores drafts and outbox"),
        )
    if code == sqlite3.SQLITE_FULL:
        return StorageError(_("the disk is full"), _("make room and try again; nothing was sent"))
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return StorageError(
            _("the data file {path} cannot be written").format(path=path),
            _("check the folder's rights, or name another one with --data-dir"),
        )
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StorageError(
            _("another program keeps the data file locked"), _("close it and try again; nothing was sent")
        )
    return StorageError(
        _("the data file {path} could not be used: {why}").format(path=path, why=error),
        _("check the disk and try again; nothing was sent"),
    )
