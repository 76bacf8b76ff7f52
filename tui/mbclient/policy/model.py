"""The shapes that the policy reads and gives: parameters, facts, findings, verdict, status (policy facts 2 to 5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import date, datetime, time, timedelta, tzinfo
from enum import IntEnum, StrEnum

from mbclient.domain.account import Known
from mbclient.domain.draft import Kind
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.post import Visibility

DEFAULT_ZONE = "Europe/Stockholm"


class Level(IntEnum):
    """Mild to strict: the outcome is the maximum."""

    ALLOW = 0
    NUDGE = 1
    REQUIRE_DISCLOSURE = 2
    BLOCK = 3

    @property
    def word(self) -> str:
        """As JSON and logs say it: `require_disclosure`."""
        return self.name.lower()


class Mode(StrEnum):
    """Identity mode of an account at an instant (rule 4), mild to strict as listed."""

    IDENTIFIED = "identified"
    ANONYMOUS_ALLOWED = "anonymous-allowed"
    BLOCKED = "blocked"


class CountState(StrEnum):
    OK = "ok"
    NEAR = "near"
    OVER = "over"


class Machine(StrEnum):
    """Which computer one sits at; undeclared counts as work."""

    WORK = "work"
    PRIVATE = "private"
    UNDECLARED = "undeclared"


class Disclosure(StrEnum):
    """Where rule 5 accepts the employer to be named."""

    PROFILE = "profile"
    PROFILE_OR_TEXT = "profile-or-text"
    TEXT = "text"


class Override(StrEnum):
    NOBODY = "nobody"
    USER_WITH_REASON = "user-with-reason"


@dataclass(frozen=True, slots=True)
class Interval:
    """Work hours `[start, end)` as minutes after midnight of the day it belongs to; `end` may pass 1440."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Alias:
    text: str
    case_sensitive: bool = False


@dataclass(frozen=True, slots=True)
class Organisation:
    """The employer or a competitor, as texts name it."""

    name: str = ""
    aliases: tuple[Alias, ...] = ()
    handles: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    hashtags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Role:
    duty: str = ""
    max_silence_workdays: int = 5


@dataclass(frozen=True, slots=True)
class Absence:
    first: date
    last: date


_OFFICE = (Interval(8 * 60, 17 * 60),)


@dataclass(frozen=True, slots=True)
class Policy:
    """Every parameter of policy facts 4.1 with its default. Weekdays: 0 is Monday.

    `daily_soft_limit` None means no limit; `slot_capacity` None means "auto".
    `role_since` None: the day the role was first seen, which the facts carry.
    """

    zone: tzinfo
    zone_name: str = DEFAULT_ZONE
    employer: Organisation = Organisation()
    person_name: str = ""
    role: str = "employee"
    role_since: date | None = None
    week: tuple[tuple[Interval, ...], ...] = (_OFFICE, _OFFICE, _OFFICE, _OFFICE, _OFFICE, (), ())
    holidays: str = "SE"
    eves_off: bool = True
    exceptions: Mapping[date, tuple[Interval, ...]] = field(default_factory=dict)
    absences: tuple[Absence, ...] = ()
    user_may_set_hours: bool = True
    slots: tuple[time, ...] = (time(8, 40), time(11, 40), time(15, 0))
    slot_tolerance: timedelta = timedelta(minutes=10)
    slot_capacity: int | None = None
    daily_soft_limit: int | None = 8
    crosspost_window: timedelta = timedelta(minutes=10)
    max_late: timedelta = timedelta(minutes=15)
    max_queue: timedelta = timedelta(minutes=60)
    recheck_days: int = 30
    ssh_session: str = "work"
    roles: Mapping[str, Role] = field(default_factory=lambda: {"landschef": Role("active", 5)})
    competitors: tuple[Organisation, ...] = ()
    disclosure: Disclosure = Disclosure.PROFILE_OR_TEXT
    respect: bool = True
    respect_extra_terms: tuple[str, ...] = ()
    respect_allow_terms: tuple[str, ...] = ()
    override_p4: Override = Override.NOBODY
    override_p5_id: Override = Override.USER_WITH_REASON
    idle_timeout: timedelta = timedelta(seconds=120)
    tail: timedelta = timedelta(seconds=15)
    words_per_minute: int = 200
    hourly_rate: float = 0
    currency: str = "SEK"
    log_retention_days: int = 90


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """What rule 4 and 5 need to know of an account. `notebook`: the local service beside others (3.4)."""

    name: str
    service: str = ""
    employer_visible: Known = Known.UNKNOWN
    real_name_visible: Known = Known.UNKNOWN
    pseudonymous: bool = False
    notebook: bool = False


class LedgerStatus(StrEnum):
    SENT = "sent"
    SCHEDULED = "scheduled"
    QUEUED = "queued"
    UNKNOWN = "unknown"
    FAILED = "failed"
    CANCELLED = "cancelled"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One own post on one account (3.6). `at`: published, or due; aware UTC. `group` "" : from another client."""

    at: datetime
    account: str
    service: str = ""
    kind: Kind = Kind.POST
    segments: int = 1
    group: str = ""
    status: LedgerStatus = LedgerStatus.SENT
    visibility: Visibility = Visibility.PUBLIC
    deleted: bool = False
    text: str = ""
    remote_id: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the engine is told besides the policy. `machine` is already settled (3.3, SSH included).

    `skew`: server time minus local clock. `role_since`: the date the role was set or first seen.
    """

    machine: Machine = Machine.UNDECLARED
    accounts: Mapping[str, AccountFacts] = field(default_factory=dict)
    ledger: tuple[LedgerEntry, ...] = ()
    skew: timedelta = timedelta(0)
    role_since: date | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule's word on a draft: ids and parameters, no sentences (texts/ makes those).

    `accounts`: the targets it concerns; `missing`: "employer", "name"; `why`: "work-time", "work-computer",
    "unknown-computer"; `params`: what the sentence needs (limit, k, slots, slot, competitor, term, error …).
    """

    id: str
    level: Level
    accounts: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    why: tuple[str, ...] = ()
    fixes: tuple[str, ...] = ()
    needs_confirm: bool = False
    params: Mapping[str, str | int | datetime | tuple[str, ...] | tuple[time, ...] | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Disclosed:
    """What a text tells by itself (9.3)."""

    employer: bool = False
    name: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome for a draft (5.1)."""

    level: Level = Level.ALLOW
    findings: tuple[Finding, ...] = ()
    per_target: Mapping[str, Level] = field(default_factory=dict)
    modes: Mapping[str, Mode] = field(default_factory=dict)
    fixes: tuple[str, ...] = ()

    @property
    def needs_confirm(self) -> bool:
        """A nudge that wants a second press (or --yes)."""
        return any(finding.needs_confirm for finding in self.findings)

    @property
    def stops(self) -> bool:
        return self.level >= Level.REQUIRE_DISCLOSURE


@dataclass(frozen=True, slots=True)
class Status:
    """What the meter shows at an instant (section 11), without a draft.

    `current_slot`, `next_slot`: aware instants; `current_until`: the open window's end.
    `silence_workdays`: only for roles with a duty. `mode_why`: as `Finding.why`, for a blocked mode.
    """

    now: datetime
    count: int
    planned: int
    limit: int | None
    count_state: CountState
    current_slot: datetime | None
    current_until: datetime | None
    next_slot: datetime | None
    work_time: bool
    workday: bool
    machine: Machine
    modes: Mapping[str, Mode]
    why: tuple[str, ...] = ()
    silence_workdays: int | None = None
    silence_nudge: bool = False
    skew: timedelta = timedelta(0)
