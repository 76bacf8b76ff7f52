"""The worked example is installed, discovered, passes the contract, and signs in from the command line."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from mbclient.domain.account import Account
from mbclient.domain.post import Post
from mbclient.services.kit import Kit, Plugin
from tests.adapters.board import Board
from tests.cli.test_services import in_a_thread
from tests.services.contract import AdapterContract, Bench
from tests.services.kit import kit_in
from tests.services.wire import Reply

PACKAGE = Path(__file__).parent / "noticeboard"
MODULE = PACKAGE / "mbclient_noticeboard.py"


def load() -> Any:
    """The example's module, which lies in no import path of this checkout."""
    spec = importlib.util.spec_from_file_location(MODULE.stem, MODULE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class BoardBench(Bench):
    def __init__(self, plugin: Plugin, board: Board, kit: Kit) -> None:
        super().__init__(plugin.open(Account("board", plugin.name, board.url, "anna", "anna"), kit))
        self.board = board

    async def seed(self, texts: Sequence[str]) -> list[str]:
        return [self.board.pin("bo", text)["key"] for text in texts]

    async def reply_as_other(self, post: Post, text: str) -> str:
        raise AssertionError("a notice has no replies")

    async def count(self, text: str) -> int:
        return sum(notice["text"] == text for notice in self.board.notices.values())

    async def spoil(self) -> None:
        self.board.nonsense = [None, 7, {"key": 1}]

    async def fail(self, fault: str) -> None:
        status = {"auth": 401, "limited": 429, "down": 503, "refused": 403, "garbage": 200}[fault]
        self.board.replies.append(Reply(status, b"<html>"))

    async def lose_answer(self) -> None:
        self.board.lose = True


class TestContract(AdapterContract):
    @pytest.fixture
    async def bench(self, tmp_path: Path) -> AsyncIterator[Bench]:
        async with Board() as board, kit_in(tmp_path) as kit:
            yield BoardBench(load().PLUGIN, board, kit)


def test_the_example_stays_an_example() -> None:
    """What an adapter needs is some sixty lines; docs/adapters.md says so."""
    code = [line for line in MODULE.read_text("utf-8").splitlines() if line.strip()]
    assert len(code) <= 70


@pytest.mark.slow
def test_installed_it_is_one_of_the_services(tmp_path: Path) -> None:
    """A wheel is built and installed into a folder of its own, and the program in a process of its own finds it."""
    target, home = tmp_path / "installed", tmp_path / "home"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    source = tmp_path / "source"  # a build leaves files beside its sources
    source.mkdir()
    for name in ("pyproject.toml", MODULE.name):
        (source / name).write_bytes((PACKAGE / name).read_bytes())
    subprocess.run([*install, "--target", str(target), str(source)], check=True, timeout=100)
    environment = {**os.environ, "PYTHONPATH": str(target), "HOME": str(home)}
    options = ["--config", str(home / "config.toml"), "--data-dir", str(home / "data")]

    def mb(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "mbclient", *options, *words, "--json"]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)

    with in_a_thread(Board()) as board:
        board.pin("bo", "Kaffet är klart")
        added = mb("account", "add", "noticeboard", "--url", board.url, "--handle", "anna", "--name", "board")
        assert added.returncode == 0, added.stderr
        assert json.loads(added.stdout)["service"] == "noticeboard"
        shown = mb("timeline", "--view", "home")
        assert [json.loads(line)["text"] for line in shown.stdout.splitlines()] == ["Kaffet är klart"], shown.stderr
