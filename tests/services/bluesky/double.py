"""A PDS with its AppView in miniature, on 127.0.0.1, for what the real ones cannot be made to do: fail on demand.

    async with Double() as double:
        double.write(double.other, "Hej")
        double.fault("com.atproto.repo.putRecord", "drop-after")   # stored, and the answer is lost

It is the tests' own, written from the Bluesky facts: names, statuses and the table of repeated writes are those that
were measured on the real PDS, and the same contract suite runs against both.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.services import doubles
from tests.services.bluesky.records import LIKE, POST, REPOST, Object, Person, Record, RefusedError, World, cid_of
from tests.services.wire import Reply, Request

APP_PASSWORD = "abcd-efgh-2345-wxyz"
ME, OTHER = "did:plc:" + "m" * 24, "did:plc:" + "o" * 24


@dataclass(slots=True)
class Fault:
    """What goes wrong with the next call of `nsid` ("" = any). kind: error, garbage, drop-before, drop-after."""

    nsid: str
    kind: str
    status: int = 400
    name: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    message: str = "it went wrong"


class Double(doubles.Double):
    """The server. `me` has the app password and follows `other`."""

    def __init__(self) -> None:
        super().__init__()
        self.me = Person(ME, "anna.test", "Anna Ek")
        self.other = Person(OTHER, "bo.test", "Bo")
        self.world = World(self.me, self.other)
        self.faults: list[Fault] = []
        self.notifications: list[Object] = []
        self.seen = ""
        self.preferences: list[object] = []
        self.access: set[str] = set()
        self.expired: set[str] = set()
        self.refreshes: dict[str, str] = {}  # refresh token → its successor, "" until it is used
        self.has_bookmarks = True
        self.appview = True
        self._numbers = itertools.count(1)
        self._tokens()

    # ------------------------------------------------------------ the test's hands

    def write(self, person: Person, text: str, **fields: object) -> Record:
        """A post from outside the client."""
        value = {"text": text, "createdAt": self.world.now(), **fields}
        return self.world.put(person.did, POST, self.world.tid(), value)[0]

    def fault(self, nsid: str, kind: str, status: int = 400, name: str = "", **headers: str) -> None:
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        self.faults.append(Fault(nsid, kind, status, name, named))

    def expire(self) -> None:
        """Every access token given out until now is too old."""
        self.expired |= self.access

    def revoke(self) -> None:
        """The app password was withdrawn: no token is good any more."""
        self.expire()
        self.refreshes.clear()

    def calls(self, nsid: str) -> int:
        return sum(1 for request in self.wire.requests if request.path == f"/xrpc/{nsid}")

    # ------------------------------------------------------------ the wire

    async def _handle(self, request: Request) -> Reply:
        nsid = request.path.removeprefix("/xrpc/")
        fault = next((fault for fault in self.faults if fault.nsid in ("", nsid)), None)
        if fault is not None:
            self.faults.remove(fault)
            if fault.kind == "error":
                return Reply(fault.status, {"error": fault.name, "message": fault.message}, fault.headers)
            if fault.kind == "garbage":
                return Reply(200, b"<html>a proxy's page</html>", {"Content-Type": "text/html"})
            if fault.kind == "drop-before":
                return Reply(drop=True)
        try:
            reply = Reply(200, self._answer(nsid, request))
        except RefusedError as error:
            reply = Reply(error.status, {"error": error.name, "message": error.message})
        return Reply(drop=True) if fault is not None else reply

    def _answer(self, nsid: str, request: Request) -> object:
        public: dict[str, Callable[[], object]] = {
            "_health": lambda: {"version": "0.0.0-double"},
            "com.atproto.identity.resolveHandle": lambda: self._resolve(request.query["handle"]),
            "com.atproto.server.createSession": lambda: self._log_in(request.json),
            "com.atproto.server.refreshSession": lambda: self._refresh(_token(request)),
            "com.atproto.server.deleteSession": lambda: self._end(_token(request)),
        }
        if nsid in public:
            return public[nsid]()
        self._authorize(_token(request))
        if request.method == "POST":
            return self._write(nsid, request)
        if nsid.startswith("app.bsky.") and not self.appview:
            raise RefusedError(502, "UpstreamFailure")
        return self._read(nsid, request)

    def _resolve(self, handle: str) -> Object:
        for person in self.world.people.values():
            if person.handle == handle:
                return {"did": person.did}
        raise RefusedError(400, "HandleNotFound", "Unable to resolve handle")

    # ------------------------------------------------------------ sessions

    def _tokens(self) -> Object:
        number = next(self._numbers)
        access, refresh = f"access-{number}", f"refresh-{number}"
        self.access.add(access)
        self.refreshes[refresh] = ""
        return {"accessJwt": access, "refreshJwt": refresh, "did": ME, "handle": self.me.handle, "active": True}

    def _log_in(self, body: Object) -> Object:
        if body["identifier"] not in (ME, self.me.handle) or body["password"] != APP_PASSWORD:
            raise RefusedError(401, "AuthenticationRequired", "Invalid identifier or password")
        return self._tokens()

    def _refresh(self, token: str) -> Object:
        if token not in self.refreshes:
            raise RefusedError(400, "ExpiredToken", "Token has been revoked")
        successor = self.refreshes[token]
        if successor:  # the grace: the same next token again, and a new access token
            access = f"access-{next(self._numbers)}"
            self.access.add(access)
            return {"accessJwt": access, "refreshJwt": successor, "did": ME, "handle": self.me.handle}
        made = self._tokens()
        self.refreshes[token] = made["refreshJwt"]
        return made

    def _end(self, token: str) -> None:
        if self.refreshes.pop(token, None) is None:
            raise RefusedError(400, "ExpiredToken", "Token has been revoked")

    def _authorize(self, token: str) -> None:
        if not token:
            raise RefusedError(401, "AuthMissing", "Authentication Required")
        if token not in self.access:
            raise RefusedError(400, "InvalidToken", "Token could not be verified")
        if token in self.expired:
            raise RefusedError(400, "ExpiredToken", "Token has expired")

    # ------------------------------------------------------------ reading

    def _read(self, nsid: str, request: Request) -> object:
        query = request.query
        if nsid == "com.atproto.server.getSession":
            return {"did": ME, "handle": self.me.handle, "active": True}
        if nsid == "com.atproto.repo.getRecord":
            record = self.world.record(f"at://{query['repo']}/{query['collection']}/{query['rkey']}")
            if record is None:
                raise RefusedError(400, "RecordNotFound", "Could not locate record")
            return record.ref | {"value": record.value}
        if nsid == "com.atproto.repo.listRecords":
            records = self.world.people[query["repo"]].records(query["collection"])
            return _slice("records", [record.ref | {"value": record.value} for record in records], query)
        if nsid == "app.bsky.feed.getTimeline":
            posts = [{"post": self.world.view(post, self.me)} for post in self._visible()]
            return _slice("feed", [*self.nonsense, *posts], query)
        if nsid == "app.bsky.feed.searchPosts":
            word = query["q"].lower()
            hits = [post for post in self._visible() if word in post.value["text"].lower()]
            return _slice("posts", [self.world.view(post, self.me) for post in hits], query)
        if nsid == "app.bsky.feed.getPosts":
            wanted = [value for name, value in parse_qsl(urlsplit(request.target).query) if name == "uris"]
            return {"posts": [self.world.view(post, self.me) for post in self._visible() if post.uri in wanted]}
        if nsid == "app.bsky.feed.getPostThread":
            return self._thread(query["uri"])
        if nsid == "app.bsky.actor.getPreferences":
            return {"preferences": self.preferences}
        if nsid == "app.bsky.notification.listNotifications":
            if not self.seen:
                return _slice("notifications", self.notifications, query)
            read = [each | {"isRead": str(self.seen) > each["indexedAt"]} for each in self.notifications]
            return _slice("notifications", read, query) | {"seenAt": self.seen}
        if nsid == "app.bsky.bookmark.getBookmarks" and self.has_bookmarks:
            return {"bookmarks": []}
        raise RefusedError(501, "MethodNotImplemented", "Method Not Implemented")

    def _visible(self) -> list[Record]:
        return [post for post in self.world.all_posts() if post.uri not in self.world.hidden]

    def _thread(self, uri: str) -> Object:
        record = self.world.record(uri)
        if record is None:
            raise RefusedError(400, "NotFound", f"Post not found: {uri}")
        node = below = self.world.node(record, self.me)
        while (parent := self.world.parent(record)) is not None:
            below["parent"] = {"post": self.world.view(parent, self.me)}
            record, below = parent, below["parent"]
        return {"thread": node}

    # ------------------------------------------------------------ writing

    def _write(self, nsid: str, request: Request) -> object:
        if nsid == "com.atproto.repo.uploadBlob":
            mime, link = request.headers["content-type"], cid_of(request.body.hex())
            self.world.blobs[link] = len(request.body)
            return {"blob": {"$type": "blob", "ref": {"$link": link}, "mimeType": mime, "size": len(request.body)}}
        body = request.json
        if nsid == "com.atproto.repo.putRecord":
            return self._put(body)
        if nsid == "com.atproto.repo.createRecord":
            return self._create(body)
        if nsid == "com.atproto.repo.deleteRecord":
            self.world.delete(f"at://{body['repo']}/{body['collection']}/{body['rkey']}")
            return {}
        if nsid == "app.bsky.notification.updateSeen":
            self.seen = body["seenAt"]
            return None
        if nsid == "app.bsky.bookmark.createBookmark" and self.has_bookmarks:
            self.world.bookmarks.add(body["uri"])
            return None
        if nsid == "app.bsky.bookmark.deleteBookmark" and self.has_bookmarks:
            self.world.bookmarks.discard(body["uri"])
            return None
        raise RefusedError(501, "MethodNotImplemented", "Method Not Implemented")

    def _put(self, body: Object) -> Object:
        """The table of repeated writes: same bytes, no commit; other bytes under swapRecord null, InvalidSwap."""
        uri = f"at://{body['repo']}/{body['collection']}/{body['rkey']}"
        before = self.world.record(uri)
        same = before is not None and before.cid == cid_of({"$type": body["collection"]} | body["record"])
        if before is not None and not same and "swapRecord" in body and body["swapRecord"] != before.cid:
            raise RefusedError(400, "InvalidSwap", f"Record was at {before.cid}")
        record, changed = self.world.put(body["repo"], body["collection"], body["rkey"], body["record"])
        return record.ref | ({"commit": {"cid": record.cid, "rev": "3kaaaaaaaaa2a"}} if changed else {})

    def _create(self, body: Object) -> Object:
        """A second like or repost of the same subject takes the first one's place."""
        if body["collection"] in (LIKE, REPOST):
            old = self.world.subject(self.me, body["collection"], body["record"]["subject"]["uri"])
            if old:
                self.world.delete(old)
        record, _changed = self.world.put(body["repo"], body["collection"], self.world.tid(), body["record"])
        return record.ref


def _token(request: Request) -> str:
    return request.headers.get("authorization", "").removeprefix("Bearer ")


def _slice(name: str, items: list[Any], query: dict[str, str]) -> Object:
    """A page; cursors are numbers of items from the top, which is enough where nothing is added meanwhile."""
    start, size = int(query.get("cursor", "0")), int(query.get("limit", "50"))
    rest = items[start + size :]
    return {name: items[start : start + size]} | ({"cursor": str(start + size)} if rest else {})
