"""Files and folders that only their owner can read, from the first moment on (reliability facts 4.2).

SQLite gives its -wal and -shm files the mode of the main file, so that one is made here before SQLite opens it.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from mbclient.domain.errors import StorageError
from mbclient.texts import _
from mbclient.texts.outside import system_reason

FOLDER_MODE, FILE_MODE = 0o700, 0o600


def private_folder(folder: Path) -> list[str]:
    """Makes `folder` (and what lacks above it) for the owner alone, tightens a wider one; gives notices.

    Raises `StorageError` if it cannot be made or belongs to somebody else.
    """
    try:
        for missing in reversed([folder, *folder.parents]):
            if not missing.exists():
                missing.mkdir(FOLDER_MODE)
                missing.chmod(FOLDER_MODE)  # a umask may have taken the owner's own bits
        found = folder.stat()
        if not stat.S_ISDIR(found.st_mode):
            raise StorageError(_("{path} is no folder").format(path=folder), _("name another one with --data-dir"))
        if found.st_uid != os.geteuid():
            raise StorageError(
                _("{path} belongs to another user").format(path=folder), _("name another one with --data-dir")
            )
        if stat.S_IMODE(found.st_mode) & 0o077:
            folder.chmod(FOLDER_MODE)
            return [_("{path} could be read by others; it is private now").format(path=folder)]
    except OSError as error:
        raise _unusable(folder, error) from error
    return []


def private_file(path: Path) -> list[str]:
    """Makes `path`, empty, for the owner alone unless it is there; tightens a wider one; gives notices.

    A link is not followed: a file that stands elsewhere is not ours to write. Raises `StorageError`.
    """
    flags = os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags, FILE_MODE)
    except OSError as error:
        raise _unusable(path, error) from error
    try:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            raise StorageError(_("{path} is no ordinary file").format(path=path), _("move it away"))
        if stat.S_IMODE(mode) == FILE_MODE:
            return []
        os.fchmod(descriptor, FILE_MODE)
    except OSError as error:
        raise _unusable(path, error) from error
    finally:
        os.close(descriptor)
    if stat.S_IMODE(mode) & 0o077:
        return [_("{path} could be read by others; it is private now").format(path=path)]
    return []


def _unusable(path: Path, error: OSError) -> StorageError:
    return StorageError(
        _("{path} cannot be used: {why}").format(path=path, why=system_reason(error)),
        _("mend it, or name another folder with --data-dir"),
    )
