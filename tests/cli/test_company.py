"""A company's file on its way out: all of its faults at once, and what is in force when one is not there."""

from __future__ import annotations

import pytest

from tests.cli.conftest import CommandLine


def test_every_fault_of_a_policy_has_its_line(bare: CommandLine) -> None:
    file = bare.folder / "policy.toml"
    file.write_text("[posting]\nslots = ['25:00']\ndaily_soft_limt = 3\n[work]\nmon = 5\n", "utf-8")
    answer = bare("policy", "validate", str(file))
    assert (answer.status, answer.out) == (2, "")
    assert len(answer.err.splitlines()) == 3
    for line in (2, 3, 5):
        assert f"{file}, line {line}" in answer.err


def test_a_companys_keys_stand_at_the_top(bare: CommandLine) -> None:
    file = bare.folder / "policy.toml"
    file.write_text("[policy.employer]\nname = 'Grönkvist'\n", "utf-8")
    answer = bare("policy", "validate", str(file))
    assert answer.status == 2
    assert "top level" in answer.err
    assert "write [employer]" in answer.err
    file.write_text("[employer]\nname = 'Grönkvist'\n", "utf-8")
    assert bare("policy", "validate", str(file)).status == 0


def test_a_wrong_path_says_which_rules_are_in_force(bare: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MBCLIENT_COMPANY_POLICY", str(bare.folder / "nowhere.toml"))
    answer = bare("meter")
    assert answer.status == 0
    assert "nowhere.toml: there is no such file; in force are: " in answer.err
    assert len(answer.out.splitlines()) == 1
