"""A disk that takes nothing, or that another program holds: it is said where it matters, and ends nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import Input

from mbclient.core.desk import Desk
from mbclient.domain.errors import SettingsError, StorageError
from mbclient.ui.screens.settings import SettingsScreen
from tests.ui.running import CONFIG, MovableClock, Program, own_desk, own_launch, running

FULL = "the disk is full"


def full(*_given: object, **_named: object) -> None:
    raise StorageError(FULL, "make room")


async def told(program: Program, words: str = FULL) -> None:
    """Waits until it has been said; the program goes on."""
    await program.until(lambda: any(words in said for said in program.says()), words)
    assert (program.app.is_running, program.app.fault) == (True, None)


@pytest.mark.parametrize(
    ("setting", "typed", "shown"),
    [
        ("Hide boosts in Work", None, "yes"),
        ("Hide replies in Work", None, "yes"),
        ("Hide boosts also in", "Home", "home"),
        ("Work terms", "kaffe", "kaffe"),
        ("Never work", "lunch", "lunch"),
    ],
)
async def test_a_setting_that_marks_posts_anew_is_in_force_all_the_same(
    home: Path, clock: MovableClock, monkeypatch: pytest.MonkeyPatch, setting: str, typed: str | None, shown: str
) -> None:
    """What was chosen is kept, and shown; the marks are made as soon as there is room."""
    desk = own_desk(home, clock, CONFIG.replace('[work_filter]\nterms = ["openssl", "#infosec"]\n', ""))
    async with running(desk, clock, own_launch(home)) as program:
        with monkeypatch.context() as patch:
            patch.setattr(desk.resifter, "run", full)
            await program.press("comma")
            await program.change(setting)
            if typed is not None:
                await program.screen("AskText")
                program.app.screen.query_one(Input).value = typed
                await program.press("enter")
            await told(program)
            screen = program.app.screen
            assert isinstance(screen, SettingsScreen)
            await program.until(lambda: {row.title: row.value for row in screen.rows}[setting] == shown)
        assert desk.resifter.stale(), "tried again with the next thing that happens"


async def test_a_mute_that_cannot_be_marked_is_not_said_to_hold(
    own: Desk, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(own, clock) as program:
        monkeypatch.setattr(own.resifter, "run", full)
        await program.press("H")
        await program.screen("MutesScreen")
        await program.press("a")
        await program.screen("AskText")
        await program.type("football")
        await program.press("enter")
        await program.screen("Choose")
        await program.press("enter")
        await told(program)
        assert not any("Muted" in said for said in program.says())


async def test_a_computer_is_declared_though_the_log_takes_no_note_of_it(
    own: Desk, home: Path, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(own, clock, own_launch(home)) as program:
        monkeypatch.setattr(own.world.stores.log, "append", full)
        await program.press("comma")
        await program.change("This computer")
        await told(program)
        assert own.judge.machine.value == "work"


async def test_what_a_profile_shows_is_asked_until_it_can_be_kept(
    demo: Desk, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_given: object) -> None:
        raise SettingsError("accounts.toml cannot be written")

    async with running(demo, clock) as program:
        await program.press("comma")
        with monkeypatch.context() as patch:
            patch.setattr(demo.world.accounts, "confirm", refused)
            await program.change("Account masto")
            await program.screen("ConfirmProfile")
            await program.press("enter")
            await told(program, "cannot be written")
            assert program.screen_name == "ConfirmProfile"
        await program.press("enter")
        await program.screen("SettingsScreen")


async def test_an_account_that_another_program_has_removed_is_told(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        await program.press("comma")
        await program.screen("SettingsScreen")
        demo.world.accounts.remove("masto")
        await program.change("Account masto")
        await told(program, "there is no account 'masto'")
        assert "Account masto" not in program.settings()


async def test_a_draft_that_cannot_be_deleted_stays_in_the_list(
    own: Desk, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    own.composer.save(replace(own.drafting.new(), text="kvar"))
    async with running(own, clock) as program:
        monkeypatch.setattr(own.drafts, "delete", full)
        await program.press("D")
        await program.screen("DraftsScreen")
        await program.press("d")
        await program.screen("Ask")
        await program.press("y")
        await told(program)
        assert program.screen_name == "DraftsScreen"
        await program.drafts_are("kvar")


async def test_a_reminder_that_cannot_be_noted_comes_another_time(
    home: Path, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is shown once a day, which only the log knows."""
    config = CONFIG.replace('name = "Anna Ek"', 'name = "Anna Ek"\nrole = "landschef"\nrole_since = "2026-11-02"')
    desk = own_desk(home, clock, config)
    with monkeypatch.context() as patch:
        patch.setattr(desk.world.stores.log, "append", full)
        async with running(desk, clock) as program:
            line = program.main.query_one("NoticeLine")
            assert not line.display
            patch.undo()
            clock.jump_to(13, 0)
            program.main.second_passed()
            assert line.display
