"""Likes, reposts and bookmarks: switches that may be set again (facts/x.md 3)."""

from __future__ import annotations

from urllib.parse import quote

from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.post import Mine, Post
from mbclient.services.x.api import Api
from mbclient.services.x.marks import Marks
from mbclient.services.x.posts import Decoder
from mbclient.services.x.prices import DONE, TAKEN_BACK
from mbclient.services.x.reading import Reading
from mbclient.texts import _


@dataclass(frozen=True, slots=True)
class Switch:
    """`path` below the own user; `told`: the answer's field, which says how it stands now; `mark`: as it is kept."""

    ability: str
    path: str
    told: str
    mark: str


LIKE = Switch("like", "likes", "liked", "liked")
REPOST = Switch("boost", "retweets", "retweeted", "boosted")
BOOKMARK = Switch("bookmark", "bookmarks", "bookmarked", "bookmarked")


class Acting:
    """The switches of one account. Repeating one changes nothing, so a lost answer is only a lost answer."""

    def __init__(self, api: Api, reading: Reading, marks: Marks, *, full: bool) -> None:
        self._api = api
        self._reading = reading
        self._marks = marks
        self._full = full

    @property
    def _decoder(self) -> Decoder:
        return self._reading.decoder

    async def like(self, post: Post, on: bool) -> Mine:
        if not self._full:
            page = f"{self._api.web}/intent/like?tweet_id={quote(post.remote_id, safe='')}"
            raise self._api.unsupported(
                "like", _("self-serve plans have no likes since 2026; like it in the browser: {url}").format(url=page)
            )
        return await self._set(LIKE, post, on)

    async def boost(self, post: Post, on: bool) -> Mine:
        return await self._set(REPOST, post, on)

    async def bookmark(self, post: Post, on: bool) -> Mine:
        return await self._set(BOOKMARK, post, on)

    async def _set(self, switch: Switch, post: Post, on: bool) -> Mine:
        path, name = f"/2/users/{self._api.me}/{switch.path}", post.remote_id
        if on:
            told = await self._api.deed("POST", path, DONE, {"tweet_id": name})
        else:
            told = await self._api.deed("DELETE", f"{path}/{quote(name, safe='')}", TAKEN_BACK)
        if told.get(switch.told) is not on:
            raise self._api.garbled()
        self._marks.set(switch.mark, name, on)
        return self._decoder.mine(name)
