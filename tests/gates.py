"""Work in threads that gives way to keys, with its waiting in sight."""

from __future__ import annotations

import asyncio
from threading import Event

import pytest

from mbclient.core import pieces

PATIENCE_S = 20.0


class Gate(Event):
    """What threads wait for. `ended`: how each waiting did, False for patience that ran out."""

    def __init__(self) -> None:
        super().__init__()
        self.ended: list[bool] = []
        self._waits, self._gives_up = Event(), Event()

    def wait(self, timeout: float | None = None) -> bool:
        self._waits.set()
        came = super().wait(timeout)
        self.ended.append(came)
        if not came:
            self._gives_up.set()
        return came

    async def waits(self) -> None:
        """Until somebody does."""
        assert await asyncio.to_thread(self._waits.wait, PATIENCE_S)

    async def gives_up(self) -> None:
        """Until somebody's patience has run out."""
        assert await asyncio.to_thread(self._gives_up.wait, PATIENCE_S)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    """A new one, where keys are waited for long."""
    gate = Gate()
    monkeypatch.setattr(pieces, "_gate", pieces._Gate(gate))
    monkeypatch.setattr(pieces, "KEY_S", PATIENCE_S)
    return gate
