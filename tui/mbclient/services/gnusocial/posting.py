"""Sending so that nothing is ever posted twice, swallowed or obeyed: prepare, publish, find, delete.

No key protects a repeat (facts/gnusocial.md 4): the newest own id is noted before the first byte, and what is newer
with the same words and parent is the post.
"""

from __future__ import annotations

import asyncio
import mimetypes
import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote

from mbclient.core.ports import Feed, Json, Outgoing, Published
from mbclient.domain.draft import Attachment
from mbclient.domain.errors import RateLimitedError, RejectedError, UsageError
from mbclient.domain.lengths import links
from mbclient.domain.post import Post, Visibility
from mbclient.domain.safetext import SafeText
from mbclient.services.answers import Answer, error_text
from mbclient.services.fields import Garbage, identity, items, obj, string
from mbclient.services.files import read_file
from mbclient.services.gnusocial.api import MISSING, Api
from mbclient.services.gnusocial.commands import command_in
from mbclient.services.gnusocial.reading import Reading
from mbclient.services.gnusocial.site import Site
from mbclient.services.gnusocial.statuses import is_deed, repeat_of
from mbclient.services.limits import wait_until
from mbclient.services.plainwords import whole_characters
from mbclient.texts import _

TOO_LONG = frozenset({406, 413})  # StatusNet's and GNU social's word for it
MAX_FIND_PAGES = 3
SKEW = timedelta(minutes=10)  # between this clock and the server's, when a sent post is looked for
THROTTLED = timedelta(minutes=5)
_TOO_FAST = re.compile(r"\b(?:notices|notiser)\b.*\b(?:too fast|för snabbt)\b", re.IGNORECASE)
SOURCE = "mbclient"


class Posting:
    """The writing half of the adapter. `_sent`: which post each key of this run became, so that equal texts differ."""

    def __init__(self, api: Api, reading: Reading) -> None:
        self._api = api
        self._reading = reading
        self._sent: dict[str, str] = {}

    # ------------------------------------------------------------ prepare

    async def prepare(self, outgoing: Outgoing) -> Json:
        """Raises `RejectedError` for a text that the server would obey or cut, before anything of it is sent."""
        site = await self._api.site()
        check_possible(self._api, outgoing, site)
        text = site.own_names(whole_characters(outgoing.text)).strip()
        _check_command(self._api, site, text)
        newest = await self._newest_own_id()
        uploaded = [await self._upload(attachment, site) for attachment in outgoing.media]
        appended = [url for _id, url in uploaded if url and url not in text]
        _check_length(self._api, site, " ".join([text, *appended]))
        return {
            "key": outgoing.key,
            "composed_at": outgoing.composed_at.isoformat(),
            "text": text,
            "reply_to": outgoing.reply_to.remote_id if outgoing.reply_to else "",
            "media_ids": [media_id for media_id, _url in uploaded],
            "media_urls": appended,
            "newest": newest,
        }

    async def _newest_own_id(self) -> str:
        """The number below which nothing can be the post; empty without an own post."""
        page = await self._reading.chunk_of(Feed("author", self._api.me), 1)
        numbers = [identity(obj(status)) for status in page]
        return max((number for number in numbers if number.isdecimal()), key=int, default="")

    async def _upload(self, attachment: Attachment, site: Site) -> tuple[str, str]:
        """The id and the address of an uploaded file. Nothing is visible yet, so it may be repeated.

        There is no description on these servers: `max_alt` is 0, and one that was written stays here.
        """
        path = Path(attachment.path)
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        content = await asyncio.to_thread(read_file, path, site.max_upload)
        files = {"media": (path.name.encode("ascii", "replace").decode(), content, kind)}
        answer = await self._api.call("POST", "media/upload.json", files=files, write=False, accept=MISSING)
        if answer.status in MISSING:
            self._api.missing.add("media")
            raise self._api.unsupported("media")
        raw = obj(answer.json())
        media_id = identity(raw, "media_id_string") or identity(raw, "media_id")
        if not media_id:
            raise self._api.garbled()
        return media_id, string(raw, "media_url")

    # ------------------------------------------------------------ publish

    async def publish(self, prepared: Json) -> Published:
        site = await self._api.site()
        form = {"status": site.wire_text(string(prepared, "text")), "source": SOURCE}
        media = [item for item in items(prepared.get("media_ids")) if isinstance(item, str)]
        if media:
            form["media_ids"] = ",".join(media)
        if string(prepared, "reply_to"):
            form["in_reply_to_status_id"] = string(prepared, "reply_to")
        refusals = TOO_LONG | {400}
        answer = await self._api.call("POST", "statuses/update.json", form=form, accept=refusals)
        if answer.status in refusals:
            return await self._refused(answer, prepared, site)
        return await self._answered(obj(answer.json()), answer, prepared, site)

    async def _refused(self, answer: Answer, prepared: Json, site: Site) -> Published:
        """Too long; or 400, which also says "the same again too soon": then an earlier try may have arrived.

        Which 400 it is stands only in words of the server's language: the own posts tell.
        """
        reason = SafeText.line(error_text(answer), max_characters=300)
        name = self._api.account.name
        if answer.status in TOO_LONG:
            raise RejectedError(
                _("{host} said: {reason}").format(host=answer.host, reason=reason or _("too long")),
                _("shorten it"),
                account=name,
                status=answer.status,
                code="too-long",
            )
        found = await self.find(prepared)
        if found is not None:
            return found
        if _TOO_FAST.search(reason):
            until = self._api.kit.clock.now() + THROTTLED
            said = _("{host} said: {reason}").format(host=answer.host, reason=reason)
            raise RateLimitedError(said, wait_until(until), account=name, until=until)
        raise self._api.refusal(answer, reason=reason)

    async def _answered(self, raw: Mapping[str, object], answer: Answer, prepared: Json, site: Site) -> Published:
        """A 200 may show the latest OLDER post: then the text was taken as a command, and nothing was posted."""
        remote_id = identity(raw)
        if not remote_id:
            raise self._api.unsure()
        same = _same_words(raw, prepared, site)
        if is_newer(remote_id, string(prepared, "newest")):
            if not same:
                raise self._api.unsure()
            return await self._published(raw, string(prepared, "key"))
        raise RejectedError(
            _("{host} took the text as a command and posted nothing").format(host=answer.host),
            _("begin with another word"),
            account=self._api.account.name,
            status=answer.status,
            code="command",
        )

    async def _published(self, raw: Mapping[str, object], key: str) -> Published:
        remote_id = self._sent[key] = identity(raw)
        try:
            post = (await self._api.decoder()).post(raw)
        except Garbage:
            return Published(remote_id, "", "", self._api.kit.clock.now())
        return Published.of(post)

    # ------------------------------------------------------------ find and delete

    async def find(self, prepared: Json) -> Published | None:
        """Among the own posts newer than those known before sending: same words, same parent."""
        key, site = string(prepared, "key"), await self._api.site()
        if key in self._sent:
            try:
                return await self._published(obj(await self._reading.status(self._sent[key])), key)
            except RejectedError:
                return None
        others = set(self._sent.values())
        since = datetime.fromisoformat(string(prepared, "composed_at")) - SKEW
        async for raw in self._reading.own_pages(since, MAX_FIND_PAGES):
            for status in map(obj, raw):
                if identity(status) in others or is_deed(status) or repeat_of(status):
                    continue
                newer = is_newer(identity(status), string(prepared, "newest"))
                parent = identity(status, "in_reply_to_status_id")
                if newer and parent == string(prepared, "reply_to") and _same_words(status, prepared, site):
                    return await self._published(status, key)
        return None

    async def delete(self, post: Post) -> None:
        path = f"statuses/destroy/{quote(post.remote_id, safe='')}.json"
        answer = await self._api.call("POST", path, accept=frozenset({404, 410}))
        if answer.ok and answer.body.strip():
            answer.json()  # a proxy's page is no deletion


# ------------------------------------------------------------ what can be said before anything is sent


def check_possible(api: Api, outgoing: Outgoing, site: Site) -> None:
    """Raises `UnsupportedError` for what these servers do not know."""
    if outgoing.visibility is not Visibility.PUBLIC and outgoing.visibility not in site.capabilities().visibilities:
        raise api.unsupported(outgoing.visibility)
    wanted = {"quote": outgoing.quote_of, "edit": outgoing.edit_of, "schedule": outgoing.due, "cw": outgoing.cw}
    for ability, value in wanted.items():
        if value:
            raise api.unsupported(ability)
    if outgoing.media and not api.capabilities().max_media:
        raise api.unsupported("media")
    if not outgoing.text.strip() and not outgoing.media:
        raise UsageError(_("there is no text yet"))


def _check_command(api: Api, site: Site, text: str) -> None:
    word = command_in(text) if site.obeys else ""
    if word:
        raise RejectedError(
            _("{host} would take this text as the command “{word}” and not post it").format(
                host=site.domain, word=word
            ),
            _("begin with another word"),
            account=api.account.name,
            code="command",
        )


def _check_length(api: Api, site: Site, text: str) -> None:
    length = site.measure(text)
    if length.over:
        raise api.too_long(length.used, length.limit)


def is_newer(remote_id: str, newest: str) -> bool:
    """Whether an id is of a later post: numbers grow, for own posts are numbered as they come."""
    return not newest or not remote_id.isdecimal() or int(remote_id) > int(newest)


def _same_words(status: Mapping[str, object], prepared: Json, site: Site) -> bool:
    """The text as the server keeps it: blanks tidied, letters composed, long addresses shortened, files' addresses."""
    wanted = [string(prepared, "text"), *(url for url in items(prepared.get("media_urls")) if isinstance(url, str))]
    return _pattern(" ".join(wanted), site).fullmatch(_tidy(string(status, "text"))) is not None


def _tidy(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _pattern(text: str, site: Site) -> re.Pattern[str]:
    tidy, parts, position = _tidy(text), [], 0
    for start, end in links(tidy) if site.max_url else ():
        if end - start > site.max_url:
            parts += [re.escape(tidy[position:start]), r"\S{1,4096}"]
            position = end
    return re.compile("".join([*parts, re.escape(tidy[position:])]))
