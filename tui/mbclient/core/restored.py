"""What came back from a copy after damage, or may have gone for another reason: looked for by its words.

Nothing was prepared for such a row, so there is no name or key that its service could find it by: it is compared with
the account's own posts since it was written (reliability facts 3).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from mbclient.core.handover import scheduling
from mbclient.core.ports import Published, Service
from mbclient.core.stores import OutboxRow
from mbclient.domain.latepattern import late
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.post import Post
from mbclient.domain.safetext import MAX_CHARACTERS, SafeText
from mbclient.policy.counting import normalised

SKEW = timedelta(minutes=10)  # between this clock and the server's
_HOST = late(r"(?<=\w)@[\w.-]+")  # of a handle: many servers show it without


@dataclass(frozen=True, slots=True)
class Look:
    """`same`: the very words, so it is this post. `like`: the address of one that may be it; the user knows."""

    same: Published | None = None
    like: str = ""


async def look(service: Service, row: OutboxRow, taken: Collection[str]) -> Look:
    """Among what the account has published, or its server keeps until its time. `taken`: posts that other rows became.

    Raises `ServiceError`.
    """
    words = _plain(row.draft.text)  # none: pictures alone, of which the words cannot tell
    if row.draft.on_server:
        for held in await scheduling(service).scheduled():
            if held.id not in taken and _plain(str(held.text)) == words:
                return Look(Published(held.id, "", "", held.due, scheduled=True))
    since = (row.first_sent_at or row.created_at) - SKEW
    like = ""
    for post in await service.own_posts(since):
        if post.remote_id in taken:
            continue
        if words and _plain(str(post.text)) == words and _answers_the_same(post, row):
            return Look(Published(post.remote_id, post.uri, post.url, post.created_at, post))
        if _bare(str(post.text)) == _bare(row.draft.text):
            like = like or post.url or post.remote_id
    return Look(like=like)


def _answers_the_same(post: Post, row: OutboxRow) -> bool:
    """Thanks to somebody else are another post, a boost is none. Where a server renames the parent, the user knows."""
    return post.boosted_by is None and (post.in_reply_to or "") == row.draft.reply_to.partition(":")[2]


def _plain(text: str) -> str:
    """As a post of the archive has it: what one sends keeps characters that are cleaned from what one reads."""
    return SafeText.line(text, max_characters=MAX_CHARACTERS)


def _bare(text: str) -> str:
    """Without what servers write otherwise than the user: addresses, the hosts of handles, forms of letters."""
    return normalised(_HOST.sub("", _plain(text)))
