"""A status, an account or a notification of the API, as the domain's own (Mastodon facts 3, 12, 13)."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field, replace
from typing import TypeVar

from mbclient.core.ports import Profile
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.poll import Choice, Poll
from mbclient.domain.post import (
    EMPTY,
    Author,
    Counts,
    Media,
    Mine,
    Notification,
    NotificationKind,
    Post,
    PostKind,
    Quoted,
    Visibility,
)
from mbclient.domain.safetext import SafeText
from mbclient.services.addresses import web_link
from mbclient.services.html import plain_text
from mbclient.services.mastodon.fields import (
    Garbage,
    counted,
    identity,
    instant,
    items,
    language,
    number,
    obj,
    string,
)
from mbclient.services.mastodon.matches import matching

VISIBILITIES = {
    Visibility.PUBLIC: "public",
    Visibility.UNLISTED: "unlisted",
    Visibility.FOLLOWERS: "private",
    Visibility.DIRECT: "direct",
}
_READ_AS = {name: visibility for visibility, name in VISIBILITIES.items()} | {
    "local": Visibility.FOLLOWERS,  # nobody beyond the server: the nearest narrower name
    "mutuals_only": Visibility.FOLLOWERS,
    "limited": Visibility.FOLLOWERS,
}
_KINDS = {
    "mention": NotificationKind.MENTION,
    "favourite": NotificationKind.LIKE,
    "reblog": NotificationKind.BOOST,
    "follow": NotificationKind.FOLLOW,
    "quote": NotificationKind.QUOTE,
}
_MEDIA = frozenset({"image", "video", "audio", "gifv"})
_QUOTE_LINE = frozenset({"quote-inline"})
MAX_LISTED = 100  # mentions, tags, attachments, options of one post

Raw = Mapping[str, object]
T = TypeVar("T")


def _visibility(status: Raw) -> Visibility:
    """A name that is not known is read as the narrowest; what stays on its server is no public post (facts 13)."""
    visibility = _READ_AS.get(string(status, "visibility"), Visibility.DIRECT)
    if status.get("local_only") is True and visibility.width < Visibility.FOLLOWERS.width:
        return Visibility.FOLLOWERS
    return visibility


def each(raw: Iterable[object], decode: Callable[[object], T]) -> list[T]:
    """All items that can be understood; one of nonsense takes none of its neighbours along."""
    good: list[T] = []
    for item in raw:
        with contextlib.suppress(Garbage):
            good.append(decode(item))
    return good


@dataclass(frozen=True, slots=True)
class Decoder:
    """Knows whose eyes these are: `account` and `service` by our names, the server's `domain`, my own remote id.

    `met_filters` takes the ids of the filters that statuses name.
    """

    account: str
    domain: str
    me: str = ""
    service: str = "mastodon"
    met_filters: set[str] = field(default_factory=set)

    def post(self, raw: object) -> Post:
        """A status, or the boosted status of a wrapper. Raises `Garbage`."""
        status = obj(raw)
        boosted = obj(status.get("reblog"))
        if not boosted:
            return self._status(status)
        wrapper = identity(status)
        at = instant(status.get("created_at"))
        if not wrapper or at is None:
            raise Garbage("a boost without id or time")
        # what matches the boosted status stands at both, or at one of them
        post = self._status({**boosted, "filtered": [*items(boosted.get("filtered")), *items(status.get("filtered"))]})
        by = self.author(status.get("account"))
        mine = replace(post.mine, boosted=True, boost_ref=wrapper) if by.remote_id == self.me else post.mine
        return replace(post, kind=PostKind.BOOST, boosted_by=by, boost_id=wrapper, boosted_at=at, mine=mine)

    def _status(self, status: Raw) -> Post:
        remote_id, created = identity(status), instant(status.get("created_at"))
        if not remote_id or created is None:
            raise Garbage("a status without id or time")
        quoted = self._quoted(status.get("quote"))
        content = plain_text(string(status, "content"), hidden=_QUOTE_LINE if quoted else frozenset())
        parent = identity(status, "in_reply_to_id") or None
        uri, url = _line(status, "uri"), web_link(status.get("url"))
        filtered = matching(status, self.account)
        self.met_filters.update(each.id for each in filtered if each.id)
        return Post(
            account=self.account,
            service=self.service,
            remote_id=remote_id,
            uri=uri or url or f"{self.service}:{self.domain}:{remote_id}",
            author=self.author(status.get("account")),
            text=content.text,
            created_at=created,
            url=url or web_link(uri),
            kind=PostKind.QUOTE if quoted else PostKind.REPLY if parent else PostKind.POST,
            edited_at=instant(status.get("edited_at")),
            lang=language(status.get("language")),
            in_reply_to=parent,
            quoted=quoted,
            cw=SafeText(string(status, "spoiler_text")) or None,
            sensitive=status.get("sensitive") is True,
            visibility=_visibility(status),
            links=content.links,
            tags=self._tags(status),
            mentions=self._mentions(status),
            media=_media(status),
            counts=Counts(
                number(status, "replies_count"), number(status, "reblogs_count"), number(status, "favourites_count")
            ),
            mine=Mine(
                liked=status.get("favourited") is True,
                boosted=status.get("reblogged") is True,
                bookmarked=status.get("bookmarked") is True,
            ),
            filtered=filtered,
            poll=poll_of(obj(status.get("poll"))),
        )

    def author(self, raw: object) -> Author:
        account = obj(raw)
        handle = self._handle(string(account, "acct") or string(account, "username"))
        if not handle:
            raise Garbage("an author without a name")
        name = SafeText.line(string(account, "display_name"), max_characters=200)
        return Author(
            handle=handle,
            name=name if name.strip() else SafeText.line(handle.partition("@")[0]),
            url=web_link(account.get("url")),
            remote_id=identity(account),
            bot=account.get("bot") is True,
            avatar=web_link(account.get("avatar_static")) or web_link(account.get("avatar")),
        )

    def _handle(self, acct: str) -> SafeText:
        """The full handle: a local user gets the server's own host."""
        handle = "".join(SafeText.line(acct.lstrip("@")).split())
        return SafeText.line(handle if "@" in handle or not handle else f"{handle}@{self.domain}")

    def _mentions(self, status: Raw) -> tuple[SafeText, ...]:
        found = (self._handle(string(obj(item), "acct")) for item in items(status.get("mentions"))[:MAX_LISTED])
        return tuple(handle for handle in found if handle)

    @staticmethod
    def _tags(status: Raw) -> tuple[SafeText, ...]:
        names = (SafeText.line(string(obj(item), "name")) for item in items(status.get("tags"))[:MAX_LISTED])
        return tuple(name for name in names if name)

    def _quoted(self, raw: object) -> Quoted | None:
        """The quote of 4.4 (`state`), or a whole status as the forks send it."""
        quote = obj(raw)
        if not quote:
            return None
        state = SafeText.line(string(quote, "state"), max_characters=40)
        inner = obj(quote.get("quoted_status")) if state else quote
        if not inner:
            unseen = Author(SafeText("?"))
            return Quoted(unseen, EMPTY, remote_id=identity(quote, "quoted_status_id"), state=state or "unauthorized")
        try:
            post = self._status({**inner, "quote": None})
        except Garbage:
            return Quoted(Author(SafeText("?")), EMPTY, state="unreadable")
        return Quoted(post.author, post.whole_text, post.url, post.remote_id, state or "accepted", post.visibility)

    def notification(self, raw: object) -> Notification:
        """Raises `Garbage`. A post in it that cannot be understood is left out, the notification stays."""
        item = obj(raw)
        remote_id, at = identity(item), instant(item.get("created_at"))
        name = SafeText.line(string(item, "type"), max_characters=40)
        if not remote_id or at is None or not name:
            raise Garbage("a notification without id, time or type")
        posts = each([item["status"]] if obj(item.get("status")) else [], self.post)
        authors = each([item["account"]] if obj(item.get("account")) else [], self.author)
        kind = _KINDS.get(name, NotificationKind.OTHER)
        post = posts[0] if posts else None
        if kind is NotificationKind.MENTION and self.me and self._replies_to_me(obj(item.get("status"))):
            kind = NotificationKind.REPLY
        return Notification(
            account=self.account,
            remote_id=remote_id,
            kind=kind,
            at=at,
            author=authors[0] if authors else None,
            post=post,
            detail=name if kind is NotificationKind.OTHER else EMPTY,
        )

    def _replies_to_me(self, status: Raw) -> bool:
        return identity(status, "in_reply_to_account_id") == self.me

    def profile(self, raw: object) -> Profile:
        """The own account of `verify_credentials`. Raises `Garbage`."""
        account = obj(raw)
        author = self.author(account)
        if not author.remote_id:
            raise Garbage("a profile without id")
        source = obj(account.get("source"))
        note = plain_text(string(account, "note"))
        lines: list[str] = [author.name, note.text]
        fields = [obj(raw_field) for raw_field in items(account.get("fields"))[:MAX_LISTED]]
        lines += [f"{string(entry, 'name')}: {plain_text(string(entry, 'value')).text}" for entry in fields if entry]
        return Profile(
            handle=author.handle,
            name=author.name,
            text=SafeText("\n".join(line for line in lines if line.strip())),
            remote_id=author.remote_id,
            url=author.url,
            default_visibility=_READ_AS.get(string(source, "privacy"), Visibility.PUBLIC),
        )


def poll_of(raw: Raw) -> Poll | None:
    """A poll of the API; None for one without choices. Counts are null as long as their author hides them."""
    own = items(raw.get("own_votes"))
    choices = tuple(
        Choice(SafeText.line(string(option, "title")), counted(option, "votes_count"), place in own)
        for place, option in enumerate(map(obj, items(raw.get("options"))[:MAX_LISTED]))
    )
    if not choices:
        return None
    return Poll(
        choices,
        multiple=raw.get("multiple") is True,
        ends=instant(raw.get("expires_at")),
        closed=raw.get("expired") is True,
        voters=counted(raw, "voters_count"),
        voted=raw.get("voted") is True,
        id=identity(raw),
    )


def _line(source: Raw, name: str) -> str:
    """An address that is compared rather than opened: one clean line, or nothing."""
    value = string(source, name)
    return value if value and len(value) <= 2048 and value.isprintable() and " " not in value else ""


def _media(status: Raw) -> tuple[Media, ...]:
    found = []
    for raw in items(status.get("media_attachments"))[:MAX_LISTED]:
        attachment = obj(raw)
        kind = string(attachment, "type")
        url = web_link(attachment.get("url")) or web_link(attachment.get("remote_url"))
        alt = SafeText(string(attachment, "description"))
        if attachment:
            found.append(Media(kind if kind in _MEDIA else "unknown", alt, url))
    return tuple(found)
