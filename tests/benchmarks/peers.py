"""Other programs, installed from the package index into the call's own folder; `Unavailable` where that fails."""

from __future__ import annotations

import json
import subprocess
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks.frame import Bench, Unavailable
from tests.benchmarks.neighbours import neighbours
from tests.benchmarks.terminal import Broken, Terminal

TOOT = "toot==0.52.1"
TOOI = "toot-tooi==0.27.0"
POST = "post number"  # their first paint of posts has it
LATE_S = 0.6  # of silence after a key in tooi, which paints only a tenth of a second after it


def toot(bench: Bench) -> Path:
    """The program `toot`."""
    return _installed(bench, TOOT, "toot")


def _installed(bench: Bench, package: str, name: str) -> Path:
    """A program of this name, from this package."""
    folder = bench.folder / name
    if not folder.exists():
        bench.progress(f"installing {package}")
        venv.create(folder, with_pip=True)
        done = subprocess.run(
            [folder / "bin" / "pip", "install", "-q", package], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise Unavailable(f"{package} could not be installed: {done.stderr.strip().splitlines()[-1:]}")
    program = folder / "bin" / name
    if not program.exists():
        raise Unavailable(f"{package} is not installed")
    return program


@contextmanager
def toot_tui(bench: Bench) -> Iterator[tuple[Terminal, str]]:
    """Its timeline over a server of this machine with 40 posts, and what its first paint of posts has."""
    program = toot(bench)
    with neighbours((0.0,), 40) as (server,):
        host = server.url.partition("://")[2]
        settings = bench.folder / "toot-settings" / "toot"
        settings.mkdir(parents=True, exist_ok=True)
        (settings / "config.json").write_text(json.dumps(_signed_in(server.url, host)), "utf-8")
        try:
            with Terminal([str(program), "tui"], env={"XDG_CONFIG_HOME": str(settings.parent)}) as terminal:
                yield terminal, POST
        except Broken as error:
            raise Unavailable(f"{TOOT} does not run here: {error}") from error


@contextmanager
def tooi(bench: Bench) -> Iterator[tuple[Terminal, str]]:
    """Likewise the program `tooi`. Its keys want `LATE_S` of silence."""
    program = _installed(bench, TOOI, "tooi")
    with neighbours((0.0,), 40, whole=True) as (server,):
        home = bench.folder / "tooi-home"
        (home / "tooi").mkdir(parents=True, exist_ok=True)
        (home / "tooi" / "credentials.json").write_text(json.dumps(_credentials(server.url)), "utf-8")
        folders = dict.fromkeys(("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"), str(home))
        try:
            with Terminal([str(program)], env=folders) as terminal:
                yield terminal, POST
        except Broken as error:
            raise Unavailable(f"{TOOI} does not run here: {error}") from error


def _credentials(address: str) -> dict[str, object]:
    host = address.partition("://")[2]
    app = {"title": "Test", "domain": host, "base_url": address, "client_id": "id", "client_secret": "secret"}
    anna = {"acct": f"anna@{host}", "username": "anna", "instance": host, "access_token": "anna-token"}
    return {"active_acct": f"anna@{host}", "accounts": {f"anna@{host}": anna}, "apps": {host: app}}


def _signed_in(address: str, host: str) -> dict[str, object]:
    app = {"base_url": address, "instance": host, "client_id": "id", "client_secret": "secret"}
    user = {"access_token": "anna-token", "instance": host, "username": "anna"}
    return {
        "apps": {host: app},
        "users": {f"anna@{host}": user},
        "active_user": f"anna@{host}",
        "dismiss_tui_deprecation_notice": True,  # it would wait for a key
    }
