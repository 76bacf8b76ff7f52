"""Start a server as a child process, wait until it answers, and end it.

Every server gets a folder of its own (HOME and TMPDIR too, several leave files there), a free port on
127.0.0.1 and a log file, which is shown when the server does not come up.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

HOST = "127.0.0.1"
READY_SECONDS = 100.0  # each wait ends with what it waits for; a test may take 120 s
POLL_SECONDS = 0.1
END_SECONDS = 2.0
LOG_LINES = 40


class ServerUnavailableError(Exception):
    """The server is not installed here; the message tells the command that installs it."""


class ServerFailedError(Exception):
    """The server is installed but did not come up; the message ends with its log."""


@dataclass(frozen=True)
class ServerProcess:
    """A running server: its process id and its log (standard output and error together)."""

    name: str
    pid: int
    log: Path

    def log_text(self) -> str:
        """Return all that the server has written until now."""
        return self.log.read_text("utf-8", errors="replace")

    def log_tail(self) -> str:
        """Return the last lines of the log, for a message."""
        return "\n".join(self.log_text().splitlines()[-LOG_LINES:])


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that nothing listens on at this moment."""
    with socket.create_server((HOST, 0)) as listener:
        port = listener.getsockname()[1]
    assert isinstance(port, int)
    return port


def is_listening(port: int) -> bool:
    """Tell whether something accepts connections on the port of 127.0.0.1."""
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def answers(url: str) -> bool:
    """Tell whether a GET of the URL gives a 2xx answer now."""
    try:
        return httpx.get(url, timeout=5, trust_env=False).is_success
    except httpx.TransportError:
        return False


def says_ready(process: ServerProcess) -> bool:
    """Tell whether the server has written the line ``ready``, as the scripts in ``node/`` do."""
    return "ready" in process.log_text().splitlines()


def wait_for(condition: Callable[[], bool], seconds: float = READY_SECONDS) -> bool:
    """Poll the condition until it holds; return False when it still does not after the seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


@contextmanager
def run_folder(name: str, owner: str | None = None) -> Iterator[Path]:
    """Make a folder for one run, given to the system user ``owner`` if set, and remove it at the end.

    It lies directly under /tmp where another owner must reach it: pytest's and a user's own temporary
    folders are closed to others.
    """
    parent = "/tmp" if owner else None
    with tempfile.TemporaryDirectory(prefix=f"mbclient-{name}-", dir=parent, ignore_cleanup_errors=True) as path:
        folder = Path(path)
        if owner:
            shutil.chown(folder, owner)
        yield folder


def clean_environment(folder: Path, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return an environment that knows nothing of the user: PATH, a language, the folder as home."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "C.UTF-8",
        "HOME": str(folder),
        "TMPDIR": str(folder),
        **(extra or {}),
    }


@contextmanager
def running(
    name: str,
    command: Sequence[str | Path],
    folder: Path,
    ready: Callable[[ServerProcess], bool],
    *,
    ports: Sequence[int] = (),
    environment: Mapping[str, str] | None = None,
    user: str | None = None,
    stdin: str | None = None,
    end_signal: signal.Signals = signal.SIGTERM,
) -> Iterator[ServerProcess]:
    """Run the command from its folder until the block ends, entered once ``ready`` holds.

    ``ports`` are those it will listen on: they must be free before (a dying server could still answer
    the poll). ``user`` is the system user it runs as. ``stdin`` is written to it at the start.

    Raises ServerFailedError when it ends early or is not ready after READY_SECONDS, with its log.
    """
    taken = [port for port in ports if is_listening(port)]
    if taken:
        raise ServerFailedError(f"{name}: port {taken[0]} is already in use")
    log = folder / f"{name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=folder,
            env=clean_environment(folder, environment),
            user=user,
            group=user,
            extra_groups=[] if user else None,
            stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    server = ServerProcess(name, process.pid, log)
    try:
        if process.stdin is not None and stdin is not None:
            with process.stdin as pipe:
                pipe.write(stdin.encode())
        came_up = wait_for(lambda: process.poll() is not None or ready(server))
        if process.poll() is not None:
            raise ServerFailedError(f"{name} ended with status {process.returncode}:\n{server.log_tail()}")
        if not came_up:
            raise ServerFailedError(f"{name} was not ready after {READY_SECONDS:.0f} s:\n{server.log_tail()}")
        yield server
    finally:
        end(process, end_signal)


def end(process: "subprocess.Popen[bytes]", end_signal: signal.Signals = signal.SIGTERM) -> None:
    """End the process by its own id: politely, then after END_SECONDS for certain."""
    if process.poll() is not None:
        return
    process.send_signal(end_signal)
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def as_argument(options: Mapping[str, object]) -> str:
    """Return the options as the one JSON argument that the scripts in ``node/`` read."""
    return json.dumps(options)
