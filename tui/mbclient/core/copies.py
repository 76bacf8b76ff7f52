"""The daily copy of what no server can give again, also where a program is open for weeks (reliability facts 4.2)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date

from mbclient.core.events import Bus, Notice
from mbclient.core.ports import Clock
from mbclient.domain.errors import StorageError

LOOK_EVERY_S = 600.0  # whether another day has begun: the steady clock stands still while the computer sleeps


class DailyCopies:
    """`make` makes today's copy unless it is there; it may take seconds, and blocks nobody who writes."""

    def __init__(self, make: Callable[[], None], clock: Clock, bus: Bus) -> None:
        self._make = make
        self._clock = clock
        self._bus = bus
        self._told: date | None = None

    async def run(self) -> None:
        """For as long as the program does. The start has made the first one, or has said why not."""
        self._told = self._clock.now().date()
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            await self.look()

    async def look(self) -> None:
        """In a thread. A failure is told once a day, and tried again."""
        try:
            await asyncio.to_thread(self._make)
        except StorageError as error:
            today = self._clock.now().date()
            if self._told != today:
                self._told = today
                self._bus.publish(Notice(str(error), "warning"))
