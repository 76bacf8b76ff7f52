"""Publishing in two steps: the container is the check against posting twice (facts/threads.md 3, 4).

`prepare` makes the container, which nobody sees; its id is on disk before `publish` names it. Whatever happens then,
the container's status says whether it is out.
"""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta
from urllib.parse import quote

from mbclient.core.ports import Json, Outgoing, Published
from mbclient.domain.errors import (
    OutcomeUnknownError,
    RateLimitedError,
    RejectedError,
    ServiceError,
    UnreachableError,
    UsageError,
)
from mbclient.domain.post import Mine, Post, Visibility
from mbclient.domain.safetext import SafeText
from mbclient.services.cache import JsonCache
from mbclient.services.fields import Garbage, identity, instant, items, number, obj, string, taken
from mbclient.services.limits import wait_until
from mbclient.services.plainwords import whole_characters
from mbclient.services.threads.api import Api
from mbclient.services.threads.counting import MAX_LINKS, distinct_links, measure
from mbclient.services.threads.polls import POLL, is_possible, same_poll, written
from mbclient.services.threads.posts import Raw, is_repost
from mbclient.services.threads.reading import OWN, OWN_REPLIES, Reading, Source
from mbclient.texts import _

SKEW = timedelta(minutes=10)  # between this clock and the server's, when a sent post is looked for
MAX_FIND_PAGES = 3
STATUS_EVERY = timedelta(seconds=60)  # a container's status is asked for at most once a minute
LISTED_WITHIN = timedelta(minutes=15)  # by then a post is on its own list, or is not known there by its words
FULL_WAIT = timedelta(hours=1)  # the quota's window moves: there may be room again any time
QUOTA_FIELDS = "quota_usage,config,reply_quota_usage,reply_config,delete_quota_usage,delete_config"
GONE = frozenset({"EXPIRED", "ERROR"})
LOST_AFTER = 3  # refusals of a finished container until it is made anew


class Posting:
    """The writing half of the adapter.

    `_sent`: which post each key of this run became. `_refused`: how often a finished container was not found.
    """

    def __init__(self, api: Api, reading: Reading) -> None:
        self._api = api
        self._reading = reading
        self._sent: dict[str, str] = {}
        self._refused: dict[str, int] = {}
        self._remade = JsonCache(api.kit.cache_dir)
        self._remade_name = f"threads-containers-{api.account.name}"
        self._asked_name = f"threads-asked-{api.account.name}"

    # ------------------------------------------------------------ prepare

    async def prepare(self, outgoing: Outgoing) -> Json:
        text = whole_characters(outgoing.text).strip()
        self._check_possible(outgoing, text)
        await self._check_quota("reply_quota_usage" if outgoing.reply_to else "quota_usage")
        container = {"media_type": "TEXT", "text": text}
        if outgoing.reply_to:
            container["reply_to_id"] = outgoing.reply_to.remote_id
        if outgoing.quote_of:
            container["quote_post_id"] = outgoing.quote_of.remote_id
        if outgoing.poll:
            container[POLL] = written(outgoing.poll)
        return {
            "key": outgoing.key,
            "composed_at": outgoing.composed_at.isoformat(),
            "known": await self._reading.own_ids(_own_list(container)),
            "container": container,
            "creation_id": await self._make(container),
        }

    def _check_possible(self, outgoing: Outgoing, text: str) -> None:
        api, can = self._api, self._api.capabilities()
        if outgoing.media:
            raise RejectedError(
                _("Threads takes pictures only from a public web address, not from a file"),
                _("leave the picture out, or put a link to it in the text"),
                account=api.account.name,
                code="media",
            )
        if outgoing.poll and not is_possible(outgoing.poll):
            raise RejectedError(
                _("Threads takes polls of four choices at most, one of them each, and sets itself when they end"),
                account=api.account.name,
                code="poll",
            )
        wanted = {
            "cw": bool(outgoing.cw),
            "edit": outgoing.edit_of is not None,
            "schedule": outgoing.due is not None,
            "reply": outgoing.reply_to is not None and not can.reply,
            "post": not can.post,
            str(outgoing.visibility): outgoing.visibility is not Visibility.PUBLIC,
        }
        for ability, impossible in wanted.items():
            if impossible:
                raise api.unsupported(ability)
        if not text:
            raise UsageError(_("there is no text yet"))
        length = measure(text)
        if length.over:
            raise api.too_long(length.used, length.limit)
        if distinct_links(text) > MAX_LINKS:
            raise RejectedError(
                _("the post has more than {n} different links").format(n=MAX_LINKS),
                _("take one out"),
                account=api.account.name,
                code="links",
            )

    async def _check_quota(self, name: str) -> None:
        """250 posts, 1000 replies and 100 deletions in a moving day, whoever sends them. Silence is no refusal."""
        try:
            answer = await self._api.call("GET", "me/threads_publishing_limit", {"fields": QUOTA_FIELDS})
        except RejectedError:
            return
        told = obj(next(iter(items(answer.get("data"))), None))
        total = number(obj(told.get(name.replace("quota_usage", "config"))), "quota_total")
        if total and number(told, name) >= total:
            until = self._api.kit.clock.now() + FULL_WAIT
            raise RateLimitedError(
                _("{host} takes no more than {n} of these in a day").format(host=self._api.host, n=total),
                wait_until(until),
                account=self._api.account.name,
                until=until,
            )

    async def _make(self, container: Raw) -> str:
        """Step 1: seen by nobody, gone after a day; so a lost answer only means another one."""
        params = {name: str(value) for name, value in container.items()}
        made = identity(await self._api.call("POST", "me/threads", params))
        if not made:
            raise self._api.garbled()
        return made

    # ------------------------------------------------------------ publish

    async def publish(self, prepared: Json) -> Published:
        """Step 3, after a look at the container: one that is out is not published again."""
        creation_id = self._container_of(prepared)
        status, why = await self._status(creation_id)
        if status == "PUBLISHED":
            return await self._published_earlier(prepared)
        if status == "IN_PROGRESS" or (status == "FINISHED" and self._just_asked(prepared)):
            raise self._still_working()
        if status in GONE or (status == "FINISHED" and self._refused.get(creation_id, 0) >= LOST_AFTER):
            found = await self._among_own(prepared)
            if found is not None:
                return found
            creation_id = await self._make_anew(prepared, why)
        elif status != "FINISHED":
            raise self._api.garbled()
        self._note_asked(prepared, self._api.kit.clock.now().isoformat())
        try:
            answer = await self._api.call("POST", "me/threads_publish", {"creation_id": creation_id}, write=True)
        except OutcomeUnknownError:
            raise
        except ServiceError as error:  # surely not out
            self._note_asked(prepared, "")
            if not isinstance(error, RejectedError) or error.code != "not-there":
                raise
            self._refused[creation_id] = self._refused.get(creation_id, 0) + 1
            raise UnreachableError(  # too early: nothing was published, and the same container is tried again
                _("{host} is not ready to publish the post").format(host=self._api.host),
                _("it is tried again"),
                account=self._api.account.name,
            ) from error
        remote_id = identity(answer)
        if not remote_id:
            raise self._api.unsure()
        self._sent[string(prepared, "key")] = remote_id
        return await self._read_published(remote_id)

    async def _status(self, creation_id: str) -> tuple[str, str]:
        """IN_PROGRESS, FINISHED, PUBLISHED, ERROR or EXPIRED, and why; EXPIRED also for one that is not there."""
        try:
            answer = await self._api.call("GET", quote(creation_id, safe=""), {"fields": "status,error_message"})
        except RejectedError as error:
            if error.code == "forbidden":
                raise
            return "EXPIRED", ""
        return string(answer, "status"), SafeText.line(string(answer, "error_message"), max_characters=300)

    def _just_asked(self, prepared: Json) -> bool:
        """Whether publishing was asked for so lately, and without an answer, that the status may lag behind (4)."""
        asked = self._asked_at(prepared)
        return asked is not None and timedelta(0) <= self._api.kit.clock.now() - asked < STATUS_EVERY

    def _asked_at(self, prepared: Json) -> datetime | None:
        return instant(self._remade.read(self._asked_name).get(string(prepared, "key")))

    def _note_asked(self, prepared: Json, when: str) -> None:
        newest = dict([*self._remade.read(self._asked_name).items()][-50:])
        self._remade.write(self._asked_name, {**newest, string(prepared, "key"): when})

    def _still_working(self) -> RateLimitedError:
        until = self._api.kit.clock.now() + STATUS_EVERY
        return RateLimitedError(
            _("{host} is still working on the post").format(host=self._api.host),
            wait_until(until),
            account=self._api.account.name,
            until=until,
        )

    def _container_of(self, prepared: Json) -> str:
        """The one that `prepare` made, or the one that had to be made instead."""
        remade = self._remade.read(self._remade_name)
        return string(remade, string(prepared, "key")) or string(prepared, "creation_id")

    async def _make_anew(self, prepared: Json, why: str) -> str:
        """For one that expired or was lost; its id is on disk before it can be published, as the first one's was."""
        if why and self._container_of(prepared) != string(prepared, "creation_id"):  # the second that failed
            raise RejectedError(
                _("{host} said: {reason}").format(host=self._api.host, reason=why), account=self._api.account.name
            )
        creation_id = await self._make(obj(prepared["container"]))
        kept = self._remade.read(self._remade_name)
        newest = dict([*kept.items()][-50:])
        self._remade.write(self._remade_name, {**newest, string(prepared, "key"): creation_id})
        if self._container_of(prepared) != creation_id:  # a cache that cannot be written keeps no promise
            raise UnreachableError(
                _("the post's container cannot be kept on this computer's disk"),
                _("make room on the disk and try again"),
                account=self._api.account.name,
            )
        return creation_id

    async def _read_published(self, remote_id: str) -> Published:
        """It is out: what cannot be read of it now is only missing."""
        try:
            raw = await self._reading.media(remote_id)
            post = self._api.decoder().post(raw)
        except (ServiceError, Garbage):
            return Published(remote_id, f"{self._api.account.service}:{remote_id}", "", self._api.kit.clock.now())
        return Published.of(post)

    # ------------------------------------------------------------ find

    async def find(self, prepared: Json) -> Published | None:
        """By the container's status; the post itself among my own by its words, for the status has no id of it."""
        known = self._sent.get(string(prepared, "key"))
        if known:
            return await self._read_published(known)
        status, _why = await self._status(self._container_of(prepared))
        if status == "PUBLISHED":
            return await self._published_earlier(prepared)
        if status == "IN_PROGRESS" or (status == "FINISHED" and self._just_asked(prepared)):
            raise self._still_working()
        if status not in (*GONE, "FINISHED"):
            raise self._api.garbled()
        return None if status == "FINISHED" else await self._among_own(prepared)

    async def _published_earlier(self, prepared: Json) -> Published:
        """It is out, that is certain; where, only its words tell. Threads may have changed them, or show it nowhere:

        then it is told without an address in the end, for it is neither unsure nor to be sent again.
        """
        found = await self._among_own(prepared)
        if found is not None:
            return found
        now = self._api.kit.clock.now()
        asked = self._asked_at(prepared) or instant(prepared.get("composed_at")) or now
        if now - asked < LISTED_WITHIN:
            raise UnreachableError(
                _("{host} has published the post and does not list it yet").format(host=self._api.host),
                _("it is looked up again"),
                account=self._api.account.name,
            )
        return Published("", "", "", asked)

    async def _among_own(self, prepared: Json) -> Published | None:
        """The first with these words that was not there before, and that no other send of this run became."""
        key, container = string(prepared, "key"), obj(prepared["container"])
        others = {name for other, name in self._sent.items() if other != key}
        others |= {str(name) for name in items(prepared.get("known"))} | taken(prepared)
        composed = instant(prepared.get("composed_at")) or self._api.kit.clock.now()
        found: list[Raw] = []
        async for raw in self._reading.own_pages(_own_list(container), composed - SKEW, MAX_FIND_PAGES):
            found += [item for item in map(obj, raw) if identity(item) not in others and _same(item, container)]
        if not found:
            return None
        media = min(found, key=_age)
        self._sent[key] = identity(media)
        return await self._read_published(identity(media))

    # ------------------------------------------------------------ delete and repost

    async def delete(self, post: Post) -> None:
        await self._delete(post.remote_id)

    async def _delete(self, remote_id: str) -> None:
        """Deleting what is gone is an error there of no known form: then the post is looked for."""
        if not self._api.can("delete"):
            raise self._api.unsupported("delete")
        await self._check_quota("delete_quota_usage")
        try:
            await self._api.call("DELETE", quote(remote_id, safe=""), write=True)
        except RejectedError:
            try:
                await self._reading.media(remote_id)
            except RejectedError as error:
                if error.code != "forbidden":
                    return
            raise

    async def like(self, post: Post, on: bool) -> Mine:
        raise self._api.unsupported("like")

    async def boost(self, post: Post, on: bool) -> Mine:
        """A repost is looked for before it is made: nothing says that there is only one."""
        if not self._api.can("post"):
            raise self._api.unsupported("boost")
        standing = await self._reading.own_reposts(post)
        if not on:
            for name in standing:
                await self._delete(name)
            return Mine()
        if standing:
            return Mine(boosted=True, boost_ref=standing[0])
        made = await self._api.call("POST", f"{quote(post.remote_id, safe='')}/repost", write=True)
        return Mine(boosted=True, boost_ref=identity(made))


def _own_list(container: Raw) -> Source:
    """Where a post will be found: replies are a list of their own."""
    return OWN_REPLIES if string(container, "reply_to_id") else OWN


def _age(media: Raw) -> tuple[datetime, int, str]:
    when = instant(media.get("timestamp"))
    assert when is not None  # `_same` saw to it
    return when, len(identity(media)), identity(media)


def _same(media: Raw, container: Raw) -> bool:
    """Same words, same parent, same quoted post, and no other poll."""
    return (
        not is_repost(media)
        and instant(media.get("timestamp")) is not None
        and _tidied(string(media, "text")) == _tidied(string(container, "text"))
        and identity(obj(media.get("replied_to"))) == string(container, "reply_to_id")
        and identity(obj(media.get("quoted_post"))) == string(container, "quote_post_id")
        and same_poll(media, string(container, POLL))
    )


def _tidied(text: str) -> str:
    """A server may compose letters and lay blanks anew: the words are the same."""
    return " ".join(unicodedata.normalize("NFC", text).split())
