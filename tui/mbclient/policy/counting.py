"""Posts today: from the ledger's rows to groups, and from groups to counts (policy facts 7)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import lru_cache

from mbclient.domain.draft import Kind
from mbclient.domain.latepattern import late
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.post import Visibility
from mbclient.policy.calendar import local_date
from mbclient.policy.cleaning import cap_marks
from mbclient.policy.model import CountState, Facts, LedgerEntry, LedgerStatus, Policy

COUNTED_KINDS = frozenset({Kind.POST, Kind.REPLY, Kind.QUOTE, Kind.THREAD})
_PENDING = frozenset({LedgerStatus.SCHEDULED, LedgerStatus.QUEUED, LedgerStatus.UNKNOWN})
_SETTLE_WINDOW = timedelta(minutes=10)  # a seen post and an item of unknown outcome are one within this
_ADDRESS = late(r"(?:https?://|www\.)\S+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Group:
    """One act of composing. `at`: its first publication, or when it is due; `sent`: out on some service.

    `services`: where it is out, each once.
    """

    at: datetime
    segments: int
    sent: bool
    reply: bool
    services: tuple[str, ...] = ()


def groups(policy: Policy, facts: Facts) -> list[Group]:
    """Every group of the ledger that counts or is planned, in time order; the ledger's own order is no matter."""
    entries = _settled(_unrepeated(_relevant(facts)))
    members: dict[str, list[LedgerEntry]] = {}
    foreign: list[LedgerEntry] = []
    for entry in entries:
        if entry.group:
            members.setdefault(entry.group, []).append(entry)
        elif entry.status is LedgerStatus.SENT:
            foreign.append(entry)
        elif entry.status in _PENDING:
            members[f"\0{len(members)}"] = [entry]  # own, but alone: the outbox always names a group
    gathered = [*members.values(), *_cross_posts(foreign, policy.crosspost_window)]
    made = [group for rows in gathered if (group := _group(rows)) is not None]
    return sorted(made, key=lambda group: (group.at, group.segments, group.sent, group.reply))


def count(policy: Policy, all_groups: Iterable[Group], day: date) -> int:
    """Posts published on a local day, each group on the day of its first publication only."""
    return sum(group.segments for group in all_groups if group.sent and local_date(policy, group.at) == day)


def planned(policy: Policy, all_groups: Iterable[Group], day: date) -> int:
    """Posts scheduled, queued or of unknown outcome that are due on a local day."""
    return sum(group.segments for group in all_groups if not group.sent and local_date(policy, group.at) == day)


def count_state(number: int, limit: int | None) -> CountState:
    """How a count stands to the limit; None is no limit."""
    if limit is None:
        return CountState.OK
    if number > limit:
        return CountState.OVER
    return CountState.NEAR if number >= max(1, limit - 1) else CountState.OK


@lru_cache(maxsize=4096)
def normalised(text: str) -> str:
    """What makes two posts the same text: NFKC, case-folded, without addresses, white space collapsed."""
    folded = unicodedata.normalize("NFKC", cap_marks(text)).casefold()
    return " ".join(_ADDRESS.sub(" ", folded).split())


def _relevant(facts: Facts) -> list[LedgerEntry]:
    """The rows that can count, with their service filled in, in an order that does not depend on the ledger's."""
    rows = []
    for entry in facts.ledger:
        if entry.kind not in COUNTED_KINDS or entry.visibility is Visibility.DIRECT:
            continue
        account = facts.accounts.get(entry.account)
        if account is not None and (account.pseudonymous or account.notebook):
            continue
        service = entry.service or (account.service if account else "") or entry.account
        rows.append(entry if service == entry.service else replace(entry, service=service))
    return sorted(rows, key=_order)


def _order(entry: LedgerEntry) -> tuple[object, ...]:
    whose = (entry.service, entry.account, entry.group, entry.remote_id)
    what = (entry.text, entry.segments, entry.kind)
    return (entry.at, entry.status is not LedgerStatus.SENT, entry.status, *whose, *what)


def _unrepeated(entries: Sequence[LedgerEntry]) -> list[LedgerEntry]:
    """Each remote post once: as sent before as anything else, as own before as seen, as early as known.

    One that was seen with several texts was edited: no text of it can then make it one with another post.
    """
    versions: dict[tuple[str, str], list[LedgerEntry]] = {}
    rest = []
    for entry in entries:
        if entry.remote_id:
            versions.setdefault((entry.account, entry.remote_id), []).append(entry)
        else:
            rest.append(entry)
    for (account, remote_id), known in versions.items():
        entry = min(known, key=_authority)
        if len({normalised(version.text) for version in known}) > 1:
            entry = replace(entry, text=f"\0{account} {remote_id}")
        rest.append(entry)
    return sorted(rest, key=_order)


def _authority(entry: LedgerEntry) -> tuple[bool, bool]:
    return (entry.status is not LedgerStatus.SENT, not entry.group)


def _settled(entries: Sequence[LedgerEntry]) -> list[LedgerEntry]:
    """A post seen on an account settles the own item of unknown outcome that it matches, instead of adding one."""
    seen: dict[tuple[str, str], list[LedgerEntry]] = {}
    for entry in entries:
        if entry.status is LedgerStatus.SENT and not entry.group:
            seen.setdefault((entry.account, normalised(entry.text)), []).append(entry)
    taken: set[int] = set()
    result = []
    for entry in entries:
        if entry.status is LedgerStatus.UNKNOWN and seen:
            for match in seen.get((entry.account, normalised(entry.text)), ()):
                if id(match) not in taken and abs(match.at - entry.at) <= _SETTLE_WINDOW:
                    taken.add(id(match))
                    entry = replace(entry, status=LedgerStatus.SENT, at=match.at, group=entry.group or "\0settled")
                    break
        result.append(entry)
    return [entry for entry in result if id(entry) not in taken]


def _cross_posts(entries: Sequence[LedgerEntry], window: timedelta) -> list[list[LedgerEntry]]:
    """Posts from other clients as groups: equal text, different services, within the window of the first.

    In time order each joins the oldest group that still takes it, which leaves the fewest groups possible.
    """
    gathered: list[list[LedgerEntry]] = []
    open_groups: dict[str, list[list[LedgerEntry]]] = {}
    for entry in entries:
        same_text = open_groups.setdefault(normalised(entry.text), [])
        while same_text and entry.at - same_text[0][0].at > window:
            same_text.pop(0)
        for rows in same_text:
            if all(row.service != entry.service for row in rows):
                rows.append(entry)
                break
        else:
            rows = [entry]
            gathered.append(rows)
            same_text.append(rows)
    return gathered


def _group(rows: Sequence[LedgerEntry]) -> Group | None:
    published = [row.at for row in rows if row.status is LedgerStatus.SENT]
    due = [row.at for row in rows if row.status in _PENDING]
    if not published and not due:
        return None
    return Group(
        at=min(published or due),
        segments=max(max(1, row.segments) for row in rows),
        sent=bool(published),
        reply=all(row.kind is Kind.REPLY for row in rows),
        services=tuple(sorted({row.service for row in rows if row.status is LedgerStatus.SENT})),
    )
