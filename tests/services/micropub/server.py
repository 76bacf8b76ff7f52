"""A web site with a Micropub endpoint, IndieAuth and a feed, on 127.0.0.1, which does what such sites do.

    async with MicropubSite() as site:
        site.write("Hej")                         # the token "site-token" may do everything
        site.fault("GET", "/endpoint", "status", status=503)

Written from facts/micropub.md A and E.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.services.doubles import Faulty
from tests.services.wire import Reply, Request

HTML = {"Content-Type": "text/html; charset=utf-8"}
ALL = "create update delete media"
HOME = """<!doctype html><!-- <link rel="micropub" href="https://evil.example/micropub"> -->
<html><head><title>Anna Ek</title><meta name="description" content="Jobbar på Grönkvist">
<link rel="micropub" href="/endpoint"><link rel="indieauth-metadata" href="/metadata">
<link rel="authorization_endpoint" href="/old-auth"><link rel="token_endpoint" href="/old-token">
<link rel="alternate" type="application/feed+json" href="/feed.json">
</head><body><a rel="micropub" href="https://evil.example/micropub">my site</a></body></html>"""


@dataclass(slots=True)
class Settings:
    """How this site differs from others.

    `lists`: whether `q=source` gives a list; `newest_first`, `paging`: how; `most`: entries in one answer, whatever is
    asked for; `endless`: the last one names a cursor too. `answer`: 201, 202, or 0 for a success without Location.
    `scope_status`: how a lacking scope is told. `keeps_slug`: what becomes of `mp-slug`.
    `location`: what Location says in place of the address.
    `hides`: whether it heeds `visibility`. `plain_photos`: a picture that is more than an address is refused.
    """

    lists: bool = True
    newest_first: bool = True
    paging: str = "offset"
    most: int = 1000
    endless: bool = False
    answer: int = 201
    location: str = ""
    scope_status: int = 403
    keeps_slug: bool = False
    keeps_time: bool = True
    hides: bool = True
    plain_photos: bool = False
    html: bool = False


class Server(Faulty):
    """Faults, tokens and a door: what both doubles have."""

    def __init__(self) -> None:
        super().__init__()
        self.scopes: dict[str, str] = {"site-token": ALL}
        self.numbers = itertools.count(1001)

    def asked(self, path: str) -> list[Request]:
        return [request for request in self.wire.requests if request.path == path]

    async def answer(self, request: Request) -> Reply:
        return self.route(request)

    @abstractmethod
    def route(self, request: Request) -> Reply: ...

    def may(self, request: Request, scope: str = "") -> Reply | None:
        """None for a yes. The token in header and body at once is an error."""
        scheme, _space, token = request.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or token not in self.scopes or b"access_token=" in request.body:
            return Reply(401, {"error": "unauthorized", "error_description": "who are you?"})
        if scope and scope not in self.scopes[token].split():
            return self.lacking(scope)
        return None

    def lacking(self, scope: str) -> Reply:
        return Reply(403, {"error": "insufficient_scope", "scope": scope})


class MicropubSite(Server):
    """The site. `entries`: by address, in the order in which they were made."""

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__()
        self.settings = settings or Settings()
        self.entries: dict[str, dict[str, Any]] = {}
        self.files: list[bytes] = []
        self.codes: dict[str, dict[str, str]] = {}
        self.config: dict[str, Any] = {}
        self.home = HOME
        self.me = ""
        self.issuer = ""
        self.renewed = 0

    # ------------------------------------------------------------ what tests do past the API

    def write(self, text: object, at: datetime | None = None, **properties: Any) -> str:
        """An entry; gives its address."""
        url = f"{self.url}/{next(self.numbers)}"
        when = (at or datetime.now(UTC)).isoformat()
        content = [{"html": f"<p>{text}</p>"}] if self.settings.html else [text]
        self.entries[url] = {"content": content, "published": [when], **properties, "url": [url]}
        return url

    def by(self, text: str) -> list[str]:
        return [url for url, entry in self.entries.items() if entry["content"] == [text]]

    def press_yes(self, address: str) -> str:
        """What the user does on the page of an address; gives where the browser is led."""
        query = dict(parse_qsl(urlsplit(address).query))
        assert query["response_type"] == "code"
        assert query["code_challenge_method"] == "S256"
        assert len(query["state"]) <= 32  # a real server keeps no more
        client, redirect = urlsplit(query["client_id"]), urlsplit(query["redirect_uri"])
        assert (client.scheme, client.netloc) == (redirect.scheme, redirect.netloc)  # else it may be refused
        code = f"code-{next(self.numbers)}"
        self.codes[code] = query
        back = {"code": code, "state": query["state"], "iss": f"{self.url}/"}
        return f"{query['redirect_uri']}?{urlencode(back)}"

    # ------------------------------------------------------------ the way in

    def route(self, request: Request) -> Reply:
        routes = {
            ("GET", "/"): lambda: Reply(200, self.home.encode(), HTML),
            ("GET", "/metadata"): lambda: self._metadata(),
            ("POST", "/token"): lambda: self._token(request),
            ("GET", "/endpoint"): lambda: self._query(request),
            ("POST", "/endpoint"): lambda: self._post(request),
            ("POST", "/media"): lambda: self._upload(request),
            ("GET", "/feed.json"): lambda: self._feed(),
        }
        handler = routes.get((request.method, request.path))
        return handler() if handler else Reply(404, b"<html>not here</html>", HTML)

    def _metadata(self) -> Reply:
        told = {
            "issuer": self.issuer or f"{self.url}/",
            "authorization_endpoint": f"{self.url}/auth",
            "token_endpoint": f"{self.url}/token",
            "code_challenge_methods_supported": ["S256"],
        }
        return Reply(200, told)

    def _token(self, request: Request) -> Reply:
        form = request.form
        if form.get("grant_type") == "refresh_token":
            if form.get("refresh_token") != f"refresh-{self.renewed}" or not form.get("client_id"):
                return Reply(400, {"error": "invalid_grant"})
            self.renewed += 1
            self.scopes[f"token-{self.renewed}"] = ALL
            return Reply(200, {"access_token": f"token-{self.renewed}", "refresh_token": f"refresh-{self.renewed}"})
        asked = self.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if asked is None or asked["code_challenge"] != challenge or asked["redirect_uri"] != form["redirect_uri"]:
            return Reply(400, {"error": "invalid_grant", "error_description": "the code does not fit"})
        token = f"token-{next(self.numbers)}"
        self.scopes[token] = asked["scope"]
        me = self.me or f"{self.url}/"
        return Reply(201, {"access_token": token, "token_type": "Bearer", "scope": asked["scope"], "me": me})

    def lacking(self, scope: str) -> Reply:
        return Reply(self.settings.scope_status, {"error": "insufficient_scope", "scope": scope})

    # ------------------------------------------------------------ queries

    def _query(self, request: Request) -> Reply:
        refused = self.may(request)
        if refused:
            return refused
        query = request.query
        if query.get("q") == "config":
            return Reply(200, self.config)
        if query.get("q") != "source":
            return Reply(400, {"error": "invalid_request"})
        if "url" in query:
            entry = self.entries.get(query["url"])
            if entry is None:
                return Reply(400, {"error": "invalid_request", "error_description": "no such post"})
            return Reply(200, {"type": ["h-entry"], "properties": entry})
        if not self.settings.lists:
            return Reply(400, {"error": "invalid_request", "error_description": "url is missing"})
        return self._list(query)

    def _list(self, query: Mapping[str, str]) -> Reply:
        found: list[Any] = [{"type": ["h-entry"], "properties": entry} for entry in self.entries.values()]
        if self.settings.newest_first:
            found.reverse()
        start = int(query.get("after" if self.settings.paging == "after" else "offset", 0))
        limit = min(int(query.get("limit", 20)), self.settings.most)
        answer: dict[str, Any] = {"items": [*(self.nonsense if not start else []), *found[start : start + limit]]}
        if self.settings.paging == "after" and (self.settings.endless or start + limit < len(found)):
            answer["paging"] = {"after": str(start + limit)}
        return Reply(200, answer)

    def _feed(self) -> Reply:
        items: list[Any] = [
            {"id": f"tag:{url}", "url": url, "content_text": e["content"][0], "date_published": e["published"][0]}
            for url, e in reversed(self.entries.items())
        ]
        feed = {
            "version": "https://jsonfeed.org/version/1.1",
            "title": "Anna Ek",
            "items": [*self.nonsense, *items][:20],
        }
        return Reply(200, feed, {"Content-Type": "application/feed+json"})

    # ------------------------------------------------------------ writing

    def _post(self, request: Request) -> Reply:
        is_json = "json" in request.headers.get("content-type", "")
        told: dict[str, Any] = request.json if is_json else request.form
        action = told.get("action", "create")
        refused = self.may(request, action)
        if refused:
            return refused
        if action == "create":
            return self._create(told["properties"])
        entry = self.entries.get(told["url"])
        if entry is None:
            return Reply(400, {"error": "invalid_request", "error_description": "no such post"})
        if action == "delete":
            del self.entries[told["url"]]
            return Reply(204)
        assert is_json  # updates have no other form
        assert all(isinstance(value, list) for value in told["replace"].values())
        entry |= told["replace"]
        return Reply(200, {})

    def _create(self, properties: dict[str, Any]) -> Reply:
        if self.settings.plain_photos and not all(isinstance(photo, str) for photo in properties.get("photo", [])):
            return Reply(400, {"error": "invalid_request"})
        self.alts: Sequence[str] = properties.get("mp-photo-alt", [])
        slug = properties.pop("mp-slug", [""])[0]
        sent = {name: value for name, value in properties.items() if not name.startswith("mp-")}
        self.syndicated: Sequence[str] = properties.get("mp-syndicate-to", [])
        url = f"{self.url}/{slug if self.settings.keeps_slug else next(self.numbers)}"
        if url in self.entries:
            url += f"-{next(self.numbers)}"  # a repeat gets a suffix, and is a second post
        if not self.settings.hides:
            sent.pop("visibility", None)
        if not self.settings.keeps_time:
            sent["published"] = [datetime.now(UTC).isoformat()]
        self.entries[url] = {**sent, "url": [url]}
        location = {"Location": self.settings.location or urlsplit(url).path} if self.settings.answer else {}
        return Reply(self.settings.answer or 200, None, location)

    def _upload(self, request: Request) -> Reply:
        refused = self.may(request, "media")
        if refused:
            return refused
        assert b'name="file"' in request.body
        self.files.append(request.body)
        return Reply(201, None, {"Location": f"{self.url}/files/{len(self.files)}.png"})
