"""An office to work in: a desk on a real disk, two accounts on fake servers, no system files, no keyring."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mbclient.texts import set_language
from tests.core.fakes import Office


@pytest.fixture(autouse=True)
def _isolated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("XDG_CONFIG_DIRS", str(tmp_path / "no-company"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("MBCLIENT_COMPANY_POLICY", "MBCLIENT_MACHINE", "SSH_CONNECTION", "MBCLIENT_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    yield
    set_language("en")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path / "office")
    yield made
    made.close()
