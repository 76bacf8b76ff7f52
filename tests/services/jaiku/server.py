"""A JaikuEngine of the tests' own, with its traps: every answer 200, posts cut at 140, channels made by hashtags.

    async with JaikuServer() as server:
        server.write("bo", "Hej")                   # anna follows bo; her token is "anna-token"
        server.fault("entry_get_actor_overview", 9)

Written from facts/jaiku.md; a running engine was measured for them, and none is to be had for the tests.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode
from uuid import uuid4
from xml.sax.saxutils import escape

from tests.services.doubles import Double
from tests.services.gnusocial.shapes import signature
from tests.services.jaiku.shapes import Actor, Entry, entry_json, feed_item, full, whole_feed
from tests.services.wire import Reply, Request

HTML = {"Content-Type": "text/html; charset=utf-8"}
CONSUMER = ("consumer", "consumer-secret")
PAGE = Reply(404, b"<html>not here</html>", HTML)
_CHANNEL = re.compile(r"#([A-Za-z][A-Za-z0-9]*)(?:@[\w.-]+)?:?\s+(.+)", re.DOTALL)


class Fail(Exception):
    def __init__(self, code: int, message: str, *, field: str = "message") -> None:
        super().__init__(message)
        self.body = {"status": "error", "code": code, field: message}


@dataclass(slots=True)
class Fault:
    """What goes wrong with the next call of a method or path: an error's code, or drop-after, garbage, or a status."""

    name: str
    kind: str | int
    status: int = 503
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)


class JaikuServer(Double):
    """The engine's state and its methods."""

    def __init__(self) -> None:
        super().__init__()
        self.actors = {
            name: Actor(full(name), given, "Ek" if name == "anna" else "") for name, given in
            (("anna", "Anna"), ("bo", "Bo"), ("eva", "Eva"), ("#infosec", ""))
        }  # fmt: skip
        self.follows = {full("bo")}
        self.entries: dict[str, Entry] = {}
        self.tokens: dict[str, dict[str, str]] = {
            "anna-token": {"nick": "anna", "secret": "anna-secret", "perms": "write"}
        }
        self.faults: list[Fault] = []
        self.clock_off = timedelta()
        self.per_minute = 0  # 0: nobody counts
        self.posted: Counter[str] = Counter()
        self.calls: list[str] = []
        self._numbers = itertools.count(1)

    # ------------------------------------------------------------ what tests do past the API

    def write(self, who: str, text: str, **fields: Any) -> Entry:
        """`parent`: the entry that is commented; `owner`: a channel; `kind`: another stream than presence."""
        parent: Entry | None = fields.pop("parent", None)
        uuid = fields.pop("uuid", "") or uuid4().hex
        at = fields.pop("at", None) or datetime.now(UTC)
        owner = parent.owner if parent else full(fields.pop("owner", who))
        entry = Entry(uuid, owner, full(who), text, at, parent.key if parent else "", next(self._numbers), **fields)
        if parent:
            parent.comments += 1
        self.entries[uuid] = entry
        return entry

    def name(self, entry: Entry) -> str:
        """What the adapter calls it."""
        parent = entry.parent.rpartition("/")[2]
        return f"{entry.owner}/{parent}/{entry.uuid}" if parent else f"{entry.owner}/{entry.uuid}"

    def by(self, who: str, text: str) -> list[Entry]:
        return [e for e in self.entries.values() if e.actor == full(who) and e.text == text and not e.deleted]

    def fault(self, name: str, kind: str | int, **more: Any) -> None:
        self.faults.append(Fault(name, kind, **more))

    # ------------------------------------------------------------ the way in

    async def _handle(self, request: Request) -> Reply:
        name = request.form.get("method", "") if request.path == "/api/json" else request.path
        self.calls.append(name)
        fault = next((f for f in self.faults if f.name == name), None)
        if fault:
            self.faults.remove(fault)
            if isinstance(fault.kind, int):
                return Reply(200, Fail(fault.kind, "no \x1b[31mway").body, HTML)
            if fault.kind == "garbage":
                return Reply(200, b"<html>Over quota</html>", HTML)
            if fault.kind == "status":
                return Reply(fault.status, fault.body, {**HTML, **fault.headers})
        reply = self._route(request, name)
        date = format_datetime(datetime.now(UTC) + self.clock_off, usegmt=True)
        reply = replace(reply, headers={"Date": date, **reply.headers})
        return Reply(drop=True) if fault and fault.kind == "drop-after" else reply

    def _route(self, request: Request, name: str) -> Reply:
        if request.path in ("/api/request_token", "/api/access_token"):
            return self._oauth(request)
        if request.path == "/api/json":
            try:
                me = self._who(request)
                return Reply(200, {"status": "ok", "rv": self._call(name, request, me), "servertime": "now"}, HTML)
            except Fail as error:
                return Reply(200, error.body, HTML)
        return self._feed(request)

    # ------------------------------------------------------------ OAuth 1.0: no callback, no verifier

    def _signed(self, request: Request) -> dict[str, str]:
        header = request.headers.get("authorization", "")
        if not header.startswith("OAuth "):
            raise Fail(3, "no OAuth")
        fields = {name: unquote(value) for name, value in re.findall(r'(\w+)="([^"]*)"', header)}
        given = fields.pop("oauth_signature", "")
        assert not {"oauth_callback", "oauth_verifier"} & set(fields)
        secret = self.tokens.get(fields.get("oauth_token", ""), {"secret": ""})["secret"]
        pairs = [*fields.items(), *request.query.items(), *parse_qsl(request.body.decode(), keep_blank_values=True)]
        right = signature(request.method, self.url + request.path, pairs, (CONSUMER[1], secret))
        if fields.get("oauth_consumer_key") != CONSUMER[0] or given != right:
            raise Fail(3, "Invalid signature.")
        if abs(int(fields["oauth_timestamp"]) - (datetime.now(UTC) + self.clock_off).timestamp()) > 300:
            raise Fail(3, "Expired timestamp")
        return fields

    def _who(self, request: Request) -> str:
        token = self.tokens.get(self._signed(request).get("oauth_token", ""))
        if not token or not token["nick"]:
            raise Fail(3, "Invalid access token")
        if request.form.get("method") in ("post", "entry_add_comment") and token["perms"] == "read":
            raise Fail(4, "You need write permission")
        return full(token["nick"])

    def _oauth(self, request: Request) -> Reply:
        try:
            fields = self._signed(request)
        except Fail:
            return Reply(401, b"Invalid signature.", {"Content-Type": "text/plain"})
        name = f"token-{next(self._numbers)}"
        if request.path.endswith("request_token"):
            self.tokens[name] = {"nick": "", "secret": f"secret of {name}", "perms": "read"}
        else:
            allowed = self.tokens.get(fields["oauth_token"], {}).get("allowed")
            if not allowed:
                return Reply(500, b"<html>Server error</html>", HTML)
            self.tokens[name] = {**self.tokens.pop(fields["oauth_token"]), "nick": allowed}
        body = urlencode({"oauth_token": name, "oauth_token_secret": self.tokens[name]["secret"]})
        return Reply(200, body.encode(), HTML)

    def allow(self, address: str, nick: str = "anna") -> None:
        """What the user does on the page of an address: says yes."""
        query = dict(parse_qsl(address.partition("?")[2]))
        self.tokens[query["oauth_token"]] |= {"allowed": nick, "perms": query["perms"]}

    # ------------------------------------------------------------ methods

    def _call(self, name: str, request: Request, me: str) -> Any:
        methods: dict[str, Callable[[dict[str, str], str], Any]] = {
            "actor_get": self._actor,
            "presence_get": lambda p, me: {"presence": {"actor": me, "extra": self._one_actor(p["nick"]).presence}},
            "entry_get_actor_overview": self._overview,
            "entry_get_actor_overview_since": self._since,
            "entry_get_comments_with_entry_uuid": self._comments,
            "post": self._post,
            "entry_add_comment": self._comment,
        }
        if name not in methods:
            raise Fail(2, f"Invalid method: {name}")
        params = {key: value for key, value in request.form.items() if key != "method"}
        if name == "post" and "nick" not in params:
            raise Fail(6, "post() takes at least 2 non-keyword arguments (1 given)")
        return methods[name](params, me)

    def _one_actor(self, nick: str) -> Actor:
        found = next((actor for actor in self.actors.values() if actor.nick == full(nick)), None)
        if found is None:
            raise Fail(7, f"Actor not found: {nick}")
        return found

    def _actor(self, params: dict[str, str], me: str) -> Any:
        actor = self._one_actor(params["nick"])
        kind = "channel" if actor.nick.startswith("#") else "user"
        extra = {"given_name": actor.given_name, "family_name": actor.family_name, "follower_count": 1}
        return {"actor": {"nick": actor.nick, "type": kind, "privacy": actor.privacy, "extra": extra}}

    def _inbox(self, me: str) -> list[Entry]:
        """Mine, my contacts', my channels', and comments on what I wrote or commented."""
        own = [e for e in self.entries.values() if e.actor == me]
        followed = {e.key for e in own} | {e.parent for e in own if e.parent}
        seen = {me, *self.follows, *(actor.nick for actor in self.actors.values() if me in actor.members)}
        found = [e for e in self.entries.values() if (e.parent in followed if e.parent else {e.owner, e.actor} & seen)]
        return sorted(found, key=lambda e: (e.at, e.number), reverse=True)

    def _overview(self, params: dict[str, str], me: str) -> Any:
        """Newest first, at or before `offset`; what was deleted drops out after the page was cut."""
        if full(params["nick"]) != me:
            raise Fail(5, "Only the owner may see this")
        limit = max(1, min(int(params["limit"]), 100))
        found = self._inbox(me)
        if "offset" in params:
            found = [e for e in found if e.at <= _request_time(params["offset"])]
        return {"entries": [*self.nonsense, *(entry_json(e) for e in found[:limit] if not e.deleted)]}

    def _since(self, params: dict[str, str], me: str) -> Any:
        """Oldest first, at or after `since_time`."""
        if full(params["nick"]) != me:
            raise Fail(5, "Only the owner may see this")
        limit = max(1, min(int(params["limit"]), 100))
        found = [e for e in self._inbox(me)[::-1] if e.at >= _request_time(params["since_time"])]
        return {"entries": [entry_json(e) for e in found[:limit] if not e.deleted]}

    def _comments(self, params: dict[str, str], me: str) -> Any:
        entry = self.entries.get(params["entry_uuid"])
        if entry is None or entry.deleted:
            raise Fail(7, f"Entry not found: {params['entry_uuid']}")
        below = [e for e in self.entries.values() if e.parent == entry.key and not e.deleted]
        return {"comments": [entry_json(e) for e in sorted(below, key=lambda e: e.at)], "entry": entry_json(entry)}

    def _count(self, me: str) -> None:
        """A refused duplicate counts too."""
        self.posted[me] += 1
        if self.per_minute and self.posted[me] > self.per_minute:
            raise Fail(9, "You have been very active lately. Please wait a while.")

    def _unused(self, uuid: str) -> None:
        if uuid in self.entries:
            if self.entries[uuid].deleted:
                raise Fail(7, f"Entry not found: {uuid}")
            raise Fail(0, f"Duplicate entry, uuid {uuid} already used")

    def _post(self, params: dict[str, str], me: str) -> Any:
        self._count(me)
        uuid = params.get("uuid") or uuid4().hex
        text = params["message"].strip()
        if not text:
            raise Fail(0, "You must enter a message", field="msg")
        self._unused(uuid)
        channel = _CHANNEL.match(text)
        if channel:
            nick = full(f"#{channel[1]}")
            if len(channel[2]) > 140:
                raise Fail(0, "Message too long", field="msg")
            self.actors.setdefault(f"#{channel[1]}", Actor(nick, "", "")).members.add(me)
            return entry_json(self.write(me.partition("@")[0], channel[2], owner=f"#{channel[1]}", uuid=uuid))
        return entry_json(self.write(me.partition("@")[0], text[:140], uuid=uuid))

    def _comment(self, params: dict[str, str], me: str) -> Any:
        self._count(me)
        self._unused(params["uuid"])
        parent = next((e for e in self.entries.values() if e.key == params["entry"] and not e.deleted), None)
        if parent is None or params["stream"] != params["entry"].rpartition("/")[0]:
            raise Fail(7, f"Entry not found: {params['entry']}")
        if len(params["content"]) > 2000:
            raise Fail(0, "Comment too long", field="msg")
        return entry_json(self.write(me.partition("@")[0], params["content"], parent=parent, uuid=params["uuid"]))

    # ------------------------------------------------------------ feeds

    def _feed(self, request: Request) -> Reply:
        place, _slash, kind = request.path.strip("/").rpartition("/")
        entries = self._of(place)
        if entries is None or kind not in ("json", "atom"):
            return PAGE
        if "offset" in request.query:
            entries = [e for e in entries if int(e.at.timestamp()) <= int(request.query["offset"])]
        page = sorted(entries, key=lambda e: (e.at, e.number), reverse=True)[:20]
        if kind == "json":
            items = ["" if e.kind != "presence" and not e.parent else feed_item(e, self) for e in page]
            return Reply(200, whole_feed(items), {"Content-Type": "text/javascript"})
        return Reply(
            200, self._atom([e for e in page if e.kind == "presence"]), {"Content-Type": "application/atom+xml"}
        )

    def _of(self, place: str) -> list[Entry] | None:
        living = [e for e in self.entries.values() if not e.deleted]
        if place == "feed":
            return [e for e in living if not e.parent]
        kind, _slash, nick = place.partition("/")
        if kind == "user" and nick in self.actors:
            return [e for e in living if e.actor == full(nick)]
        if kind == "channel" and f"#{nick}" in self.actors:
            return [e for e in living if e.owner == full(f"#{nick}") and not e.parent]
        return None

    def _atom(self, page: list[Entry]) -> bytes:
        entries = "".join(
            f"<entry><id>{e.url(self.url)}</id><link rel='alternate' href='{e.url(self.url)}'/>"
            f"<title>{escape('Comment on something' if e.parent else e.text)}</title>"
            f"<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>{escape(e.text)}</div></content>"
            f"<published>{e.at.isoformat()}</published><author><name>{e.actor.partition('@')[0]}</name></author></entry>"
            for e in page
        )
        return f"<feed xmlns='http://www.w3.org/2005/Atom'><title>Jaiku</title>{entries}</feed>".encode()


def _request_time(text: str) -> datetime:
    """No fraction, no zone: anything else is refused."""
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", text), text
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
