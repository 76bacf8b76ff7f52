"""`policy explain RULE`: the rule, its parameters, today's facts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mbclient.domain.account import Known
from mbclient.domain.errors import UsageError
from mbclient.policy.model import AccountFacts, Interval, Mode, Organisation, Policy
from mbclient.texts import set_language
from mbclient.texts.explain import Explanation, Row, explain, hours_text, week_text
from tests.texts.conftest import status_of

IDS = ["P2-COUNT", "P2-SLOT", "P4", "P4-LINK", "P5-ID", "P5-RESPECT", "CFG-ERROR"]


def rows(explanation: Explanation) -> dict[str, str]:
    both: tuple[Row, ...] = (*explanation.parameters, *explanation.facts)
    return {row.key: row.value for row in both}


@pytest.mark.parametrize("rule", ["1", "2", "3", "4", "5", "p1", "P2", " P3 ", *IDS])
@pytest.mark.parametrize("language", ["en", "sv"])
def test_every_rule_and_finding_is_explained(rule: str, language: str, policy: Policy) -> None:
    set_language(language)
    explanation = explain(rule, policy, status_of())
    assert explanation.name
    assert explanation.text
    assert (explanation.id in IDS) <= bool(explanation.decides)
    keys = [row.key for row in (*explanation.parameters, *explanation.facts)]
    assert len(keys) == len(set(keys))


def test_a_finding_explains_itself_alone(policy: Policy) -> None:
    assert [finding for finding, _words in explain("P5-RESPECT", policy, status_of()).decides] == ["P5-RESPECT"]
    assert [finding for finding, _words in explain("4", policy, status_of()).decides] == ["P4", "P4-LINK"]


@pytest.mark.parametrize("rule", ["6", "P9", "", "P2-", "rule 2"])
def test_no_such_rule(rule: str, policy: Policy) -> None:
    with pytest.raises(UsageError, match="P5-RESPECT"):
        explain(rule, policy, status_of())


def test_rule_3_speaks_for_everyone(policy: Policy) -> None:
    explanation = explain("P3", policy, status_of())
    assert (explanation.text, explanation.decides, explanation.parameters) == (
        "Every employee may post (rule 3).",
        (),
        (),
    )


def test_rule_2_shows_its_times_and_the_day(policy: Policy) -> None:
    set_language("sv")
    values = rows(explain("2", policy, status_of(planned=2)))
    assert values["work"] == "mån–fre 08.00–17.00"
    assert values["posting.slots"] == "08.40, 11.40 och 15.00"
    assert values["posting.slot_tolerance_min"] == "10 min"
    assert values["posting.daily_soft_limit"] == "8"
    assert values["now"] == "tis 24 nov 10.28"
    assert (values["count"], values["planned"], values["next_slot"]) == ("3 (OK)", "2", "11.40")


def test_rule_4_shows_each_account(policy: Policy) -> None:
    accounts = {"masto": AccountFacts("masto", employer_visible=Known.YES, real_name_visible=Known.UNKNOWN)}
    status = status_of(modes={"masto": Mode.BLOCKED})
    values = rows(explain("P4", policy, status, accounts))
    assert values["accounts.masto"] == "BLOCKED (employer shown: yes, name shown: unknown)"
    assert (values["machine"], values["overrides.P4"]) == ("work computer", "nobody")


def test_rule_5_names_the_competitors(policy: Policy) -> None:
    competitors = (Organisation(name="Svea Lott"), Organisation(name="Blåbet"))
    values = rows(explain("P5", replace(policy, competitors=competitors), status_of()))
    assert values["competitors"] == "Blåbet, Svea Lott"
    assert values["overrides.P5-ID"] == "you, with a reason"


def test_hours() -> None:
    office, night = (Interval(480, 720), Interval(780, 1020)), (Interval(1320, 1800),)
    assert hours_text(office) == "08:00–12:00, 13:00–17:00"
    assert hours_text(night) == "22:00–06:00"
    assert hours_text((Interval(0, 1440),)) == "00:00–24:00"
    assert week_text((office, office, (), office, night, (), ())) == (
        "Mon–Tue 08:00–12:00, 13:00–17:00; Thu 08:00–12:00, 13:00–17:00; Fri 22:00–06:00"
    )
    assert week_text(((),) * 7) == "none"
