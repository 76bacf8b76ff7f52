"""What is wrong with a policy, a scenario or a file of settings: English as the policy says it, and Swedish."""

from __future__ import annotations

import json
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbclient.policy.parse import parse_policy
from mbclient.policy.scenario import parse_scenario
from mbclient.policy.values import Problem, Wrong
from mbclient.settings.toml import parse
from mbclient.texts import _, set_language
from mbclient.texts.faults import fault_text, problem_text
from mbclient.texts.places import settings_error

WRONG_TABLES: list[tuple[dict[str, Any], str]] = [
    ({"schema": 2}, "schema: måste vara 1: programmet känner inget annat"),
    ({"timezon": "UTC"}, "timezon: okänd nyckel (menade du timezone?)"),
    ({"work": {"mon": ["8-17"]}}, 'work.mon[0]: måste vara tider, till exempel "08:00-17:00"'),
    ({"work": {"holidays": "NO"}}, 'work.holidays: måste vara något av "SE", "none"'),
    ({"posting": {"slots": ["08:40", "08:40"]}}, "posting.slots[1]: tiden 08:40 står här två gånger"),
    ({"posting": {"slots": ["03:00"]}}, "posting.slots[0]: ligger utanför all arbetstid"),
    ({"identity": {"recheck_days": 0}}, "identity.recheck_days: måste vara från 1 till 10000"),
    (
        {"person": {"role": "landshef"}},
        'person.role: måste vara något av "employee", "landschef" (menade du landschef?)',
    ),
    ({"competitors": [{"aliases": [{}]}]}, "competitors[0].aliases[0].text: saknas"),
]
WRONG_LINES = [
    ("[]", "måste vara ett JSON-objekt"),
    ('{"id": "a", "id": "b"}', "nyckeln 'id' står här två gånger"),
    ('{"skew_s": NaN}', "NaN är inget tal"),
    ("{}", "now: saknas"),
    ('{"now" 1}', "är inte JSON: ':' saknas: rad 1, kolumn 8 (tecken 7)"),
    ("{} {}", "är inte JSON: mer text än väntat: rad 1, kolumn 4 (tecken 3)"),
    ('{"policy": {"posting": {"slot": []}}}', "policy.posting.slot: okänd nyckel (menade du slots?)"),
    (
        json.dumps({"accounts": {"a": {}}, "draft": {"accounts": ["b"]}}),
        "draft.accounts[0]: inget konto heter 'b': ange det under accounts",
    ),
]


@pytest.mark.parametrize(("table", "swedish"), WRONG_TABLES)
def test_a_fault_of_a_policy_in_both_languages(table: dict[str, Any], swedish: str) -> None:
    (problem,) = parse_policy(table, ZoneInfo)[1]
    assert problem_text(problem) == str(problem)
    set_language("sv")
    assert problem_text(problem) == swedish


@pytest.mark.parametrize(("line", "swedish"), WRONG_LINES)
def test_a_fault_of_a_scenario_in_both_languages(line: str, swedish: str) -> None:
    with pytest.raises(Wrong) as caught:
        parse_scenario(line, ZoneInfo)
    assert problem_text(caught.value.problem) == str(caught.value)
    set_language("sv")
    assert problem_text(caught.value.problem) == swedish


@given(st.text(), st.text(min_size=1), st.text())
def test_what_a_file_says_is_never_taken_for_a_template(key: str, near: str, name: str) -> None:
    problem = Problem((key,), "no account is called {name!r}: define it under accounts", near, values=(("name", name),))
    assert problem_text(problem) == str(problem)
    assert repr(name) in fault_text(problem)
    assert near in problem_text(problem)


def test_the_place_in_a_file_is_said_in_the_language_too() -> None:
    document = parse(b"\n[work]\nmon = 1\n", "policy.toml")
    set_language("sv")
    assert str(document.error(("work", "mon"), _("is missing"))) == "policy.toml, rad 3: saknas"
    assert str(settings_error(_("is missing"), "", file="policy.toml")) == "policy.toml: saknas"
    set_language("en")
    assert str(document.error(("work", "mon"), _("is missing"))) == "policy.toml, line 3: is missing"
