from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mbclient.core.preferences import LoadedPolicy
from mbclient.domain.draft import Draft
from mbclient.policy.engine import evaluate
from mbclient.policy.model import AccountFacts, Facts, Machine, Mode, Override, Policy
from mbclient.settings import company
from mbclient.settings.company import FilePolicySource, load_policy
from mbclient.settings.config import Config, load_config
from mbclient.settings.paths import Paths
from mbclient.settings.policytable import find_zone
from tests.settings.conftest import put
from tests.settings.test_config import mutated

DEFAULT = Policy(zone=find_zone("Europe/Stockholm"))


def system(paths: Paths) -> Path:
    return paths.company_policy_files[0]


def xdg(paths: Paths) -> Path:
    return paths.company_policy_files[1]


def test_without_any_file_the_built_in_policy(paths: Paths) -> None:
    loaded = load_policy(paths, {})
    assert loaded.policy == DEFAULT
    assert (loaded.notices, loaded.locked, loaded.sources) == ((), frozenset(), ())
    assert loaded.digest.startswith("sha256:")


def test_the_first_file_that_sets_a_key_wins_and_locks_it(paths: Paths) -> None:
    put(system(paths), "[posting]\ndaily_soft_limit = 3\n[overrides]\nP4 = 'user-with-reason'")
    put(xdg(paths), "[posting]\ndaily_soft_limit = 4\nslot_tolerance_min = 5")
    loaded = load_policy(paths, {"posting": {"daily_soft_limit": 5, "slot_tolerance_min": 6, "max_late_min": 7}})
    assert loaded.policy.daily_soft_limit == 3
    assert loaded.policy.slot_tolerance == timedelta(minutes=5)
    assert loaded.policy.max_late == timedelta(minutes=7)
    assert loaded.policy.override_p4 is Override.USER_WITH_REASON
    assert loaded.locked == {"posting.daily_soft_limit", "posting.slot_tolerance_min", "overrides.P4"}
    assert loaded.sources == (str(system(paths)), str(xdg(paths)))
    assert loaded.notices == ()


def test_the_user_cannot_let_themselves_override_rule_4(paths: Paths) -> None:
    loaded = load_policy(paths, {"overrides": {"P4": "user-with-reason"}})
    assert loaded.policy.override_p4 is Override.NOBODY
    assert loaded.warnings == loaded.notices
    assert "overrides.P4 counts only in a company's policy file" in loaded.warnings[0]


def test_competitors_of_all_are_united(paths: Paths) -> None:
    put(system(paths), "[[competitors]]\nname = 'Blåbet'\naliases = ['Blåbet']")
    loaded = load_policy(paths, {"competitors": [{"name": "Kronspel", "aliases": ["Kronspel"]}]})
    assert {one.name for one in loaded.policy.competitors} == {"Blåbet", "Kronspel"}


BROKEN = [
    "[posting]\ndaily_soft_limit = -1",
    "[posting]\nslots = ['08:40', '08:40']",
    "[workk]\nmon = []",
    "[overrides]\nP4 = 'everybody'",
    "[[competitors]]\nname = 'x'",
    "timezone = 'Mars/Base'",
    "timezone = '../../etc/passwd'",
    "schema = 2",
    "[work",
    b"\xff\xfe",
    b"\x00" * 100,
    "x = " + "[" * 5000,
]


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_file_is_stood_in_for_by_its_last_good_copy(paths: Paths, text: str | bytes) -> None:
    put(system(paths), "[competitor_rule]\ndisclosure = 'text'\n[posting]\ndaily_soft_limit = 2")
    good = load_policy(paths, {})
    put(system(paths), text)
    loaded = load_policy(paths, {"posting": {"daily_soft_limit": "none"}})
    assert loaded.policy == good.policy
    assert loaded.locked == good.locked
    assert str(system(paths)) in loaded.notices[0]
    assert "last good" in loaded.notices[0]


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_file_without_a_copy_is_never_freer_than_the_built_in_rules(paths: Paths, text: str | bytes) -> None:
    put(system(paths), text)
    user = {
        "work": {"mon": [], "tue": [], "wed": [], "absences": [{"from": "2026-07-06", "to": "2026-07-31"}]},
        "machine": {"ssh_session": "as-declared"},
        "competitor_rule": {"disclosure": "profile"},
        "identity": {"recheck_days": 9999},
        "employer": {"name": "Grönkvist"},
    }
    loaded = load_policy(paths, user)
    assert loaded.policy.week == DEFAULT.week
    assert len(loaded.policy.absences) == 1
    assert loaded.policy.ssh_session == "work"
    assert loaded.policy.disclosure is DEFAULT.disclosure
    assert loaded.policy.recheck_days == 30
    assert loaded.policy.employer.name == "Grönkvist"
    assert "defaults" in loaded.notices[0]


def test_a_broken_file_leaves_the_others_in_force(paths: Paths) -> None:
    put(system(paths), "[work")
    put(xdg(paths), "[posting]\ndaily_soft_limit = 4")
    assert load_policy(paths, {}).policy.daily_soft_limit == 4


def test_a_broken_company_file_never_stops_a_command(paths: Paths) -> None:
    put(system(paths), "[work")
    assert load_config(paths).notices == ()
    assert FilePolicySource(paths, load_config(paths)).current().notices


def test_the_source_reads_again_when_a_file_changes(paths: Paths) -> None:
    source = FilePolicySource(paths, Config())
    before = source.current()
    assert source.current() is before
    put(system(paths), "[posting]\ndaily_soft_limit = 4")
    assert source.current().policy.daily_soft_limit == 4
    put(system(paths), "[posting]\ndaily_soft_limit = 55")
    assert source.current().policy.daily_soft_limit == 55
    system(paths).unlink()
    assert source.current().policy == DEFAULT
    source.use(Config(policy={"posting": {"daily_soft_limit": 6}}))
    assert source.current().policy.daily_soft_limit == 6


def test_a_table_that_comes_while_the_one_before_is_read_is_in_force(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another thread reads, with the table that it began with."""
    source = FilePolicySource(paths, Config(policy={"posting": {"daily_soft_limit": 4}}))

    def slow(paths: Paths, table: Mapping[str, Any]) -> LoadedPolicy:
        loaded = load_policy(paths, table)
        monkeypatch.undo()
        source.use(Config(policy={"posting": {"daily_soft_limit": 6}}))
        return loaded

    monkeypatch.setattr(company, "load_policy", slow)
    assert source.current().policy.daily_soft_limit == 4
    assert source.current().policy.daily_soft_limit == 6


def test_digests_tell_policies_apart_and_the_companys_tells_nothing_of_the_user(paths: Paths) -> None:
    put(system(paths), "[posting]\ndaily_soft_limit = 4")
    one = load_policy(paths, {"person": {"name": "Anna Ek"}})
    other = load_policy(paths, {"person": {"name": "Bo Ek"}, "work": {"mon": []}})
    assert one.digest != other.digest
    assert one.company_digest == other.company_digest
    assert one.digest == load_policy(paths, {"person": {"name": "Anna Ek"}}).digest
    put(system(paths), "[posting]\ndaily_soft_limit = 5")
    assert load_policy(paths, {}).company_digest != one.company_digest


def test_a_role_of_the_companys_may_be_named_by_the_user(paths: Paths) -> None:
    put(system(paths), "[roles.talesperson]\nduty = 'active'")
    put(paths.config_file, "[policy.person]\nrole = 'talesperson'")
    config = load_config(paths)
    assert load_policy(paths, config.policy).policy.role == "talesperson"
    put(paths.config_file, "[policy.person]\nrole = 'talesprson'")
    loaded = load_policy(paths, load_config(paths).policy)
    assert loaded.policy.role == "employee"
    assert "person.role" in loaded.notices[0]


def test_a_tried_file_that_is_not_there_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from mbclient.settings.paths import find_paths

    monkeypatch.setenv("MBCLIENT_COMPANY_POLICY", str(tmp_path / "tried.toml"))
    paths = find_paths(tmp_path / "config.toml", tmp_path / "data")
    assert "no such file" in load_policy(paths, {}).notices[0]
    put(tmp_path / "tried.toml", "[posting]\ndaily_soft_limit = 4")
    assert load_policy(paths, {}).policy.daily_soft_limit == 4


WHOLE = b"""\
schema = 1
timezone = "Europe/Stockholm"
[employer]
name = "Gr\xc3\xb6nkvist"
[work]
mon = ["08:00-17:00"]
tue = ["08:00-17:00"]
user_may_set_hours = false
[machine]
ssh_session = "work"
[[competitors]]
name = "Bl\xc3\xa5bet"
aliases = ["Bl\xc3\xa5bet"]
[overrides]
P4 = "nobody"
"""


@pytest.mark.parametrize("copied", [True, False])
def test_two_hundred_accidents_and_nobody_becomes_anonymous_at_work(paths: Paths, copied: bool) -> None:
    """Invariants 1 and 12: with a damaged file, no account may be anonymous in work time or off a private computer."""
    tuesday = datetime(2026, 11, 24, 10, 40, tzinfo=UTC)
    accounts = {"anon": AccountFacts("anon", "mastodon", pseudonymous=True)}
    draft = Draft("Hej", ("anon",))
    chance = random.Random(4711)
    for _ in range(200):
        if copied:
            put(system(paths), WHOLE)
            load_policy(paths, {})
        put(system(paths), mutated(WHOLE, chance))
        loaded = load_policy(paths, {})
        for machine in (Machine.WORK, Machine.UNDECLARED):
            evening = datetime(2026, 11, 24, 20, 0, tzinfo=UTC)
            verdict = evaluate(loaded.policy, Facts(machine, accounts), draft, evening)
            assert verdict.modes["anon"] is Mode.BLOCKED
        if loaded.notices:
            verdict = evaluate(loaded.policy, Facts(Machine.PRIVATE, accounts), draft, tuesday)
            assert verdict.modes["anon"] is Mode.BLOCKED
        for copy in [] if copied else paths.last_good.glob("*"):
            copy.unlink()
