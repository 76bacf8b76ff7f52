"""Each draft in a small file of its own beside the data file, so that damage to that never takes what is being written
(reliability facts 4.2); and which draft a composer has open.

`<id>.json` is replaced as a whole, never half. `<id>.open` is locked by the program whose composer holds the draft: a
lock without an owner tells the next start what its predecessor was writing.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from mbclient.core.stores import SavedDraft
from mbclient.domain.errors import StorageError
from mbclient.domain.latepattern import late
from mbclient.storage.codec import BROKEN, CodecError, dump, microseconds, repaired
from mbclient.storage.codec_own import decode_draft, encode_draft
from mbclient.storage.files import private_file
from mbclient.storage.locks import FileLock
from mbclient.texts import _
from mbclient.texts.outside import system_reason

MOST_BYTES = 4_000_000
_PLAIN = late(r"[A-Za-z0-9_-]{1,64}\Z")


class DraftFiles:
    """The folder exists and is private. Raises `StorageError` for what the disk refuses."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: dict[str, FileLock] = {}

    def _path(self, id: str, suffix: str) -> Path:
        name = repaired(id)
        if not _PLAIN.match(name):
            name = "x-" + hashlib.sha256(name.encode("utf-8")).hexdigest()[:40]
        return self._folder / f"{name}.{suffix}"

    def write(self, saved: SavedDraft) -> None:
        """On the disk when it returns: the old text or the new one, never less."""
        body = dump(
            {
                "v": 1,
                "id": repaired(saved.id),
                "saved_at": str(microseconds(saved.saved_at)),
                "cursor": saved.cursor,
                "draft": json.loads(encode_draft(saved)),
            }
        )
        path = self._path(saved.id, "json")
        half = path.with_suffix(f".{os.getpid()}.half")
        first = not path.exists()
        try:
            private_file(half)
            with half.open("r+b") as file:
                file.truncate()
                file.write(body.encode("utf-8"))
                file.flush()
                os.fsync(file.fileno())
            half.replace(path)
            if first:
                _sync_folder(self._folder)
        except OSError as error:
            with suppress(OSError):
                half.unlink(missing_ok=True)
            raise StorageError(
                _("the draft could not be written: {why}").format(why=system_reason(error)),
                _("make room and try again"),
            ) from error

    def remove(self, id: str) -> None:
        with suppress(OSError):  # what cannot be removed now is dropped at the next start: its text is elsewhere
            self._path(id, "json").unlink(missing_ok=True)
        self.let_go(id)

    def all(self) -> Iterator[SavedDraft]:
        """Every draft that can be read; a file that is no draft is left where it is."""
        for path in sorted(self._folder.glob("*.json")):
            with suppress(OSError, *BROKEN, CodecError):
                if path.is_symlink() or path.stat().st_size > MOST_BYTES:
                    continue
                fields = json.loads(path.read_text("utf-8"))
                at, cursor, body = int(fields["saved_at"]), int(fields["cursor"]), json.dumps(fields["draft"])
                saved = decode_draft(str(fields["id"]), at, cursor, body)
                if self._path(saved.id, "json") == path:
                    yield saved

    def sweep(self) -> None:
        """Removes what programs that were killed had written half."""
        for half in self._folder.glob("*.half"):
            pid = half.suffixes[-2].removeprefix(".") if len(half.suffixes) > 1 else ""
            if pid.isdecimal() and not _runs(int(pid)):
                with suppress(OSError):
                    half.unlink(missing_ok=True)

    # ------------------------------------------------------------ open in a composer

    def hold(self, id: str) -> bool:
        """Marks a draft as being written here. False: another program writes it.

        A disk that takes no mark says nothing of another program.
        """
        if id in self._held:
            return True
        lock = FileLock(self._path(id, "open"))
        try:
            free = lock.take()
        except StorageError:
            return True
        if not free:
            lock.release()
            return False
        self._held[id] = lock
        return True

    def let_go(self, id: str) -> None:
        lock = self._held.pop(id, None)
        if lock is not None:
            with suppress(OSError):
                self._path(id, "open").unlink(missing_ok=True)
            lock.release()

    def left_open(self) -> list[str]:
        """Drafts that a program which has ended was writing; from now on they are held here."""
        found = []
        for path in sorted(self._folder.glob("*.open")):
            name = self._id_of(path)
            if name not in self._held and self.hold(name):
                found.append(name)
        return found

    def _id_of(self, mark: Path) -> str:
        for saved in self.all():
            if self._path(saved.id, "open") == mark:
                return saved.id
        return mark.stem

    def close(self) -> None:
        """Ends the holding; the marks stay for the next start."""
        for lock in self._held.values():
            lock.release()
        self._held.clear()


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:  # another user's
        return True
    return True


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
