"""Likes, boosts and bookmarks: switches that may be set again (Mastodon facts 3). Votes, which are given once."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from mbclient.domain.errors import OutcomeUnknownError, RejectedError
from mbclient.domain.poll import Poll
from mbclient.domain.post import Mine, Post
from mbclient.services.mastodon.api import MISSING, Api
from mbclient.services.mastodon.fields import obj
from mbclient.services.mastodon.reading import Reading, status_path
from mbclient.services.mastodon.statuses import VISIBILITIES, poll_of
from mbclient.texts import _


class Acting:
    """The switches of one account."""

    def __init__(self, api: Api, reading: Reading) -> None:
        self._api = api
        self._reading = reading

    async def like(self, post: Post, on: bool) -> Mine:
        return await self._switch(post, "favourite" if on else "unfavourite", "like", {})

    async def bookmark(self, post: Post, on: bool) -> Mine:
        return await self._switch(post, "bookmark" if on else "unbookmark", "bookmark", {})

    async def boost(self, post: Post, on: bool) -> Mine:
        """A boost as visible as the post itself; without saying so it would follow the user's web settings."""
        explicit = (await self._api.instance()).dialect.boost_visibility
        body = {"visibility": VISIBILITIES[post.visibility]} if on and explicit else {}
        return await self._switch(post, "reblog" if on else "unreblog", "boost", body)

    async def vote(self, post: Post, choices: Sequence[int]) -> Poll:
        """After an answer that is lost, or says no, the poll itself tells whether the vote stands."""
        assert post.poll is not None
        path = f"/api/v1/polls/{quote(post.poll.id, safe='')}/votes"
        try:
            answer = await self._api.call("POST", path, body={"choices": list(choices)})
        except (OutcomeUnknownError, RejectedError):
            poll = (await self._reading.post(post.remote_id)).poll
            if poll is not None and poll.chosen == frozenset(choices):
                return poll
            raise
        poll = poll_of(obj(answer.json()))
        if poll is None:
            raise self._api.unsure()
        return poll

    async def _switch(self, post: Post, verb: str, ability: str, body: dict[str, str]) -> Mine:
        if ability in self._api.missing:
            raise self._api.unsupported(ability)
        # repeating a switch changes nothing, so a lost answer is only a lost answer
        answer = await self._api.call(
            "POST", f"{status_path(post.remote_id)}/{verb}", body=body, write=False, accept=MISSING
        )
        if not answer.ok:
            await self._reading.post(post.remote_id)  # raises when it is the post that is gone
            if (await self._api.instance()).is_mastodon():  # it has them all: then it is this post
                raise RejectedError(
                    _("{host} refused it").format(host=answer.host),
                    account=self._api.account.name,
                    status=answer.status,
                )
            self._api.missing.add(ability)
            raise self._api.unsupported(ability)
        return (await self._reading.decoded(answer)).mine
