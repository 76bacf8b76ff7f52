"""One Bluesky account, as the `Service` port has it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
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
    StreamEvent,
    Thread,
)
from mbclient.domain.account import Account
from mbclient.domain.capabilities import Capabilities, Idempotency, Length
from mbclient.domain.errors import (
    AuthError,
    RejectedError,
    ServiceError,
    UnsupportedError,
    UsageError,
)
from mbclient.domain.lengths import grapheme_length, utf8_length
from mbclient.domain.post import Mine, Post
from mbclient.domain.safetext import SafeText
from mbclient.services.addresses import web_link
from mbclient.services.bluesky import seen, views
from mbclient.services.bluesky.images import MIME_TYPES
from mbclient.services.bluesky.preferences import Preferences
from mbclient.services.bluesky.reading import Reader
from mbclient.services.bluesky.session import Session
from mbclient.services.bluesky.shape import (
    MalformedError,
    Object,
    optional_instant,
    optional_obj,
    optional_text,
    uri_parts,
)
from mbclient.services.bluesky.writing import MAX_IMAGE_BYTES, MAX_IMAGES, Writer, written_time
from mbclient.services.bluesky.xrpc import not_understood, procedure, query
from mbclient.services.cache import JsonCache
from mbclient.services.kit import Kit
from mbclient.texts import _

MAX_GRAPHEMES, MAX_BYTES = 300, 3000
LIKE, REPOST = "app.bsky.feed.like", "app.bsky.feed.repost"

CAPABILITIES = Capabilities(
    reply_needs_mention=False,
    quote=True,
    search=True,
    language=True,
    feeds=("home", "author", "list", "tag"),
    max_length=MAX_GRAPHEMES,
    max_media=MAX_IMAGES,
    max_alt=2000,
    max_image_bytes=MAX_IMAGE_BYTES,
    media_types=MIME_TYPES,
    idempotency=Idempotency.CLIENT_ID,
    software="atproto",
)


class Bluesky:
    """Reads through the PDS and writes to it. Opened without a request; the first call may renew the session.

    Fills the `Service` port, `SigningOut`, and `Marking` for the notifications.
    """

    places: Collection[str] = (seen.PLACE,)

    def __init__(self, account: Account, kit: Kit, session: Session) -> None:
        self.account = account
        self._kit = kit
        self._session = session
        self._preferences = Preferences(session, kit.clock)
        self._reader = Reader(session, self._preferences)
        self._writer = Writer(session, kit.clock)
        self._cache = JsonCache(kit.cache_dir)
        self._made: dict[tuple[str, str], str] = {}  # the newest own like or repost of a post: views lag behind
        kept = self._cache.read(self._cache_name)
        self._can = replace(
            CAPABILITIES,
            bookmark=kept.get("bookmark") is True,
            version=str(SafeText.line(str(kept.get("version", "")), max_characters=40)),
        )

    @property
    def _cache_name(self) -> str:
        return f"bluesky-{urlsplit(self.account.url).hostname or ''}-{self.account.name}"

    @property
    def capabilities(self) -> Capabilities:
        return replace(self._can, filters=self._preferences.ids)

    def measure(self, text: str, cw: str = "", *, reply: bool = False) -> Length:
        """Graphemes, or bytes where these are nearer to their limit. There is no content warning to count."""
        graphemes, size = Length(grapheme_length(text), MAX_GRAPHEMES), Length(utf8_length(text), MAX_BYTES)
        return size if size.used * MAX_GRAPHEMES > graphemes.used * MAX_BYTES else graphemes

    async def load_capabilities(self) -> Capabilities:
        """Which PDS this is, and whether its AppView keeps bookmarks."""
        try:
            await self._session.call(query("app.bsky.bookmark.getBookmarks", ("limit", "1")))
            bookmark = True
        except (UnsupportedError, RejectedError):
            bookmark = False
        health = await self._session.call(query("_health"))
        version = str(SafeText.line(optional_text(health, "version"), max_characters=40))
        self._cache.write(self._cache_name, {"bookmark": bookmark, "version": version})
        self._can = replace(CAPABILITIES, bookmark=bookmark, version=version)
        return self.capabilities

    async def verify(self) -> Profile:
        """The own profile, from the own repository: fresh, and readable while the AppView is down."""
        session = await self._session.call(query("com.atproto.server.getSession"))
        if session.get("active") is False:
            status = SafeText.line(optional_text(session, "status") or "inactive", max_characters=40)
            raise AuthError(
                _("the account is not active ({status})").format(status=status),
                _("look at the account in the web client"),
                account=self.account.name,
            )
        did = optional_text(session, "did")
        if did != await self._session.did():
            raise not_understood(await self._session.host(), self.account.name)
        record = await self._reader.record(did, "app.bsky.actor.profile", "self")
        return profile(did, optional_text(session, "handle"), optional_obj((record or {}).get("value")))

    async def sign_out(self) -> None:
        await self._session.end()

    # ------------------------------------------------------------ reading

    async def page(
        self, feed: Feed = HOME, *, before: str | None = None, after: str | None = None, limit: int = 40
    ) -> Page:
        if after is not None:
            self._kit.http.spare(self.account.name)
        return await self._reader.page(feed, before, after, limit)

    async def own_posts(self, since: datetime) -> Sequence[Post]:
        return await self._reader.own_posts(since)

    async def search(self, query: str, *, before: str | None = None, limit: int = 40) -> Page:
        return await self._reader.search(query, before, limit)

    async def post(self, remote_id: str) -> Post:
        return await self._reader.post(remote_id)

    async def thread(self, post: Post) -> Thread:
        return await self._reader.thread(post)

    async def notifications(self, *, before: str | None = None, limit: int = 40) -> NotificationPage:
        if before is None:
            self._kit.http.spare(self.account.name)
        return await self._reader.notifications(before, limit)

    async def read_marks(self) -> Mapping[str, str]:
        self._kit.http.spare(self.account.name)
        return await seen.read(self._session)

    async def set_mark(self, place: str, mark: str) -> bool:
        return await seen.write(self._session, mark)

    def mark(self, remote_id: str, at: datetime) -> str:
        return seen.mark(at)

    def reaches(self, mark: str, other: str) -> bool:
        return seen.reaches(mark, other)

    async def stream(self) -> AsyncGenerator[StreamEvent, None]:
        """There is no personal stream (Bluesky facts 7): home is polled."""
        raise UnsupportedError(_("Bluesky has no stream of a home timeline"), account=self.account.name)
        yield  # makes it the async iterator of the port

    # ------------------------------------------------------------ sending

    async def prepare(self, outgoing: Outgoing) -> Json:
        return await self._writer.prepare(outgoing)

    async def publish(self, prepared: Json) -> Published:
        """`putRecord` with `swapRecord: null`: the first creates, every repeat finds what is there.

        An `InvalidSwap` says that the record exists with other bytes, as after preparing anew: it is read back.
        """
        frozen = dict(prepared)
        try:
            answer = await self._put(frozen)
        except RejectedError as error:
            if error.code != "InvalidSwap":
                raise
            found = await self.find(prepared)
            if found is None or not await self._is_ours(frozen):
                raise
            return found
        if not optional_text(answer, "uri") or not optional_text(answer, "cid"):
            raise not_understood(await self._session.host(), self.account.name, write=True)
        created = isinstance(answer.get("commit"), dict)
        return await self._published(frozen, answer, self._kit.clock.now() if created else None)

    async def _put(self, frozen: Object) -> Object:
        body = {name: frozen.get(name) for name in ("repo", "collection", "rkey", "record")} | {"swapRecord": None}
        call = procedure("com.atproto.repo.putRecord", body)
        try:
            return await self._session.call(call)
        except RejectedError as error:
            if error.code != "BlobNotFound":
                raise
            await self._writer.upload_again(frozen)
        return await self._session.call(call)

    async def _is_ours(self, frozen: Object) -> bool:
        here = await self._stored(frozen)
        value = optional_obj((here or {}).get("value"))
        return optional_text(value, "text") == optional_text(optional_obj(frozen.get("record")), "text")

    async def find(self, prepared: Json) -> Published | None:
        """By its key, in the own repository, which lags behind nothing."""
        frozen = dict(prepared)
        found = await self._stored(frozen)
        return await self._published(frozen, found, None) if found is not None else None

    async def _stored(self, frozen: Object) -> Object | None:
        return await self._reader.record(str(frozen["repo"]), str(frozen["collection"]), str(frozen["rkey"]))

    async def _published(self, frozen: Object, stored: Object, at: datetime | None) -> Published:
        """`at`: when it was sent just now; for a post that was there already its own time."""
        uri, record = optional_text(stored, "uri"), optional_obj(frozen.get("record"))
        post: Post | None
        try:
            post = await self._reader.from_record({**stored, "value": record})
        except (MalformedError, ServiceError):  # it is out all the same
            post = None
        when = at or optional_instant(record.get("createdAt")) or self._kit.clock.now()
        return Published(uri, uri, views.post_url(uri, self.account.handle), when, post)

    async def delete(self, post: Post) -> None:
        if self._owner(post.remote_id) != await self._session.did():
            raise UsageError(_("{id} is not your own post").format(id=post.id))
        await self._delete_record(post.remote_id)

    # ------------------------------------------------------------ deeds

    async def set_liked(self, post: Post, on: bool) -> Mine:
        ref = await self._set(LIKE, post, post.mine.like_ref, on)
        return replace(post.mine, liked=on, like_ref=ref)

    async def set_boosted(self, post: Post, on: bool) -> Mine:
        ref = await self._set(REPOST, post, post.mine.boost_ref, on)
        return replace(post.mine, boosted=on, boost_ref=ref)

    async def set_bookmarked(self, post: Post, on: bool) -> Mine:
        if on:
            body = {"uri": post.remote_id, "cid": await self._version(post)}
            await self._session.call(procedure("app.bsky.bookmark.createBookmark", body))
        else:
            await self._session.call(procedure("app.bsky.bookmark.deleteBookmark", {"uri": post.remote_id}))
        return replace(post.mine, bookmarked=on)

    async def _set(self, collection: str, post: Post, ref: str, on: bool) -> str:
        """The address of the like or repost; empty once it is gone.

        Creating a second one replaces the first and gives it a new address, so the newest is remembered; taking it
        back deletes every address that is known, since a view may still show the old one.
        """
        key = (collection, post.remote_id)
        if on:
            record = {
                "$type": collection,
                "subject": {"uri": post.remote_id, "cid": await self._version(post)},
                "createdAt": written_time(self._kit.clock.now()),
            }
            body = {"repo": await self._session.did(), "collection": collection, "record": record}
            answer = await self._session.call(procedure("com.atproto.repo.createRecord", body))
            self._made[key] = optional_text(answer, "uri")
            return self._made[key]
        for known in {ref, self._made.pop(key, ""), await self._shown_ref(collection, post.remote_id)} - {""}:
            await self._delete_record(known)
        return ""

    async def _shown_ref(self, collection: str, uri: str) -> str:
        """The like or repost that the AppView shows now; empty when it cannot be asked."""
        seen = (await self._reader.viewed_if_it_can_be([uri])).get(uri)
        if seen is None:
            return ""
        return seen.mine.like_ref if collection == LIKE else seen.mine.boost_ref

    async def _version(self, post: Post) -> str:
        return post.version or (await self._reader.post(post.remote_id)).version

    async def _delete_record(self, uri: str) -> None:
        """Deleting what is gone is answered with 200."""
        did, collection, rkey = self._parts(uri)
        body = {"repo": did, "collection": collection, "rkey": rkey}
        await self._session.call(procedure("com.atproto.repo.deleteRecord", body))

    def _owner(self, uri: str) -> str:
        return self._parts(uri)[0]

    def _parts(self, uri: str) -> tuple[str, str, str]:
        try:
            return uri_parts(uri)
        except MalformedError as error:
            raise UsageError(_("{id} is no address of a Bluesky post").format(id=SafeText.line(uri))) from error


def profile(did: str, handle: str, record: Object) -> Profile:
    """What rule 4 reads: name, biography, website and handle, since a company's domain as handle shows the employer."""
    name = SafeText.line(optional_text(record, "displayName"))
    parts = [optional_text(record, field) for field in ("displayName", "description", "website", "pronouns")]
    shown = SafeText.line(handle, max_characters=300)
    return Profile(
        handle=shown,
        name=name,
        text=SafeText("\n".join(part for part in [*parts, shown] if part)),
        remote_id=did,
        url=web_link(f"{views.WEB}/profile/{shown or did}"),
    )
