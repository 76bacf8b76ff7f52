"""The program over an archive of any size: a key does the same work among a hundred thousand posts as among a thousand.

Work is counted, not timed: posts laid out, pages asked for, and the steps that SQLite took for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from mbclient.core.desk import Desk
from mbclient.storage.archive import ArchiveStore
from tests.benchmarks.archives import pour
from tests.benchmarks.corpus import Corpus
from tests.ui.running import CONFIG, TUESDAY, MovableClock, own_desk, running

KEEP = "\n[archive]\nkeep_posts = 10000000\nkeep_days = 36500\n"
FEW, MANY = 1_000, 100_000
STEPS = 100  # of SQLite's machine, the grain in which they are counted
KEYS = ("j",) * 20 + ("pagedown",) * 40 + ("k",) * 10 + ("G", "k", "k", "pageup", "g", "g", "j")


class StillClock(MovableClock):
    """No minute ends, for which everything would be laid out anew."""

    def now(self) -> datetime:
        return TUESDAY + self.ahead


@dataclass(frozen=True, slots=True)
class Work:
    """What all the keys together cost."""

    laid_out: int
    pages: int
    steps: int


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_keys_do_the_same_work_at_a_hundred_thousand_posts(tmp_path: Path) -> None:
    few, many = await work(tmp_path / "few", FEW), await work(tmp_path / "many", MANY)
    assert few.pages > 3, "the keys leave the first page"
    assert abs(many.pages - few.pages) <= 1, "one is read ahead when the keys leave time for it"
    assert abs(many.laid_out - few.laid_out) <= few.laid_out // 5, "posts differ in length, nothing else"
    assert many.steps <= 1.5 * few.steps, "deeper trees, not more rows"


async def work(folder: Path, posts: int) -> Work:
    """Of the keys in the Home view, once everything is quiet."""
    folder.mkdir(mode=0o700)
    clock = StillClock()
    desk = own_desk(folder, clock, CONFIG + KEEP)
    pour(desk.world.stores.archive, Corpus().arrivals(posts))
    await desk.resifter.run()
    async with running(desk, clock) as program:
        await program.press("2")
        await program.until(lambda: program.main.timeline.on_screen, "posts")
        steps = _count_steps(desk)
        scene = program.main.timeline._scene
        assert scene is not None
        window, before = scene.viewport.window, scene.painter.laid_out
        read, steps[0] = window.pages_read, 0
        await program.press(*KEYS)
        assert program.main.timeline._scene is scene
        return Work(scene.painter.laid_out - before, window.pages_read - read, steps[0])


def _count_steps(desk: Desk) -> list[int]:
    """Goes up with every so many steps of the connection that reads."""
    archive, steps = desk.world.stores.archive, [0]
    assert isinstance(archive, ArchiveStore)

    def step() -> int:
        steps[0] += 1
        return 0

    with archive._reader.reading() as db:
        db.set_progress_handler(step, STEPS)
    return steps
