"""Work in threads that gives way to keys, with its waiting in sight."""

from __future__ import annotations

import asyncio
from threading import Event

import pytest

from mbclient.core import pieces

PATIENCE_S = 20.0


class Gate(Event):
    """What threads wait at. `ended`: how each waiting did, False for patience that ran out."""

    def __init__(self) -> None:
        super().__init__()
        self.set()
        self.ended: list[bool] = []
        self._waits = Event()

    def wait(self, timeout: float | None = None) -> bool:
        self._waits.set()
        self.ended.append(super().wait(timeout))
        return self.ended[-1]

    async def waits(self) -> None:
        """Until somebody does."""
        assert await asyncio.to_thread(self._waits.wait, PATIENCE_S)


def watched_gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    """A new one, with long patience and no key expected."""
    gate = Gate()
    monkeypatch.setattr(pieces._gate, "_is_open", gate)
    monkeypatch.setattr(pieces._gate, "clear", (0.0, 0.0))
    monkeypatch.setattr(pieces, "KEY_S", PATIENCE_S)
    return gate
