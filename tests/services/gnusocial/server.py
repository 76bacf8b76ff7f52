"""A Twitter-compatible server of the tests' own: GNU social, StatusNet or the Twitter of 2009, with their traps.

    async with TwitterServer("statusnet") as server:
        anna, bo = server.people["anna"], server.people["bo"]    # anna follows bo; passwords "anna-password", …
        server.write(bo, "Hej")
        server.fault("POST", "statuses/update.json", "drop-after")

Written from facts/gnusocial.md; no real server of this kind is to be had.
"""

from __future__ import annotations

import base64
import html
import itertools
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode

from tests.services.doubles import Faulty
from tests.services.gnusocial.shapes import (
    BEHAVIOURS,
    Behaviour,
    Notice,
    Person,
    config,
    now,
    obeyed,
    search_stamp,
    signature,
    stamp,
    user,
)
from tests.services.wire import Reply, Request

DUPLICATE = "Too many duplicate messages too quickly; take a breather and post again in a few minutes."
TOO_FAST = "Too many notices too fast; take a breather and post again in a few minutes."
PAGE = Reply(404, b"<html>API method not found</html>", {"Content-Type": "text/html"})


class Refusal(Exception):
    def __init__(self, status: int, error: str, **headers: str) -> None:
        super().__init__(error)
        self.reply = Reply(status, {"error": error, "request": "/api/…"}, headers)


class TwitterServer(Faulty):
    """The server's state and its routes."""

    garbage = b"<b>Fatal error</b>: Allowed memory"

    def __init__(self, behaviour: str | Behaviour = "gnusocial", **settings: Any) -> None:
        self.behaviour = BEHAVIOURS[behaviour] if isinstance(behaviour, str) else behaviour
        self.settings = {name.replace("__", "."): value for name, value in settings.items()}
        super().__init__()
        self.people = {
            name: Person(n, name, f"{name}-password", name.title()) for n, name in enumerate(("anna", "bo", "eva"), 1)
        }
        self.people["anna"].follows.add("bo")
        self.notices: dict[int, Notice] = {}
        self.deleted: set[int] = set()
        self.files: dict[str, str] = {}
        self.tokens: dict[str, dict[str, str]] = {}
        self.obeyed: list[str] = []
        self.throttled = False
        self.dupelimit = 60.0
        self.clock_off = timedelta()
        self._numbers = itertools.count(101)

    # ------------------------------------------------------------ what tests do past the API

    def write(self, person: Person, text: str, **fields: Any) -> Notice:
        number = next(self._numbers)
        parent = self.notices.get(fields.get("parent", 0))
        fields.setdefault("conversation", parent.conversation if parent else number)
        notice = self.notices[number] = Notice(number, person, text, fields.pop("at", now()), **fields)
        return notice

    def remove(self, number: int) -> None:
        del self.notices[number]
        self.deleted.add(number)

    def by(self, person: Person, text: str) -> list[Notice]:
        return [n for n in self.notices.values() if n.person is person and n.text == text and not n.repeats]

    def asked(self, path: str) -> list[Request]:
        return [request for request in self.wire.requests if self.named(request) == path]

    # ------------------------------------------------------------ the way in

    def named(self, request: Request) -> str:
        root = self.behaviour.root + "/"
        return request.path.removeprefix(root) if request.path.startswith(root) else ""

    async def answer(self, request: Request) -> Reply:
        try:
            reply = self._route(request, self.named(request))
        except Refusal as refusal:
            reply = refusal.reply
        reply.headers = {"Date": format_datetime(now() + self.clock_off, usegmt=True), **reply.headers}
        return reply

    def _route(self, request: Request, name: str) -> Reply:
        parts = name.removesuffix(".json").split("/")
        b = self.behaviour
        if b.software and parts in ([b.software, "config"], ["statusnet", "config"]):
            return Reply(200, config(b, self.settings))
        if b.software and parts == [b.software, "version"]:
            return Reply(200, "1.2.0-beta4")
        if parts[0] == "oauth":
            return self._oauth(request, parts[1])
        routes: dict[str, Callable[[Request, list[str], Person], Reply]] = {
            "account/verify_credentials": lambda r, p, me: Reply(200, user(me, self.url)),
            "statuses/user_timeline": self._user_timeline,
            "statuses/show": lambda r, p, me: Reply(200, self.status(self._one(p[2]), me)),
            "statuses/update": self._update,
            "statuses/destroy": self._destroy,
            "statuses/retweet": self._retweet,
            "statuses/public_timeline": lambda r, p, me: self._list(r, me, lambda n: True),
            "favorites/create": lambda r, p, me: self._like(p[2], me, True),
            "favorites/destroy": lambda r, p, me: self._like(p[2], me, False),
            "statusnet/conversation": self._conversation,
            "media/upload": self._upload,
            "search": self._search,
        }
        timelines = {
            f"statuses/{one}": self._mentions if one in ("mentions_timeline", "mentions", "replies") else self._home
            for one in b.lists
        }
        handler = (routes | timelines).get("/".join(parts[:2]))
        if handler is None or not name.endswith(".json"):
            return PAGE
        me = self._who(request)
        if request.body.startswith(b"{"):
            raise Refusal(400, "The server was unable to handle that much POST data due to its current configuration.")
        return handler(request, parts, me)

    def _who(self, request: Request) -> Person:
        scheme, _space, rest = request.headers.get("authorization", "").partition(" ")
        if scheme == "Basic":
            nick, _colon, password = base64.b64decode(rest).decode().partition(":")
            person = self.people.get(nick)
            if person and person.password == password:
                return person
        if scheme == "OAuth":
            fields = self._signed(request, rest)
            token = self.tokens.get(fields.get("oauth_token", ""))
            if token and token["kind"] == "access":
                return self.people[token["nick"]]
        raise Refusal(401, "Could not authenticate you.", **{"WWW-Authenticate": 'Basic realm="Double API"'})

    # ------------------------------------------------------------ OAuth 1.0a

    def _signed(self, request: Request, header: str) -> dict[str, str]:
        """The oauth_ fields of a request whose signature is right and whose time is near."""
        fields = {name: unquote(value) for name, value in re.findall(r'(\w+)="([^"]*)"', header)}
        given = fields.pop("oauth_signature", "")
        token = self.tokens.get(fields.get("oauth_token", ""), {"secret": ""})
        pairs = [*fields.items(), *request.query.items()]
        if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            pairs += parse_qsl(request.body.decode(), keep_blank_values=True)
        right = signature(request.method, self.url + request.path, pairs, ("anonymous", token["secret"]))
        late = abs(int(fields["oauth_timestamp"]) - (now() + self.clock_off).timestamp()) > 300
        if fields.get("oauth_consumer_key") != "anonymous" or given != right or late:
            raise Refusal(401, "Invalid signature." if not late else "Expired timestamp.")
        return fields

    def _oauth(self, request: Request, step: str) -> Reply:
        if step == "authorize":
            return Reply(200, b"<html>Allow?</html>", {"Content-Type": "text/html"})
        fields = self._signed(request, request.headers.get("authorization", "").partition(" ")[2])
        if step == "request_token":
            assert fields["oauth_callback"] == "oob"
            token = self._token("request", nick="", verifier="")
        elif self.tokens[fields["oauth_token"]]["verifier"] == fields.get("oauth_verifier", "-"):
            token = self._token("access", nick=self.tokens.pop(fields["oauth_token"])["nick"], verifier="")
        else:
            raise Refusal(401, "Invalid request token or verifier.")
        body = urlencode({"oauth_token": token, "oauth_token_secret": self.tokens[token]["secret"]})
        return Reply(200, body.encode(), {"Content-Type": "application/x-www-form-urlencoded"})

    def _token(self, kind: str, **fields: str) -> str:
        name = f"{kind}-{next(self._numbers)}"
        self.tokens[name] = {"kind": kind, "secret": f"secret of {name}", **fields}
        return name

    def allow(self, address: str, nick: str = "anna") -> str:
        """What the user does on the page of an address: says yes, and reads the PIN."""
        query = dict(parse_qsl(address.partition("?")[2]))
        assert query["mode"] == "desktop"
        self.tokens[query["oauth_token"]] |= {"nick": nick, "verifier": "1234567"}
        return "1234567"

    # ------------------------------------------------------------ reading

    def status(self, notice: Notice, me: Person) -> dict[str, Any]:
        repeated = self.notices.get(notice.repeats) if notice.repeats else None
        parent = self.notices.get(notice.parent)
        whole: dict[str, Any] = {
            "id": notice.id,
            "text": f"RT @{repeated.person.nick} {repeated.text}"[:140] if repeated else notice.text,
            "statusnet_html": html.escape(notice.text),
            "created_at": stamp(notice.at),
            "truncated": False,
            "source": "activity" if notice.deed else notice.source,
            "in_reply_to_status_id": notice.parent or None,
            "in_reply_to_user_id": parent.person.id if parent else None,
            "in_reply_to_screen_name": parent.person.nick if parent else None,
            "geo": None,
            "favorited": me.id in notice.likes,
            "repeated": any(n.repeats == notice.id and n.person is me for n in self.notices.values()),
            "user": user(notice.person, self.url),
            "attachments": [{"url": url, "mimetype": "image/png", "size": 3} for url in notice.files],
        }
        if self.behaviour.conversations:
            whole["statusnet_conversation_id"] = notice.conversation
        if self.behaviour.uris:
            what = "fave" if notice.deed else f"noticeId={notice.id}:objectType=note"
            whole["uri"] = f"tag:127.0.0.1,2026-11-24:{what}"
        if repeated:
            whole["retweeted_status"] = self.status(repeated, me)
        return whole

    def _list(self, request: Request, me: Person, wanted: Callable[[Notice], bool]) -> Reply:
        """Newest first by time, then id; bounds are turned into times, and vanish with their notice."""
        query = request.query
        found = sorted((n for n in self.notices.values() if wanted(n)), key=lambda n: n.place, reverse=True)
        since = self.notices.get(int(query.get("since_id", 0)))
        until = self.notices.get(int(query.get("max_id", 0)))
        found = [n for n in found if not since or n.place > since.place]
        found = [n for n in found if not until or n.place <= until.place]
        count = min(int(query.get("count", 20)), 200)
        start = (int(query.get("page", 1)) - 1) * count
        return Reply(200, [*self.nonsense, *(self.status(n, me) for n in found[start : start + count])])

    def _home(self, request: Request, parts: list[str], me: Person) -> Reply:
        seen = {me.nick, *me.follows}
        return self._list(request, me, lambda n: n.person.nick in seen)

    def _mentions(self, request: Request, parts: list[str], me: Person) -> Reply:
        """One's own words to oneself stand among them."""

        def concerns(notice: Notice) -> bool:
            parent = self.notices.get(notice.parent)
            return f"@{me.nick}" in notice.text or (parent is not None and parent.person is me)

        return self._list(request, me, concerns)

    def _user_timeline(self, request: Request, parts: list[str], me: Person) -> Reply:
        person = next(p for p in self.people.values() if str(p.id) == parts[2]) if len(parts) > 2 else me
        return self._list(request, me, lambda n: n.person is person)

    def _conversation(self, request: Request, parts: list[str], me: Person) -> Reply:
        if not self.behaviour.conversations:
            return PAGE
        return self._list(request, me, lambda n: n.conversation == int(parts[2]))

    def _search(self, request: Request, parts: list[str], me: Person) -> Reply:
        query, count = request.query["q"], min(int(request.query.get("rpp", 15)), 100)
        start = (int(request.query.get("page", 1)) - 1) * count
        matching = [n for n in self.notices.values() if query.lower() in n.text.lower() and not n.repeats]
        found = sorted(matching, key=lambda n: n.place, reverse=True)[start : start + count]
        if self.behaviour.search_array:
            return Reply(200, [self.status(n, me) for n in found])
        results = [
            {
                "id": n.id,
                "text": n.text,
                "from_user": n.person.nick,
                "from_user_id": n.person.id,
                "to_user_id": None,
                "iso_language_code": "sv",
                "source": n.source,
                "created_at": search_stamp(n.at),
            }
            for n in found
        ]
        return Reply(
            200, {"results": results, "max_id": 0, "since_id": 0, "page": 1, "completed_in": 0.1, "query": query}
        )

    def _one(self, number: str) -> Notice:
        notice = self.notices.get(int(number))
        if notice is None:
            gone = int(number) in self.deleted
            raise Refusal(self.behaviour.gone if gone else 404, "Status deleted." if gone else "No such notice.")
        return notice

    # ------------------------------------------------------------ writing

    def _update(self, request: Request, parts: list[str], me: Person) -> Reply:
        form, b = request.form, self.behaviour
        text = form.get("status", "").strip()
        ids = [one for one in form.get("media_ids", "").split(",") if one]
        if not text and not ids:
            raise Refusal(400, 'Client must provide a "status" parameter with a value.')
        if b.commands and obeyed(text):
            self.obeyed.append(text)
            own = sorted((n for n in self.notices.values() if n.person is me), key=lambda n: n.place)
            return Reply(200, self.status(own[-1], me) if own else None)
        if b.commands:
            text = html.unescape(text)
            longest = int(self.settings.get("url.maxurllength", 100))
            text = re.sub(r"https?://\S+", lambda m: m[0] if len(m[0]) <= longest else "https://is.gd/abc", text)
        text = " ".join([text, *(self.files[one] for one in ids)]).strip()
        limit = int(self.settings.get("notice.contentlimit") or self.settings.get("site.textlimit", b.limit))
        if limit and len(text) > limit:
            raise Refusal(b.too_long, f"That's too long. Maximum notice size is {limit} characters.")
        if self.throttled:
            raise Refusal(400, TOO_FAST)
        recent = [n for n in self.by(me, text) if (now() - n.at).total_seconds() < self.dupelimit]
        if recent:
            raise Refusal(400, DUPLICATE)
        parent = int(form.get("in_reply_to_status_id", 0))
        source = form.get("source", "api")
        files = [self.files[one] for one in ids]
        return Reply(200, self.status(self.write(me, text, parent=parent, source=source, files=files), me))

    def _upload(self, request: Request, parts: list[str], me: Person) -> Reply:
        assert b'name="media"' in request.body
        number = next(self._numbers)
        self.files[str(number)] = f"{self.url}/attachment/{number}"
        return Reply(200, {"media_id": number, "media_id_string": str(number), "media_url": self.files[str(number)]})

    def _destroy(self, request: Request, parts: list[str], me: Person) -> Reply:
        notice = self._one(parts[2])
        if notice.person is not me:
            raise Refusal(403, "You may not delete another user's status.")
        gone = self.status(notice, me)
        self.remove(notice.id)
        return Reply(200, gone)

    def _like(self, number: str, me: Person, on: bool) -> Reply:
        notice = self._one(number)
        if (me.id in notice.likes) is on:
            raise Refusal(403, "This status is already a favorite." if on else "That status is not a favorite.")
        (notice.likes.add if on else notice.likes.discard)(me.id)
        if on and self.behaviour.deeds:
            self.write(me, f"{me.nick} favorited something by {notice.person.nick}: {notice.text}", deed=True)
        return Reply(200, self.status(notice, me))

    def _retweet(self, request: Request, parts: list[str], me: Person) -> Reply:
        notice = self._one(parts[2])
        if notice.person is me:
            raise Refusal(400, "Cannot repeat your own notice.")
        if any(n.repeats == notice.id and n.person is me for n in self.notices.values()):
            raise Refusal(400, "You already repeated that notice.")
        return Reply(200, self.status(self.write(me, "", repeats=notice.id), me))


def later(seconds: float) -> datetime:
    return now() + timedelta(seconds=seconds)
