"""Isolated homes for the program under test."""

from __future__ import annotations

from pathlib import Path

import pytest

from mbclient.core.desk import Desk
from mbclient.texts import set_language
from tests.ui.running import MovableClock, demo_desk, own_desk


@pytest.fixture(autouse=True)
def isolated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings, keyring or session of who runs the tests; English, whatever a test before chose."""
    for name in ("MBCLIENT_CONFIG", "MBCLIENT_DATA_DIR", "MBCLIENT_COMPANY_POLICY", "MBCLIENT_MACHINE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("SSH_CONNECTION", "VISUAL", "EDITOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_DIRS", str(tmp_path / "xdg"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    set_language("en")


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def own(home: Path, clock: MovableClock) -> Desk:
    """The notebook of Anna Ek at Grönkvist."""
    return own_desk(home, clock)


@pytest.fixture
def demo(home: Path, clock: MovableClock) -> Desk:
    return demo_desk(home, clock)
