"""What the user has set, as the use cases need it; settings fills these from config.toml and its companions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import date, datetime
from typing import Protocol

from mbclient.domain.account import Account, Known
from mbclient.domain.lazydataclass import dataclass
from mbclient.policy.model import Machine, Policy


@dataclass(frozen=True, slots=True)
class WorkFilter:
    """What makes a post work-related; terms as docs/configuration.md has them."""

    terms: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    search_services: bool = True
    hide_boosts: bool = False
    hide_replies: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """A tab of the user's own. No accounts: all of them."""

    name: str
    terms: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    hide_boosts: bool = False
    hide_replies: bool = False


@dataclass(frozen=True, slots=True)
class Snippet:
    """A text to write again and again (snippets.py says what is filled in)."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class HiddenKinds:
    """Names of views, the built-in ones among them, that show no boosts or no replies."""

    boosts: tuple[str, ...] = ()
    replies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much of what was received is kept: so many of the newest posts, none older than so many days."""

    keep_posts: int = 50_000
    keep_days: int = 30


@dataclass(frozen=True, slots=True)
class Mute:
    """What the user does not want to see: a term of any kind, or a conversation. `until`: aware; None is for ever.

    `thread`: names of posts (`Post.uri`, `Post.id`) that are muted with all answers to them; `note`: whose thread it
    is, for people. `fixed`: it stands in config.toml, which the program does not write.
    """

    term: str = ""
    thread: tuple[str, ...] = ()
    until: datetime | None = None
    note: str = ""
    fixed: bool = False

    @property
    def words(self) -> str:
        """The term, or what tells the thread."""
        return self.term or self.note or (self.thread[0] if self.thread else "")

    def holds(self, now: datetime) -> bool:
        """Whether its time has not come yet."""
        return self.until is None or now < self.until


@dataclass(frozen=True, slots=True)
class Measuring:
    """What the employee wants measured of their own reading, and told (policy facts 14, 16).

    `reading_time`: off, only own posts are counted. `budget_minutes`: reading a day after which one line says so; 0 is
    never. `summary`: a word on the day's reading when the program is left.
    """

    reading_time: bool = True
    budget_minutes: int = 0
    summary: bool = False


@dataclass(frozen=True, slots=True)
class AlertWishes:
    """Whether the desktop tells who writes to the user, and when not."""

    desktop: bool = False
    quiet_outside_work: bool = True


@dataclass(frozen=True, slots=True)
class Preferences:
    language: str = "auto"
    theme: str = "mbclient-dark"
    plain: bool = False
    density: str = "normal"
    pictures: str = "auto"
    default_accounts: tuple[str, ...] = ()
    work_filter: WorkFilter = WorkFilter()
    views: tuple[View, ...] = ()
    snippets: tuple[Snippet, ...] = ()
    hide: HiddenKinds = HiddenKinds()
    mutes: tuple[Mute, ...] = ()
    archive: Bounds = Bounds()
    undo_seconds: float = 5
    post_language: str = ""
    statistics: Measuring = Measuring()
    alerts: AlertWishes = AlertWishes()
    keys: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What the user said of an account's profile (policy facts 3.4), and when; None was never said."""

    employer: Known = Known.UNKNOWN
    real_name: Known = Known.UNKNOWN
    on: date | None = None


class AccountBook(Protocol):
    """The accounts, in the order of the settings. What the program adds stands in accounts.toml."""

    def accounts(self) -> Sequence[Account]: ...

    def save(self, account: Account) -> None: ...

    def remove(self, name: str) -> None:
        """Raises `SettingsError` when config.toml, which is the user's, names the account."""
        ...

    def confirmation(self, name: str) -> Confirmation: ...

    def confirm(self, name: str, confirmation: Confirmation) -> None: ...


@dataclass(frozen=True, slots=True)
class LoadedPolicy:
    """The policy in force. `notices` name files that could not be read, and what reads oddly; `warnings`: those of
    them that are no fault, such as a recommended time outside work time. `locked`: dotted keys the company set.

    `digest` is of all that is in force (`table`); `company_digest` of the company's part alone (`company_table`), which
    all its people share: what leaves the machine may only carry that one. Both are empty where nothing was read.
    """

    policy: Policy
    table: Mapping[str, object] | None = None
    notices: tuple[str, ...] = ()
    locked: frozenset[str] = frozenset()
    sources: tuple[str, ...] = ()
    company_table: Mapping[str, object] | None = None
    warnings: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        return _digest(self.table)

    @property
    def company_digest(self) -> str:
        return _digest(self.company_table)

    @property
    def faults(self) -> tuple[str, ...]:
        """The notices that are no mere warnings."""
        return tuple(notice for notice in self.notices if notice not in self.warnings)


def _digest(table: Mapping[str, object] | None) -> str:
    """Made when somebody asks, which no start does: what makes it is 3 MB."""
    if table is None:
        return ""
    canonical = json.dumps(table, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return f"sha256:{hashlib.sha256(canonical.encode()).hexdigest()}"


class PolicySource(Protocol):
    def current(self) -> LoadedPolicy:
        """Read once; again when a file has changed."""
        ...


@dataclass(frozen=True, slots=True)
class MachineFacts:
    """Which computer this is, and who says so (policy facts 3.3): environment, system, declared, ssh, nobody."""

    machine: Machine
    source: str = "nobody"
    notices: tuple[str, ...] = ()


class MachineSource(Protocol):
    def current(self) -> MachineFacts: ...

    def declare(self, machine: Machine) -> None:
        """Raises `SettingsError` when the system's file has decided."""
        ...
