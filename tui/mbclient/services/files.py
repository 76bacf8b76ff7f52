"""Files that go along with a post, read within bounds."""

from __future__ import annotations

from pathlib import Path

from mbclient.domain.errors import UsageError
from mbclient.domain.safetext import SafeText
from mbclient.texts import _
from mbclient.texts.outside import system_reason

MAX_FILE_BYTES = 100_000_000


def read_file(path: Path, limit: int = 0) -> bytes:
    """The file's bytes; blocks. Raises `UsageError` when it cannot be read or is larger than the server takes.

    `limit` 0: as far as any service goes.
    """
    name, limit = SafeText.line(path.name), limit or MAX_FILE_BYTES
    try:
        if path.stat().st_size > limit:
            raise UsageError(
                _("{file} is larger than the {limit} bytes that the server takes").format(file=name, limit=limit)
            )
        return path.read_bytes()
    except OSError as error:
        reason = SafeText.line(system_reason(error))
        raise UsageError(_("{file} cannot be read ({reason})").format(file=name, reason=reason)) from error
