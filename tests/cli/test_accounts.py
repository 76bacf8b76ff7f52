"""account add, list, check, remove, confirm: over the local service, and over one that asks for a secret."""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from typing import Any

import pytest

from mbclient.core.ports import LoginDialog, LoginForm, SignedIn, SignIn
from mbclient.domain.errors import UsageError
from mbclient.services.kit import Kit
from mbclient.services.local import PLUGIN, LocalPlugin
from mbclient.services.local.adapter import LocalService
from mbclient.services.registry import Registry
from tests.cli.conftest import CommandLine
from tests.cli.shapes import ACCOUNT, problems

SECRET = "s3cret-canary"
FORM = LoginForm(url_required=True, secret="App password")


@dataclass(frozen=True, slots=True)
class LockedPlugin:
    """The local service behind a password and an address."""

    name: str = "jaiku"
    title: str = "Locked"
    form: LoginForm = FORM

    def open(self, account: Any, kit: Kit) -> LocalService:
        return PLUGIN.open(account, kit)

    async def sign_in(self, request: SignIn, dialog: LoginDialog, kit: Kit) -> SignedIn:
        signed = await LocalPlugin().sign_in(request, dialog, kit)
        assert request.secret is not None
        assert request.secret.reveal() == SECRET
        return SignedIn(signed.account, request.secret, signed.profile)


LOCKED = LockedPlugin()


@pytest.fixture
def locked(mb: CommandLine, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """`mb` with a service that wants a password, from another package."""
    point = EntryPoint("jaiku", "tests.cli.test_accounts:LOCKED", "mbclient.services")
    start = Registry.__init__

    def with_locked(self: Registry, kit: Kit) -> None:
        start(self, kit)
        self._points["jaiku"] = point

    monkeypatch.setattr(Registry, "__init__", with_locked)
    return mb


def test_the_notebook_stands_in_until_there_is_an_account(mb: CommandLine) -> None:
    (notebook,) = mb("account", "list", json=True).objects
    assert problems(notebook, ACCOUNT) == []
    assert notebook["name"] == "notebook"
    added = mb("account", "add", "local", "--name", "dagbok", "--handle", "anna", json=True)
    assert (added.status, added.err) == (0, "")
    assert problems(added.object, ACCOUNT) == []
    (only,) = mb("account", "list", json=True).objects
    assert (only["name"], only["handle"], only["state"]) == ("dagbok", "anna", "ok")
    assert mb("account", "check", "dagbok").status == 0
    assert mb("account", "remove", "dagbok", json=True).object == {"schema": 1, "name": "dagbok", "removed": True}
    assert mb("account", "list", json=True).object["name"] == "notebook"


def test_confirming_what_a_profile_shows(mb: CommandLine) -> None:
    mb("account", "add", "local", "--name", "dagbok")
    said = mb("account", "confirm", "dagbok", "--employer", "yes", json=True).object
    assert said == {
        "schema": 1,
        "name": "dagbok",
        "employer_visible": "yes",
        "real_name_visible": "yes",  # a notebook has no other readers: both are yes by definition
        "confirmed_on": "2026-11-24",
    }
    assert mb("account", "confirm", "dagbok", "--real-name", "no", json=True).object["real_name_visible"] == "yes"
    facts = [one for one in mb("policy", "log", json=True).objects if "fact" in one]
    assert len(facts) == 2


def test_a_bad_name_and_a_taken_one(mb: CommandLine) -> None:
    assert mb("account", "add", "local", "--name", "å b").status == 2
    assert mb("account", "add", "local", "--name", "a").status == 0
    taken = mb("account", "add", "mastodon", "--name", "a", "--url", "https://127.0.0.1:1")
    assert taken.status == 2
    assert "already" in taken.err


def test_a_secret_comes_by_standard_input_or_not_at_all(locked: CommandLine) -> None:
    words = ("account", "add", "jaiku", "--url", "example.org")
    answer = locked(*words)
    assert answer.status == 2
    assert "--secret-stdin" in answer.err
    answer = locked(*words, "--secret-stdin", stdin="")
    assert answer.status == 2
    answer = locked("account", "add", "jaiku", "--secret-stdin", stdin=SECRET)
    assert answer.status == 2
    assert "--url is missing" in answer.err


def test_without_a_keyring_only_a_yes_on_the_terminal_makes_a_file(
    locked: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("getpass.getpass", lambda prompt, stream: SECRET)
    words = ("account", "add", "jaiku", "--url", "example.org")
    piped = locked(*words, "--secret-stdin", stdin=f"{SECRET}\n")
    assert piped.status == 1
    assert "keyring" in piped.err
    refused = locked(*words, terminal=True, stdin="no\n")
    assert refused.status == 1
    written = [path for path in locked.folder.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]
    assert written == []
    assert locked("account", "list", json=True).object["name"] == "notebook"
    allowed = locked(*words, terminal=True, stdin="yes\n")
    assert allowed.status == 0, allowed.err
    (kept,) = [path for path in locked.folder.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]
    assert kept.stat().st_mode & 0o777 == 0o600
    for answer in (piped, refused, allowed):
        assert SECRET not in answer.out + answer.err


async def test_the_dialogue_shows_the_address_alone_on_its_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from mbclient.cli.login import TerminalDialog

    opened: list[str] = []
    monkeypatch.delenv("SSH_CONNECTION", raising=False)
    monkeypatch.setattr("webbrowser.open", opened.append)
    await TerminalDialog().show_address("https://example.org/oauth?x=1\x1b[2J")
    lines = capsys.readouterr().err.splitlines()
    assert lines[1] == "https://example.org/oauth?x=1␛[2J"
    assert len(opened) == 1
    monkeypatch.setenv("SSH_CONNECTION", "somewhere")
    await TerminalDialog().show_address("https://example.org/")
    assert len(opened) == 1  # over SSH it would open on the wrong computer


async def test_the_code_can_be_pasted_while_the_browser_may_answer_first(monkeypatch: pytest.MonkeyPatch) -> None:
    from mbclient.cli.login import TerminalDialog

    keyboard, terminal = os.openpty()
    with os.fdopen(terminal, encoding="utf-8") as stdin, os.fdopen(keyboard, "wb", buffering=0) as typed:
        monkeypatch.setattr(sys, "stdin", stdin)
        monkeypatch.setattr("mbclient.cli.ask.can_ask", lambda: True)
        waiting = asyncio.create_task(TerminalDialog().ask_code())
        await asyncio.sleep(0)
        waiting.cancel()  # as the service does when the loopback has answered
        with pytest.raises(asyncio.CancelledError):
            await waiting
        asking = asyncio.create_task(TerminalDialog().ask_code())
        await asyncio.sleep(0)
        typed.write(b"the-code\n")
        assert await asyncio.wait_for(asking, 10) == "the-code"


async def test_without_a_terminal_only_the_browser_can_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    from mbclient.cli.login import TerminalDialog

    monkeypatch.setattr("mbclient.cli.ask.can_ask", lambda: False)
    monkeypatch.delenv("SSH_CONNECTION", raising=False)
    waiting = asyncio.create_task(TerminalDialog().ask_code())
    await asyncio.sleep(0)
    assert not waiting.done()
    waiting.cancel()
    monkeypatch.setenv("SSH_CONNECTION", "somewhere")
    with pytest.raises(UsageError, match="terminal"):
        await TerminalDialog().ask_code()
