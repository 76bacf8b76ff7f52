"""Files that the user asked for by name, an export or a report: whole or not at all, untouched if they say the same.

Unlike the program's own files they may lie in anybody's folder, such as a web server's. They are put in place by a
rename, so that who reads them meanwhile has the old one or the new one, and never through a link: in a folder that
others can write to, a link could lead to any file of the user's.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path

from mbclient.domain.errors import StorageError, UsageError
from mbclient.texts import _
from mbclient.texts.outside import system_reason

FOR_ALL = 0o644  # what is public anyway, for a web server that runs as somebody else; the user's umask narrows it
OWN = 0o600


def put(path: Path, data: bytes, *, mode: int = OWN) -> bool:
    """Writes the file; False when it holds just that already, and nothing was touched. A standing file keeps its mode.

    Raises `UsageError` for a path that cannot be such a file, `StorageError` when writing fails.
    """
    try:
        standing = _standing(path)
        if standing is not None:
            mode = stat.S_IMODE(standing.st_mode)
            if standing.st_size == len(data) and path.read_bytes() == data:
                return False
        _replace(path, data, mode, keep=standing is not None)
    except (FileNotFoundError, NotADirectoryError):
        raise UsageError(
            _("{path} can't be written: there is no such folder").format(path=path), _("make it, or check the path")
        ) from None
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        raise StorageError(
            _("{path} can't be written: {why}").format(path=path, why=system_reason(error)),
            _("free some space on the disk") if full else _("check the rights of the file and its folder"),
        ) from error
    return True


def _standing(path: Path) -> os.stat_result | None:
    try:
        found = path.lstat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(found.st_mode):
        raise UsageError(
            _("{path} is a folder, a link or no plain file").format(path=path), _("name the file that it shall be")
        )
    return found


def _replace(path: Path, data: bytes, mode: int, *, keep: bool) -> None:
    """`keep`: the mode is that of a file before, which no umask narrows."""
    temporary = path.with_name(f".{path.name[:100]}.{os.urandom(8).hex()}.tmp")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(temporary, flags, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            if keep:
                os.fchmod(file.fileno(), mode)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
