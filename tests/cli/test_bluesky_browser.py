"""Signing in to Bluesky with the browser, by commands alone."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import httpx
import pytest

from mbclient.domain.secret import Secret
from tests.cli.conftest import CommandLine, MemoryKeyring
from tests.cli.shapes import ACCOUNT, problems
from tests.cli.test_services import CONFIG, in_a_thread
from tests.services.bluesky.oauth_double import OAuthDouble


@pytest.fixture
def double(monkeypatch: pytest.MonkeyPatch) -> Iterator[OAuthDouble]:
    """With a browser whose user says yes."""
    with in_a_thread(OAuthDouble()) as double:

        def visit(address: str) -> bool:
            threading.Thread(target=lambda: httpx.get(double.auth.press_yes(address), trust_env=False)).start()
            return True

        monkeypatch.setattr("webbrowser.open", visit)
        monkeypatch.setattr("mbclient.cli.ask.secret", lambda label: Secret(""))  # Enter alone
        yield double


def test_without_a_password_the_browser_opens(
    now_mb: CommandLine, double: OAuthDouble, memory_keyring: MemoryKeyring
) -> None:
    mb = now_mb
    mb.settings(CONFIG)
    words = ("account", "add", "bluesky", "--url", double.url, "--handle", "anna.test", "--name", "sky")
    added = mb(*words, json=True)
    assert added.status == 0, added.err
    assert problems(added.object, ACCOUNT) == []
    assert f"{double.auth.issuer}/oauth/authorize?client_id=" in added.err
    (secret,) = memory_keyring.kept.values()
    assert '"grant"' in secret
    double.expire()
    assert mb("account", "check").status == 0
    (renewed,) = memory_keyring.kept.values()
    assert renewed != secret
    assert not [path for path in mb.folder.rglob("*") if path.is_file() and renewed.encode() in path.read_bytes()]
    assert double.auth.refreshes
    assert mb("account", "remove", "sky").status == 0
    assert (double.auth.refreshes, memory_keyring.kept) == ({}, {})
