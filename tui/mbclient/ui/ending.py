"""What ends the program without asking: a hang-up, a request to end, a terminal that is gone."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from textual.message import Message

_TOLD = frozenset(one for one in signal.Signals if one.name in ("SIGHUP", "SIGTERM"))  # those that this system has


class TerminalGone(Message):
    """Nobody sees or types anything any more."""


class ToldToEnd(KeyboardInterrupt):
    """As Ctrl+C, but for one thing: had a plain one come while the interpreter ran a string, as every named tuple makes
    it do, the process would end by that signal although the interrupt was caught (CPython's `run_eval_code_obj`)."""


@contextmanager
def when_told_to_end(do: Callable[[], None]) -> Iterator[None]:
    """Inside, a hang-up and a request to end call this, in the main thread, between two steps of whatever it does.

    Left alone they end the program on the spot. What is ignored from outside (`nohup`) stays so.
    """
    before = {}
    if threading.current_thread() is threading.main_thread():  # nobody else may
        for told in _TOLD:
            if signal.getsignal(told) is not signal.SIG_IGN:
                before[told] = signal.signal(told, lambda _number, _frame: do())
    try:
        yield
    finally:
        for told, handler in before.items():
            signal.signal(told, handler)


@contextmanager
def undisturbed() -> Iterator[None]:
    """What tells the program to end waits until this is over: for the step between making something and knowing it."""
    if not hasattr(signal, "pthread_sigmask"):  # as on Windows: nothing there can be made to wait
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _TOLD)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def stop() -> None:
    """As Ctrl+C does: all that stands open is closed on the way out."""
    raise ToldToEnd
