"""Folders that the program is started over: settings, and an archive with so many posts."""

from __future__ import annotations

import asyncio
from pathlib import Path

from mbclient.bootstrap import build, read_settings
from tests.benchmarks.archives import filled_archive
from tests.benchmarks.corpus import ACCOUNTS
from tests.benchmarks.frame import Bench
from tests.benchmarks.terminal import Terminal, mbclient, null

METER = "Posts today"  # the program's first paint has it
FULL = "Home "  # with the number of posts: the counts are there
_SETTINGS = """
schema = 1
language = "en"

[work_filter]
terms = ["openssl", "security"]
search_services = false

[archive]
keep_posts = 10000000
keep_days = 36500

[[accounts]]
name = "notes"
service = "local"
"""


def settings() -> str:
    """The accounts that the archive's posts came through; nobody answers at their addresses."""
    accounts = [
        f'\n[[accounts]]\nname = "{name}"\nservice = "{service}"\nurl = "https://{name}.invalid"\n'
        f'handle = "anna"\ntoken_command = ["false"]\n'
        for name, service in ACCOUNTS
    ]
    return _SETTINGS + "".join(accounts)


def home(bench: Bench, posts: int) -> Path:
    """A folder with `config.toml` and `data`, made once a call."""
    folder = bench.folder / f"home-{posts}"
    if not folder.exists():
        bench.progress(f"a home with {posts:,} posts")
        (folder / "data").mkdir(parents=True, mode=0o700)
        filled_archive(folder / "data", posts).close()
        (folder / "config.toml").write_text(settings(), "utf-8")
        bench.progress("… sifted once, as by an earlier start")
        asyncio.run(_sifted(folder))
    return folder


async def _sifted(folder: Path) -> None:
    desk = build(read_settings(config=str(folder / "config.toml"), data_dir=str(folder / "data")))
    await desk.resifter.run()
    await desk.aclose()


def settled(bench: Bench, posts: int) -> Terminal:
    """The program over so many posts, to be entered; `ready` brings it to the Home view."""
    return mbclient(home(bench, posts))


def ready(terminal: Terminal) -> None:
    """Waits until everything that comes after the first paint is done, and shows all posts."""
    terminal.until(METER)
    terminal.settle(1.5)
    terminal.press(b"2")
    terminal.settle()


__all__ = ["METER", "home", "null", "ready", "settled"]
