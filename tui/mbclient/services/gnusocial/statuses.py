"""A status, a search result or a user of the Twitter-compatible API, as the domain's own (facts/gnusocial.md 3)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from mbclient.core.ports import Profile
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.post import Author, Media, Mine, Post, PostKind, Visibility
from mbclient.domain.safetext import SafeText
from mbclient.services.addresses import web_link
from mbclient.services.fields import Garbage, identity, items, obj, string
from mbclient.services.gnusocial.cursors import created_at
from mbclient.services.gnusocial.site import Site
from mbclient.services.plainwords import links_in, tags_in

MAX_LISTED = 50
_MENTION = re.compile(r"(?<![\w@/])@(\w{1,64}(?:@[\w.-]{1,253}\w)?)")
# Deeds that some servers put into the timelines as notices: likes, follows, deletions. They are nobody's posts.
_DEED = re.compile(r"[:/=](?:fave|favou?rite|subscription|follow|unfollow|delete)\b", re.IGNORECASE)
_KINDS = frozenset({"image", "video", "audio"})

Raw = Mapping[str, object]


def is_deed(status: Raw) -> bool:
    """A notice that only tells of a like or a follow; a repeat is none."""
    if obj(status.get("retweeted_status")):
        return False
    uri = string(status, "uri")
    said_so = status.get("is_post_verb") is False or string(status, "source") == "activity"
    return said_so or (uri.startswith("tag:") and _DEED.search(uri) is not None)


@dataclass(frozen=True, slots=True)
class Decoder:
    """Knows for whom: the account's and the service's names, the site, the own remote id."""

    account: str
    site: Site
    me: str = ""
    service: str = "gnusocial"

    def post(self, raw: object) -> Post:
        """A status, or the repeated status of a repeat. Raises `Garbage`."""
        status = obj(raw)
        repeated = obj(status.get("retweeted_status"))
        if not repeated:
            return self._status(status)
        wrapper, at = identity(status), created_at(status.get("created_at"))
        if not wrapper or at is None:
            raise Garbage("a repeat without id or time")
        post = self._status(repeated)
        by = self.author(status.get("user"))
        mine = replace(post.mine, boosted=True, boost_ref=wrapper) if by.remote_id == self.me else post.mine
        return replace(post, kind=PostKind.BOOST, boosted_by=by, boost_id=wrapper, boosted_at=at, mine=mine)

    def _status(self, status: Raw) -> Post:
        remote_id, created = identity(status), created_at(status.get("created_at"))
        if not remote_id or created is None:
            raise Garbage("a status without id or time")
        if not isinstance(status.get("text"), str):
            raise Garbage("a status without text")
        author = self.author(status["user"]) if "user" in status else self._found_author(status)
        text = SafeText(string(status, "text"))
        parent = identity(status, "in_reply_to_status_id") or None
        url = self._url(status, remote_id, author)
        uri = string(status, "uri")
        return Post(
            account=self.account,
            service=self.service,
            remote_id=remote_id,
            uri=uri if _is_line(uri) else url or f"{self.service}:{self.site.domain}:{remote_id}",
            author=author,
            text=text,
            created_at=created,
            url=url,
            kind=PostKind.REPLY if parent else PostKind.POST,
            in_reply_to=parent,
            visibility=Visibility.FOLLOWERS if self.site.private else Visibility.PUBLIC,
            links=links_in(text),
            tags=tags_in(text),
            mentions=self._mentions(status, text),
            media=_media(status),
            mine=Mine(liked=status.get("favorited") is True, boosted=status.get("repeated") is True),
        )

    def _url(self, status: Raw, remote_id: str, author: Author) -> str:
        given = web_link(status.get("external_url"))
        if given:
            return given
        if self.site.notice_pages:
            return web_link(f"{self.site.base}/notice/{remote_id}")
        return web_link(f"{self.site.base}/{author.handle.partition('@')[0]}/status/{remote_id}")

    def author(self, raw: object) -> Author:
        """A user. The handle is full: the host of the profile's page, the site's own where there is none."""
        user = obj(raw)
        nick = "".join(SafeText.line(string(user, "screen_name").lstrip("@")).split())
        if not nick:
            raise Garbage("a user without a name")
        page = web_link(user.get("statusnet_profile_url"))
        name = SafeText.line(string(user, "name") or string(user, "fullname"), max_characters=200)
        return Author(
            handle=self._handle(nick, page),
            name=name if name.strip() else SafeText.line(nick),
            url=page or web_link(f"{self.site.base}/{nick}"),
            remote_id=identity(user),
            avatar=web_link(user.get("profile_image_url_https")) or web_link(user.get("profile_image_url")),
        )

    def _handle(self, nick: str, page: str) -> SafeText:
        if "@" in nick:
            return SafeText.line(nick)
        return SafeText.line(f"{nick}@{urlsplit(page).netloc or self.site.domain}")

    def _found_author(self, result: Raw) -> Author:
        """The writer of a search result in the form of 2009."""
        user = {"screen_name": result.get("from_user"), "id": result.get("from_user_id")}
        return self.author(user)

    def _mentions(self, status: Raw, text: str) -> tuple[SafeText, ...]:
        """Those that the server names, else those that stand in the text; without a host they are the site's own."""
        named = [obj(item) for item in items(status.get("attentions"))[:MAX_LISTED]]
        found = [
            self._handle("".join(SafeText.line(nick).split()), web_link(each.get("profileurl")))
            for each in named
            if (nick := string(each, "screen_name"))
        ]
        if not found:
            found = [self._handle(nick, "") for nick in _MENTION.findall(text)[:MAX_LISTED]]
        return tuple(dict.fromkeys(found))

    def profile(self, raw: object) -> Profile:
        """The own user, of `verify_credentials`. Raises `Garbage`."""
        user = obj(raw)
        author = self.author(user)
        if not author.remote_id:
            raise Garbage("a profile without id")
        lines = [author.name, *(SafeText(string(user, part)) for part in ("description", "location", "url"))]
        return Profile(
            handle=author.handle,
            name=author.name,
            text=SafeText("\n".join(line for line in lines if line.strip())),
            remote_id=author.remote_id,
            url=author.url,
            default_visibility=Visibility.FOLLOWERS if self.site.private else Visibility.PUBLIC,
        )


def _is_line(uri: str) -> bool:
    return bool(uri) and len(uri) <= 2048 and uri.isprintable() and " " not in uri


def _media(status: Raw) -> tuple[Media, ...]:
    """Attachments; a page that is only linked (text/html) is none."""
    found = []
    for raw in items(status.get("attachments"))[:MAX_LISTED]:
        attachment = obj(raw)
        kind = string(attachment, "mimetype").partition("/")[0].lower()
        url = web_link(attachment.get("url"))
        if url and kind and kind != "text":
            found.append(Media(kind if kind in _KINDS else "unknown", SafeText(""), url))
    return tuple(found)


def conversation_of(raw: object) -> str:
    """The id of a status's conversation; empty where the server has none."""
    return identity(obj(raw), "statusnet_conversation_id")


def repeat_of(raw: object) -> str:
    """Which status a status repeats; empty for none."""
    return identity(obj(obj(raw).get("retweeted_status")))
