"""Starts the screen: the one door from the commands into the UI."""

from __future__ import annotations

from mbclient.core.desk import Desk
from mbclient.ui.app import MbclientApp
from mbclient.ui.launch import Launch
from mbclient.ui.pasting import guard_pastes


def run(desk: Desk, launch: Launch) -> str:
    """Runs the screen until the user leaves; "demo" when they want to see the demo next, else "".

    A fault inside comes out here: the toolkit's own crash screen would print local variables (reliability facts 1.4).
    """
    guard_pastes()
    app = MbclientApp(desk, launch)
    next_thing = app.run() or ""
    if app.fault is not None:
        raise app.fault
    return next_thing
