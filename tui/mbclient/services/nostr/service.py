"""One Nostr account, as the `Service` port has it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import asdict, replace
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
from mbclient.domain.capabilities import Capabilities, Idempotency, Length
from mbclient.domain.errors import UnsupportedError
from mbclient.domain.post import Mine, Post
from mbclient.domain.safetext import SafeText
from mbclient.services.cache import JsonCache
from mbclient.services.fields import obj
from mbclient.services.kit import Kit
from mbclient.services.nostr import identity, relays
from mbclient.services.nostr.notices import Notices
from mbclient.services.nostr.outbox import Outbox
from mbclient.services.nostr.reading import Reader
from mbclient.services.nostr.repeats import Repeats
from mbclient.services.nostr.session import Session
from mbclient.services.nostr.showing import Showing
from mbclient.services.nostr.streaming import Streaming
from mbclient.services.nostr.writing import Writer, content_of, frame_length
from mbclient.texts import _

USUAL_LENGTH = 4000  # characters, where no relay names a limit: common relays refuse more than 4,096

CAPABILITIES = Capabilities(
    reply_needs_mention=False,
    quote=True,
    content_warning=True,
    language=True,
    search=True,  # every relay finds tags; which find words they say themselves
    stream=True,
    feeds=("home", "author", "tag"),
    max_length=USUAL_LENGTH,
    idempotency=Idempotency.CLIENT_ID,
    software="nostr",
)


class Nostr:
    """Opened without a request; the first call reads the key and the own lists."""

    def __init__(self, account: Account, kit: Kit, session: Session) -> None:
        self.account = account
        self.session = session
        self._kit = kit
        self._outbox = outbox = Outbox(session)
        self._repeats = Repeats(session)
        self._showing = Showing(session, outbox)
        self._reader = Reader(session, self._showing, outbox)
        self._notices = Notices(session, self._showing)
        self._cache = JsonCache(kit.cache_dir)
        self._frame = 0
        self._searchable: tuple[str, ...] = ()
        self._said: dict[str, relays.Limits] = {}
        self._can = CAPABILITIES
        self._writer = Writer(session, self._reader, self._showing, self._repeats, USUAL_LENGTH)
        self._use(self._cache.read(f"nostr-{account.name}"))

    def _use(self, kept: Json) -> None:
        length, frame, search = kept.get("length"), kept.get("frame"), kept.get("search")
        limit = length if isinstance(length, int) and length > 0 else USUAL_LENGTH
        self._frame = frame if isinstance(frame, int) else 0
        self._searchable = tuple(name for name in search if isinstance(name, str)) if isinstance(search, list) else ()
        said = obj(kept.get("said"))
        self._said = {name: relays.Limits.from_json(obj(limits)) for name, limits in said.items()}
        reads_only = kept.get("reads_only") is True
        self._writer.limit = limit
        software = SafeText.line(str(kept.get("software", "")), max_characters=60) or "nostr"
        can = replace(CAPABILITIES, max_length=limit, software=str(software))
        if reads_only:
            can = replace(can, post=False, reply=False, quote=False, boost=False, like=False, delete=False)
        self._can = can

    @property
    def capabilities(self) -> Capabilities:
        mutes = self.session.known_mutes
        return replace(self._can, filters=mutes.ids) if mutes is not None else self._can

    async def aclose(self) -> None:
        """Closes the lines to all relays."""
        await self._repeats.aclose()
        await self.session.pool.aclose()

    def measure(self, text: str, cw: str = "", *, reply: bool = False) -> Length:
        """Characters as they are signed, or the bytes of the message where a relay's limit for these is nearer."""
        content = content_of(text)
        characters = Length(len(content), self.capabilities.max_length)
        frame = Length(frame_length(content), self._frame)
        if self._frame and frame.used * characters.limit > characters.used * frame.limit and frame.over:
            return frame
        return characters

    async def load_capabilities(self) -> Capabilities:
        """What the own relays say of themselves: the shortest text that one takes, and which can search.

        One that is down says what it said before.
        """
        lists = await self.session.lists()
        names = tuple(dict.fromkeys((*lists.write, *lists.read)))
        told = await asyncio.gather(*(relays.limits_of(self._kit, name, self.account.name) for name in names))
        said = {
            name: limits or self._said.get(name) or relays.Limits() for name, limits in zip(names, told, strict=True)
        }
        writing = [said[name] for name in lists.write]
        kept: Json = {
            "length": min((limits.content for limits in writing if limits.content), default=USUAL_LENGTH),
            "frame": min((limits.frame for limits in writing if limits.frame), default=0),
            "search": [name for name, limits in said.items() if limits.search],
            "software": next((limits.software for limits in said.values() if limits.software), ""),
            "said": {name: asdict(limits) for name, limits in said.items()},
            "reads_only": self.session.reads_only,
        }
        self._cache.write(f"nostr-{self.account.name}", kept)
        self._use(kept)
        return self.capabilities

    async def verify(self) -> Profile:
        lists = await self.session.lists(fresh=True)
        local = relays.is_local(self.session.configured)
        return await identity.profile(self._kit, await self.session.me(), lists.profile, local=local)

    # ------------------------------------------------------------ reading

    async def page(
        self, feed: Feed = HOME, *, before: str | None = None, after: str | None = None, limit: int = 40
    ) -> Page:
        await self.session.lists()  # tells which relays are one's own
        self._repeats.start()
        return await self._reader.page(feed, before, after, limit)

    async def own_posts(self, since: datetime) -> Sequence[Post]:
        return await self._reader.own_posts(since)

    async def search(self, query: str, *, before: str | None = None, limit: int = 40) -> Page:
        return await self._reader.search(query, self._searchable, before, limit)

    async def post(self, remote_id: str) -> Post:
        return await self._reader.post(remote_id)

    async def thread(self, post: Post) -> Thread:
        return await self._reader.thread(post)

    async def notifications(self, *, before: str | None = None, limit: int = 40) -> NotificationPage:
        return await self._notices.notifications(before, limit)

    def stream(self) -> AsyncGenerator[StreamEvent, None]:
        return Streaming(self.session, self._showing, self._notices, self._outbox).stream()

    # ------------------------------------------------------------ writing

    async def prepare(self, outgoing: Outgoing) -> Json:
        return await self._writer.prepare(outgoing)

    async def publish(self, prepared: Json) -> Published:
        published = await self._writer.publish(prepared)
        self._repeats.start()
        return published

    async def find(self, prepared: Json) -> Published | None:
        return await self._writer.find(prepared)

    async def delete(self, post: Post) -> None:
        await self._writer.delete(post)

    async def set_liked(self, post: Post, on: bool) -> Mine:
        return await self._writer.set_liked(post, on)

    async def set_boosted(self, post: Post, on: bool) -> Mine:
        return await self._writer.set_boosted(post, on)

    async def set_bookmarked(self, post: Post, on: bool) -> Mine:
        raise UnsupportedError(_("Nostr keeps no bookmarks here"), account=self.account.name)
