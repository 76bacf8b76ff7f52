"""Likes and repeats: switches that may be set again (facts/gnusocial.md 3)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from mbclient.domain.errors import RejectedError
from mbclient.domain.post import Mine, Post
from mbclient.services.answers import Answer, error_text, raise_for_status
from mbclient.services.fields import identity, obj
from mbclient.services.gnusocial.api import MISSING, Api
from mbclient.services.gnusocial.reading import Reading
from mbclient.services.gnusocial.statuses import repeat_of
from mbclient.texts import _

ALREADY = frozenset({400, 403})  # how a server says that a switch stands as wished; or that it refuses
LOOK_BACK_PAGES = 10


class Acting:
    """The switches of one account. Repeating one changes nothing, so a lost answer is only a lost answer."""

    def __init__(self, api: Api, reading: Reading) -> None:
        self._api = api
        self._reading = reading

    async def like(self, post: Post, on: bool) -> Mine:
        path = f"favorites/{'create' if on else 'destroy'}/{quote(post.remote_id, safe='')}.json"
        answer = await self._switch("like", path, post)
        if answer.ok:
            mine = (await self._reading.read_one(answer.json())).mine
            if mine.liked is on:
                return mine
        mine = (await self._reading.post(post.remote_id)).mine
        if mine.liked is not on:  # it was not "already so": a refusal
            self._refuse(answer)
        return mine

    async def boost(self, post: Post, on: bool) -> Mine:
        if not on:
            return await self._take_back(post)
        answer = await self._switch("boost", f"statuses/retweet/{quote(post.remote_id, safe='')}.json", post)
        if answer.ok:
            raw = answer.json()
            if repeat_of(raw) == post.remote_id and identity(obj(raw)):
                mine = (await self._reading.read_one(raw)).mine
                return Mine(mine.liked, True, boost_ref=identity(obj(raw)))
            raise self._api.garbled()
        mine = (await self._reading.post(post.remote_id)).mine
        repeat = await self._own_repeat(post)
        if not (mine.boosted or repeat):
            self._refuse(answer)
        return Mine(mine.liked, True, boost_ref=repeat)

    async def _take_back(self, post: Post) -> Mine:
        """A repeat is undone by deleting it: by its own id, which is looked for where it is not known."""
        repeat = post.mine.boost_ref or await self._own_repeat(post)
        if repeat:
            await self._api.call(
                "POST", f"statuses/destroy/{quote(repeat, safe='')}.json", write=False, accept=frozenset({404, 410})
            )
        mine = (await self._reading.post(post.remote_id)).mine
        if mine.boosted and not repeat:
            raise RejectedError(
                _("the repeat is too far back to be found"),
                _("delete it on the web page"),
                account=self._api.account.name,
                status=404,
            )
        return Mine(mine.liked)

    async def _own_repeat(self, post: Post) -> str:
        oldest = post.created_at if post.created_at.year > 1970 else datetime.min.replace(tzinfo=UTC)
        async for raw in self._reading.own_pages(oldest - timedelta(minutes=10), LOOK_BACK_PAGES):
            for status in raw:
                if repeat_of(status) == post.remote_id:
                    return identity(obj(status))
        return ""

    async def _switch(self, ability: str, path: str, post: Post) -> Answer:
        if ability in self._api.missing:
            raise self._api.unsupported(ability)
        answer = await self._api.call("POST", path, write=False, accept=MISSING | ALREADY)
        if answer.status in MISSING:
            await self._reading.post(post.remote_id)  # raises when it is the post that is gone
            self._api.missing.add(ability)  # favourites and repeats are plugins: switched off
            raise self._api.unsupported(ability)
        return answer

    def _refuse(self, answer: Answer) -> None:
        name = self._api.account.name
        raise_for_status(answer, self._api.kit.clock.now(), account=name, write=False, reason=error_text(answer))
        raise RejectedError(self._api.garbled().problem, account=name, status=answer.status)
