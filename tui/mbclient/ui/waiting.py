"""What waits in the outbox, in words for one line: counted down, planned, held, unsure, failed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from mbclient.core.stores import OutboxRow, SendState
from mbclient.texts import _, ngettext

SOON = timedelta(minutes=1)


def waiting_words(rows: Sequence[OutboxRow], now: datetime) -> str:
    """Empty when nothing waits. The seconds left to take something back come first."""
    parts = [_soon_words(rows, now)]
    planned = sum(row.state is SendState.QUEUED and row.draft.due is not None for row in rows)
    if planned:
        parts.append(ngettext("{n} planned", "{n} planned", planned).format(n=planned))
    for state, words in (
        (SendState.HELD, _("{n} waiting for you (O)")),
        (SendState.UNKNOWN, _("{n} unsure (O)")),
        (SendState.FAILED, _("{n} failed (O)")),
    ):
        number = sum(row.state is state for row in rows)
        if number:
            parts.append(words.format(n=number))
    return " · ".join(part for part in parts if part)


def _soon_words(rows: Sequence[OutboxRow], now: datetime) -> str:
    going = [row for row in rows if row.draft.due is None and row.state in (SendState.QUEUED, SendState.SENDING)]
    recallable = [row.not_before for row in going if can_be_taken_back(row) and row.not_before > now]
    if recallable:
        seconds = max(1, round((max(recallable) - now) / timedelta(seconds=1)))
        return _("sending in {n} s · u takes it back").format(n=seconds)
    return _("sending …") if going else ""


def can_be_taken_back(row: OutboxRow) -> bool:
    """Nothing of it has left the machine."""
    return row.state is SendState.QUEUED and row.attempts == 0


def changes_by_the_second(rows: Sequence[OutboxRow], now: datetime) -> bool:
    """Whether the words may be others in a second."""
    moving = (row for row in rows if row.state in (SendState.QUEUED, SendState.SENDING))
    return any(row.draft.due is None or row.draft.due - now < SOON for row in moving)
