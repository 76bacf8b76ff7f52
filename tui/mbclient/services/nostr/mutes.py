"""What the account has muted (NIP-51, kind 10000): people, hashtags, words, conversations.

The public part of the list alone: the private one is encrypted to oneself.
"""

from __future__ import annotations

from collections.abc import Iterator

from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.post import FilterAction, Filtered, Post
from mbclient.domain.safetext import SafeText
from mbclient.services.nostr.events import Event, is_id
from mbclient.services.nostr.posts import place_of
from mbclient.texts import _

MAX_LISTED = 2000


@dataclass(frozen=True, slots=True)
class Mutes:
    """By what the list's tags are called; words and hashtags in lower case. `account`: whose list it is.

    `ids`: the names of the marks that it makes: one that was taken back covers nothing any more.
    """

    account: str
    people: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    threads: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()

    @classmethod
    def of(cls, account: str, event: Event | None) -> Mutes:
        """Those of the list; none without one."""
        if event is None:
            return cls(account)
        named = {kind: [tag[1] for tag in event.named(kind)][:MAX_LISTED] for kind in ("p", "t", "word", "e")}
        lower = {kind: frozenset(word.casefold().strip() for word in named[kind]) - {""} for kind in ("t", "word")}
        people, threads = (frozenset(filter(is_id, named[kind])) for kind in ("p", "e"))
        kinds = {"p": people, "t": lower["t"], "word": lower["word"], "e": threads}
        ids = frozenset(f"{kind}:{name}" for kind, names in kinds.items() for name in names)
        return cls(account, people, lower["t"], lower["word"], threads, ids)

    def covers(self, event: Event) -> bool:
        """Whether something of the list concerns an event."""
        return next(self._marks(event, event.content), None) is not None

    def on(self, post: Post, *events: Event) -> tuple[Filtered, ...]:
        """What concerns a post: the note, and the repost that brought it."""
        return tuple(dict.fromkeys(mark for event in events for mark in self._marks(event, post.text)))

    def _marks(self, event: Event, text: str) -> Iterator[Filtered]:
        if event.pubkey in self.people:
            yield self._mark(_("accounts that you muted"), f"p:{event.pubkey}")
        place = place_of(event)
        for name in dict.fromkeys((event.id, place.root, place.parent)):
            if name in self.threads:
                yield self._mark(_("conversations that you muted"), f"e:{name}")
        for tag in sorted(self.tags & {tag[1].casefold() for tag in event.named("t")}):
            yield self._mark(f"#{tag}", f"t:{tag}")
        said = text.casefold()
        for word in sorted(word for word in self.words if word in said):
            yield self._mark(word, f"word:{word}")

    def _mark(self, title: str, id: str) -> Filtered:
        return Filtered(self.account, SafeText.line(title, max_characters=100), FilterAction.HIDE, (), None, id)
