"""Two programs over one data folder, as processes: one sends, the other hands over, and takes over when it dies."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.benchmarks.terminal import Terminal, mbclient
from tests.faults.program import ROOT, Home, Place
from tests.faults.test_kills import IDENTITY, post
from tests.services.mastodon_server import MastodonServer
from tests.services.wire import Reply, Request

pytestmark = pytest.mark.slow
PATIENCE_S = 60
HANDS_OVER = "notice Another mbclient sends for this data folder"
TAKES_OVER = "notice The other mbclient has ended; this one sends now"


@dataclass
class Notebook(Place):
    """With the local notebook alone; every time is a good one for a post."""

    def __post_init__(self) -> None:
        self.folder.mkdir(mode=0o700)
        lines = """
schema = 1
language = "en"
[compose]
undo_seconds = 0
[policy.posting]
slots = []
[[accounts]]
name = "notes"
service = "local"
"""
        self.config.write_text(lines, "utf-8")


class Server(MastodonServer):
    """`hold`: the next post is kept without an answer, before or after the server has stored it."""

    def __init__(self) -> None:
        super().__init__()
        self.hold = ""
        self.reached = asyncio.Event()

    async def _handle(self, request: Request) -> Reply:
        if (request.method, request.path) != ("POST", "/api/v1/statuses") or not self.hold:
            return await super()._handle(request)
        hold, self.hold = self.hold, ""
        if hold == "after":
            await super()._handle(request)
        self.reached.set()
        await asyncio.Event().wait()  # until whoever asked is gone
        raise AssertionError


class Program:
    """One process; `heard` is all that it has said."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.heard: list[str] = []

    async def until(self, beginning: str) -> None:
        """Reads on until a line begins so."""
        assert self.process.stdout is not None
        while not any(line.startswith(beginning) for line in self.heard):
            line = (await asyncio.wait_for(self.process.stdout.readline(), PATIENCE_S)).decode().rstrip("\n")
            assert line or not self.process.stdout.at_eof(), f"{beginning!r} never came: {self.heard}"
            self.heard.append(line)

    async def post(self, text: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"post {text}\n".encode())
        await self.process.stdin.drain()

    async def kill(self) -> None:
        self.process.kill()
        await self.process.wait()

    def began(self) -> list[str]:
        """What it has sent itself."""
        return [line.removeprefix("sending ") for line in self.heard if line.startswith("sending ")]


@asynccontextmanager
async def started(home: Home) -> AsyncIterator[Program]:
    words = (sys.executable, "-m", "tests.faults.dispatcher", str(home.config), str(home.data))
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*words, cwd=ROOT, env=home.environment, stdin=pipe, stdout=pipe)
    try:
        yield Program(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def command(home: Place, *words: str) -> tuple[int, str]:
    """One `mbclient` of its own: its status, and what it said on standard error."""
    status, _out, err = await heard(home, *words)
    return status, err


async def heard(home: Place, *words: str) -> tuple[int, str, str]:
    """Likewise, with what it printed in the middle."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "mbclient", *home.options, *words),
        env=home.environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(), PATIENCE_S)
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    async with Server() as server:
        made = Home(tmp_path / "home", "mastodon", server)
        assert (await command(made, *IDENTITY))[0] == 0
        yield made


@asynccontextmanager
async def two(home: Home) -> AsyncIterator[tuple[Program, Program]]:
    """The first has sent already; the second has said that it does not."""
    async with started(home) as first, started_later(home, first) as second:
        yield first, second


@asynccontextmanager
async def started_later(home: Home, first: Program) -> AsyncIterator[Program]:
    await first.until("sends")
    await first.post("first")
    await first.until("sent first")
    async with started(home) as second:
        await second.until(HANDS_OVER)
        yield second


async def test_what_the_second_writes_the_first_sends(home: Home) -> None:
    async with two(home) as (first, second):
        for number in range(10):
            await second.post(f"second {number}")
            await first.post(f"first {number}")
        for number in range(10):
            await first.until(f"sent second {number}")
            await first.until(f"sent first {number}")
        assert second.began() == []
        assert len(first.began()) == len(set(first.began())) == 21
        assert isinstance(home.server, Server)
        texts = [stored.text for stored in home.server.statuses.values()]
        assert len(texts) == len(set(texts)) == 21


@pytest.mark.parametrize("hold", ["before", "after"])
async def test_the_first_is_killed_with_a_post_half_way_and_the_second_ends_it(home: Home, hold: str) -> None:
    assert isinstance(home.server, Server)
    async with two(home) as (first, second):
        home.server.hold = hold
        await second.post("half way")
        await asyncio.wait_for(home.server.reached.wait(), PATIENCE_S)
        assert second.began() == []
        await first.kill()
        await second.until(TAKES_OVER)
        await second.until("sent half way")
        assert home.on_the_server("half way") == 1
        assert home.rows() == {"first": "sent", "half way": "sent"}
        await second.post("on its own")
        await second.until("sent on its own")
        assert home.on_the_server("on its own") == 1


async def test_a_command_hands_over_to_the_program_that_runs(home: Home) -> None:
    async with started(home) as first:
        await first.until("sends")
        status, said = await command(home, *post("by command"))
        assert ("another mbclient sends for this data folder" in said) is (status == 4)  # or it was sent at once
        await first.until("sent by command")
        assert (await command(home, "outbox", "flush"))[0] == 0
        assert home.on_the_server("by command") == 1


async def test_commands_that_meet_take_turns(home: Home) -> None:
    """No program runs that would take a post over, so each one is sent before its command ends."""
    ended = await asyncio.gather(*(command(home, *post(f"at once {number}")) for number in range(4)))
    assert [status for status, _said in ended] == [0] * 4, ended
    assert [home.on_the_server(f"at once {number}") for number in range(4)] == [1] * 4


async def test_a_command_behind_one_that_hangs_takes_over_when_that_ends(home: Home) -> None:
    """The server keeps the first one's request without an answer until it is given up."""
    assert isinstance(home.server, Server)
    home.server.hold = "before"
    first = asyncio.create_task(command(home, *post("hangs")))
    await asyncio.wait_for(home.server.reached.wait(), PATIENCE_S)
    assert (await command(home, *post("waits")))[0] == 0
    assert (await first)[0] == 4
    assert home.rows() == {"hangs": "unknown", "waits": "sent"}
    assert home.on_the_server("waits") == 1


async def test_the_terminal_ui_is_killed_and_a_command_sends_what_it_left(home: Home) -> None:
    """The real screen is the first; it has the post on its way when it is killed."""
    assert isinstance(home.server, Server)
    terminal: Terminal = mbclient(home.folder)
    with terminal:
        await asyncio.to_thread(terminal.until, "Posts today")
        home.server.hold = "after"
        handing = asyncio.create_task(command(home, *post("half way")))
        while not (home.server.reached.is_set() and handing.done()):
            await asyncio.to_thread(terminal.settle, 0.1)  # nobody reads what it paints otherwise
        assert (await handing)[0] == 4  # the screen has taken it over, and it is on its way
        assert home.rows()["half way"] in ("sending", "unknown")  # by the answer's time limit, which runs meanwhile
    assert (await command(home, "outbox", "flush"))[0] == 0
    async with asyncio.timeout(PATIENCE_S):
        while home.rows() == {"half way": "unknown"}:  # that limit was over: it is looked for some seconds later
            assert (await command(home, "outbox", "flush"))[0] in (0, 4)
    assert home.rows() == {"half way": "sent"}
    assert home.on_the_server("half way") == 1


async def test_the_screen_and_commands_share_one_notebook(tmp_path: Path) -> None:
    """Its posts lie in the very file that the stores have open: whoever ends first leaves the others theirs."""
    home = Notebook(tmp_path / "home")
    with mbclient(home.folder) as terminal:
        await asyncio.to_thread(terminal.until, "Posts today: 0 of 8")
        assert (await command(home, "meter"))[0] == 0  # as a status bar asks every minute
        terminal.send(b"con the screen\x13")
        await counted(home, terminal, 1)
        assert (await command(home, *post("by command")))[0] in (0, 4)
        await counted(home, terminal, 2)
    _status, out, _said = await heard(home, "timeline", "--view", "Home", "--json")
    assert {json.loads(line)["text"] for line in out.splitlines()} == {"on the screen", "by command"}


async def counted(home: Notebook, terminal: Terminal, number: int) -> None:
    """Until a command counts so many posts today."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            await asyncio.to_thread(terminal.settle, 0.1)  # nobody reads what it paints otherwise
            _status, meter, _said = await heard(home, "meter", "--json")
            if json.loads(meter)["count"] == number:
                return
