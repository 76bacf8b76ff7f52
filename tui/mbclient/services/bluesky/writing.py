"""A post frozen before it is sent: its key, its whole record, its pictures (Bluesky facts 5).

The key is made of the outgoing post's own key, so that preparing the same post twice names the same record; the
record is then written with `swapRecord: null`, which never makes a second one and never overwrites.
"""

from __future__ import annotations

import asyncio
import re
from datetime import datetime
from hashlib import blake2b
from pathlib import Path

from mbclient.core.ports import Clock, Outgoing
from mbclient.domain.draft import Attachment
from mbclient.domain.errors import RejectedError, UnreachableError, UnsupportedError, UsageError
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.post import Post, Visibility
from mbclient.services.bluesky import richtext
from mbclient.services.bluesky.identity import is_did
from mbclient.services.bluesky.images import NotAPictureError, Picture, read_picture
from mbclient.services.bluesky.session import Session
from mbclient.services.bluesky.shape import Object, objects, optional_obj, optional_text, strong_ref
from mbclient.services.bluesky.views import POST
from mbclient.services.bluesky.xrpc import Call, query
from mbclient.texts import _
from mbclient.texts.outside import system_reason

MAX_IMAGES = 4
MAX_IMAGE_BYTES = 2_000_000
READ_BYTES = 20_000_000  # a camera's notes may be many times the picture that is left
MAX_MENTIONS = 20
_ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z")

Ref = dict[str, str]


def record_key(key: str, composed_at: datetime) -> str:
    """A TID: 53 bits of microseconds and 10 of a clock id, in 13 letters that sort by time.

    20 bits of the time (a second) and the clock id come from `key`: the parts of one thread are composed in the same
    instant.
    """
    chance = int.from_bytes(blake2b(key.encode(), digest_size=4).digest(), "big")
    microseconds = int(composed_at.timestamp() * 1_000_000) - (chance >> 12)
    number = (max(0, microseconds) & (1 << 53) - 1) << 10 | chance & 1023
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(60, -1, -5))


def written_time(when: datetime) -> str:
    """The form that the lexicon prefers: milliseconds and Z. `when` is aware UTC."""
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(frozen=True, slots=True)
class Writer:
    """Makes what is sent. Uploads and looks up; shows nothing to anybody."""

    session: Session
    clock: Clock

    async def prepare(self, outgoing: Outgoing) -> Object:
        """`{repo, collection, rkey, record, media}`; `media` tells where to take a dropped upload from again."""
        account = self.session.account.name
        _refuse_what_is_not_there(outgoing, account)
        pictures = [await _picture(attachment, account) for attachment in outgoing.media]
        record: Object = {"$type": POST, "text": outgoing.text, "createdAt": written_time(self.clock.now())}
        language = outgoing.lang.replace("_", "-")
        if _LANGUAGE.match(language):
            record["langs"] = [language]
        facets = richtext.facets(outgoing.text, await self._dids(outgoing.text))
        if facets:
            record["facets"] = facets
        targets = await self._targets(outgoing)
        if outgoing.reply_to is not None:
            record["reply"] = targets.reply_to(outgoing.reply_to)
        quote = targets.quote_of(outgoing.quote_of) if outgoing.quote_of is not None else None
        images = [
            _image(await self.upload(picture), picture, attachment.alt)
            for picture, attachment in zip(pictures, outgoing.media, strict=True)
        ]
        embed = _embed(images, quote)
        if embed:
            record["embed"] = embed
        return {
            "repo": await self.session.did(),
            "collection": POST,
            "rkey": record_key(outgoing.key, outgoing.composed_at),
            "record": record,
            "media": [attachment.path for attachment in outgoing.media],
        }

    async def upload(self, picture: Picture) -> Object:
        """The blob's reference. An upload that nothing refers to is dropped by the server after some minutes."""
        call = Call("com.atproto.repo.uploadBlob", content=picture.data, mime=picture.mime, post=True)
        blob = optional_obj((await self.session.call(call)).get("blob"))
        if not blob:
            raise UnreachableError(_("the upload of a picture was not understood"), account=self.session.account.name)
        return blob

    async def upload_again(self, prepared: Object) -> None:
        """For a post that waited so long that its uploads were dropped. The same file gives the same reference.

        Raises `RejectedError` when a file has changed or gone since.
        """
        account = self.session.account.name
        for path in prepared.get("media", []):
            await self.upload(await _picture(Attachment(path), account))

    # ------------------------------------------------------------ whom and what it points at

    async def _dids(self, text: str) -> dict[str, str]:
        """The DIDs of the handles mentioned. A handle that nobody has stays text."""
        handles = {item.value for item in richtext.find(text) if item.kind == "mention"}
        found = await asyncio.gather(*(self._did(handle) for handle in sorted(handles)[:MAX_MENTIONS]))
        return {handle: did for handle, did in found if did}

    async def _did(self, handle: str) -> tuple[str, str]:
        try:
            answer = await self.session.call(query("com.atproto.identity.resolveHandle", ("handle", handle)))
        except RejectedError:
            return handle, ""
        did = optional_text(answer, "did")
        return handle, did if is_did(did) else ""

    async def _targets(self, outgoing: Outgoing) -> _Targets:
        """What is replied to or quoted, as it stands now: it may have been edited, or closed for replies."""
        uris = {post.remote_id for post in (outgoing.reply_to, outgoing.quote_of) if post is not None}
        if not uris:
            return _Targets({}, self.session.account.name)
        try:
            answer = await self.session.call(query("app.bsky.feed.getPosts", *(("uris", uri) for uri in sorted(uris))))
        except UnreachableError:
            answer = {}  # what the archive knows of them is enough to go on
        views = {optional_text(view, "uri"): view for view in objects(answer.get("posts"))}
        return _Targets(views, self.session.account.name)


@dataclass(frozen=True, slots=True)
class _Targets:
    views: dict[str, Object]
    account: str

    def _ref(self, post: Post) -> Ref:
        view = self.views.get(post.remote_id, {})
        cid = optional_text(view, "cid") or post.version
        if not cid:
            raise RejectedError(_("the post pointed at is not there any more"), account=self.account)
        return {"uri": post.remote_id, "cid": cid}

    def _may(self, post: Post, closed: str, problem: str) -> None:
        if optional_obj(self.views.get(post.remote_id, {}).get("viewer")).get(closed) is True:
            raise RejectedError(problem, _("write a post of your own instead"), account=self.account)

    def reply_to(self, post: Post) -> Object:
        """Both strong references: the parent, and the post that its thread began with."""
        self._may(post, "replyDisabled", _("the author has closed this post for replies"))
        parent = self._ref(post)
        record = optional_obj(self.views.get(post.remote_id, {}).get("record"))
        root = strong_ref(optional_obj(record.get("reply")).get("root")) or post.root
        if root is None and post.in_reply_to:
            raise RejectedError(_("the thread's first post is not known"), _("open the thread first"))
        return {"root": {"uri": root[0], "cid": root[1]} if root else parent, "parent": parent}

    def quote_of(self, post: Post) -> Ref:
        self._may(post, "embeddingDisabled", _("the author has closed this post for quotes"))
        return self._ref(post)


def _refuse_what_is_not_there(outgoing: Outgoing, account: str) -> None:
    """Nothing that was asked for is dropped in silence, and nothing is shown to more people than was asked for."""
    problem = ""
    if outgoing.cw:
        problem = _("Bluesky has no content warnings")
    elif outgoing.visibility is not Visibility.PUBLIC:
        problem = _("posts on Bluesky are public")
    elif outgoing.edit_of is not None:
        problem = _("posts on Bluesky cannot be edited")
    elif outgoing.due is not None:
        problem = _("Bluesky does not schedule posts")
    elif len(outgoing.media) > MAX_IMAGES:
        problem = _("Bluesky takes {number} pictures at most").format(number=MAX_IMAGES)
    if problem:
        raise UnsupportedError(problem, _("change the post, or send it elsewhere"), account=account)


async def _picture(attachment: Attachment, account: str) -> Picture:
    path = Path(attachment.path)
    try:
        raw, picture = await asyncio.to_thread(_read, path)
    except OSError as error:
        raise UsageError(
            _("{file} cannot be read: {reason}").format(file=path.name, reason=system_reason(error))
        ) from error
    except NotAPictureError as error:
        raise RejectedError(
            _("{file} is no picture that Bluesky takes").format(file=path.name),
            _("use PNG, JPEG, GIF or WebP"),
            account=account,
        ) from error
    if len(raw) > READ_BYTES or len(picture.data) > MAX_IMAGE_BYTES:
        raise RejectedError(
            _("{file} is larger than 2 MB").format(file=path.name), _("make it smaller"), account=account
        )
    return picture


def _read(path: Path) -> tuple[bytes, Picture]:
    with path.open("rb") as file:
        raw = file.read(READ_BYTES + 1)
    return raw, read_picture(raw)


def _image(blob: Object, picture: Picture, alt: str) -> Object:
    image: Object = {"image": blob, "alt": alt}
    if picture.size is not None:
        image["aspectRatio"] = {"width": picture.size[0], "height": picture.size[1]}
    return image


def _embed(images: list[Object], quote: Ref | None) -> Object:
    pictures: Object = {"$type": "app.bsky.embed.images", "images": images} if images else {}
    quoted: Object = {"$type": "app.bsky.embed.record", "record": quote} if quote else {}
    if pictures and quoted:
        return {"$type": "app.bsky.embed.recordWithMedia", "record": quoted, "media": pictures}
    return pictures or quoted
