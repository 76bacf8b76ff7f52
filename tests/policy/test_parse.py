"""Reading a policy table strictly (policy facts 4.1 and 4.3)."""

from __future__ import annotations

import tomllib
from datetime import date, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbclient.policy.model import Alias, Disclosure, Interval, Override, Policy, Role
from mbclient.policy.parse import Problem, parse_policy
from tests.policy.world import POLICY, STOCKHOLM, company, zone

DEFAULTS = """
schema = 1
timezone = "Europe/Stockholm"
[employer]
name = ""
aliases = []
handles = []
domains = []
hashtags = []
[person]
name = ""
role = "employee"
role_since = ""
[work]
mon = ["08:00-17:00"]
tue = ["08:00-17:00"]
wed = ["08:00-17:00"]
thu = ["08:00-17:00"]
fri = ["08:00-17:00"]
sat = []
sun = []
holidays = "SE"
eves_off = true
exceptions = []
absences = []
user_may_set_hours = true
[posting]
slots = ["08:40", "11:40", "15:00"]
slot_tolerance_min = 10
slot_capacity = "auto"
daily_soft_limit = 8
crosspost_window_min = 10
max_late_min = 15
max_queue_min = 60
[identity]
recheck_days = 30
[machine]
ssh_session = "work"
[roles.landschef]
duty = "active"
max_silence_workdays = 5
[competitor_rule]
disclosure = "profile-or-text"
respect = true
respect_extra_terms = []
respect_allow_terms = []
[overrides]
P4 = "nobody"
P5-ID = "user-with-reason"
[reading]
idle_timeout_s = 120
tail_s = 15
words_per_minute = 200
hourly_rate = 0
currency = "SEK"
[log]
retention_days = 90
"""


def read(table: dict[str, Any]) -> tuple[Policy, list[Problem]]:
    return parse_policy(table, zone)


def test_the_defaults_of_the_facts_are_those_of_the_code() -> None:
    policy, problems = read(tomllib.loads(DEFAULTS))
    assert problems == []
    assert policy == read({})[0] == Policy(zone=STOCKHOLM)


def test_every_key_is_read() -> None:
    text = """
        timezone = "Asia/Tokyo"
        [employer]
        name = "Grönkvist"
        aliases = ["Grönkvist AB", { text = "GK", case_sensitive = true }]
        handles = ["@gronkvist"]
        domains = ["Gronkvist.example"]
        hashtags = ["#gronkvist"]
        [person]
        name = "Anna Ek"
        role = "regionchef"
        role_since = "2026-01-01"
        [work]
        mon = ["13:00-17:00", "08:00-12:00"]
        fri = ["22:00-06:00"]
        sun = ["20:00-24:00"]
        holidays = "none"
        eves_off = false
        exceptions = [{ date = "2026-12-23", hours = [] }, { date = 2026-12-22, hours = ["08:00-12:00"] }]
        absences = [{ from = "2026-07-06", to = "2026-07-31" }]
        user_may_set_hours = false
        [posting]
        slots = ["00:00"]
        slot_tolerance_min = 0
        slot_capacity = 2
        daily_soft_limit = "none"
        crosspost_window_min = 1
        max_late_min = 2
        max_queue_min = 3
        [identity]
        recheck_days = 7
        [machine]
        ssh_session = "as-declared"
        [roles.regionchef]
        duty = "active"
        max_silence_workdays = 9
        [competitor_rule]
        disclosure = "text"
        respect = false
        respect_extra_terms = ["korkade"]
        respect_allow_terms = ["suger"]
        [overrides]
        P4 = "user-with-reason"
        P5-ID = "nobody"
        [reading]
        idle_timeout_s = 60
        tail_s = 5
        words_per_minute = 250
        hourly_rate = 412.5
        currency = "EUR"
        [log]
        retention_days = 30
        [[competitors]]
        name = "Blåbet"
        domains = ["blabet.example"]
    """
    policy, problems = read(tomllib.loads(text))
    assert [problem for problem in problems if not problem.warning] == []
    assert policy.zone_name == "Asia/Tokyo"
    assert policy.employer.aliases == (Alias("Grönkvist AB"), Alias("GK", case_sensitive=True))
    assert (policy.employer.handles, policy.employer.hashtags) == (("gronkvist",), ("gronkvist",))
    assert policy.employer.domains == ("gronkvist.example",)
    assert (policy.person_name, policy.role, policy.role_since) == ("Anna Ek", "regionchef", date(2026, 1, 1))
    assert policy.week[0] == (Interval(480, 720), Interval(780, 1020))
    assert policy.week[4] == (Interval(22 * 60, 30 * 60),)
    assert policy.week[6] == (Interval(20 * 60, 24 * 60),)
    assert (policy.holidays, policy.eves_off, policy.user_may_set_hours) == ("none", False, False)
    assert policy.exceptions == {date(2026, 12, 23): (), date(2026, 12, 22): (Interval(480, 720),)}
    assert policy.absences[0].last == date(2026, 7, 31)
    assert (policy.slots, policy.slot_tolerance, policy.slot_capacity) == ((time(0),), timedelta(0), 2)
    assert policy.daily_soft_limit is None
    assert [policy.crosspost_window, policy.max_late, policy.max_queue] == [timedelta(minutes=n) for n in (1, 2, 3)]
    assert (policy.recheck_days, policy.ssh_session) == (7, "as-declared")
    assert policy.roles == {"landschef": Role("active", 5), "regionchef": Role("active", 9)}
    assert (policy.disclosure, policy.respect) == (Disclosure.TEXT, False)
    assert (policy.respect_extra_terms, policy.respect_allow_terms) == (("korkade",), ("suger",))
    assert (policy.override_p4, policy.override_p5_id) == (Override.USER_WITH_REASON, Override.NOBODY)
    assert (policy.idle_timeout, policy.tail) == (timedelta(seconds=60), timedelta(seconds=5))
    assert (policy.words_per_minute, policy.hourly_rate, policy.currency) == (250, 412.5, "EUR")
    assert policy.log_retention_days == 30
    assert policy.competitors[0].domains == ("blabet.example",)


def test_the_base_fills_what_a_table_leaves_out() -> None:
    base, _ = read(POLICY)
    policy, problems = parse_policy({"posting": {"daily_soft_limit": 3}}, zone, base)
    assert problems == []
    assert (policy.daily_soft_limit, policy.employer) == (3, base.employer)


@pytest.mark.parametrize(
    ("table", "key", "message", "advice"),
    [
        ({"schema": 2}, "schema", "must be 1", ""),
        ({"schema": True}, "schema", "must be 1", ""),
        ({"timezon": "UTC"}, "timezon", "unknown key", "timezone"),
        ({"xyz": {}}, "xyz", "unknown key", ""),
        ({"timezone": "Europe/Stokholm"}, "timezone", "must be a time zone", ""),
        ({"timezone": "../../etc/passwd"}, "timezone", "must be a time zone", ""),
        ({"timezone": 1}, "timezone", "must be a text", ""),
        ({"work": []}, "work", "must be a table", ""),
        ({"work": {"mondag": []}}, "work.mondag", "unknown key", "mon"),
        ({"work": {"mon": "08:00-17:00"}}, "work.mon", "must be a list", ""),
        ({"work": {"mon": ["8-17"]}}, "work.mon[0]", "must be hours", ""),
        ({"work": {"mon": ["08:00-17:00", "25:00-26:00"]}}, "work.mon[1]", "must be a time", ""),
        ({"work": {"mon": ["24:00-08:00"]}}, "work.mon[0]", "must be a time", ""),
        ({"work": {"mon": ["08:00-12:00", "11:59-17:00"]}}, "work.mon[1]", "overlaps", ""),
        ({"work": {"mon": ["22:00-06:00", "23:00-23:30"]}}, "work.mon[1]", "overlaps", ""),
        ({"work": {"holidays": "NO"}}, "work.holidays", "must be one of", ""),
        ({"work": {"holidays": "se"}}, "work.holidays", "must be one of", ""),
        ({"work": {"eves_off": "true"}}, "work.eves_off", "must be true or false", ""),
        ({"work": {"exceptions": [{"date": "2026-13-01", "hours": []}]}}, "work.exceptions[0].date", "not a date", ""),
        ({"work": {"exceptions": [{"date": "23/12"}]}}, "work.exceptions[0].date", "must be a date", ""),
        ({"work": {"exceptions": [{"date": "2026-12-23"}]}}, "work.exceptions[0].hours", "is missing", ""),
        ({"work": {"exceptions": [{"date": "0001-01-01", "hours": []}]}}, "work.exceptions[0].date", "must lie", ""),
        (
            {"work": {"exceptions": [{"date": "2026-12-23", "hours": []}] * 2}},
            "work.exceptions[1].date",
            "twice",
            "",
        ),
        ({"work": {"absences": [{"from": "2026-02-02", "to": "2026-02-01"}]}}, "work.absences[0].to", "before", ""),
        ({"work": {"absences": [{"from": "2026-02-02", "till": ""}]}}, "work.absences[0].till", "unknown key", ""),
        ({"posting": {"slots": ["8:40"]}}, "posting.slots[0]", "must be a time", ""),
        ({"posting": {"slots": ["08:40", "11:40", "08:40"]}}, "posting.slots[2]", "twice", ""),
        ({"posting": {"slots": ["٠8:40"]}}, "posting.slots[0]", "must be a time", ""),
        ({"posting": {"slots": ["24:00"]}}, "posting.slots[0]", "must be a time", ""),
        ({"posting": {"daily_soft_limit": -1}}, "posting.daily_soft_limit", "negative", ""),
        ({"posting": {"daily_soft_limit": "8"}}, "posting.daily_soft_limit", '"none"', ""),
        ({"posting": {"daily_soft_limit": 8.5}}, "posting.daily_soft_limit", "whole number", ""),
        ({"posting": {"daily_soft_limit": True}}, "posting.daily_soft_limit", "whole number", ""),
        ({"posting": {"slot_capacity": None}}, "posting.slot_capacity", "whole number", ""),
        ({"posting": {"slot_capacity": "full"}}, "posting.slot_capacity", '"auto"', ""),
        ({"posting": {"slot_tolerance_min": 100_000}}, "posting.slot_tolerance_min", "must be from", ""),
        ({"posting": {"max_late_min": -5}}, "posting.max_late_min", "negative", ""),
        ({"posting": {"dayly_soft_limit": 8}}, "posting.dayly_soft_limit", "unknown key", "daily_soft_limit"),
        ({"identity": {"recheck_days": 0}}, "identity.recheck_days", "must be from", ""),
        ({"machine": {"ssh_session": "as-declard"}}, "machine.ssh_session", "must be one of", "as-declared"),
        ({"person": {"role": "landshef"}}, "person.role", "must be one of", "landschef"),
        ({"person": {"name": "Anna\nEk"}}, "person.name", "one line", ""),
        ({"person": {"role_since": "now"}}, "person.role_since", "must be a date", ""),
        ({"roles": {"chef": {"duty": "silent"}}}, "roles.chef.duty", "must be one of", ""),
        ({"roles": {"chef": {"dutty": "active"}}}, "roles.chef.dutty", "unknown key", "duty"),
        ({"roles": {"chef": 1}}, "roles.chef", "must be a table", ""),
        ({"competitors": {}}, "competitors", "must be a list", ""),
        ({"competitors": ["Blåbet"]}, "competitors[0]", "must be a table", ""),
        ({"competitors": [{"name": "Blåbet"}]}, "competitors[0]", "has no alias", ""),
        ({"competitors": [{"aliases": ["!"]}]}, "competitors[0].aliases[0]", "a letter or a digit", ""),
        ({"competitors": [{"aliases": [""]}]}, "competitors[0].aliases[0]", "must not be empty", ""),
        ({"competitors": [{"aliases": [{"case_sensitive": True}]}]}, "competitors[0].aliases[0].text", "missing", ""),
        ({"competitors": [{"aliases": [{"regex": "b.*"}]}]}, "competitors[0].aliases[0].regex", "unknown key", ""),
        ({"competitors": [{"aliases": [1]}]}, "competitors[0].aliases[0]", "must be a table", ""),
        ({"competitors": [{"domains": ["https://a.example"]}]}, "competitors[0].domains[0]", "must be a domain", ""),
        ({"competitors": [{"domains": ["example"]}]}, "competitors[0].domains[0]", "must be a domain", ""),
        ({"competitors": [{"handles": ["a b"]}]}, "competitors[0].handles[0]", "must be a handle", ""),
        ({"competitors": [{"hashtags": ["#a-b"]}]}, "competitors[0].hashtags[0]", "must be a hashtag", ""),
        ({"competitor_rule": {"disclosure": "texts"}}, "competitor_rule.disclosure", "must be one of", "text"),
        (
            {"competitor_rule": {"respect_extra_terms": ["s.*r"]}},
            "competitor_rule.respect_extra_terms[0]",
            "regular",
            "",
        ),
        ({"overrides": {"P4": True}}, "overrides.P4", "must be one of", ""),
        ({"overrides": {"P5": "nobody"}}, "overrides.P5", "unknown key", "P5-ID"),
        ({"reading": {"hourly_rate": float("nan")}}, "reading.hourly_rate", "too large", ""),
        ({"reading": {"hourly_rate": -1}}, "reading.hourly_rate", "negative", ""),
        ({"reading": {"words_per_minute": 0}}, "reading.words_per_minute", "must be from", ""),
        ({"log": {"retention_days": -1}}, "log.retention_days", "negative", ""),
    ],
)
def test_what_is_wrong_is_named_and_the_default_kept(
    table: dict[str, Any], key: str, message: str, advice: str
) -> None:
    policy, problems = read(table)
    assert [problem.key for problem in problems] == [key]
    assert message in problems[0].message
    assert problems[0].advice == advice
    assert not problems[0].warning
    assert policy == Policy(zone=STOCKHOLM, roles=policy.roles)  # a role is known by being named


@pytest.mark.parametrize(
    "pattern", ["blå.*", "^Blåbet$", "bl[åa]bet", "(?i)x", "a|b", "/blabet/", r"\bblå", "blå{2}", "(b)+"]
)
def test_a_regular_expression_is_never_accepted(pattern: str) -> None:
    _, problems = read({"competitors": [{"aliases": [pattern]}]})
    assert "regular expression" in problems[0].message


@pytest.mark.parametrize(
    "name", ["H&M", "Yahoo!", "Canal+", "7-Eleven", "Booking.com", "L'Oréal", "A/B", "Vem vet?", "(Ny) Bet"]
)
def test_odd_names_are_no_regular_expressions(name: str) -> None:
    assert read({"competitors": [{"name": name, "aliases": [name]}]})[1] == []


@pytest.mark.parametrize("alias", ["Grönkvist", "GRÖNKVIST ab", "Gro\u0308nkvist-AB"])
def test_a_competitor_is_not_the_employer(alias: str) -> None:
    _, problems = read(company(competitors=[{"aliases": ["X", alias]}]))
    assert [(problem.key, problem.message) for problem in problems] == [
        ("competitors[0].aliases[1]", "is an alias of the employer too")
    ]


def test_a_slot_outside_all_hours_is_a_warning() -> None:
    policy, problems = read({"posting": {"slots": ["08:40", "06:00", "17:00"]}})
    assert [(problem.key, problem.warning) for problem in problems] == [
        ("posting.slots[1]", True),
        ("posting.slots[2]", True),  # the hours end there
    ]
    assert policy.slots == (time(8, 40), time(6), time(17))
    nights = {"work": {"fri": ["22:00-07:00"]}, "posting": {"slots": ["06:00"]}}
    assert read(nights)[1] == []


def test_every_problem_is_told_not_only_the_first() -> None:
    _, problems = read({"a": 1, "work": {"b": 2, "mon": 3}, "competitors": [{"c": 4}, {"aliases": ["X"]}]})
    assert sorted(problem.key for problem in problems) == ["a", "competitors[0].c", "work.b", "work.mon"]


def test_hours_may_meet() -> None:
    policy, problems = read({"work": {"mon": ["12:00-17:00", "08:00-12:00"]}})
    assert problems == []
    assert policy.week[0] == (Interval(480, 720), Interval(720, 1020))


def test_a_problem_reads_as_one_sentence() -> None:
    assert str(Problem(("work", "mon", 0), "must be hours")) == "work.mon[0]: must be hours"
    assert str(Problem(("worc",), "unknown key", "work")) == "worc: unknown key (did you mean work?)"


@given(
    st.from_regex(r"([01][0-9]|2[0-3]):[0-5][0-9]", fullmatch=True),
    st.from_regex(r"([01][0-9]|2[0-3]):[0-5][0-9]|24:00", fullmatch=True),
)
def test_any_hours_are_read_and_are_no_longer_than_a_day(start: str, end: str) -> None:
    policy, problems = read({"work": {"mon": [f"{start}-{end}"]}, "posting": {"slots": []}})
    assert problems == []
    (hours,) = policy.week[0]
    assert 0 < hours.end - hours.start <= 1440
    assert f"{hours.start // 60:02}:{hours.start % 60:02}" == start
    assert hours.end % 1440 == (int(end[:2]) * 60 + int(end[3:])) % 1440
