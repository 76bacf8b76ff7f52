"""The search says what it did, also where it ended before it had looked through all."""

from __future__ import annotations

import pytest
from textual.widgets import Input, Static

from mbclient.core.desk import Desk
from mbclient.core.reading import Found
from mbclient.domain.errors import UnsupportedError
from mbclient.domain.safetext import SafeText
from tests.ui.posts import make_post
from tests.ui.running import MovableClock, Program, running


def title(program: Program) -> str:
    return str(program.app.screen.query_one("#screen-title", Static).render())


@pytest.fixture
async def archive(own: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The word stands in the second of nine posts, and in the last but one."""
    monkeypatch.setattr("mbclient.storage.archive._CHUNK", 2)
    monkeypatch.setattr("mbclient.storage.archive.LOOKED_AT", 4)
    texts = ["lunch", "明日の会議", *["lunch"] * 5, "今日の会議です", "lunch"]
    posts = [make_post(number, account="notes", text=SafeText(text)) for number, text in enumerate(texts)]
    await own.refresher.take(posts, own.accounts.get("notes"))


@pytest.mark.usefixtures("archive")
async def test_a_search_that_ended_early_says_so(own: Desk, clock: MovableClock) -> None:
    async with running(own, clock, size=(80, 24)) as program:
        await program.press("slash")
        await program.screen("SearchScreen")
        await program.type("会議")
        early = "1 in the archive; ended early, older posts were not searched"
        await program.until(lambda: early in title(program))
        await program.press("enter")
        await program.until(lambda: f"{early} · " in title(program), "beside what the services find")
        line = program.app.screen.query_one(Input)
        line.value = "明日"
        await program.until(lambda: "0 in the archive; ended early" in title(program))
        line.value = "lunch"
        await program.until(lambda: title(program).endswith("7 in the archive"), "full text looks at all")


async def test_who_searches_for_tags_alone_is_named_and_no_failure(
    own: Desk, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_words = UnsupportedError("m.example lets this account search for tags alone", "search for a #hashtag")
    answers: list[Found | UnsupportedError] = [Found((), unable={"misskey": no_words}), no_words]

    async def search_services(_query: str) -> Found:
        answer = answers.pop(0)
        if isinstance(answer, UnsupportedError):
            raise answer
        return answer

    monkeypatch.setattr(own.reading, "search_services", search_services)
    async with running(own, clock) as program:
        await program.press("slash")
        await program.screen("SearchScreen")
        await program.type("lunch")
        await program.press("enter")
        told = "0 from the services · cannot search for that: misskey"
        await program.until(lambda: title(program).endswith(told))
        await program.press("slash", "enter")
        await program.until(lambda: title(program) == str(no_words), "what to search for instead, where nobody can")
