"""How a post came to be here, and its place in time: the same in whatever order that was told.

A post and all its boosts are one entry. Its place is the post's own where it came by itself: what one has read is not
news for being boosted. Else it is that of the earliest boost known. A search finds old posts: where one did, and nobody
has boosted what it found, the place is the post's own too, but a boost brings it up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from enum import IntEnum

from mbclient.core.stores import Arrival
from mbclient.domain.post import Booster, Post, PostKind
from mbclient.storage.codec import repaired

MOST = 21  # boosts kept of a post: that they are more is told by the service's own count
_NEVER = datetime.max.replace(tzinfo=UTC)


class Way(IntEnum):
    """The numbers are those of the column; `BOOSTS`: nothing but boosts of it came."""

    ITSELF = 0
    BOOSTS = 1
    SEARCH = 2


def way_of(arrival: Arrival) -> Way:
    if arrival.post.boosted_by is not None:
        return Way.BOOSTS
    return Way.SEARCH if arrival.found else Way.ITSELF


def both(one: Way, other: Way) -> Way:
    """Of two ways the one that says more."""
    return min(one, other, key=(Way.ITSELF, Way.SEARCH, Way.BOOSTS).index)


def kept(post: Post) -> Post:
    """As its entry keeps it: all boosts in one row, in order, each with the account that told of it.

    `also` and `terms` may be left: the codec writes neither, and a copy costs more than the post's JSON.
    """
    if post.boosted_by is None and all(each.account for each in post.boosters):
        return post
    account = repaired(post.account)
    boosts = (
        replace(each, boost_id=repaired(each.boost_id), account=repaired(each.account) or account)
        for each in post.boosts
    )
    return replace(post, boosted_by=None, boost_id="", boosted_at=None, boosters=in_order(boosts), also=(), terms=())


def in_order(boosts: Iterable[Booster]) -> tuple[Booster, ...]:
    """Each once, as early as any tells, the earliest first."""
    each: dict[tuple[str, str], Booster] = {}
    for boost in boosts:
        name = (boost.account, boost.boost_id or _who(boost))
        if name not in each or _order(boost) < _order(each[name]):
            each[name] = boost
    return tuple(sorted(each.values(), key=_order))[:MOST]


def moment(post: Post, way: Way) -> datetime:
    """Where in time the entry stands; `post` as it is kept."""
    if way is Way.ITSELF or not post.boosters:
        return post.created_at
    return post.boosters[0].at or post.created_at


def shown(post: Post, way: Way, accounts: Sequence[str] = ()) -> Post:
    """What is kept as a timeline shows it: everybody who boosted it once; with `accounts`, as far as these know."""
    if not post.boosts:
        return post
    if post.boosted_by is not None or not all(each.account for each in post.boosters):  # the row of an earlier program
        post = replace(kept(post), also=post.also, terms=post.terms)
    named: dict[str, Booster] = {}
    for each in post.boosters:
        if not accounts or each.account in accounts:
            named.setdefault(_who(each), each)
    if way is Way.ITSELF:
        return post if len(named) == len(post.boosters) else replace(post, boosters=tuple(named.values()))
    at = post.boosters[0].at
    if not named:
        return replace(post, boosted_at=at, boosters=())
    first, *others = named.values()
    return replace(
        post,
        kind=PostKind.BOOST if way is Way.BOOSTS else post.kind,
        boosted_by=first.author,
        boost_id=first.boost_id if first.account == post.account else "",
        boosted_at=at,
        boosters=tuple(others),
    )


def _who(boost: Booster) -> str:
    return repaired(boost.author.handle).casefold()


def _order(boost: Booster) -> tuple[datetime, str, str, str]:
    return boost.at or _NEVER, _who(boost), boost.account, boost.boost_id
