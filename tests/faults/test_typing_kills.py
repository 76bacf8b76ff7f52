"""Killed at random moments while somebody types into the screen: at most the last second of it is gone.

One draft goes through all the kills: each next start opens it with the cursor behind its last word, and the typing goes
on there (reliability facts 4.2). The goal is 200 kills; where CI runs, a few.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mbclient.core.clock import SystemClock
from mbclient.storage import open_stores
from tests.faults.program import ROOT

pytestmark = pytest.mark.slow
KILLS = 10 if os.environ.get("CI") else 200
SECOND = 1.0
LETTERS = 7  # of a word: w000000, w000001, …
NEW_DRAFT_AFTER = 40  # kills: a page of words is enough for one
CONFIG = 'schema = 1\nlanguage = "en"\n\n[[accounts]]\nname = "notes"\nservice = "local"\n'


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    (folder / "config.toml").write_text(CONFIG, "utf-8")
    return folder


@pytest.fixture
def typist(home: Path) -> Iterator[subprocess.Popen[str]]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MBCLIENT_", "XDG_", "SSH_"))}
    environment = {**kept, "XDG_CONFIG_DIRS": str(home / "none"), "HOME": str(home), "LC_ALL": "C.UTF-8"}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.typist"],
        cwd=ROOT,
        env={**environment, "TERM": "xterm-256color"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    yield process
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.close()
    process.wait()
    process.stdout.close()


def ask(typist: subprocess.Popen[str], order: dict[str, Any]) -> dict[str, Any]:
    assert typist.stdin is not None
    assert typist.stdout is not None
    typist.stdin.write(json.dumps(order) + "\n")
    typist.stdin.flush()
    answer: dict[str, Any] = json.loads(typist.stdout.readline())
    return answer


def on_disk(home: Path) -> list[str]:
    """The words of the one draft, as the next start finds them."""
    stores = open_stores(home / "data", SystemClock())
    try:
        assert not [notice for notice in stores.notices if "damaged" in notice]
        drafts = stores.drafts.list()
        assert len(drafts) <= 1
        words = drafts[0].draft.text.split() if drafts else []
        return [word for word in words if len(word) == LETTERS]  # half a word may be the last of a run
    finally:
        stores.close()


def thrown_away(home: Path) -> None:
    stores = open_stores(home / "data", SystemClock())
    for saved in stores.drafts.list():
        stores.drafts.delete(saved.id)
    stores.close()


@pytest.mark.timeout(3600)
def test_what_was_typed_a_second_before_a_kill_is_there(home: Path, typist: subprocess.Popen[str]) -> None:
    chance = random.Random(4)
    argv = ["--config", str(home / "config.toml"), "--data-dir", str(home / "data")]
    known: list[str] = []
    first, old = 0, 0
    for kill in range(KILLS):
        if kill % NEW_DRAFT_AFTER == NEW_DRAFT_AFTER - 1:
            thrown_away(home)
            known = []
        order = {"argv": argv, "seconds": chance.uniform(0.2, 3), "first": first, "shown": known[-1] if known else ""}
        run = ask(typist, order)
        first = run["next"]
        found = on_disk(home)
        assert found[: len(known)] == known, kill
        assert found == sorted(found), kill  # the cursor stood behind the last word
        allowed = SECOND + 2 * run["lag"]  # a machine that paints late saves late
        safe = [word for word, age in run["words"] if age > allowed]
        assert [word for word in safe if word not in found] == [], (kill, run)
        old += len(safe)
        known = found
    assert old > KILLS  # else it would prove nothing
