"""A real Secret Service (gnome-keyring) on a session bus of its own.

``service.environment`` is what a program needs to reach it: give it to a child process with ``run``, or
set it with ``monkeypatch.setenv`` (``service.use(monkeypatch)``) for the test process itself.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.servers import installation
from tests.servers.processes import ServerProcess, run_folder, running

PASSWORD = "test"  # must not be empty: an empty one unlocks nothing
BACKEND = "keyring.backends.SecretService.Keyring"


@dataclass(frozen=True)
class SecretService:
    """A running Secret Service and the environment variables that lead to it (HOME is its own too)."""

    environment: Mapping[str, str]

    def use(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let the test process itself, and every child that inherits its environment, use the service."""
        for name, value in self.environment.items():
            monkeypatch.setenv(name, value)

    def run(
        self, command: Sequence[str | Path], *, stdin: str | None = None, timeout: float = 60
    ) -> "subprocess.CompletedProcess[str]":
        """Run the command with the service, and return what it wrote and its status."""
        return subprocess.run(
            [str(part) for part in command],
            env={**os.environ, **self.environment},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def run_python(self, script: str) -> "subprocess.CompletedProcess[str]":
        """Run a small Python script with the service, in this Python."""
        return self.run([sys.executable, "-c", script])

    def run_pytest(self, *selection: str) -> "subprocess.CompletedProcess[str]":
        """Run tests in a process of their own with the service."""
        return self.run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *selection], timeout=300)


@contextmanager
def secret_service(*, unlocked: bool = True) -> Iterator[SecretService]:
    """Run a session bus and gnome-keyring on it.

    With ``unlocked=False`` nobody has given the keyring its password, as after a login over SSH: storing
    a secret fails. Raises ServerUnavailableError or ServerFailedError.
    """
    bus_daemon = installation.program("dbus-daemon")
    keyring_daemon = installation.program("gnome-keyring-daemon")
    with run_folder("keyring") as folder:
        runtime = folder / "runtime"
        runtime.mkdir(mode=0o700)
        bus = runtime / "bus"
        environment = {
            "HOME": str(folder),
            "XDG_DATA_HOME": str(folder / "data"),
            "XDG_RUNTIME_DIR": str(runtime),
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={bus}",
            "PYTHON_KEYRING_BACKEND": BACKEND,
        }
        with running(
            "dbus",
            [bus_daemon, "--session", "--nofork", "--nopidfile", f"--address=unix:path={bus}"],
            folder,
            lambda _: bus.is_socket(),
            environment=environment,
        ):
            command: list[str | Path] = [keyring_daemon, "--foreground", "--components=secrets"]
            if unlocked:
                command.append("--unlock")
            with running(
                "gnome-keyring",
                command,
                folder,
                lambda process: _owns_the_name(process, environment),
                environment=environment,
                stdin=PASSWORD if unlocked else None,
            ):
                yield SecretService(environment)


def without_bus(folder: Path) -> dict[str, str]:
    """Return an environment where no session bus can be found: keyring raises ``NoKeyringError``."""
    return {
        "HOME": str(folder),
        "XDG_RUNTIME_DIR": str(folder),
        "DBUS_SESSION_BUS_ADDRESS": f"unix:path={folder / 'no-bus'}",
    }


def _owns_the_name(process: ServerProcess, environment: Mapping[str, str]) -> bool:
    """Tell whether the daemon itself, not one that the bus has started, is the Secret Service now."""
    found = subprocess.run(
        [
            installation.program("dbus-send"),
            "--session",
            "--print-reply=literal",
            "--dest=org.freedesktop.DBus",
            "/org/freedesktop/DBus",
            "org.freedesktop.DBus.GetConnectionUnixProcessID",
            "string:org.freedesktop.secrets",
        ],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return found.returncode == 0 and found.stdout.split()[-1:] == [str(process.pid)]
