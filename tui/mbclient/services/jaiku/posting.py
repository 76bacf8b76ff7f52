"""Posting under a uuid of one's own: a repeat can't double, and its error means that all is well (facts/jaiku.md 4)."""

from __future__ import annotations

import re
from uuid import UUID, uuid5

from mbclient.core.ports import Json, Outgoing, Published
from mbclient.domain.capabilities import Capabilities, Length
from mbclient.domain.errors import RejectedError, UsageError
from mbclient.domain.safetext import SafeText
from mbclient.services.fields import string
from mbclient.services.jaiku.api import NOT_FOUND, Api
from mbclient.services.jaiku.entries import Name
from mbclient.services.jaiku.reading import Reading, unwrapped
from mbclient.services.plainwords import whole_characters
from mbclient.texts import _

POST_LIMIT, COMMENT_LIMIT = 140, 2000
_SPACE = UUID("6a61696b-7500-4000-8000-6d62636c6965")  # only has to be this program's own
_CHANNEL = re.compile(r"#([A-Za-z][A-Za-z0-9]*)(?:@[A-Za-z0-9.-]+)?:?\s")
_DUPLICATE = re.compile(r"\bDuplicate entry\b.*\balready used\b", re.IGNORECASE | re.DOTALL)


class Posting:
    """The writing half of the adapter."""

    def __init__(self, api: Api, reading: Reading) -> None:
        self._api = api
        self._reading = reading

    async def prepare(self, outgoing: Outgoing, can: Capabilities) -> Json:
        """Raises for what the server would cut in silence, and for a post that would make a channel of its first word.

        The uuid is made of the key, so that it is the same in every attempt.
        """
        self._check_possible(outgoing, can)
        text = whole_characters(outgoing.text).strip()
        limit = COMMENT_LIMIT if outgoing.reply_to else POST_LIMIT
        length = Length(len(text), limit)
        if length.over:
            raise self._api.too_long(length.used, limit)
        parent = self._reading.name(outgoing.reply_to.remote_id) if outgoing.reply_to else None
        channel = None if parent else _CHANNEL.match(text + " ")
        if channel:
            await self._check_channel(channel[1])
        return {
            "uuid": uuid5(_SPACE, outgoing.key).hex,
            "text": text,
            "stream": parent.stream if parent else "",
            "entry": parent.entry if parent else "",
            "owner": f"#{channel[1]}" if channel else "",
        }

    def _check_possible(self, outgoing: Outgoing, can: Capabilities) -> None:
        if outgoing.visibility not in can.visibilities:
            raise self._api.unsupported(outgoing.visibility)  # who sees posts is a setting of the account there
        wanted = {
            "quote": outgoing.quote_of,
            "edit": outgoing.edit_of,
            "schedule": outgoing.due,
            "cw": outgoing.cw,
            "media": outgoing.media,
        }
        for ability, value in wanted.items():
            if value:
                raise self._api.unsupported(ability)
        if not outgoing.text.strip():
            raise UsageError(_("there is no text yet"))

    async def _check_channel(self, name: str) -> None:
        """`#name text` goes to that channel, and makes it, open to all, where there is none yet."""
        try:
            await self._api.call("actor_get", {"nick": f"#{name}"})
        except RejectedError as error:
            if error.code != str(NOT_FOUND):
                raise
            raise RejectedError(
                _("this text would create the public channel #{name}").format(name=SafeText.line(name)),
                _("begin with another word, or create the channel on the web page first"),
                account=self._api.account.name,
                code="channel",
            ) from error

    # ------------------------------------------------------------ publish and find

    async def publish(self, prepared: Json) -> Published:
        uuid, text, nick = string(prepared, "uuid"), string(prepared, "text"), self._api.nick
        own = {"nick": nick, "uuid": uuid}
        method, params = "post", {**own, "message": text}
        if string(prepared, "entry"):
            place = {"stream": string(prepared, "stream"), "entry": string(prepared, "entry")}
            method, params = "entry_add_comment", {**own, **place, "content": text}
        try:
            rv = await self._api.call(method, params, write=True)
        except RejectedError as error:
            return await self._already(error, prepared)
        found, _skipped = await self._reading.decode([unwrapped(rv)])
        return Published.of(found[0]) if found else self._known_only(prepared)

    async def _already(self, error: RejectedError, prepared: Json) -> Published:
        """The uuid is used: an earlier attempt arrived, even if what came of it was deleted since.

        A comment may also be refused with "not found" because its post is gone: then there is nothing under the uuid.
        """
        used = _DUPLICATE.search(error.problem) is not None
        gone = error.code == str(NOT_FOUND) and not string(prepared, "entry")
        found = await self.find(prepared)
        if found is not None:
            return found
        if used or gone:
            return self._known_only(prepared)
        raise error

    async def find(self, prepared: Json) -> Published | None:
        try:
            post, _comments = await self._reading.entry(string(prepared, "uuid"))
        except RejectedError:
            return None
        return Published.of(post)

    def _known_only(self, prepared: Json) -> Published:
        """What can be said of a post that the server holds, or held, but does not show."""
        key, uuid = string(prepared, "entry"), string(prepared, "uuid")
        if key:
            _stream, owner, _presence, parent = key.split("/")
            name = Name(owner, parent, uuid)
        else:
            namespace = self._api.nick.partition("@")[2]
            channel = string(prepared, "owner")
            name = Name(f"{channel}@{namespace}" if channel else self._api.nick, uuid)
        return Published(str(name), name.uri, name.url(self._api.base), self._api.kit.clock.now())
