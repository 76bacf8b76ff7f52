"""What a post costs on disk with its index, and how many are taken in a second with full text."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from mbclient.core.clock import SystemClock
from mbclient.storage import open_stores
from tests.benchmarks.archives import pour
from tests.benchmarks.corpus import Corpus
from tests.benchmarks.frame import Bench, Figure, collecting_at_rest

GOAL = "G20: bytes a post, and posts a second into the archive with full text"
FRESH = 20_000


def run(bench: Bench) -> Iterator[Figure]:
    bench.archive(bench.posts)
    size = sum(path.stat().st_size for path in bench.archive_folder(bench.posts).glob("mbclient.db*"))
    yield Figure("bytes a post on disk, every index and log counted", size / bench.posts, at_most=600)
    for batch in (1000, 200, 20):
        stores = open_stores(bench.folder / f"fresh-{batch}", SystemClock())
        arrivals = list(islice(Corpus(batch).arrivals(FRESH), FRESH))
        with collecting_at_rest():
            rate = FRESH / pour(stores.archive, arrivals, batch)
        stores.close()
        scaled = rate / bench.scaled(1)
        yield Figure(
            f"posts a second, {batch} at once, on the facts' machine",
            scaled,
            at_least=30_000,
            detail=f"{rate:,.0f} here",
        )
