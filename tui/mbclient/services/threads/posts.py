"""A media object of the API as the domain's `Post`, and the own profile (facts/threads.md 2, 6)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mbclient.core.ports import Profile
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.lengths import links
from mbclient.domain.post import EMPTY, Author, Link, Media, Post, PostKind, Quoted
from mbclient.domain.safetext import SafeText
from mbclient.services.addresses import web_link
from mbclient.services.fields import Garbage, identity, instant, obj, string
from mbclient.services.threads.extras import EXTRAS, PICTURE
from mbclient.services.threads.polls import poll_of

SITE = "https://www.threads.com"
REPOST = "REPOST_FACADE"
_MEDIA = {"IMAGE": "image", "VIDEO": "video", "AUDIO": "audio", "CAROUSEL_ALBUM": "unknown"}
_MENTION = re.compile(r"(?<![\w@/.])@([A-Za-z0-9_](?:[A-Za-z0-9_.]{0,28}[A-Za-z0-9_])?)")
MAX_LISTED = 50
FIELDS = ",".join(
    (
        "id,media_type,permalink,username,text,timestamp,shortcode,is_quote_post,quoted_post,reposted_post,has_replies",
        "link_attachment_url,topic_tag,alt_text",
        *EXTRAS,
    )
)
REPLY_FIELDS = f"{FIELDS},is_reply,is_reply_owned_by_me,root_post,replied_to,hide_status,reply_audience"

Raw = Mapping[str, object]


def is_repost(raw: Raw) -> bool:
    """A repost has no words of its own, and none of the other's."""
    return string(raw, "media_type") == REPOST


@dataclass(frozen=True, slots=True)
class Decoder:
    """Knows for whom: the account's and the service's names; the own id, which posts do not carry, and user name."""

    account: str
    me: str = ""
    username: str = ""
    service: str = "threads"

    def post(self, raw: object, quoted: object = None) -> Post:
        """`quoted`: the quoted post as it was read, where it was. Raises `Garbage`."""
        media = obj(raw)
        remote_id, created = identity(media), instant(media.get("timestamp"))
        if not remote_id or created is None:
            raise Garbage("a post without id or time")
        text = SafeText(string(media, "text"))
        url = web_link(media.get("permalink"))
        parent, root = identity(obj(media.get("replied_to"))), identity(obj(media.get("root_post")))
        quote = self._quoted(media, quoted)
        topic = SafeText.line(string(media, "topic_tag"))
        return Post(
            account=self.account,
            service=self.service,
            remote_id=remote_id,
            uri=url or f"{self.service}:{remote_id}",
            author=self.author(string(media, "username"), media.get(PICTURE)),
            text=text,
            created_at=created,
            url=url,
            kind=PostKind.QUOTE if quote else PostKind.REPLY if parent else PostKind.POST,
            in_reply_to=parent or None,
            quoted=quote,
            links=_links(text, media),
            tags=(topic,) if topic else (),
            mentions=tuple(dict.fromkeys(SafeText.line(name) for name in _MENTION.findall(text)[:MAX_LISTED])),
            media=_media(media),
            root=(root, "") if root else None,
            poll=poll_of(media),
        )

    def author(self, username: str, picture: object = None) -> Author:
        name = "".join(SafeText.line(username).split())
        if not name:
            raise Garbage("a post of nobody")
        mine = bool(self.me) and name.casefold() == self.username.casefold()
        page = web_link(f"{SITE}/@{name}")
        return Author(
            SafeText.line(name), SafeText.line(name), page, self.me if mine else name, avatar=web_link(picture)
        )

    def _quoted(self, media: Raw, quoted: object) -> Quoted | None:
        name = identity(obj(media.get("quoted_post")))
        if not name:
            return None
        try:
            post = self.post({**obj(quoted), "quoted_post": None})
        except Garbage:
            return Quoted(Author(SafeText("?")), EMPTY, remote_id=name, state="unread")
        return Quoted(post.author, post.text, post.url, name, visibility=post.visibility)

    def profile(self, raw: object) -> Profile:
        """The own account of `/me`. Raises `Garbage`."""
        me = obj(raw)
        author = self.author(string(me, "username"))
        remote_id, name = identity(me), SafeText.line(string(me, "name"), max_characters=200)
        if not remote_id:
            raise Garbage("a profile without id")
        lines = [name, SafeText(string(me, "threads_biography"))]
        return Profile(
            handle=author.handle,
            name=name if name.strip() else author.handle,
            text=SafeText("\n".join(line for line in lines if line.strip())),
            remote_id=remote_id,
            url=author.url,
        )


def _links(text: str, media: Raw) -> tuple[Link, ...]:
    found = [web_link(text[start:end]) for start, end in links(text)]
    found.append(web_link(media.get("link_attachment_url")))
    return tuple(Link(url) for url in dict.fromkeys(found[:MAX_LISTED]) if url)


def _media(media: Raw) -> tuple[Media, ...]:
    """Its address is not among the fields: the post's page shows it."""
    kind = _MEDIA.get(string(media, "media_type"))
    return (Media(kind, SafeText(string(media, "alt_text"))),) if kind else ()
