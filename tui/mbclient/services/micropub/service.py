"""The adapter: one's own site, or micro.blog, as the port wants it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

from mbclient.core.ports import (
    HOME,
    Feed,
    Json,
    NotificationPage,
    Outgoing,
    Page,
    Profile,
    Published,
    Thread,
)
from mbclient.domain.account import Account
from mbclient.domain.capabilities import Capabilities, Idempotency, Length
from mbclient.domain.draft import Written
from mbclient.domain.errors import ServiceError, UsageError
from mbclient.domain.post import Author, Mine, Post, Visibility
from mbclient.domain.safetext import SafeText
from mbclient.services.bare import Bare
from mbclient.services.kit import Kit
from mbclient.services.micropub.api import Api
from mbclient.services.micropub.endpoints import Endpoints, discover
from mbclient.services.micropub.entries import VISIBILITIES, Decoder
from mbclient.services.micropub.microblog import who_am_i
from mbclient.services.micropub.posting import NO_LIMIT, Posting
from mbclient.services.micropub.site import OwnSite
from mbclient.services.micropub.timeline import Timeline
from mbclient.texts import _

MAX_MEDIA = 4
SITE = Capabilities(
    reply_needs_mention=False,
    boost=False,
    like=False,
    edit=True,
    thread=False,
    notifications=False,
    feeds=("home",),
    max_length=NO_LIMIT,
    idempotency=Idempotency.READ_BACK,
    software="micropub",
)
MICROBLOG = replace(
    SITE,
    reply_needs_mention=True,
    bookmark=True,
    edit=False,
    thread=True,
    notifications=True,
    feeds=("home", "local", "author"),
    software="micro.blog",
)


class Micropub(Bare):
    """Fills the `Service` port, and `Rewriting`. `api` is what signing in uses too, with a token not stored yet.

    A like or a boost would be a post of one's own there, for all to see: they are not offered.
    """

    api: Api
    verify_tells_all = True

    def __init__(self, account: Account, kit: Kit) -> None:
        super().__init__(account, kit, Api(account, kit))
        decoder = Decoder(account.name, account.service, _owner(account, self.api.home))
        self._site = OwnSite(self.api, decoder)
        self._timeline = Timeline(self.api, decoder, account.handle.partition("@")[0])
        self._posting = Posting(self.api, self._site, self._timeline)

    @property
    def capabilities(self) -> Capabilities:
        """Those of the kind of site, with what `q=config` promised when it was last read."""
        config = self.api.config
        if self.api.known.timeline:
            return replace(MICROBLOG, max_media=MAX_MEDIA if config.media else 0)
        seen = (Visibility.PUBLIC, *(own for own, name in VISIBILITIES.items() if name in config.visibility))
        edits = "source" not in self.api.missing
        return replace(
            SITE, max_media=MAX_MEDIA if config.media else 0, visibilities=tuple(dict.fromkeys(seen)), edit=edits
        )

    def measure(self, text: str, cw: str = "", *, reply: bool = False) -> Length:
        return Length(len(text.strip()), NO_LIMIT)

    async def load_capabilities(self) -> Capabilities:
        await self.api.load_config()
        return self.capabilities

    async def verify(self) -> Profile:
        await self.api.load_config()
        endpoints = self.api.known
        return await self._there(endpoints) if endpoints.timeline else self._page_profile(endpoints)

    def _page_profile(self, endpoints: Endpoints) -> Profile:
        """What the home page says of itself is what everybody sees of its owner."""
        handle = SafeText.line(_name_of(endpoints.home))
        lines = [line for line in (endpoints.title, endpoints.about) if line]
        return Profile(
            handle=handle,
            name=SafeText.line(endpoints.title or str(handle)),
            text=SafeText("\n".join(lines)),
            remote_id=endpoints.home,
            url=endpoints.home,
        )

    async def _there(self, endpoints: Endpoints) -> Profile:
        """micro.blog's account, and what the person's own site says: the service's front page is nobody's profile."""
        who = await who_am_i(endpoints.timeline, (await self.api.tokens()).access, self.api.kit, self.account.name)
        handle = SafeText.line(f"{who.username}@{self._timeline.host}")
        self._timeline.me = who.username
        page = endpoints if endpoints.home != f"{endpoints.timeline}/" else await self._own_page(who.site)
        lines = [who.name, page.title, page.about]
        return Profile(
            handle=handle,
            name=who.name if who.name.strip() else SafeText.line(who.username),
            text=SafeText("\n".join(line for line in lines if line)),
            remote_id=who.username,
            url=who.site or f"{endpoints.timeline}/{who.username}",
        )

    async def _own_page(self, site: str) -> Endpoints:
        """A page that cannot be read says nothing."""
        try:
            return await discover(site, self.api.kit, self.account.name) if site else Endpoints("")
        except ServiceError:
            return Endpoints("")

    # ------------------------------------------------------------ reading

    async def _on_timeline(self) -> bool:
        return bool((await self.api.endpoints()).timeline)

    async def page(
        self, feed: Feed = HOME, *, before: str | None = None, after: str | None = None, limit: int = 40
    ) -> Page:
        """micro.blog's timeline; elsewhere home is one's own site, for Micropub has no other."""
        if await self._on_timeline():
            return await self._timeline.page(feed, before, after, limit)
        if feed.kind != "home":
            raise UsageError(_("there is no feed {name} here").format(name=repr(feed.kind)))
        return await self._site.page(before, after, limit)

    async def own_posts(self, since: datetime) -> Sequence[Post]:
        if await self._on_timeline():
            return await self._timeline.own_posts(since)
        return await self._site.own_posts(since)

    async def post(self, remote_id: str) -> Post:
        return await (self._timeline if await self._on_timeline() else self._site).post(remote_id)

    async def thread(self, post: Post) -> Thread:
        await self._need_timeline("thread")
        return await self._timeline.thread(post)

    async def notifications(self, *, before: str | None = None, limit: int = 40) -> NotificationPage:
        await self._need_timeline("notifications")
        return await self._timeline.notifications(before, limit)

    async def _need_timeline(self, ability: str) -> None:
        if not await self._on_timeline():
            raise self.api.unsupported(ability)

    # ------------------------------------------------------------ writing

    async def prepare(self, outgoing: Outgoing) -> Json:
        await self.api.endpoints()
        return await self._posting.prepare(outgoing, self.capabilities)

    async def publish(self, prepared: Json) -> Published:
        return await self._posting.publish(prepared)

    async def find(self, prepared: Json) -> Published | None:
        await self.api.endpoints()
        return await self._posting.find(prepared)

    async def delete(self, post: Post) -> None:
        await self._posting.delete(post)

    async def written(self, post: Post) -> Written:
        return await self._site.written(post.remote_id)

    async def set_bookmarked(self, post: Post, on: bool) -> Mine:
        await self._need_timeline("bookmark")
        return await self._timeline.bookmark(post, on)


def _name_of(home: str) -> str:
    """`anna.example` or `example.org/anna`: how a site is called."""
    parts = urlsplit(home)
    return f"{parts.netloc}{parts.path}".rstrip("/")


def _owner(account: Account, home: str) -> Author:
    handle = SafeText.line(account.handle.lstrip("@") or _name_of(home))
    return Author(handle, handle, home, remote_id=account.remote_id or home)
