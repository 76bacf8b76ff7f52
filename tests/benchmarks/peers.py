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


def toot(bench: Bench) -> Path:
    """The program `toot`."""
    folder = bench.folder / "toot"
    if not folder.exists():
        bench.progress(f"installing {TOOT}")
        venv.create(folder, with_pip=True)
        done = subprocess.run(
            [folder / "bin" / "pip", "install", "-q", TOOT], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise Unavailable(f"{TOOT} could not be installed: {done.stderr.strip().splitlines()[-1:]}")
    program = folder / "bin" / "toot"
    if not program.exists():
        raise Unavailable(f"{TOOT} is not installed")
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
                yield terminal, "post number"
        except Broken as error:
            raise Unavailable(f"{TOOT} does not run here: {error}") from error


def _signed_in(address: str, host: str) -> dict[str, object]:
    app = {"base_url": address, "instance": host, "client_id": "id", "client_secret": "secret"}
    user = {"access_token": "anna-token", "instance": host, "username": "anna"}
    return {
        "apps": {host: app},
        "users": {f"anna@{host}": user},
        "active_user": f"anna@{host}",
        "dismiss_tui_deprecation_notice": True,  # it would wait for a key
    }
