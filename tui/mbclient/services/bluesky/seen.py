"""How far notifications are read, for all clients of an account (Bluesky facts 4): a time. Home has no such mark."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from mbclient.services.bluesky.session import Session
from mbclient.services.bluesky.shape import optional_instant, optional_text
from mbclient.services.bluesky.writing import written_time
from mbclient.services.bluesky.xrpc import procedure, query

PLACE = "notifications"
_STEP = timedelta(milliseconds=1)


async def read(session: Session) -> Mapping[str, str]:
    """Stands in every answer to the list of notifications."""
    answer = await session.call(query("app.bsky.notification.listNotifications", ("limit", "1")))
    seen = optional_instant(optional_text(answer, "seenAt"))
    return {} if seen is None else {PLACE: written_time(seen)}


async def write(session: Session, mark: str) -> bool:
    """False where another client has read further: the server takes any time, and would go back to an earlier one."""
    theirs = (await read(session)).get(PLACE)
    if theirs is not None and reaches(theirs, mark):
        return False
    await session.call(procedure("app.bsky.notification.updateSeen", {"seenAt": mark}, write=False))
    return True


def mark(at: datetime) -> str:
    """The next millisecond: only what came before the time that is told counts as read."""
    return written_time(at + _STEP)


def reaches(one: str, other: str) -> bool:
    """Whether one mark is as late as another, or later; nonsense reaches nothing."""
    here, there = optional_instant(one), optional_instant(other)
    return here is not None and there is not None and there <= here
