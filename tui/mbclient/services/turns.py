"""One at a time, among all programs on this computer: for tokens that may be used once and are then replaced."""

from __future__ import annotations

import asyncio
import fcntl
import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

WAIT_S = 20.0  # longer than a request may take: whoever holds it has hung, and its turn is over
PAUSE_S = 0.05


@asynccontextmanager
async def turn(folder: Path, name: str) -> AsyncIterator[None]:
    """Waits for the turn; the system gives it on when a program ends. Where no file can be made there is no waiting."""
    descriptor = _opened(folder, name)
    try:
        if descriptor is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(WAIT_S):
                    while not _taken(descriptor):  # noqa: ASYNC110 - a file lock tells nobody of its end
                        await asyncio.sleep(PAUSE_S)
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _opened(folder: Path, name: str) -> int | None:
    file = folder / (re.sub(r"[^a-z0-9.-]", "_", name.lower())[:120] + ".turn")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError:
        return None


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
