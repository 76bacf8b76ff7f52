"""What an entry says after one more copy of its post has come, from the same account or another; no database in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from mbclient.domain.poll import Poll
from mbclient.domain.post import Filtered, Post
from mbclient.storage.codec import repaired

_FIRST_INSTANT = datetime.min.replace(tzinfo=UTC)


def merged(known: Post, arrived: Post) -> Post:
    """The entry's body after `arrived`: its own account brings everything, another one only a newer edit's content."""
    if is_same_copy(known, arrived):
        return placed(known, arrived)
    filtered = _filtered(known, arrived)
    if not is_same_author(known, arrived):
        return replace(known, filtered=filtered)
    author = known.author
    if arrived.author.members_only:  # whoever brings it; only its own account knows that it was taken back
        author = replace(author, members_only=True)
    if not _is_newer_edit(known, arrived):
        return replace(known, author=author, filtered=filtered)
    return replace(
        known,
        author=author,
        filtered=filtered,
        text=arrived.text,
        cw=arrived.cw,
        sensitive=arrived.sensitive,
        lang=arrived.lang,
        links=arrived.links,
        tags=arrived.tags,
        mentions=arrived.mentions,
        media=arrived.media,
        quoted=arrived.quoted,
        poll=_poll(known.poll, arrived.poll),
        edited_at=arrived.edited_at,
    )


def placed(known: Post, arrived: Post) -> Post:
    """`arrived` in the place of `known`; an older edit brings figures only."""
    if _is_newer_edit(arrived, known):
        return replace(known, counts=arrived.counts, mine=arrived.mine)
    return replace(
        arrived,
        kind=known.kind,
        created_at=known.created_at,
        boosted_by=None,
        boost_id="",
        boosted_at=None,
        boosters=known.boosters,
        also=(),
        terms=(),
        filtered=_filtered(known, arrived),
    )


def _filtered(known: Post, arrived: Post) -> tuple[Filtered, ...]:
    """The filters of every account that has brought the post, each account's as it said last, in one order."""
    others = (filtered for filtered in known.filtered if filtered.account != repaired(arrived.account))
    return tuple(sorted((*others, *arrived.filtered), key=lambda filtered: filtered.account))


def _poll(known: Poll | None, arrived: Poll | None) -> Poll | None:
    """Another account's poll, with what the entry's own account has done in it and by the name that it has there.

    An edit that gives other choices takes all votes back. Where that name is not known, one cannot vote until it is.
    """
    if arrived is None:
        return None
    name, voted, chosen = "", True, frozenset[int]()
    if known is not None:
        name, voted = known.id, known.voted
        if [choice.text for choice in known.choices] == [choice.text for choice in arrived.choices]:
            chosen = known.chosen
        else:
            voted = False
    choices = tuple(replace(choice, mine=place in chosen) for place, choice in enumerate(arrived.choices))
    return replace(arrived, choices=choices, voted=voted, id=name)


def is_same_copy(known: Post, arrived: Post) -> bool:
    """Whether the account that the entry's body is of brings it again."""
    return (known.account, known.remote_id) == (repaired(arrived.account), repaired(arrived.remote_id))


def is_same_author(known: Post, arrived: Post) -> bool:
    """Else it is a stranger who writes under the same address."""
    return repaired(known.author.handle).casefold() == repaired(arrived.author.handle).casefold()


def _is_newer_edit(known: Post, arrived: Post) -> bool:
    return (arrived.edited_at or _FIRST_INSTANT) > (known.edited_at or _FIRST_INSTANT)
