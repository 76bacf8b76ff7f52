"""A note, a user or a notification of the API, as the domain's own (facts/misskey.md 5, 6, 10)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlsplit

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
from mbclient.services.fields import Garbage, counted, identity, instant, items, number, obj, string
from mbclient.services.misskey.mfm import plain_text

VISIBILITIES = {
    Visibility.PUBLIC: "public",
    Visibility.UNLISTED: "home",
    Visibility.FOLLOWERS: "followers",
    Visibility.DIRECT: "specified",
}
READ_AS = {name: visibility for visibility, name in VISIBILITIES.items()}
_KINDS = {
    "mention": NotificationKind.MENTION,
    "reply": NotificationKind.REPLY,
    "quote": NotificationKind.QUOTE,
    "reaction": NotificationKind.LIKE,
    "renote": NotificationKind.BOOST,
    "follow": NotificationKind.FOLLOW,
}
MAX_LISTED = 100
_MENTION = re.compile(
    r"(?<![\w@/])@([A-Za-z0-9_](?:[\w.-]{0,60}\w)?)(?:@([A-Za-z0-9](?:[\w.-]{0,250}\w)?(?::\d{1,5})?))?"
)
_MEDIA = frozenset({"image", "video", "audio"})

Raw = Mapping[str, object]


def is_pure_renote(note: Raw) -> bool:
    """A boost: it points at another note and says nothing of its own. With anything besides it is a quote."""
    own = (string(note, "text"), string(note, "cw"), items(note.get("files")), obj(note.get("poll")))
    return bool(identity(note, "renoteId")) and not any(own) and not identity(note, "replyId")


def is_shown(note: Raw) -> bool:
    """Hidden notes come without their words: there is nothing to read, and nothing wrong."""
    return note.get("isHidden") is not True


def mentions_in(text: str) -> list[tuple[str, str]]:
    """Who is named in a text: (user, host), the host empty for the server's own people; each once."""
    return list(dict.fromkeys((user, host.lower()) for user, host in _MENTION.findall(text)))[:MAX_LISTED]


@dataclass(frozen=True, slots=True)
class Decoder:
    """Knows for whom: the account's and the service's names, the server's address, the own remote id."""

    account: str
    base: str
    me: str = ""
    service: str = "misskey"

    @property
    def domain(self) -> str:
        return urlsplit(self.base).netloc

    def post(self, raw: object) -> Post:
        """A note, or the renoted note of a pure renote. Raises `Garbage`."""
        note = obj(raw)
        if not is_pure_renote(note):
            return self._note(note)
        wrapper, at = identity(note), instant(note.get("createdAt"))
        if not wrapper or at is None:
            raise Garbage("a renote without id or time")
        post = self._note(obj(note.get("renote")))
        by = self.author(note.get("user"))
        mine = replace(post.mine, boosted=True, boost_ref=wrapper) if self.me and by.remote_id == self.me else post.mine
        return replace(post, kind=PostKind.BOOST, boosted_by=by, boost_id=wrapper, boosted_at=at, mine=mine)

    def _note(self, note: Raw) -> Post:
        remote_id, created = identity(note), instant(note.get("createdAt"))
        if not remote_id or created is None:
            raise Garbage("a note without id or time")
        words = plain_text(string(note, "text"))
        quoted = self._quoted(note) if identity(note, "renoteId") else None
        parent = identity(note, "replyId") or None
        home = f"{self.base}/notes/{remote_id}"
        uri = string(note, "uri")
        reaction = SafeText.line(string(note, "myReaction"), max_characters=100)
        return Post(
            account=self.account,
            service=self.service,
            remote_id=remote_id,
            uri=uri if _is_line(uri) else home,
            author=self.author(note.get("user")),
            text=words.text,
            created_at=created,
            url=web_link(note.get("url")) or web_link(uri) or web_link(home),
            kind=PostKind.QUOTE if quoted else PostKind.REPLY if parent else PostKind.POST,
            edited_at=instant(note.get("updatedAt")),
            in_reply_to=parent,
            quoted=quoted,
            cw=SafeText(string(note, "cw")) or None,
            sensitive=any(obj(file).get("isSensitive") is True for file in items(note.get("files"))),
            visibility=self._visibility(note),
            links=words.links,
            tags=tuple(SafeText.line(tag) for tag in items(note.get("tags"))[:MAX_LISTED] if isinstance(tag, str)),
            mentions=self._mentions(string(note, "text")),
            media=_media(note),
            counts=Counts(number(note, "repliesCount"), number(note, "renoteCount"), _reactions(note)),
            mine=Mine(liked=bool(reaction), like_ref=reaction),
            poll=_poll(obj(note.get("poll"))),
        )

    @staticmethod
    def _visibility(note: Raw) -> Visibility:
        """A name that is not known is read as the narrowest; what stays on the server is no public post."""
        visibility = READ_AS.get(string(note, "visibility"), Visibility.DIRECT)
        if note.get("localOnly") is True and visibility.width < Visibility.FOLLOWERS.width:
            return Visibility.FOLLOWERS
        return visibility

    def author(self, raw: object) -> Author:
        user = obj(raw)
        name = "".join(SafeText.line(string(user, "username")).split())
        if not name:
            raise Garbage("a user without a name")
        host = "".join(SafeText.line(string(user, "host")).split())
        shown = SafeText.line(string(user, "name"), max_characters=200)
        handle = SafeText.line(f"{name}@{host or self.domain}")
        page = f"{self.base}/@{name}" + (f"@{host}" if host else "")
        return Author(
            handle=handle,
            name=shown if shown.strip() else SafeText.line(name),
            url=web_link(user.get("url")) or web_link(page),
            remote_id=identity(user),
            bot=user.get("isBot") is True,
            avatar=web_link(user.get("avatarUrl")),
        )

    def _mentions(self, text: str) -> tuple[SafeText, ...]:
        """From the words: the field of that name has ids alone."""
        return tuple(SafeText.line(f"{user}@{host or self.domain}") for user, host in mentions_in(text))

    def _quoted(self, note: Raw) -> Quoted:
        inner, name = obj(note.get("renote")), identity(note, "renoteId")
        if not inner:
            return Quoted(Author(SafeText("?")), EMPTY, remote_id=name, state="deleted")
        try:
            post = self._note({**inner, "renoteId": None})
        except Garbage:
            return Quoted(Author(SafeText("?")), EMPTY, remote_id=name, state="unreadable")
        state = "accepted" if is_shown(inner) else "unauthorized"
        return Quoted(post.author, post.whole_text, post.url, post.remote_id, state, post.visibility)

    def notification(self, raw: object) -> Notification:
        """Raises `Garbage`. A note in it that cannot be understood is left out, the notification stays."""
        item = obj(raw)
        remote_id, at = identity(item), instant(item.get("createdAt"))
        name = SafeText.line(string(item, "type"), max_characters=60)
        if not remote_id or at is None or not name:
            raise Garbage("a notification without id, time or type")
        kind = _KINDS.get(name, NotificationKind.OTHER)
        reaction = SafeText.line(string(item, "reaction"), max_characters=100)
        return Notification(
            account=self.account,
            remote_id=remote_id,
            kind=kind,
            at=at,
            author=self.author(item["user"]) if string(obj(item.get("user")), "username") else None,
            post=self._concerned(obj(item.get("note"))),
            detail=name if kind is NotificationKind.OTHER else reaction,
        )

    def _concerned(self, note: Raw) -> Post | None:
        """The note that a notification is about: of a renote the renoted one, which is mine."""
        inner = obj(note.get("renote")) if is_pure_renote(note) else note
        try:
            return self._note(inner) if inner else None
        except Garbage:
            return None

    def profile(self, raw: object) -> Profile:
        """The own user, of `i` or of a MiAuth check. Raises `Garbage`."""
        user = obj(raw)
        author = self.author(user)
        if not author.remote_id:
            raise Garbage("a profile without id")
        about = plain_text(string(user, "description"))
        lines: list[str] = [author.name, about.text, SafeText(string(user, "location"))]
        fields = [obj(entry) for entry in items(user.get("fields"))[:MAX_LISTED]]
        lines += [f"{string(entry, 'name')}: {plain_text(string(entry, 'value')).text}" for entry in fields]
        return Profile(
            handle=author.handle,
            name=author.name,
            text=SafeText("\n".join(line for line in lines if line.strip())),
            remote_id=author.remote_id,
            url=author.url,
        )


def _reactions(note: Raw) -> int:
    """All reactions together; older servers have only the map."""
    told = number(note, "reactionCount", -1)
    counts = obj(note.get("reactions"))
    return told if told >= 0 else sum(number(counts, name) for name in counts)


def _poll(raw: Raw) -> Poll | None:
    """A note's poll, named by the note. Where one may choose several, each may still be voted for later."""
    choices = tuple(
        Choice(SafeText.line(string(choice, "text")), counted(choice, "votes"), choice.get("isVoted") is True)
        for choice in map(obj, items(raw.get("choices"))[:MAX_LISTED])
    )
    if not choices:
        return None
    multiple = raw.get("multiple") is True
    voted = (all if multiple else any)(choice.mine for choice in choices)
    return Poll(choices, multiple, instant(raw.get("expiresAt")), voted=voted)


def _is_line(uri: str) -> bool:
    return bool(uri) and len(uri) <= 2048 and uri.isprintable() and " " not in uri


def _media(note: Raw) -> tuple[Media, ...]:
    found = []
    for file in map(obj, items(note.get("files"))[:MAX_LISTED]):
        kind = string(file, "type").partition("/")[0].lower()
        if file:
            alt = SafeText(string(file, "comment"))
            found.append(Media(kind if kind in _MEDIA else "unknown", alt, web_link(file.get("url"))))
    return tuple(found)
