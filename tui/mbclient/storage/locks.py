"""File locks: who sends, and who has the data file open. The system lets go of them when a process ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from mbclient.storage.files import private_file


class FileLock:
    """A lock on a file of its own, held until `release` or the end of the process."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def take(self, *, shared: bool = False) -> bool:
        """Tries once, without waiting; True if the lock is held now. A held lock changes its kind."""
        if self._descriptor is None:
            private_file(self._path)
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CLOEXEC)
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(self._descriptor, kind | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def wait_shared(self) -> None:
        """Waits for a shared lock: whoever holds it alone does so for a moment only."""
        if not self.take(shared=True) and self._descriptor is not None:
            fcntl.flock(self._descriptor, fcntl.LOCK_SH)

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
