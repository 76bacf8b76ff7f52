"""Archives for the goals about a million posts: filled through the store itself, as a refresh fills them."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from pathlib import Path

from mbclient.core.clock import SystemClock
from mbclient.core.stores import Archive, Arrival, Stores
from mbclient.storage import open_stores
from tests.benchmarks.corpus import APART, START, Corpus

BATCH = 1000


def filled_archive(folder: Path, posts: int) -> Stores:
    stores = open_stores(folder, SystemClock())
    pour(stores.archive, Corpus().arrivals(posts))
    return stores


def pour(archive: Archive, arrivals: Iterable[Arrival], batch: int = BATCH) -> float:
    """Stores everything, a batch a time; the seconds of CPU that the storing alone took."""
    spent = 0.0
    every = iter(arrivals)
    while some := list(islice(every, batch)):
        begun = time.thread_time()
        archive.store(some)
        spent += time.thread_time() - begun
    return spent


def key_at(posts: int, part: float) -> int:
    """The key of the moment where `part` (0 to 1) of so many posts are older."""
    moment: datetime = START + APART * int(posts * part)
    return int(moment.timestamp() * 1000) * 4096
