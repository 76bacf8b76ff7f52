"""News from one local account to the streams of the others in this program."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

Gone = tuple[int, ...]
_hubs: dict[Path, Hub] = {}


class Hub:
    """Wakes every listening stream: the board is another now. Streams may live on loops of several threads."""

    def __init__(self) -> None:
        self._listeners: dict[asyncio.Queue[Gone], asyncio.AbstractEventLoop] = {}

    def tell(self, gone: Iterable[int] = ()) -> None:
        """`gone`: numbers of what was deleted, which nobody will find on the board."""
        for queue, loop in list(self._listeners.items()):
            if not loop.is_closed():
                loop.call_soon_threadsafe(queue.put_nowait, tuple(gone))

    @contextmanager
    def listening(self) -> Iterator[asyncio.Queue[Gone]]:
        """A queue with an item for each change from now on."""
        queue: asyncio.Queue[Gone] = asyncio.Queue()
        self._listeners[queue] = asyncio.get_running_loop()
        try:
            yield queue
        finally:
            del self._listeners[queue]


def hub_of(data_file: Path) -> Hub:
    """One hub for a data file."""
    return _hubs.setdefault(data_file.absolute(), Hub())
