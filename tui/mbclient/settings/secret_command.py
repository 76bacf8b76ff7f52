"""`token_command`: a program of the user's own that prints an account's secret, such as `pass show mastodon`."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Sequence
from contextlib import suppress

from mbclient.domain.errors import SecretError
from mbclient.domain.secret import Secret
from mbclient.texts import _
from mbclient.texts.outside import system_reason

TIMEOUT_S = 10.0
_MAX_BYTES = 64 * 1024


def run_token_command(account: str, command: Sequence[str], timeout: float = TIMEOUT_S) -> Secret:
    """The first line that the command prints. No shell; its error output is not read, it may hold anything.

    Raises SecretError: it can't be started, fails, takes longer than `timeout` seconds, or prints nothing.
    """
    try:
        process = subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # one group, so that what it starts ends with it
        )
    except (OSError, ValueError) as error:
        reason = system_reason(error) if isinstance(error, OSError) else type(error).__name__
        raise _error(account, _("can't be started: {reason}").format(reason=reason)) from None
    late = threading.Event()

    def stop() -> None:
        late.set()
        _kill(process)

    timer = threading.Timer(timeout, stop)
    timer.daemon = True
    timer.start()
    try:
        with process:
            assert process.stdout is not None
            output = process.stdout.read(_MAX_BYTES)
            if len(output) == _MAX_BYTES:
                _kill(process)
            status = process.wait()
    finally:
        timer.cancel()
    if late.is_set():
        raise _error(account, _("did not end within {seconds:g} s").format(seconds=timeout))
    if status != 0:
        raise _error(account, _("ended with status {status}").format(status=status))
    return _first_line(account, output)


def _kill(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _first_line(account: str, output: bytes) -> Secret:
    line = output.split(b"\n", 1)[0].rstrip(b"\r")
    try:
        secret = Secret(line.decode())
    except UnicodeDecodeError:
        raise _error(account, _("printed something that is not text")) from None
    if not secret:
        raise _error(account, _("printed nothing on its first line"))
    return secret


def _error(account: str, what: str) -> SecretError:
    return SecretError(
        _("token_command of {account}: it {what}").format(account=account, what=what),
        _("try the command in a terminal"),
    )
