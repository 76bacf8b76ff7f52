"""Findings in detail: whom they concern, what they offer, and the edges of time (policy facts 3 to 6 and 10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import pytest

from mbclient.domain.account import Known
from mbclient.domain.draft import About, Draft, Kind
from mbclient.domain.post import Visibility
from mbclient.policy.engine import evaluate, hold_reason, may_override, status
from mbclient.policy.identity import settled_machine, with_local_rules
from mbclient.policy.model import (
    AccountFacts,
    Facts,
    Finding,
    LedgerEntry,
    LedgerStatus,
    Level,
    Machine,
    Mode,
    Policy,
    Verdict,
)
from tests.policy.world import at, facts, parsed

POLICY = parsed()
SENT = [LedgerEntry(at("08:10"), "masto", group=f"g{n}") for n in range(8)]


def judge(
    when: str, text: str = "Hej", *accounts: str, policy: Policy = POLICY, given: Facts | None = None, **draft: Any
) -> Verdict:
    known = facts() if given is None else given
    return evaluate(policy, known, Draft(text, accounts or ("masto",), **draft), at(when))


def the(verdict: Verdict, finding_id: str) -> Finding:
    (finding,) = [finding for finding in verdict.findings if finding.id == finding_id]
    return finding


def ids(verdict: Verdict) -> list[str]:
    return [finding.id for finding in verdict.findings]


# ---------------------------------------------------------------- which kinds are judged by what


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (Kind.POST, ["P2-COUNT", "P2-SLOT", "P4", "P4-LINK", "P5-ID", "P5-RESPECT"]),
        (Kind.QUOTE, ["P2-COUNT", "P2-SLOT", "P4", "P4-LINK", "P5-ID", "P5-RESPECT"]),
        (Kind.THREAD, ["P2-COUNT", "P2-SLOT", "P4", "P4-LINK", "P5-ID", "P5-RESPECT"]),
        (Kind.REPLY, ["P2-COUNT", "P4", "P4-LINK", "P5-ID", "P5-RESPECT"]),
        (Kind.EDIT, ["P4", "P5-ID", "P5-RESPECT"]),
        (Kind.BOOST, ["P4", "P4-LINK", "P5-ID"]),
        (Kind.LIKE, []),
    ],
)
def test_each_kind_meets_its_own_rules(kind: Kind, expected: list[str]) -> None:
    verdict = judge(
        "10:15",
        "Blåbet suger",
        "masto",
        "anon",
        given=facts(ledger=SENT),
        kind=kind,
        about=About("Blåbet suger"),
    )
    assert sorted(set(ids(verdict))) == expected


def test_direct_messages_are_never_judged_whatever_their_kind() -> None:
    verdict = judge("10:15", "Blåbet suger", "anon", visibility=Visibility.DIRECT)
    assert (verdict.level, verdict.findings) == (Level.ALLOW, ())
    assert verdict.modes == {"anon": Mode.BLOCKED}
    assert verdict.per_target == {"anon": Level.ALLOW}


# ---------------------------------------------------------------- rule 2


def test_the_count_finding_tells_limit_and_number() -> None:
    planned = LedgerEntry(at("15:00"), "masto", group="later", status=LedgerStatus.SCHEDULED)
    finding = the(judge("11:40", given=facts(ledger=[*SENT[:6], planned]), kind=Kind.THREAD, segments=3), "P2-COUNT")
    assert (finding.params["limit"], finding.params["k"]) == (8, 10)
    assert finding.fixes == ("schedule-next-workday", "save-draft")
    assert finding.needs_confirm


def test_the_count_is_that_of_the_day_it_goes_out() -> None:
    given = facts(ledger=SENT)
    assert "P2-COUNT" in ids(judge("11:40", given=given))
    assert "P2-COUNT" not in ids(judge("11:40", given=given, due=at("2026-11-25 11:40")))
    assert "P2-COUNT" in ids(judge("2026-11-23 11:40", given=given, due=at("15:00")))


@pytest.mark.parametrize(
    ("posting", "expected"),
    [({"daily_soft_limit": 0}, ["P2-COUNT"]), ({"daily_soft_limit": None}, []), ({"daily_soft_limit": 1}, [])],
)
def test_limits(posting: Mapping[str, object], expected: list[str]) -> None:
    assert ids(judge("11:40", policy=parsed(posting=posting))) == expected


def test_recommendations_are_not_for_pseudonymous_accounts() -> None:
    given = facts(Machine.PRIVATE, ledger=SENT)
    assert ids(judge("10:15", "Hej", "anon", given=given)) == ["P4"]
    assert "P2-COUNT" in ids(judge("10:15", "Hej", "anon", "masto", given=given))


def test_the_slot_finding_tells_the_times_and_the_next() -> None:
    finding = the(judge("10:15"), "P2-SLOT")
    assert finding.params == {"slots": POLICY.slots, "slot": at("11:40")}
    assert (finding.fixes, finding.needs_confirm) == (("schedule-next-slot",), False)


def test_without_a_slot_ahead_nothing_is_offered() -> None:
    finding = the(judge("10:15", policy=parsed(posting={"slot_capacity": 0})), "P2-SLOT")
    assert (finding.params["slot"], finding.fixes) == (None, ())
    assert ids(judge("10:15", policy=parsed(posting={"slots": []}))) == []


# ---------------------------------------------------------------- rule 4


@pytest.mark.parametrize(
    ("account", "when", "machine", "why", "fixes"),
    [
        (
            "bsky",
            "11:40",
            Machine.WORK,
            "work-time work-computer",
            "insert-signature choose-identified-account confirm-profile",
        ),
        (
            "unk",
            "20:00",
            Machine.UNDECLARED,
            "unknown-computer",
            "insert-signature choose-identified-account confirm-profile",
        ),
        (
            "corp",
            "11:40",
            Machine.PRIVATE,
            "work-time",
            "insert-signature choose-identified-account confirm-profile schedule-after-work",
        ),
        ("anon", "20:00", Machine.WORK, "work-computer", "choose-identified-account confirm-profile"),
        (
            "anon",
            "11:40",
            Machine.PRIVATE,
            "work-time",
            "choose-identified-account confirm-profile schedule-after-work",
        ),
    ],
)
def test_why_and_what_to_do(account: str, when: str, machine: Machine, why: str, fixes: str) -> None:
    finding = the(judge(when, "Hej", account, given=facts(machine)), "P4")
    assert " ".join(finding.why) == why
    assert " ".join(finding.fixes) == fixes
    assert not finding.needs_confirm


def test_no_signature_is_offered_that_could_not_be_written() -> None:
    assert "insert-signature" not in the(judge("11:40", "Hej", "bsky", policy=parsed(person={"name": ""})), "P4").fixes
    assert "insert-signature" not in the(judge("11:40", "", "bsky", kind=Kind.BOOST), "P4").fixes


def test_each_set_of_missing_facts_is_told_with_its_accounts() -> None:
    verdict = judge("11:40", "Hej", "bsky", "corp", "unk", "anon")
    blocked = [(finding.accounts, finding.missing) for finding in verdict.findings if finding.id == "P4"]
    assert sorted(blocked) == [
        (("anon",), ("employer", "name")),
        (("bsky",), ("employer",)),
        (("corp",), ("name",)),
        (("unk",), ("employer", "name")),
    ]


def test_some_stopped_targets_can_be_dropped_all_can_not() -> None:
    verdict = judge("11:40", "Hej", "masto", "bsky")
    assert "drop-target" in the(verdict, "P4").fixes
    assert verdict.per_target == {"masto": Level.ALLOW, "bsky": Level.BLOCK}
    assert "drop-target" not in judge("11:40", "Hej", "bsky", "corp").fixes
    assert "drop-target" not in judge("11:40", "Hej", "bsky").fixes


def test_an_unknown_account_counts_as_showing_nothing() -> None:
    assert judge("11:40", "Hej", "nowhere").modes == {"nowhere": Mode.BLOCKED}


def test_without_an_employer_the_profile_alone_can_show_it() -> None:
    policy = parsed(employer={"name": "", "aliases": [], "handles": []})
    assert ids(judge("11:40", policy=policy)) == []
    assert ids(judge("11:40", "Vi på Grönkvist\n– Anna Ek, Grönkvist", "bsky", policy=policy)) == ["P4"]


# ---------------------------------------------------------------- rule 5


@pytest.mark.parametrize(
    ("mode", "account", "text", "expected"),
    [
        (mode, account, text, expected)
        for mode, in_profile in (("profile-or-text", "nudge"), ("profile", "allow"), ("text", "require_disclosure"))
        for account, text, expected in (
            ("masto", "Vi på Grönkvist gratulerar Blåbet", "allow"),
            ("anon", "Vi på Grönkvist gratulerar Blåbet", "allow"),
            ("masto", "Blåbet", in_profile),
            ("anon", "Blåbet", "require_disclosure"),
            ("unk", "Blåbet", "require_disclosure"),
        )
    ],
)
def test_the_table_of_disclosure(mode: str, account: str, text: str, expected: str) -> None:
    policy = parsed(competitor_rule={"disclosure": mode})
    assert judge("20:00", text, account, policy=policy, given=facts(Machine.PRIVATE)).level.word == expected


@pytest.mark.parametrize("mode", ["profile", "profile-or-text", "text"])
def test_a_boost_rests_on_the_profile_in_every_mode(mode: str) -> None:
    policy = parsed(competitor_rule={"disclosure": mode})
    boost: dict[str, Any] = {"kind": Kind.BOOST, "about": About("Jag jobbar på Grönkvist och gillar Blåbet")}
    assert ids(judge("11:40", "", "masto", policy=policy, **boost)) == []
    finding = the(judge("20:00", "", "anon", policy=policy, given=facts(Machine.PRIVATE), **boost), "P5-ID")
    assert finding.level is Level.REQUIRE_DISCLOSURE
    assert finding.fixes == ("quote-instead", "choose-identified-account", "not-a-competitor")


@pytest.mark.parametrize("author", ["blabet", "@blabet", "blabet@social.example", "Blåbet"])
def test_a_boosted_author_may_be_the_competitor(author: str) -> None:
    given = facts(Machine.PRIVATE)
    assert ids(judge("20:00", "", "anon", given=given, kind=Kind.BOOST, about=About("Hej", author))) == ["P5-ID"]


def test_what_a_reply_or_quote_points_at_is_not_its_text() -> None:
    for kind in (Kind.REPLY, Kind.QUOTE):
        assert ids(judge("11:40", kind=kind, about=About("Blåbet suger", "blabet"))) == []


def test_each_target_has_its_own_level_of_disclosure() -> None:
    verdict = judge("20:00", "Blåbet", "masto", "anon", given=facts(Machine.PRIVATE))
    found = [(finding.id, finding.level, finding.accounts) for finding in verdict.findings]
    assert found == [
        ("P5-ID", Level.REQUIRE_DISCLOSURE, ("anon",)),
        ("P4-LINK", Level.NUDGE, ("anon", "masto")),
        ("P5-ID", Level.NUDGE, ("masto",)),
    ]
    assert not verdict.findings[2].needs_confirm
    assert "drop-target" in verdict.findings[0].fixes
    assert verdict.findings[0].params["competitor"] == "Blåbet"


def test_an_override_is_offered_only_where_the_company_allows_it() -> None:
    given = facts(Machine.PRIVATE)
    assert the(judge("20:00", "Blåbet", "anon", given=given), "P5-ID").fixes == (
        "insert-employer",
        "choose-identified-account",
        "not-a-competitor",
    )
    strict = parsed(overrides={"P5-ID": "nobody"})
    assert "not-a-competitor" not in judge("20:00", "Blåbet", "anon", policy=strict, given=given).fixes


def test_no_name_is_offered_for_a_text_that_a_pseudonymous_account_gets_too() -> None:
    verdict = judge("11:40", "Hej", "bsky", "anon")
    named = [finding for finding in verdict.findings if finding.id == "P4" and finding.accounts == ("bsky",)]
    assert named
    assert "insert-signature" not in verdict.fixes


def test_a_warning_is_read_with_the_text() -> None:
    assert ids(judge("11:40", "Hej", cw="Om Blåbet")) == ["P5-ID"]
    assert ids(judge("11:40", "Hej\n– Anna Ek, Grönkvist", "bsky", cw="Hej")) == []


def test_respect_lists_every_term_once_and_can_be_switched_off() -> None:
    finding = the(judge("11:40", "Blåbet suger. Kronspel är usla och suger."), "P5-RESPECT")
    assert finding.params["terms"] == ("suger", "usla")
    assert finding.params["competitors"] == ("Blåbet", "Kronspel")
    assert finding.needs_confirm
    assert ids(judge("11:40", "Blåbet suger", policy=parsed(competitor_rule={"respect": False}))) == ["P5-ID"]


# ---------------------------------------------------------------- the notebook, the machine, the clock


def test_the_local_service_is_judged_alone_and_a_notebook_beside_others() -> None:
    note = AccountFacts("note", "local")
    alone = Facts(Machine.WORK, with_local_rules({"note": note}))
    assert ids(judge("10:15", "Blåbet suger", "note", given=alone)) == ["P2-SLOT", "P5-ID", "P5-RESPECT"]
    beside = replace(alone, accounts=with_local_rules({"note": note, **facts().accounts}))
    verdict = judge("10:15", "Blåbet suger", "note", given=beside)
    assert (verdict.findings, verdict.per_target, verdict.modes) == (
        (),
        {"note": Level.ALLOW},
        {"note": Mode.IDENTIFIED},
    )
    both = judge("11:40", "Blåbet", "note", "masto", given=beside)
    assert both.per_target == {"note": Level.ALLOW, "masto": Level.NUDGE}


def test_the_local_service_shows_both_facts_whatever_is_said() -> None:
    shown = with_local_rules({"note": AccountFacts("note", "local", Known.NO, Known.NO)})["note"]
    assert (shown.employer_visible, shown.real_name_visible) == (Known.YES, Known.YES)


@pytest.mark.parametrize(
    ("setting", "ssh", "expected"),
    [("work", True, Machine.WORK), ("as-declared", True, Machine.PRIVATE), ("work", False, Machine.PRIVATE)],
)
def test_an_ssh_session_hides_the_computer(setting: str, ssh: bool, expected: Machine) -> None:
    policy = parsed(machine={"ssh_session": setting})
    assert settled_machine(policy, Machine.PRIVATE, ssh=ssh) is expected


@pytest.mark.parametrize(
    ("when", "skew", "expected"),
    [
        ("07:59:30", 60, Mode.ANONYMOUS_ALLOWED),
        ("07:59:30", 61, Mode.BLOCKED),
        ("17:00:30", -60, Mode.ANONYMOUS_ALLOWED),
        ("17:00:30", -61, Mode.BLOCKED),  # five by the local clock, before it by the server's
        ("16:59:30", 3600, Mode.BLOCKED),
        ("20:00", 240, Mode.ANONYMOUS_ALLOWED),
    ],
)
def test_with_a_faulty_clock_it_is_work_time_by_either(when: str, skew: int, expected: Mode) -> None:
    given = facts(Machine.PRIVATE, skew=timedelta(seconds=skew))
    assert judge(when, "Hej", "anon", given=given).modes == {"anon": expected}
    assert status(POLICY, given, at(when)).modes["anon"] is expected


def test_slots_and_counts_go_by_the_corrected_clock() -> None:
    given = facts(skew=timedelta(minutes=4), ledger=[LedgerEntry(at("2026-11-25 00:01"), "masto", group="g")])
    assert ids(judge("11:48", given=given)) == ["P2-SLOT"]
    assert ids(judge("11:27", given=given)) == []
    shown = status(POLICY, given, at("23:58"))
    assert (shown.count, shown.now, shown.skew) == (1, at("2026-11-25 00:02"), timedelta(minutes=4))
    small = status(POLICY, replace(given, skew=timedelta(seconds=59)), at("23:58"))
    assert (small.count, small.now, small.skew) == (0, at("23:58"), timedelta(0))


class BrokenZone(tzinfo):
    def utcoffset(self, dt: datetime | None) -> timedelta | None:
        raise ValueError("the zone database is damaged")

    dst = utcoffset

    def tzname(self, dt: datetime | None) -> str:
        return "broken"


@pytest.mark.parametrize(
    ("policy", "now"),
    [
        (replace(POLICY, zone=BrokenZone()), at("20:00")),
        (POLICY, datetime.min.replace(tzinfo=UTC)),
        (POLICY, datetime.max.replace(tzinfo=UTC)),
    ],
)
def test_what_cannot_be_evaluated_is_stopped(policy: Policy, now: datetime) -> None:
    verdict = evaluate(policy, facts(Machine.PRIVATE), Draft("Hej", ("masto", "anon")), now)
    assert [(finding.id, finding.level) for finding in verdict.findings] == [("CFG-ERROR", Level.BLOCK)]
    assert verdict.per_target == {"masto": Level.BLOCK, "anon": Level.BLOCK}
    assert verdict.findings[0].params["error"]
    assert not may_override(policy, verdict.findings[0])
    assert hold_reason(policy, facts(), Draft("Hej", ("masto",)), now, now, overridden=True) == "CFG-ERROR"


# ---------------------------------------------------------------- rule 1


def silence(when: str, *last: str, **changes: Any) -> tuple[int | None, bool]:
    policy = replace(POLICY, role="landschef", **changes)
    ledger = [LedgerEntry(at(one), "masto", group=one) for one in last]
    shown = status(policy, facts(ledger=ledger, role_since=at("2026-11-02 12:00").date()), at(when))
    return shown.silence_workdays, shown.silence_nudge


def test_silence_nudges_from_the_fifth_workday_and_in_work_time_only() -> None:
    assert silence("2026-11-27 12:00", "2026-11-20 12:00") == (4, False)
    assert silence("2026-11-30 12:00", "2026-11-20 12:00") == (5, True)
    assert silence("2026-11-30 18:00", "2026-11-20 12:00") == (5, False)
    assert silence("2026-12-05 12:00", "2026-11-20 12:00") == (10, False)
    assert silence("2026-11-30 12:00", "2026-11-20 12:00", "2026-11-30 08:00") == (0, False)


def test_silence_without_any_post_is_since_the_role_was_set() -> None:
    assert silence("2026-11-10 12:00") == (5, True)
    assert silence("2026-11-10 12:00", role_since=at("2026-11-09 12:00").date()) == (0, False)


def test_silence_ends_by_no_boost_no_anonymous_post_and_is_for_a_duty_only() -> None:
    ledger = [LedgerEntry(at("08:00"), "masto", kind=Kind.BOOST), LedgerEntry(at("08:00"), "anon")]
    policy = replace(POLICY, role="landschef")
    given = facts(ledger=ledger, role_since=at("2026-11-02 12:00").date())
    assert status(policy, given, at("12:00")).silence_workdays == 15
    assert status(POLICY, given, at("12:00")).silence_workdays is None


def test_an_absence_is_neither_silence_nor_interrupted() -> None:
    away = parsed(work={"absences": [{"from": "2026-11-23", "to": "2026-11-30"}]})
    given = facts(ledger=[LedgerEntry(at("2026-11-13 12:00"), "masto")])
    shown = status(replace(away, role="landschef"), given, at("2026-11-30 12:00"))
    assert (shown.silence_workdays, shown.silence_nudge) == (5, False)


# ---------------------------------------------------------------- the outbox


def held(
    when: str, text: str = "Hej", account: str = "masto", *, pressed: str | None = None, **more: Any
) -> str | None:
    machine = more.pop("machine", Machine.WORK)
    options = {key: more.pop(key) for key in ("policy", "overridden") if key in more}
    policy = options.pop("policy", POLICY)
    draft = Draft(text, (account,), **more)
    return hold_reason(policy, facts(machine), draft, at(when), at(pressed or when), **options)


@pytest.mark.parametrize(
    ("when", "given", "expected"),
    [
        ("11:40", {}, None),
        ("10:15", {"text": "Blåbet suger"}, None),  # nudges never hold
        ("11:55", {"due": at("11:40")}, None),
        ("11:55:01", {"due": at("11:40")}, "late"),
        ("12:40", {"pressed": "11:40"}, None),
        ("12:40:01", {"pressed": "11:40"}, "waited"),
        ("14:00", {"pressed": "08:00", "due": at("14:00")}, None),
        ("11:40", {"account": "anon"}, "P4"),
        ("11:40", {"account": "anon", "overridden": True}, "P4"),
        ("08:00", {"account": "anon", "machine": Machine.PRIVATE, "due": at("07:59")}, "P4"),
        ("20:00", {"account": "anon", "machine": Machine.PRIVATE, "text": "Blåbet"}, "P5-ID"),
        ("20:00", {"account": "anon", "machine": Machine.PRIVATE, "text": "Blåbet", "overridden": True}, None),
    ],
)
def test_hold_reason(when: str, given: dict[str, Any], expected: str | None) -> None:
    assert held(when, **given) == expected


def test_the_company_decides_what_may_be_overridden() -> None:
    open_policy = parsed(overrides={"P4": "user-with-reason"})
    assert held("11:40", account="anon", policy=open_policy, overridden=True) is None
    closed = parsed(overrides={"P5-ID": "nobody"})
    assert held("20:00", "Blåbet", "anon", machine=Machine.PRIVATE, policy=closed, overridden=True) == "P5-ID"


def test_lateness_goes_by_the_corrected_clock() -> None:
    draft = Draft("Hej", ("masto",), due=at("11:40"))
    slow = facts(skew=timedelta(minutes=20))
    assert hold_reason(POLICY, slow, draft, at("11:40"), at("08:00")) == "late"
    assert hold_reason(POLICY, replace(slow, skew=timedelta(0)), draft, at("11:40"), at("08:00")) is None
