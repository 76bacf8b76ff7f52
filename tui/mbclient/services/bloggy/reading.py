"""Reading: GNU social's, with search on its own host, and a person's RSS where the Twitter-like API is missing."""

from __future__ import annotations

from mbclient.core.ports import NotificationPage, Page, Thread
from mbclient.domain.errors import RejectedError, UnreachableError
from mbclient.domain.post import Post
from mbclient.domain.safetext import SafeText
from mbclient.services.answers import Answer
from mbclient.services.bloggy.rss import read_answer, statuses_of
from mbclient.services.bloggy.site import beside
from mbclient.services.feed.items import Document, NoFeedError
from mbclient.services.fields import identity, obj
from mbclient.services.gnusocial.api import Api, Params
from mbclient.services.gnusocial.cursors import place_of
from mbclient.services.gnusocial.reading import Raw, Reading, Source
from mbclient.texts import _


class BloggyReading(Reading):
    """`plain`: whether the server has nothing but the calls that are known for certain."""

    def __init__(self, api: Api) -> None:
        super().__init__(api)
        self.nick = api.account.handle.lstrip("@").partition("@")[0]

    async def plain(self) -> bool:
        return not (await self._api.site()).root

    async def _ask(self, source: Source, bounds: Params, limit: int, *, polling: bool) -> Raw:
        if not await self.plain():
            return await super()._ask(source, bounds, limit, polling=polling)
        return _within(await self._own_statuses(), dict(bounds), limit)

    async def _own_statuses(self) -> Raw:
        return statuses_of(await self.own_rss(), self.nick)

    async def own_rss(self) -> Document:
        """The newest 20 of one's own posts: all that RSS ever gave. No secret goes along."""
        url = f"{beside(self._api.base, self.nick)}/rss"
        return self._read(await self._get(url, {"onlyposts": "yes", "rssimports": "no"}))

    async def _get(self, url: str, params: dict[str, str]) -> Answer:
        return await self._api.plain("GET", url, params=params)

    def _read(self, answer: Answer) -> Document:
        try:
            return read_answer(answer)
        except NoFeedError as error:
            raise self._api.garbled() from error

    async def status(self, remote_id: str) -> object:
        if not await self.plain():
            return await super().status(remote_id)
        for status in map(obj, await self._own_statuses()):
            if identity(status) == remote_id:
                return status
        raise RejectedError(
            _("{nick}'s RSS no longer has this post").format(nick=SafeText.line(self.nick)),
            _("open it in the browser"),
            account=self._api.account.name,
            status=404,
        )

    async def search(self, query: str, before: str | None, limit: int, *, root: str = "") -> Page:
        """On the search host, which also speaks Atom: asked for where its JSON is of an unknown shape."""
        root = root or beside(self._api.base, "search")
        try:
            return await super().search(query, before, limit, root=root)
        except UnreachableError as error:
            if before is not None:
                raise
            try:
                found = self._read(await self._get(f"{root}/search.atom", {"q": query}))
            except RejectedError:
                raise error from None
        posts, skipped = await self.decode(statuses_of(found))
        return Page(tuple(posts), skipped=skipped)

    async def thread(self, post: Post) -> Thread:
        await self.need_api("thread")
        return await super().thread(post)

    async def notifications(self, before: str | None, limit: int) -> NotificationPage:
        await self.need_api("notifications")
        return await super().notifications(before, limit)

    async def need_api(self, ability: str) -> None:
        """Raises `UnsupportedError` where the Twitter-like API is missing."""
        if await self.plain():
            raise self._api.unsupported(ability)


def _within(statuses: Raw, bounds: dict[str, str], limit: int) -> Raw:
    """The bounds that the API itself would keep: `max_id` inclusive, `since_id` exclusive."""
    newest, oldest = bounds.get("max_id"), bounds.get("since_id")
    found = []
    for status in statuses:
        place = place_of(obj(status))
        if place and ((newest and place.id > int(newest)) or (oldest and place.id <= int(oldest))):
            continue
        found.append(status)
    return found[:limit]
