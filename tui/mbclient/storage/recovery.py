"""Damage: found when the file is opened, moved aside and never deleted; what is precious comes back from copies.

Once a day the tables that no server can give again (drafts, outbox, ledger, log, the local service's posts) are copied
to a small file of their own; seven are kept. Checking takes at most half a second and is spared where the file is as
the last orderly end left it (reliability facts 4.2).
"""

from __future__ import annotations

import os
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

from mbclient.core.stores import SendState
from mbclient.domain.errors import StorageError
from mbclient.storage.database import connect, is_damage, migrate, storage_error, suspect_file
from mbclient.storage.files import private_file
from mbclient.storage.schema import APPLICATION_ID, REFETCHABLE
from mbclient.texts import _

CHECK_S = 0.5
COPIES_KEPT = 7
SMALLEST = 512  # bytes of a database with anything in it
_COPY_NAMES = "????-??-??.db"
_SIDE_FILES = ("", "-wal", "-shm")
_NAME = re.compile(r"[A-Za-z0-9_]+\Z")  # of a table or column that we copy


def open_sound(path: Path, copies: Path, now: datetime) -> list[str]:
    """Makes `path` a sound data file of this program's schema, whatever it was; gives notices.

    To be called by the only process that has the file open. Raises `StorageError`: a newer schema, a full disk.
    """
    _finish(path)
    notices = private_file(path)
    try:
        if suspect_file(path).exists():
            check(path, thorough=True)
            suspect_file(path).unlink(missing_ok=True)
        if path.stat().st_size < SMALLEST and any(copies.glob(_COPY_NAMES)):
            raise _damage("the file is gone")  # SQLite would take it for a new one
        if _seal(path) != _read(_seal_file(path)):
            check(path)
        migrate(path)
    except sqlite3.Error as error:
        if not is_damage(error):
            raise storage_error(path, error) from error
        try:
            notices += _replace(path, copies, now)
        except sqlite3.Error as failed:  # a full disk: all is as it was, and is tried again
            raise storage_error(path, failed) from failed
    _seal_file(path).unlink(missing_ok=True)
    return notices


def check(path: Path, *, thorough: bool = False) -> None:
    """Raises `sqlite3.DatabaseError` if the file is damaged or another program's.

    Looks for half a second at most; `thorough`: at everything, however long it takes.
    """
    deadline = time.monotonic() + CHECK_S if not thorough else float("inf")
    with closing(connect(path)) as db:
        ours = int(db.execute("PRAGMA application_id").fetchone()[0])
        names = [str(name) for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        if ours != APPLICATION_ID and any(not name.startswith(("local_", "sqlite_")) for name in names):
            raise _damage("another program's file")
        db.set_progress_handler(lambda: time.monotonic() > deadline, 10_000)
        try:
            found = db.execute(f"PRAGMA {'integrity_check' if thorough else 'quick_check'}(1)").fetchone()[0]
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
                return  # too large to look through at a start; what was seen is sound
            raise
        if found != "ok":
            raise _damage(str(found))


def _damage(what: str) -> sqlite3.DatabaseError:
    error = sqlite3.DatabaseError(what)
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    return error


def seal(path: Path) -> None:
    """Notes how an orderly end left the file, so that the next start need not look through it."""
    if suspect_file(path).exists():
        return
    with suppress(OSError, StorageError):  # without the note the next start checks, no more
        private_file(_seal_file(path))
        _seal_file(path).write_text(_seal(path), "ascii")


def _seal_file(path: Path) -> Path:
    return path.with_name(f"{path.name}.clean")


def _seal(path: Path) -> str:
    """Size and time of the file; with a log beside it the end was not orderly."""
    found = path.stat()
    log = path.with_name(f"{path.name}-wal")
    return "" if log.exists() and log.stat().st_size else f"{found.st_size} {found.st_mtime_ns}"


def _read(path: Path) -> str | None:
    try:
        return path.read_text("ascii") if not path.is_symlink() else None
    except (OSError, ValueError):
        return None


# ---------------------------------------------------------------- copies


def copy_daily(path: Path, copies: Path, now: datetime) -> None:
    """Today's copy, unless it is there. Raises `sqlite3.Error`, `OSError` or `StorageError`: all the copy's own."""
    target = copies / f"{now:%Y-%m-%d}.db"
    if target.exists():
        return
    half = copies / "half.db"
    half.unlink(missing_ok=True)
    private_file(half)
    with closing(connect(path)) as source, closing(connect(half)) as copy:
        source.execute("PRAGMA query_only = ON")
        source.execute("BEGIN")  # one moment of all tables
        _copy_tables(source, copy, skip=REFETCHABLE)
    half.replace(target)
    for old in sorted(copies.glob(_COPY_NAMES))[:-COPIES_KEPT]:
        old.unlink(missing_ok=True)


def _copy_tables(source: sqlite3.Connection, copy: sqlite3.Connection, *, skip: tuple[str, ...] = ()) -> list[str]:
    """Copies every table that can be read, each in a transaction; gives the names of those that could not be."""
    failed = []
    for name, sql in list(_tables(source)):
        if name in skip or name.startswith(tuple(f"{one}_" for one in skip if one == "entry_text")):
            continue
        try:
            copy.execute("BEGIN IMMEDIATE")
            if not list(copy.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (name,))):
                copy.execute(sql)
            _copy_rows(source, copy, name)
            copy.execute("COMMIT")
        except sqlite3.DatabaseError as error:
            if copy.in_transaction:
                copy.execute("ROLLBACK")
            if not is_damage(error) and not isinstance(error, sqlite3.IntegrityError):
                raise
            failed.append(name)
    return failed


def _tables(db: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    rows = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table' ORDER BY name")
    return ((name, sql) for name, sql in rows if _NAME.match(name) and not name.startswith("sqlite_"))


def _copy_rows(source: sqlite3.Connection, copy: sqlite3.Connection, table: str) -> None:
    """The columns that both have; a row that is there stays."""
    have = {column[1] for column in copy.execute(f"PRAGMA table_info({table})")}
    columns = [column[1] for column in source.execute(f"PRAGMA table_info({table})") if column[1] in have]
    listed = ", ".join(columns)
    marks = ", ".join("?" * len(columns))
    rows = source.execute(f"SELECT {listed} FROM {table}")
    copy.executemany(f"INSERT OR IGNORE INTO {table} ({listed}) VALUES ({marks})", rows)


# ---------------------------------------------------------------- after damage


def _replace(path: Path, copies: Path, now: datetime) -> list[str]:
    """A new file is made whole beside the damaged one, and only then takes its place: an end at any point loses
    nothing, and the next start goes on (`_finish`).
    """
    empty = path.stat().st_size == 0
    half, whole = _half(path), _whole(path)
    for suffix in _SIDE_FILES:
        Path(f"{half}{suffix}").unlink(missing_ok=True)
    private_file(half)
    migrate(half)
    restored = _restore(half, path, copies)
    for suffix in _SIDE_FILES[1:]:
        Path(f"{half}{suffix}").unlink(missing_ok=True)  # its last connection is closed: the log is in the file
    half.replace(whole)
    aside = _finish(path, now)
    if empty:
        aside.unlink(missing_ok=True)
        return [_("the data file was gone"), restored]
    return [_("the data file was damaged and is kept as {path}").format(path=aside), restored]


def _half(path: Path) -> Path:
    return path.with_name(f"{path.name}.restoring")


def _whole(path: Path) -> Path:
    return path.with_name(f"{path.name}.restored")


def _finish(path: Path, now: datetime | None = None) -> Path:
    """Puts a file that was made whole into its place, if there is one; gives where the damaged one lies."""
    stamp = f"{now:%Y%m%dT%H%M%SZ}" if now is not None else "before"
    aside = path.with_name(f"{path.name}.damaged-{stamp}")
    number = 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"{path.name}.damaged-{stamp}-{number}")
    whole = _whole(path)
    if not whole.exists():
        return aside
    for suffix in reversed(_SIDE_FILES):  # the log first: beside another file it would be taken for that one's
        with suppress(FileNotFoundError):
            os.rename(f"{path}{suffix}", f"{aside}{suffix}")  # noqa: PTH104 - a name with its suffix, no path
    whole.replace(path)
    suspect_file(path).unlink(missing_ok=True)
    return aside


def _restore(new: Path, damaged: Path, copies: Path) -> str:
    """First what the damaged file still gives, then the newest copy for what is missing."""
    with closing(connect(new)) as db:
        missing = _take_from(damaged, db)
        source = None
        for copy in sorted(copies.glob(_COPY_NAMES), reverse=True) if missing is None or missing else ():
            if _take_from(copy, db) == []:
                source = copy
                break
        _let_nothing_go(db)
    if missing == []:
        return _("drafts, outbox and own figures were saved from it; the timeline is fetched again")
    if source is not None:
        return _("drafts and outbox of {day} were restored; the timeline is fetched again").format(day=source.stem)
    return _("there was no copy of drafts and outbox; the timeline is fetched again")


def _take_from(file: Path, db: sqlite3.Connection) -> list[str] | None:
    """The tables that could not be read; None if nothing could."""
    try:
        with closing(connect(file)) as source:
            if int(source.execute("PRAGMA application_id").fetchone()[0]) not in (0, APPLICATION_ID):
                return None
            names = [name for name, _sql in _tables(source)]
            failed = _copy_tables(source, db, skip=REFETCHABLE)
            return failed if "outbox" in names else None
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_FULL:
            raise  # nothing is wrong with this file
        return None
    except OSError:
        return None


def _let_nothing_go(db: sqlite3.Connection) -> None:
    """A restored row may have been sent since it was copied: it is read back or waits for the user (facts 3)."""
    db.execute("BEGIN IMMEDIATE")
    db.execute(
        "UPDATE outbox SET state = iif(json_extract(body, '$.prepared') IS NULL, ?, ?) WHERE state IN (?, ?)",
        (SendState.HELD, SendState.UNKNOWN, SendState.QUEUED, SendState.SENDING),
    )
    db.execute("COMMIT")
