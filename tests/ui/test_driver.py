"""What is typed, on its way from the terminal: read when it comes, and by nobody who looks whether it has."""

from __future__ import annotations

import asyncio
import os
import selectors
from collections.abc import AsyncIterator
from typing import Any

import pytest
from textual import constants
from textual._ansi_sequences import SYNC_END, SYNC_START
from textual.app import App
from textual.events import Key, Paste
from textual.message import Message

from mbclient.ui.driver import LastingDriver, SelectableEvent
from mbclient.ui.ending import TerminalGone
from mbclient.ui.pasting import BEGIN, END, PICTURES


class Hearing(App[object]):
    """Keeps what it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[Message] = []
        self.heard = asyncio.Event()

    def post_message(self, message: Message) -> bool:
        self.told.append(message)
        self.heard.set()
        return True


class Typing:
    """A driver whose reading thread runs, over a pipe for a terminal."""

    def __init__(self, driver: LastingDriver) -> None:
        self.driver = driver
        self.typed: asyncio.Queue[Message] = asyncio.Queue()
        self.waits: list[float | None] = []
        driver.fileno, self._keyboard = os.pipe()

    def type(self, some: bytes) -> None:
        os.write(self._keyboard, some)

    async def key(self) -> str:
        event = await self.typed.get()
        assert isinstance(event, Key)
        return event.key

    def go_away(self) -> None:
        os.close(self._keyboard)


@pytest.fixture
async def typing(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Typing]:
    typing = Typing(LastingDriver(Hearing()))
    loop = asyncio.get_running_loop()

    def process(message: Message) -> None:
        loop.call_soon_threadsafe(typing.typed.put_nowait, message)

    class Watched(selectors.SelectSelector):
        def select(self, timeout: float | None = None) -> Any:
            typing.waits.append(timeout)
            return super().select(timeout)

    monkeypatch.setattr(typing.driver, "process_message", process)
    monkeypatch.setattr(selectors, "SelectSelector", Watched)
    reading = asyncio.create_task(asyncio.to_thread(typing.driver.run_input_thread))
    yield typing
    typing.driver.exit_event.set()
    await reading


async def test_keys_arrive_and_between_them_nobody_looks_at_the_clock(typing: Typing) -> None:
    for each in (b"j", "å".encode(), b"\x1b[A"):
        typing.type(each)
    assert [await typing.key() for _number in range(3)] == ["j", "å", "up"]
    assert set(typing.waits) == {None}


async def test_an_escape_is_one_when_nothing_follows_it(typing: Typing) -> None:
    typing.type(b"\x1b")
    assert await typing.key() == "escape"
    typing.type(b"j")
    assert await typing.key() == "j"
    waits = [each for each in typing.waits if each is not None]
    assert waits
    assert max(waits) <= constants.ESCAPE_DELAY
    assert typing.waits[-1] is None


async def test_a_byte_of_another_encoding_ends_nothing(typing: Typing) -> None:
    typing.type(b"\xe5j")
    await typing.typed.get()
    assert await typing.key() == "j"


async def test_a_letter_that_comes_in_two_pieces_is_one(typing: Typing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mbclient.ui.driver.CHUNK", 1)
    typing.type("jåk".encode())
    assert [await typing.key() for _number in range(3)] == ["j", "å", "k"]


async def test_what_is_pasted_is_text_and_no_key(typing: Typing) -> None:
    typing.type(f"{BEGIN}one\x1b\x13two{END}j".encode())
    pasted = await typing.typed.get()
    assert isinstance(pasted, Paste)
    assert pasted.text == f"one{PICTURES[0x1B]}{PICTURES[0x13]}two"
    assert await typing.key() == "j"


async def test_a_terminal_that_goes_away_is_told_of_once(typing: Typing) -> None:
    typing.go_away()
    app = typing.driver._app
    assert isinstance(app, Hearing)
    await app.heard.wait()
    typing.driver._tell()
    assert [type(message) for message in app.told] == [TerminalGone]


async def test_a_frame_is_written_in_one_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    driver, written = LastingDriver(Hearing()), list[str]()

    class Writer:
        write = written.append

    monkeypatch.setattr(driver, "_writer_thread", Writer())
    for each in ("before", SYNC_START, "lines", SYNC_END, "after"):
        driver.write(each)
    assert written == ["before", f"{SYNC_START}lines{SYNC_END}", "after"]
    written.clear()
    driver.write(SYNC_START)
    driver.stop_application_mode()  # in the midst of one
    assert written[0].startswith(SYNC_START)
    assert len("".join(written)) > len(SYNC_START)


def test_an_event_that_a_select_sees_can_be_set_again() -> None:
    event = SelectableEvent()
    with selectors.DefaultSelector() as selector:
        selector.register(event, selectors.EVENT_READ)
        for _number in range(2):
            event.set()
            event.set()
            assert selector.select(0)
            event.clear()
            event.clear()
            assert not selector.select(0)
