"""The first minute: who one is, where and when one works, on what computer, about what; each for later too."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.widgets import Input

from mbclient import bootstrap
from mbclient.core.desk import Desk
from mbclient.policy.model import Interval, Machine
from mbclient.policy.values import intervals
from mbclient.texts.explain import hours_text
from mbclient.ui.aboutyou import hours_problem, read_hours
from mbclient.ui.choices import Choices
from mbclient.ui.launch import Launch
from mbclient.ui.screens.settings import SettingsScreen
from tests.ui.running import THEME, MovableClock, Program, own_desk, running

ALONE = 'schema = 1\nlanguage = "en"\n'


def begun(home: Path, clock: MovableClock, config: str = ALONE) -> tuple[Desk, Launch]:
    """As the command line starts it the first time."""
    desk = own_desk(home, clock, config)
    setup = bootstrap.read_settings(config=str(home / "config.toml"), data_dir=str(home / "data"), lenient=True)
    return desk, Launch(theme=THEME, first=True, save_choice=bootstrap.choice_keeper(setup, desk))


async def notebook(program: Program) -> None:
    await program.screen("WelcomeScreen")
    await program.press("end", "enter")


async def answer(program: Program, text: str) -> None:
    await program.screen("AskText")
    program.app.screen.query_one(Input).value = text
    await program.press("enter")


def asked(program: Program) -> str:
    return " ".join(str(part.render()) for part in program.app.screen.query("Static"))


def is_asked(program: Program, step: str) -> bool:
    return step in asked(program)


async def test_five_questions_each_kept_and_in_force_at_once(home: Path, clock: MovableClock) -> None:
    desk, launch = begun(home, clock)
    async with running(desk, clock, launch, size=(80, 24)) as program:
        await notebook(program)
        await program.until(lambda: "First steps · 1 of 5" in asked(program))
        await answer(program, "Anna Ek")
        await program.until(lambda: "2 of 5" in asked(program))
        assert desk.judge.policy.person_name == "Anna Ek"
        await answer(program, "Grönkvist")
        await program.screen("Choose")
        assert "3 of 5" in asked(program)
        await program.press("enter")
        await program.until(lambda: "4 of 5" in asked(program))
        assert desk.judge.machine is Machine.WORK
        await answer(program, "07:30-11:30, 12.30-16.00")
        await program.until(lambda: "5 of 5" in asked(program))
        await answer(program, "openssl, #ops")
        await program.screen("MainScreen")
        await program.until(lambda: desk.preferences.work_filter.terms == ("openssl", "#ops"))
    again = bootstrap.build(
        bootstrap.read_settings(config=str(home / "config.toml"), data_dir=str(home / "data")), clock=clock
    )
    policy = again.judge.policy
    assert (policy.person_name, policy.employer.name) == ("Anna Ek", "Grönkvist")
    assert policy.week[0] == policy.week[4] == (Interval(450, 690), Interval(750, 960))
    assert policy.week[5] == ()
    assert again.preferences.work_filter.terms == ("openssl", "#ops")
    again.world.stores.close()
    assert (home / "config.toml").read_text("utf-8") == ALONE


async def test_everything_can_be_skipped(home: Path, clock: MovableClock) -> None:
    desk, launch = begun(home, clock)
    before = desk.judge.policy
    async with running(desk, clock, launch) as program:
        await notebook(program)
        for step in (f"{number} of 5" for number in range(1, 6)):
            await program.until(partial(is_asked, program, step))
            await program.press("escape")
        await program.screen("MainScreen")
    assert desk.judge.policy == before
    assert not (home / "choices.toml").exists()


async def test_a_question_is_gone_back_to(home: Path, clock: MovableClock) -> None:
    desk, launch = begun(home, clock)
    async with running(desk, clock, launch, size=(60, 24)) as program:
        await notebook(program)
        await program.until(partial(is_asked, program, "1 of 5"))
        assert "PgUp" not in asked(program)
        await program.press("pageup")
        assert is_asked(program, "1 of 5")
        await answer(program, "Ana Ek")
        for step in ("2 of 5", "3 of 5"):
            await program.until(partial(is_asked, program, step))
            assert "PgUp goes back" in asked(program)
            if step == "2 of 5":
                await program.press("escape")
        await program.press("pageup")
        await program.until(partial(is_asked, program, "2 of 5"))
        await program.press("pageup")
        await program.until(partial(is_asked, program, "1 of 5"))
        assert program.app.screen.query_one(Input).value == "Ana Ek"
        await answer(program, "Anna Ek")
        await program.until(partial(is_asked, program, "2 of 5"))
        assert desk.judge.policy.person_name == "Anna Ek"


async def test_what_is_fixed_elsewhere_is_not_asked(home: Path, clock: MovableClock) -> None:
    desk, launch = begun(home, clock, ALONE + '[policy.person]\nname = "Anna Ek"\n')
    launch = replace(launch, locked=lambda: frozenset({"policy.person.name"}))
    async with running(desk, clock, launch) as program:
        await notebook(program)
        await program.until(lambda: "1 of 4" in asked(program))
        assert "Where you work" in asked(program)


async def test_what_the_company_sets_is_not_asked(
    home: Path, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    company = home / "company.toml"
    company.write_text('[employer]\nname = "Grönkvist"\n[work]\nuser_may_set_hours = false\n', "utf-8")
    monkeypatch.setenv("MBCLIENT_COMPANY_POLICY", str(company))
    desk, launch = begun(home, clock)
    async with running(desk, clock, launch) as program:
        await notebook(program)
        await program.until(lambda: "1 of 3" in asked(program))
        assert "Your name" in asked(program)
        await program.press("escape")
        await program.screen("Choose")


async def test_proposed_terms_go_in_and_out_by_key_and_by_click(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        await program.press("comma")
        await program.change("Work terms")
        await program.screen("AskText")
        field = program.app.screen.query_one(Input)
        before = field.value
        await program.type(", c")
        assert field.value == f"{before}, c", "a letter does not type over all that is there"
        await program.press("backspace", "backspace", "backspace")
        assert field.value == before
        await program.press("down", "enter")
        assert field.value == f"{before}, #certificates"
        await program.press("enter")
        assert field.value == before
        await program.pilot.click(Choices, offset=(6, 1))
        await program.until(lambda: field.value == f"{before}, #postgres")
        await program.press("escape")


async def test_who_has_an_account_is_asked_nothing_at_the_start(home: Path, clock: MovableClock) -> None:
    desk, launch = begun(home, clock, ALONE + '\n[[accounts]]\nname = "notes"\nservice = "local"\n')
    async with running(desk, clock, launch) as program:
        await program.composing()
        assert program.screen_name == "MainScreen"


async def test_the_settings_ask_the_same_later(home: Path, clock: MovableClock) -> None:
    desk, launch = begun(home, clock)
    async with running(desk, clock, replace(launch, first=False)) as program:
        await program.press("comma")
        told = {"Where you work": "Grönkvist", "Your name": "Anna Ek", "Working hours": "9:00-16:00"}
        for title, text in told.items():
            await program.change(title)
            await answer(program, text)
        await program.until(lambda: desk.judge.policy.week[0] == (Interval(540, 960),))
        await program.screen("SettingsScreen")
        assert isinstance(program.app.screen, SettingsScreen)
        values = {row.title: row.value for row in program.app.screen.rows}
        assert values["Where you work"] == "Grönkvist"
        assert values["Your name"] == "Anna Ek"
        assert values["Working hours"] == "09:00–16:00"


async def test_the_demo_keeps_its_company(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        await program.press("comma")
        await program.change("Where you work")
        await program.until(lambda: "Your company's policy sets this." in program.says())


def test_whole_hours_need_no_minutes() -> None:
    assert read_hours("8-12, 13–16.30") == ("08:00-12:00", "13:00-16:30")


@given(st.text(alphabet="0123456789:.-, ", max_size=30))
def test_hours_that_are_taken_are_hours_that_the_policy_reads(text: str) -> None:
    taken = read_hours(text)
    assert bool(taken) != bool(hours_problem(text))
    if taken:
        assert intervals(read_hours(hours_text(intervals(taken)))) == intervals(taken)


@pytest.mark.parametrize("text", ["", "8", "8-17-18", "08:00-12:00, 11:00-17:00", "25:00-26:00", "kl 8"])
def test_hours_that_cannot_be_are_refused(text: str) -> None:
    assert hours_problem(text)
