"""An application without a terminal that ends when it is ready: `null`, or `mbclient` with its own arguments.

What its instructions are counted for: everything from the interpreter's start to the first paint.
"""

from __future__ import annotations

import os
import sys
from typing import Any


def main(which: str, arguments: list[str]) -> None:
    """Ends the process by itself, at once, so that nothing of what comes later is counted."""
    if which == "null":
        _end_when_ready()
        from tests.benchmarks.apps.null import Null

        Null().run()
    from mbclient.__main__ import main as command
    from mbclient.cli import terminal_ui

    show = terminal_ui._show

    def shown(*given: Any, **named: Any) -> str:
        """The toolkit is loaded where the program loads it."""
        _end_when_ready()
        return show(*given, **named)

    terminal_ui._show = shown
    sys.stdin.isatty = sys.stdout.isatty = lambda: True  # type: ignore[method-assign]  # it asks whether there is a terminal
    os.environ["TERM"] = "xterm-256color"
    sys.argv = ["mbclient", *arguments]
    sys.exit(command() or "it ended before it was ready")


def _end_when_ready() -> None:
    from textual.app import App

    run = App.run

    def headless(self: App[object], *_given: object, **_options: object) -> object:
        return run(self, headless=True, size=(120, 40))

    def on_ready(self: App[object]) -> None:
        self.call_after_refresh(lambda: os._exit(0))  # of a function in C the toolkit reads the signature as text

    App.run = headless  # type: ignore[method-assign,assignment]  # the program passes it nothing that matters here
    App.on_ready = on_ready  # type: ignore[attr-defined]  # a handler is found by its name


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
