"""What of a timeline is new to its reader: pure marks on the order of keys."""

from __future__ import annotations

from collections.abc import Iterable

from mbclient.domain.lazydataclass import dataclass


@dataclass(slots=True)
class UnreadMarks:
    """`line`: entries newer than this key are unread; it moves only at a move of the user's, never under the eyes.

    `seen`: the newest key that has been on screen. `read`: the newest key that has been selected, or the line.
    `above`: entries newer than `seen`.
    """

    line: int | None = None
    seen: int | None = None
    read: int | None = None
    above: int = 0
    _next_line: int | None = None

    @classmethod
    def begin(cls, line: int | None, seen: int | None = None, above: int = 0) -> UnreadMarks:
        """`seen`: the newest key that was on screen another time; `above`: how many are newer than that."""
        return cls(line=line, seen=seen, read=line, above=above)

    def is_unread(self, key: int) -> bool:
        return self.line is not None and key > self.line

    def on_screen(self, newest: int) -> bool:
        """The newest key on screen now; True when it is newer than any before: count `above` anew."""
        if self.seen is not None and newest <= self.seen:
            return False
        self.seen = newest
        return True

    def selected(self, key: int) -> None:
        if self.read is None or key > self.read:
            self.read = key

    def arrived(self, keys: Iterable[int]) -> None:
        """Keys that came. Had all been seen, the line will stand above what was seen till now."""
        fresh = sum(1 for key in keys if self.seen is not None and key > self.seen)
        if fresh and not self.above:
            self._next_line = self.seen
        self.above += fresh

    def user_moved(self) -> bool:
        """True when the line has moved."""
        moved = self._next_line is not None and self._next_line != self.line
        if moved:
            self.line = self._next_line
        self._next_line = None
        return moved
