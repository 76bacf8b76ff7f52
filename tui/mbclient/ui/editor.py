"""The user's own editor: a private file, a fixed argument list, no control in the result, the draft never lost."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from textual.app import App, SuspendNotSupported

from mbclient.domain.errors import UsageError
from mbclient.domain.safetext import SafeText, holds_none_of_a_text, own_text
from mbclient.texts import _
from mbclient.texts.outside import system_reason


def edit_outside(app: App[None], text: str) -> str:
    """Suspends the screen, runs `$VISUAL` or `$EDITOR`, gives the new text. Raises `UsageError`; the draft stays.

    The file lies alone in a 0700 folder and is 0600 from its creation; both are gone afterwards.
    """
    command = _command()
    with ExitStack() as left_behind:
        try:
            path = Path(left_behind.enter_context(tempfile.TemporaryDirectory(prefix="mbclient-"))) / "post.txt"
            path.touch(0o600, exist_ok=False)
            path.write_text(text, "utf-8")
        except OSError as error:  # a full disk
            problem = _("{what} could not be used: {reason}").format(what="TMPDIR", reason=system_reason(error))
            raise UsageError(problem, _("the draft is as it was")) from error
        try:
            with handed_over(app):
                done = subprocess.run([*command, str(path)], check=False)
        except OSError as error:
            raise _does_not_start(command[0]) from error
        except SuspendNotSupported as error:
            raise UsageError(
                _("this terminal cannot be handed to an editor"), _("write here, or start mbclient in another")
            ) from error
        if done.returncode:
            raise UsageError(
                _("the editor ended with status {n}").format(n=done.returncode), _("the draft is as it was")
            )
        try:
            written = path.read_text("utf-8", "replace")
        except OSError as error:
            raise UsageError(_("the editor removed its file"), _("the draft is as it was")) from error
    if holds_none_of_a_text(written):
        app.notify(_("Control characters in the editor's text were replaced."), markup=False)
    return own_text(written).rstrip("\n")


def _command() -> list[str]:
    """The user's own command line; one of only spaces says no more than none. Raises `UsageError` for an open quote."""
    said = (os.environ.get(name, "").strip() for name in ("VISUAL", "EDITOR"))
    line = next(filter(None, said), "vi")
    try:
        return shlex.split(line)
    except ValueError as error:
        raise _does_not_start(line) from error


def _does_not_start(name: str) -> UsageError:
    return UsageError(
        _("the editor {name} does not start").format(name=SafeText.line(name, max_characters=80)),
        _("set EDITOR to one that does"),
    )


@contextmanager
def handed_over(app: App[Any]) -> Iterator[None]:
    """The terminal is another program's. Raises `SuspendNotSupported`.

    Ctrl+C there reaches this program too, as one of the same terminal, and must not end it. A handler that does
    nothing, not `SIG_IGN`: that one the other program would inherit.
    """
    before = signal.signal(signal.SIGINT, lambda _number, _frame: None)
    try:
        with app.suspend():
            yield
    finally:
        signal.signal(signal.SIGINT, before)
