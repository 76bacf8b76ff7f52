"""Asking the person at the terminal: yes or no, a line, a secret. Everything asked goes to standard error."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from mbclient.domain.errors import UsageError
from mbclient.domain.safetext import SafeText
from mbclient.domain.secret import Secret
from mbclient.texts import _

MAX_SECRET = 100_000


def can_ask() -> bool:
    """Whether somebody sits there: both what is asked and what is answered go through a terminal."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def confirm(question: str) -> bool:
    """Only a written yes is one."""
    answer = line(f"{question} {_('[y/N]')}").casefold()
    return answer in {"y", "yes", "j", "ja", _("yes")}


@contextmanager
def interruptible() -> Iterator[None]:
    """Ctrl+C ends the waiting at once; the event loop's own handler would only note it until a line has come."""
    if threading.current_thread() is not threading.main_thread():  # pytest's and others' threads have no signals
        yield
        return
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def prompt(question: str) -> None:
    """The question alone; whoever asks waits for the answer."""
    print(f"{SafeText.line(question)} ", end="", file=sys.stderr, flush=True)


def line(question: str) -> str:
    """One line; empty at the end of input."""
    with interruptible():
        prompt(question)
        return sys.stdin.readline().strip()


def secret(label: str) -> Secret:
    """Typed without echo. Raises `UsageError` when nobody can type."""
    if not can_ask():
        raise UsageError(_("a secret is needed: {label}").format(label=label), _("pipe it in and add --secret-stdin"))
    from getpass import getpass

    with interruptible():
        return Secret(getpass(f"{SafeText.line(label)}: ", stream=sys.stderr).strip())


def secret_from_stdin() -> Secret:
    """The first line of standard input. Raises `UsageError` when it is empty."""
    with interruptible():
        found = Secret(sys.stdin.readline(MAX_SECRET).strip())
    if not found:
        raise UsageError(_("standard input holds no secret"), _("pipe it in, as in: pass show work | mbclient …"))
    return found
