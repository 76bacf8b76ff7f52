"""Every worked example of the policy facts (section 13), through the very line that `policy test` reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pytest

from mbclient.policy.cleaning import read
from mbclient.policy.names import book
from tests.policy.world import STOCKHOLM, company, iso, outcome, parsed, posts, scenario

BLABET = "Provade Blåbets nya app"
OPENED = "Vi på Grönkvist tycker att: "

NIGHTS = company(
    work={day: ["22:00-06:00"] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")},
    posting={"slots": ["02:30"]},
)


def local(instant: str | None) -> str | None:
    """A status instant by the wall clock of Stockholm."""
    return f"{datetime.fromisoformat(instant).astimezone(STOCKHOLM):%Y-%m-%d %H:%M}" if instant else None


@pytest.mark.parametrize(
    ("number", "now", "text", "given", "expected"),
    [
        ("W01", "11:40", "Hej", {}, "allow"),
        ("W02", "10:15", "Hej", {}, "nudge P2-SLOT"),
        ("W03a", "11:50:00", "Hej", {}, "allow"),
        ("W03b", "11:50:01", "Hej", {}, "nudge P2-SLOT"),
        ("W04", "20:15", "Hej", {"machine": "private"}, "allow"),
        ("W05", "10:15", "Hej", {"kind": "reply"}, "allow"),
        ("W06", "11:40", "Hej", {"ledger": posts(7)}, "allow"),
        ("W07", "15:00", "Hej", {"ledger": posts(8)}, "nudge P2-COUNT"),
        ("W08", "11:40", "Hej", {"ledger": posts(5), "kind": "thread", "segments": 4}, "nudge P2-COUNT"),
        ("W20", "11:40", "Hej", {"ledger": posts(3, "11:40")}, "allow"),
        (
            "W21",
            "2026-12-23 13:00",
            "Hej",
            {
                "policy": company(work={"exceptions": [{"date": "2026-12-23", "hours": ["08:00-12:00"]}]}),
                "machine": "private",
                "account": "anon",
            },
            "allow",
        ),
        ("W23a", "11:40", "Hej", {}, "allow"),
        ("W23b", "11:40", "Hej", {"machine": "private"}, "allow"),
        ("W23c", "20:00", "Hej", {}, "allow"),
        ("W23d", "20:00", "Hej", {"machine": "private"}, "allow"),
        ("W24", "11:40", "Hej", {"account": "anon"}, "block P4"),
        ("W25", "11:40", "Hej", {"account": "anon", "machine": "private"}, "block P4"),
        ("W26", "20:00", "Hej", {"account": "anon"}, "block P4"),
        ("W27", "20:00", "Hej", {"account": "anon", "machine": "private"}, "allow"),
        ("W28a", "20:00", "Hej", {"account": "anon", "machine": "undeclared"}, "block P4"),
        ("W28b", "20:00", "Hej", {"account": "unk", "machine": "private"}, "allow"),
        ("W29a", "11:40", "Hej", {"account": "bsky"}, "block P4"),
        ("W29b", "11:40", "Hej\n– Anna Ek, Grönkvist", {"account": "bsky"}, "allow"),
        ("W30a", "11:40", "Hej", {"account": "corp"}, "block P4"),
        ("W30b", "11:40", "Vi har öppet. /Anna Ek", {"account": "corp"}, "allow"),
        ("W32a", "11:00", "Hej", {"account": "anon", "machine": "private", "due": "20:00"}, "allow"),
        (
            "W32b",
            "20:00",
            "Hej",
            {"account": "anon", "machine": "private", "due": "2026-11-25 11:40"},
            "block P4",
        ),
        ("W33", "2026-12-24 11:40", "Hej", {"account": "anon", "machine": "private"}, "allow"),
        ("W34", "11:40", "Vi på Grönkvist gratulerar Blåbet!", {}, "allow"),
        ("W35", "11:40", "Grattis Blåbet!", {}, "nudge P5-ID"),
        ("W36", "20:00", BLABET, {"account": "anon", "machine": "private"}, "require_disclosure P5-ID"),
        (
            "W37",
            "20:00",
            f"{BLABET} Jag jobbar på Grönkvist.",
            {"account": "anon", "machine": "private"},
            "allow",
        ),
        ("W38", "11:40", BLABET, {"account": "anon", "machine": "private"}, "block P4 P5-ID"),
        ("W41", "11:40", f"{OPENED}Blåbet suger.", {}, "nudge P5-RESPECT"),
        ("W42a", "11:40", f"{OPENED}Blåbet inte är dåliga, de är inte usla.", {}, "allow"),
        ("W42b", "11:40", f"{OPENED}Blåbet är bra. Vår egen kaffemaskin suger.", {}, "allow"),
        ("W42c", "11:40", f"{OPENED}Blåbet är jävla bra", {}, "allow"),
        ("W43a", "11:40", "", {"kind": "boost", "about": BLABET}, "allow"),
        (
            "W43b",
            "20:00",
            "",
            {"kind": "boost", "about": BLABET, "account": "anon", "machine": "private"},
            "require_disclosure P5-ID",
        ),
        ("W44a", "11:40", "Hej", {"account": ["masto", "anon"]}, "block P4 P4-LINK"),
        ("W44b", "20:00", "Hej", {"account": ["masto", "anon"], "machine": "private"}, "nudge P4-LINK"),
        ("W46", "2026-11-28 12:00", "Hej", {"ledger": posts(8, "2026-11-28 09:00"), "machine": "private"}, "allow"),
        (
            "W47",
            "10:15",
            "Blåbet är idioter",
            {"ledger": posts(8)},
            "nudge P2-COUNT P2-SLOT P5-ID P5-RESPECT",
        ),
    ],
)
def test_outcome(number: str, now: str, text: str, given: Mapping[str, Any], expected: str) -> None:
    assert outcome(scenario(now, text, **given)) == expected, number


@pytest.mark.parametrize(
    ("number", "account", "now", "machine", "expected"),
    [
        ("W23", "masto", "11:40", "work", "identified"),
        ("W23", "masto", "11:40", "private", "identified"),
        ("W23", "masto", "20:00", "work", "identified"),
        ("W23", "masto", "20:00", "private", "identified"),
        ("W24", "anon", "11:40", "work", "blocked"),
        ("W25", "anon", "11:40", "private", "blocked"),
        ("W26", "anon", "20:00", "work", "blocked"),
        ("W27", "anon", "20:00", "private", "anonymous-allowed"),
        ("W28", "anon", "20:00", "undeclared", "blocked"),
        ("W28", "unk", "20:00", "private", "anonymous-allowed"),
        ("W31", "anon", "07:59:59", "private", "anonymous-allowed"),
        ("W31", "anon", "08:00", "private", "blocked"),
        ("W31", "anon", "16:59:59", "private", "blocked"),
        ("W31", "anon", "17:00", "private", "anonymous-allowed"),
    ],
)
def test_identity_mode(number: str, account: str, now: str, machine: str, expected: str) -> None:
    result = scenario(now, "Hej", account, machine=machine)
    assert result["modes"] == {account: expected}, number
    assert result["status"]["modes"][account] == expected, number


@pytest.mark.parametrize(("number", "account", "missing"), [("W29", "bsky", ["employer"]), ("W30", "corp", ["name"])])
def test_what_is_missing(number: str, account: str, missing: list[str]) -> None:
    (finding,) = scenario("11:40", "Hej", account)["findings"]
    assert finding["missing"] == missing, number
    assert finding["why"] == ["work-time", "work-computer"], number


@pytest.mark.parametrize(
    ("number", "now", "given", "expected"),
    [
        ("W14", "07:00", {}, "2026-11-24 08:40"),
        ("W14", "08:40:00", {}, "2026-11-24 08:40"),
        ("W14", "08:41", {}, "2026-11-24 11:40"),
        ("W14", "11:43", {}, "2026-11-24 15:00"),
        ("W15", "2026-11-27 15:00:01", {}, "2026-11-30 08:40"),
        ("W16", "2026-12-23 15:30", {}, "2026-12-28 08:40"),
        ("W17", "2027-01-05 16:00", {}, "2027-01-07 08:40"),
        ("W18", "2026-06-18 16:00", {}, "2026-06-22 08:40"),
        ("W19", "11:30", {"ledger": posts(2, "11:40")}, "2026-11-24 11:40"),
        ("W19", "11:30", {"ledger": posts(3, "11:40")}, "2026-11-24 15:00"),
        (
            "W21",
            "2026-12-23 11:41",
            {"policy": company(work={"exceptions": [{"date": "2026-12-23", "hours": ["08:00-12:00"]}]})},
            "2026-12-28 08:40",
        ),
        ("W22", "2026-03-28 12:00", {"policy": NIGHTS}, "2026-03-29 03:30"),
        ("W22", "2026-10-24 12:00", {"policy": NIGHTS}, "2026-10-25 02:30"),
        ("W22", "2026-10-25 02:30", {"policy": NIGHTS}, "2026-10-25 02:30"),
    ],
)
def test_next_slot(number: str, now: str, given: Mapping[str, Any], expected: str) -> None:
    assert local(scenario(now, **given)["status"]["next_slot"]) == expected, number


def test_w14_current_slot() -> None:
    assert local(scenario("11:43")["status"]["current_slot"]) == "2026-11-24 11:40"


def test_w22_the_second_half_past_two() -> None:
    """The clock shows 02:30 twice that night; only the first is the slot, so the next is a day later."""
    second = "2026-10-25T02:30:00+01:00"
    assert local(scenario(second, policy=NIGHTS)["status"]["next_slot"]) == "2026-10-26 02:30"


def sent(when: str, account: str = "masto", **changes: Any) -> dict[str, Any]:
    return {"at": iso(when), "account": account, **changes}


@pytest.mark.parametrize(
    ("number", "ledger", "expected"),
    [
        ("W09", [sent("11:40", name, group="one") for name in ("masto", "bsky", "unk")], (1, 0)),
        (
            "W10",
            [
                sent("08:41", "masto", text="Morgon https://a.example/1"),
                sent("08:49", "bsky", text="Morgon  https://b.example/2"),
            ],
            (1, 0),
        ),
        ("W11", [sent("08:41", "masto", text="Morgon"), sent("08:52", "bsky", text="Morgon")], (2, 0)),
        (
            "W12",
            [
                sent("08:10", group="post"),
                sent("08:20", group="reply", kind="reply"),
                sent("08:30", group="quote", kind="quote"),
                sent("08:40", group="boost", kind="boost"),
                sent("08:50", group="like", kind="like"),
                sent("09:00", group="gone", deleted=True),
                sent("09:10", group="edit", kind="edit"),
                sent("09:20", group="direct", visibility="direct"),
                sent("09:30", "anon", group="anon"),
                sent("09:40", group="failed", status="failed"),
                sent("14:30", group="later", status="scheduled"),
            ],
            (4, 1),
        ),
    ],
)
def test_count(number: str, ledger: Sequence[Mapping[str, Any]], expected: tuple[int, int]) -> None:
    status = scenario("12:00", ledger=ledger)["status"]
    assert (status["count"], status["planned"]) == expected, number


def test_w13_midnight_parts_the_days() -> None:
    ledger = [sent("23:59:59", group="a"), sent("2026-11-25 00:00:00", group="b")]
    counts = [scenario(now, ledger=ledger)["status"]["count"] for now in ("23:59:59", "2026-11-25 00:00:00")]
    assert counts == [1, 1]


@pytest.mark.parametrize(
    "text",
    [
        "Blåbets",
        "blåbetappen",
        "Blåbet-kund",
        "#blåbet",
        "@blabet",
        "https://www.blabet.example/x",
        "SVEA LOTTS",
        "KLT:s",
        "Blå\u200bbet",
        "Bla\u030abet",
        "Вlåbet",
    ],
)
def test_w39_names_a_competitor(text: str) -> None:
    policy = parsed()
    assert book(policy.employer, policy.competitors).competitor_mentions(read(text))


@pytest.mark.parametrize(
    "text",
    [
        "superblåbet",
        "notblabet.example",
        "blabet.example.evil.example",
        "klt",
        "stjärnan lyser",
        "Svea och Lott",
        "https://news.example/blabet",
        "https://blabet.example@evil.example/",
        "Grönkvist",
    ],
)
def test_w40_names_no_competitor(text: str) -> None:
    policy = parsed()
    assert not book(policy.employer, policy.competitors).competitor_mentions(read(text))


@pytest.mark.parametrize(
    ("last", "now", "expected"),
    [
        ("2026-11-20 12:00", "2026-11-27 12:00", 4),
        ("2026-11-20 12:00", "2026-11-30 12:00", 5),
        ("2026-12-22 12:00", "2027-01-05 12:00", 5),
    ],
)
def test_w45_silence(last: str, now: str, expected: int) -> None:
    result = scenario(now, ledger=[sent(last, group="last")], role="landschef")
    assert result["status"]["silence_workdays"] == expected
