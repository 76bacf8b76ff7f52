"""Posting without any key against repeats: a slug and a time of one's own tell afterwards (facts/micropub.md A)."""

from __future__ import annotations

import asyncio
import hashlib
import mimetypes
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote, urlsplit

from mbclient.core.ports import Json, Outgoing, Published
from mbclient.domain.capabilities import Capabilities, Length
from mbclient.domain.draft import Attachment
from mbclient.domain.errors import OutcomeUnknownError, RejectedError, ServiceError, UsageError
from mbclient.domain.post import Post, Visibility
from mbclient.domain.safetext import SafeText
from mbclient.services.addresses import web_link
from mbclient.services.answers import Answer
from mbclient.services.fields import items, obj, string, taken
from mbclient.services.files import read_file
from mbclient.services.micropub.api import Api
from mbclient.services.micropub.config import Target
from mbclient.services.micropub.entries import VISIBILITIES, words
from mbclient.services.micropub.site import OwnSite
from mbclient.services.micropub.timeline import Timeline
from mbclient.services.page import joined
from mbclient.services.plainwords import whole_characters
from mbclient.texts import _

NO_LIMIT = 20_000  # characters: the specification has none, and this program shows no more of a post
SKEW = timedelta(minutes=2)  # between this clock and the server's, where that sets a time of its own
_SIGNS = re.compile(r"[\W_]+")


class Posting:
    """The writing half. `timeline` answers and deletes where the site is micro.blog; `_sent`: this run's own posts."""

    def __init__(self, api: Api, site: OwnSite, timeline: Timeline) -> None:
        self._api = api
        self._site = site
        self._timeline = timeline
        self._sent: dict[str, str] = {}

    # ------------------------------------------------------------ prepare

    async def prepare(self, outgoing: Outgoing, can: Capabilities) -> Json:
        """Uploads files, and settles slug and time, by which the post is known again. Nothing visible yet.

        What an edit shall replace is read first: only plain words are replaced by plain words.
        """
        self._check_possible(outgoing, can)
        text = whole_characters(outgoing.text).strip()
        length = Length(len(text), NO_LIMIT)
        if length.over:
            raise self._api.too_long(length.used, NO_LIMIT)
        parent = outgoing.reply_to
        on_timeline = parent is not None and bool(self._timeline.root)
        if on_timeline:
            text = self._own_names(text)
        if outgoing.edit_of:
            await self._site.written(outgoing.edit_of.remote_id)  # it may have become another post meanwhile
        return {
            "key": outgoing.key,
            "text": text,
            "slug": f"mb{hashlib.sha256(outgoing.key.encode()).hexdigest()[:14]}",
            "published": self._time().isoformat(),
            "visibility": outgoing.visibility.value,
            "reply_to": parent.remote_id if parent else "",
            "reply_number": await self._timeline.number(parent) if parent and on_timeline else "",
            "targets": list(self._targets()),
            "blog": self._blog(),
            "edit_of": outgoing.edit_of.remote_id if outgoing.edit_of else "",
            "photos": [await self._upload(attachment) for attachment in outgoing.media],
        }

    def _check_possible(self, outgoing: Outgoing, can: Capabilities) -> None:
        """`published` in the future is no schedule: a site that does not know that publishes at once."""
        if outgoing.visibility not in can.visibilities:
            raise self._api.unsupported(outgoing.visibility)
        here = can.max_media and not (outgoing.reply_to and self._timeline.root)
        wanted = {
            "quote": outgoing.quote_of,
            "schedule": outgoing.due,
            "cw": outgoing.cw,
            "edit": None if can.edit else outgoing.edit_of,
            "media": () if here else outgoing.media,
        }
        for ability, value in wanted.items():
            if value:
                raise self._api.unsupported(ability)
        if not outgoing.text.strip() and not outgoing.media:
            raise UsageError(_("there is no text yet"))

    def _targets(self) -> tuple[str, ...]:
        """Where the site shall pass the post on to. Raises `RejectedError` for a place that it does not know."""
        config = self._api.config
        try:
            return config.chosen(self._api.account.syndicate_to)
        except LookupError as error:
            said = _("{host} passes no posts on to {name}")
            raise self._unknown(said, error, "syndicate_to", config.targets) from error

    def _blog(self) -> str:
        """Which of the account's blogs takes the post. Raises `RejectedError` for one that the site does not know."""
        config = self._api.config
        try:
            return config.blog(self._api.account.blog)
        except LookupError as error:
            raise self._unknown(_("{host} has no blog {name}"), error, "blog", config.blogs) from error

    def _unknown(self, said: str, error: LookupError, key: str, known: Sequence[Target]) -> RejectedError:
        """A key of config.toml names what the site does not have: with those that it has."""
        names = SafeText.line(", ".join(target.name or target.uid for target in known)) or "–"
        return RejectedError(
            said.format(host=self._api.known.host, name=SafeText.line(str(error.args[0]), max_characters=80)),
            _("set {key} in config.toml; it knows: {names}").format(key=key, names=names),
            account=self._api.account.name,
            code=key.replace("_", "-"),
        )

    def _time(self) -> datetime:
        """Now, in whole seconds; by the site's clock where that is behind: a time to come may hide a post."""
        host = urlsplit(self._api.known.micropub).hostname
        skew = next((seconds for name, seconds in reversed(self._api.kit.http.dates) if name == host), 0.0)
        return (self._api.kit.clock.now() + timedelta(seconds=min(skew, 0.0))).replace(microsecond=0)

    def _own_names(self, text: str) -> str:
        """`@bo@micro.blog` as `@bo`: that is how micro.blog knows its own people."""
        return re.sub(rf"(?<![\w@])(@[\w.-]+)@{re.escape(self._timeline.host)}(?![\w.-]*\w)", r"\1", text)

    async def _upload(self, attachment: Attachment) -> dict[str, str]:
        path = Path(attachment.path)
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        content = await asyncio.to_thread(read_file, path)
        files = {"file": (path.name.encode("ascii", "replace").decode(), content, kind)}
        answer = await self._api.call("POST", self._api.config.media, files=files, write=False)
        url = _location(answer)
        if not url:
            raise self._api.garbled()
        return {"value": url, "alt": attachment.alt}

    # ------------------------------------------------------------ publish

    async def publish(self, prepared: Json) -> Published:
        self._timeline.wake()
        endpoints = await self._api.endpoints()
        if string(prepared, "reply_number"):
            form = {"id": string(prepared, "reply_number"), "content": string(prepared, "text")}
            answer = await self._api.call("POST", f"{endpoints.timeline}/posts/reply", form=form)
        else:
            answer = await self._create(endpoints.micropub, prepared)
        url = _location(answer) or string(prepared, "edit_of")
        if not url:
            return await self._unnamed(prepared)
        self._sent[string(prepared, "key")] = url
        await self._check_kept(url, Visibility(string(prepared, "visibility")))
        return Published(url, url, url, self._at(prepared))

    async def _check_kept(self, url: str, wanted: Visibility) -> None:
        """`visibility` is an extension, and believed when read back (A): a post that more may see is taken back."""
        if wanted is Visibility.PUBLIC:
            return
        try:
            post = await self._site.post(url)
            if post.visibility.width >= wanted.width:
                return
            await self.delete(post)
        except ServiceError:
            return  # it stands, and the caller counts it as sent
        raise RejectedError(
            _("{host} would have shown the post otherwise than asked; it was taken back").format(
                host=self._api.known.host
            ),
            account=self._api.account.name,
            code="not-kept",
        )

    async def _create(self, micropub: str, prepared: Json) -> Answer:
        """Some sites know pictures by address alone, and say so with a 400: then the descriptions go beside them."""
        if string(prepared, "edit_of"):
            return await self._api.call("POST", micropub, body=self._update(prepared))
        body = self._entry(prepared)
        photos = [obj(photo) for photo in items(prepared.get("photos"))]
        if not any(string(photo, "alt") for photo in photos):
            return await self._api.call("POST", micropub, body=body)
        answer = await self._api.call("POST", micropub, body=body, accept=frozenset({400}))
        if answer.ok:
            return answer
        described = {
            "photo": [string(photo, "value") for photo in photos],
            "mp-photo-alt": [string(photo, "alt") for photo in photos],
        }
        plain = {**body, "properties": {**obj(body["properties"]), **described}}
        return await self._api.call("POST", micropub, body=plain)

    def _entry(self, prepared: Json) -> dict[str, object]:
        """What a post is made of."""
        properties: dict[str, object] = {
            "content": [string(prepared, "text")],
            "published": [string(prepared, "published")],
            "mp-slug": [string(prepared, "slug")],
        }
        visibility = Visibility(string(prepared, "visibility"))
        if visibility is not Visibility.PUBLIC:
            properties["visibility"] = [VISIBILITIES[visibility]]
        if string(prepared, "reply_to"):
            properties["in-reply-to"] = [string(prepared, "reply_to")]
        photos = [obj(photo) for photo in items(prepared.get("photos"))]
        if photos:
            properties["photo"] = [photo if string(photo, "alt") else string(photo, "value") for photo in photos]
        if items(prepared.get("targets")):
            properties["mp-syndicate-to"] = items(prepared.get("targets"))
        if string(prepared, "blog"):
            properties["mp-destination"] = [string(prepared, "blog")]
        return {"type": ["h-entry"], "properties": properties}

    def _update(self, prepared: Json) -> dict[str, object]:
        replaced = {"content": [string(prepared, "text")], "updated": [string(prepared, "published")]}
        return {"action": "update", "url": string(prepared, "edit_of"), "replace": replaced}

    @staticmethod
    def _at(prepared: Json) -> datetime:
        return datetime.fromisoformat(string(prepared, "published"))

    # ------------------------------------------------------------ find and delete

    async def _unnamed(self, prepared: Json) -> Published:
        """It was taken, and nobody said where it is (A): found, or `OutcomeUnknownError`: looked up later.

        An address made up here would be another than the one it is read back with: it would count twice.
        """
        host, account = self._api.known.host, self._api.account.name
        try:
            found = await self.find(prepared)
        except ServiceError:
            found = None
        if found is None:
            raise OutcomeUnknownError(
                _("{host} took the post and did not say where it is").format(host=host),
                _("it is looked up again"),
                account=account,
            )
        return found

    async def find(self, prepared: Json) -> Published | None:
        """By the slug in an address, the time that was sent along, or the words since then.

        A site that is built anew for each post may need minutes: that it is not there yet proves nothing.
        """
        since = self._at(prepared) - SKEW
        if string(prepared, "edit_of"):
            return await self._edited(prepared)
        if string(prepared, "reply_number"):
            posts = await self._timeline.own_posts(since)
        else:
            posts = await self._site.own_posts(since, fresh=True, blog=string(prepared, "blog"))
        return self._found(posts, prepared)

    def _found(self, posts: Sequence[Post], prepared: Json) -> Published | None:
        """The likeliest first: this run's own address, the slug, the time with the words, the words alone."""
        key, slug, words = string(prepared, "key"), string(prepared, "slug"), _letters(string(prepared, "text"))
        own, at = self._sent.get(key, ""), self._at(prepared)
        others = taken(prepared) | {url for sent, url in self._sent.items() if sent != key}
        left = [post for post in posts if post.remote_id not in others]
        same = [post for post in left if _letters(post.text) == words and self._same_parent(post, prepared)]
        found = (
            [post for post in left if own and post.remote_id == own]
            or [post for post in left if slug in post.url]
            or [post for post in same if post.created_at == at]
            or same
        )
        if not found:
            return None
        self._sent[key] = found[0].remote_id
        return Published.of(found[0])

    def _same_parent(self, post: Post, prepared: Json) -> bool:
        """micro.blog's items and feeds do not tell what they answer."""
        silent = bool(string(prepared, "reply_number")) or "source" in self._api.missing
        return silent or (post.in_reply_to or "") == string(prepared, "reply_to")

    async def _edited(self, prepared: Json) -> Published | None:
        """By the words below the title, which are all that an edit sends."""
        source = await self._site.source(string(prepared, "edit_of"))
        if _letters(words(source)[0]) != _letters(string(prepared, "text")):
            return None
        return Published.of(await self._site.post(string(prepared, "edit_of")))

    async def delete(self, post: Post) -> None:
        """Deleting what is gone is a success; some sites say that with a 400, and are asked whether it is there."""
        endpoints = await self._api.endpoints()
        if endpoints.timeline and await self._delete_by_number(post):
            return
        gone = frozenset({400, 404, 410})
        form = {"action": "delete", "url": post.remote_id}
        answer = await self._api.call("POST", endpoints.micropub, form=form, accept=gone)
        # A blog's source says nothing of a reply: there a 400 is a refusal, for what stands must not be called gone.
        if answer.status == 400 and (endpoints.timeline or await self._is_there(post)):
            raise RejectedError(
                _("{host} does not delete this post").format(host=answer.host),
                account=self._api.account.name,
                status=400,
            )

    async def _delete_by_number(self, post: Post) -> bool:
        """False where its number is not known: it may be older than what is looked through, and there all the same."""
        try:
            number = await self._timeline.number(post)
        except RejectedError:
            return False
        url = f"{self._timeline.root}/posts/{quote(number, safe='')}"
        await self._api.call("DELETE", url, accept=frozenset({404, 410}))
        return True

    async def _is_there(self, post: Post) -> bool:
        try:
            await self._site.post(post.remote_id)
        except RejectedError:
            return False
        return True


def _location(answer: Answer) -> str:
    """The address of what was made: the header, which may be relative, else the answer's own word; empty without.

    Raises `OutcomeUnknownError` for a page of HTML, which is no word of the endpoint's.
    """
    header = answer.headers.get("location", "")
    if header:
        return joined(answer.url, header)
    return web_link(obj(answer.json()).get("url")) if answer.body.strip() else ""


def _letters(text: str) -> str:
    """Letters and figures alone: Markdown becomes HTML on the way, and HTML becomes words again."""
    return _SIGNS.sub("", text).casefold()
