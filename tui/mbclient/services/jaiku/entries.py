"""An entry of the API as a `Post` (facts/jaiku.md 4): posts, comments, channel posts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote

from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.post import Author, Counts, Post, PostKind, Visibility
from mbclient.domain.safetext import SafeText
from mbclient.services.addresses import web_link
from mbclient.services.fields import Garbage, number, obj, string
from mbclient.services.plainwords import links_in, tags_in

_UUID = re.compile(r"[0-9a-f]{1,64}\Z")
_KEY = re.compile(r"stream/([^/\s]{1,200})/([^/\s]{1,100})/([0-9a-f]{1,64})\Z")
_STREAM = re.compile(r"stream/([^/\s]{1,200})/([^/\s]{1,100})\Z")
_NICK = re.compile(r"#?[A-Za-z0-9_]{1,60}(?:@[A-Za-z0-9.-]{1,200})?\Z")
_ID = re.compile(r"([^/\s]{1,200})/([0-9a-f]{1,64})(?:/([0-9a-f]{1,64}))?\Z")
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d)[:-](\d\d)[:-](\d\d)(\.\d{1,6})?Z?\Z")

Raw = Mapping[str, object]


def entry_time(value: object) -> datetime | None:
    """`2026-11-23 19:06:22.367272`, without the fraction when that is zero, or a feed's `2026-11-23T19-06-22Z`; UTC."""
    found = _TIME.match(value) if isinstance(value, str) else None
    if not found:
        return None
    day, hour, minute, second, fraction = found.groups()
    try:
        return datetime.fromisoformat(f"{day}T{hour}:{minute}:{second}{(fraction or '.0').ljust(7, '0')}+00:00")
    except ValueError:
        return None


def time_param(at: datetime) -> str:
    """As requests have it: no fraction, no zone, UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


@dataclass(frozen=True, slots=True)
class Name:
    """What a post is called here: whose stream it is in, its uuid, a comment's own uuid (`owner/uuid[/comment]`)."""

    owner: str
    uuid: str
    comment: str = ""

    def __str__(self) -> str:
        return "/".join(part for part in (self.owner, self.uuid, self.comment) if part)

    @property
    def own(self) -> str:
        """The entry's own uuid."""
        return self.comment or self.uuid

    @property
    def parent(self) -> str:
        """The commented post's name; empty for what is no comment."""
        return f"{self.owner}/{self.uuid}" if self.comment else ""

    @property
    def stream(self) -> str:
        return f"stream/{self.owner}/presence"

    @property
    def entry(self) -> str:
        """The key of the post, or of the one that the comment is on."""
        return f"{self.stream}/{self.uuid}"

    @property
    def uri(self) -> str:
        return f"jaiku:{self.entry}" + (f"#c-{self.comment}" if self.comment else "")

    def url(self, base: str) -> str:
        """The permalink."""
        nick = self.owner.partition("@")[0]
        kind, nick = ("channel", nick[1:]) if nick.startswith("#") else ("user", nick)
        anchor = f"#c-{self.comment}" if self.comment else ""
        return web_link(f"{base}/{kind}/{quote(nick, safe='')}/presence/{self.uuid}{anchor}")

    @classmethod
    def read(cls, remote_id: str) -> Name | None:
        found = _ID.match(remote_id)
        return cls(found[1], found[2], found[3] or "") if found else None


@dataclass(frozen=True, slots=True)
class Decoder:
    """Knows for whom: account and service, the site's address, and who sees the account's posts."""

    account: str
    service: str
    base: str
    me: str = ""
    visibility: Visibility = Visibility.PUBLIC

    def post(self, raw: object) -> Post:
        """Raises `Garbage`."""
        entry = obj(raw)
        name, at = name_of(entry), entry_time(entry.get("created_at"))
        actor, extra = string(entry, "actor"), obj(entry.get("extra"))
        if name is None or at is None or not _NICK.match(actor):
            raise Garbage("an entry without name, time or author")
        if entry.get("deleted_at"):
            raise Garbage("a deleted entry")
        text = extra.get("content") if name.comment else extra.get("title")
        if not isinstance(text, str):
            raise Garbage("an entry without text")
        return self.made(name, at, self.author(actor), text, comments=number(extra, "comment_count"))

    def made(self, name: Name, at: datetime, author: Author, raw_text: str, *, comments: int = 0) -> Post:
        text = SafeText(raw_text)
        return Post(
            account=self.account,
            service=self.service,
            remote_id=str(name),
            uri=name.uri,
            author=author,
            text=text,
            created_at=at,
            url=name.url(self.base),
            kind=PostKind.REPLY if name.comment else PostKind.POST,
            in_reply_to=name.parent or None,
            visibility=self.visibility if author.remote_id == self.me else Visibility.PUBLIC,
            links=links_in(text),
            tags=tags_in(text),
            counts=Counts(replies=comments),
        )

    def author(self, nick: str, name: str = "", avatar: object = None) -> Author:
        handle = SafeText.line(nick)
        words = SafeText.line(name, max_characters=200).strip()
        short = nick.partition("@")[0]
        return Author(
            handle=handle,
            name=SafeText.line(words or short),
            url=web_link(f"{self.base}/user/{quote(short, safe='')}"),
            remote_id=nick,
            avatar=web_link(avatar),
        )


def name_of(entry: Raw) -> Name | None:
    """A comment is named under its parent's key, anything else under its stream's owner."""
    uuid = string(entry, "uuid")
    if not _UUID.match(uuid):
        return None
    parent = _KEY.match(string(entry, "entry"))
    if parent:
        return Name(parent[1], parent[3], uuid)
    if entry.get("entry"):
        return None
    stream = _STREAM.match(string(entry, "stream"))
    owner = stream[1] if stream else string(entry, "owner")
    return Name(owner, uuid) if _NICK.match(owner) else None


def is_own_deed(entry: Raw, me: str) -> bool:
    """A post or comment by the account; what the server fetched from elsewhere for it is none."""
    if string(entry, "actor") != me:
        return False
    return bool(entry.get("entry")) or string(entry, "stream").endswith("/presence")
