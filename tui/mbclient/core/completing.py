"""Names and tags that one begins to write, ended from what has been read: no service is asked for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import field

from mbclient.core.criteria import HOME
from mbclient.core.stores import Archive, ViewQuery
from mbclient.domain.latepattern import late
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.post import Post

RECENT = 1000  # posts whose people and tags are known
MOST = 5
BEGUN = late(r"(?<![\w@#/.])[@#][\w.@-]+\Z")
_TAG = late(r"\w{1,60}")
_HANDLE = late(r"[\w.-]{1,100}(@[\w.-]{1,250})?")


@dataclass(slots=True)
class _Person:
    """`accounts`: through which of the own ones they are known; others may not reach them by this name."""

    name: str
    posts: int = 0
    accounts: set[str] = field(default_factory=set)


class Vocabulary:
    """Who wrote or was named in some posts, and their tags. Cheap to ask at every key."""

    def __init__(self, posts: Iterable[Post] = ()) -> None:
        self._people: dict[str, _Person] = {}
        self._tags: Counter[str] = Counter()
        self._written: dict[str, str] = {}
        for post in posts:
            self._add_person(str(post.author.handle), str(post.author.name), post.account)
            for handle in post.mentions:
                self._add_person(str(handle), "", post.account)
            for tag in map(str, post.tags):
                if _TAG.fullmatch(tag):
                    self._tags[tag.casefold()] += 1
                    self._written.setdefault(tag.casefold(), tag)  # as the newest post writes it

    def _add_person(self, handle: str, name: str, account: str) -> None:
        handle = handle.removeprefix("@")
        if not _HANDLE.fullmatch(handle):
            return
        person = self._people.setdefault(handle, _Person(name.casefold()))
        person.name = person.name or name.casefold()
        person.posts += 1
        person.accounts.add(account)

    def endings(self, begun: str, accounts: Sequence[str]) -> Sequence[str]:
        """`@an` → `@anna@one.example`, those who write most first; `#op` → `#openssl`. A person is also found by any
        part of the name. Nothing for what is whole already.
        """
        sign, word = begun[:1], begun[1:].casefold()
        if not word:
            return ()
        if sign == "#":
            found = sorted((tag for tag in self._tags if tag.startswith(word)), key=lambda tag: -self._tags[tag])
            return [f"#{self._written[tag]}" for tag in found[:MOST] if tag != word]
        near = [
            (not handle.casefold().startswith(word), -person.posts, handle)
            for handle, person in self._people.items()
            if not person.accounts.isdisjoint(accounts) and _begins(handle.casefold(), person.name, word)
        ]
        return [f"@{handle}" for _named, _posts, handle in sorted(near)[:MOST] if handle.casefold() != word]


def _begins(handle: str, name: str, word: str) -> bool:
    return handle.startswith(word) or any(part.startswith(word) for part in name.split())


class Completing:
    """Reads the archive for it."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def vocabulary(self) -> Vocabulary:
        """Blocks: call it in a thread. Raises `StorageError`."""
        page = self._archive.page(ViewQuery(HOME), limit=RECENT)
        return Vocabulary(entry.post for entry in page)


def begun_word(line: str) -> str:
    """The name or tag that ends a line's part before the cursor; empty where there is none."""
    found = BEGUN.search(line)
    return found[0] if found else ""
