"""A service that can do nothing: what an adapter starts from, overriding what its service can do."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from datetime import datetime

from mbclient.core.ports import (
    HOME,
    Feed,
    Json,
    NotificationPage,
    Outgoing,
    Page,
    Profile,
    Published,
    StreamEvent,
    Thread,
)
from mbclient.domain.account import Account
from mbclient.domain.capabilities import Capabilities, Length
from mbclient.domain.errors import UnsupportedError
from mbclient.domain.post import Mine, Post
from mbclient.services.accountapi import AccountApi
from mbclient.services.kit import Kit

NOTHING = Capabilities(
    post=False,
    reply=False,
    reply_needs_mention=False,
    boost=False,
    like=False,
    delete=False,
    thread=False,
    notifications=False,
    max_length=0,
    max_alt=0,
)
OWN_AT_ONCE, OWN_PAGES = 100, 40


class Bare:
    """Fills the `Service` port by refusing. What a subclass overrides it also says in `capabilities`."""

    def __init__(self, account: Account, kit: Kit, api: AccountApi | None = None) -> None:
        self._account = account
        self.kit = kit
        self.api = api or AccountApi(account, kit, account.url)

    @property
    def account(self) -> Account:
        return self._account

    @property
    def capabilities(self) -> Capabilities:
        return NOTHING

    def measure(self, text: str, cw: str = "", *, reply: bool = False) -> Length:
        """Code points; a service that counts otherwise overrides it."""
        return Length(len(text) + len(cw), self.capabilities.max_length)

    async def load_capabilities(self) -> Capabilities:
        return self.capabilities

    def unsupported(self, ability: str) -> UnsupportedError:
        """The one refusal of all that follows."""
        return self.api.unsupported(ability)

    async def verify(self) -> Profile:
        raise self.unsupported("verify")

    async def page(
        self, feed: Feed = HOME, *, before: str | None = None, after: str | None = None, limit: int = 40
    ) -> Page:
        raise self.unsupported(feed.kind)

    async def own_posts(self, since: datetime) -> Sequence[Post]:
        """Those among home, page by page: home is newest first. Whoever has a list of their own overrides it."""
        found: dict[str, Post] = {}
        page = await self.page(limit=OWN_AT_ONCE)
        for _number in range(OWN_PAGES):
            mine = (post for post in page.posts if self._is_mine(post) and post.created_at >= since)
            found |= {post.remote_id: post for post in mine}
            if page.older is None or (page.posts and page.posts[-1].sorted_at < since):
                break
            page = await self.page(before=page.older, limit=OWN_AT_ONCE)
        return tuple(found.values())

    def _is_mine(self, post: Post) -> bool:
        """One that was boosted by somebody is no less its author's."""
        return bool(self.account.remote_id) and post.author.remote_id == self.account.remote_id

    async def search(self, query: str, *, before: str | None = None, limit: int = 40) -> Page:
        raise self.unsupported("search")

    async def post(self, remote_id: str) -> Post:
        raise self.unsupported("post")

    async def thread(self, post: Post) -> Thread:
        raise self.unsupported("thread")

    async def notifications(self, *, before: str | None = None, limit: int = 40) -> NotificationPage:
        raise self.unsupported("notifications")

    async def prepare(self, outgoing: Outgoing) -> Json:
        raise self.unsupported("post")

    async def publish(self, prepared: Json) -> Published:
        raise self.unsupported("post")

    async def find(self, prepared: Json) -> Published | None:
        raise self.unsupported("post")

    async def delete(self, post: Post) -> None:
        raise self.unsupported("delete")

    async def set_liked(self, post: Post, on: bool) -> Mine:
        raise self.unsupported("like")

    async def set_boosted(self, post: Post, on: bool) -> Mine:
        raise self.unsupported("boost")

    async def set_bookmarked(self, post: Post, on: bool) -> Mine:
        raise self.unsupported("bookmark")

    async def stream(self) -> AsyncGenerator[StreamEvent, None]:
        raise self.unsupported("stream")
        yield  # what makes it a generator, as the port has it; never reached
