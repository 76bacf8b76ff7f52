"""When the meter may have become another: its borders lie on whole minutes, or right after one."""

from __future__ import annotations

from datetime import datetime, timedelta

Phase = tuple[datetime, bool]


class Minutes:
    """Asked every second, so that sleep of the computer and a clock set anew are noticed within one (policy facts 11).

    A slot's window ends with its last whole second inside, so each minute has two parts: its first second, the rest.
    """

    def __init__(self) -> None:
        self._shown: tuple[Phase, Phase] | None = None

    def due(self, now: datetime, skew: timedelta = timedelta(0)) -> bool:
        """What `passed` would say; asking changes nothing."""
        return (_phase(now), _phase(now + skew)) != self._shown

    def passed(self, now: datetime, skew: timedelta = timedelta(0)) -> bool:
        """True when a border lies between the last call and this one, at the local clock or at the corrected one."""
        phases = _phase(now), _phase(now + skew)
        changed = phases != self._shown
        self._shown = phases
        return changed


def _phase(now: datetime) -> Phase:
    return now.replace(second=0, microsecond=0), now.second >= 1
