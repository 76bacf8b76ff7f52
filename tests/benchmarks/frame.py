"""What every benchmark is given, and what it gives: a `Bench` in, `Figure`s out."""

from __future__ import annotations

import gc
import importlib
import json
import pkgutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Protocol, cast

import tests.benchmarks
from mbclient.ui import collecting

if TYPE_CHECKING:
    from mbclient.core.stores import Stores

# What `Bench.ruler` takes on the machine of the speed facts. That machine needed 0.33 s of CPU for `import textual.app`
# (section 1); one that needs 0.205 s for it reads the ruler's page in 0.365 ms.
RULER_MS = 0.365 * 0.33 / 0.205

Clock = Callable[[], float]


class Unavailable(Exception):
    """Why a goal cannot be measured on this machine."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number and its limit: exactly one of `at_most`, `at_least`. `detail`: the same in plain units."""

    what: str
    value: float
    at_most: float | None = None
    at_least: float | None = None
    detail: str = ""

    @property
    def met(self) -> bool:
        if self.at_most is not None:
            return self.value <= self.at_most
        return self.at_least is not None and self.value >= self.at_least

    @property
    def limit(self) -> str:
        return f"≤ {self.at_most:g}" if self.at_most is not None else f"≥ {self.at_least:g}"


@dataclass(frozen=True, slots=True)
class Compared:
    """Medians, in seconds, of two things that ran in turn."""

    subject: float
    yardstick: float

    @property
    def ratio(self) -> float:
        return self.subject / self.yardstick


class Goal(Protocol):
    """A module of this package."""

    GOAL: str

    def run(self, bench: Bench) -> Iterator[Figure]: ...


class Bench:
    """One call's surroundings. `posts`: how large the archive of the goals about a million is."""

    def __init__(self, folder: Path, *, posts: int, rounds: int = 7) -> None:
        self.folder = folder
        self.posts = posts
        self.rounds = rounds
        self.progress: Callable[[str], None] = lambda _text: None
        self._stores: dict[int, Stores] = {}
        self._page = json.dumps([_status(number) for number in range(40)])

    def compare(
        self,
        subject: Callable[[], object],
        yardstick: Callable[[], object],
        *,
        clock: Clock = time.process_time,
        rounds: int = 0,
    ) -> Compared:
        """The medians of both, run in turn; once unmeasured before."""
        times: tuple[list[float], list[float]] = ([], [])
        for number in range((rounds or self.rounds) + 1):
            for run, kept in zip((subject, yardstick), times, strict=True):
                begun = clock()
                run()
                if number:
                    kept.append(clock() - begun)
        return Compared(median(times[0]), median(times[1]))

    def ruler(self) -> float:
        """Milliseconds of a fixed piece of plain Python, now: the median of 15."""
        return median(timed(lambda: json.loads(self._page), time.thread_time) for _number in range(15)) * 1000

    def scaled(self, milliseconds: float) -> float:
        """What the time would be on the machine of the speed facts."""
        return milliseconds * RULER_MS / self.ruler()

    def archive(self, posts: int) -> Stores:
        """An archive with so many made-up posts, open; the same one for the rest of the call."""
        if posts not in self._stores:
            from tests.benchmarks.archives import filled_archive

            self.progress(f"an archive of {posts:,} posts")
            self._stores[posts] = filled_archive(self.archive_folder(posts), posts)
        return self._stores[posts]

    def archive_folder(self, posts: int) -> Path:
        return self.folder / f"archive-{posts}"

    def close(self) -> None:
        for stores in self._stores.values():
            stores.close()


@contextmanager
def collecting_at_rest() -> Iterator[None]:
    """No full garbage collection in here, as there is none in the program while somebody works (ui/collecting.py)."""
    before = gc.get_threshold()
    collecting.begin()
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def _status(number: int) -> dict[str, object]:
    """About 3.3 kB in the shape of a Mastodon status."""
    account = {key: f"https://server.example/{key}/{number}/" + "x" * 20 for key in ("url", "avatar", "header", "uri")}
    account |= {"id": str(number), "acct": "anna@server.example", "note": "<p>" + "words " * 60 + "</p>"}
    return {
        "id": str(number << 40),
        "created_at": "2026-11-24T12:00:00.000Z",
        "content": '<p>A <a href="https://server.example/tags/x" rel="tag">#<span>x</span></a></p>' * 8,
        "account": {**account, "fields": [{"name": "web", "value": "https://a.example", "verified_at": None}] * 4},
        "media_attachments": [{**account, "meta": {"original": {"width": 640, "height": 480, "aspect": 1.333}}}],
        "tags": [{"name": f"tag{one}", "url": f"https://server.example/tags/{one}"} for one in range(6)],
        "counts": {key: one for one, key in enumerate(("replies_count", "reblogs_count", "favourites_count"))},
        "reblog": None,
        "sensitive": False,
        "visibility": "public",
        "application": {"name": "Web", "website": None},
    }


def timed(run: Callable[[], object], clock: Clock = time.perf_counter) -> float:
    """Seconds of one run."""
    begun = clock()
    run()
    return clock() - begun


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that so many percent do not exceed."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * percent / 100), len(ordered) - 1)]


def goals() -> dict[str, Goal]:
    """Every goal there is, by its name, in order."""
    found: dict[str, Goal] = {}
    for module in sorted(pkgutil.iter_modules(tests.benchmarks.__path__), key=lambda one: one.name):
        number = module.name[1:].partition("_")[0]
        if module.name.startswith("g") and number.isdigit():
            name = f"G{int(number)}"
            found[name] = cast("Goal", importlib.import_module(f"tests.benchmarks.{module.name}"))
    return found
