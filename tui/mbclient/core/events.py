"""What the use cases tell the screen: plain events on one bus, in the thread of the event loop."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum

from mbclient.core.stores import Entry, Gap, OutboxRow
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.post import Post


class AccountHealth(StrEnum):
    """An account's state in the header; each has a word, colour is never alone."""

    IDLE = "idle"
    REFRESHING = "refreshing"
    OK = "ok"
    STALE = "stale"
    SIGNED_OUT = "signed-out"
    LIMITED = "limited"


@dataclass(frozen=True, slots=True)
class AccountState:
    """`as_of`: the last whole refresh. `until`: a limit's end. `reason`: the last fault, cleaned, one line.

    `live`: a stream stands, which tells of news as they happen. `spent`: what its calls have cost this month, where
    they cost (`Desk.account_states`).
    """

    account: str
    health: AccountHealth = AccountHealth.IDLE
    as_of: datetime | None = None
    until: datetime | None = None
    reason: str = ""
    skipped: int = 0
    live: bool = False
    spent: str = ""


@dataclass(frozen=True, slots=True)
class PostsArrived:
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class GapsChanged:
    """Holes in the archive that were closed, and those that are new; a hole partly filled is both."""

    closed: tuple[Gap, ...] = ()
    new: tuple[Gap, ...] = ()


@dataclass(frozen=True, slots=True)
class PostChanged:
    """A known post has other content, counts or marks."""

    post: Post


@dataclass(frozen=True, slots=True)
class PostsPlaced:
    """Entries have another place now, each with the key that it had: more is known of how they came."""

    moves: tuple[tuple[int, Entry], ...]


@dataclass(frozen=True, slots=True)
class PostRemoved:
    id: str


@dataclass(frozen=True, slots=True)
class PlaceMoved:
    """A view was read further in another client; who stands in it here stays."""

    view: str


@dataclass(frozen=True, slots=True)
class AccountChanged:
    state: AccountState


@dataclass(frozen=True, slots=True)
class OutboxChanged:
    row: OutboxRow


@dataclass(frozen=True, slots=True)
class FilterChanged:
    """Work terms or views are others now: what is shown must be asked for again."""


@dataclass(frozen=True, slots=True)
class FactsChanged:
    """Accounts, computer or policy: the meter must be asked again."""


@dataclass(frozen=True, slots=True)
class NotificationsArrived:
    number: int


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence for the user; `severity` is information, warning or error."""

    text: str
    severity: str = "information"


Event = (
    PostsArrived
    | GapsChanged
    | PostChanged
    | PostsPlaced
    | PostRemoved
    | PlaceMoved
    | AccountChanged
    | OutboxChanged
    | FilterChanged
    | FactsChanged
    | NotificationsArrived
    | Notice
)


class Bus:
    """Calls every listener, in the order they came."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[Event], None]] = []

    def listen(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Gives a function that ends the listening."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def publish(self, event: Event) -> None:
        for listener in tuple(self._listeners):
            listener(event)
