"""A post as every service's adapter hands it over: cleaned, complete, frozen."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.poll import Poll
from mbclient.domain.safetext import SafeText

EMPTY = SafeText("")


class Visibility(StrEnum):
    """Who may see a post. Ordered from wide to narrow; each service maps its own names."""

    PUBLIC = "public"
    UNLISTED = "unlisted"
    FOLLOWERS = "followers"
    DIRECT = "direct"

    @property
    def width(self) -> int:
        """0 is the widest: comparing two tells whether one would widen the other."""
        return tuple(Visibility).index(self)


class PostKind(StrEnum):
    """What a timeline entry is."""

    POST = "post"
    REPLY = "reply"
    QUOTE = "quote"
    BOOST = "boost"


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote. `handle` is full (user@host) where the service has hosts, without a leading @.

    `avatar`: where their picture stands, as the service says; it is fetched for whoever asks to see it.
    `members_only`: they ask not to be shown to anybody who has not signed in. It is no narrower `Visibility`: all who
    have may read, boost and answer.
    """

    handle: SafeText
    name: SafeText = EMPTY
    url: str = ""
    remote_id: str = ""
    bot: bool = False
    avatar: str = ""
    members_only: bool = False


@dataclass(frozen=True, slots=True)
class Media:
    """An attachment, described rather than fetched. `type`: image, video, audio, gifv, unknown."""

    type: str
    alt: SafeText
    url: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a post: the address, and the words that stood there when they differ from it."""

    url: str
    text: SafeText = EMPTY


@dataclass(frozen=True, slots=True)
class Counts:
    """What the service says it has counted."""

    replies: int = 0
    boosts: int = 0
    likes: int = 0


@dataclass(frozen=True, slots=True)
class Mine:
    """What I have done with a post. `like_ref`, `boost_ref`: the service's own record of it, for undoing."""

    liked: bool = False
    boosted: bool = False
    bookmarked: bool = False
    like_ref: str = ""
    boost_ref: str = ""


@dataclass(frozen=True, slots=True)
class Quoted:
    """The post inside a quote; `state` other than "accepted" says why there is no text.

    `visibility` None: the service does not say who may read it.
    """

    author: Author
    text: SafeText
    url: str = ""
    remote_id: str = ""
    state: str = "accepted"
    visibility: Visibility | None = None


@dataclass(frozen=True, slots=True)
class Booster:
    """Somebody who boosted a post. `boost_id`: the boost's own id, empty where it is not known.

    `at`: when. `account`: through which of mine that is known.
    """

    author: Author
    boost_id: str = ""
    at: datetime | None = None
    account: str = ""


class FilterAction(StrEnum):
    """What a filter that is set at the service wants: a cover to open, nothing at all, or covered media."""

    WARN = "warn"
    HIDE = "hide"
    BLUR = "blur"


@dataclass(frozen=True, slots=True)
class Filtered:
    """A filter, mute or label of the service that concerns a post. `title`: what it is called there.

    `account`: through which of mine it came. `contexts`: where it acts, of home, notifications, public, thread and
    account; empty is everywhere. `until`: its end. `id`: the filter among those of `Capabilities.filters`, which may
    have lost it since; empty for what no list takes back, such as a label.
    """

    account: str
    title: SafeText
    action: FilterAction = FilterAction.WARN
    contexts: tuple[str, ...] = ()
    until: datetime | None = None
    id: str = ""

    def acts(self, context: str, now: datetime) -> bool:
        """Whether it is in force there and then."""
        return (self.until is None or now < self.until) and (not self.contexts or context in self.contexts)


@dataclass(frozen=True, slots=True)
class Post:
    """One timeline entry. A boost carries the boosted post's fields, `boosted_by`, and its own `boost_id`.

    `remote_id` is what acting on the post needs (for Bluesky the at:// address), `uri` is globally unique and the
    same for every account that sees it, `version` is the service's content hash where replying needs one (cid).
    `created_at` is aware UTC; `sorted_at` is when it entered the timeline (the boost's time for a boost).
    `boosters` are those who boosted it besides `boosted_by`, who came first; only the archive knows them. A post that
    has come by itself has no `boosted_by`, whoever boosted it as well; one that a search found and somebody boosted
    has, and no `kind` of a boost.
    `root` is the thread's first post where the service needs it for a reply: (remote id, version).
    """

    account: str
    service: str
    remote_id: str
    uri: str
    author: Author
    text: SafeText
    created_at: datetime
    url: str = ""
    kind: PostKind = PostKind.POST
    boosted_by: Author | None = None
    boost_id: str = ""
    boosted_at: datetime | None = None
    boosters: tuple[Booster, ...] = ()
    edited_at: datetime | None = None
    lang: str | None = None
    in_reply_to: str | None = None
    quoted: Quoted | None = None
    cw: SafeText | None = None
    sensitive: bool = False
    visibility: Visibility = Visibility.PUBLIC
    links: tuple[Link, ...] = ()
    tags: tuple[SafeText, ...] = ()
    mentions: tuple[SafeText, ...] = ()
    media: tuple[Media, ...] = ()
    counts: Counts = Counts()
    mine: Mine = Mine()
    version: str = ""
    root: tuple[str, str] | None = None
    also: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    filtered: tuple[Filtered, ...] = ()
    poll: Poll | None = None

    @property
    def id(self) -> str:
        """The id of the commands and the JSON: `account:remote_id`; a boost is named by the boosted post."""
        return f"{self.account}:{self.remote_id}"

    @property
    def entry_id(self) -> str:
        """Unique among timeline entries of one account: the boost's own id for a boost."""
        return self.boost_id or self.remote_id

    @property
    def sorted_at(self) -> datetime:
        return self.boosted_at or self.created_at

    @property
    def whole_text(self) -> SafeText:
        """The text and below it the poll's choices with their votes: for whatever shows a post as words alone."""
        if self.poll is None:
            return self.text
        choices = (
            f"○ {choice.text}" if choice.votes is None else f"○ {choice.text} ({choice.votes})"
            for choice in self.poll.choices
        )
        return SafeText("\n\n".join(part for part in (self.text, "\n".join(choices)) if part))

    @property
    def boosts(self) -> tuple[Booster, ...]:
        """Everybody who boosted it, who came first first."""
        if self.boosted_by is None:
            return self.boosters
        return (Booster(self.boosted_by, self.boost_id, self.boosted_at, self.account), *self.boosters)

    @property
    def quote_of(self) -> str | None:
        return self.quoted.remote_id or None if self.quoted else None


class NotificationKind(StrEnum):
    """Why somebody's deed concerns me. What a service calls otherwise is `OTHER`."""

    MENTION = "mention"
    REPLY = "reply"
    QUOTE = "quote"
    LIKE = "like"
    BOOST = "boost"
    FOLLOW = "follow"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Notification:
    """Something that happened to me or mine. `post` is the post it is about, where there is one."""

    account: str
    remote_id: str
    kind: NotificationKind
    at: datetime
    author: Author | None = None
    post: Post | None = None
    detail: SafeText = EMPTY
    read: bool = False
