"""The dialogue of a browser login on a terminal: the address alone on its line, and a place to paste the code."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import suppress

from mbclient.cli import ask
from mbclient.domain.errors import UsageError
from mbclient.domain.safetext import SafeText
from mbclient.texts import _


class TerminalDialog:
    """Fills `LoginDialog`. Over SSH no browser is opened: it would open on the wrong computer."""

    async def show_address(self, url: str) -> None:
        print(_("Open this address in a browser to sign in:"), file=sys.stderr)
        print(SafeText.line(url, max_characters=4000), file=sys.stderr, flush=True)
        if "SSH_CONNECTION" not in os.environ:
            import webbrowser

            with suppress(webbrowser.Error, OSError):  # the address stands there to be copied
                await asyncio.to_thread(webbrowser.open, url)

    async def ask_code(self) -> str:
        """A line from the terminal. The loop goes on meanwhile, so that the browser may answer first."""
        if not ask.can_ask():
            if "SSH_CONNECTION" in os.environ:
                raise UsageError(_("nobody can paste the code here"), _("run it on a terminal"))
            await asyncio.Event().wait()  # only the browser can answer; cancelled when it does
        ask.prompt(_("or paste the code (or the address the browser ended at) here:"))
        # Watched rather than read in a thread: one blocked in a read would keep Python from ending cleanly.
        loop, typed = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(sys.stdin.fileno(), typed.set)
        try:
            await typed.wait()
        finally:
            loop.remove_reader(sys.stdin.fileno())
        return sys.stdin.readline().strip()
