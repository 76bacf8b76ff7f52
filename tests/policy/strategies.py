"""Policies, ledgers, instants and texts of every kind, for the invariants."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from mbclient.domain.account import Known
from mbclient.domain.draft import About, Draft, Kind
from mbclient.domain.post import Visibility
from mbclient.policy.model import (
    Absence,
    AccountFacts,
    Alias,
    Disclosure,
    Facts,
    Interval,
    LedgerEntry,
    LedgerStatus,
    Machine,
    Organisation,
    Override,
    Policy,
)

# Half an hour of change, a skipped day, a change at midnight, no change at all: as odd as zones get.
ZONES = [
    ZoneInfo(name)
    for name in (
        "Europe/Stockholm",
        "UTC",
        "America/New_York",
        "Australia/Lord_Howe",
        "Pacific/Apia",
        "America/Havana",
        "Asia/Kathmandu",
    )
]
EMPLOYER = Organisation("Grönkvist", (Alias("Grönkvist AB"),), ("gronkvist",))
COMPETITORS = (
    Organisation("Blåbet", (Alias("Blåbet"), Alias("Blå Bet")), ("blabet",), ("blabet.example",), ("blabet",)),
    Organisation("Svea Lott", (Alias("Svea Lott"),)),
    Organisation("KLT", (Alias("KLT", case_sensitive=True),)),
    Organisation("Kvist", (Alias("Kvist"),), ("kvist@social.example",)),
)
ACCOUNTS = ("masto", "bsky", "corp", "anon", "note")

# The turns of 2026, in Europe and America, and an ordinary week in November.
_TURNS = [datetime(2026, month, day, tzinfo=UTC) for month, day in ((3, 7), (3, 28), (10, 24), (10, 31), (11, 23))]
instants = st.one_of(
    st.builds(
        lambda turn, seconds: turn + timedelta(seconds=seconds), st.sampled_from(_TURNS), st.integers(0, 4 * 86_400)
    ),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 15), timezones=st.just(UTC)),  # noqa: DTZ001 - Hypothesis wants naive bounds
)
days = st.dates(date(2026, 1, 1), date(2027, 1, 15))
clocks = st.one_of(
    st.builds(time, st.integers(0, 23), st.sampled_from([0, 20, 30, 40])),
    st.sampled_from([time(8, 40), time(11, 40), time(15, 0)]),
)


@st.composite
def hours(draw: st.DrawFn) -> tuple[Interval, ...]:
    """Work hours of a day: none, office, night, or two pieces."""
    borders = sorted(draw(st.lists(st.integers(0, 47), max_size=4, unique=True)))
    pieces = zip(borders[::2], borders[1::2], strict=False)
    return tuple(Interval(30 * first, min(30 * last, 30 * first + 1440)) for first, last in pieces if first < 48)


week = st.one_of(
    st.just(Policy(zone=UTC).week),
    st.just(((Interval(22 * 60, 30 * 60),),) * 7),
    st.tuples(*[hours()] * 7),
)


@st.composite
def policies(draw: st.DrawFn, /, **fixed: Any) -> Policy:
    """A policy as `parse_policy` could have made it."""
    absence = draw(
        st.lists(st.builds(lambda day, n: Absence(day, day + timedelta(n)), days, st.integers(0, 9)), max_size=2)
    )
    values: dict[str, Any] = {
        "zone": draw(st.sampled_from(ZONES)),
        "employer": draw(st.sampled_from([EMPLOYER, EMPLOYER, Organisation()])),
        "person_name": draw(st.sampled_from(["Anna Ek", "Anna-Karin af Ek", ""])),
        "week": draw(week),
        "holidays": draw(st.sampled_from(["SE", "none"])),
        "eves_off": draw(st.booleans()),
        "exceptions": draw(st.dictionaries(days, hours(), max_size=3)),
        "absences": tuple(absence),
        "slots": tuple(draw(st.lists(clocks, max_size=4, unique=True))),
        "slot_tolerance": timedelta(minutes=draw(st.sampled_from([0, 1, 10, 60, 300]))),
        "slot_capacity": draw(st.sampled_from([None, None, 0, 1, 3])),
        "daily_soft_limit": draw(st.sampled_from([None, 0, 1, 8])),
        "competitors": draw(st.sampled_from([COMPETITORS, COMPETITORS[:2], ()])),
        "disclosure": draw(st.sampled_from(list(Disclosure))),
        "respect": draw(st.booleans()),
        "override_p5_id": draw(st.sampled_from(list(Override))),
    }
    return Policy(**(values | fixed))


@st.composite
def account_facts(draw: st.DrawFn, name: str) -> AccountFacts:
    known = st.sampled_from(list(Known))
    pseudonymous = draw(st.booleans()) if name == "anon" else False
    service = "bluesky" if name == "bsky" else "local" if name == "note" else "mastodon"
    return AccountFacts(name, service, draw(known), draw(known), pseudonymous, notebook=name == "note")


def _entry(draw: st.DrawFn, number: int) -> LedgerEntry:
    return LedgerEntry(
        at=draw(instants),
        account=draw(st.sampled_from([*ACCOUNTS, "gone"])),
        kind=draw(st.sampled_from([Kind.POST, *Kind])),
        segments=draw(st.integers(1, 4)),
        group=draw(st.sampled_from(["", "", "g1", "g2", f"own{number}"])),
        status=draw(st.sampled_from([LedgerStatus.SENT, *LedgerStatus])),
        visibility=draw(st.sampled_from([Visibility.PUBLIC, *Visibility])),
        deleted=draw(st.booleans()),
        text=draw(st.sampled_from(["Morgon", "Morgon https://a.example", "Kväll", f"Text {number}"])),
        remote_id=draw(st.sampled_from(["", "1", str(number)])),
    )


@st.composite
def ledgers(draw: st.DrawFn) -> tuple[LedgerEntry, ...]:
    return tuple(_entry(draw, number) for number in range(draw(st.integers(0, 7))))


@st.composite
def facts(draw: st.DrawFn, /, **fixed: Any) -> Facts:
    values: dict[str, Any] = {
        "machine": draw(st.sampled_from(list(Machine))),
        "accounts": {name: draw(account_facts(name)) for name in ACCOUNTS},
        "ledger": draw(ledgers()),
        "skew": timedelta(seconds=draw(st.sampled_from([0, 0, 0, 59, 240, -7200]))),
    }
    return Facts(**(values | fixed))


_FRAGMENTS = st.sampled_from(
    [
        *["Hej", "Blåbet", "Blåbets", "blåbetappen", "Svea", "Lott", "SVEA LOTTS", "KLT:s", "klt", "Grönkvist"],
        *["Grönkvist AB", "Anna Ek", "– Anna Ek, Grönkvist", "/Anna Ek", "(Grönkvist)", "- ", "vi på Grönkvist"],
        *["jobbar inte på Grönkvist", "jobbar på", "@gronkvist", "@blabet", "#blåbet", "https://blabet.example/x"],
        *["suger", "jävla", "bra", "inte", "idioter", ".", "!", "\n", "…", "@kvist@social.example", "kvist.", "mvh"],
    ]
)
texts = st.one_of(
    st.lists(st.one_of(_FRAGMENTS, st.text(max_size=5)), max_size=10).map(" ".join),
    st.lists(st.one_of(_FRAGMENTS, st.characters()), max_size=10).map("".join),
    st.text(max_size=60),
)


@st.composite
def drafts(draw: st.DrawFn, /, **fixed: Any) -> Draft:
    values: dict[str, Any] = {
        "text": draw(texts),
        "accounts": tuple(draw(st.lists(st.sampled_from([*ACCOUNTS, "gone"]), min_size=1, max_size=4))),
        "kind": draw(st.sampled_from([Kind.POST, Kind.POST, *Kind])),
        "segments": draw(st.integers(1, 9)),
        "visibility": draw(st.sampled_from([Visibility.PUBLIC, Visibility.PUBLIC, *Visibility])),
        "cw": draw(st.sampled_from(["", "", "Om Blåbet"])),
        "due": draw(st.one_of(st.none(), instants)),
        "about": draw(st.sampled_from([About(), About("Blåbet är bra", "kund"), About("Hej", "blabet@x.example")])),
    }
    return Draft(**(values | fixed))
