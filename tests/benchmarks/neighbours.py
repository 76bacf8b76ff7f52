"""Services of this machine, each a process of its own, and a home whose accounts are there."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from mbclient.bootstrap import build, read_settings
from mbclient.core.desk import Desk
from tests.benchmarks.frame import Bench
from tests.benchmarks.homes import home

_ACCOUNT = """
[[accounts]]
name = "{name}"
service = "mastodon"
url = "{url}"
handle = "anna"
token_command = ["printf", "anna-token"]
"""
_SETTINGS = """
schema = 1
language = "en"

[work_filter]
terms = ["openssl", "security"]
search_services = false

[archive]
keep_posts = 10000000
keep_days = 36500
"""


class Neighbour:
    """A running server."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.url = self._line()

    def write(self, number: int) -> None:
        """So many posts more."""
        self._ask(str(number))

    def connections(self) -> int:
        """How many there have been so far."""
        return int(self._ask("connections"))

    def _ask(self, words: str) -> str:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{words}\n")
        self._process.stdin.flush()
        return self._line()

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


@contextmanager
def neighbours(latencies: Sequence[float], posts: int = 0, *, whole: bool = False) -> Iterator[list[Neighbour]]:
    """One server for each latency in seconds. `whole`: it tells all that other programs insist on."""
    with ExitStack() as stack:
        found = []
        told = ("whole",) if whole else ()
        for seconds in latencies:
            process = stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-m", "tests.benchmarks.apps.server", str(posts), str(seconds), *told],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            stack.callback(process.kill)
            found.append(Neighbour(process))
        yield found


def visiting(bench: Bench, posts: int, servers: Sequence[Neighbour]) -> Path:
    """A home with so many posts whose accounts are at these servers."""
    folder = home(bench, posts)
    own = folder.with_name(f"{folder.name}-at-{'-'.join(server.url.rpartition(':')[2] for server in servers)}")
    own.mkdir()
    accounts = (_ACCOUNT.format(name=f"at{n}", url=server.url) for n, server in enumerate(servers))
    (own / "config.toml").write_text(_SETTINGS + "".join(accounts), "utf-8")
    (own / "data").mkdir(mode=0o700)
    for file in (folder / "data").glob("mbclient.db*"):
        (own / "data" / file.name).write_bytes(file.read_bytes())
    return own


def desk_of(folder: Path) -> Desk:
    """The core over such a home, as the program makes it, without a screen. To be closed."""
    return build(read_settings(config=str(folder / "config.toml"), data_dir=str(folder / "data")))
