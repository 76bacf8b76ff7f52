"""What arrives faster than it can be looked at is shown together, and nothing of it twice or never."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from mbclient.core import pieces
from mbclient.core.stores import Entry
from mbclient.ui.arriving import Arrivals
from tests.ui.posts import STEP, FakeSource, make_entry
from tests.ui.test_timeline import Host

PATIENCE_S = 10.0


class Screen:
    """Shows what arrives, and remembers what it showed each time."""

    def __init__(self) -> None:
        self.arrivals = Arrivals(self.show)
        self.shown: list[Sequence[Entry]] = []
        self.changed = asyncio.Event()

    def show(self) -> None:
        self.shown.append(self.arrivals.take())
        self.changed.set()

    async def next(self) -> None:
        self.changed.clear()
        async with asyncio.timeout(PATIENCE_S):
            await self.changed.wait()


async def test_the_first_are_shown_at_once_and_those_that_follow_together() -> None:
    screen, some = Screen(), [make_entry(number) for number in range(4)]
    screen.arrivals.add(some[:1])
    assert screen.shown == [some[:1]]
    for entry in some[1:]:
        screen.arrivals.add([entry])
    assert screen.shown == [some[:1]]
    await screen.next()
    assert screen.shown == [some[:1], some[1:]]


async def test_what_a_key_has_taken_is_not_shown_again() -> None:
    screen, some = Screen(), [make_entry(number) for number in range(3)]
    screen.arrivals.add(some[:1])
    screen.arrivals.add(some[1:2])
    assert screen.arrivals.take() == some[1:2]
    screen.arrivals.add(some[2:])
    await screen.next()
    assert screen.shown == [some[:1], some[2:]]


async def test_while_a_key_is_held_down_its_frame_is_waited_for_but_not_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pieces, "is_held_down", lambda: True)
    screen, some = Screen(), [make_entry(number) for number in range(4)]
    screen.arrivals.add(some[:1])
    assert screen.shown == []
    assert screen.arrivals.take() == some[:1], "by the key"
    screen.arrivals.add(some[1:2])
    await screen.next()
    assert screen.shown == [some[1:2]], "by none"
    monkeypatch.setattr(pieces, "is_held_down", lambda: False)
    screen.arrivals.add(some[2:])
    await screen.next()
    assert screen.shown == [some[1:2], some[2:]]


def come(app: Host, *numbers: int) -> None:
    """One after the other, as a stream tells of them."""
    for entry in map(make_entry, numbers):
        app.source.add([entry])
        app.timeline.entries_arrived([entry])


async def test_a_key_brings_what_waits_with_its_own_frame() -> None:
    app = Host(FakeSource(range(1, 31)))
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.press("down")
        come(app, 31, 32, 33)
        await pilot.press("down")
        assert app.timeline.unread_above == 3
        assert app.timeline.selected_key == 28 * STEP


async def test_what_waits_is_there_when_it_changes_or_goes() -> None:
    app = Host(FakeSource(range(1, 31)))
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.press("down")
        come(app, 31, 32, 33)
        app.source.remove(33 * STEP)
        app.timeline.refresh_entry(33 * STEP)
        await pilot.press("home")
        assert [entry.key for entry in app.timeline.on_screen][:2] == [32 * STEP, 31 * STEP]


async def test_a_source_that_is_shown_has_what_waited() -> None:
    app = Host(FakeSource(range(1, 31)))
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.pause()
        come(app, 31, 32, 33)
        app.timeline.show(app.source)
        await pilot.press("down")
        assert [entry.key for entry in app.timeline.on_screen][:3] == [number * STEP for number in (33, 32, 31)]
        assert app.timeline.unread_above == 0
