"""The browser: beside the program, and never into its screen."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import webbrowser
from collections.abc import Callable
from typing import Any

from textual.app import App, SuspendNotSupported

from mbclient.texts import _
from mbclient.ui.editor import handed_over


async def browse(app: App[Any], url: str, say: Callable[[str, str], None]) -> None:
    """Opens an address, or says why not, with how bad that is.

    A browser that runs in a terminal gets this one until it ends. Any other is started by a Python of its own, which
    may wait for it: no key does, and nothing that it complains of is written over the screen.
    """
    try:
        browser = await asyncio.to_thread(webbrowser.get)
    except (webbrowser.Error, ValueError, IndexError):  # none, or a BROWSER with an open quote or of only spaces
        say(_("There is no browser here; y copies the link."), "warning")
        return
    if type(browser) is not webbrowser.GenericBrowser:  # those that end before their window does are of other classes
        command = (sys.executable, "-I", "-m", "webbrowser", url)
        nothing = subprocess.DEVNULL
        await asyncio.to_thread(subprocess.run, command, stdin=nothing, stdout=nothing, stderr=nothing, check=False)
        return
    try:
        with handed_over(app):
            browser.open(url)
    except SuspendNotSupported:
        say(_("This terminal cannot be handed to a browser; y copies the link."), "warning")
