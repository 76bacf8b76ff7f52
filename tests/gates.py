"""Work in threads that gives way to keys, with its waiting in sight."""

from __future__ import annotations

import asyncio
from threading import Event, Semaphore

import pytest

from mbclient.core import pieces

PATIENCE_S = 20.0


class Gate(Event):
    """What threads wait for. `ended`: how each waiting did, False for patience that ran out."""

    def __init__(self) -> None:
        super().__init__()
        self.ended: list[bool] = []
        self._begun = Semaphore(0)

    def wait(self, timeout: float | None = None) -> bool:
        self._begun.release()
        self.ended.append(super().wait(timeout))
        return self.ended[-1]

    async def waits(self) -> None:
        """Until somebody begins to; each time is told once."""
        assert await asyncio.to_thread(self._begun.acquire, timeout=PATIENCE_S)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    """A new one, where keys are waited for long."""
    gate = Gate()
    monkeypatch.setattr(pieces, "_gate", pieces._Gate(gate))
    monkeypatch.setattr(pieces, "KEY_S", PATIENCE_S)
    return gate
