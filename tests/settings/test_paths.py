from __future__ import annotations

from pathlib import Path

import pytest

from mbclient.settings.paths import find_paths
from tests.settings.modes import mode


def test_the_platforms_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "c"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "d"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "s"))
    paths = find_paths()
    assert paths.config_file == tmp_path / "c" / "mbclient" / "config.toml"
    assert paths.accounts_file == tmp_path / "c" / "mbclient" / "accounts.toml"
    assert paths.choices_file == tmp_path / "c" / "mbclient" / "choices.toml"
    assert paths.own_themes == tmp_path / "c" / "mbclient" / "themes"
    assert paths.data_dir == tmp_path / "d" / "mbclient"
    assert paths.log_file == tmp_path / "s" / "mbclient" / "mbclient.log"


def test_a_named_config_and_data_folder_isolate_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "elsewhere"))
    paths = find_paths(tmp_path / "run" / "my.toml", tmp_path / "data")
    inside = [paths.config_file, paths.accounts_file, paths.choices_file, paths.own_themes]
    assert all(path.is_relative_to(tmp_path / "run") for path in inside)
    kept = [paths.log_file, paths.secrets_file, paths.declaration_file, paths.last_good]
    assert all(path.is_relative_to(tmp_path / "data") for path in kept)
    paths.prepare()
    assert not (tmp_path / "elsewhere").exists()
    assert not (tmp_path / "home").exists()


def test_options_win_over_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MBCLIENT_CONFIG", str(tmp_path / "env.toml"))
    monkeypatch.setenv("MBCLIENT_DATA_DIR", str(tmp_path / "env-data"))
    assert find_paths().config_file == tmp_path / "env.toml"
    assert find_paths().data_dir == tmp_path / "env-data"
    assert find_paths(tmp_path / "option.toml").config_file == tmp_path / "option.toml"
    assert find_paths(data_dir=tmp_path / "option").data_dir == tmp_path / "option"


def test_an_empty_variable_names_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MBCLIENT_CONFIG", "")
    assert find_paths().config_file == tmp_path / "home" / ".config" / "mbclient" / "config.toml"


def test_relative_names_are_made_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert find_paths("run/../config.toml").config_file == tmp_path / "config.toml"


def test_company_files_in_the_order_of_who_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_DIRS", f"{tmp_path}/one::relative:{tmp_path}/two:{tmp_path}/one")
    monkeypatch.setenv("MBCLIENT_COMPANY_POLICY", str(tmp_path / "tried.toml"))
    assert find_paths().company_policy_files == (
        Path("/etc/mbclient/policy.toml"),
        tmp_path / "one" / "mbclient" / "policy.toml",
        tmp_path / "two" / "mbclient" / "policy.toml",
        tmp_path / "tried.toml",
    )


def test_preparing_makes_private_folders_and_says_what_it_tightened(tmp_path: Path) -> None:
    (tmp_path / "home" / ".local" / "share" / "mbclient").mkdir(parents=True, mode=0o755)
    paths = find_paths()
    notices = paths.prepare()
    for folder in (paths.config_dir, paths.data_dir, paths.log_file.parent):
        assert mode(folder) == 0o700
    assert len(notices) == 1
    assert str(paths.data_dir) in notices[0]
    assert paths.prepare() == []


def test_the_folder_of_a_named_config_is_left_as_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "shared"
    folder.mkdir(mode=0o755)
    find_paths(folder / "config.toml", tmp_path / "data").prepare()
    assert mode(folder) == 0o755
