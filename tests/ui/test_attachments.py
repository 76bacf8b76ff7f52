"""Files and the language of a post, by palette and keyboard: asked for a description, shown, changed, sent along."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import Input

from mbclient.core.desk import Desk
from mbclient.core.stores import SendState
from mbclient.domain.account import Known
from mbclient.domain.draft import Attachment
from mbclient.ui.draftwords import language_problem
from tests.ui.running import CONFIG, MovableClock, Program, own_desk, running


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "quay.png"
    path.write_bytes(b"\x89PNG")
    return path


async def command(program: Program, title: str) -> None:
    """As the palette runs it."""
    commands = {each.title: each for each in program.app.get_system_commands(program.app.screen)}
    await commands[title].callback()
    await program.pilot.pause()


async def answer(program: Program, text: str) -> None:
    await program.screen("AskText")
    program.app.screen.query_one(Input).value = text
    await program.press("enter")


def words(program: Program, name: str) -> str:
    return str(program.app.screen.query_one(name).render())


def title(program: Program) -> str:
    return str(program.main.composer.query_one("#title").render())


async def test_a_file_and_what_it_shows_go_along(demo: Desk, clock: MovableClock, picture: Path) -> None:
    async with running(demo, clock) as program:
        await program.composing()
        await program.type("Our quay")
        await command(program, "Attach")
        await answer(program, str(picture.parent / "other.png"))
        assert "there is no file other.png" in words(program, "#below")
        await answer(program, str(picture))
        await program.until(lambda: "What does quay.png show?" in words(program, "Static"))
        await answer(program, "Two ships at our quay")
        await program.screen("MainScreen")
        await program.until(lambda: "[quay.png: Two ships at our quay]" in title(program))
        await program.press("ctrl+s")
        await program.until(lambda: len(program.rows(SendState.SENT)) == 2)
        for row in program.rows():
            assert row.draft.media == (Attachment(str(picture), "Two ships at our quay"),)


async def test_leaving_the_description_out_takes_a_second_press(demo: Desk, clock: MovableClock, picture: Path) -> None:
    async with running(demo, clock) as program:
        await program.composing()
        await command(program, "Attach")
        await answer(program, str(picture))
        await program.until(lambda: "What does quay.png show?" in words(program, "Static"))
        await program.press("enter")
        assert "Enter again leaves it out" in words(program, "#below")
        await program.press("enter")
        await program.screen("MainScreen")
        await program.until(lambda: "[quay.png: no description]" in title(program))
        await program.press("escape")  # no text, but a picture: worth keeping
        await program.until(lambda: [saved.draft.media for saved in demo.drafts.list()])
        await program.composing()


async def test_a_file_is_described_anew_and_removed(demo: Desk, clock: MovableClock, picture: Path) -> None:
    async with running(demo, clock) as program:
        await program.composing()
        draft = program.main.composer.draft
        assert draft is not None
        program.main.composer.change(replace(draft, media=(Attachment(str(picture), "before"),)))
        await command(program, "Attach")
        await program.screen("Choose")
        await program.press("j", "enter")
        await answer(program, "after")
        await program.until(lambda: "[quay.png: after]" in title(program))
        await command(program, "Attach")
        await program.screen("Choose")
        await program.press("end", "enter")
        await program.screen("MainScreen")
        await program.until(lambda: "quay.png" not in title(program))


async def test_the_language_is_told_where_a_service_knows_it(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        await program.composing()
        await program.type("Hej")
        await command(program, "Language")
        await answer(program, "svenska språket")
        assert "two or three letters" in words(program, "#below")
        await answer(program, "SV")
        await program.screen("MainScreen")
        await program.until(lambda: " · sv" in title(program))
        await program.press("ctrl+s")
        await program.until(lambda: len(program.rows(SendState.SENT)) == 2)
        assert {row.draft.lang for row in program.rows()} == {"sv"}


async def test_where_no_service_knows_languages_it_is_said(demo: Desk, clock: MovableClock) -> None:
    demo.preferences = replace(demo.preferences, default_accounts=("den",))
    async with running(demo, clock) as program:
        await program.composing()
        await command(program, "Language")
        await program.until(lambda: "None of these accounts" in program.verdict())


async def test_an_own_key_attaches(home: Path, clock: MovableClock) -> None:
    desk = own_desk(home, clock, CONFIG + '\n[keys]\nattach = "alt+a"\n')
    async with running(desk, clock) as program:
        await program.composing()
        await program.press("alt+a")
        await program.screen("AskText")


@pytest.mark.parametrize(("text", "fine"), [("", True), ("sv", True), ("nb-NO", True), ("x", False), ("../x", False)])
def test_short_names_of_languages(text: str, fine: bool) -> None:
    assert (language_problem(text) == "") is fine


SNIPPETS = """
[[snippets]]
name = "Weekly"
text = "Week {week}, {date} {other}\\n– {name}, {employer}"

[[snippets]]
name = "Thanks"
text = "Tack!"
"""


async def test_a_snippet_is_put_in_where_one_writes(home: Path, clock: MovableClock) -> None:
    async with running(own_desk(home, clock, CONFIG + SNIPPETS), clock) as program:
        await program.composing()
        await program.type("Hej ")
        await command(program, "Snippet")
        await program.screen("Choose")
        await program.press("j", "enter")
        await program.screen("MainScreen")
        await command(program, "Snippet")
        await program.screen("Choose")
        await program.press("enter")
        await program.screen("MainScreen")
        draft = program.main.composer.draft
        assert draft is not None
        assert draft.text == "Hej Tack!Week 48, 2026-11-24 {other}\n– Anna Ek, Grönkvist"


async def test_without_snippets_it_is_said_how_to_have_some(own: Desk, clock: MovableClock) -> None:
    async with running(own, clock) as program:
        await program.composing()
        await command(program, "Snippet")
        await program.until(lambda: "[[snippets]]" in program.verdict())


async def test_the_accounts_take_turns_with_their_identity_shown(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        await program.composing()
        await program.type("Hej")
        seen = []
        for _turn in range(5):
            draft = program.main.composer.draft
            assert draft is not None
            seen.append(draft.accounts)
            assert f"→ {', '.join(draft.accounts)} · ● IDENTIFIED · public" in title(program)
            assert all(f"● {name}" in program.verdict() for name in draft.accounts)
            await command(program, "Next account")
        assert seen == [("masto", "sky"), ("masto",), ("sky",), ("den",), ("masto", "sky")]


async def test_a_reply_stays_with_the_account_that_saw_the_post(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        await program.until(program.texts)
        await program.composing("r")
        before = program.main.composer.draft
        await command(program, "Next account")
        after = program.main.composer.draft
        assert before is not None
        assert after is not None
        assert after.accounts == before.accounts
        assert "This answers or changes a post" in program.verdict()


async def test_the_frame_tells_apart_as_whom_one_writes_where(demo: Desk, clock: MovableClock) -> None:
    demo.accounts.confirm("sky", employer=Known.NO, real_name=Known.YES)
    async with running(demo, clock) as program:
        await program.composing()
        await program.type("Hej")
        await program.until(lambda: "● IDENTIFIED masto · ■ BLOCKED sky" in title(program))
