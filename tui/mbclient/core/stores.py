"""What the use cases need of the disk: archive, drafts, outbox, ledger, decision log. Storage fills these.

Methods are plain, quick, safe to call from any thread, and raise `StorageError`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from mbclient.core.figurestores import Contributors, Expenses, ReadingLog, Tallies
from mbclient.core.ports import Feed, Json
from mbclient.domain.draft import Draft
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.post import Notification, Post
from mbclient.policy.model import LedgerEntry


@dataclass(frozen=True, slots=True)
class Gap:
    """Posts of an account's home feed that were never fetched: too many came while the program was away.

    `key`: the gap's own place in the order of the archive, directly below the last post above it. What is missing lies
    between `below` and `since`; `cursor`: what the service takes to give the next page of it.
    """

    account: str
    key: int
    below: datetime
    since: datetime
    cursor: str


def hidden_mark(view: str) -> str:
    """The mark of a post that belongs to a view and is hidden there; no view can be called so."""
    return f"hidden\t{view}"


@dataclass(frozen=True, slots=True)
class Entry:
    """A post in its place: `key` orders the whole archive (older is smaller), `views`: its marks.

    A mark is a view that it belongs to, or says that it is hidden there (`hidden_mark`).

    `gap`: what stands here is no post but a hole; `post` is then empty and never shown.
    """

    key: int
    post: Post
    views: frozenset[str] = frozenset()
    gap: Gap | None = None
    _read: Callable[[], Post] | None = field(default=None, init=False, repr=False, compare=False)

    @classmethod
    def late(cls, key: int, read: Callable[[], Post], views: frozenset[str]) -> Entry:
        """One whose `post` is read when it is first asked for: of a page, most never come on a screen."""
        entry, put = object.__new__(cls), object.__setattr__
        put(entry, "key", key)
        put(entry, "views", views)
        put(entry, "gap", None)
        put(entry, "_read", read)
        return entry

    if not TYPE_CHECKING:  # to a type checker every entry simply has its post

        def __getattr__(self, name: str) -> Post:
            """Only what has not been set yet comes here."""
            if name != "post":
                raise AttributeError(name)
            read = self._read
            if read is None:  # another thread has read it meanwhile
                return self.post
            post = read()
            object.__setattr__(self, "post", post)
            object.__setattr__(self, "_read", None)
            return post

    def shown_in(self, view: str) -> bool:
        """Whether it belongs to the view and nothing hides it there; everything received belongs to "home"."""
        return (view == "home" or view in self.views) and hidden_mark(view) not in self.views


class Hits(list[Entry]):
    """What a search of the archive found. `ended_early`: it gave up before the oldest posts, and not for the limit."""

    def __init__(self, entries: Iterable[Entry] = (), *, ended_early: bool = False) -> None:
        super().__init__(entries)
        self.ended_early = ended_early


@dataclass(frozen=True, slots=True)
class Arrival:
    """A post with the views that the filter put it in, ready for the archive; `post.terms` are the work filter's.

    `terms`: what matched for other views, by view, where it is known. "home" need not be among the views. `found`: by a
    search, which brings old posts too, and not because anybody wrote it to me.
    """

    post: Post
    views: frozenset[str]
    terms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    found: bool = False


@dataclass(frozen=True, slots=True)
class Stored:
    """What storing did: entries that are new (newest first), and how many the same account had brought before.

    A post that another account brought first is neither: it joined that entry. `edited`: known entries that have other
    words now or came in one more way, such as another's boost, and `moved`: some of them belong to other views for it.
    `placed`: likewise, each with the key that it had: they have another place now. `gone`: the id of what went.
    """

    new: tuple[Entry, ...] = ()
    known: int = 0
    edited: tuple[Entry, ...] = ()
    moved: bool = False
    placed: tuple[tuple[int, Entry], ...] = ()
    gone: str = ""

    @property
    def touched(self) -> tuple[Entry, ...]:
        """The known entries that are not what they were."""
        return (*self.edited, *(entry for _before, entry in self.placed))


@dataclass(frozen=True, slots=True)
class ViewQuery:
    """A window on the archive: one view ("home" is everything received), some accounts (empty = all).

    `peek`: with what is hidden in the view.
    """

    view: str = "home"
    accounts: tuple[str, ...] = ()
    peek: bool = False


@dataclass(frozen=True, slots=True)
class FeedState:
    """How far an account's feed has been read: opaque cursors, and when."""

    newest: str | None = None
    oldest: str | None = None
    as_of: datetime | None = None


class Gaps(Protocol):
    """Where the archive is known to have holes."""

    def all(self) -> Sequence[Gap]:
        """The newest first."""
        ...

    def mark(self, account: str, below: datetime, since: datetime, cursor: str) -> Gap:
        """Notes that what this account's feed has between `below` and `since` is missing."""
        ...

    def close(self, gap: Gap) -> None:
        """The gap is filled, or a smaller one stands for it."""
        ...


class Archive(Protocol):
    """Every post received, merged over services by time (speed facts 4)."""

    def store(self, arrivals: Sequence[Arrival]) -> Stored: ...

    def page(
        self, query: ViewQuery, *, before: int | None = None, after: int | None = None, limit: int = 40
    ) -> Sequence[Entry]:
        """Newest first. `before`, `after` are keys, exclusive; with `after` the page directly above it."""
        ...

    def count(self, query: ViewQuery, *, after: int | None = None) -> int: ...

    def post(self, id: str) -> Post | None:
        """By `account:remote_id`."""
        ...

    def search(self, query: str, *, accounts: Sequence[str] = (), limit: int = 40, before: int | None = None) -> Hits:
        """Full text; `"a phrase"`, `word*`; any other syntax is plain text."""
        ...

    def update(self, post: Post) -> None:
        """Replaces a known post's content (counts, mine, an edit); unknown ones are ignored."""
        ...

    def remove(self, id: str) -> None: ...

    def take_back_boost(self, account: str, boost_id: str) -> Stored | None:
        """Takes a boost, by its own id, from one of an account's newest entries; one that nothing else brought goes."""
        ...

    def forget_account(self, account: str) -> None: ...

    def prune(self, *, keep: int, before: datetime) -> int:
        """Drops entries older than `before` or beyond the newest `keep`, some at a time: how many went, 0 when done.

        Own and bookmarked posts stay, those that a draft or the outbox is about, and the places of reading.
        """
        ...

    def replace_views(self, view: str, keys: Mapping[int, tuple[str, ...] | None]) -> None:
        """Re-marks entries of a view after its terms changed: the matched terms, or None for not in it."""
        ...

    def feed_state(self, account: str, feed: Feed) -> FeedState: ...

    def set_feed_state(self, account: str, feed: Feed, state: FeedState) -> None: ...

    def place(self, view: str) -> int | None:
        """The reading place: the key of the post last under the cursor."""
        ...

    def seen(self, view: str) -> int | None:
        """The newest key that has been on screen."""
        ...

    def set_place(self, view: str, key: int, seen: int | None = None) -> None:
        """Without `seen`, what had been seen stays."""
        ...

    def raise_place(self, view: str, key: int) -> bool:
        """Takes place and what had been seen up to a key; False where the place is there or above by now."""
        ...

    def store_notifications(self, notifications: Sequence[Notification]) -> int:
        """How many were new."""
        ...

    def notifications(self, *, limit: int = 40) -> Sequence[Notification]: ...


@dataclass(frozen=True, slots=True)
class SavedDraft:
    """`maybe_sent_since`: it came back from a copy as it was then; only the services know whether it has gone since."""

    id: str
    draft: Draft
    cursor: int
    saved_at: datetime
    maybe_sent_since: datetime | None = None


class Drafts(Protocol):
    def save(self, saved: SavedDraft) -> None: ...

    def get(self, id: str) -> SavedDraft | None: ...

    def list(self) -> Sequence[SavedDraft]:
        """Newest first."""
        ...

    def delete(self, id: str) -> None: ...

    def hold(self, id: str) -> bool:
        """A composer has it open from now on; False: another program's has."""
        ...

    def let_go(self, id: str) -> None: ...

    def left_open(self) -> Sequence[SavedDraft]:
        """What a program that has ended, however, had in its composer, newest first. They are held from now on."""
        ...


class SendState(StrEnum):
    """An outbox row's life (reliability facts 3)."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"
    FAILED = "failed"
    HELD = "held"
    CANCELLED = "cancelled"


OPEN_STATES = (SendState.QUEUED, SendState.SENDING, SendState.UNKNOWN, SendState.HELD)


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One (draft, target). `outbox` is the act of composing, the policy's group.

    `not_before`: the end of the undo wait, the due time, or the next retry. `first_sent_at`: since then it may be out.
    `override_digest`: the text that the override holds for. `scheduled_id`: the server keeps the post under this id and
    publishes it at its time; the row stays queued until the post is seen. `part`: of a thread, the piece of the written
    text that this row sends; empty for a single post.
    """

    outbox: str
    account: str
    key: str
    draft: Draft
    state: SendState
    created_at: datetime
    not_before: datetime
    service: str = ""
    attempts: int = 0
    prepared: Mapping[str, object] | None = None
    first_sent_at: datetime | None = None
    sent_at: datetime | None = None
    remote_id: str = ""
    url: str = ""
    reason: str = ""
    override_reason: str = ""
    override_digest: str = ""
    position: int = 0
    fixes_used: tuple[str, ...] = ()
    scheduled_id: str = ""
    cancelled_at: datetime | None = None
    part: str = ""

    @property
    def name(self) -> str:
        """Tells this row from every other."""
        return f"{self.outbox}:{self.account}:{self.position}"


class Outbox(Protocol):
    """Rows are committed (FULL) before `add` and `update` return. One segment of a thread is one row (`position`)."""

    def add(self, rows: Sequence[OutboxRow]) -> None:
        """In the same transaction the saved draft of that name goes: it is here now."""
        ...

    def update(self, row: OutboxRow) -> None: ...

    def advance(self, row: OutboxRow, expected: Sequence[SendState]) -> bool:
        """Updates only while the stored state is one of `expected`; False if something else happened meanwhile."""
        ...

    def rows(self, *, states: Sequence[SendState] = (), outbox: str = "") -> Sequence[OutboxRow]:
        """Oldest first."""
        ...

    def sent_ids(self, account: str) -> Sequence[tuple[str, str]]:
        """What was sent for an account: each row's `name`, and what the service calls the post."""
        ...

    def claim_sending(self) -> bool:
        """True if this process is the one dispatcher of the data folder (a file lock held until it ends)."""
        ...


class Ledger(Protocol):
    """Own posts for the count: sent here or seen on own timelines. A group, once formed, stays."""

    def record(self, entries: Sequence[LedgerEntry]) -> None:
        """The same (account, remote id) again changes only `deleted`, and gives a post only seen its own group."""
        ...

    def mark_deleted(self, account: str, remote_id: str) -> None:
        """A deleted post still counts; it is only marked."""
        ...

    def entries(self, since: datetime, until: datetime) -> Sequence[LedgerEntry]: ...

    def role_since(self, role: str, today: date) -> date:
        """The day the role was first seen."""
        ...


class DecisionLog(Protocol):
    def append(self, entry: Json) -> None: ...

    def entries(self) -> Sequence[Json]: ...

    def delete(self, *, before: datetime | None = None) -> int: ...


@dataclass(frozen=True, slots=True)
class Stores:
    """Everything that is kept on disk, in one data file."""

    archive: Archive
    gaps: Gaps
    drafts: Drafts
    outbox: Outbox
    ledger: Ledger
    log: DecisionLog
    reading: ReadingLog
    tallies: Tallies
    expenses: Expenses
    contributors: Contributors
    notices: tuple[str, ...] = field(default=())
    copy: Callable[[], None] = lambda: None  # today's, unless it is there; takes long, hinders nobody
    close: Callable[[], None] = lambda: None  # an orderly end: the next start need not look for damage
