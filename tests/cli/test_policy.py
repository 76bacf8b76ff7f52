"""meter, policy and machine: the same two functions that everything else asks."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import CommandLine
from tests.cli.shapes import METER, SCENARIO, problems

POLICY: dict[str, Any] = {
    "employer": {"name": "Grönkvist", "aliases": ["Grönkvist AB"], "handles": ["gronkvist"]},
    "person": {"name": "Anna Ek"},
    "competitors": [{"name": "Blåbet", "aliases": ["Blåbet"], "handles": ["blabet"]}],
}
ACCOUNTS = {
    "masto": {"service": "mastodon", "employer_visible": "yes", "real_name_visible": "yes"},
    "anon": {"service": "mastodon", "employer_visible": "no", "real_name_visible": "no", "pseudonymous": True},
}


def scenario(id: str, now: str, text: str, expect: str, account: str = "masto", **more: Any) -> str:
    """`expect`: the level, then the findings."""
    level, *findings = expect.split()
    ledger = [
        {"at": f"2026-11-24T0{hour}:00:00Z", "account": "masto", "group": f"g{hour}"}
        for hour in range(1, 1 + more.pop("sent", 0))
    ]
    return json.dumps(
        {
            "id": id,
            "policy": POLICY,
            "machine": "work",
            "accounts": ACCOUNTS,
            "ledger": ledger,
            "now": now,
            "draft": {"text": text, "accounts": [account]},
            "expect": {"level": level, "findings": findings},
            **more,
        }
    )


WORKED = [
    scenario("W01", "2026-11-24T10:40:00Z", "Hej", "allow"),
    scenario("W02", "2026-11-24T09:15:00Z", "Hej", "nudge P2-SLOT"),
    scenario("W07", "2026-11-24T14:00:00Z", "Hej", "nudge P2-COUNT", sent=8),
    scenario("W24", "2026-11-24T10:40:00Z", "Hej", "block P4", "anon"),
    scenario("W27", "2026-11-24T19:00:00Z", "Hej", "allow", "anon", machine="private"),
    scenario("W35", "2026-11-24T10:40:00Z", "Grattis Blåbet!", "nudge P5-ID"),
    scenario(
        "W36", "2026-11-24T19:00:00Z", "Provade Blåbets nya app", "require_disclosure P5-ID", "anon", machine="private"
    ),
    scenario("W47", "2026-11-24T09:15:00Z", "Blåbet är idioter", "nudge P2-COUNT P2-SLOT P5-ID P5-RESPECT", sent=8),
]  # fmt: skip


def file_of(mb: CommandLine, *lines: str) -> str:
    path = mb.folder / "scenarios.jsonl"
    path.write_text("\n".join(lines), "utf-8")
    return str(path)


def test_worked_examples_of_the_policy(mb: CommandLine) -> None:
    answer = mb("policy", "test", file_of(mb, *WORKED, ""))
    assert answer.status == 0
    assert answer.err == "mbclient: 8 as expected, 0 not\n"
    for found in answer.objects:
        assert problems(found, SCENARIO) == []
        assert found["ok"] is True
    assert [found["id"] for found in answer.objects] == [json.loads(line)["id"] for line in WORKED]
    assert mb("policy", "test", "-", stdin="\n".join(WORKED), json=True).out == answer.out


def test_an_expectation_that_is_not_met_ends_with_1(mb: CommandLine) -> None:
    wrong = scenario("bad", "2026-11-24T10:40:00Z", "Hej", "nudge P2-SLOT")
    silent = json.dumps({"id": "quiet", "now": "2026-11-24T10:40:00Z"})
    answer = mb("policy", "test", file_of(mb, WORKED[0], wrong, silent))
    assert answer.status == 1
    assert [(found["id"], found["ok"]) for found in answer.objects] == [("W01", True), ("bad", False), ("quiet", None)]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "line 2"),
        ('{"id": "x", "polcy": {}}', "did you mean policy"),
        ('{"id": "x", "now": "igår"}', "line 2"),
        ('{"id": "x", "policy": {"posting": {"slots": ["25:00"]}}}', "slots"),
        ("[" * 5000, "line 2"),
        ("x" * 1_000_001, "line 2"),
    ],
)
def test_a_bad_line_is_named(mb: CommandLine, line: str, said: str) -> None:
    answer = mb("policy", "test", file_of(mb, WORKED[0], line, WORKED[1]))
    assert answer.status == 2
    assert said in answer.err
    assert "scenarios.jsonl, line 2" in answer.err
    assert answer.err.count("\n") == 1
    assert answer.object["id"] == "W01"  # what came before it was answered


def test_bytes_that_are_no_text(mb: CommandLine) -> None:
    path = mb.folder / "scenarios.jsonl"
    path.write_bytes(WORKED[0].encode() + b"\n\xff\xfe\n")
    assert "line 2" in mb("policy", "test", str(path)).err


def test_what_is_wrong_is_said_in_swedish_too(mb: CommandLine) -> None:
    mb.settings('language = "sv"\n')
    answer = mb("policy", "test", file_of(mb, WORKED[0], '{"id": "x", "polcy": {}}'))
    assert answer.err.endswith("scenarios.jsonl, rad 2: polcy: okänd nyckel (menade du policy?); laga scenariot\n")
    path = mb.folder / "policy.toml"
    path.write_text('[posting]\nslots = ["8:40"]\n', "utf-8")
    said = f'{path}, rad 2: posting.slots[0]: måste vara ett klockslag, till exempel "08:40"; rätta det'
    assert mb("policy", "validate", str(path)).err == f"mbclient: {said}\n"
    path.write_text('[posting]\nslots = ["03:00"]\n', "utf-8")
    warned = mb("policy", "validate", str(path), json=True)
    assert warned.object["warnings"] == ["posting.slots[0]: ligger utanför all arbetstid"]
    gone = mb("policy", "validate", str(mb.folder / "gone" / "policy.toml"))
    assert gone.err.endswith("filen finns inte; kontrollera sökvägen\n")


@pytest.mark.slow
def test_ten_thousand_scenarios_take_seconds(mb: CommandLine) -> None:
    lines = [WORKED[number % len(WORKED)] for number in range(10_000)]
    path = file_of(mb, *lines)
    start = time.process_time()
    answer = mb("policy", "test", path)
    assert answer.status == 0
    assert answer.out.count("\n") == 10_000
    assert time.process_time() - start < 20


# ------------------------------------------------------------ meter


def test_the_meter_in_words_json_and_a_format(mb: CommandLine) -> None:
    mb("post", "Hej")
    found = mb("meter", json=True)
    assert problems(found.object, METER) == []
    assert (found.object["count"], found.object["current_slot"]) == (1, "2026-11-24T10:40:00Z")
    assert found.object["text"].startswith("Posts today: 1 of 8 (OK) · Now: the 11:40 time (until 11:50)")
    assert mb("meter").out.startswith("✓ Posts today: 1 of 8 (OK)")
    assert mb("meter", "--format", "{symbol} {count}/{limit}{{}} {mode}").out == "✓● 1/8{} IDENTIFIED\n"
    assert mb("meter", "--at", "2026-11-28 10:00", json=True).object["workday"] is False


def test_the_meter_keeps_to_a_width(mb: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    assert mb("meter").out == "✓ 0/8 OK · now 11:40 · ● IDENTIFIED\n"
    monkeypatch.setenv("COLUMNS", "20")
    assert mb("meter").out == "✓ 0/8 11:40 ● IDENT\n"


def test_the_words_follow_the_set_language(mb: CommandLine) -> None:
    mb.settings(mb.config.read_text("utf-8").replace('"en"', '"sv"'))
    assert mb("meter").out.startswith("✓ Inlägg i dag: 0 av 8 (OK) · Nu: 11.40-tiden (till 11.50)")
    assert "rekommenderade" in mb("policy", "explain", "P2-SLOT").out.casefold()


# ------------------------------------------------------------ policy


@pytest.mark.parametrize(
    ("rule", "id"), [("1", "P1"), ("p2", "P2"), ("P3", "P3"), ("P4", "P4"), ("5", "P5"), ("p5-respect", "P5-RESPECT")]
)
def test_explaining_a_rule(mb: CommandLine, rule: str, id: str) -> None:
    found = mb("policy", "explain", rule, json=True)
    assert found.status == 0
    assert found.object["id"] == id
    assert found.object["text"]
    assert found.object["name"] in mb("policy", "explain", rule).out


def test_showing_and_emptying_the_log(mb: CommandLine) -> None:
    assert mb("policy", "log").out == "the decision log is empty\n"
    mb("post", "Hemlig text om Blåbet")
    entries = mb("policy", "log", json=True).objects
    assert entries
    assert not any("Hemlig" in json.dumps(entry) or "Blåbet" in json.dumps(entry) for entry in entries)
    assert mb("policy", "log").out == "Tue 24 Nov 11:40 · Reminder · sent · notebook · P5-ID\n"
    assert mb("policy", "log", "--delete", json=True).object == {"schema": 1, "deleted": len(entries)}
    assert mb("policy", "log", json=True).objects == []


def test_a_company_file_wins_and_says_so(mb: CommandLine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    company = tmp_path / "policy.toml"
    company.write_text("[posting]\ndaily_soft_limit = 2\n")
    assert mb("policy", "validate", str(company)).status == 0
    monkeypatch.setenv("MBCLIENT_COMPANY_POLICY", str(company))
    assert mb("meter", "--format", "{limit}").out == "2\n"
    shown = mb("policy", "show", json=True).object
    assert shown["locked"] == ["posting.daily_soft_limit"]
    assert str(company) in shown["sources"]
    company.write_text("[posting]\ndaily_soft_limit = 2\nslotz = []\n")
    answer = mb("policy", "validate", str(company))
    assert answer.status == 2
    assert f"{company}, line 3" in answer.err
    assert "slots" in answer.err
    assert mb("meter", "--format", "{limit}").out == "2\n"  # its last good version holds
    assert "slotz" in mb("policy", "show").err


def test_a_warning_does_not_refuse_a_file(mb: CommandLine, tmp_path: Path) -> None:
    company = tmp_path / "policy.toml"
    company.write_text('[posting]\nslots = ["06:00", "11:40"]\n')
    answer = mb("policy", "validate", str(company), json=True)
    assert answer.status == 0
    assert len(answer.object["warnings"]) == 1


# ------------------------------------------------------------ machine


def test_declaring_whose_computer_it_is(mb: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mbclient.settings.machine.machine_id", lambda: "f00d")
    monkeypatch.setattr("mbclient.settings.machine.FileMachineSource.__init__.__defaults__", (lambda: "f00d",))
    before = mb("machine", "show", json=True).object
    assert before == {"schema": 1, "machine": "undeclared", "source": "nobody"}
    after = mb("machine", "declare", "private", json=True)
    assert after.object == {"schema": 1, "machine": "private", "source": "declared"}
    assert mb("meter", json=True).object["machine"] == "private"
    (fact,) = [one for one in mb("policy", "log", json=True).objects if "fact" in one]
    assert (fact["fact"], fact["value"]) == ("machine", "private")
    monkeypatch.setenv("MBCLIENT_MACHINE", "work")
    assert mb("machine", "show", json=True).object == {"schema": 1, "machine": "work", "source": "environment"}
