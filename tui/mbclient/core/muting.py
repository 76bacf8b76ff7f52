"""Mutes compiled once: which one concerns a post. Terms as everywhere; a conversation by walking up its answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from mbclient.core.preferences import Mute
from mbclient.core.workterms import read_terms
from mbclient.domain.post import Author, Post, PostKind
from mbclient.policy.calendar import ONE_DAY, local_date, spans
from mbclient.policy.model import Policy

Parent = Callable[[Post], Post | None]  # the post that a post answers, where it is known

HOUR, WEEK = timedelta(hours=1), timedelta(days=7)
_FOR_EVER = datetime.max.replace(tzinfo=UTC)
_HEIGHT = 100  # answers to answers that are walked up; a loop of them ends too
_LINE = 20  # addresses that a mute of a conversation keeps
_DAYS_AHEAD = 31


class Muter:
    """Asked for every post. Raises `UsageError` for a bad term, at once."""

    def __init__(self, mutes: Iterable[Mute]) -> None:
        self._threads: list[Mute] = []
        self._by_term: dict[str, list[Mute]] = {}
        for mute in mutes:
            if mute.term:
                self._by_term.setdefault(mute.term, []).append(mute)
            else:
                self._threads.append(mute)
        self._terms = read_terms(self._by_term)

    @property
    def needs_parents(self) -> bool:
        """Whether any conversation is muted; only then is anything looked up."""
        return bool(self._threads)

    def match(
        self, post: Post, now: datetime, parent: Parent, but: Callable[[Mute], bool] = lambda _mute: False
    ) -> Mute | None:
        """The mute in force that concerns the post, `but` for some; of several the one that lasts longest.

        What has come in several ways is muted in all of them or not at all: one that is not muted shows it.
        """
        mutes = [self._of_one(each, now, parent, but) for each in brought(post)]
        return None if None in mutes else max(filter(None, mutes), key=_end)

    def _of_one(self, post: Post, now: datetime, parent: Parent, but: Callable[[Mute], bool]) -> Mute | None:
        found: list[Mute] = []
        if self._by_term:
            found += (mute for term in self._terms.match(post) for mute in self._by_term[term] if mute.holds(now))
        if self._threads:
            found += self._of_threads(post, now, parent)
        return max((mute for mute in found if not but(mute)), key=_end, default=None)

    def _of_threads(self, post: Post, now: datetime, parent: Parent) -> Sequence[Mute]:
        waiting = [mute for mute in self._threads if mute.holds(now)]
        if not waiting:
            return ()
        line = set(line_of(post, parent))
        return [mute for mute in waiting if not line.isdisjoint(mute.thread)]


def brought(post: Post) -> Sequence[Post]:
    """The post as each of those who boosted it brought it, and as it came by itself where it did."""
    if not post.boosters and (post.boosted_by is None or post.kind is PostKind.BOOST):
        return (post,)
    people: list[Author | None] = [] if post.kind is PostKind.BOOST else [None]
    people += [each.author for each in post.boosts]
    return [replace(post, boosted_by=one, boosters=()) for one in people]


def line_of(post: Post, parent: Parent) -> Sequence[str]:
    """The names of a post, of what it answers as far up as is known, and of the conversation's first post.

    A name is an address, or `account:remote_id`: two servers may well give two posts the same bare id.
    """
    names: dict[str, None] = {}
    above: Post | None = post
    for _step in range(_HEIGHT):
        if above is None or above.uri in names:
            break
        names.update(dict.fromkeys((above.uri, above.id, *above.also)))
        if above.root is not None:
            names[_name(above, above.root[0])] = None
        if above.in_reply_to is None:
            break
        answered, above = _name(above, above.in_reply_to), parent(above)
        names[answered] = None
    return tuple(names)


def _name(post: Post, id: str) -> str:
    """Of another post that this one names: services with addresses as ids name it for everybody."""
    return id if "://" in id else f"{post.account}:{id}"


def conversation(post: Post, parent: Parent) -> tuple[str, ...]:
    """What tells the whole conversation of a post: its beginning, as far as it is known, counts most."""
    return tuple(line_of(post, parent)[-_LINE:])


def added(mutes: Iterable[Mute], mute: Mute, now: datetime) -> tuple[Mute, ...]:
    """With one more; the same thing is not muted twice, and what is over goes."""
    return (*(each for each in mutes if each.fixed or (not _same(each, mute) and each.holds(now))), mute)


def lifted(mutes: Iterable[Mute], mute: Mute) -> tuple[Mute, ...]:
    """Without it. What stands in config.toml stays: only its owner takes it back."""
    return tuple(each for each in mutes if each.fixed or not _same(each, mute))


def as_choice(mutes: Iterable[Mute]) -> list[dict[str, object]]:
    """The mutes that the program keeps, as tables for choices.toml."""
    return [
        {name: value for name, value in _fields(mute).items() if value not in ("", (), None)}
        for mute in mutes
        if not mute.fixed
    ]


def _fields(mute: Mute) -> dict[str, object]:
    return {"term": mute.term, "thread": mute.thread, "until": mute.until, "note": mute.note}


def _same(one: Mute, other: Mute) -> bool:
    blank = Mute()
    return replace(blank, term=one.term, thread=one.thread) == replace(blank, term=other.term, thread=other.thread)


def _end(mute: Mute) -> datetime:
    return mute.until or _FOR_EVER


def work_time_end(policy: Policy, now: datetime) -> datetime | None:
    """When today's work time ends, or the next workday's once it has; None where none is near."""
    today = local_date(policy, now)
    for day in range(_DAYS_AHEAD):
        ends = [end for _start, end in spans(policy, today + day * ONE_DAY) if end > now]
        if ends:
            return max(ends)
    return None
