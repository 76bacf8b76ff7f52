"""A view of several accounts is counted beside the event loop, because that grows with the archive."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from mbclient.core.stores import ViewQuery
from mbclient.domain.safetext import SafeText
from mbclient.storage.archive import ArchiveStore
from mbclient.ui.sources import ViewSource
from tests.ui.posts import make_post
from tests.ui.running import CONFIG, MovableClock, own_desk, running

BOTH = '[[accounts]]\nname = "bo"\nservice = "local"\n\n[[views]]\nname = "Both"\naccounts = ["notes", "bo"]\n\n'


async def test_no_key_waits_for_it(home: Path, clock: MovableClock, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = own_desk(home, clock, CONFIG.replace("[work_filter]", f"{BOTH}[work_filter]"))
    posts = [make_post(number, account=("notes", "bo")[number % 2], text=SafeText("lunch")) for number in range(5)]
    for name in ("notes", "bo"):
        await desk.refresher.take([post for post in posts if post.account == name], desk.accounts.get(name))
    shared = make_post(1, account="notes", text=SafeText("lunch"))  # seen by both
    await desk.refresher.take([shared], desk.accounts.get("notes"))
    counted, count = [], ArchiveStore.count

    def watched(store: ArchiveStore, query: ViewQuery, *, after: int | None = None) -> int:
        if len(query.accounts) > 1 and after is None:
            counted.append(threading.current_thread() is threading.main_thread())
        return count(store, query, after=after)

    async with running(desk, clock) as program:
        monkeypatch.setattr(ArchiveStore, "count", watched)
        await program.press("5")
        await program.until(lambda: "5 posts" in program.tabs(), "the count")
        assert program.main.view.title == "Both"
        assert counted
        assert not any(counted)
        source = ViewSource(desk.reading, desk.reading.query(program.main.view))
        assert source.count() == 6, "where one stands needs no better number"
        await program.press("p")
        await program.until(lambda: any("Nothing is hidden" in words for words in program.says()))
        await program.press("1")
        await program.until(lambda: "Work 0 of 5 · 5 hidden" in program.tabs())
