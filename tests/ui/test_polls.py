"""Polls in the whole program: written by keyboard, kept, sent with the post, seen and voted in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import Input, Static

from mbclient.core.desk import Desk
from mbclient.core.stores import SendState
from mbclient.domain.poll import NewPoll, PollLimits
from mbclient.domain.post import Post
from mbclient.domain.safetext import SafeText
from mbclient.services.demo.abilities import CAPABILITIES
from mbclient.services.demo.services import DemoService
from mbclient.ui.choices import Choices
from mbclient.ui.keyline import KeyLine
from mbclient.ui.screens.choose import Choose
from tests.ui.running import MovableClock, Program, own_desk, running


async def answer(program: Program, text: str) -> None:
    """A line typed into the window that asks for one, which may be the next of its kind."""
    await program.screen("AskText")
    asked = program.app.screen
    asked.query_one(Input).value = text
    await program.press("enter")
    await program.until(lambda: program.app.screen is not asked)


async def choose(program: Program, words: str) -> None:
    """The line that begins with these words, and enter."""
    await program.screen("Choose")
    asked = program.app.screen
    assert isinstance(asked, Choose)
    place = next(place for place, line in enumerate(asked._lines) if line.startswith(words))
    asked.query_one(Choices).highlighted = place
    await program.press("enter")
    await program.until(lambda: program.app.screen is not asked)


def title(program: Program) -> str:
    return str(program.main.composer.query_one("#title").render())


async def asked(program: Program, *choices: str) -> None:
    """A post to the demo's Mastodon alone, with a poll of these choices."""
    await program.composing()
    composer = program.main.composer
    assert composer.draft is not None
    composer.change(replace(composer.draft, accounts=("masto",)))
    await program.type("Coffee?")
    await program.press("alt+o")
    for choice in choices:
        await answer(program, choice)
    if len(choices) < 4:
        await answer(program, "")
    await program.screen("MainScreen")


async def test_a_poll_is_written_shown_and_sent(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        await asked(program, "Yes", " No \x1b[31m")
        await program.until(lambda: "[poll open for 1 d, one choice: Yes / No ␛[31m]" in title(program))
        await program.press("alt+o")
        await choose(program, "Allow several")
        await choose(program, "Hide the votes")
        await choose(program, "Open for 1 d")
        await choose(program, "6 h")
        await program.screen("Choose")
        await program.press("escape")
        await program.until(
            lambda: "[poll open for 6 h, any number of choices, votes hidden until then: " in title(program)
        )
        await program.press("ctrl+s")
        await program.until(lambda: program.rows(SendState.SENT))
        (row,) = program.rows()
        assert row.draft.poll == NewPoll(("Yes", "No ␛[31m"), multiple=True, seconds=6 * 3600, hide_totals=True)


@pytest.fixture
def untimed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo's Mastodon sets itself how long its polls are open."""
    limits = PollLimits(shortest=0, longest=0, timed=False)
    monkeypatch.setitem(CAPABILITIES, "mastodon", replace(CAPABILITIES["mastodon"], poll=limits))


@pytest.mark.usefixtures("untimed")
async def test_where_the_service_sets_the_time_none_is_asked_or_promised(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        await asked(program, "Yes", "No")
        await program.until(lambda: "[poll, one choice: Yes / No]" in title(program))
        await program.press("alt+o")
        await program.screen("Choose")
        screen = program.app.screen
        assert isinstance(screen, Choose)
        assert screen._lines[-2:] == ["Allow several choices", "Remove the poll"]
        await program.press("escape")
        await program.screen("MainScreen")
        await program.press("ctrl+s")
        await program.until(lambda: program.rows(SendState.SENT))
        assert program.rows()[0].draft.poll == NewPoll(("Yes", "No"), seconds=0)


@pytest.mark.usefixtures("untimed")
async def test_a_time_is_taken_back_and_said_as_the_accounts_want_it(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        await asked(program, "Yes", "No")
        composer = program.main.composer
        assert composer.draft is not None
        composer.change(replace(composer.draft, accounts=("den",)))
        await program.until(lambda: "den has to be told how long a poll is open" in program.verdict())
        await program.press("alt+o")
        await choose(program, "Say how long it is open")
        await choose(program, "6 h")
        await program.screen("Choose")
        await program.press("escape")
        await program.until(lambda: "[poll open for 6 h, one choice: Yes / No]" in title(program))
        composer.change(replace(composer.draft, accounts=("masto",)))
        await program.until(lambda: "masto decides itself how long a poll is open" in program.verdict())
        await program.press("alt+o")
        await choose(program, "Let the service decide")
        await program.screen("Choose")
        await program.press("escape")
        await program.until(lambda: "[poll, one choice: Yes / No]" in title(program))


async def test_choices_are_changed_and_removed_and_the_poll_with_the_last(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        await asked(program, "Yes", "No", "Later", "Never")  # there is room for no more, so nobody asks for it
        await program.press("alt+o")
        await choose(program, "Choice 2: No")
        await answer(program, "Nope")
        await choose(program, "Choice 4: Never")
        await answer(program, "")
        await program.screen("Choose")
        await program.press("escape")
        await program.until(lambda: "Yes / Nope / Later]" in title(program))
        await program.press("alt+o")
        await choose(program, "Remove the poll")
        await program.until(lambda: "[poll" not in title(program))
        assert program.main.composer.draft is not None
        assert program.main.composer.draft.poll is None


@pytest.mark.parametrize(
    ("typed", "said"), [("Yes", "has this choice already"), ("å" * 51, "50 characters at most; these are 51")]
)
async def test_a_choice_that_will_not_do_stays_to_be_mended(
    demo: Desk, clock: MovableClock, typed: str, said: str
) -> None:
    async with running(demo, clock) as program:
        await program.composing()
        await program.press("alt+o")
        await answer(program, "Yes")
        await program.screen("AskText")
        program.app.screen.query_one(Input).value = typed
        await program.press("enter")
        assert said in str(program.app.screen.query_one("#below").render())


async def test_an_empty_line_ends_no_poll_of_one_choice(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        await program.composing()
        await program.press("alt+o")
        await answer(program, "Yes")
        await program.screen("AskText")
        asked = program.app.screen
        await program.press("enter", "enter")
        assert program.app.screen is asked
        assert "two choices or more" in str(asked.query_one("#below").render())
        await answer(program, "No")
        await answer(program, "")
        await program.until(lambda: "one choice: Yes / No]" in title(program))


async def test_a_kept_draft_has_its_poll_again(demo: Desk, clock: MovableClock) -> None:
    """Without a word of text too: the choices are worth keeping."""
    async with running(demo, clock) as program:
        await program.composing()
        await program.press("alt+o")
        for choice in ("Yes", "No", ""):
            await answer(program, choice)
        await program.screen("MainScreen")
        await program.press("escape")
        await program.until(lambda: demo.drafts.list())
        (saved,) = demo.drafts.list()
        assert saved.draft.poll == NewPoll(("Yes", "No"))


async def test_a_killed_program_leaves_its_poll_for_the_next(home: Path, clock: MovableClock) -> None:
    poll = NewPoll(("Yes", "No"), multiple=True, seconds=3600)
    killed = own_desk(home, clock)
    async with running(killed, clock) as program:
        await program.composing()
        composer = program.main.composer
        assert composer.draft is not None
        composer.change(replace(composer.draft, poll=poll))
        await program.until(lambda: [saved.draft.poll for saved in killed.drafts.list()] == [poll])
        composer.keep = lambda: True  # type: ignore[method-assign]  # it dies without a word
    async with running(own_desk(home, clock), clock) as program:
        await program.until(lambda: program.main.composer.draft is not None)
        await program.until(lambda: "[poll open for 1 h, any number of choices: Yes / No]" in title(program))


async def test_where_no_account_has_polls_it_is_said(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        await program.composing()
        composer = program.main.composer
        assert composer.draft is not None
        composer.change(replace(composer.draft, accounts=("sky",)))
        await program.press("alt+o")
        await program.until(lambda: "None of these accounts has polls." in program.verdict())


async def test_an_account_without_polls_keeps_the_post_from_going_to_all(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        await asked(program, "Yes", "No")
        composer = program.main.composer
        assert composer.draft is not None
        composer.change(replace(composer.draft, accounts=("masto", "sky")))
        await program.press("ctrl+s")
        await program.until(lambda: "sky has no polls: remove the poll or the account" in program.verdict())
        assert not program.rows()


# ------------------------------------------------------------ voting


async def at_a_poll(program: Program, **changes: object) -> Post:
    """Selects a post of the demo's Misskey that has a poll; `changes` to that."""
    desk = program.desk
    account = desk.accounts.get("den")
    found = next(post for post in (await desk.accounts.service("den").page()).posts if post.poll)
    assert found.poll is not None
    service = desk.accounts.service("den")
    assert isinstance(service, DemoService)
    post = replace(found, remote_id="new", uri="new", created_at=program.clock.now(), text=SafeText("Soup?"))
    post = replace(post, poll=replace(found.poll, ends=None, **changes))  # type: ignore[arg-type]  # fields by name
    service._posts.append(post)
    await desk.refresher.take([post], account)
    await program.press("w")
    await program.until(lambda: "Soup?" in program.texts())
    await program.press("g", "g")
    await program.until(lambda: str(program.selected().text) == "Soup?")
    return post


def screen_text(program: Program) -> str:
    return "\n".join(strip.text for strip in program.main.timeline.render_lines(program.main.timeline.size.region))


def key_line(program: Program) -> list[str]:
    return [item.action for item in program.main.query_one(KeyLine).shown]


async def test_a_vote_is_given_and_shown(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        await at_a_poll(program)
        await program.until(lambda: "vote" in key_line(program))
        assert "○ ████" in screen_text(program)
        await program.press("v")
        await choose(program, "soup, but louder")
        await program.until(lambda: "Your vote is given." in program.says())
        await program.until(lambda: "you have voted" in screen_text(program))
        poll = program.selected().poll
        assert poll is not None
        assert [choice.mine for choice in poll.choices] == [False, True, False]
        await program.press("v")
        await program.until(lambda: "you have voted in this poll" in program.says())


async def test_several_choices_are_marked_first(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        await at_a_poll(program, multiple=True)
        await program.press("v")
        await choose(program, "[ ] soup: ")
        await choose(program, "[ ] a sandwich")
        await choose(program, "[x] soup: ")
        await choose(program, "[ ] soup: ")
        await choose(program, "Vote")
        await program.until(lambda: "Your vote is given." in program.says())
        poll = program.selected().poll
        assert poll is not None
        assert poll.chosen == {0, 2}


@pytest.mark.parametrize("keys", [("escape",), ("end", "enter")])
async def test_who_goes_back_or_marks_nothing_has_not_voted(
    demo: Desk, clock: MovableClock, keys: tuple[str, ...]
) -> None:
    async with running(demo, clock) as program:
        await at_a_poll(program, multiple=True)
        await program.press("v")
        await program.screen("Choose")
        await program.press(*keys)
        await program.screen("MainScreen")
        poll = program.selected().poll
        assert poll is not None
        assert not poll.chosen
        assert not program.says()


async def test_after_its_end_a_poll_says_that_it_is_over(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        await at_a_poll(program, closed=True)
        assert "the poll is over" in screen_text(program)
        assert "vote" not in key_line(program)
        await program.press("v")
        await program.until(lambda: "the poll is over" in program.says())
        assert program.screen_name == "MainScreen"


async def test_the_key_is_not_offered_where_there_is_no_poll_and_says_so(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        await program.until(lambda: program.main.timeline.selected)
        assert program.selected().poll is None
        assert "vote" not in key_line(program)
        await program.press("v")
        await program.until(lambda: "This post has no poll." in program.says())


async def test_details_tell_the_poll_in_words(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        await at_a_poll(program)
        await program.press("i")
        await program.screen("DetailsScreen")
        words = str(program.app.screen.query(Static).first().render())
        assert "soup, but louder: " in words
        assert "one choice" in words
