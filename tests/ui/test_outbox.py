"""The outbox, the planned posts and the choice of a time: what waits, where, and what the keys make of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mbclient.core.desk import Desk
from mbclient.core.stores import SendState
from mbclient.domain.errors import UnreachableError
from mbclient.texts import set_language
from mbclient.ui.keyline import KeyLine
from tests.ui.running import MovableClock, Program, running

AFTERNOON = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)  # 15:00 in Stockholm
TOMORROW = datetime(2026, 11, 25, 7, 40, tzinfo=UTC)  # 08:40


def listed(program: Program) -> list[str]:
    """The lines of the list on screen."""
    choices = program.app.screen.query_one("Choices")
    return [str(choices.get_option_at_index(n).prompt) for n in range(choices.option_count)]  # type: ignore[attr-defined]  # the list's


def told(program: Program) -> str:
    return str(program.app.screen.query_one("#screen-title").render())


def offered(program: Program) -> set[str]:
    """The actions of the keys that the last line shows."""
    return {item.action for item in program.app.screen.query_one(KeyLine).shown}


def plan(desk: Desk, text: str, due: datetime = AFTERNOON, *accounts: str, on_server: bool = False) -> str:
    draft = replace(desk.drafting.new(accounts or ("masto",)), text=text, due=due, on_server=on_server)
    return desk.composer.submit(draft)[0].outbox


async def choose(program: Program, words: str) -> None:
    """Goes to the line with these words and presses enter."""
    place = next(number for number, line in enumerate(listed(program)) if words in line)
    program.app.screen.query_one("Choices").highlighted = place  # type: ignore[attr-defined]  # the list's
    await program.press("enter")


# ---------------------------------------------------------------- choosing a time


async def test_a_time_is_chosen_shown_judged_and_sent(demo: Desk, clock: MovableClock) -> None:
    clock.jump_to(12, 30)
    async with running(demo, clock) as program:
        await program.composing()
        await program.type("för senare")
        await program.press("alt+t")
        await program.screen("WhenScreen")
        lines = listed(program)
        assert lines[0] == "Now"
        assert lines[1].startswith("15:00")
        assert "next recommended time" in lines[1]
        assert any(line.startswith("tomorrow 08:40") for line in lines)
        assert any("after working hours" in line for line in lines)
        await choose(program, "tomorrow 11:40")
        await program.screen("MainScreen")
        await program.until(lambda: "planned tomorrow 11:40" in str(program.main.query_one("#title").render()))
        await program.press("ctrl+s")
        await program.until(lambda: len(program.rows(SendState.QUEUED)) == 2)
        assert {row.draft.due for row in program.rows()} == {datetime(2026, 11, 25, 10, 40, tzinfo=UTC)}
        assert any("nothing goes out while none runs" in text for text in program.says())


async def test_an_own_time_is_typed_and_a_wrong_one_is_said(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        await program.composing()
        await program.type("klockan nio")
        await program.press("alt+t")
        await program.screen("WhenScreen")
        await program.press("tab")
        for wrong, said in (("nu", "is no time"), ("08:00", "has passed")):
            await program.type(wrong)
            await program.press("enter")
            assert said in str(program.app.screen.query_one("#problem").render())
            await program.press(*["backspace"] * len(wrong))
        await program.type("2026-11-25 09:00")
        await program.press("enter")
        await program.screen("MainScreen")
        draft = program.main.composer.draft
        assert draft is not None
        assert draft.due == datetime(2026, 11, 25, 8, 0, tzinfo=UTC)


async def test_escape_and_now_leave_no_time(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        await program.composing()
        await program.type("nu")
        for key in ("escape", "enter"):
            await program.press("alt+t")
            await program.screen("WhenScreen")
            program.app.screen.query_one("Choices").highlighted = 0  # type: ignore[attr-defined]  # Now
            await program.press(key)
            await program.screen("MainScreen")
            assert program.main.composer.draft
            assert program.main.composer.draft.due is None


async def test_the_server_may_keep_it_where_all_can_and_what_that_means_is_said(
    demo: Desk, clock: MovableClock
) -> None:
    demo.preferences = replace(demo.preferences, default_accounts=("masto",))
    async with running(demo, clock) as program:
        await program.composing()
        await program.type("hos servern")
        await program.press("alt+t")
        await program.screen("WhenScreen")
        who = program.app.screen.query_one("#who")
        assert "Nothing goes out while none runs" in str(who.render())
        await program.press("s")
        assert "whether mbclient runs or not" in str(who.render())
        assert "not again" in str(who.render())
        await choose(program, "tomorrow 08:40")
        await program.until(lambda: "kept by the server" in str(program.main.query_one("#title").render()))
        await program.press("ctrl+s")
        await program.until(lambda: any(row.scheduled_id for row in program.rows(SendState.QUEUED)))
        assert any("kept by the server: it goes out whether" in text for text in program.says())
        await program.press("O")
        await program.screen("OutboxScreen")
        assert "the server publishes it tomorrow 08:40" in listed(program)[0]
        await program.press("c")
        await program.until(lambda: program.rows(SendState.CANCELLED))
        assert [saved.draft.text for saved in demo.drafts.list()] == ["hos servern"]
        assert await demo.handover.held_by("masto") == []


async def test_not_offered_where_one_target_cannot(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        await program.composing()
        await program.type("till två")
        await program.press("alt+t")
        await program.screen("WhenScreen")
        await program.press("s")
        assert "server keeps it" not in str(program.app.screen.query_one("#who").render())
        assert "s:" not in str(program.app.screen.query_one("#who").render())


async def test_the_queue_fills_the_slots_of_the_coming_days(demo: Desk, clock: MovableClock) -> None:
    """Three a slot: the tenth is the first of tomorrow's."""
    clock.jump_to(8, 20, day=25)
    async with running(demo, clock) as program:
        for number in range(10):
            await program.composing()
            await program.type(f"nr {number}")
            await program.press("ctrl+t")
            if program.main.composer.is_open:  # the daily guideline is reminded of
                clock.ahead += timedelta(seconds=1)
                await program.press("ctrl+t")
            await program.until(lambda: not program.main.composer.is_open)
        times = sorted({(row.draft.due, row.outbox) for row in program.rows()})
        local = [due.astimezone(demo.judge.policy.zone).strftime("%d %H:%M") for due, _outbox in times if due]
        assert local == ["25 08:40"] * 3 + ["25 11:40"] * 3 + ["25 15:00"] * 3 + ["26 08:40"]


# ---------------------------------------------------------------- the outbox


async def test_what_waits_for_the_user_stands_first(demo: Desk, clock: MovableClock) -> None:
    late = plan(demo, "för sent", clock.now() + timedelta(minutes=1))
    plan(demo, "i morgon", TOMORROW)
    clock.ahead += timedelta(hours=1)
    async with running(demo, clock) as program:
        await program.until(lambda: program.rows(SendState.HELD))
        await program.press("O")
        await program.screen("OutboxScreen")
        first, second = listed(program)
        assert "waits for you" in first
        assert "has passed by more than 15 min" in first
        assert "planned tomorrow 08:40" in second
        assert "Nothing goes out while none runs" in told(program)
        await program.press("t")
        await program.screen("WhenScreen")
        await choose(program, "15:00")
        await program.screen("OutboxScreen")
        await program.until(lambda: len(program.rows(SendState.QUEUED)) == 2)
        moved = next(row for row in program.rows() if row.outbox == late)
        assert moved.draft.due == AFTERNOON


async def test_a_late_post_goes_when_the_user_says(demo: Desk, clock: MovableClock) -> None:
    plan(demo, "för sent", clock.now() + timedelta(minutes=1))
    clock.ahead += timedelta(hours=1)
    async with running(demo, clock) as program:
        await program.until(lambda: program.rows(SendState.HELD))
        await program.press("O")
        await program.screen("OutboxScreen")
        await program.press("r")
        await program.until(lambda: program.rows(SendState.SENT))
        await program.until(lambda: listed(program) == [])
        assert "nothing is waiting" in told(program)


async def test_where_nothing_waits_it_says_what_would_and_offers_no_key_for_it(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        await program.press("O")
        await program.screen("OutboxScreen")
        await program.until(lambda: "What you send stands here" in told(program))
        assert offered(program) == {"back", "help", "quit"}
        plan(demo, "för senare")
        await program.until(lambda: listed(program))
        assert {"retry", "move", "cancel", "change"} <= offered(program)
        assert "What you send stands here" not in told(program)


async def test_the_list_of_times_says_that_enter_writes_for_one(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        await program.press("T")
        await program.screen("PlannedScreen")
        await program.until(lambda: "write_for" in offered(program))
        assert not {"move", "cancel", "change"} & offered(program)
        await program.press("enter")
        await program.until(lambda: (draft := program.main.composer.draft) and draft.due)


@pytest.mark.parametrize("language", ["en", "sv"])
@pytest.mark.parametrize("size", [(80, 24), (60, 24)])
async def test_the_choice_of_a_time_fits_a_small_screen_with_its_last_words(
    demo: Desk, clock: MovableClock, size: tuple[int, int], language: str
) -> None:
    async with running(demo, clock, size=size) as program:
        await program.composing()
        set_language(language)
        await program.press("alt+t")
        await program.screen("WhenScreen")
        who = program.app.screen.query_one("#who")
        await program.until(lambda: who.size.height > 1)
        assert who.parent is not None
        assert who.region in who.parent.region  # type: ignore[attr-defined]  # a widget's


async def test_the_part_of_a_cross_post_that_failed_is_tried_again_alone(
    demo: Desk, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mbclient.domain.errors import RejectedError
    from mbclient.services.demo.services import DemoService

    whole, tries = DemoService.publish, list[str]()

    async def publish(self: DemoService, prepared: object) -> object:
        tries.append(self.account.name)
        if self.account.name != "masto" and tries.count(self.account.name) == 1:
            raise RejectedError("no", "try again", account=self.account.name, status=422)
        return await whole(self, prepared)

    monkeypatch.setattr(DemoService, "publish", publish)
    before = demo.judge.status().count
    async with running(demo, clock) as program:
        demo.composer.submit(replace(demo.drafting.new(("masto", "sky", "den")), text="till alla"), confirmed=True)
        await program.until(lambda: len(program.rows(SendState.FAILED)) == 2)
        await program.press("O")
        await program.screen("OutboxScreen")
        assert [line.split()[0] for line in listed(program)] == ["sky", "den"]
        await choose(program, "sky")
        await program.until(lambda: len(program.rows(SendState.SENT)) == 2)
        assert [row.account for row in program.rows(SendState.FAILED)] == ["den"]
        assert sorted(tries) == ["den", "masto", "sky", "sky"]
        assert demo.judge.status().count == before + 1


async def test_editing_a_planned_post_keeps_its_time(demo: Desk, clock: MovableClock) -> None:
    plan(demo, "nästan rätt", TOMORROW)
    async with running(demo, clock) as program:
        await program.press("O")
        await program.screen("OutboxScreen")
        await program.press("e")
        await program.until(lambda: (draft := program.main.composer.draft) and draft.text == "nästan rätt")
        assert program.main.composer.draft
        assert program.main.composer.draft.due == TOMORROW
        assert not program.rows(SendState.QUEUED)


async def test_seconds_are_counted_down(demo: Desk, clock: MovableClock) -> None:
    demo.preferences = replace(demo.preferences, undo_seconds=40)
    async with running(demo, clock) as program:
        demo.composer.submit(replace(demo.drafting.new(("masto",)), text="snart"), undo_seconds=40)
        await program.press("O")
        await program.screen("OutboxScreen")
        await program.until(lambda: "in 3" in listed(program)[0])
        clock.ahead += timedelta(seconds=20)
        await program.until(lambda: "in 1" in listed(program)[0])


# ---------------------------------------------------------------- planned


async def test_the_coming_times_and_what_is_planned_for_them(demo: Desk, clock: MovableClock) -> None:
    clock.jump_to(12, 30)
    plan(demo, "tre", AFTERNOON)
    plan(demo, "udda tid", datetime(2026, 11, 25, 9, 0, tzinfo=UTC))
    async with running(demo, clock) as program:
        await program.press("T")
        await program.screen("PlannedScreen")
        lines = listed(program)
        assert "1 of 3" in lines[0]
        assert "next recommended time" in lines[0]
        assert "tre" in lines[1]
        order = [" ".join(line.split()[:2]) for line in lines]
        assert order[2:6] == ["tomorrow 08:40", "tomorrow 10:00", "tomorrow 11:40", "tomorrow 15:00"]
        await choose(program, "tomorrow 11:40")
        await program.until(lambda: program.main.composer.is_open)
        await program.until(lambda: "planned tomorrow 11:40" in str(program.main.query_one("#title").render()))


async def test_planned_posts_have_the_keys_of_the_outbox(demo: Desk, clock: MovableClock) -> None:
    plan(demo, "flytta mig", TOMORROW)
    async with running(demo, clock) as program:
        await program.press("T")
        await program.screen("PlannedScreen")
        choices = program.app.screen.query_one("Choices")
        choices.highlighted = next(n for n, line in enumerate(listed(program)) if "flytta mig" in line)  # type: ignore[attr-defined]
        await program.press("t")
        await program.screen("WhenScreen")
        await choose(program, "tomorrow 15:00")
        await program.screen("PlannedScreen")
        await program.until(lambda: program.rows()[0].draft.due == datetime(2026, 11, 25, 14, 0, tzinfo=UTC))
        choices.highlighted = next(n for n, line in enumerate(listed(program)) if "flytta mig" in line)  # type: ignore[attr-defined]
        await program.press("c")
        await program.until(lambda: program.rows(SendState.CANCELLED))
        await program.until(lambda: not any("flytta mig" in line for line in listed(program)))
        assert [saved.draft.text for saved in demo.drafts.list()] == ["flytta mig"]


async def test_what_another_program_left_with_the_server_is_shown_and_taken_back(
    demo: Desk, clock: MovableClock
) -> None:
    from tests.services.contract import outgoing

    service = demo.accounts.service("masto")
    await service.publish(await service.prepare(outgoing("[b]från annat[/b] håll", due=TOMORROW)))
    async with running(demo, clock) as program:
        await program.press("T")
        await program.screen("PlannedScreen")
        await program.until(lambda: any("[b]från annat[/b] håll" in line for line in listed(program)))
        choices = program.app.screen.query_one("Choices")
        choices.highlighted = next(n for n, line in enumerate(listed(program)) if "från annat" in line)  # type: ignore[attr-defined]
        await program.press("c")
        await program.screen("Ask")
        await program.press("y")
        await program.screen("PlannedScreen")
        await program.until(lambda: not any("från annat" in line for line in listed(program)))
        assert [saved.draft.text for saved in demo.drafts.list()] == ["[b]från annat[/b] håll"]


async def test_a_server_that_cannot_be_asked_is_named(
    demo: Desk, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mbclient.services.demo.services import DemoService

    async def down(self: DemoService) -> object:
        raise UnreachableError("down", account=self.account.name)

    monkeypatch.setattr(DemoService, "scheduled", down)
    async with running(demo, clock) as program:
        await program.press("T")
        await program.screen("PlannedScreen")
        await program.until(lambda: "Not asked what it keeps: masto" in told(program))


async def test_a_second_program_says_that_it_hands_over(demo: Desk, clock: MovableClock) -> None:
    plan(demo, "i morgon", TOMORROW)
    async with running(demo, clock) as program:
        demo.sender.sends = False
        await program.press("O")
        await program.screen("OutboxScreen")
        assert "Another mbclient sends" in told(program)
