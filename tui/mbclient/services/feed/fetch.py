"""Getting a feed: conditional requests, redirects within rules, discovery from a page, and being left alone.

A permanent redirect (301, 308) is remembered, a temporary one is not; none leads from https to anything else or into
the user's own network. 410 is the end: it is never asked again. Nothing secret is sent, so a redirect may lead
to another host.
"""

from __future__ import annotations

import asyncio
import hashlib
import re

from mbclient.core.pieces import in_thread
from mbclient.domain.errors import (
    AuthError,
    NotAskedError,
    RateLimitedError,
    RejectedError,
    ServiceError,
    UnreachableError,
)
from mbclient.domain.hosts import host_of
from mbclient.domain.lazydataclass import dataclass
from mbclient.services.answers import Answer, raise_for_status
from mbclient.services.cache import JsonCache
from mbclient.services.feed.charset import decoded
from mbclient.services.feed.document import looks_like_html, read_feed
from mbclient.services.feed.items import Document, NoFeedError
from mbclient.services.feed.manners import next_ask, next_try
from mbclient.services.feed.shelf import Failure, Shelf
from mbclient.services.kit import Kit
from mbclient.services.limits import wait_until
from mbclient.services.page import read_page
from mbclient.services.redirects import check_step, follow
from mbclient.texts import _

ACCEPT = "application/feed+json, application/atom+xml, application/rss+xml, application/xml;q=0.9, */*;q=0.5"
_KINDS = {
    "application/atom+xml": 0,
    "application/rss+xml": 0,
    "application/rdf+xml": 0,
    "application/feed+json": 0,
    "application/xml": 1,
    "text/xml": 1,
    "application/json": 2,  # also what some sites call their whole API
}
_COMMENTS = re.compile(r"comment|kommentar", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The feed as last fetched, and the memory that belongs to it."""

    shelf: Shelf
    document: Document


class Source:
    """One feed of one account."""

    def __init__(self, url: str, account: str, kit: Kit) -> None:
        self._url = url
        self._account = account
        self._kit = kit
        self._cache = JsonCache(kit.cache_dir)
        self._name = f"feed-{account}-{hashlib.sha256(url.encode()).hexdigest()[:12]}"
        self._lock = asyncio.Lock()
        self._read: tuple[str, Document] | None = None

    def forget(self) -> None:
        """Starts anew: for signing in."""
        self._cache.forget(self._name)
        self._read = None

    async def snapshot(self, *, force: bool = False) -> Snapshot:
        """Asks the feed if that is due (`force`: at all events, past every cache), and gives it as it is now.

        One that failed is due no sooner than one that did not, and fails the same way until then. Raises
        `RejectedError` for one that is gone, `RateLimitedError` while it wants to be left alone, `UnreachableError` for
        what is no feed, and what a status means.
        """
        async with self._lock:
            shelf = await asyncio.to_thread(Shelf.load, self._cache, self._name, self._url)
            now = self._kit.clock.now()
            if shelf.gone:
                raise self._gone(shelf.url)
            if shelf.limited is not None and shelf.limited > now:
                raise self._limited(shelf)
            known = shelf.text or shelf.failure is not None
            if force or not known or shelf.due is None or now >= shelf.due:
                await self._ask(shelf, force)
            elif shelf.failure is not None:
                raise shelf.failure.error(self._account)
            return Snapshot(shelf, await self._parsed(shelf))

    async def archived(self, url: str) -> Document:
        """A page with older items (`next_url`), asked for by the user; only beside the feed itself."""
        here = self._url if host_of(url) == host_of(self._url) else (await self.snapshot()).shelf.url
        check_step(here, url if host_of(url) == host_of(here) else "", self._account)
        answer, _moved = await self._follow(url, {})
        self._raise(answer)
        return await self._document(decoded(answer.body, answer.headers.get("content-type", "")), answer.url)

    # ------------------------------------------------------------ the network

    async def _ask(self, shelf: Shelf, force: bool) -> None:
        """One fetch, and what it changes on the shelf, which is saved; when it may be asked again, however it ends."""
        try:
            await self._fetch(shelf, force)
        except NotAskedError:  # it was not: as soon as there is a network again, it is
            raise
        except RateLimitedError as error:
            shelf.limited = max(error.until, next_try(self._kit.clock.now()))
            await self._save(shelf)
            raise self._limited(shelf) from error
        except ServiceError as error:
            shelf.failure, shelf.due = Failure.of(error), next_try(self._kit.clock.now())
            await self._save(shelf)
            raise
        await self._save(shelf)

    async def _fetch(self, shelf: Shelf, force: bool) -> None:
        first = not (shelf.text or shelf.seen)  # what once was a feed has not become a page that names one
        headers = {"Cache-Control": "no-cache"} if force else {}
        if shelf.text and shelf.etag:
            headers["If-None-Match"] = shelf.etag
        if shelf.text and shelf.modified:
            headers["If-Modified-Since"] = shelf.modified
        answer, moved = await self._follow(shelf.url, headers)
        now = self._kit.clock.now()
        if answer.status == 410:
            shelf.gone = True
            raise self._gone(shelf.url)
        if answer.status == 304 and shelf.text:
            document = await self._parsed(shelf)
        else:
            self._raise(answer)
            text = decoded(answer.body, answer.headers.get("content-type", ""))
            if first and looks_like_html(text):
                answer, moved = await self._discovered(answer)
                text = decoded(answer.body, answer.headers.get("content-type", ""))
            document = await self._document(text, answer.url)
            shelf.text, shelf.content_url = text, answer.url
            shelf.etag, shelf.modified = answer.headers.get("etag", ""), answer.headers.get("last-modified", "")
            shelf.note(document.items, now)
        shelf.url = moved
        shelf.limited = shelf.failure = None
        shelf.due = next_ask(document, answer.headers, now)

    async def _save(self, shelf: Shelf) -> None:
        await asyncio.to_thread(shelf.save, self._cache, self._name)

    async def _follow(self, url: str, headers: dict[str, str], *, near: bool = False) -> tuple[Answer, str]:
        headers = {"Accept": ACCEPT, **headers}
        return await follow(self._kit.http, url, account=self._account, headers=headers, own=self._url, near=near)

    async def _discovered(self, page: Answer) -> tuple[Answer, str]:
        """The feed that a web page names: the first in its own format that is not the comments'."""
        links = [link for link in read_page(page).links if "alternate" in link.rels and link.type in _KINDS]
        links.sort(key=lambda link: (_COMMENTS.search(link.title + link.url) is not None, _KINDS[link.type]))
        if not links:
            raise RejectedError(
                _("{host} is a web page that names no feed").format(host=page.host),
                _("give the address of the feed itself"),
                account=self._account,
                status=404,
                code="no-feed",
            )
        check_step(page.url, links[0].url, self._account)
        try:
            answer, remembered = await self._follow(links[0].url, {}, near=page.near)
        except NotAskedError as error:  # but the page was
            raise UnreachableError(error.problem, error.advice, account=self._account) from error
        self._raise(answer)
        return answer, remembered

    def _raise(self, answer: Answer) -> None:
        if answer.status == 401:
            raise AuthError(
                _("{host} wants a password for this feed, which is not supported").format(host=answer.host),
                _("use a feed address that needs none"),
                account=self._account,
            )
        raise_for_status(answer, self._kit.clock.now(), account=self._account, write=False)

    # ------------------------------------------------------------ reading it

    async def _parsed(self, shelf: Shelf) -> Document:
        digest = hashlib.sha256(shelf.text.encode("utf-8", "replace")).hexdigest()
        if self._read is None or self._read[0] != digest:
            self._read = (digest, await self._document(shelf.text, shelf.content_url))
        return self._read[1]

    async def _document(self, text: str, url: str) -> Document:
        """Parsed in a thread: no key waits for a large feed."""
        try:
            return await in_thread(read_feed, text, url)
        except NoFeedError as error:
            raise UnreachableError(
                _("{host} answered with something that is no feed").format(host=host_of(url)),
                _("try again later; check the account's url"),
                account=self._account,
            ) from error

    def _gone(self, url: str) -> RejectedError:
        return RejectedError(
            _("{host} says that this feed is gone for good").format(host=host_of(url)),
            _("remove the account, or add it anew to ask once more"),
            account=self._account,
            status=410,
            code="gone",
        )

    def _limited(self, shelf: Shelf) -> RateLimitedError:
        assert shelf.limited is not None
        return RateLimitedError(
            _("{host} wants to be left alone").format(host=host_of(shelf.url)),
            wait_until(shelf.limited),
            account=self._account,
            until=shelf.limited,
        )
