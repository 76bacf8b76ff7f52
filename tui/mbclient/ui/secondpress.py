"""A nudge that wants it takes a second press: a new one, never the same key held down (policy facts 10)."""

from __future__ import annotations

from enum import Enum

from mbclient.domain.draft import Draft

APART_S = 0.5  # policy facts 10: at least half a second after the first
SETTLE_S = 0.15  # a held key comes again within this: keyboards repeat ten times a second or more, after a first pause


class Press(Enum):
    """`AGAIN` may be the first repeat of a held key: it counts once `SETTLE_S` have passed without another press."""

    FIRST = "first"
    TOO_SOON = "too soon"
    AGAIN = "again"


class SecondPress:
    """Remembers the last press and the draft it was for; another draft begins anew."""

    def __init__(self) -> None:
        self._draft: Draft | None = None
        self._last = 0.0

    def press(self, draft: Draft, at: float) -> Press:
        """`at`: seconds of a clock that never jumps."""
        before, self._last = self._last, at
        if draft != self._draft:
            self._draft = draft
            return Press.FIRST
        return Press.AGAIN if at - before >= APART_S else Press.TOO_SOON

    def forget(self) -> None:
        self._draft = None
