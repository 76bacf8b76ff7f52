"""A window of a few hundred entries on a timeline of any length: what is near is in memory, the rest is asked for."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from mbclient.core.stores import Entry

PAGE = 60
FIRST = 30  # a start paints these, and reads on afterwards
MOST = 360
FEW = 20  # two screenfuls, about


class TimelineSource(Protocol):
    """Where a timeline's entries come from: one view of the archive, a thread, a search."""

    def page(self, *, before: int | None = None, after: int | None = None, limit: int = PAGE) -> Sequence[Entry]:
        """Newest first. `before`, `after` are keys, exclusive; with `after` the page directly above it."""
        ...

    def count(self, *, after: int | None = None) -> int:
        """How many posts there are, or how many newer than a key; gaps are none."""
        ...


class EntryWindow:
    """Entries in order, newest first, read in pages as they are asked for.

    `pages_read` counts the pages asked of the source: what a key costs beyond painting.
    """

    def __init__(self, source: TimelineSource) -> None:
        self._source = source
        self._entries: list[Entry] = []
        self._newest_reached = False
        self._oldest_reached = False
        self._above = 0  # entries of the source that are newer than the window's first
        self._total = 0
        self._counted = False
        self._held: dict[int, int] = {}  # keys that entries had, and have by now
        self.pages_read = 0

    # ---------------------------------------------------------------- where to look

    def load_newest(self) -> Entry | None:
        """The newest entry, with the window around it."""
        self._entries = self._page(limit=FIRST)
        self._held.clear()
        self._newest_reached = True
        self._oldest_reached = len(self._entries) < FIRST
        self._above = 0
        self._count()
        return self._entries[0] if self._entries else None

    def load_oldest(self) -> Entry | None:
        """The oldest entry, with the window around it."""
        self._entries = self._page(after=-1)
        self._held.clear()
        self._oldest_reached = True
        self._newest_reached = len(self._entries) < PAGE
        self._count()
        self._above = self._total - _posts(self._entries)
        return self._entries[-1] if self._entries else None

    def load_around(self, key: int) -> Entry | None:
        """The entry with this key, or the nearest to it, with the window around it."""
        newer, older = self._page(after=key, limit=FIRST), self._page(before=key + 1, limit=FIRST)
        self._entries = [*newer, *older]
        self._held.clear()
        self._newest_reached = len(newer) < FIRST
        self._oldest_reached = len(older) < FIRST
        self._count()
        self._above = self._source.count(after=self._entries[0].key) if self._entries else 0
        return older[0] if older else newer[-1] if newer else None

    def find(self, key: int) -> Entry | None:
        """The entry with this key if the window holds it."""
        index = self._index(key)
        if index < len(self._entries) and self._entries[index].key == key:
            return self._entries[index]
        return None

    def nearest(self, key: int) -> Entry | None:
        """The entry with this key, else the next older, else the next newer in the window."""
        if not self._entries:
            return None
        return self._entries[min(self._index(key), len(self._entries) - 1)]

    def older(self, key: int) -> Entry | None:
        """The entry directly below, read from the source if need be."""
        index = self._index(key - 1)
        if index >= len(self._entries):
            index -= self._read_older()
        return self._entries[index] if index < len(self._entries) else None

    def newer(self, key: int) -> Entry | None:
        """The entry directly above, read from the source if need be."""
        index = self._index(key) - 1
        if index < 0:
            index += self._read_newer()
        return self._entries[index] if index >= 0 else None

    def runs_out(self, key: int, *, down: bool) -> bool:
        """Whether few entries are left that way, and the source may have more."""
        index = self._index(key)
        if down:
            return not self._oldest_reached and index >= len(self._entries) - FEW
        return not self._newest_reached and index < FEW

    def read_ahead(self, key: int, *, down: bool) -> None:
        """Reads the next page that way, if entries run out."""
        if self.runs_out(key, down=down):
            (self._read_older if down else self._read_newer)()

    def downwards(self, entry: Entry) -> Iterator[Entry]:
        """This entry and those below it."""
        following: Entry | None = entry
        while following is not None:
            yield following
            following = self.older(following.key)

    # ---------------------------------------------------------------- numbers

    @property
    def total(self) -> int:
        return self._total

    @property
    def newest_key(self) -> int | None:
        """The newest key in the window."""
        return self._entries[0].key if self._entries else None

    def above(self, key: int) -> int:
        """How many posts are newer than this entry of the window."""
        return self._above + _posts(self._entries[: self._index(key)])

    # ---------------------------------------------------------------- changes

    def arrived(self, entries: Iterable[Entry]) -> None:
        """New entries of this timeline, each put where it belongs; what is far away is only counted."""
        for entry in entries:
            if self.find(entry.key) is not None:
                self.replace(entry)
                continue
            self._total += entry.gap is None
            if not self._entries:
                self._entries.append(entry)
                self._newest_reached = self._oldest_reached = True
            elif entry.key > self._entries[0].key:
                self._above += entry.gap is None
                self._newest_reached = False
            elif entry.key < self._entries[-1].key:
                self._oldest_reached = False
            else:
                self._entries.insert(self._index(entry.key), entry)

    def keys_of(self, post_id: str) -> tuple[int, ...]:
        """The entries of the window that show this post (`Post.id`), through whatever account: itself, boosts of it."""
        shown = ((entry.key, entry.post) for entry in self._entries)
        return tuple(key for key, post in shown if post.id == post_id or post_id in post.also)

    def hold(self, key: int, now: int) -> None:
        """An entry has another key now, and stays where somebody looks at it until it is let go."""
        self._held[key] = now

    def let_go(self, but: Iterable[int]) -> bool:
        """What was held goes where it belongs, but for these; whether any did."""
        going = self._held.keys() - set(but)
        for key in going:
            self.place(key, self._held.pop(key))
        return bool(going)

    def place(self, key: int, now: int) -> None:
        """An entry has another key now."""
        for held, where in self._held.items():
            if where == key:
                self._held[held] = now
                return
        entry = self._read(now)
        if self.find(key) is None and entry is not None:
            self._total -= 1
            self._above -= bool(self._entries) and key > self._entries[0].key
        self.remove(key)
        if entry is not None:
            self.arrived([entry])

    def replace(self, entry: Entry) -> bool:
        """Puts a changed entry in the place of the old one; False if the window does not hold it."""
        index = self._index(entry.key)
        if index < len(self._entries) and self._entries[index].key == entry.key:
            self._entries[index] = entry
            return True
        return False

    def reread(self, key: int) -> bool:
        """Reads one entry again from the source; False if it is no longer there."""
        entry, before = self._read(self._held.get(key, key)), self.find(key)
        if entry is None:
            self.remove(key)
            return False
        if key in self._held and before is not None:
            entry = Entry(key, replace(entry.post, boosted_at=before.post.sorted_at), entry.views)
        return self.replace(entry)

    def remove(self, key: int) -> None:
        self._held.pop(key, None)
        index = self._index(key)
        if index < len(self._entries) and self._entries[index].key == key:
            self._total -= self._entries[index].gap is None
            del self._entries[index]
        else:
            self._counted = False  # whether it was one of these is not known

    def recount(self) -> None:
        """The source has other entries than it told: the next look at one of its ends counts them."""
        self._counted = False

    # ---------------------------------------------------------------- within

    def _index(self, key: int) -> int:
        """Where the key stands, or would stand, in the window."""
        return bisect_left(self._entries, -key, key=lambda entry: -entry.key)

    def _count(self) -> None:
        """Asks how many there are once: the source looks at every one for it."""
        if not self._counted:
            self._total, self._counted = self._source.count(), True

    def _page(self, *, before: int | None = None, after: int | None = None, limit: int = PAGE) -> list[Entry]:
        self.pages_read += 1
        return list(self._source.page(before=before, after=after, limit=limit))

    def _read(self, key: int) -> Entry | None:
        self.pages_read += 1
        page = self._source.page(before=key + 1, limit=1)
        return page[0] if page and page[0].key == key else None

    def _not_held(self, page: Sequence[Entry]) -> Sequence[Entry]:
        """What stands elsewhere for a while is not shown twice."""
        return [entry for entry in page if entry.key not in self._held.values()] if self._held else page

    def _read_older(self) -> int:
        """Adds a page at the bottom; gives how many entries left the top for it."""
        if self._oldest_reached or not self._entries:
            return 0
        page = self._page(before=self._entries[-1].key)
        self._oldest_reached = len(page) < PAGE
        self._entries += self._not_held(page)
        gone = max(len(self._entries) - MOST, 0)
        if gone:
            self._above += _posts(self._entries[:gone])
            del self._entries[:gone]
            self._newest_reached = False
        return gone

    def _read_newer(self) -> int:
        """Adds a page at the top; gives how many entries it had."""
        if self._newest_reached or not self._entries:
            return 0
        read = self._page(after=self._entries[0].key)
        self._newest_reached = len(read) < PAGE
        page = self._not_held(read)
        self._entries[:0] = page
        self._above = 0 if self._newest_reached else max(self._above - _posts(page), 0)
        if len(self._entries) > MOST:
            del self._entries[MOST:]
            self._oldest_reached = False
        return len(page)


def _posts(entries: Sequence[Entry]) -> int:
    """How many of them are posts."""
    return sum(entry.gap is None for entry in entries)
