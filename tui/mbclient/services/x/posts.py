"""A post or a person of the API, as the domain's own, in either spelling (facts/x.md 2, 3, 8)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import field, replace
from datetime import UTC, datetime, timedelta
from html import unescape

from mbclient.core.ports import Profile
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.poll import Choice, Poll
from mbclient.domain.post import EMPTY, Author, Counts, Link, Media, Mine, Post, PostKind, Quoted, Visibility
from mbclient.domain.safetext import SafeText
from mbclient.services.addresses import web_link
from mbclient.services.fields import Garbage, counted, identity, instant, items, language, number, obj, string
from mbclient.services.x.marks import Marks

MAX_LISTED = 100
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_MS = 1288834974657
_RETWEET = re.compile(r"RT @(\w{1,50}): ")
_NO_LANGUAGE = frozenset({"und", "zxx", "qme", "qst", "qht", "qam", "qct", "art"})
_MEDIA = {"photo": "image", "video": "video", "animated_gif": "gifv"}
_OWN_PAGE = re.compile(r"https?://(?:www\.|mobile\.)?(?:x|twitter)\.com/\w{1,50}/status/\d+(/(?:photo|video)/\d+)?")

Raw = Mapping[str, object]


def written_at(remote_id: str) -> datetime | None:
    """When a post was made, by its id: a snowflake."""
    if not (remote_id.isdecimal() and remote_id.isascii() and len(remote_id) <= 19):
        return None
    return _EPOCH + timedelta(milliseconds=(int(remote_id) >> 22) + _FIRST_MS)


def either(raw: Raw, *names: str) -> object:
    """The field under the first of its names that is there."""
    return next((raw[name] for name in names if name in raw), None)


def whole_text(raw: Raw) -> tuple[str, Raw]:
    """The words and their entities: those of a long post stand in a note, `text` is cut."""
    note = obj(either(raw, "note_tweet", "note_post"))
    if string(note, "text"):
        return string(note, "text"), obj(note.get("entities"))
    return string(raw, "text"), obj(raw.get("entities"))


def readable(raw: Raw) -> tuple[str, tuple[str, ...]]:
    """The text with real addresses in place of t.co's, and those addresses.

    The addresses of a post's own pictures and of what it quotes are put into its text by the service: they are not
    the writer's words.
    """
    text, entities = whole_text(raw)
    quotes = any(kind == "quoted" for kind, _name in references(raw))
    addresses = []
    for entity in map(obj, items(entities.get("urls"))[:MAX_LISTED]):
        short, real = string(entity, "url"), web_link(entity.get("expanded_url"))
        own = _OWN_PAGE.fullmatch(real)
        if not short:
            continue
        if string(entity, "media_key") or (own and (own[1] or (quotes and text.rstrip().endswith(short)))):
            text = text.replace(short, "", 1)
        elif real:
            text = text.replace(short, real)
            addresses.append(real)
    return unescape(text).strip(), tuple(dict.fromkeys(addresses))


def references(raw: Raw) -> Iterator[tuple[str, str]]:
    """(kind, id): retweeted, quoted, replied_to."""
    for item in map(obj, items(either(raw, "referenced_tweets", "referenced_posts"))[:MAX_LISTED]):
        if string(item, "type") and identity(item):
            yield string(item, "type"), identity(item)


@dataclass(frozen=True, slots=True)
class Around:
    """What came along with a page: people, posts, media and polls by their ids."""

    people: Mapping[str, Raw] = field(default_factory=dict)
    posts: Mapping[str, Raw] = field(default_factory=dict)
    media: Mapping[str, Raw] = field(default_factory=dict)
    polls: Mapping[str, Raw] = field(default_factory=dict)

    @classmethod
    def of(cls, page: Raw) -> Around:
        along = obj(page.get("includes"))
        posts = [*items(along.get("tweets")), *items(along.get("posts")), *items(page.get("data"))]
        return cls(
            _by("id", items(along.get("users"))),
            _by("id", posts),
            _by("media_key", items(along.get("media"))),
            _by("id", items(along.get("polls"))),
        )


def _by(key: str, raw: list[object]) -> dict[str, Raw]:
    return {identity(obj(item), key): obj(item) for item in raw if identity(obj(item), key)}


@dataclass(frozen=True, slots=True)
class Decoder:
    """Knows for whom: the account's name, the own id, what was liked from here; and where the pages are."""

    account: str
    me: str
    web: str
    marks: Marks

    def post(self, raw: object, around: Around) -> Post:
        """An entry; a repost as the post that it repeats. Raises `Garbage`."""
        entry = obj(raw)
        repeated = next((name for kind, name in references(entry) if kind == "retweeted"), "")
        if not repeated:
            return self._post(entry, around)
        wrapper, at = identity(entry), self._time(entry)
        if not wrapper.isdecimal():
            raise Garbage("a repost without a number")
        by = self._author(entry, around)
        found = around.posts.get(repeated)
        post = self._post(found, around) if found else self._cut(entry, repeated)
        if not post.author.name:  # the author did not come along; the repost names them
            named = _RETWEET.match(string(entry, "text"))
            post = replace(post, author=self._named(named[1], post.author.remote_id)) if named else post
        mine = replace(post.mine, boosted=True, boost_ref=wrapper) if by.remote_id == self.me else post.mine
        return replace(post, kind=PostKind.BOOST, boosted_by=by, boost_id=wrapper, boosted_at=at, mine=mine)

    def _cut(self, entry: Raw, repeated: str) -> Post:
        """A repeated post that did not come along: what the repost still tells of it."""
        named = _RETWEET.match(string(entry, "text"))
        if not named:
            raise Garbage("a repost of nothing")
        text = string(entry, "text")[named.end() :]
        time = written_at(repeated)
        inner = {"id": repeated, "text": text, "created_at": time.isoformat() if time else entry.get("created_at")}
        return replace(self._post(inner, Around()), author=self._named(named[1], ""))

    def _named(self, username: str, remote_id: str) -> Author:
        handle = SafeText.line(username)
        return Author(handle, handle, web_link(f"{self.web}/{handle}"), remote_id)

    def _time(self, raw: Raw) -> datetime:
        time = instant(raw.get("created_at")) or written_at(identity(raw))
        if time is None:
            raise Garbage("without a time")
        return time

    def _post(self, raw: Raw, around: Around) -> Post:
        remote_id = identity(raw)
        if not remote_id.isdecimal() or not isinstance(raw.get("text"), str):
            raise Garbage("a post without a number or text")
        author = self._author(raw, around)
        named = dict(references(raw))
        parent, quoted = named.get("replied_to"), named.get("quoted")
        text, addresses = readable(raw)
        _words, entities = whole_text(raw)
        history = items(either(raw, "edit_history_tweet_ids", "edit_history_post_ids"))
        counted = obj(raw.get("public_metrics"))
        conversation = identity(raw, "conversation_id")
        url = self.url_of(author, remote_id)
        return Post(
            account=self.account,
            service="x",
            remote_id=remote_id,
            uri=f"https://x.com/i/status/{remote_id}",
            author=author,
            text=SafeText(text),
            created_at=self._time(raw),
            url=url,
            kind=PostKind.QUOTE if quoted else PostKind.REPLY if parent else PostKind.POST,
            edited_at=written_at(remote_id) if len(history) > 1 else None,
            lang=None if string(raw, "lang") in _NO_LANGUAGE else language(raw.get("lang")),
            in_reply_to=parent,
            quoted=self._quoted(quoted, around) if quoted else None,
            sensitive=raw.get("possibly_sensitive") is True,
            visibility=_visibility(author, around),
            links=tuple(Link(address) for address in addresses),
            tags=self._names(entities, "hashtags", "tag"),
            mentions=self._names(entities, "mentions", "username"),
            media=tuple(self._media(raw, around)),
            counts=Counts(
                number(counted, "reply_count"),
                number(counted, "retweet_count") or number(counted, "repost_count"),
                number(counted, "like_count"),
            ),
            mine=self.mine(remote_id),
            root=(conversation, "") if conversation else None,
            poll=poll_of(raw, around),
        )

    def mine(self, remote_id: str) -> Mine:
        """The service does not say; what was done from here is remembered here."""
        return Mine(
            liked=self.marks.has("liked", remote_id),
            boosted=self.marks.has("boosted", remote_id),
            bookmarked=self.marks.has("bookmarked", remote_id),
        )

    def url_of(self, author: Author, remote_id: str) -> str:
        return web_link(f"{self.web}/{author.handle if author.name else 'i'}/status/{remote_id}")

    def _author(self, raw: Raw, around: Around) -> Author:
        """Whoever did not come along has an id and no name."""
        name = identity(raw, "author_id")
        person = around.people.get(name)
        return self.author(person) if person is not None else Author(SafeText.line(name or "?"), remote_id=name)

    def author(self, raw: object) -> Author:
        person = obj(raw)
        handle = "".join(SafeText.line(string(person, "username").lstrip("@")).split())
        if not handle:
            raise Garbage("a person without a name")
        name = SafeText.line(string(person, "name"), max_characters=200)
        return Author(
            SafeText.line(handle),
            name if name.strip() else SafeText.line(handle),
            web_link(f"{self.web}/{handle}"),
            identity(person),
            avatar=web_link(person.get("profile_image_url")),
        )

    def _quoted(self, remote_id: str, around: Around) -> Quoted:
        found = around.posts.get(remote_id)
        if found is None:
            return Quoted(Author(SafeText("?")), EMPTY, f"https://x.com/i/status/{remote_id}", remote_id, "unavailable")
        author = self._author(found, around)
        text, url = SafeText(readable(found)[0]), self.url_of(author, remote_id)
        return Quoted(author, text, url, remote_id, visibility=_visibility(author, around))

    @staticmethod
    def _names(entities: Raw, kind: str, key: str) -> tuple[SafeText, ...]:
        found = (SafeText.line(string(obj(item), key)) for item in items(entities.get(kind))[:MAX_LISTED])
        return tuple(dict.fromkeys(name for name in found if name))

    @staticmethod
    def _media(raw: Raw, around: Around) -> Iterator[Media]:
        for key in items(obj(raw.get("attachments")).get("media_keys"))[:MAX_LISTED]:
            item = around.media.get(key) if isinstance(key, str) else None
            if item is not None:
                kind = _MEDIA.get(string(item, "type"), "unknown")
                url = web_link(item.get("url")) or web_link(item.get("preview_image_url"))
                yield Media(kind, SafeText(string(item, "alt_text")), url)

    def profile(self, raw: object) -> Profile:
        """The own person: all that may show the employer, the affiliation's badge before all (facts/x.md 8)."""
        person = obj(raw)
        author = self.author(person)
        if not author.remote_id:
            raise Garbage("a person without an id")
        return Profile(
            handle=author.handle,
            name=author.name,
            text=SafeText("\n".join(line for line in [str(author.name), *_shown(person)] if line.strip())),
            remote_id=author.remote_id,
            url=author.url,
            default_visibility=Visibility.FOLLOWERS if person.get("protected") is True else Visibility.PUBLIC,
        )


def poll_of(raw: Raw, around: Around) -> Poll | None:
    """The choices in their order. Whether I have voted is told to nobody."""
    keys = items(obj(raw.get("attachments")).get("poll_ids"))
    poll = around.polls.get(keys[0], {}) if keys and isinstance(keys[0], str) else {}
    options = sorted(map(obj, items(poll.get("options"))[:MAX_LISTED]), key=lambda option: number(option, "position"))
    choices = tuple(Choice(SafeText.line(string(each, "label")), counted(each, "votes")) for each in options)
    if not choices:
        return None
    ends, closed = instant(poll.get("end_datetime")), string(poll, "voting_status") == "closed"
    return Poll(choices, ends=ends, closed=closed, id=identity(poll))


def _shown(person: Raw) -> Iterator[str]:
    """What a profile shows, a line each, with real addresses."""
    entities = obj(person.get("entities"))
    about = string(person, "description")
    for entity in map(obj, items(obj(entities.get("description")).get("urls"))[:MAX_LISTED]):
        about = about.replace(string(entity, "url") or "\0", web_link(entity.get("expanded_url")))
    yield unescape(about)
    yield unescape(string(person, "location"))
    links = [web_link(obj(item).get("expanded_url")) for item in items(obj(entities.get("url")).get("urls"))]
    yield next((link for link in links if link), "") or web_link(person.get("url"))
    badge = obj(person.get("affiliation"))
    yield " ".join(filter(None, (unescape(string(badge, "description")), web_link(badge.get("url")))))


def _visibility(author: Author, around: Around) -> Visibility:
    """A protected account's posts are for those who follow it."""
    protected = obj(around.people.get(author.remote_id)).get("protected") is True
    return Visibility.FOLLOWERS if protected else Visibility.PUBLIC
