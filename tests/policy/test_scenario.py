"""One line of `policy test`: strict to read, complete to answer (the commands' contract, section 5)."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mbclient.policy.model import Level, Machine
from mbclient.policy.scenario import parse_scenario, run_scenario
from mbclient.policy.values import Wrong
from tests.policy.world import ACCOUNTS, POLICY, at, iso, posts, zone

FULL: dict[str, Any] = {
    "id": "W07",
    "policy": POLICY,
    "machine": "work",
    "ssh": False,
    "role": "landschef",
    "role_since": "2026-01-01",
    "accounts": ACCOUNTS,
    "ledger": [
        {
            "at": "2026-11-24T08:00:00Z",
            "account": "masto",
            "kind": "post",
            "segments": 8,
            "group": "g1",
            "status": "sent",
            "visibility": "public",
            "deleted": False,
            "text": "",
            "remote_id": "1",
        }
    ],
    "now": "2026-11-24T14:00:00Z",
    "skew_s": 0,
    "draft": {
        "text": "Hej",
        "kind": "post",
        "segments": 1,
        "visibility": "public",
        "accounts": ["masto"],
        "due": None,
        "about": {"text": "", "author": ""},
    },
    "expect": {"level": "nudge", "findings": ["P2-COUNT"]},
}


def run(line: dict[str, Any]) -> dict[str, Any]:
    return run_scenario(parse_scenario(json.dumps(line), zone))


def wrong(line: object) -> Wrong:
    text = line if isinstance(line, str) else json.dumps(line)
    with pytest.raises(Wrong) as caught:
        parse_scenario(text, zone)
    return caught.value


def test_the_whole_answer() -> None:
    result = run(FULL)
    assert result == {
        "id": "W07",
        "level": "nudge",
        "findings": [
            {
                "id": "P2-COUNT",
                "level": "nudge",
                "accounts": ["masto"],
                "missing": [],
                "why": [],
                "fixes": ["schedule-next-workday", "save-draft"],
            }
        ],
        "per_target": {"masto": "nudge"},
        "modes": {"masto": "identified"},
        "status": {
            "schema": 1,
            "count": 8,
            "planned": 0,
            "limit": 8,
            "count_state": "near",
            "current_slot": "2026-11-24T14:00:00Z",
            "next_slot": "2026-11-24T14:00:00Z",
            "work_time": True,
            "workday": True,
            "machine": "work",
            "modes": {"masto": "identified"},
            "silence_workdays": 0,
            "skew_s": 0,
        },
        "ok": True,
    }
    json.dumps(result)


def test_everything_left_out_has_its_default() -> None:
    scenario = parse_scenario('{"now": "2026-11-24T20:00:00+01:00", "draft": {"text": "Hej"}}', zone)
    assert scenario.facts.machine is Machine.UNDECLARED
    assert (scenario.policy.daily_soft_limit, scenario.policy.role) == (8, "employee")
    assert scenario.draft is not None
    assert scenario.draft.accounts == ()
    result = run_scenario(scenario)
    assert (result["level"], result["ok"]) == ("allow", None)


def test_a_draft_goes_to_every_account_unless_it_says_where() -> None:
    line = {"now": iso("11:40"), "accounts": ACCOUNTS, "draft": {"text": "Hej"}}
    assert set(run(line)["per_target"]) == set(ACCOUNTS)


def test_accounts_that_show_nothing() -> None:
    assert run({"now": iso("11:40"), "accounts": {"masto": {}}, "draft": {}})["modes"] == {"masto": "blocked"}
    assert run({"now": iso("11:40"), "ledger": [{"at": iso("09:00"), "account": "x"}]})["status"]["count"] == 1


@pytest.mark.parametrize("accounts", [["mastoo"], []])
@pytest.mark.parametrize("defined", [{}, {"accounts": ACCOUNTS}])
def test_a_draft_goes_only_to_accounts_that_are_defined(accounts: list[str], defined: dict[str, Any]) -> None:
    """A slip in a name would else be judged as somebody else, or as nobody."""
    found = wrong({"now": iso("11:40"), **defined, "draft": {"text": "Hej", "accounts": accounts}})
    assert found.problem.key.partition("[")[0] == "draft.accounts"


def test_without_a_draft_the_meter_is_told_for_all_accounts() -> None:
    result = run({"id": "m", "now": iso("20:00"), "machine": "private", "accounts": ACCOUNTS})
    assert (result["level"], result["findings"], result["per_target"], result["ok"]) == (None, [], {}, None)
    assert result["modes"] == result["status"]["modes"]
    assert result["modes"]["anon"] == "anonymous-allowed"


def test_a_now_can_be_lent_by_the_caller() -> None:
    assert parse_scenario("{}", zone, now=at("11:40")).now == at("11:40")
    assert parse_scenario(json.dumps({"now": iso("12:00")}), zone, now=at("11:40")).now == at("12:00")


def test_an_ssh_session_counts_as_work() -> None:
    line = {"now": iso("20:00"), "machine": "private", "ssh": True, "accounts": ACCOUNTS}
    assert run(line)["modes"]["anon"] == "blocked"
    assert run({**line, "policy": {"machine": {"ssh_session": "as-declared"}}})["modes"]["anon"] == "anonymous-allowed"


def test_the_local_service_follows_its_own_rules() -> None:
    line: dict[str, Any] = {"now": iso("10:15"), "draft": {"text": "Hej", "accounts": ["note"]}}
    note = {"note": {"service": "local"}}
    assert run({**line, "accounts": note})["level"] == "nudge"
    assert run({**line, "accounts": {**note, **ACCOUNTS}})["level"] == "allow"


@pytest.mark.parametrize(
    ("expect", "ok"),
    [
        ({"level": "nudge"}, True),
        ({"level": "block"}, False),
        ({"findings": ["P2-COUNT"]}, True),
        ({"findings": ["P2-COUNT", "P2-COUNT"]}, True),
        ({"findings": []}, False),
        ({"findings": ["P2-COUNT", "P4"]}, False),
        ({"level": "nudge", "findings": ["P4"]}, False),
        ({}, True),
    ],
)
def test_expect_is_the_level_and_the_exact_set_of_ids(expect: dict[str, Any], ok: bool) -> None:
    assert run({**FULL, "expect": expect})["ok"] is ok


def test_the_callers_words_go_in() -> None:
    result: dict[str, Any] = run_scenario(
        parse_scenario(json.dumps(FULL), zone),
        lambda finding, policy: f"{finding.id} of {policy.daily_soft_limit}",
        lambda status, policy: f"{status.count} of {policy.daily_soft_limit}",
    )
    assert [finding["message"] for finding in result["findings"]] == ["P2-COUNT of 8"]
    assert result["status"]["text"] == "8 of 8"


def changed(key: str, value: object) -> dict[str, Any]:
    """The full line with another value at a dotted key."""
    line: dict[str, Any] = json.loads(json.dumps(FULL))
    place: Any = line
    *path, last = key.split(".")
    for part in path:
        place = place[int(part)] if part.isdigit() else place[part]
    place[last] = value
    return line


@pytest.mark.parametrize(
    ("key", "value", "named", "said"),
    [
        ("polcy", {}, "polcy", "did you mean policy?"),
        ("id", 7, "id", "text"),
        ("policy.posting", {"slot": []}, "policy.posting.slot", "did you mean slots?"),
        ("policy.competitors", [{"name": "X"}], "policy.competitors[0]", "alias"),
        ("policy.timezone", "Mars/Base", "policy.timezone", "time zone"),
        ("policy", [], "policy", "table"),
        ("machine", "laptop", "machine", '"undeclared"'),
        ("ssh", "yes", "ssh", "true or false"),
        ("role", "landshef", "role", "did you mean landschef?"),
        ("role_since", "yesterday", "role_since", "date"),
        ("accounts", [], "accounts", "table"),
        ("accounts.masto.employer_visible", True, "accounts.masto.employer_visible", '"yes"'),
        ("accounts.masto.pseudonym", True, "accounts.masto.pseudonym", "did you mean pseudonymous?"),
        ("ledger", {}, "ledger", "list"),
        ("ledger.0.at", "2026-11-24T08:00:00", "ledger[0].at", "zone"),
        ("ledger.0.account", "mastodon", "ledger[0].account", "no account is called 'mastodon'"),
        ("ledger.0.kind", "toot", "ledger[0].kind", "must be one of"),
        ("ledger.0.segments", 0, "ledger[0].segments", "from 1"),
        ("ledger.0.status", "done", "ledger[0].status", "must be one of"),
        ("ledger.0.stauts", "sent", "ledger[0].stauts", "did you mean status?"),
        ("now", "24 November", "now", "instant"),
        ("now", 1795600000, "now", "instant"),
        ("now", "0001-01-01T00:00:00Z", "now", "years"),
        ("skew_s", "4 min", "skew_s", "seconds"),
        ("skew_s", 1e12, "skew_s", "large"),
        ("draft", "Hej", "draft", "table"),
        ("draft.text", None, "draft.text", "text"),
        ("draft.kind", "toot", "draft.kind", "must be one of"),
        ("draft.accounts", ["masto", "nobody"], "draft.accounts[1]", "no account"),
        ("draft.due", "11:40", "draft.due", "instant"),
        ("draft.about.author", 1, "draft.about.author", "text"),
        ("draft.acounts", [], "draft.acounts", "did you mean accounts?"),
        ("expect.level", "warn", "expect.level", "must be one of"),
        ("expect.findings", ["P9"], "expect.findings[0]", "must be one of"),
        ("expect.finding", [], "expect.finding", "did you mean findings?"),
    ],
)
def test_a_slip_is_named_by_its_key(key: str, value: object, named: str, said: str) -> None:
    caught = wrong(changed(key, value))
    assert caught.problem.key == named
    assert str(caught).startswith(f"{named}: ")
    assert said in str(caught)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not JSON"),
        ("", "not JSON"),
        ("[]", "one JSON object"),
        ("7", "one JSON object"),
        ('{"id": "a", "id": "b"}', "'id' stands here twice"),
        ('{"skew_s": NaN}', "NaN is no number"),
        ("[" * 100_000, "not JSON"),
        ("{}", "now: is missing"),
        ('{"now": "2026-11-24T08:00:00Z", "ledger": [{}]}', "ledger[0].at: is missing"),
    ],
)
def test_what_is_no_scenario_at_all(text: str, said: str) -> None:
    assert said in str(wrong(text))


@settings(deadline=None)
@given(st.text(max_size=40))
def test_any_line_is_read_or_refused(line: str) -> None:
    """No other error may come out."""
    with suppress(Wrong):
        parse_scenario(line, zone)


def test_a_policy_is_read_once_for_all_lines_that_hold_it() -> None:
    """What lets ten thousand lines take seconds."""
    first, second = (parse_scenario(json.dumps({**FULL, "id": name}), zone) for name in "ab")
    assert first.policy.competitors is second.policy.competitors
    other = parse_scenario(json.dumps({**FULL, "policy": {}}), zone)
    assert other.policy.competitors == ()


def test_a_scenario_may_hold_a_year_of_posts() -> None:
    ledger = [row for day in range(1, 29) for row in posts(8, f"2026-10-{day:02} 09:00")]
    result = run({"now": iso("11:40"), "accounts": ACCOUNTS, "ledger": ledger, "draft": {"accounts": ["masto"]}})
    assert result["level"] == Level.ALLOW.word
