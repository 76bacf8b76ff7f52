"""Where ``install.sh`` has put the servers, and what is missing.

The rule of the folder names is the one in ``install.sh``: the hash of the files that say what to install.
So a checkout never runs against what another version of its lock has installed.
"""

import hashlib
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.servers.processes import ServerUnavailableError

HERE = Path(__file__).parent
INSTALL = "tests/servers/install.sh"
NODE_FILES = ("node/runtime.txt", "node/package.json", "node/package-lock.json")
MASTODON_FILES = ("mastodon-mock.txt",)
MICROPUB_FILES = ("micropub/requirements.txt",)
NOSTR_FILES = ("nostr-relays.txt",)
REQUIRE_VARIABLE = "MBCLIENT_REQUIRE_SERVERS"


def servers_are_required() -> bool:
    """Tell whether a missing server must fail its tests instead of skipping them (CI sets this)."""
    return os.environ.get(REQUIRE_VARIABLE, "") not in ("", "0")


def installed(program: str) -> str:
    """Where a program is that install.sh brings from Debian. Without it the test is skipped, or fails in CI."""
    path = shutil.which(program)
    if path is None:
        (pytest.fail if servers_are_required() else pytest.skip)(f"there is no {program} here: {INSTALL} installs it")
    return path


def cache_folder() -> Path:
    """Return the folder that install.sh fills; it need not exist."""
    own = os.environ.get("MBCLIENT_SERVERS_DIR")
    if own:
        return Path(own)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "mbclient-test-servers"


def node_folder() -> Path:
    """Return the folder with ``node`` and ``node_modules``, or raise ServerUnavailableError."""
    return _complete("the Bluesky servers", "node", NODE_FILES)


def mastodon_folder() -> Path:
    """Return the venv with the Mastodon mock, or raise ServerUnavailableError."""
    return _complete("the Mastodon mock", "mastodon-mock", MASTODON_FILES)


def micropub_folder() -> Path:
    """Return the venv with the Micropub server, or raise ServerUnavailableError."""
    return _complete("the Micropub server", "micropub", MICROPUB_FILES)


def nostr_folder() -> Path:
    """Return the venv with the two Nostr relays, or raise ServerUnavailableError."""
    return _complete("the Nostr relays", "nostr-relays", NOSTR_FILES)


def postgres_programs() -> Path:
    """Return the folder with ``initdb`` and ``postgres``, or raise ServerUnavailableError.

    Debian keeps them out of the PATH; the newest version there wins.
    """
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: path.parts[-3])
    if versions:
        return versions[-1].parent
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    raise ServerUnavailableError(f"PostgreSQL is not installed; run {INSTALL}")


def program(name: str) -> Path:
    """Return the program's path, or raise ServerUnavailableError."""
    found = shutil.which(name)
    if not found:
        raise ServerUnavailableError(f"{name} is not installed; run {INSTALL}")
    return Path(found)


def _complete(what: str, prefix: str, files: Iterable[str]) -> Path:
    content = b"".join((HERE / name).read_bytes() for name in files)
    folder = cache_folder() / f"{prefix}-{hashlib.sha256(content).hexdigest()[:12]}"
    if not (folder / "complete").exists():
        raise ServerUnavailableError(f"{what} of this checkout are not in {folder}; run {INSTALL}")
    return folder
