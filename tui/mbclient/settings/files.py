"""Files that only the user may read, written so that a crash leaves the old one or the new one, never half of one.

Folders are 0700 and files 0600 from the moment they exist, under any umask; nothing is written through a symbolic
link or into a folder of another user (reliability facts 4.2). POSIX only, as the project is.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mbclient.domain.errors import SettingsError
from mbclient.texts import _

MAX_BYTES = 1 << 20  # no settings file is larger: what is, is a mistake or an attack
FOLDER_MODE = 0o700
FILE_MODE = 0o600
_OTHERS = 0o077


def make_folder(folder: Path, *, tighten: bool = True) -> list[str]:
    """Make a private folder, parents too, or check the one that stands. Gives notices for the user.

    `tighten`: the folder is the program's own, so wider rights than 0700 are taken away, with a notice.
    Raises SettingsError when it can't be made, is no folder, or belongs to another user (a link to it included).
    """
    try:
        _make(folder)
        return _check_folder(folder, tighten=tighten)
    except OSError as error:
        raise cannot("make", folder, error) from error


def _make(folder: Path) -> None:
    if folder.is_dir():
        return
    if folder.parent != folder:
        _make(folder.parent)
    with suppress(FileExistsError):  # another process was quicker, or a file stands there: the check tells
        folder.mkdir(FOLDER_MODE)


def _check_folder(folder: Path, *, tighten: bool) -> list[str]:
    link = folder.lstat()
    found = folder.stat()
    if not stat.S_ISDIR(found.st_mode):
        raise SettingsError(_("{path} is not a folder").format(path=folder), _("move it away, or name another folder"))
    me = os.geteuid()
    if found.st_uid != me or link.st_uid not in (0, me):  # a stranger's link could lead us to write anywhere of ours
        raise SettingsError(
            _("the folder {path} belongs to another user").format(path=folder), _("choose a folder of your own")
        )
    if tighten and stat.S_IMODE(found.st_mode) & _OTHERS:
        folder.chmod(stat.S_IMODE(found.st_mode) & ~_OTHERS)
        return [_("other users could read {path}; now only you can").format(path=folder)]
    return []


def read_bounded(path: Path) -> bytes | None:
    """The file's bytes, None when there is none. Raises SettingsError: unreadable, no plain file, or too large."""
    try:
        # O_NONBLOCK: a named pipe must not hang the start; for plain files it changes nothing.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except NotADirectoryError:
        return None
    except OSError as error:
        raise cannot("read", path, error) from error
    try:
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise SettingsError(_("not a plain file"), _("name a file"), file=str(path))
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise cannot("read", path, error) from error
    if len(data) > MAX_BYTES:
        raise SettingsError(
            _("larger than {limit} kB").format(limit=MAX_BYTES // 1024), _("make it smaller"), file=str(path)
        )
    return data


def write_atomically(path: Path, data: bytes) -> None:
    """Replace the file: a new one beside it, flushed to the disk, renamed over it, the folder flushed too.

    Raises SettingsError; the old file then stands as it was.
    """
    try:
        with _folder_of(path) as folder:
            _refuse_link(path, folder)
            temporary = f".{path.name}.{os.urandom(8).hex()}.tmp"
            try:
                _write_new(temporary, data, folder)
                os.rename(temporary, path.name, src_dir_fd=folder, dst_dir_fd=folder)
            except BaseException:
                with suppress(FileNotFoundError):
                    os.unlink(temporary, dir_fd=folder)
                raise
            os.fsync(folder)
    except OSError as error:
        raise cannot("write", path, error) from error


def _write_new(name: str, data: bytes, folder: int) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(name, flags, FILE_MODE, dir_fd=folder), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _folder_of(path: Path) -> Iterator[int]:
    """The folder, held open: what was checked is what is written to, whatever is renamed meanwhile."""
    make_folder(path.parent, tighten=False)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield folder
    finally:
        os.close(folder)


def _refuse_link(path: Path, folder: int) -> None:
    try:
        found = os.stat(path.name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return
    if not stat.S_ISREG(found.st_mode):
        raise SettingsError(
            _("{path} is a link or no plain file; it is not written to").format(path=path),
            _("put a plain file there, or remove it"),
        )


def open_private(path: str, flags: int) -> int:
    """An `opener=` for `open()`: the file is made 0600 and never reached through a link (logs, exports)."""
    return os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC, FILE_MODE)


def tighten_file(path: Path) -> list[str]:
    """Take other users' rights off a file of the program's own, with a notice. A missing file or a link is left."""
    try:
        found = path.lstat()
        if stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid() and stat.S_IMODE(found.st_mode) & _OTHERS:
            path.chmod(stat.S_IMODE(found.st_mode) & ~_OTHERS)
            return [_("other users could read {path}; now only you can").format(path=path)]
    except FileNotFoundError:
        pass
    except OSError as error:
        raise cannot("write", path, error) from error
    return []


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock of a file that is read, changed and written back: two processes must not undo each other."""
    import fcntl

    make_folder(path.parent, tighten=False)
    try:
        descriptor = os.open(
            path.with_name(f".{path.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, FILE_MODE
        )
    except OSError as error:
        raise cannot("write", path, error) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def cannot(deed: str, path: Path, error: OSError) -> SettingsError:
    """The one sentence for a failed deed on a file ("read", "write", "make"), with the advice that fits."""
    from mbclient.texts.outside import system_reason  # late: few starts tell of a fault

    problem = {
        "read": _("can't be read: {reason}"),
        "write": _("can't be written: {reason}"),
        "make": _("can't be made: {reason}"),
    }[deed].format(reason=system_reason(error))
    advice = {
        errno.ENOSPC: _("free some space on the disk"),
        errno.EDQUOT: _("free some space on the disk"),
        errno.EROFS: _("choose a folder that can be written to"),
        errno.EACCES: _("check the rights of the file and its folder"),
        errno.EPERM: _("check the rights of the file and its folder"),
    }.get(error.errno or 0, _("check the path"))
    return SettingsError(problem, advice, file=str(path))
