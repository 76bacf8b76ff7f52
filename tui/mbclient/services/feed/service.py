"""The adapter: a feed read as an account that can do nothing but be read, and its plugin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

from mbclient.core.ports import (
    HOME,
    Feed,
    LoginDialog,
    LoginForm,
    Page,
    Profile,
    Service,
    SignedIn,
    SignIn,
)
from mbclient.domain.account import Account
from mbclient.domain.errors import RejectedError, UnsupportedError, UsageError
from mbclient.domain.post import Post
from mbclient.domain.safetext import SafeText
from mbclient.services.bare import Bare
from mbclient.services.feed.fetch import Snapshot, Source
from mbclient.services.feed.posts import Decoder
from mbclient.services.http import check_address
from mbclient.services.kit import Kit
from mbclient.texts import _

MAX_PAGE = 200
MAX_ARCHIVES = 20  # pages of older items in a row: a chain of them may be a circle


class FeedService(Bare):
    """Fills the `Service` port for one feed."""

    def __init__(self, account: Account, kit: Kit) -> None:
        super().__init__(account, kit)
        self.source = Source(account.url, account.name, kit)

    def unsupported(self, ability: str) -> UnsupportedError:
        return UnsupportedError(_("a feed can only be read ({what})").format(what=ability), account=self.account.name)

    async def verify(self) -> Profile:
        snapshot = await self.source.snapshot()
        document, host = snapshot.document, urlsplit(snapshot.shelf.url).hostname or ""
        name = document.title or SafeText.line(host)
        return Profile(
            handle=SafeText.line(host),
            name=name,
            text=SafeText("\n".join(part for part in (name, document.about) if part)),
            remote_id=snapshot.shelf.url,
            url=document.home or snapshot.shelf.url,
        )

    # ------------------------------------------------------------ reading

    async def page(
        self, feed: Feed = HOME, *, before: str | None = None, after: str | None = None, limit: int = 40
    ) -> Page:
        """`after` brings what is new and what has changed. A gap that a window left cannot be filled: it is told."""
        if feed.kind != "home":
            raise self.unsupported(feed.kind)
        if before is not None and before.startswith("page."):
            return await self._archive(before)
        snapshot = await self.source.snapshot()
        shelf, limit = snapshot.shelf, max(1, min(limit, MAX_PAGE))
        numbered = sorted((shelf.seen[item.key].number, item.key) for item in snapshot.document.items)
        below = shelf.place(before) if before is not None else shelf.next
        above = shelf.place(after) if after is not None else 0
        keys = [key for number, key in numbered if above < number < below]
        chosen = keys[:limit] if after is not None else keys[-limit:]
        first_fetch = before is None and after is None
        skipped = snapshot.document.skipped if first_fetch or chosen else 0
        if not chosen and before is not None:
            archive = self._older(snapshot, 1)
            if archive is None and below in shelf.gaps:  # the hole is there to see, though nothing can fill it
                return Page(older=before, complete=False)
            return await self._archive(archive) if archive else Page()
        if not chosen:
            return Page(skipped=skipped)
        whole = after is None or (above > 0 and not any(gap > above for gap in shelf.gaps))
        more_below = after is None and len(keys) > len(chosen)
        older = shelf.cursor(chosen[0]) if more_below or after is not None else self._older(snapshot, 1)
        return Page(self._posts(snapshot, chosen), older, shelf.cursor(chosen[-1]), complete=whole, skipped=skipped)

    def _posts(self, snapshot: Snapshot, keys: Sequence[str]) -> tuple[Post, ...]:
        """Newest first; of two of the same moment the one that came later."""
        decoder, now = self._decoder(snapshot), self.kit.clock.now()
        items = {item.key: item for item in snapshot.document.items}
        seen = snapshot.shelf.seen
        posts = [(decoder.post(items[key], seen[key], now), seen[key].number) for key in keys]
        posts.sort(key=lambda pair: (pair[0].created_at, pair[1]), reverse=True)
        return tuple(post for post, _number in posts)

    def _decoder(self, snapshot: Snapshot) -> Decoder:
        return Decoder(self._account.name, self._account.service, snapshot.shelf.url, snapshot.document)

    @staticmethod
    def _older(snapshot: Snapshot, number: int) -> str | None:
        """A cursor to the feed's page with older items; None without one."""
        url = snapshot.document.next_url
        return f"page.{number}.{url}" if url and url != snapshot.shelf.content_url else None

    async def _archive(self, cursor: str) -> Page:
        _page, number, url = cursor.split(".", 2)
        document = await self.source.archived(url)
        now = self.kit.clock.now()
        decoder = Decoder(self._account.name, self._account.service, url, document)
        posts = tuple(decoder.post(item, None, now) for item in document.items if item.published or item.updated)
        going_on = document.next_url not in ("", url) and int(number) < MAX_ARCHIVES
        older = f"page.{int(number) + 1}.{document.next_url}" if going_on else None
        return Page(posts, older, skipped=document.skipped + len(document.items) - len(posts))

    async def own_posts(self, since: datetime) -> Sequence[Post]:
        """The items by the author whom the settings name as the account's `handle`; without that, none."""
        wanted = self._account.handle.casefold()
        if not wanted or self._account.remote_id:
            return ()
        snapshot = await self.source.snapshot()
        posts = self._posts(snapshot, [item.key for item in snapshot.document.items])
        return tuple(post for post in posts if post.author.handle.casefold() == wanted and post.created_at >= since)

    async def post(self, remote_id: str) -> Post:
        snapshot = await self.source.snapshot()
        if all(item.key != remote_id for item in snapshot.document.items):
            raise RejectedError(
                _("the feed no longer has this post"),
                _("open it in the browser"),
                account=self._account.name,
                status=404,
            )
        return self._posts(snapshot, [remote_id])[0]


class FeedPlugin:
    """What the registry finds."""

    name = "feed"
    title = "RSS, Atom, JSON Feed"
    form = LoginForm(url_required=True)

    def open(self, account: Account, kit: Kit) -> Service:
        if not account.url:
            raise UsageError(
                _("the feed {account} has no address").format(account=account.name), _("give its url in the settings")
            )
        check_address(account.url)
        return FeedService(account, kit)

    async def sign_in(self, request: SignIn, dialog: LoginDialog, kit: Kit) -> SignedIn:
        """No secret and nobody to be: the feed is fetched, and what it says of itself is the profile.

        A handle that the user gives is the author whose items are one's own.
        """
        service = FeedService(replace(request.account, remote_id=""), kit)
        check_address(request.account.url)
        service.source.forget()
        profile = await service.verify()
        account = request.account
        if not account.handle:
            account = replace(account, handle=str(profile.handle), remote_id=profile.remote_id)
        return SignedIn(account, None, profile)


PLUGIN = FeedPlugin()
