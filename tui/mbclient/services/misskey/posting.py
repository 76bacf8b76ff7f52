"""Sending so that nothing is ever posted twice or wider than asked: prepare, publish, find, delete (facts 4, 10).

No key protects a repeat upstream: the last own notes are remembered before the first byte, and what is newer with the
same words, warning and place is the post.
"""

from __future__ import annotations

import asyncio
import mimetypes
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from mbclient.core.ports import Json, Outgoing, Published
from mbclient.domain.draft import Attachment
from mbclient.domain.errors import RateLimitedError, RejectedError, ServiceError, UsageError
from mbclient.domain.post import Post, Visibility
from mbclient.services.fields import Garbage, identity, instant, items, obj, string
from mbclient.services.files import read_file
from mbclient.services.limits import wait_until
from mbclient.services.misskey.api import Api
from mbclient.services.misskey.notes import READ_AS, VISIBILITIES, Raw, is_pure_renote, mentions_in
from mbclient.services.misskey.reading import Reading, is_gone
from mbclient.services.misskey.server import Server
from mbclient.services.plainwords import whole_characters
from mbclient.texts import _

SKEW = timedelta(minutes=10)  # between this clock and the server's, when a sent post is looked for
MAX_FIND_PAGES = 3
REPEAT_S = 60  # how long a server may take the same words for a repeat


class Posting:
    """The writing half of the adapter. `_sent`: which note each key of this run became, so that equal texts differ."""

    def __init__(self, api: Api, reading: Reading) -> None:
        self._api = api
        self._reading = reading
        self._sent: dict[str, str] = {}

    # ------------------------------------------------------------ prepare

    async def prepare(self, outgoing: Outgoing) -> Json:
        server = await self._api.server()
        self._check_possible(outgoing, server)
        text, cw = (whole_characters(words).strip() for words in (outgoing.text, outgoing.cw))
        await self._check_length(text, cw)
        body: dict[str, object] = {"visibility": VISIBILITIES[outgoing.visibility]}
        if text:
            body["text"] = text
        if cw:
            body["cw"] = cw
        if outgoing.poll is not None:
            body["poll"] = {
                "choices": list(outgoing.poll.choices),
                "multiple": outgoing.poll.multiple,
                "expiredAfter": outgoing.poll.seconds * 1000,
            }
        files: list[object] = []
        if outgoing.edit_of:
            files = await self._keep_the_rest(outgoing.edit_of, body)
        else:
            if outgoing.reply_to:
                body["replyId"] = outgoing.reply_to.remote_id
            if outgoing.quote_of:
                body["renoteId"] = outgoing.quote_of.remote_id
            if outgoing.visibility is Visibility.DIRECT:
                body["visibleUserIds"] = await self._recipients(text, outgoing.reply_to)
        files += [await self._upload(attachment, sensitive=bool(cw)) for attachment in outgoing.media]
        if files:  # an empty list is refused
            body["fileIds"] = files
        return {
            "key": outgoing.key,
            "composed_at": outgoing.composed_at.isoformat(),
            "edit_of": outgoing.edit_of.remote_id if outgoing.edit_of else "",
            "known": await self._reading.newest_own(),
            "body": body,
        }

    def _check_possible(self, outgoing: Outgoing, server: Server) -> None:
        """A key that a server does not know is passed over in silence, and the note published at once: none is sent."""
        can = server.capabilities()
        if outgoing.visibility not in can.visibilities:
            raise self._api.unsupported(outgoing.visibility)
        if outgoing.due is not None:
            raise self._api.unsupported("schedule")
        if outgoing.edit_of and not self._api.capabilities().edit:
            raise self._api.unsupported("edit")
        if len(outgoing.media) > can.max_media:
            raise self._api.unsupported(_("more than {n} files").format(n=can.max_media))
        if not outgoing.text.strip() and not outgoing.media:
            raise UsageError(_("there is no text yet"))

    async def _check_length(self, text: str, cw: str) -> None:
        """The limits may have been raised since they were read: they are asked for once more before a no."""
        server = self._api.known_server
        if server.measure(text).over or server.measure_cw(cw).over:
            server = await self._api.server(fresh=True)
        length, warning = server.measure(text), server.measure_cw(cw)
        if length.over:
            raise self._api.too_long(length.used, length.limit)
        if warning.over:
            what = _("the warning has {used} characters, and {host} takes {limit}")
            raise self._api.too_long(warning.used, warning.limit, what)

    async def _keep_the_rest(self, post: Post, body: dict[str, object]) -> list[object]:
        """An edit replaces everything: what the user did not touch is read first and sent along; gives the files."""
        note = await self._reading.note(post.remote_id)
        if obj(note.get("poll")):
            raise RejectedError(
                _("a post with a poll cannot be edited without losing the votes"),
                account=self._api.account.name,
                code="poll",
            )
        for name in ("visibility", "visibleUserIds", "localOnly", "replyId", "renoteId"):
            if note.get(name):
                body[name] = note[name]
        return [name for file in items(note.get("files")) if (name := identity(obj(file)))]

    async def _recipients(self, text: str, parent: Post | None) -> list[str]:
        """The ids of those who get a direct note: whom it names, and with a reply who had the note that it answers.

        A note that would reach nobody is a slip more often than a note to oneself, and would look sent: that takes
        the own name, or a direct note of one's own that went to nobody before.
        """
        everybody, to_myself = await self._addressed(text), False
        if parent is not None:
            note = await self._reading.note(parent.remote_id)
            had = [identity(note, "userId")]
            if READ_AS.get(string(note, "visibility")) is Visibility.DIRECT:
                to_myself = had == [self._api.me]
                had += [name for name in items(note.get("visibleUserIds")) if isinstance(name, str)]
            everybody += [name for name in had if name and name != self._api.me]
        if not everybody and not to_myself:
            raise RejectedError(
                _("a direct post that names nobody would reach nobody"),
                _("name those whom it is for, as @name, or yourself to keep it as a note"),
                account=self._api.account.name,
                code="nobody",
            )
        return list(dict.fromkeys(everybody))

    async def _addressed(self, text: str) -> list[str]:
        """The ids of those whom a direct note names: the names in its words address nobody by themselves."""
        found = []
        domain = self._api.known_server.domain.lower()
        for user, host in mentions_in(text):
            asked = {"username": user, "host": host if host and host != domain else None}
            try:
                known = identity(obj(await self._api.call("users/show", asked)))
            except RejectedError as error:
                name = f"@{user}@{host}" if host else f"@{user}"
                raise RejectedError(
                    _("{host} knows nobody called {name}").format(host=self._api.host, name=name),
                    _("check the name: nobody else would get the post"),
                    account=self._api.account.name,
                    status=error.status,
                    code=error.code,
                ) from error
            if known:
                found.append(known)
        return list(dict.fromkeys(found))

    async def _upload(self, attachment: Attachment, *, sensitive: bool) -> str:
        """The id of an uploaded file. Nothing is visible yet, so it may be repeated."""
        path = Path(attachment.path)
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        content = await asyncio.to_thread(read_file, path)
        form = {"name": path.name, "isSensitive": "true" if sensitive else "false"}
        if attachment.alt:
            form["comment"] = attachment.alt
        files = {"file": (path.name.encode("ascii", "replace").decode(), content, kind)}
        name = identity(obj(await self._api.call("drive/files/create", form=form, files=files)))
        if not name:
            raise self._api.garbled()
        return name

    # ------------------------------------------------------------ publish

    async def publish(self, prepared: Json) -> Published:
        body, key = obj(prepared["body"]), string(prepared, "key")
        edit_of = string(prepared, "edit_of")
        if edit_of:
            value = await self._api.optional("edit", "notes/edit", {**body, "editId": edit_of}, write=True)
        else:
            value = await self._api.call("notes/create", body, write=True, key=key)
        raw = obj(obj(value).get("createdNote"))
        remote_id = identity(raw)
        if not remote_id:
            raise self._api.unsure()
        if edit_of:
            return await self._published(raw)
        if remote_id in self._others(key) or remote_id in items(prepared.get("known")):
            raise self._taken_for_a_repeat()
        published = await self._published(raw)
        await self._check_kept(raw, body, published)
        self._sent[key] = remote_id
        return published

    def _others(self, key: str) -> set[str]:
        return {name for other, name in self._sent.items() if other != key}

    def _taken_for_a_repeat(self) -> RateLimitedError:
        """misskey.io gives an older note back for the same words within a minute: this one was not posted."""
        seconds = self._api.known_server.dialect.repeats_s or REPEAT_S
        until = self._api.kit.clock.now() + timedelta(seconds=seconds)
        return RateLimitedError(
            _("{host} takes the same words so soon for a repeat, and posted nothing").format(host=self._api.host),
            wait_until(until),
            account=self._api.account.name,
            until=until,
        )

    async def _check_kept(self, raw: Raw, body: Mapping[str, object], published: Published) -> None:
        """A note outside its thread, without its poll, or for more eyes than asked is taken back; a narrower one
        stands as it is.
        """
        wanted, post = READ_AS[string(body, "visibility")], published.post
        wider = post is not None and post.visibility.width < wanted.width
        in_place = identity(raw, "replyId") == string(body, "replyId")
        if not wider and in_place and (_choices(raw) or not _choices(body)):
            return
        try:
            await self._delete(published.remote_id)
        except ServiceError:
            return  # it stands: the caller counts it as sent
        raise RejectedError(
            _("{host} would have shown the post otherwise than asked; it was taken back").format(host=self._api.host),
            account=self._api.account.name,
            code="not-kept",
        )

    async def _published(self, raw: Raw) -> Published:
        remote_id = identity(raw)
        at = instant(raw.get("createdAt")) or self._api.kit.clock.now()
        try:
            post = (await self._api.decoder()).post(raw)
        except Garbage:
            return Published(remote_id, "", "", at)
        return Published(remote_id, post.uri, post.url, at, post)

    # ------------------------------------------------------------ find and delete

    async def find(self, prepared: Json) -> Published | None:
        """Among the own notes newer than those known before sending: same words, warning, parent and quoted note."""
        body, key, edit_of = obj(prepared["body"]), string(prepared, "key"), string(prepared, "edit_of")
        named = edit_of or self._sent.get(key, "")
        if named:
            try:
                note = await self._reading.note(named)
            except RejectedError as error:
                if not is_gone(error):
                    raise
                return None
            return await self._published(note) if not edit_of or _same_words(note, body) else None
        passed_over = self._others(key).union(str(name) for name in items(prepared.get("known")))
        composed = instant(prepared.get("composed_at")) or self._api.kit.clock.now()
        async for raw in self._reading.own_pages(composed - SKEW, MAX_FIND_PAGES):
            for note in map(obj, raw):
                if identity(note) not in passed_over and _same_place(note, body) and _same_words(note, body):
                    self._sent[key] = identity(note)
                    return await self._published(note)
        return None

    async def delete(self, post: Post) -> None:
        await self._delete(post.remote_id)

    async def _delete(self, remote_id: str) -> None:
        try:
            await self._api.call("notes/delete", {"noteId": remote_id}, write=True)
        except RejectedError as error:
            if not is_gone(error):
                raise


def _same_place(note: Raw, body: Mapping[str, object]) -> bool:
    """A note with another poll is another note; one whose poll was dropped is not."""
    if is_pure_renote(note) or (_choices(note) and _choices(note) != _choices(body)):
        return False
    return all(identity(note, name) == string(body, name) for name in ("replyId", "renoteId"))


def _choices(note: Raw) -> list[str]:
    """The choices of a note's poll, or of the one that was asked for."""
    choices = items(obj(note.get("poll")).get("choices"))
    return [(each if isinstance(each, str) else string(obj(each), "text")).strip() for each in choices]


def _same_words(note: Raw, body: Mapping[str, object]) -> bool:
    """The server trims a text and keeps it otherwise as it was sent."""
    return all(
        string(note, name).replace("\r\n", "\n").strip() == string(body, name).replace("\r\n", "\n").strip()
        for name in ("text", "cw")
    )
