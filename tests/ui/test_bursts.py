"""What is typed in one burst with the key that opens a search, a composer or a thread is theirs; one's own key, too."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from textual import events
from textual.widgets import Input

from mbclient.core.desk import Desk
from mbclient.core.reading import Found
from mbclient.domain.post import PostKind
from mbclient.domain.safetext import SafeText
from mbclient.ui.keyline import KeyLine
from mbclient.ui.ownwords import typed
from mbclient.ui.statspane import StatsPane
from tests.ui.running import CONFIG, MovableClock, Program, own_desk, running
from tests.ui.test_panes import selected, shown, title, written


async def test_what_is_typed_while_the_screen_opens_is_searched_for(own: Desk, clock: MovableClock) -> None:
    await own.refresher.take([written(1)], own.accounts.get("notes"))
    async with running(own, clock) as program:
        program.main.action_search()
        for letter in "openssl":  # none waits until the one before has been heard
            program.app.post_message(events.Key(letter, letter))
        await program.screen("SearchScreen")
        await program.until(lambda: "1 in the archive" in title(program))
        assert program.app.screen.query_one(Input).value == "openssl"
        await program.press("tab", "x")
        assert program.app.screen.query_one(Input).value == "openssl", "elsewhere a letter is a key"


LETTERS = "ZbfggZ jk oQq?c/.1"


def burst(keys: str) -> Iterator[events.Key]:
    """As a slow line brings them: none waits until the one before has been heard."""
    names = {" ": "space", "/": "slash", "?": "question_mark", ".": "full_stop"}
    for key in keys:
        yield events.Key(names.get(key, key), key)


async def test_what_is_typed_in_one_burst_with_the_key_of_the_search_is_searched_for(
    demo: Desk, clock: MovableClock
) -> None:
    """As keys of the timeline it would boost, open and leave."""
    async with running(demo, clock) as program:
        await program.until(lambda: program.main.timeline.selected)
        for event in burst(f"/{LETTERS}"):
            program.app.post_message(event)
        await program.screen("SearchScreen")
        await program.until(lambda: program.app.screen.query_one(Input).value == LETTERS)
        await program.press("escape", "j", "j", "g", "g")
        assert program.main.timeline.selected == program.main.timeline.on_screen[0], "a sequence is one again"
        assert program.rows() == []


@pytest.mark.parametrize(("moves", "stands_on"), [("jj", "openssl, yes"), ("k", "openssl 1")])
async def test_what_is_typed_in_one_burst_with_enter_moves_in_the_thread(
    own: Desk, clock: MovableClock, moves: str, stands_on: str
) -> None:
    """And not in the list that it was opened from, where one would be somewhere else on coming back."""
    answer = replace(written(3), text=SafeText("openssl, yes"), kind=PostKind.REPLY, in_reply_to="1")
    await own.refresher.take([written(1), written(2), answer], own.accounts.get("notes"))
    async with running(own, clock) as program:
        await program.until(lambda: program.main.timeline.selected)
        program.send("enter", *moves)
        await program.screen("ThreadScreen")
        await program.settle()
        assert selected(program) == stands_on
        await program.press("escape")
        assert str(program.selected().text) == "openssl, yes"


async def test_enter_opens_no_thread_while_the_timeline_has_not_the_keys(own: Desk, clock: MovableClock) -> None:
    await own.refresher.take([written(1)], own.accounts.get("notes"))
    async with running(own, clock) as program:
        await program.until(lambda: program.main.timeline.selected)
        program.main.set_focus(None)
        await program.press("enter")
        assert program.screen_name == "MainScreen"
        program.main.query_one(StatsPane).focus()
        await program.press("enter")
        await program.screen("StatsScreen")


async def among_what_was_found(program: Program, key: str = "slash") -> None:
    """On the second of nine posts that a search found."""
    await program.desk.refresher.take([written(number) for number in range(9)], program.desk.accounts.get("notes"))
    await program.press(*key.split())
    await program.screen("SearchScreen")
    await program.type("openssl")
    await program.until(lambda: "9 in the archive" in title(program))
    shown(program).focus()
    await program.press("j")


async def test_another_question_in_one_burst_takes_the_place_of_the_one_before(own: Desk, clock: MovableClock) -> None:
    async with running(own, clock) as program:
        await among_what_was_found(program)
        for event in burst(f"/{LETTERS}"):
            program.app.post_message(event)
        await program.until(lambda: program.app.screen.query_one(Input).value == LETTERS)
        assert program.screen_name == "SearchScreen"


@pytest.mark.parametrize("keys", ["x/abc", "nm/abc", "gg/abc"])
async def test_a_command_before_the_question_is_none_of_its_letters(own: Desk, clock: MovableClock, keys: str) -> None:
    async with running(own, clock) as program:
        await among_what_was_found(program)
        for event in burst(keys):
            program.app.post_message(event)
        await program.until(lambda: program.app.screen.query_one(Input).value == "abc")


@pytest.mark.parametrize(
    ("own_key", "before"), [("ctrl+f", "slash"), ("s", "slash"), ("g s", "s")], ids=["ctrl", "a letter", "a sequence"]
)
async def test_another_question_is_asked_with_the_users_own_key(
    home: Path, clock: MovableClock, own_key: str, before: str
) -> None:
    config = f'{CONFIG}\n[keys]\nsearch = "{own_key}"\nstats = "f9"\nbookmark = "f10"\n'
    async with running(own_desk(home, clock, config), clock) as program:
        await among_what_was_found(program, own_key)
        await program.press(before)
        assert shown(program).has_focus, "it is no key of the search any more"
        await program.press(*own_key.split())
        await program.type("cve")
        assert program.app.screen.query_one(Input).value == "cve"
        await program.press("ctrl+f", "tab", "x", "tab")
        assert program.app.screen.query_one(Input).value == "cve", "in the line its key opens nothing"
        assert program.screen_name == "SearchScreen"


async def test_the_line_of_keys_names_the_search_where_it_can_be_asked_for(own: Desk, clock: MovableClock) -> None:
    async with running(own, clock) as program:
        await among_what_was_found(program)
        line = program.app.screen.query_one(KeyLine)
        await program.until(lambda: ("/", "Search") in [(item.shown, item.words) for item in line.shown])
        await program.press("slash")
        await program.until(lambda: "/" not in [item.shown for item in line.shown])


async def test_the_composer_takes_what_is_typed_in_one_burst_on_any_screen(own: Desk, clock: MovableClock) -> None:
    async with running(own, clock) as program:
        await among_what_was_found(program)
        for event in burst("cZegg Zhej gg"):
            program.app.post_message(event)
        await program.until(lambda: (draft := program.main.composer.draft) and draft.text == "Zegg Zhej gg")


async def test_an_answer_does_not_take_the_keys_from_the_next_question(
    demo: Desk, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The services take seconds: letters would go on as commands, and one of them boosts."""
    answered = asyncio.Event()

    async def search_services(_query: str) -> Found:
        await answered.wait()
        return Found((), {})

    monkeypatch.setattr(demo.reading, "search_services", search_services)
    async with running(demo, clock) as program:
        await program.press("slash")
        await program.screen("SearchScreen")
        await program.type("openssl")
        await program.until(lambda: "in the archive" in title(program))
        await program.press("enter")
        await program.until(lambda: shown(program).has_focus)
        await program.press("slash")
        answered.set()
        await program.until(lambda: "from the services" in title(program))
        await program.type("eab")
        assert program.app.screen.query_one(Input).value == "eab"


def test_a_letter_with_alt_is_no_text() -> None:
    assert [typed(events.Key(key, "s")) for key in ("s", "alt+s")] == ["s", ""]


@pytest.mark.parametrize("key", ["ctrl+s", "escape", "ctrl+q"])
async def test_a_command_in_one_burst_with_a_text_is_heard_behind_all_of_it(
    own: Desk, clock: MovableClock, key: str
) -> None:
    """The toolkit would do it at once, while the letters still wait for the text area: their end was lost."""
    text = "All of it, to the last letter"
    async with running(own, clock) as program:
        await program.press("c")
        await program.until(lambda: program.main.composer.is_ready)
        for event in (*burst(text), events.Key(key, None)):
            program.app.post_message(event)
        if key == "ctrl+s":
            await program.until(program.rows)
            assert [row.draft.text for row in program.rows()] == [text]
        else:
            await program.drafts_are(text)
