"""The account's own preferences, read now and then: what they say of moderation."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from mbclient.core.ports import Clock
from mbclient.domain.errors import ServiceError
from mbclient.services.bluesky.moderation import Moderation
from mbclient.services.bluesky.session import Session
from mbclient.services.bluesky.shape import objects
from mbclient.services.bluesky.xrpc import query

AGAIN = timedelta(minutes=10)


class Preferences:
    """The rules as last read. `ids`: of what stands there, None until it is known."""

    def __init__(self, session: Session, clock: Clock) -> None:
        self._session = session
        self._clock = clock
        self._asked: datetime | None = None
        self._one_at_a_time = asyncio.Lock()
        self._rules = Moderation(session.account.name)
        self.ids: frozenset[str] | None = None

    async def moderation(self) -> Moderation:
        """Where the server does not tell, the posts are shown by the rules that are known."""
        async with self._one_at_a_time:  # who comes meanwhile waits for the answer
            now = self._clock.now()
            if self._asked is None or now - self._asked >= AGAIN:
                self._asked = now
                await self._ask()
        return self._rules

    async def _ask(self) -> None:
        try:
            answer = await self._session.call(query("app.bsky.actor.getPreferences"))
        except ServiceError:
            return
        if isinstance(answer.get("preferences"), list):
            self._rules = Moderation.read(self._session.account.name, objects(answer["preferences"]))
            self.ids = self._rules.ids
