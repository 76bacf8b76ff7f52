from __future__ import annotations

import pytest

from mbclient.domain.errors import SettingsError
from mbclient.policy.model import Machine
from mbclient.settings.company import FilePolicySource
from mbclient.settings.config import Config
from mbclient.settings.machine import FileMachineSource, machine_id
from mbclient.settings.paths import Paths
from tests.settings.conftest import put
from tests.settings.modes import mode


def machine(paths: Paths, *, ssh: str = "work", identity: str = "this-computer") -> FileMachineSource:
    policy = FilePolicySource(paths, Config(policy={"machine": {"ssh_session": ssh}}))
    return FileMachineSource(paths, policy, lambda: identity)


def test_undeclared_is_nobodys_word(paths: Paths) -> None:
    found = machine(paths).current()
    assert (found.machine, found.source, found.notices) == (Machine.UNDECLARED, "nobody", ())


def test_the_environment_can_only_tighten(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    put(paths.machine_file, 'ownership = "private"')
    monkeypatch.setenv("MBCLIENT_MACHINE", "work")
    assert machine(paths).current().machine is Machine.WORK
    assert machine(paths).current().source == "environment"
    monkeypatch.setenv("MBCLIENT_MACHINE", "private")
    put(paths.machine_file, 'ownership = "work"')
    found = machine(paths).current()
    assert (found.machine, found.source) == (Machine.WORK, "system")
    assert "MBCLIENT_MACHINE" in found.notices[0]


@pytest.mark.parametrize("ownership", ["work", "private"])
def test_the_systems_file_decides_and_cannot_be_overruled(paths: Paths, ownership: str) -> None:
    here = machine(paths)
    here.declare(Machine.PRIVATE)
    put(paths.machine_file, f'ownership = "{ownership}"')
    assert here.current().machine is Machine(ownership)
    with pytest.raises(SettingsError, match="decides whose computer"):
        here.declare(Machine.PRIVATE)


@pytest.mark.parametrize(
    "text",
    ["", "ownership = 1", 'ownership = "mine"', "own", 'owner = "private"', b"\xff", "[", 'ownership = "undeclared"'],
)
def test_a_broken_system_file_counts_as_work(paths: Paths, text: str | bytes) -> None:
    machine(paths).declare(Machine.PRIVATE)
    put(paths.machine_file, text)
    found = machine(paths).current()
    assert (found.machine, found.source) == (Machine.WORK, "system")
    assert "counts as a work computer" in found.notices[0]


def test_a_declaration_holds_on_this_computer_only(paths: Paths) -> None:
    here = machine(paths)
    assert here.current().machine is Machine.UNDECLARED
    here.declare(Machine.PRIVATE)
    assert (here.current().machine, here.current().source) == (Machine.PRIVATE, "declared")
    assert mode(paths.declaration_file) == 0o600
    assert "this-computer" not in paths.declaration_file.read_text()
    copied = machine(paths, identity="another-computer").current()
    assert copied.machine is Machine.UNDECLARED
    assert "declare it again" in copied.notices[0]
    here.declare(Machine.WORK)
    assert here.current().machine is Machine.WORK


def test_without_a_machine_id_nothing_matches(paths: Paths) -> None:
    machine(paths).declare(Machine.PRIVATE)
    nameless = machine(paths, identity="")
    assert nameless.current().machine is Machine.UNDECLARED
    with pytest.raises(SettingsError, match="machine id"):
        nameless.declare(Machine.PRIVATE)


@pytest.mark.parametrize(
    "text", ["ownership", 'ownership = "private"', 'ownership = "private"\nsalt = "a"\nfingerprint = "å"']
)
def test_a_damaged_declaration_declares_nothing(paths: Paths, text: str) -> None:
    put(paths.declaration_file, text)
    found = machine(paths).current()
    assert found.machine is Machine.UNDECLARED
    assert found.notices


def test_over_ssh_the_computer_cannot_be_seen(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    machine(paths).declare(Machine.PRIVATE)
    monkeypatch.setenv("SSH_CONNECTION", "10.0.0.1 1 10.0.0.2 22")
    assert (machine(paths).current().machine, machine(paths).current().source) == (Machine.WORK, "ssh")
    assert machine(paths, ssh="as-declared").current().machine is Machine.PRIVATE


def test_undeclared_cannot_be_declared(paths: Paths) -> None:
    with pytest.raises(SettingsError, match="work or private"):
        machine(paths).declare(Machine.UNDECLARED)


def test_the_systems_own_id_is_one_line() -> None:
    found = machine_id()
    assert found == found.strip()
    assert "\n" not in found
