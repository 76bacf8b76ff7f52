"""Opening the data folder: one SQLite file, its connections, and the stores on them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from mbclient.core.ports import Clock
from mbclient.core.stores import Stores
from mbclient.domain.errors import StorageError
from mbclient.storage import recovery
from mbclient.storage.archive import ArchiveStore
from mbclient.storage.contributors import ContributorStore
from mbclient.storage.database import Database, migrate, translated
from mbclient.storage.decisions import DecisionStore
from mbclient.storage.draftfiles import DraftFiles
from mbclient.storage.drafts import DraftStore
from mbclient.storage.expenses import ExpenseStore
from mbclient.storage.files import private_folder
from mbclient.storage.gaps import GapStore
from mbclient.storage.ledger import LedgerStore
from mbclient.storage.locks import FileLock
from mbclient.storage.looking import NeverSends, can_be_read, refused_by_the_disk
from mbclient.storage.outbox import OutboxStore
from mbclient.storage.reading import ReadingStore
from mbclient.storage.tallies import TallyStore
from mbclient.texts import _, ngettext

DATA_FILE = "mbclient.db"
COPIES = "copies"
DRAFTS = "drafts"


def open_stores(
    data_dir: Path,
    clock: Clock,
    *,
    log_retention: timedelta = timedelta(days=90),
    crosspost_window: timedelta = timedelta(minutes=10),
    say: Callable[[str], object] = lambda _text: None,
) -> Stores:
    """Opens, and where needed makes, mends or brings up to date, the data file in `data_dir`.

    What the user should hear is in `notices`; `say` is told what makes them wait. `Stores.close` ends it in order;
    a process that is killed instead loses nothing that was committed. Where the disk takes nothing it is opened to be
    read. Raises `StorageError`.
    """
    path, users = data_dir / DATA_FILE, FileLock(data_dir / "users.lock")
    refusal = None
    try:
        notices = _make_sound(data_dir, users, clock.now(), say)
    except StorageError:
        users.release()
        refusal = refused_by_the_disk(path)
        if refusal is None or not can_be_read(path):
            raise
        notices = [_("{why}: what is there can be read, and nothing is sent or kept").format(why=refusal.problem)]
    careful = Database(path, full=True, refusal=refusal)
    writer, reader = Database(path, refusal=refusal), Database(path, read_only=True, refusal=refusal)
    sender = FileLock(data_dir / "sender.lock") if refusal is None else NeverSends(path, refusal)
    draft_files = DraftFiles(data_dir / DRAFTS)
    drafts = DraftStore(careful, draft_files)
    with suppress(StorageError):  # a full disk: the files keep them
        saved = drafts.take_in()
        if saved:
            words = ngettext(
                "{n} draft came back from its own file", "{n} drafts came back from their own files", saved
            )
            notices.append(words.format(n=saved))
    tallies = TallyStore(path, refusal)
    ended: list[bool] = []

    def close() -> None:
        """Once; a second time there is nothing left to close."""
        if ended:
            return
        ended.append(True)
        for database in (tallies, reader, writer, careful):
            with suppress(StorageError):  # all that was committed is on the disk
                database.close()
        sender.release()
        draft_files.close()
        if refusal is None and users.take():
            recovery.seal(path)
        users.release()

    def copy() -> None:
        if refusal is None and not ended:
            _copy(path, data_dir / COPIES, clock.now())

    return Stores(
        archive=ArchiveStore(writer, reader),
        gaps=GapStore(writer, reader),
        drafts=drafts,
        outbox=OutboxStore(careful, sender),
        ledger=LedgerStore(careful, crosspost_window),
        log=DecisionStore(careful, clock, log_retention),
        reading=ReadingStore(writer, clock),
        tallies=tallies,
        expenses=ExpenseStore(careful),
        contributors=ContributorStore(careful, clock),
        notices=tuple(notices),
        copy=copy,
        close=close,
    )


def _make_sound(data_dir: Path, users: FileLock, now: datetime, say: Callable[[str], object]) -> list[str]:
    """Private folders, a sound file of this schema, today's copy; the lock is held. Gives notices."""
    path, copies = data_dir / DATA_FILE, data_dir / COPIES
    notices = [notice for folder in (data_dir, copies, data_dir / DRAFTS) for notice in private_folder(folder)]
    if users.take():  # nobody else has it open: the time to look for damage
        notices += recovery.open_sound(path, copies, now, say)
    users.wait_shared()
    with translated(path):
        migrate(path, say)
    try:
        _copy(path, copies, now)
    except StorageError as error:
        notices.append(str(error))
    return notices


def _copy(path: Path, copies: Path, now: datetime) -> None:
    """Today's copy. Raises `StorageError`, whatever was in the way."""
    try:
        recovery.copy_daily(path, copies, now)
    except (sqlite3.Error, OSError, StorageError) as error:
        raise StorageError(_("today's copy of drafts and outbox could not be made: {why}").format(why=error)) from error
