"""The double's repositories and the views that an AppView would make of them."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import grapheme

POST, LIKE, REPOST = "app.bsky.feed.post", "app.bsky.feed.like", "app.bsky.feed.repost"
ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"
Object = dict[str, Any]


def cid_of(value: object) -> str:
    """A content hash in the form of a CID; the order of keys does not matter."""
    digest = hashlib.sha256(json.dumps(value, sort_keys=True).encode()).digest()
    return "bafyrei" + base64.b32encode(digest).decode().lower().rstrip("=")


class RefusedError(Exception):
    """An XRPC error: status, name, message."""

    def __init__(self, status: int, name: str, message: str = "") -> None:
        super().__init__(name)
        self.status, self.name, self.message = status, name, message


@dataclass(slots=True)
class Record:
    """One record of a repository."""

    uri: str
    cid: str
    value: Object
    indexed: str

    @property
    def ref(self) -> Object:
        return {"uri": self.uri, "cid": self.cid}


@dataclass(slots=True)
class Person:
    """An account and its repository: collection → key → record."""

    did: str
    handle: str
    name: str = ""
    repo: dict[str, dict[str, Record]] = field(default_factory=dict)
    labels: list[Object] = field(default_factory=list)

    def records(self, collection: str) -> list[Record]:
        """Newest key first, as listRecords has them."""
        return [record for _key, record in sorted(self.repo.get(collection, {}).items(), reverse=True)]

    @property
    def view(self) -> Object:
        return {"did": self.did, "handle": self.handle, "displayName": self.name, "labels": self.labels}


class World:
    """Everybody's records, and the rules of the lexicon that the tests lean on."""

    def __init__(self, *people: Person) -> None:
        self.people = {person.did: person for person in people}
        self.bookmarks: set[str] = set()
        self.blobs: dict[str, int] = {}
        self.hidden: set[str] = set()  # addresses that the AppView does not know yet
        self._clock = itertools.count(int(time.time() * 1_000_000))

    def tid(self) -> str:
        number = next(self._clock) << 10
        return "".join(ALPHABET[number >> shift & 31] for shift in range(60, -1, -5))

    def now(self) -> str:
        micros = next(self._clock)
        return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(micros // 1_000_000))}.{micros % 1_000_000:06d}Z"

    def put(self, did: str, collection: str, key: str, value: Object) -> tuple[Record, bool]:
        """(the record, whether anything changed). Raises `RefusedError` for what the lexicon forbids."""
        value = {"$type": collection} | value
        self._check(collection, key, value)
        shelf = self.people[did].repo.setdefault(collection, {})
        cid = cid_of(value)
        if key in shelf and shelf[key].cid == cid:
            return shelf[key], False
        shelf[key] = Record(f"at://{did}/{collection}/{key}", cid, value, self.now())
        return shelf[key], True

    def _check(self, collection: str, key: str, value: Object) -> None:
        if len(key) != 13 or set(key) - set(ALPHABET):
            raise RefusedError(400, "InvalidRequest", f"Invalid record key for {collection}: Invalid TID string")
        stamp = value.get("createdAt")
        if not isinstance(stamp, str) or datetime.fromisoformat(stamp).tzinfo is None:
            raise RefusedError(400, "InvalidRequest", "Invalid datetime at $.record.createdAt")
        if collection != POST:
            return
        length, size = grapheme.length(value["text"]), len(value["text"].encode())
        if length > 300:
            message = f"grapheme too big (maximum 300, got {length}) at $.record.text"
            raise RefusedError(400, "InvalidRequest", message)
        if size > 3000:
            raise RefusedError(400, "InvalidRequest", f"string too big (maximum 3000, got {size}) at $.record.text")
        embed = value.get("embed", {})
        for image in (embed.get("media") or embed).get("images", []):
            link = image["image"]["ref"]["$link"]
            if link not in self.blobs:
                raise RefusedError(400, "BlobNotFound", f"Could not find blob: {link}")
            if self.blobs[link] > 2_000_000:
                raise RefusedError(400, "InvalidRequest", "blob too big (maximum 2000000) at $.record.embed")

    def delete(self, uri: str) -> None:
        did, collection, key = uri.removeprefix("at://").split("/")
        self.people[did].repo.get(collection, {}).pop(key, None)

    def record(self, uri: str) -> Record | None:
        did, collection, key = uri.removeprefix("at://").split("/")
        person = self.people.get(did)
        return person.repo.get(collection, {}).get(key) if person else None

    def owner(self, uri: str) -> Person:
        return self.people[uri.removeprefix("at://").split("/")[0]]

    def all_posts(self) -> list[Record]:
        """Newest first by the time that Bluesky sorts by."""
        posts = [record for person in self.people.values() for record in person.records(POST)]
        return sorted(posts, key=lambda record: min(record.value["createdAt"], record.indexed), reverse=True)

    def subject(self, person: Person, collection: str, uri: str) -> str:
        """The address of the person's like or repost of a post; empty for none."""
        return next((made.uri for made in person.records(collection) if made.value["subject"]["uri"] == uri), "")

    def view(self, record: Record, viewer: Person) -> Object:
        like, repost = (self.subject(viewer, kind, record.uri) for kind in (LIKE, REPOST))
        state: Object = {"bookmarked": record.uri in self.bookmarks}
        state |= {"like": like} if like else {}
        state |= {"repost": repost} if repost else {}
        view = record.ref | {
            "$type": "app.bsky.feed.defs#postView",
            "author": self.owner(record.uri).view,
            "record": record.value,
            "indexedAt": record.indexed,
            "viewer": state,
            "labels": [],
            "replyCount": 0,
            "repostCount": 0,
            "likeCount": 0,
        }
        embed = record.value.get("embed", {})
        if embed.get("$type") == "app.bsky.embed.record":
            quoted = self.record(embed["record"]["uri"])
            if quoted is not None:
                shown = quoted.ref | {"$type": "app.bsky.embed.record#viewRecord", "value": quoted.value}
                shown |= {"author": self.owner(quoted.uri).view}
                view["embed"] = {"$type": "app.bsky.embed.record#view", "record": shown}
        return view

    def parent(self, record: Record) -> Record | None:
        uri = record.value.get("reply", {}).get("parent", {}).get("uri", "")
        return self.record(uri) if uri else None

    def node(self, record: Record, viewer: Person) -> Object:
        """The threadViewPost of a post with everything below it."""
        answers = [post for post in self.all_posts() if self.parent(post) is record]
        return {
            "$type": "app.bsky.feed.defs#threadViewPost",
            "post": self.view(record, viewer),
            "replies": [self.node(answer, viewer) for answer in answers],
        }
