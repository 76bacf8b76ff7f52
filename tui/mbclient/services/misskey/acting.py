"""Likes, boosts and bookmarks: switches that may be set again (facts/misskey.md 3). Votes, which are given once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mbclient.domain.errors import OutcomeUnknownError, RejectedError, ServiceError
from mbclient.domain.poll import Poll
from mbclient.domain.post import Mine, Post
from mbclient.services.fields import identity, obj
from mbclient.services.misskey.api import Api
from mbclient.services.misskey.notes import VISIBILITIES
from mbclient.services.misskey.reading import Reading, is_gone

LIKE = "👍"
ALREADY_VOTED = "ALREADY_VOTED"
STANDS = frozenset({"ALREADY_REACTED", "NOT_REACTED", "ALREADY_FAVORITED", "NOT_FAVORITED"})


class Acting:
    """The switches of one account."""

    def __init__(self, api: Api, reading: Reading) -> None:
        self._api = api
        self._reading = reading

    async def like(self, post: Post, on: bool) -> Mine:
        """By reaction. A new one would replace another that I gave elsewhere: what stands is read first."""
        now = await self._reading.read_one(await self._reading.note(post.remote_id))
        if now.mine.liked is not on:
            body = {"noteId": post.remote_id, **({"reaction": LIKE} if on else {})}
            await self._switch(f"notes/reactions/{'create' if on else 'delete'}", body)
        reaction = (now.mine.like_ref or LIKE) if on else ""
        return replace(post.mine, liked=on, like_ref=reaction)

    async def bookmark(self, post: Post, on: bool) -> Mine:
        if "bookmark" in self._api.missing:
            raise self._api.unsupported("bookmark")
        await self._switch(f"notes/favorites/{'create' if on else 'delete'}", {"noteId": post.remote_id})
        return replace(post.mine, bookmarked=on)

    async def boost(self, post: Post, on: bool) -> Mine:
        """A renote for as many eyes as the note has; several of one note are possible, so what stands is read first.

        Taking back deletes each renote by its own id: `unrenote` would delete my quotes of the note as well.
        """
        standing = await self._reading.own_renotes(post)
        if not on:
            for renote in dict.fromkeys([*filter(None, [post.mine.boost_ref]), *standing]):
                await self._delete(renote)
            return replace(post.mine, boosted=False, boost_ref="")
        if standing:
            return replace(post.mine, boosted=True, boost_ref=max(standing))
        body = {"renoteId": post.remote_id, "visibility": VISIBILITIES[post.visibility]}
        made = obj(obj(await self._api.call("notes/create", body, write=True)).get("createdNote"))
        return replace(post.mine, boosted=True, boost_ref=identity(made))

    async def vote(self, post: Post, choices: Sequence[int]) -> Poll:
        """A call a choice; then the note itself tells what stands, whatever was lost or given before."""
        refused: ServiceError | None = None
        for choice in choices:
            try:
                await self._api.call("notes/polls/vote", {"noteId": post.remote_id, "choice": choice}, write=True)
            except (OutcomeUnknownError, RejectedError) as error:
                refused = error
                if not isinstance(error, RejectedError) or error.code != ALREADY_VOTED:
                    break
        poll = (await self._reading.read_one(await self._reading.note(post.remote_id))).poll
        if poll is None or not poll.chosen.issuperset(choices):
            raise refused or self._api.unsure()
        return poll

    async def _delete(self, renote: str) -> None:
        try:
            await self._api.call("notes/delete", {"noteId": renote})
        except RejectedError as error:
            if not is_gone(error):
                raise

    async def _switch(self, endpoint: str, body: dict[str, str]) -> None:
        """Repeating one changes nothing, so a lost answer is only a lost answer."""
        try:
            await self._api.call(endpoint, body)
        except RejectedError as error:
            if error.code not in STANDS:
                raise
