"""A Threads API of the tests' own, with its traps.

    async with ThreadsServer() as server:
        anna, bo = server.people["anna"], server.people["bo"]    # tokens "anna-token", …
        server.write(bo, "Hej", mentions={"anna"})
        server.fault("POST", "me/threads_publish", "drop-after")

Written from facts/threads.md; there is no public server to measure.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.services.doubles import Double
from tests.services.threads.shapes import (
    POLL_FIELDS,
    POST_FIELDS,
    REPLY_FIELDS,
    TIME,
    Container,
    Media,
    Person,
    Poll,
    acceptable,
)
from tests.services.wire import Reply, Request

SCOPES = frozenset(
    {
        "threads_basic",
        "threads_content_publish",
        "threads_manage_replies",
        "threads_read_replies",
        "threads_manage_mentions",
        "threads_keyword_search",
        "threads_delete",
    }
)
NEEDED = {
    "me/threads_publish": "threads_content_publish",
    "me/mentions": "threads_manage_mentions",
    "keyword_search": "threads_basic",
}


@dataclass(slots=True)
class Token:
    """What a program may do, and until when."""

    person: Person
    scopes: frozenset[str] = SCOPES
    made: datetime = field(default_factory=lambda: datetime.now(UTC))
    life: timedelta = timedelta(days=60)
    long_lived: bool = True

    @property
    def ends(self) -> datetime:
        return self.made + self.life


@dataclass(slots=True)
class Fault:
    """What goes wrong with the next matching request. kind: drop-before, drop-after, garbage, error."""

    method: str
    path: str
    kind: str
    refusal: GraphRefusal | None = None


class GraphRefusal(Exception):
    """An error in Graph's form."""

    def __init__(self, status: int, code: int, message: str, subcode: int = 0, transient: bool = False) -> None:
        super().__init__(message)
        error: dict[str, Any] = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "A"}
        error |= {"is_transient": transient, **({"error_subcode": subcode} if subcode else {})}
        self.reply = Reply(status, {"error": error})


_PARTS = re.compile(r"(\w+)(?:\{([\w,]*)\})?(?:,|\Z)")
NOT_THERE = GraphRefusal(400, 24, "The requested resource does not exist", 4279009)


class ThreadsServer(Double):
    """The server's state and its routes."""

    def __init__(self, *, bearer: bool = True, inclusive: bool = True, most: int = 100) -> None:
        self.bearer = bearer  # whether the token may stand in a header
        self.inclusive = inclusive  # whether since and until include their second
        self.most = most  # posts of one page, whatever is asked
        super().__init__()
        self.people = {n: Person(str(1000 + i), n, n.title()) for i, n in enumerate(("anna", "bo", "eva"), 1)}
        self.tokens = {f"{name}-token": Token(person) for name, person in self.people.items()}
        self.media: dict[str, Media] = {}
        self.containers: dict[str, Container] = {}
        self.quota = {"quota_usage": 0, "reply_quota_usage": 0, "delete_quota_usage": 0}
        self.new_status = "FINISHED"
        self.unlisted: set[str] = set()
        self.others_conversations = True
        self.debugs = True
        self.unknown: set[str] = set()  # fields of posts that this version of the API does not have
        self.guarded: set[str] = set()  # and fields that take a permission which no token has
        self.early = 0
        self.poll_life = timedelta(hours=24)  # nobody is told, and nobody can choose it
        self.faults: list[Fault] = []
        self._numbers = itertools.count(1)

    # ------------------------------------------------------------ what tests do past the API

    def write(self, person: Person, text: str | None, **fields: Any) -> Media:
        at = fields.pop("at", datetime.now(UTC)).replace(microsecond=0)
        number = f"17{next(self._numbers):014}"
        media = self.media[number] = Media(number, at, person, text, **fields)
        return media

    def fault(self, method: str, path: str, kind: str, *error: Any, **more: Any) -> None:
        self.faults.append(Fault(method, path, kind, GraphRefusal(*error, **more) if error else None))

    def by(self, person: Person, text: str) -> list[Media]:
        return [media for media in self.media.values() if media.person is person and media.text == text]

    def asked(self, method: str, path: str) -> list[Request]:
        return [r for r in self.wire.requests if r.method == method and r.path == f"/v1.0/{path}"]

    # ------------------------------------------------------------ the way in

    async def _handle(self, request: Request) -> Reply:
        path = request.path.removeprefix("/v1.0/").removeprefix("/")
        fault = next((f for f in self.faults if f.method == request.method and f.path in ("*", path)), None)
        if fault:
            self.faults.remove(fault)
            if fault.kind == "drop-before":
                return Reply(drop=True)
            if fault.kind == "garbage":
                return Reply(200, b"<html>Sorry, something went wrong.</html>", {"Content-Type": "text/html"})
            if fault.refusal:
                return fault.refusal.reply
        try:
            reply = Reply(200, self._answer(request, path))
        except GraphRefusal as refusal:
            reply = refusal.reply
        return Reply(drop=True) if fault and fault.kind == "drop-after" else reply

    def _answer(self, request: Request, path: str) -> object:
        params = request.query | (request.form if request.method == "POST" else {})
        header = request.headers.get("authorization", "").removeprefix("Bearer ") if self.bearer else ""
        value = header or params.pop("access_token", "")
        token = self.tokens.get(value)
        if token is None or token.ends < datetime.now(UTC):
            raise GraphRefusal(400, 190, "Error validating access token: the session is invalid.")
        if path == "refresh_access_token":
            return self._refresh(value, token)
        if path == "debug_token" and self.debugs:
            target = self.tokens[params["input_token"]]
            return {"data": {"scopes": sorted(target.scopes), "expires_at": int(target.ends.timestamp())}}
        if path in NEEDED and NEEDED[path] not in token.scopes:
            raise GraphRefusal(400, 10, "Application does not have permission for this action")
        routes: dict[tuple[str, str], Callable[[dict[str, str], Token], object]] = {
            ("GET", "me"): self._me,
            ("GET", "me/threads"): lambda p, t: self._list(
                p, POST_FIELDS, lambda m: m.person is t.person and not m.parent
            ),
            ("GET", "me/replies"): lambda p, t: self._list(
                p, REPLY_FIELDS, lambda m: m.person is t.person and m.parent is not None
            ),
            ("GET", "me/mentions"): lambda p, t: self._list(p, REPLY_FIELDS, lambda m: t.person.username in m.mentions),
            ("GET", "me/threads_publishing_limit"): self._limits,
            ("GET", "keyword_search"): self._search,
            ("POST", "me/threads"): self._container,
            ("POST", "me/threads_publish"): self._publish,
        }
        found = routes.get((request.method, path))
        if found:
            return found(params, token)
        return self._one(request.method, path.split("/"), params, token)

    def _one(self, method: str, parts: list[str], params: dict[str, str], token: Token) -> object:
        name, edge = parts[0], parts[1] if len(parts) > 1 else ""
        container = self.containers.get(name)
        if method == "GET" and container and not edge:
            assert set(params["fields"].split(",")) <= {"status", "error_message"}
            return {"id": name, "status": container.status, "error_message": container.error}
        media = self.media.get(name)
        if media is None:
            raise NOT_THERE
        if method == "DELETE":
            return self._delete(media, token)
        if (method, edge) == ("POST", "repost"):
            return {"id": self.write(token.person, None, reposts=media, kind="REPOST_FACADE").id}
        if not edge:
            return self._shown(media, params, REPLY_FIELDS)
        if not self.others_conversations and media.root.person is not token.person:
            raise GraphRefusal(400, 10, "Application does not have permission for this action")
        if edge == "replies":
            return self._list(params, REPLY_FIELDS, lambda m: m.parent is media)
        return self._list(params, REPLY_FIELDS, lambda m: m.parent is not None and m.root is media)

    # ------------------------------------------------------------ reading

    def _me(self, params: dict[str, str], token: Token) -> object:
        person = token.person
        whole = {
            "id": person.id,
            "username": person.username,
            "name": person.name,
            "threads_biography": person.biography,
            "threads_profile_picture_url": person.picture,
            "is_verified": False,
        }
        return {name: whole[name] for name in params["fields"].split(",")}

    def _shown(self, media: Media, params: Mapping[str, str], allowed: frozenset[str]) -> dict[str, Any]:
        parts = dict(_PARTS.findall(params["fields"]))
        asked, of_poll = set(parts), set(filter(None, parts.get("poll_attachment", "").split(",")))
        strange = asked - allowed | asked & self.unknown | of_poll - POLL_FIELDS | of_poll & self.unknown
        if strange:
            raise GraphRefusal(400, 100, f"Tried accessing nonexisting field ({min(strange)})")
        if asked & self.guarded:
            raise GraphRefusal(400, 10, "Application does not have permission for this action")
        whole: dict[str, Any] = {
            "id": media.id,
            "media_type": media.kind,
            "permalink": f"https://www.threads.com/@{media.person.username}/post/{media.id}",
            "username": media.person.username,
            "timestamp": media.at.strftime(TIME),
            "shortcode": media.id[-8:],
            "is_quote_post": media.quoted is not None,
            "has_replies": any(each.parent is media for each in self.media.values()),
            "is_reply": media.parent is not None,
            "is_reply_owned_by_me": False,
            "hide_status": "NOT_HUSHED",
            "reply_audience": "EVERYONE",
        }
        told = {"text": media.text, "alt_text": media.alt, "topic_tag": media.topic}
        told["profile_picture_url"] = media.person.picture
        if media.poll and of_poll:
            whole["poll_attachment"] = media.poll.shown(of_poll)
        whole |= {name: value for name, value in told.items() if value is not None}
        pointers = {"quoted_post": media.quoted, "reposted_post": media.reposts, "replied_to": media.parent}
        pointers |= {"root_post": media.root if media.parent else None}
        whole |= {name: {"id": other.id} for name, other in pointers.items() if other is not None}
        return {name: value for name, value in whole.items() if name in asked}

    def _list(self, params: dict[str, str], allowed: frozenset[str], wanted: Callable[[Media], bool]) -> object:
        """Newest first. `next` only where more follows; `before` and `after` not both."""
        if "before" in params and "after" in params:
            raise GraphRefusal(400, 100, "before and after cannot be used together")
        overlap = 0 if self.inclusive else 1
        since, until = int(params.get("since", 0)), int(params.get("until", 10**11))
        found = [
            media
            for media in self.media.values()
            if wanted(media)
            and media.id not in self.unlisted
            and since + overlap <= int(media.at.timestamp()) <= until - overlap
        ]
        newest_first = params.get("reverse", "true") == "true"
        found.sort(key=lambda media: (media.at, media.id), reverse=newest_first)
        start = int(params.get("after", "c0").removeprefix("c"))
        end = start + min(int(params.get("limit", 25)), self.most)
        page: list[object] = [self._shown(media, params, allowed) for media in found[start:end]]
        if start == 0:
            page = [*self.nonsense, *page]
        paging: dict[str, Any] = {"cursors": {"before": f"c{start}", "after": f"c{end}"}}
        if end < len(found):
            paging["next"] = f"{self.url}/next"
        return {"data": page, "paging": paging} if page else {"data": []}

    def _search(self, params: dict[str, str], token: Token) -> object:
        """Without the permission only one's own posts are looked through, and nobody says so."""
        words = ("#" if params["search_mode"] == "TAG" else "") + params["q"].lower()
        if int(params.get("since", 1688540400)) < 1688540400:
            raise GraphRefusal(400, 100, "since is too early")
        everybody = "threads_keyword_search" in token.scopes
        return self._list(
            params,
            POST_FIELDS,
            lambda m: words in (m.text or "").lower() and (everybody or m.person is token.person),
        )

    def _limits(self, params: dict[str, str], token: Token) -> object:
        configs = {"config": 250, "reply_config": 1000, "delete_config": 100}
        told: dict[str, Any] = {name: {"quota_total": n, "quota_duration": 86400} for name, n in configs.items()}
        return {"data": [{**self.quota, **told}]}

    # ------------------------------------------------------------ writing

    def _container(self, params: dict[str, str], token: Token) -> object:
        text = params.get("text", "")
        if params["media_type"] != "TEXT" or "auto_publish_text" in params:
            raise GraphRefusal(400, 100, "Invalid parameter")
        if sum(len(sign.encode()) if ord(sign) > 0x2000 else 1 for sign in text) > 500:
            raise GraphRefusal(400, 100, "Param text must be at most 500 characters long.")
        if len(set(re.findall(r"https?://\S+", text))) > 5:
            raise GraphRefusal(400, 100, "THREADS_API__LINK_LIMIT_EXCEEDED")
        if not acceptable(params.get("poll_attachment")):
            raise GraphRefusal(400, 100, "Param poll_attachment must be a valid poll")
        for name in ("reply_to_id", "quote_post_id"):
            if params.get(name) and params[name] not in self.media:
                raise NOT_THERE
        if params.get("reply_to_id") and "threads_manage_replies" not in token.scopes:
            raise GraphRefusal(400, 10, "Application does not have permission for this action")
        number = f"18{next(self._numbers):014}"
        self.containers[number] = Container(number, token.person, params, self.new_status)
        return {"id": number}

    def _publish(self, params: dict[str, str], token: Token) -> object:
        """Whoever asks twice gets two: nothing says that it would not be so."""
        container = self.containers.get(params["creation_id"])
        if self.early:
            self.early -= 1
            raise NOT_THERE
        if container is None or container.status in ("EXPIRED", "ERROR", "IN_PROGRESS"):
            raise NOT_THERE
        container.status = "PUBLISHED"
        fields = container.fields
        parent, quoted = (self.media.get(fields.get(name, "")) for name in ("reply_to_id", "quote_post_id"))
        self.quota["reply_quota_usage" if parent else "quota_usage"] += 1
        poll = None
        if "poll_attachment" in fields:
            options = json.loads(fields["poll_attachment"])
            poll = Poll(dict.fromkeys(options.values(), 0), datetime.now(UTC) + self.poll_life)
        made = self.write(container.person, fields["text"].strip(), parent=parent, quoted=quoted, poll=poll)
        return {"id": made.id}

    def _delete(self, media: Media, token: Token) -> object:
        if "threads_delete" not in token.scopes or media.person is not token.person:
            raise GraphRefusal(400, 10, "Application does not have permission for this action")
        del self.media[media.id]
        return {"success": True, "deleted_id": media.id}

    def _refresh(self, value: str, token: Token) -> object:
        if not token.long_lived or datetime.now(UTC) - token.made < timedelta(days=1):
            raise GraphRefusal(400, 100, "The token cannot be refreshed")
        fresh = f"{value}+"
        self.tokens[fresh] = Token(token.person, token.scopes)
        return {"access_token": fresh, "token_type": "bearer", "expires_in": 60 * 86400}
