"""How often an endpoint may be asked: the server tells nothing of what is left, so it is counted here (facts 3, 8)."""

from __future__ import annotations

from collections import deque
from datetime import timedelta

from mbclient.core.ports import Clock
from mbclient.domain.errors import RateLimitedError
from mbclient.services.limits import wait_until
from mbclient.texts import _

HOUR = 3600.0
LIMITS = {  # requests in seconds
    "i/notifications": (30, 30.0),
    "notes/create": (300, HOUR),
    "notes/edit": (300, HOUR),
    "notes/delete": (300, HOUR),
    "notes/reactions/delete": (60, HOUR),
}


class Pace:
    """The requests of one account in this run. Roles may allow more: only polling is held back by it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._asked: dict[str, deque[float]] = {}

    def enter(self, endpoint: str, account: str, *, polling: bool) -> None:
        """Counts a request. Raises `RateLimitedError` when a polling one would touch the last fifth."""
        if endpoint not in LIMITS:
            return
        most, seconds = LIMITS[endpoint]
        now = self._clock.monotonic()
        asked = self._asked.setdefault(endpoint, deque(maxlen=most))
        while asked and asked[0] <= now - seconds:
            asked.popleft()
        if polling and len(asked) * 5 >= most * 4:
            until = self._clock.now() + timedelta(seconds=asked[0] + seconds - now)
            raise RateLimitedError(
                _("nearly all requests that the server allows are used"),
                wait_until(until),
                account=account,
                until=until,
            )
        asked.append(now)
