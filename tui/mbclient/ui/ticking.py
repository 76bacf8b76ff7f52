"""When the meter may have become another: its borders lie on whole minutes, or right after one."""

from __future__ import annotations

from datetime import datetime, timedelta

TICK_S = 0.02  # after each whole second
_ZERO = timedelta(0)

Phase = tuple[datetime, bool]  # the minute, and whether its first second is over where that matters


class Minutes:
    """Asked every second, so that sleep of the computer and a clock set anew are noticed within one (policy facts 11).

    A slot's window ends with its last whole second inside, so a minute may have two parts: its first second, the rest.
    `parted`: whether that could make a difference now.
    """

    def __init__(self) -> None:
        self._shown: tuple[Phase, Phase] | None = None

    def due(self, now: datetime, skew: timedelta = _ZERO, *, parted: bool = True) -> bool:
        """What `passed` would say; asking changes nothing."""
        return _phases(now, skew, parted) != self._shown

    def passed(self, now: datetime, skew: timedelta = _ZERO, *, parted: bool = True) -> bool:
        """True when a border lies between the last call and this one, at the local clock or at the corrected one."""
        before, self._shown = self._shown, _phases(now, skew, parted)
        return self._shown != before


def _phases(now: datetime, skew: timedelta, parted: bool) -> tuple[Phase, Phase]:
    here = _phase(now, parted)
    return here, _phase(now + skew, parted) if skew else here


def _phase(now: datetime, parted: bool) -> Phase:
    return now.replace(second=0, microsecond=0), parted and now.second >= 1
