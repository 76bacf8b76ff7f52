"""What the use cases need of the world outside the disk: clock, secrets, services. `stores.py` has the rest.

Services and settings fill these; bootstrap joins them. Service methods are coroutines and raise the `ServiceError`
tree.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from mbclient.domain.account import Account
from mbclient.domain.capabilities import Capabilities, Length
from mbclient.domain.draft import Attachment
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.poll import NewPoll
from mbclient.domain.post import Mine, Notification, Post, Visibility
from mbclient.domain.safetext import SafeText
from mbclient.domain.secret import Secret

Json = Mapping[str, object]  # a JSON object


class Clock(Protocol):
    def now(self) -> datetime:
        """The local clock, aware UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never jump."""
        ...


class Secrets(Protocol):
    """Blocking (a keyring may ask the user): call it in a thread. Raises `SecretError`."""

    def get(self, account: str) -> Secret | None: ...

    def set(self, account: str, secret: Secret, *, allow_file: bool = False) -> None:
        """`allow_file`: the user said yes to a 0600 file should there be no keyring."""
        ...

    def delete(self, account: str) -> None: ...


class PictureSource(Protocol):
    async def fetch(self, url: str, own: str, may: Callable[[str], bool]) -> bytes:
        """The file at an address that a post names. `own`: the address of the user's own server there.

        `may`: whether the user agrees to that address. Raises `MovedError` for one that the file is said to stand at.
        """
        ...


# ---------------------------------------------------------------- services


@dataclass(frozen=True, slots=True)
class Feed:
    """Which posts: kind is home, local, tag, list or author; `name` the tag, the list's or the author's id."""

    kind: str = "home"
    name: str = ""


HOME = Feed()


@dataclass(frozen=True, slots=True)
class Page:
    """Posts newest first. `older`, `newer`: opaque cursors for the next call, None when there is nothing more.

    `complete` is False when the page does not reach the `after` that was asked for: there is a gap below it, to be
    filled from `older`. `skipped`: items that could not be understood and were left out.
    """

    posts: tuple[Post, ...] = ()
    older: str | None = None
    newer: str | None = None
    complete: bool = True
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class NotificationPage:
    notifications: tuple[Notification, ...] = ()
    older: str | None = None
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class Thread:
    """A conversation around `post`, each part in reading order."""

    ancestors: tuple[Post, ...]
    post: Post
    descendants: tuple[Post, ...]


@dataclass(frozen=True, slots=True)
class Profile:
    """The own profile as read: what rule 4 looks at. `text` joins name, biography, fields, links."""

    handle: SafeText
    name: SafeText
    text: SafeText
    remote_id: str
    url: str = ""
    default_visibility: Visibility = Visibility.PUBLIC


@dataclass(frozen=True, slots=True)
class StreamOpened:
    """The line stands, and tells all that happens from now on: what came before is to be fetched."""


@dataclass(frozen=True, slots=True)
class PostEdited:
    """A post that may be known has other words now."""

    post: Post


@dataclass(frozen=True, slots=True)
class PostDeleted:
    """A post is gone, or a boost; `remote_id` is a post's own or the `boost_id` of a boost."""

    remote_id: str


StreamEvent = StreamOpened | Post | PostEdited | PostDeleted | Notification


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A post on its way to one account. `key`: random, one per (draft, target), kept through every retry.

    `composed_at` is when the user pressed send; `due` is only given where the server itself shall schedule.
    """

    key: str
    text: str
    composed_at: datetime
    cw: str = ""
    lang: str = ""
    visibility: Visibility = Visibility.PUBLIC
    reply_to: Post | None = None
    quote_of: Post | None = None
    edit_of: Post | None = None
    media: tuple[Attachment, ...] = ()
    due: datetime | None = None
    poll: NewPoll | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """The service's word that a post exists, with an empty `remote_id` where it is out and nobody can say where.

    `at`: the server's time, aware UTC.
    """

    remote_id: str
    uri: str
    url: str
    at: datetime
    post: Post | None = None
    scheduled: bool = False

    @classmethod
    def of(cls, post: Post) -> Published:
        """A post that was read back."""
        return cls(post.remote_id, post.uri, post.url, post.created_at, post)


class Service(Protocol):
    """One account on one service. Opened cheaply; the first call may log in or refresh a token."""

    @property
    def account(self) -> Account: ...

    @property
    def capabilities(self) -> Capabilities:
        """As last read from the server (`load_capabilities`), else the service's defaults."""
        ...

    def measure(self, text: str, cw: str = "", *, reply: bool = False) -> Length:
        """Counts as the server counts; a `reply` may have another limit. Never touches the network."""
        ...

    async def load_capabilities(self) -> Capabilities: ...

    async def verify(self) -> Profile: ...

    async def page(
        self, feed: Feed = HOME, *, before: str | None = None, after: str | None = None, limit: int = 40
    ) -> Page:
        """Newest page, the page older than `before`, or what is newer than `after` (both are cursors of a Page)."""
        ...

    async def own_posts(self, since: datetime) -> Sequence[Post]:
        """Every own post, reply and quote created at or after `since`, direct ones included; no boosts."""
        ...

    async def search(self, query: str, *, before: str | None = None, limit: int = 40) -> Page: ...

    async def post(self, remote_id: str) -> Post: ...

    async def thread(self, post: Post) -> Thread: ...

    async def notifications(self, *, before: str | None = None, limit: int = 40) -> NotificationPage: ...

    async def prepare(self, outgoing: Outgoing) -> Json:
        """All that sending needs, frozen as a JSON object: uploads media, resolves mentions. Nothing visible yet."""
        ...

    async def publish(self, prepared: Json) -> Published:
        """Sends what `prepare` gave. Repeating it is safe as far as `capabilities.idempotency` says."""
        ...

    async def find(self, prepared: Json) -> Published | None:
        """Reads back whether a send whose outcome is unknown has arrived.

        `prepared["taken"]`: ids of other posts that this account is known to have sent; none of them is the one.
        """
        ...

    async def delete(self, post: Post) -> None:
        """Deleting what is gone is a success."""
        ...

    async def set_liked(self, post: Post, on: bool) -> Mine: ...

    async def set_boosted(self, post: Post, on: bool) -> Mine: ...

    async def set_bookmarked(self, post: Post, on: bool) -> Mine: ...

    def stream(self) -> AsyncGenerator[StreamEvent, None]:
        """What happens, as it happens, where `capabilities.stream`: `StreamOpened` first, then posts of home and all
        else that the service tells. Ends with a `ServiceError` when the line breaks, silence of a minute included.
        """
        ...


@dataclass(frozen=True, slots=True)
class LoginForm:
    """What a service asks before signing in. `secret`: the prompt's label, empty when a browser does it.

    `rank`: its place in the list of services that one may sign in to, the most used first; equal ones by title.
    """

    url: str = ""
    url_required: bool = False
    handle_required: bool = False
    secret: str = ""
    browser: bool = False
    rank: int = 50


class LoginDialog(Protocol):
    """The user, while a browser login runs."""

    async def show_address(self, url: str) -> None:
        """Opens the browser and shows the address alone on a line."""
        ...

    async def ask_code(self) -> str:
        """Waits for a pasted code, or the whole address the browser ended at. Cancelled when the loopback answers."""
        ...


@dataclass(frozen=True, slots=True)
class SignIn:
    """A request to sign in: `account` carries name, service, url, handle. `paste`: no loopback, the code is pasted."""

    account: Account
    secret: Secret | None = None
    paste: bool = False


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The account as the service knows it (url, handle, remote_id filled in), its secret, its profile."""

    account: Account
    secret: Secret | None
    profile: Profile


class Services(Protocol):
    """All services that are installed, by the entry-point group `mbclient.services`."""

    def names(self) -> tuple[str, ...]: ...

    def title(self, service: str) -> str: ...

    def login_form(self, service: str) -> LoginForm: ...

    async def sign_in(self, request: SignIn, dialog: LoginDialog) -> SignedIn: ...

    def open(self, account: Account) -> Service:
        """The same object for the same account until `forget`."""
        ...

    async def forget(self, account: str) -> None: ...

    def skew_seconds(self) -> Sequence[tuple[str, float]]:
        """The last answers' (host, server Date minus local clock), newest last."""
        ...

    async def warm(self, services: Iterable[str] = ()) -> None:
        """Builds the HTTP client and the TLS context in a thread and loads these services, after the first paint."""
        ...

    async def aclose(self) -> None: ...
