"""A data file on a disk that takes no more: full, a quota used up, or only to be read (reliability facts 4.2).

SQLite cannot even look at a file in WAL mode where it cannot make the index beside it. So the file is opened as one
that nobody changes: all that was in it at the last orderly end can be read, and whatever would be written is refused.
"""

from __future__ import annotations

import errno
import os
import tempfile
from contextlib import closing, suppress
from pathlib import Path

from mbclient.domain.errors import StorageError
from mbclient.storage.database import connect, translated
from mbclient.storage.locks import FileLock
from mbclient.storage.schema import APPLICATION_ID, VERSION
from mbclient.texts import _

PROBE = 64 * 1024  # bytes: more than SQLite's index takes
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class NeverSends(FileLock):
    """What cannot be kept is not sent: claiming raises."""

    def __init__(self, path: Path, refusal: StorageError) -> None:
        super().__init__(path)
        self._refusal = refusal

    def take(self, *, shared: bool = False) -> bool:
        raise StorageError(self._refusal.problem, self._refusal.advice)


def refused_by_the_disk(path: Path) -> StorageError | None:
    """Why nothing can be written beside this file; None: something can."""
    try:
        with tempfile.TemporaryFile(dir=path.parent, buffering=0) as probe:
            if probe.write(bytes(PROBE)) == PROBE:
                return None
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    except OSError as error:
        if error.errno in _NO_ROOM:
            return StorageError(_("the disk is full"), _("make room and try again; nothing was sent"))
        return StorageError(
            _("the data file {path} cannot be written").format(path=path),
            _("check the folder's rights, or name another one with --data-dir"),
        )


def can_be_read(path: Path) -> bool:
    """Whether it is a whole data file of this very schema."""
    if path.is_symlink() or not path.is_file():
        return False
    with suppress(StorageError), translated(path), closing(connect(path, untouched=True)) as db:
        found = [db.execute(f"PRAGMA {what}").fetchone()[0] for what in ("application_id", "user_version")]
        return found == [APPLICATION_ID, VERSION]
    return False
