"""The adapter: one account on one engine, as the port wants it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from mbclient.core.ports import (
    HOME,
    Feed,
    Json,
    Outgoing,
    Page,
    Profile,
    Published,
    Thread,
)
from mbclient.domain.account import Account
from mbclient.domain.capabilities import Capabilities, Idempotency, Length
from mbclient.domain.errors import RejectedError
from mbclient.domain.post import Post, Visibility
from mbclient.domain.safetext import SafeText
from mbclient.services.bare import Bare
from mbclient.services.cache import JsonCache
from mbclient.services.fields import number, obj, string
from mbclient.services.jaiku.api import Api
from mbclient.services.jaiku.entries import Decoder
from mbclient.services.jaiku.posting import COMMENT_LIMIT, POST_LIMIT, Posting
from mbclient.services.jaiku.reading import Reading
from mbclient.services.kit import Kit

# Whose posts an account's are is one setting for all of them (facts 7).
PRIVACY = {3: Visibility.PUBLIC, 2: Visibility.FOLLOWERS, 1: Visibility.DIRECT}
CAPABILITIES = Capabilities(
    reply_needs_mention=False,
    boost=False,
    like=False,
    delete=False,
    notifications=False,
    feeds=("home", "local", "list", "author"),
    max_length=POST_LIMIT,
    max_alt=0,
    idempotency=Idempotency.CLIENT_ID,
    software="jaikuengine",
)


class Jaiku(Bare):
    """Fills the `Service` port. `api` is also what signing in uses, with credentials that are not stored yet."""

    api: Api
    verify_tells_all = True

    def __init__(self, account: Account, kit: Kit) -> None:
        super().__init__(account, kit, Api(account, kit))
        self._can = CAPABILITIES
        self._cache = JsonCache(kit.cache_dir)
        self._cache_name = f"jaiku-privacy-{account.name}"
        decoder = Decoder(account.name, account.service, self.api.base, self.api.nick)
        self._reading = Reading(self.api, decoder)
        self._posting = Posting(self.api, self._reading)
        self._privacy_known = self._see(string(self._cache.read(self._cache_name), self.api.nick))

    def _see(self, visibility: str) -> bool:
        """Takes the account's own visibility, if it is one, for what is read and offered."""
        if visibility not in tuple(Visibility):
            return False
        who = Visibility(visibility)
        self._can = replace(CAPABILITIES, visibilities=(who,))
        self._reading.decoder = replace(self._reading.decoder, visibility=who)
        return True

    @property
    def capabilities(self) -> Capabilities:
        return self._can

    def measure(self, text: str, cw: str = "", *, reply: bool = False) -> Length:
        """Code points; a comment may have more of them than a post."""
        return Length(len(text.strip()), COMMENT_LIMIT if reply else POST_LIMIT)

    async def load_capabilities(self) -> Capabilities:
        await self.verify()
        return self._can

    async def verify(self) -> Profile:
        """There is no "who am I": the nick's profile, and one look into its own overview as the proof."""
        actor = obj((await self.api.call("actor_get", {"nick": self.api.nick})).get("actor"))
        nick = string(actor, "nick")
        if not nick:
            raise self.api.garbled()
        if string(actor, "type") == "channel":
            raise self.api.unsupported("channel")
        await self._reading.overview(1)
        visibility = PRIVACY.get(number(actor, "privacy"), Visibility.DIRECT)
        self._privacy_known = self._see(visibility)
        self._cache.write(self._cache_name, {self.api.nick: visibility})
        extra = obj(actor.get("extra"))
        name = SafeText.line(f"{string(extra, 'given_name')} {string(extra, 'family_name')}".strip())
        lines = [name, await self._presence()]
        author = self._reading.decoder.author(nick, name)
        return Profile(
            handle=author.handle,
            name=author.name,
            text=SafeText("\n".join(line for line in lines if line)),
            remote_id=nick,
            url=author.url,
            default_visibility=visibility,
        )

    async def _presence(self) -> SafeText:
        """The presence line and the place, which everybody sees beside the name; empty where there is none."""
        try:
            rv = await self.api.call("presence_get", {"nick": self.api.nick})
        except RejectedError:
            return SafeText("")
        extra = obj(obj(rv.get("presence")).get("extra")) or obj(rv.get("extra"))
        parts = [_words(extra.get(name)) for name in ("presenceline", "location")]
        return SafeText.line(", ".join(part for part in parts if part), max_characters=300)

    async def page(
        self, feed: Feed = HOME, *, before: str | None = None, after: str | None = None, limit: int = 40
    ) -> Page:
        return await self._reading.page(feed, before, after, limit)

    async def own_posts(self, since: datetime) -> Sequence[Post]:
        return await self._reading.own_posts(since)

    async def post(self, remote_id: str) -> Post:
        return await self._reading.post(remote_id)

    async def thread(self, post: Post) -> Thread:
        return await self._reading.thread(post)

    async def prepare(self, outgoing: Outgoing) -> Json:
        if not self._privacy_known:  # what is composed for nobody else must not go out to all, nor the other way round
            await self.verify()
        return await self._posting.prepare(outgoing, self._can)

    async def publish(self, prepared: Json) -> Published:
        return await self._posting.publish(prepared)

    async def find(self, prepared: Json) -> Published | None:
        return await self._posting.find(prepared)


def _words(value: object) -> str:
    """A part of the presence: words, or an object that has them as its label or description."""
    if isinstance(value, str):
        return value
    return string(obj(value), "description") or string(obj(value), "label") or string(obj(value), "name")
