"""What counts, what is planned, and what is one post with another (policy facts 7)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mbclient.domain.draft import Kind
from mbclient.domain.post import Visibility
from mbclient.policy.counting import count, count_state, groups, normalised, planned
from mbclient.policy.engine import status
from mbclient.policy.model import CountState, LedgerEntry, LedgerStatus
from tests.policy.world import at, facts, parsed

POLICY = parsed()
DAY = at("12:00").date()


def entry(when: str = "09:00", account: str = "masto", **changes: Any) -> LedgerEntry:
    return LedgerEntry(at=at(when), account=account, **changes)


def figures(*ledger: LedgerEntry) -> tuple[int, int]:
    """Count and planned of the Tuesday."""
    everything = groups(POLICY, facts(ledger=ledger))
    return count(POLICY, everything, DAY), planned(POLICY, everything, DAY)


def seen(when: str, account: str, text: str = "Morgon", **changes: Any) -> LedgerEntry:
    return entry(when, account, text=text, **changes)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, (1, 0)),
        ({"kind": Kind.QUOTE}, (1, 0)),
        ({"kind": Kind.REPLY, "visibility": Visibility.FOLLOWERS}, (1, 0)),
        ({"kind": Kind.THREAD, "segments": 5}, (5, 0)),
        ({"kind": Kind.BOOST}, (0, 0)),
        ({"kind": Kind.LIKE}, (0, 0)),
        ({"kind": Kind.EDIT}, (0, 0)),
        ({"visibility": Visibility.DIRECT}, (0, 0)),
        ({"deleted": True}, (1, 0)),
        ({"account": "anon"}, (0, 0)),
        ({"account": "closed-long-ago"}, (1, 0)),
        ({"status": LedgerStatus.FAILED}, (0, 0)),
        ({"status": LedgerStatus.CANCELLED}, (0, 0)),
        ({"status": LedgerStatus.HELD}, (0, 0)),
        ({"status": LedgerStatus.UNKNOWN}, (0, 1)),
        ({"status": LedgerStatus.SCHEDULED, "segments": 3}, (0, 3)),
        ({"status": LedgerStatus.QUEUED}, (0, 1)),
        ({"status": LedgerStatus.SCHEDULED, "when": "2026-11-25 09:00"}, (0, 0)),
    ],
)
def test_what_counts(changes: dict[str, Any], expected: tuple[int, int]) -> None:
    assert figures(entry(group="g", **changes)) == expected


def test_a_group_counts_once_by_its_first_success_and_its_longest_target() -> None:
    first = entry("23:50", group="g")
    late = entry("2026-11-25 00:10", "bsky", group="g", segments=2)
    assert figures(first, late) == (2, 0)
    failed = replace(first, status=LedgerStatus.FAILED)
    assert figures(failed, late) == (0, 0)
    waiting = replace(late, status=LedgerStatus.QUEUED)
    assert figures(first, waiting) == (2, 0)
    assert figures(failed, replace(waiting, at=at("22:00"))) == (0, 2)


def test_the_notebook_beside_other_accounts_never_counts() -> None:
    known = facts(ledger=[entry(account="corp", group="g")])
    notes = replace(known.accounts["corp"], notebook=True)
    assert groups(POLICY, replace(known, accounts={**known.accounts, "corp": notes})) == []


def test_the_same_remote_post_counts_once_and_as_own() -> None:
    own = entry(group="g", remote_id="7")
    assert figures(own, seen("09:01", "masto", remote_id="7")) == (1, 0)
    assert figures(seen("09:01", "masto", remote_id="7"), seen("09:01", "masto", remote_id="7")) == (1, 0)
    assert figures(own, seen("09:01", "corp", "Annat", remote_id="7")) == (2, 0)
    assert figures(replace(own, status=LedgerStatus.UNKNOWN), seen("09:30", "masto", remote_id="7")) == (1, 0)


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ([("09:10", "bsky", "Morgon")], 1),
        ([("09:10:01", "bsky", "Morgon")], 2),
        ([("09:10", "bsky", "MORGON  https://x.example/1")], 1),
        ([("09:10", "bsky", "Kväll")], 2),
        ([("09:10", "corp", "Morgon")], 2),  # the same service: always two
        ([("09:05", "bsky", "Morgon"), ("09:10", "unk", "Morgon")], 1),
        ([("09:05", "bsky", "Morgon"), ("09:12", "unk", "Morgon")], 2),  # too far from the first
        ([("09:05", "bsky", "Morgon"), ("09:06", "corp", "Morgon"), ("09:09", "bsky", "Morgon")], 2),
    ],
)
def test_cross_posts_of_other_clients(others: list[tuple[str, str, str]], expected: int) -> None:
    assert figures(seen("09:00", "masto"), *(seen(*other) for other in others)) == (expected, 0)


def test_a_cross_post_over_midnight_counts_on_the_first_day() -> None:
    ledger = [seen("23:58", "masto"), seen("2026-11-25 00:03", "bsky")]
    everything = groups(POLICY, facts(ledger=ledger))
    days = [at("23:58").date(), at("2026-11-25 12:00").date()]
    assert [count(POLICY, everything, day) for day in days] == [1, 0]


def test_own_groups_never_become_one_with_others() -> None:
    assert figures(entry(group="g", text="Morgon"), seen("09:05", "bsky")) == (2, 0)


@pytest.mark.parametrize(
    ("remote", "expected"),
    [
        (seen("09:10", "masto"), (1, 0)),
        (seen("08:50", "masto", "morgon "), (1, 0)),
        (seen("09:10:01", "masto"), (1, 1)),
        (seen("09:05", "corp"), (1, 1)),
        (seen("09:05", "masto", "Kväll"), (1, 1)),
    ],
)
def test_a_seen_post_settles_an_unknown_outcome(remote: LedgerEntry, expected: tuple[int, int]) -> None:
    unknown = entry(group="g", text="Morgon", status=LedgerStatus.UNKNOWN)
    assert figures(unknown, remote) == expected


def test_one_seen_post_settles_one_item() -> None:
    unknown = [entry(when, group=when, text="Morgon", status=LedgerStatus.UNKNOWN) for when in ("09:00", "09:01")]
    assert figures(*unknown, seen("09:02", "masto")) == (1, 1)


def test_normalised_text() -> None:
    assert normalised("  Ｍorgon\n HTTPS://a.example/x?y www.b.example  på ER ") == "morgon på er"


@pytest.mark.parametrize(
    ("limit", "states"),
    [
        (8, {0: "ok", 6: "ok", 7: "near", 8: "near", 9: "over", 20: "over"}),
        (1, {0: "ok", 1: "near", 2: "over"}),
        (0, {0: "ok", 1: "over"}),
        (None, {0: "ok", 100: "ok"}),
    ],
)
def test_count_state(limit: int | None, states: dict[int, str]) -> None:
    assert {number: count_state(number, limit).value for number in states} == states


def test_the_meter_tells_state_limit_and_window() -> None:
    ledger = [entry("09:00", group=str(n)) for n in range(7)]
    shown = status(POLICY, facts(ledger=ledger), at("11:43"))
    assert (shown.count, shown.limit, shown.count_state) == (7, 8, CountState.NEAR)
    assert (shown.current_slot, shown.current_until) == (at("11:40"), at("11:50"))
