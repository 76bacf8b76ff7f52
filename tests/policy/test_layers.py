"""Whose file wins (policy facts 4.2)."""

from __future__ import annotations

from typing import Any

from mbclient.policy.layers import combine


def locked(user: dict[str, Any], *company: dict[str, Any]) -> set[str]:
    return {".".join(path) for path in combine(user, company).locked}


def test_the_users_table_alone_is_as_it_is_but_for_the_companys_own_key() -> None:
    user = {"posting": {"slots": ["09:00"]}, "overrides": {"P4": "user-with-reason", "P5-ID": "nobody"}}
    combined = combine(user)
    assert combined.table == {"posting": {"slots": ["09:00"]}, "overrides": {"P5-ID": "nobody"}}
    assert combined.locked == frozenset()


def test_the_first_company_file_that_sets_a_key_wins() -> None:
    first = {"posting": {"daily_soft_limit": 5}}
    second = {"posting": {"daily_soft_limit": 9, "slots": ["10:00"]}, "employer": {"name": "Grönkvist"}}
    user = {
        "posting": {"daily_soft_limit": 20, "slots": [], "max_late_min": 1},
        "employer": {"name": "X", "aliases": ["Y"]},
    }
    combined = combine(user, [first, second])
    assert combined.table == {
        "posting": {"daily_soft_limit": 5, "slots": ["10:00"], "max_late_min": 1},
        "employer": {"name": "Grönkvist", "aliases": ["Y"]},
    }
    assert locked(user, first, second) == {"posting.daily_soft_limit", "posting.slots", "employer.name"}


def test_competitors_are_united_each_once() -> None:
    blue, red, green = ({"name": name, "aliases": [name]} for name in ("Blå", "Röd", "Grön"))
    combined = combine({"competitors": [red, green]}, [{"competitors": [blue]}, {"competitors": [red]}])
    assert combined.table["competitors"] == [blue, red, green]
    assert combined.locked == frozenset()
    assert "competitors" not in combine({}, [{}]).table


def test_only_the_company_can_let_users_override_rule_4() -> None:
    user = {"overrides": {"P4": "user-with-reason"}}
    assert combine(user, [{"schema": 1}]).table == {"schema": 1}
    combined = combine({}, [user])
    assert combined.table == user
    assert combined.locked == {("overrides", "P4")}


def test_person_and_absences_are_always_the_users_own() -> None:
    company = {"person": {"name": "Ingen"}, "work": {"absences": [{"from": "2026-01-01", "to": "2026-12-31"}]}}
    user = {"person": {"name": "Anna Ek", "role": "landschef"}, "work": {"absences": []}}
    assert combine(user, [company]).table == user
    assert combine({}, [company]).table == {}
    assert locked(user, company) == set()


def test_the_user_sets_hours_while_the_company_lets_it() -> None:
    company = {"work": {"mon": ["08:00-17:00"], "tue": ["08:00-17:00"], "eves_off": True}}
    user = {"work": {"mon": ["10:00-14:00"], "user_may_set_hours": True}}
    combined = combine(user, [company])
    assert combined.table["work"] == {
        "mon": ["10:00-14:00"],
        "tue": ["08:00-17:00"],
        "eves_off": True,
        "user_may_set_hours": True,
    }
    assert combined.locked == frozenset()
    strict = {"work": {**company["work"], "user_may_set_hours": False}}
    combined = combine(user, [strict])
    assert combined.table == strict
    assert locked(user, strict) == {"work.mon", "work.tue", "work.eves_off", "work.user_may_set_hours"}
    unset = {"work": {"wed": ["01:00-02:00"]}}
    assert combine(unset, [strict]).table["work"] == {**strict["work"], **unset["work"]}


def test_a_company_can_shorten_the_log_never_lengthen_it() -> None:
    def kept(user: dict[str, Any], company: int) -> object:
        return combine(user, [{"log": {"retention_days": company}}]).table["log"]

    assert kept({}, 30) == {"retention_days": 30}
    assert kept({}, 400) == {"retention_days": 90}
    assert kept({"log": {"retention_days": 10}}, 30) == {"retention_days": 10}
    assert kept({"log": {"retention_days": 200}}, 30) == {"retention_days": 30}


def test_a_value_where_a_table_belongs_is_left_for_the_reader_to_refuse() -> None:
    user = {"employer": {"name": "Grönkvist"}, "posting": 5}
    company = {"employer": "Grönkvist", "posting": {"slots": []}, "competitors": "Blåbet"}
    assert combine(user, [company]).table == {
        "employer": "Grönkvist",
        "posting": {"slots": []},
        "competitors": ["Blåbet"],
    }


def test_the_input_is_left_alone() -> None:
    user: dict[str, Any] = {"work": {"mon": []}}
    company = {"posting": {"slots": ["08:40"]}, "competitors": [{"name": "B"}]}
    combined = combine(user, [company]).table
    combined["work"] = None
    assert user == {"work": {"mon": []}}
    assert company == {"posting": {"slots": ["08:40"]}, "competitors": [{"name": "B"}]}
