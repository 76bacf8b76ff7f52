"""Sending so that nothing is ever posted twice: prepare, publish, find, and taking back (Mastodon facts 4, 5, 6)."""

from __future__ import annotations

import asyncio
import mimetypes
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote

from mbclient.core.ports import Json, Outgoing, Published
from mbclient.domain.draft import Attachment
from mbclient.domain.errors import RejectedError, ServiceError, UnreachableError, UsageError
from mbclient.domain.poll import NewPoll
from mbclient.domain.post import Post
from mbclient.domain.safetext import SafeText
from mbclient.services.answers import Answer
from mbclient.services.fields import taken
from mbclient.services.files import read_file
from mbclient.services.mastodon.api import MISSING, Api
from mbclient.services.mastodon.fields import Garbage, identity, instant, items, obj, string
from mbclient.services.mastodon.instance import Instance
from mbclient.services.mastodon.reading import status_path
from mbclient.services.mastodon.samewords import same, same_when_shown
from mbclient.services.mastodon.schedule import Schedule, is_kept
from mbclient.services.mastodon.statuses import VISIBILITIES
from mbclient.texts import _

SOON = timedelta(minutes=6)  # servers want more than 5 minutes; nearer ones some publish at once, some backdate
SKEW = timedelta(minutes=10)  # between this clock and the server's, when a sent post is looked for
MAX_FIND_PAGES = 5
STATUSES = "/api/v1/statuses"
MAX_KEYS = 6  # that one row may use up where a server keeps its refusals
MEDIA_TRIES, MEDIA_S = 40, 1.5


class Posting:
    """The writing half of the adapter. `_sent`: which post each key of this run became, so that equal texts differ."""

    def __init__(self, api: Api, schedule: Schedule) -> None:
        self._api = api
        self._schedule = schedule
        self._sent: dict[str, str] = {}

    # ------------------------------------------------------------ prepare

    async def prepare(self, outgoing: Outgoing) -> Json:
        instance = await self._api.instance()
        if outgoing.visibility not in instance.dialect.visibilities:
            raise self._api.unsupported(outgoing.visibility)
        if outgoing.quote_of and instance.level < 7:
            raise self._api.unsupported("quote")
        body: dict[str, object] = {
            "status": outgoing.text,
            "spoiler_text": outgoing.cw,
            "sensitive": bool(outgoing.cw),
            "media_ids": [await self._upload(attachment, instance) for attachment in outgoing.media],
        }
        if outgoing.lang:
            body["language"] = outgoing.lang
        if outgoing.poll is not None:
            body["poll"] = _poll_fields(outgoing.poll)
        if outgoing.edit_of:
            await self._keep_the_rest(outgoing.edit_of, body)
        else:
            body["visibility"] = VISIBILITIES[outgoing.visibility]
            if outgoing.reply_to:
                body["in_reply_to_id"] = outgoing.reply_to.remote_id
            if outgoing.quote_of:
                body["quoted_status_id"] = outgoing.quote_of.remote_id
            if outgoing.due is not None:
                if not instance.capabilities().schedule:
                    raise self._api.unsupported("schedule")
                body["scheduled_at"] = outgoing.due.isoformat()
        return {
            "key": outgoing.key,
            "composed_at": outgoing.composed_at.isoformat(),
            "edit_of": outgoing.edit_of.remote_id if outgoing.edit_of else "",
            "body": body,
        }

    async def _keep_the_rest(self, post: Post, body: dict[str, object]) -> None:
        """An edit replaces everything: what the user did not touch is read first and sent along (facts 6)."""
        answer = await self._api.call("GET", status_path(post.remote_id))
        status = obj(answer.json())
        old = [identity(obj(item)) for item in items(status.get("media_attachments"))]
        body["media_ids"] = [*filter(None, old), *items(body["media_ids"])]
        body["sensitive"] = status.get("sensitive") is True or bool(body["spoiler_text"])
        body.setdefault("language", status.get("language"))
        poll = obj(status.get("poll"))
        if poll:
            ends = instant(poll.get("expires_at"))
            left = int((ends - self._api.kit.clock.now()).total_seconds()) if ends else 0
            if left < 300:
                raise RejectedError(
                    _("a post whose poll is over cannot be edited without losing the poll"),
                    account=self._api.account.name,
                    code="poll-over",
                )
            options = list(map(obj, items(poll.get("options"))))
            hidden = any("votes_count" in option and option["votes_count"] is None for option in options)
            choices = tuple(string(option, "title") for option in options)
            body["poll"] = _poll_fields(NewPoll(choices, poll.get("multiple") is True, left, hidden))

    async def _upload(self, attachment: Attachment, instance: Instance) -> str:
        """Uploads a file and waits until the server has worked on it. Nothing is visible yet, so it may be repeated."""
        path = Path(attachment.path)
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        if instance.media_types and kind not in instance.media_types:
            raise UsageError(_("{file}: the server takes no {kind}").format(file=SafeText.line(path.name), kind=kind))
        limit = instance.max_image_bytes if kind.startswith("image/") else 0
        content = await asyncio.to_thread(read_file, path, limit)
        files = {"file": (path.name.encode("ascii", "replace").decode(), content, kind)}
        form = {"description": attachment.alt} if attachment.alt else {}
        answer = await self._api.call(
            "POST", "/api/v2/media", files=files, form=form, write=False, accept=frozenset({404})
        )
        if answer.status == 404:
            answer = await self._api.call("POST", "/api/v1/media", files=files, form=form, write=False)
        media_id = identity(obj(answer.json()))
        if not media_id:
            raise self._api.garbled()
        for _number in range(MEDIA_TRIES):
            if answer.status not in (202, 206):
                return media_id
            await asyncio.sleep(MEDIA_S)
            answer = await self._api.call("GET", f"/api/v1/media/{media_id}")
        raise UnreachableError(
            _("the server is still working on {file}").format(file=SafeText.line(path.name)),
            _("try again later"),
            account=self._api.account.name,
        )

    # ------------------------------------------------------------ publish

    async def publish(self, prepared: Json) -> Published:
        body = obj(prepared["body"])
        edit_of, key = string(prepared, "edit_of"), string(prepared, "key")
        if edit_of:
            if "edit" in self._api.missing:
                raise self._api.unsupported("edit")
            answer = await self._api.call("PUT", status_path(edit_of), body=body, accept=frozenset({405, 501}))
            if not answer.ok:
                self._api.missing.add("edit")
                raise self._api.unsupported("edit")
            return await self._published(answer, prepared)
        due = instant(body.get("scheduled_at"))
        if due is not None and due < self._api.kit.clock.now() + SOON:
            raise RejectedError(
                _("the time is too near for the server's own schedule"),
                _("choose a later time or send now"),
                account=self._api.account.name,
                code="too-soon",
            )
        answer = await self._create(body, key)
        if not answer.ok:
            return await self._perhaps_a_repeat(answer, prepared)
        published = await self._published(answer, prepared)
        if not published.scheduled:
            self._sent[key] = published.remote_id
        return published

    async def _create(self, body: Mapping[str, object], key: str) -> Answer:
        """Pleroma keeps whole answers by the key, its refusals for haste too (14): a kept one says that nothing was
        posted, and would say so for hours. Then the next key of the same row is used; each try begins at the first.
        """
        repeats = (await self._api.instance()).dialect.repeats
        for number in range(MAX_KEYS):
            mine = {"Idempotency-Key": f"{key}-{number}" if number else key}
            answer = await self._api.call("POST", STATUSES, body=body, headers=mine, accept=repeats | {429})
            if answer.status != 429 or answer.headers.get("idempotent-replayed") != "true":
                break
        if answer.status == 429:
            raise self._api.refused(answer, "POST", STATUSES)
        return answer

    async def _perhaps_a_repeat(self, answer: Answer, prepared: Json) -> Published:
        """A refusal that some servers give to a repeat although the first send succeeded: the own posts tell."""
        found = await self.find(prepared)
        if found is not None:
            return found
        why = SafeText.line(
            string(obj(answer.json()), "error") if "json" in answer.headers.get("content-type", "") else ""
        )
        raise RejectedError(
            _("{host} said: {reason}").format(host=answer.host, reason=why or answer.status),
            account=self._api.account.name,
            status=answer.status,
        )

    async def _published(self, answer: Answer, prepared: Json) -> Published:
        """What the answer says about the post. Anything that is no clear yes is an unknown outcome."""
        raw = obj(answer.json())
        remote_id = identity(raw)
        if not remote_id:
            raise self._api.unsure()
        if is_kept(raw):
            return self._schedule.took(string(prepared, "key"), raw)
        published = await self._seen(raw)
        body = obj(prepared["body"])
        parent = string(body, "in_reply_to_id")
        if parent and identity(raw, "in_reply_to_id") != parent:
            problem = _("the post that is replied to does not exist any more; the reply was taken back")
            await self._take_back(published, problem, status=404, code="no-parent")
        if _choices(body) and not _choices(raw) and not string(prepared, "edit_of"):
            problem = _("the server posted the question without its poll; it was taken back")
            await self._take_back(published, problem, code="no-poll")
        return published

    async def _seen(self, raw: Mapping[str, object]) -> Published:
        decoder = await self._api.decoder()
        post: Post | None
        try:
            post = decoder.post(raw)
        except Garbage:
            post = None
        at = instant(raw.get("created_at")) or self._api.kit.clock.now()
        return Published(identity(raw), string(raw, "uri"), post.url if post else "", at, post)

    async def _take_back(self, published: Published, problem: str, *, status: int = 0, code: str) -> None:
        """What some servers made another post of: a reply to a missing post goes to everybody instead of into the
        thread, a poll is passed over.

        It is deleted and refused; when even that fails it stands, and the caller counts it as sent.
        """
        try:
            await self._delete(published.remote_id)
        except ServiceError:
            return
        raise RejectedError(problem, account=self._api.account.name, status=status, code=code)

    # ------------------------------------------------------------ find

    async def find(self, prepared: Json) -> Published | None:
        body, edit_of = obj(prepared["body"]), string(prepared, "edit_of")
        if edit_of:
            answer = await self._api.call("GET", status_path(edit_of))
            raw = obj(answer.json())
            return await self._seen(raw) if await self._same_words(raw, body) else None
        if "scheduled_at" in body:
            waiting = await self._schedule.find(string(prepared, "key"), body)
            if waiting is not None:
                return waiting
        composed = instant(prepared.get("composed_at"))
        return await self._find_posted(prepared, body, composed or self._api.kit.clock.now())

    async def _find_posted(self, prepared: Json, body: Mapping[str, object], composed: datetime) -> Published | None:
        """The newest own posts since the send, by parent, warning and source text; the database, not the feed."""
        key = string(prepared, "key")
        others = taken(prepared) | {post for other, post in self._sent.items() if other != key}
        before: list[tuple[str, str]] = []
        for _number in range(MAX_FIND_PAGES):
            path = f"/api/v1/accounts/{quote(self._api.me, safe='')}/statuses"
            answer = await self._api.call("GET", path, params=[("limit", "40"), *before])
            raw = [obj(item) for item in items(answer.json())]
            for status in raw:
                created = instant(status.get("created_at"))
                if created is None or created < composed - SKEW or identity(status) in others:
                    continue
                if _same_place(status, body) and await self._same_words(status, body):
                    self._sent[key] = identity(status)
                    return await self._seen(status)
            oldest = instant(raw[-1].get("created_at")) if raw else None
            if oldest is None or oldest < composed - SKEW or not identity(raw[-1]):
                break
            before = [("max_id", identity(raw[-1]))]
        return None

    async def _same_words(self, status: Mapping[str, object], body: Mapping[str, object]) -> bool:
        """Compares what was stored: `content` is HTML, so the source is asked for; without one, the plain text."""
        wanted = string(body, "status")
        if "source" not in self._api.missing:
            path = status_path(identity(status)) + "/source"
            answer = await self._api.call("GET", path, accept=MISSING)
            if answer.ok:
                source = obj(answer.json())
                return same(string(source, "text"), wanted)
            self._api.missing.add("source")
        seen = await self._seen(status)
        return seen.post is not None and same_when_shown(seen.post.text, SafeText(wanted))

    # ------------------------------------------------------------ delete

    async def delete(self, post: Post) -> None:
        await self._delete(post.remote_id)

    async def _delete(self, remote_id: str) -> None:
        answer = await self._api.call("DELETE", status_path(remote_id), accept=frozenset({404, 410}))
        if answer.ok and answer.body.strip():
            answer.json()  # a proxy's page is no deletion


def _same_place(status: Mapping[str, object], body: Mapping[str, object]) -> bool:
    if obj(status.get("reblog")):
        return False
    if identity(status, "in_reply_to_id") != string(body, "in_reply_to_id"):
        return False
    asked, found = _choices(body), _choices(status)
    if found and found != asked:  # one that a server dropped is the post all the same
        return False
    return same(string(status, "spoiler_text"), string(body, "spoiler_text"))


def _poll_fields(poll: NewPoll) -> dict[str, object]:
    """As a status asks for it (facts 1). Few servers know of hidden votes: one that shows them says nothing of it."""
    fields: dict[str, object] = {"options": list(poll.choices), "expires_in": poll.seconds, "multiple": poll.multiple}
    return {**fields, "hide_totals": True} if poll.hide_totals else fields


def _choices(post: Mapping[str, object]) -> list[str]:
    """The choices of a status's poll, or of the one that was asked for."""
    options = items(obj(post.get("poll")).get("options"))
    return [(option if isinstance(option, str) else string(obj(option), "title")).strip() for option in options]
