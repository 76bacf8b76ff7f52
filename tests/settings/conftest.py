"""Every test has a home of its own: no setting of the machine it runs on is read or written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mbclient.settings.paths import Paths, find_paths


@pytest.fixture(autouse=True)
def _own_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("MBCLIENT_", "XDG_", "LC_", "LANG")) or name == "SSH_CONNECTION":
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_DIRS", str(tmp_path / "etc-xdg"))


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    """An isolated run whose system files lie in the test's folder too."""
    found = find_paths(tmp_path / "run" / "config.toml", tmp_path / "run" / "data")
    return Paths(
        config_file=found.config_file,
        data_dir=found.data_dir,
        log_file=found.log_file,
        own_themes=found.own_themes,
        company_policy_files=(tmp_path / "etc" / "policy.toml", tmp_path / "etc-xdg" / "mbclient" / "policy.toml"),
        machine_file=tmp_path / "etc" / "machine.toml",
        config_is_ours=False,
    )


def put(path: Path, text: str | bytes) -> Path:
    """Write a file, its folders too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path
