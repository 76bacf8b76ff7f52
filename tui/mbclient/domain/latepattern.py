"""Regular expressions that are compiled when they are first used: a start needs few of those that its modules name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from re import compile as late
else:

    class late:
        """Stands for `re.compile` of the same arguments; give it to nothing that wants a real pattern."""

        def __init__(self, pattern: str, flags: int = 0) -> None:
            self._given = pattern, flags

        def __getattr__(self, name: str) -> object:
            found = getattr(re.compile(*self._given), name)
            setattr(self, name, found)
            return found


__all__ = ["late"]
