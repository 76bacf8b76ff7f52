"""Notifications on the desktop: shown when news come, once the user wants them and the library is there."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

import mbclient.ui.desktop
from mbclient.core.desk import Desk
from mbclient.core.events import NotificationsArrived
from mbclient.core.preferences import AlertWishes
from mbclient.domain.errors import UsageError
from mbclient.domain.post import Author, Notification, NotificationKind
from mbclient.domain.safetext import SafeText
from tests.ui.running import MovableClock, Program, own_desk, own_launch, running


class Shown:
    """In place of the desktop."""

    told: list[tuple[str, str]]

    def __init__(self) -> None:
        type(self).told = []

    async def show(self, title: str, body: str) -> None:
        type(self).told.append((title, body))


@pytest.fixture
def desktop(monkeypatch: pytest.MonkeyPatch) -> type[Shown]:
    monkeypatch.setattr(mbclient.ui.desktop, "Desktop", Shown)
    Shown.told = []
    return Shown


def mentioned(desk: Desk, name: str) -> None:
    bo = Author(SafeText("bo"), SafeText("Bo Ek"), remote_id="bo")
    desk.world.stores.archive.store_notifications(
        [Notification("notes", name, NotificationKind.MENTION, desk.clock.now(), bo)]
    )
    desk.bus.publish(NotificationsArrived(1))


async def choose(program: Program) -> None:
    await program.press("comma")
    await program.change("Desktop notifications")
    await program.pilot.pause()


async def test_a_mention_is_told_once_the_user_wants_it(home: Path, clock: MovableClock, desktop: type[Shown]) -> None:
    desk = own_desk(home, clock)
    async with running(desk, clock, own_launch(home)) as program:
        mentioned(desk, "1")
        await choose(program)
        await program.until(lambda: desk.preferences.alerts == AlertWishes(desktop=True))
        mentioned(desk, "2")
        await program.until(lambda: desktop.told == [("Bo Ek mentions you", "notes")])
    assert own_desk(home, clock).preferences.alerts == AlertWishes(desktop=True)


async def test_without_the_library_it_is_said_and_stays_off(
    home: Path, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "desktop_notifier", None)
    desk = own_desk(home, clock)
    async with running(desk, clock, own_launch(home)) as program:
        await choose(program)
        await program.until(lambda: any("[desktop]" in text for text in program.says()))
        assert not desk.preferences.alerts.desktop
        with pytest.raises(UsageError):
            mbclient.ui.desktop.Desktop()


async def test_the_library_is_asked_for_leave_once_and_given_plain_words(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []

    class Library:
        def __init__(self, app_name: str) -> None:
            calls.append(app_name)

        async def request_authorisation(self) -> bool:
            calls.append("leave")
            return True

        async def send(self, title: str, message: str) -> str:
            calls.append(f"{title}|{message}")
            return "1"

    desktop_notifier = pytest.importorskip("desktop_notifier")
    monkeypatch.setattr(desktop_notifier, "DesktopNotifier", Library)
    desktop = mbclient.ui.desktop.Desktop()
    await desktop.show("Bo mentions you", "work")
    await desktop.show("Bo replies to you", "work")
    assert calls == ["mbclient", "leave", "Bo mentions you|work", "Bo replies to you|work"]


async def test_nothing_is_loaded_as_long_as_nobody_wants_it(own: Desk, clock: MovableClock) -> None:
    own.preferences = replace(own.preferences, alerts=AlertWishes())
    async with running(own, clock) as program:
        mentioned(own, "1")
        await program.pilot.pause()
        assert program.app._desktop is None
