"""The last good copy of every settings file, kept in the data folder: what the program goes on with when one breaks."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Generic, TypeVar

from mbclient.domain.errors import SettingsError
from mbclient.domain.lazydataclass import dataclass
from mbclient.settings.files import read_bounded, write_atomically
from mbclient.settings.toml import Document, load
from mbclient.texts import _

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Loaded(Generic[T]):
    """What a file gave. `document`: the one it was read from; `error`: why that is not the file itself."""

    value: T
    document: Document
    error: SettingsError | None = None
    notice: str = ""
    exists: bool = True


def load_or_last_good(path: Path, copies: Path, read: Callable[[Document], T]) -> Loaded[T]:
    """The file as `read` understands it; broken: its last good copy; without one: what `read` makes of nothing.

    `read` raises SettingsError for a document that it refuses, never for an empty one.
    """
    try:
        found = load(path)
        document = found or Document(str(path), {})
        loaded = Loaded(read(document), document, exists=found is not None)
    except SettingsError as error:
        return _last_good(path, copies, read, error)
    if found is not None:
        keep(path, copies, found)
    return loaded


def keep(path: Path, copies: Path, document: Document) -> None:
    """Note that the file is in order as it stands."""
    copy = copy_of(path, copies)
    # A data folder that can't be written to is told where it matters; here only the copy is missed.
    with suppress(SettingsError):
        text = document.text.encode()
        if read_bounded(copy) != text:
            write_atomically(copy, text)


def copy_of(path: Path, copies: Path) -> Path:
    """Where the copy stands: files of the same name in different folders must not meet."""
    digest = zlib.crc32(str(path).encode(errors="surrogateescape"))
    return copies / f"{path.stem}-{digest:08x}.toml"


def _last_good(path: Path, copies: Path, read: Callable[[Document], T], error: SettingsError) -> Loaded[T]:
    with suppress(SettingsError):
        if (copy := load(copy_of(path, copies))) is not None:
            value = read(copy)
            return Loaded(value, copy, error, _("{error} (its last good version is used)").format(error=error))
    nothing = Document(str(path), {})
    return Loaded(read(nothing), nothing, error, _("{error} (the defaults are used)").format(error=error))


def signature(*paths: Path) -> tuple[tuple[int, int, int] | None, ...]:
    """Changes when one of the files does: cheap enough to ask before every use."""
    found: list[tuple[int, int, int] | None] = []
    for path in paths:
        try:
            status = path.stat()
            found.append((status.st_mtime_ns, status.st_size, status.st_ino))
        except OSError:
            found.append(None)
    return tuple(found)
