"""Damage: found when the file is opened, moved aside and never deleted; what is precious comes back from copies.

Once a day the tables that no server can give again (drafts, outbox, ledger, log, the local service's posts) are copied
to a small file of their own; seven are kept. Checking takes at most half a second and is spared where the file is as
the last orderly end left it (reliability facts 4.2).
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

from mbclient.core.stores import SendState
from mbclient.domain.errors import StorageError
from mbclient.domain.latepattern import late
from mbclient.storage.codec import BROKEN, dump_foreign
from mbclient.storage.codec_own import MAYBE_SENT_SINCE
from mbclient.storage.database import connect, is_damage, migrate, storage_error, suspect_file
from mbclient.storage.files import private_file
from mbclient.storage.locks import FileLock
from mbclient.storage.schema import APPLICATION_ID, FULL_TEXT, REFETCHABLE
from mbclient.texts import _

CHECK_S = 0.5
COPIES_KEPT = 7
SMALLEST = 512  # bytes of a database with anything in it
_COPY_NAMES = "????-??-??.db"
_SIDE_FILES = ("", "-wal", "-shm")
_NOT_DONE = (SendState.QUEUED, SendState.SENDING, SendState.UNKNOWN, SendState.HELD, SendState.FAILED)
_NAME = late(r"[A-Za-z0-9_]+\Z")  # of a table or column that we copy


def open_sound(path: Path, copies: Path, now: datetime, say: Callable[[str], object] = lambda _text: None) -> list[str]:
    """Makes `path` a sound data file of this program's schema, whatever it was; gives notices. `say`: see `migrate`.

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
        migrate(path, say)
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
    """Today's copy, unless it is there. Raises `sqlite3.Error`, `OSError` or `StorageError`: all the copy's own.

    Whoever writes meanwhile goes on writing: one moment of the file is read, through a connection of its own, into
    a file that takes its name only when it is whole. SQLite's own backup would take the timeline along, a hundred times
    as much as what cannot be fetched again. The copy's time is the moment that it shows.
    """
    target = copies / f"{now:%Y-%m-%d}.db"
    turn = FileLock(path.with_name("copying.lock"))
    if target.exists() or not turn.take():  # another program makes it
        turn.release()
        return
    half = copies / "half.db"
    try:
        half.unlink(missing_ok=True)
        private_file(half)
        with closing(connect(path)) as source, closing(connect(half)) as copy:
            source.execute("PRAGMA query_only = ON")
            source.execute("BEGIN")  # one moment of all tables
            failed = _copy_tables(source, copy, skip=REFETCHABLE)
            number = 1 + max((_number(other) for other in copies.glob(_COPY_NAMES)), default=0)
            copy.execute(f"PRAGMA user_version = {number}")
        if failed:  # never in the place of a whole one
            raise _damage(", ".join(failed))
        os.utime(half, (now.timestamp(), now.timestamp()))
        half.replace(target)
    finally:
        turn.release()
    for old in _in_order(copies)[:-COPIES_KEPT]:
        old.unlink(missing_ok=True)


def _in_order(copies: Path) -> list[Path]:
    """The oldest first, as they were made: a clock that was years ahead for a day makes no copy the newest for ever."""
    return sorted(copies.glob(_COPY_NAMES), key=lambda copy: (_number(copy), copy.name))


def _number(copy: Path) -> int:
    """Its place in the order in which they were made; 0 for one that cannot be read."""
    try:
        with closing(connect(copy)) as db:
            return int(db.execute("PRAGMA user_version").fetchone()[0])
    except sqlite3.Error:
        return 0


def _copy_tables(source: sqlite3.Connection, copy: sqlite3.Connection, *, skip: tuple[str, ...] = ()) -> list[str]:
    """Copies every table that can be read, each in a transaction; gives the names of those that could not be."""
    failed = []
    for name, sql in list(_tables(source)):
        if name in skip or name.startswith(tuple(f"{one}_" for one in skip if one in FULL_TEXT)):
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
        for copy in reversed(_in_order(copies)) if missing is None or missing else ():
            if _take_from(copy, db) == []:
                source = copy
                break
        _let_nothing_go(db)
    if missing == []:
        return _("drafts, outbox and own figures were saved from it; the timeline is fetched again")
    if source is not None:
        return _(
            "drafts and outbox as of {time} were restored: what you sent or deleted since may be among them;"
            " the timeline is fetched again"
        ).format(time=_made(source))
    return _("there was no copy of drafts and outbox; the timeline is fetched again")


def _made(copy: Path) -> str:
    """The moment that a copy shows, by the wall clock here; its day alone where its time is another day's."""
    made = datetime.fromtimestamp(copy.stat().st_mtime, UTC)
    return f"{made.astimezone():%Y-%m-%d %H:%M}" if f"{made:%Y-%m-%d}" == copy.stem else copy.stem


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
    """A restored row may have been sent since it was copied: it waits, with this reason, and the user's word to go on
    looks for it first (facts 3). What a server keeps until its time is looked for after it, as ever. A draft may have
    been sent as well: when it is, it is looked for first.
    """
    reason = _("restored after damage to the data file; it may have been sent since: retry looks for it first")
    db.execute("BEGIN IMMEDIATE")
    saved = f"json_insert(body, '$.{MAYBE_SENT_SINCE}', CAST(saved_at AS TEXT))"
    db.execute(f"UPDATE draft SET body = {saved} WHERE json_valid(body)")
    marks = ", ".join("?" * len(_NOT_DONE))
    values = tuple(state.value for state in _NOT_DONE)
    for number, state, created, body in db.execute(
        f"SELECT id, state, created_at, body FROM outbox WHERE state IN ({marks})", values
    ).fetchall():
        with suppress(*BROKEN):  # a row that nobody can read sends nothing either
            fields = json.loads(body)
            if fields.get("scheduled_id"):
                continue
            fields.setdefault("first_sent_at", str(created))
            own = str(fields.get("reason", ""))
            stays = state in (SendState.FAILED, SendState.HELD) and own
            fields["reason"] = f"{own}; {reason}" if stays else reason
            kept = SendState.FAILED if state == SendState.FAILED else SendState.HELD
            db.execute("UPDATE outbox SET state = ?, body = ? WHERE id = ?", (kept.value, dump_foreign(fields), number))
    db.execute("COMMIT")
