"""Starts the screen: the one door from the commands into the UI."""

from __future__ import annotations

import os

from mbclient.core.desk import Desk
from mbclient.ui.app import MbclientApp
from mbclient.ui.ending import stop, when_told_to_end
from mbclient.ui.launch import Launch


def run(desk: Desk, launch: Launch) -> str:
    """Runs the screen until the user leaves; "demo" when they want to see the demo next, else "".

    A fault inside comes out here: the toolkit's own crash screen would print local variables (reliability facts 1.4).
    Ended from outside, it leaves in the same order and raises `KeyboardInterrupt`.
    """
    app = MbclientApp(desk, launch)
    if os.name == "posix":
        from mbclient.ui.driver import LastingDriver

        app.driver_class = LastingDriver
    with when_told_to_end(app.end_soon):
        next_thing = app.run() or ""
    if app.fault is not None:
        raise app.fault
    if app.was_ended:
        stop()
    return next_thing
