"""A kit for adapter tests: a real HTTP client and clock, secrets in memory, folders that go away."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from mbclient.domain.secret import Secret
from mbclient.services.http import Http
from mbclient.services.kit import Kit


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


class StoppedClock:
    """A clock that a test sets."""

    def __init__(self, now: datetime) -> None:
        self.time = now

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return self.time.timestamp()


class MemorySecrets:
    """Secrets that nobody keeps."""

    def __init__(self) -> None:
        self.kept: dict[str, Secret] = {}

    def get(self, account: str) -> Secret | None:
        return self.kept.get(account)

    def set(self, account: str, secret: Secret, *, allow_file: bool = False) -> None:
        self.kept[account] = secret

    def delete(self, account: str) -> None:
        self.kept.pop(account, None)


@asynccontextmanager
async def kit_in(folder: Path) -> AsyncIterator[Kit]:
    """A kit whose files lie in `folder`; its HTTP client is closed at the end."""
    clock = SystemClock()
    http = Http(clock)
    try:
        yield Kit(http, MemorySecrets(), clock, folder / "mbclient.db", folder / "cache")
    finally:
        await http.aclose()
