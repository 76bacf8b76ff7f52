"""Runs the program many times, each time as a process of its own that may be killed at any point of its way.

Everything is imported once and each run is a fork, so that a run costs a tenth of a second. A run ends itself with
SIGKILL when the n-th call of any function is entered or left, counted from the start (`early`) or from the moment where
there is something to lose (`at`), or at the n-th named step (`step`): for the disk and for the server that is what a
kill from outside is, but it can be repeated, and reaches every point alike on a slow machine and on a fast one.

One JSON object a line comes in on standard input, one goes out for each on standard output; see `tests.faults.program`.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import wraps
from inspect import iscoroutinefunction
from pathlib import Path
from typing import Any

import httpx  # noqa: F401 - what the program imports late is imported here, once for all runs

from mbclient import bootstrap
from mbclient.cli import outbox, posting  # noqa: F401 - likewise
from mbclient.cli.main import main
from mbclient.core.clock import SystemClock
from mbclient.core.stores import OutboxRow, SavedDraft, SendState
from mbclient.domain.draft import Draft
from mbclient.policy.model import LedgerEntry
from mbclient.services.http import Http
from mbclient.services.registry import Registry  # noqa: F401 - likewise
from mbclient.storage import open_stores
from mbclient.storage.archive import ArchiveStore
from mbclient.storage.decisions import DecisionStore
from mbclient.storage.ledger import LedgerStore
from mbclient.storage.outbox import OutboxStore

STEPS: tuple[tuple[type, str], ...] = (
    (OutboxStore, "add"),
    (OutboxStore, "advance"),
    (LedgerStore, "record"),
    (DecisionStore, "append"),
    (ArchiveStore, "store"),
    (Http, "request"),
)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Counting:
    """Counts calls in every thread of this process, and ends it at one of them."""

    def __init__(self, at: int) -> None:
        self.calls = 0
        self._at = at

    def begin(self) -> None:
        threading.setprofile(self._called)
        sys.setprofile(self._called)

    def end(self) -> None:
        sys.setprofile(None)

    def _called(self, _frame: object, _event: str, _what: object) -> None:
        self.calls += 1
        if self.calls == self._at:
            die()


class Steps:
    """The named steps of this process, in order: `OutboxStore.add before`, `OutboxStore.add after`, …"""

    def __init__(self, at: int, first: Callable[[], None]) -> None:
        self.passed: list[str] = []
        self._at = at
        self._first = first

    def watch(self) -> None:
        for kind, name in STEPS:
            method = getattr(kind, name)
            title = f"{kind.__name__}.{name}"
            watched = self._waiting if iscoroutinefunction(method) else self._straight
            setattr(kind, name, wraps(method)(watched(title, method)))

    def _waiting(self, title: str, method: Callable[..., Any]) -> Callable[..., Any]:
        async def step(*given: Any, **named: Any) -> Any:
            self._pass(f"{title} before")
            answer = await method(*given, **named)
            self._pass(f"{title} after")
            return answer

        return step

    def _straight(self, title: str, method: Callable[..., Any]) -> Callable[..., Any]:
        def step(*given: Any, **named: Any) -> Any:
            self._pass(f"{title} before")
            answer = method(*given, **named)
            self._pass(f"{title} after")
            return answer

        return step

    def _pass(self, step: str) -> None:
        self.passed.append(step)
        if len(self.passed) == 1:
            self._first()
        if len(self.passed) == self._at:
            die()


def tell_of_kept(to: Path) -> None:
    """Whatever `submit` has on disk is written down: from then on it must never be lost."""
    add = OutboxStore.add
    descriptor = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def kept(self: OutboxStore, rows: Sequence[OutboxRow]) -> None:
        add(self, rows)
        for row in rows:
            os.write(descriptor, (row.draft.text + "\n").encode())

    OutboxStore.add = kept  # type: ignore[method-assign]  # this process has no other purpose


def set_ahead(minutes: float) -> None:
    """The program's clock is so far ahead."""

    class Ahead(SystemClock):
        def now(self) -> datetime:
            return super().now() + timedelta(minutes=minutes)

    setattr(bootstrap, "SystemClock", Ahead)  # noqa: B010 - bootstrap does not offer it


def keep(data_dir: Path, told: Path) -> int:
    """Instead of the program: writes one of everything that must not be lost, and says so once it is written."""
    clock = SystemClock()
    descriptor = os.open(told, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    stores = open_stores(data_dir, clock)
    began = time.time_ns()
    for number in range(8):
        name, now = f"{began}-{number}", clock.now()
        stores.drafts.save(SavedDraft("open", Draft(f"{name} " * 99, ("work",)), number, now))
        stores.drafts.hold("open")
        os.write(descriptor, f"draft {name}\n".encode())
        stores.outbox.add([OutboxRow(name, "work", f"key {name}", Draft(name, ("work",)), SendState.HELD, now, now)])
        os.write(descriptor, f"row {name}\n".encode())
        stores.ledger.record([LedgerEntry(now, "work", group=name, remote_id=name)])
        os.write(descriptor, f"counted {name}\n".encode())
    stores.close()
    return 0


def run(order: dict[str, Any]) -> int:
    """In the child: the program, as the command line starts it."""
    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(order[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    set_ahead(float(order.get("later", 0)))
    if "limit" in order:  # bytes that a file may have; beyond it a write fails as on a full disk
        resource.setrlimit(resource.RLIMIT_FSIZE, (order["limit"], order["limit"]))
    if "keep" not in order:
        tell_of_kept(Path(order["kept"]))
    early, late = Counting(int(order.get("early", 0))), Counting(int(order.get("at", 0)))
    if "early" in order:
        early.begin()
    steps = Steps(int(order.get("step", 0)), (lambda: None) if "early" in order else late.begin)
    steps.watch()
    status = keep(Path(order["keep"]), Path(order["kept"])) if "keep" in order else main(order["argv"])
    late.end()
    Path(order["said"]).write_text(json.dumps({"calls": early.calls or late.calls, "steps": steps.passed}), "utf-8")
    return status


def launch(order: dict[str, Any]) -> int:
    """The exit status of one run; -9 if it was killed."""
    child = os.fork()
    if child == 0:
        status = 70
        try:
            status = run(order)
        finally:
            os._exit(status)  # nothing of the parent's is flushed or cleaned up twice
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    for line in sys.stdin:
        sys.stdout.write(f"{launch(json.loads(line))}\n")
        sys.stdout.flush()
