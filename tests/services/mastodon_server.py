"""A Mastodon of the tests' own: stateful, with the shapes, headers, errors and dialects of the facts, and faults.

    async with MastodonServer("gotosocial") as server:
        anna, bo = server.people["anna"], server.people["bo"]    # anna follows bo; tokens "anna-token", …
        server.write(bo, "Hej")
        server.fault("POST", "/api/v1/statuses", "drop-after")    # stored, and the answer is lost

It is no Mastodon: what it does was written from the facts, and OAuth's PKCE check is real.
"""

from __future__ import annotations

import hashlib
import itertools
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from tests.services.doubles import Faulty
from tests.services.mastodon_lines import Lines
from tests.services.mastodon_shapes import (
    BEHAVIOURS,
    Behaviour,
    Filter,
    Person,
    Stored,
    content,
    length,
    mentions,
    stamp,
)
from tests.services.wire import Reply, Request

MAX_PAGE = 40
POLLS = {"max_options": 4, "max_characters_per_option": 50, "min_expiration": 300, "max_expiration": 2_629_746}
PLEROMA_POLLS = {"max_options": 20, "max_option_chars": 200, "min_expiration": 0, "max_expiration": 31_536_000}
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class ServerError(Exception):
    """Ends a request with a status and the API's error body."""

    def __init__(self, status: int, error: str = "", **more: object) -> None:
        super().__init__(error)
        self.reply = Reply(status, {"error": error, **more} if error else None)


class MastodonServer(Faulty):
    """The server's state and its routes."""

    def __init__(self, behaviour: str | Behaviour = "mastodon") -> None:
        self.behaviour = BEHAVIOURS[behaviour] if isinstance(behaviour, str) else behaviour
        super().__init__()
        self.lines = Lines(lambda token: self._owner(token) is not None, sockets="ws" in self.behaviour.streaming)
        self.people = {
            name: Person(str(n), name, f"{name}-token", name.title()) for n, name in enumerate(("anna", "bo"), 1)
        }
        self.people["anna"].follows.add("bo")
        self.statuses: dict[str, Stored] = {}
        self.scheduled: dict[str, dict[str, Any]] = {}
        self.media: dict[str, dict[str, Any]] = {}
        self.apps: dict[str, dict[str, str]] = {}
        self.codes: dict[str, dict[str, str]] = {}
        self.revoked: set[str] = set()
        self.scopes: dict[str, set[str]] = {}  # of tokens that were signed in for; the others may do all
        self.filters: list[Filter] = []
        self.keys: dict[str, Any] = {}
        self.used = 0
        self.search_engine = True  # without, posts are searched in vain
        self.throttled = 0  # posts that are too many
        self.media_rounds = 0
        self._order = itertools.count(1)
        self._scheduled = itertools.count(1)

    @property
    def domain(self) -> str:
        return f"127.0.0.1:{self.wire.port}"

    async def __aenter__(self) -> Self:
        await self.lines.__aenter__()
        return await super().__aenter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.lines.__aexit__(kind, error, trace)
        await super().__aexit__(kind, error, trace)

    # ------------------------------------------------------------ what tests do past the API

    def write(self, person: Person, text: str, **fields: Any) -> Stored:
        """A post by somebody, as if sent by another client."""
        order = next(self._order)
        stored = Stored(self._id(order), order, person, text, fields.pop("created_at", datetime.now(UTC)), **fields)
        self.statuses[stored.id] = stored
        self.lines.tell("update", self.status(stored, self.people["anna"]))
        return stored

    def edit(self, stored: Stored, text: str) -> None:
        """Other words for a post, by its author."""
        stored.text, stored.edited_at = text, datetime.now(UTC)
        self.lines.tell("status.update", self.status(stored, self.people["anna"]))

    def delete(self, stored: Stored) -> None:
        """Its author takes it back."""
        del self.statuses[stored.id]
        self.lines.tell("delete", stored.id)

    def next_scheduled(self) -> str:
        return str(next(self._scheduled))

    def time_has_come(self, name: str) -> Stored:
        """Publishes what was scheduled, as the server does at its time: under another id."""
        waiting = self.scheduled.pop(name)["params"]
        return self.write(
            self.people["anna"], waiting["text"], cw=waiting["spoiler_text"], parent=waiting["in_reply_to_id"]
        )

    def by(self, person: Person, text: str) -> list[Stored]:
        return [s for s in self.statuses.values() if s.person is person and s.text == text and not s.reblog]

    def asked(self, method: str, path: str) -> list[Request]:
        return [r for r in self.wire.requests if r.method == method and r.path == path]

    def _id(self, order: int) -> str:
        if self.behaviour.ids == "ulid":
            return "01KABC" + "".join(CROCKFORD[order >> (5 * n) & 31] for n in reversed(range(20)))
        if self.behaviour.ids == "odd":  # these do not sort as strings
            return f"{1763956800 + order * 7 % 10}.{order}"
        return str(115_600_000_000_000_000 + order * 65536)

    # ------------------------------------------------------------ the way in

    async def answer(self, request: Request) -> Reply:
        try:
            reply = await self._route(request)
        except ServerError as error:
            reply = error.reply
        if self.behaviour.rate_headers == "iso" and request.path.startswith("/api/"):
            self.used += 1
            reset = (datetime.now(UTC) + timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
            limits = {
                "X-RateLimit-Limit": "300",
                "X-RateLimit-Remaining": str(max(0, 300 - self.used)),
                "X-RateLimit-Reset": reset,
            }
            reply.headers = {**limits, **reply.headers}
        return reply

    async def _route(self, request: Request) -> Reply:
        parts = request.path.strip("/").split("/")
        public = self._public(request, parts)
        if public is not None:
            return public
        if parts[:2] in (["api", "v1"], ["api", "v2"]) and parts[2:] != ["instance"]:
            me = self._who(request)
            return await self._api(request, parts[1:], me)
        return Reply(404, b"<html>not here</html>", {"Content-Type": "text/html"})

    def _who(self, request: Request) -> Person:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if found := self._owner(token):
            return found
        error = ServerError(401, "The access token is invalid")
        if self.behaviour.dead_token == "text":
            error.reply = Reply(400, b"Invalid Bearer token", {"Content-Type": "text/plain"})
        elif self.behaviour.dead_token == "empty":
            error.reply = Reply(422, b"", {"Content-Type": "text/plain"})
        raise error

    def _owner(self, token: str) -> Person | None:
        return next((p for p in self.people.values() if p.token == token and token not in self.revoked), None)

    # ------------------------------------------------------------ without a token

    def _public(self, request: Request, parts: list[str]) -> Reply | None:
        b = self.behaviour
        routes: dict[tuple[str, str], Callable[[], Reply]] = {
            ("GET", "/api/v1/instance"): lambda: Reply(200, self._instance_v1()),
            ("POST", "/api/v1/apps"): lambda: self._register(request),
            ("GET", "/oauth/authorize"): lambda: self._authorize(request),
            ("POST", "/oauth/token"): lambda: self._exchange(request.form),
            ("POST", "/oauth/revoke"): lambda: self._revoke(request.form),
        }
        if b.v2:
            routes["GET", "/api/v2/instance"] = lambda: Reply(200, self._instance_v2())
        if b.nodeinfo:
            href = f"{self.url}/nodeinfo/2.0"
            elsewhere = {
                "rel": "http://nodeinfo.diaspora.software/ns/schema/2.1",
                "href": "https://evil.example/nodeinfo",
            }
            routes["GET", "/.well-known/nodeinfo"] = lambda: Reply(
                200, {"links": [{"rel": "…/2.0", "href": href}, elsewhere]}
            )
            name = {"name": b.software, "version": b.version}
            routes["GET", "/nodeinfo/2.0"] = lambda: Reply(200, {"version": "2.0", "software": name})
        if b.metadata:
            routes["GET", "/.well-known/oauth-authorization-server"] = lambda: Reply(200, self._metadata())
        route = routes.get((request.method, request.path))
        return route() if route else None

    def _instance_v2(self) -> dict[str, object]:
        b = self.behaviour
        versions = {"api_versions": {"mastodon": b.level}} if b.level else {}
        limits = {"max_characters": b.limit, "max_media_attachments": 4, "characters_reserved_per_url": 23}
        media = {
            "description_limit": 1500,
            "image_size_limit": 16_777_216,
            "supported_mime_types": ["image/png", "image/jpeg"],
        }
        settings: dict[str, object] = {
            "statuses": limits,
            "media_attachments": media,
            "urls": {"streaming": self._streaming()},
            "polls": POLLS,
        }
        return {"domain": self.domain, "title": "Test", "version": b.version, "configuration": settings, **versions}

    def _streaming(self) -> str:
        """Where the streams are; a server may have them at another address than the rest."""
        return f"ws://127.0.0.1:{self.lines.port}" if self.behaviour.streaming == "ws" else f"ws://{self.domain}"

    def _instance_v1(self) -> dict[str, object]:
        b = self.behaviour
        if b.software in ("pleroma", "akkoma"):
            urls = {"streaming_api": self._streaming()}
            told = {"uri": f"https://{self.domain}", "version": b.version, "max_toot_chars": b.limit, "urls": urls}
            return told | {"poll_limits": PLEROMA_POLLS}
        limits = {"max_characters": b.limit, "max_media_attachments": 4, "characters_reserved_per_url": 23}
        return {"uri": self.domain, "version": b.version, "configuration": {"statuses": limits, "polls": POLLS}}

    def _metadata(self) -> dict[str, object]:
        scopes = (
            "read write profile read:accounts read:statuses read:notifications read:search read:lists read:filters "
            "read:follows read:bookmarks read:favourites write:statuses write:media write:favourites write:bookmarks"
        )
        return {
            "issuer": self.url + "/",
            "authorization_endpoint": self.url + "/oauth/authorize",
            "token_endpoint": self.url + "/oauth/token",
            "app_registration_endpoint": self.url + "/api/v1/apps",
            "scopes_supported": scopes.split(),
            "code_challenge_methods_supported": ["S256"],
        }

    def _register(self, request: Request) -> Reply:
        app = {name: str(value) for name, value in request.json.items()}
        client_id = secrets.token_hex(8)
        self.apps[client_id] = app | {"secret": secrets.token_hex(16)}
        return Reply(200, {"client_id": client_id, "client_secret": self.apps[client_id]["secret"], "id": "1"})

    def _authorize(self, request: Request) -> Reply:
        """The page where the user says yes; here it says yes at once, as anna, and redirects or shows the code."""
        asked = request.query
        app = self.apps.get(asked["client_id"])
        if app is None:
            return Reply(401, b"Client authentication failed", {"Content-Type": "text/html"})
        registered, redirect = app["redirect_uris"], asked["redirect_uri"]
        if not self.behaviour.exact_redirect and redirect.startswith("http://127.0.0.1:"):
            redirect_known = urlsplit(redirect).path == urlsplit(registered).path
        else:
            redirect_known = redirect == registered
        wanted = set(asked["scope"].split()) <= set(app["scopes"].split())
        if not redirect_known or not wanted or asked.get("code_challenge_method", "S256") != "S256":
            return Reply(400, b"The redirect uri or the scope is not valid", {"Content-Type": "text/html"})
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        if redirect.startswith("urn:"):
            return Reply(200, code.encode(), {"Content-Type": "text/html"})
        return Reply(302, None, {"Location": f"{redirect}?code={code}&state={asked['state']}"})

    def _exchange(self, form: dict[str, str]) -> Reply:
        app = self.apps.get(form.get("client_id", ""))
        if app is None or app["secret"] != form.get("client_secret"):
            return Reply(401, {"error": "invalid_client", "error_description": "Client authentication failed"})
        if form["grant_type"] == "client_credentials":
            return Reply(200, {"access_token": "app-token", "token_type": "Bearer"})
        if form["grant_type"] == "refresh_token":
            if form.get("refresh_token") != "anna-refresh":
                return Reply(400, {"error": "invalid_grant"})
            self.people["anna"].token = "anna-token-2"
            return Reply(200, {"access_token": "anna-token-2", "refresh_token": "anna-refresh-2"})
        asked = self.codes.pop(form.get("code", ""), None)
        challenge = (
            urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=").decode()
        )
        if asked is None or asked["redirect_uri"] != form["redirect_uri"] or asked["client_id"] != form["client_id"]:
            return Reply(400, {"error": "invalid_grant", "error_description": "The code is not valid"})
        if asked.get("code_challenge") != challenge:
            return Reply(400, {"error": "invalid_grant", "error_description": "The verifier does not fit"})
        token, scope = self.people["anna"].token, asked["scope"]
        self.scopes[token] = set(scope.split())
        return Reply(200, {"access_token": token, "token_type": "Bearer", "scope": scope})

    def _revoke(self, form: dict[str, str]) -> Reply:
        app = self.apps.get(form.get("client_id", ""))
        if app is None or app["secret"] != form.get("client_secret"):
            return Reply(403, {"error": "unauthorized_client"})
        for person in self.people.values():
            if person.token == form["token"]:
                person.token = secrets.token_hex(8)
        return Reply(200, {})

    # ------------------------------------------------------------ with a token

    async def _api(self, request: Request, parts: list[str], me: Person) -> Reply:
        from tests.services.mastodon_routes import Routes  # it knows this class

        return await Routes(self, me).answer(request, parts)

    def status(self, stored: Stored, me: Person) -> dict[str, Any]:
        """A status as the API shows it to `me`."""
        base = self.url
        original = self.statuses.get(stored.reblog or "")
        replies = sum(1 for s in self.statuses.values() if s.parent == stored.id)
        boosts = [s for s in self.statuses.values() if s.reblog == stored.id]
        parent = self.statuses.get(stored.parent or "")
        shown: dict[str, Any] = {
            "id": stored.id,
            "created_at": stamp(stored.created_at),
            "in_reply_to_id": stored.parent,
            "in_reply_to_account_id": parent.person.id if parent else None,
            "sensitive": stored.sensitive,
            "spoiler_text": stored.cw,
            "visibility": stored.visibility,
            "language": stored.language,
            "uri": f"{base}/users/{stored.person.name}/statuses/{stored.id}",
            "url": f"{base}/@{stored.person.name}/{stored.id}",
            "replies_count": replies,
            "reblogs_count": len(boosts),
            "favourites_count": len(stored.likes),
            "edited_at": stamp(stored.edited_at) if stored.edited_at else None,
            "favourited": me.name in stored.likes,
            "reblogged": any(s.person is me for s in boosts),
            "bookmarked": me.name in stored.bookmarks,
            "content": content(stored.text, base),
            "reblog": self.status(original, me) if original else None,
            "application": {"name": "mbclient", "website": None},
            "account": stored.person.json(base),
            "media_attachments": [self.media[name] for name in stored.media],
            "mentions": mentions(stored.text, {name: each.id for name, each in self.people.items()}, base),
            "tags": [],
            "emojis": [],
            "card": None,
            "poll": stored.poll.json(me.name, stored.person.name, datetime.now(UTC)) if stored.poll else None,
        }
        if self.behaviour.filters:  # a boost carries what matches the boosted status, as that one does itself
            results = (each.result(original or stored) for each in self.filters if me.name == "anna")
            shown["filtered"] = [result for result in results if result]
        if self.behaviour.level >= 6:
            quoted = self.statuses.get(stored.quote or "")
            shown["quote"] = {"state": "accepted", "quoted_status": self.status(quoted, me)} if quoted else None
            if quoted:
                link = f"{base}/@{quoted.person.name}/{quoted.id}"
                shown["content"] = f'<p class="quote-inline">RE: <a href="{link}">{link}</a></p>' + shown["content"]
        return shown


__all__ = ["MastodonServer", "ServerError", "length"]
Route = Callable[[Request], Awaitable[Reply]]


async def press_yes(address: str) -> str:
    """What the browser does with an authorize address: follows it; gives the redirect's target or the shown code."""
    import httpx

    async with httpx.AsyncClient(trust_env=False) as browser:
        answer = await browser.get(address)
        if answer.status_code == 302:
            return answer.headers["location"]
        answer.raise_for_status()
        return answer.text


def fields_of(address: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(address).query))
