"""The routes of the tests' Mastodon that need a token."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.services.mastodon_server import MAX_PAGE, PLEROMA_POLLS, POLLS, MastodonServer, ServerError
from tests.services.mastodon_shapes import Person, Poll, Stored, length, stamp
from tests.services.wire import Reply, Request

NOT_FOUND = "Record not found"


class Routes:
    """One request of one person."""

    def __init__(self, server: MastodonServer, me: Person) -> None:
        self.server = server
        self.me = me
        self.behaviour = server.behaviour

    async def answer(self, request: Request, parts: list[str]) -> Reply:
        method = request.method
        match parts:
            case ["v1", "accounts", "verify_credentials"]:
                source = {"privacy": "unlisted", "language": "sv", "note": "Engineer"}
                return Reply(200, self.me.json(self.server.url) | {"source": source})
            case ["v1", "accounts", account_id, "statuses"]:
                own = [s for s in self._newest() if s.person.id == account_id]
                if request.query.get("exclude_reblogs") == "true":
                    own = [s for s in own if not s.reblog]
                return self._page(request, own, short_next=False)
            case ["v1", "timelines", "home"]:
                seen = {self.me.name, *self.me.follows}
                return self._page(request, [s for s in self._newest() if s.person.name in seen])
            case ["v1", "timelines", "public"]:
                return self._page(request, [s for s in self._newest() if s.visibility == "public"])
            case ["v1", "timelines", "tag", tag]:
                return self._page(request, [s for s in self._newest() if f"#{tag}" in s.text])
            case ["v2", "search"]:
                return self._search(request)
            case ["v1", "statuses"] if method == "POST":
                return self._create(request)
            case ["v1", "statuses", status_id, *rest]:
                return self._status(request, status_id, rest)
            case ["v1", "polls", poll_id, "votes"] if method == "POST" and self.behaviour.polls:
                return self._vote(poll_id, request.json["choices"])
            case ["v1", "scheduled_statuses"]:
                return self._scheduled(request)
            case ["v1", "scheduled_statuses", name] if method == "DELETE":
                if self.server.scheduled.pop(name, None) is None:
                    raise ServerError(404, NOT_FOUND)
                return Reply(200, {})
            case ["v1", "notifications"]:
                return self._notifications()
            case ["v2", "filters"] if self.behaviour.filters:
                return Reply(200, [each.listed() for each in self.server.filters if self.me.name == "anna"])
            case ["v1", "followed_tags"] if self.behaviour.tags:
                if not {"read", "read:follows"} & self.server.scopes.get(self.me.token, {"read"}):
                    raise ServerError(403, "This action is outside the authorized scopes")
                return Reply(200, [{"name": tag, "following": True} for tag in self.me.tags])
            case ["v1", "markers"] if self.behaviour.markers:
                return self._markers(request)
            case ["v2", "media"]:
                return self._upload(request)
            case ["v1", "media", media_id]:
                return self._media(media_id)
            case ["v1", "streaming", "user"] if "sse" in self.behaviour.streaming:
                return Reply(200, headers={"Content-Type": "text/event-stream"}, chunks=self.server.lines.stream())
        raise ServerError(404, NOT_FOUND)

    def _newest(self) -> list[Stored]:
        return sorted(self.server.statuses.values(), key=lambda stored: -stored.order)

    def _get(self, status_id: str) -> Stored:
        stored = self.server.statuses.get(status_id)
        if stored is None:
            raise ServerError(404, NOT_FOUND)
        return stored

    def _shown(self, stored: Iterable[Stored]) -> list[object]:
        return [self.server.status(each, self.me) for each in stored]

    # ------------------------------------------------------------ reading

    def _page(self, request: Request, newest: list[Stored], *, short_next: bool = True) -> Reply:
        """Paging as upstream: max_id below, min_id directly above, since_id the newest above."""
        query, limit = request.query, min(int(request.query.get("limit", 20)), MAX_PAGE)
        orders = {stored.id: stored.order for stored in self.server.statuses.values()}

        def order(name: str) -> int:
            return orders.get(query[name], 0)

        if "max_id" in query:
            newest = [s for s in newest if s.order < order("max_id")]
        upward = "min_id" in query and self.behaviour.page_up == "min_id"
        if "min_id" in query:
            newest = [s for s in newest if s.order > order("min_id")]
        if "since_id" in query:
            newest = [s for s in newest if s.order > order("since_id")]
        page = newest[-limit:] if upward else newest[:limit]
        headers = {}
        if page and self.behaviour.links != "none":
            base = f"{self.server.url}{request.path}"
            links = (
                [f'<{base}?limit={limit}&max_id={page[-1].id}>; rel="next"'] if short_next or len(page) == limit else []
            )
            if self.behaviour.links == "both":
                links.append(f'<{base}?limit={limit}&min_id={page[0].id}>; rel="prev"')
            headers = {"Link": ", ".join(links)}
        return Reply(200, [*self._shown(page), *self.server.nonsense], headers)

    def _scheduled(self, request: Request) -> Reply:
        """The newest first; more of them below `max_id`."""
        below, limit = int(request.query.get("max_id", 10**9)), min(int(request.query.get("limit", 20)), MAX_PAGE)
        newest = [each for name, each in reversed(self.server.scheduled.items()) if int(name) < below]
        link = (
            f'<{self.server.url}{request.path}?limit={limit}&max_id={newest[limit - 1]["id"]}>; rel="next"'
            if (len(newest) > limit)
            else ""
        )
        return Reply(200, newest[:limit], {"Link": link} if link else {})

    def _search(self, request: Request) -> Reply:
        word = request.query["q"].lower()
        found = [s for s in self._newest() if word in s.text.lower()] if self.server.search_engine else []
        offset = int(request.query.get("offset", 0))
        return Reply(200, {"accounts": [], "hashtags": [], "statuses": self._shown(found[offset : offset + 20])})

    def _markers(self, request: Request) -> Reply:
        """Asked for by timeline; set by what the body names. A mark may be set back: no server looks."""
        if request.method == "POST":
            self.me.markers.update({place: str(mark["last_read_id"]) for place, mark in request.json.items()})
            wanted = list(request.json)
        else:
            wanted = [value for name, value in parse_qsl(urlsplit(request.target).query) if name == "timeline[]"]
        marks = {place: self.me.markers[place] for place in wanted if place in self.me.markers}
        updated = stamp(datetime.now(UTC))
        return Reply(
            200, {place: {"last_read_id": m, "version": 1, "updated_at": updated} for place, m in marks.items()}
        )

    def _notifications(self) -> Reply:
        mine = {s.id for s in self.server.statuses.values() if s.person is self.me}
        found = [s for s in self._newest() if s.parent in mine and s.person is not self.me]
        return Reply(
            200,
            [
                {
                    "id": f"n{s.id}",
                    "type": "mention",
                    "created_at": stamp(s.created_at),
                    "account": s.person.json(self.server.url),
                    "status": self.server.status(s, self.me),
                }
                for s in found
            ],
        )

    def _context(self, stored: Stored) -> Reply:
        above: list[Stored] = []
        at = stored
        while at.parent in self.server.statuses:
            at = self.server.statuses[at.parent or ""]
            above.insert(0, at)
        below, ids = [], {stored.id}
        for each in sorted(self.server.statuses.values(), key=lambda s: s.order):
            if each.parent in ids:
                ids.add(each.id)
                below.append(each)
        return Reply(200, {"ancestors": self._shown(above), "descendants": self._shown(below)})

    # ------------------------------------------------------------ one status

    def _status(self, request: Request, status_id: str, rest: list[str]) -> Reply:
        stored = self._get(status_id)
        match request.method, rest:
            case "GET", []:
                return Reply(200, self.server.status(stored, self.me))
            case "DELETE", []:
                return self._delete(stored)
            case "PUT", [] if self.behaviour.editing:
                return self._edit(request, stored)
            case "GET", ["context"]:
                return self._context(stored)
            case "GET", ["source"] if self.behaviour.source:
                return Reply(200, {"id": stored.id, "text": stored.text, "spoiler_text": stored.cw})
            case "POST", [verb]:
                return self._switch(request, stored, verb)
        raise ServerError(404, NOT_FOUND)

    def _delete(self, stored: Stored) -> Reply:
        if stored.person is not self.me:
            raise ServerError(404, NOT_FOUND)
        del self.server.statuses[stored.id]
        return Reply(200, self.server.status(stored, self.me) | {"text": stored.text})

    def _switch(self, request: Request, stored: Stored, verb: str) -> Reply:
        wrapper = next(
            (s for s in self.server.statuses.values() if s.reblog == stored.id and s.person is self.me), None
        )
        match verb:
            case "favourite":
                stored.likes.add(self.me.name)
            case "unfavourite":
                stored.likes.discard(self.me.name)
            case "bookmark":
                stored.bookmarks.add(self.me.name)
            case "unbookmark":
                stored.bookmarks.discard(self.me.name)
            case "reblog":
                # without a visibility the user's default is taken, and that is not public here
                visibility = request.json.get("visibility", "private") if request.body else "private"
                wrapper = wrapper or self.server.write(self.me, "", reblog=stored.id, visibility=visibility)
                return Reply(200, self.server.status(wrapper, self.me))
            case "unreblog":
                if wrapper:
                    del self.server.statuses[wrapper.id]
            case _:
                raise ServerError(404, NOT_FOUND)
        return Reply(200, self.server.status(stored, self.me))

    def _edit(self, request: Request, stored: Stored) -> Reply:
        """PUT replaces everything: what is not sent is cleared."""
        body = request.json
        self._check(body)
        stored.text, stored.cw = body.get("status", ""), body.get("spoiler_text", "")
        stored.media, stored.sensitive = list(body.get("media_ids", [])), bool(body.get("sensitive"))
        stored.language = body.get("language")
        asked = body.get("poll")  # the same choices keep their votes
        if not (asked and stored.poll and asked["options"] == stored.poll.titles):
            stored.poll = self._poll(body)
        stored.edited_at = datetime.now(UTC)
        return Reply(200, self.server.status(stored, self.me))

    # ------------------------------------------------------------ posting

    def _check(self, body: dict[str, Any]) -> None:
        text, cw = body.get("status") or "", body.get("spoiler_text") or ""
        if not text and not body.get("media_ids"):
            raise ServerError(self.behaviour.refuses, "Validation failed: Text can't be blank")
        if length(text, cw, self.behaviour) > self.behaviour.limit:
            raise ServerError(self.behaviour.refuses, "Validation failed: Text limit of characters exceeded")

    def _create(self, request: Request) -> Reply:
        key = request.headers.get("idempotency-key", "")
        mode, keys = self.behaviour.idempotency, self.server.keys
        if mode == "global" and key in keys:
            kept: Reply = keys[key]
            return Reply(kept.status, kept.body, {"idempotent-replayed": "true"})
        if mode == "reject" and key in keys:
            raise ServerError(400, "Duplicate idempotency key.")
        if mode in ("strict", "broken") and f"{self.me.name}:{key}" in keys:
            if mode == "broken":
                return Reply(500, b"<html>500</html>", {"Content-Type": "text/html"})
            if "scheduled_at" in request.json:
                raise ServerError(404, NOT_FOUND)
            return Reply(200, self.server.status(self._get(keys[f"{self.me.name}:{key}"]), self.me))
        if mode == "reject":
            keys[key] = True  # before posting, and for good
        try:
            reply, made = self._post(request.json)
        except ServerError as error:
            if mode == "global":
                keys[key] = error.reply
            raise
        if mode in ("strict", "broken"):
            keys[f"{self.me.name}:{key}"] = made
        elif mode == "global":
            keys[key] = reply
        return reply

    def _post(self, body: dict[str, Any]) -> tuple[Reply, str]:
        if self.server.throttled:
            self.server.throttled -= 1
            raise ServerError(429, "Throttled")
        if not self.behaviour.empty_text and not body.get("media_ids") and not body.get("in_reply_to_id"):
            raise ServerError(403, "Empty statuses are not allowed")
        self._check(body)
        parent = body.get("in_reply_to_id")
        if parent and parent not in self.server.statuses:
            if self.behaviour.orphan == "refuse":
                raise ServerError(404, "The post you are trying to reply to does not appear to exist.")
            parent = None
        due = datetime.fromisoformat(body["scheduled_at"]) if body.get("scheduled_at") else None
        if due and self.behaviour.schedule == "yes":
            if due < datetime.now(UTC) + timedelta(minutes=5):
                raise ServerError(422, "Validation failed: Scheduled at must be in the future")
            name = self.server.next_scheduled()
            params = {"text": body["status"], "spoiler_text": body.get("spoiler_text", ""), "in_reply_to_id": parent}
            self.server.scheduled[name] = {
                "id": name,
                "scheduled_at": stamp(due),
                "params": params,
                "media_attachments": [],
            }
            return Reply(200, self.server.scheduled[name]), name
        stored = self.server.write(
            self.me,
            body.get("status", ""),
            cw=body.get("spoiler_text", ""),
            visibility=body.get("visibility", "private"),  # the user's web setting, and not public here
            sensitive=bool(body.get("sensitive", True)),
            language=body.get("language"),
            parent=parent,
            quote=body.get("quoted_status_id"),
            media=list(body.get("media_ids", [])),
            poll=self._poll(body),
        )
        return Reply(200, self.server.status(stored, self.me)), stored.id

    def _poll(self, body: dict[str, Any]) -> Poll | None:
        """What is asked for, within the limits; a poll and media exclude each other."""
        asked = body.get("poll")
        if not asked or not self.behaviour.polls:
            return None
        titles, seconds = asked["options"], asked["expires_in"]
        pleroma = self.behaviour.software in ("pleroma", "akkoma")
        limits = dict(zip(POLLS, (PLEROMA_POLLS if pleroma else POLLS).values(), strict=True))
        wrong = [
            bool(body.get("media_ids")),
            not 2 <= len(titles) <= limits["max_options"] or len(set(titles)) < len(titles),
            any(not 1 <= len(title) <= limits["max_characters_per_option"] for title in titles),
            not limits["min_expiration"] <= seconds <= limits["max_expiration"],
        ]
        if any(wrong):
            raise ServerError(self.behaviour.refuses, "Validation failed: the poll is not valid")
        ends = datetime.now(UTC) + timedelta(seconds=seconds)
        return Poll(secrets.token_hex(4), titles, ends, asked["multiple"], asked.get("hide_totals", False))

    def _vote(self, poll_id: str, choices: list[int]) -> Reply:
        held = (stored for stored in self.server.statuses.values() if stored.poll and stored.poll.id == poll_id)
        stored = next(held, None)
        if stored is None or stored.poll is None:
            raise ServerError(404, NOT_FOUND)
        poll, now = stored.poll, datetime.now(UTC)
        if poll.over(now):
            raise ServerError(422, "Validation failed: The poll has already ended")
        if self.me.name in poll.votes or stored.person is self.me:
            raise ServerError(422, "Validation failed: You have already voted on this poll")
        if not choices or (len(choices) > 1 and not poll.multiple) or max(choices) >= len(poll.titles):
            raise ServerError(422, "Validation failed: The chosen vote option does not exist")
        poll.votes[self.me.name] = choices
        return Reply(200, poll.json(self.me.name, stored.person.name, now))

    def _upload(self, request: Request) -> Reply:
        name = secrets.token_hex(4)
        alt = request.body.partition(b'name="description"\r\n\r\n')[2].partition(b"\r\n--")[0].decode()
        url = f"{self.server.url}/media/{name}.png"
        self.server.media[name] = {"id": name, "type": "image", "url": url, "description": alt or None}
        if self.server.media_rounds:
            return Reply(202, self.server.media[name] | {"url": None})
        return Reply(200, self.server.media[name])

    def _media(self, media_id: str) -> Reply:
        self.server.media_rounds -= 1
        if self.server.media_rounds > 0:
            return Reply(206, self.server.media[media_id] | {"url": None})
        return Reply(200, self.server.media[media_id])
