"""Where timelines on the screen come from: a view of the archive, or posts that a service just gave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mbclient.core.reading import Reading
from mbclient.core.stores import Entry, Gap, ViewQuery
from mbclient.domain.post import Author, Post
from mbclient.domain.safetext import SafeText
from mbclient.ui.window import PAGE


class ViewSource:
    """A view of the archive, read page by page, with the gaps in it at their places."""

    def __init__(self, reading: Reading, query: ViewQuery) -> None:
        self._reading = reading
        self.query = query
        self.read_gaps()

    def read_gaps(self) -> None:
        """Asks anew where something is missing."""
        self._gaps = [gap_entry(gap) for gap in self._reading.gaps(self.query)]

    def page(self, *, before: int | None = None, after: int | None = None, limit: int = PAGE) -> Sequence[Entry]:
        entries = self._reading.page(self.query, before=before, after=after, limit=limit)
        between = [
            entry
            for entry in self._gaps
            if (before is None or entry.key < before) and (after is None or entry.key > after)
        ]
        if not between:
            return entries
        merged = sorted((*entries, *between), key=lambda entry: -entry.key)
        return merged[-limit:] if after is not None else merged[:limit]

    def count(self, *, after: int | None = None) -> int:
        """Of several accounts each one's own is added up where all are meant: what two have seen counts twice, and
        where one stands among so many is seen as well, without looking at every one.
        """
        if after is not None:
            return self._reading.newer_than(self.query, after)
        each = self.query.accounts if len(self.query.accounts) > 1 else (None,)
        some = (self.query if name is None else replace(self.query, accounts=(name,)) for name in each)
        return sum(map(self._reading.size, some))


def gap_entry(gap: Gap) -> Entry:
    """A gap as the timeline keeps it: in its place, selectable, and no post."""
    nobody = Post(gap.account, "", "", "", Author(SafeText("")), SafeText(""), gap.below)
    return Entry(gap.key, nobody, gap=gap)


FIRST = 1 << 40  # the key of the topmost of some posts; those below have the next lower ones


class PostsSource:
    """A handful of posts in the order given (the first is shown on top): a thread, a search's answer.

    Keys are made here, from the place in the list, so that more can be added below.
    """

    def __init__(self, posts: Sequence[Post]) -> None:
        self.entries: list[Entry] = []
        self.add(posts)

    def add(self, posts: Sequence[Post]) -> Sequence[Entry]:
        """More of them, below the others."""
        top = FIRST - len(self.entries)
        added = [Entry(top - place, post) for place, post in enumerate(posts)]
        self.entries += added
        return added

    def page(self, *, before: int | None = None, after: int | None = None, limit: int = PAGE) -> Sequence[Entry]:
        if after is not None:
            return [entry for entry in self.entries if entry.key > after][-limit:]
        return [entry for entry in self.entries if before is None or entry.key < before][:limit]

    def count(self, *, after: int | None = None) -> int:
        return len([entry for entry in self.entries if after is None or entry.key > after])

    def key_of(self, post_id: str) -> int | None:
        """The key of a post in the list."""
        return next((entry.key for entry in self.entries if entry.post.id == post_id), None)

    def put(self, post: Post) -> int | None:
        """Replaces a post that has changed; gives its key."""
        for place, entry in enumerate(self.entries):
            if entry.post.id == post.id:
                self.entries[place] = Entry(entry.key, post, entry.views)
                return entry.key
        return None
