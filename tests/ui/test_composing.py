"""Writing by keyboard: from the first key to the ledger, and everything that may stop or change a draft on its way."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from textual.events import Key, Paste
from textual.widget import Widget
from textual.widgets import TextArea

from mbclient.core.desk import Desk
from mbclient.core.stores import SendState
from mbclient.domain.account import Known
from mbclient.policy.model import Machine
from mbclient.ui.composer import ComposerPane
from tests.ui.running import CONFIG, MovableClock, Program, own_desk, running

NUDGED = "Vi på Grönkvist såg att Blåbet är idioter"  # P5-RESPECT, which wants a second press


@pytest.fixture
def building(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """The composer's area is built, at its first opening, once this is set."""
    go_on = asyncio.Event()
    mount_all = ComposerPane.mount_all

    async def mount_then(pane: ComposerPane, widgets: Sequence[Widget]) -> None:
        if pane.is_open:
            await go_on.wait()
        await mount_all(pane, widgets)

    monkeypatch.setattr(ComposerPane, "mount_all", mount_then)
    return go_on


def written(program: Program) -> str:
    draft = program.main.composer.draft
    return draft.text if draft is not None else ""


def counted(desk: Desk) -> int:
    return desk.judge.status().count


# ---------------------------------------------------------------- sending


async def test_a_post_goes_from_the_keys_to_the_ledger_and_the_meter(own: Desk, clock: MovableClock) -> None:
    async with running(own, clock) as program:
        assert "0 of 8" in program.meter()
        await program.composing()
        await program.type("Hej från terminalen")
        await program.press("ctrl+s")
        await program.until(lambda: program.rows(SendState.SENT))
        assert [row.draft.text for row in program.rows()] == ["Hej från terminalen"]
        await program.until(lambda: "1 of 8" in program.meter())
        assert counted(own) == 1
        assert not program.main.composer.is_open
        assert program.main.timeline.has_focus
        assert "Sent to notes." in program.says()
        await program.press("4")
        await program.until(lambda: program.texts() == ["Hej från terminalen"])
        await program.until(lambda: "1 post of 8" in str(program.main.query_one("StatsPane").render()))


async def test_ten_presses_of_the_send_key_are_one_post(own: Desk, clock: MovableClock) -> None:
    async with running(own, clock) as program:
        await program.composing()
        await program.type("Hej")
        await program.pilot.press(*["ctrl+s"] * 10)
        await program.until(lambda: program.rows(SendState.SENT))
        assert [row.draft.text for row in program.rows()] == ["Hej"]
        assert counted(own) == 1


async def test_keys_typed_before_the_composer_stands_are_its_own(own: Desk, clock: MovableClock) -> None:
    """The first opening takes a moment; what is typed meanwhile is text, not commands: `q` would leave."""
    async with running(own, clock) as program:
        await program.pilot.press("c", *"quick", "enter", *"words")
        await program.until(lambda: program.main.composer.has_focus_within)
        await program.until(lambda: (draft := program.main.composer.draft) and draft.text == "quick\nwords")


async def test_nothing_is_sent_without_text(own: Desk, clock: MovableClock) -> None:
    async with running(own, clock) as program:
        await program.composing()
        await program.press("ctrl+s")
        assert "there is no text yet" in program.verdict()
        assert program.rows() == []


async def test_a_send_waits_and_u_takes_it_back_into_the_composer(own: Desk, clock: MovableClock) -> None:
    own.preferences = replace(own.preferences, undo_seconds=30)
    async with running(own, clock) as program:
        await program.composing()
        await program.type("Ångrar mig")
        await program.press("ctrl+s")
        await program.until(lambda: "sending in" in str(program.main.query_one("AccountLine").render()))
        assert "+1 planned" in program.meter()
        clock.jump_to(11, 40, 10)
        program.main.second_passed()
        assert "sending in 30 s" not in str(program.main.query_one("AccountLine").render())
        await program.press("u")
        await program.until(lambda: (draft := program.main.composer.draft) and draft.text == "Ångrar mig")
        assert [row.state for row in program.rows()] == [SendState.CANCELLED]
        assert [saved.draft.text for saved in own.drafts.list()] == ["Ångrar mig"]
        assert counted(own) == 0


async def test_there_is_nothing_to_undo_once_it_is_sent(own: Desk, clock: MovableClock) -> None:
    async with running(own, clock) as program:
        await program.press("u")
        assert any("nothing to take back" in text for text in program.says())


async def test_planned_for_the_next_recommended_time(own: Desk, clock: MovableClock) -> None:
    async with running(own, clock) as program:
        clock.jump_to(12, 0)
        await program.composing()
        await program.type("Senare")
        await program.press("ctrl+t")
        await program.until(lambda: program.rows(SendState.QUEUED))
        (row,) = program.rows()
        assert row.draft.due is not None
        assert row.draft.due.strftime("%H:%M") == "14:00"  # 15.00 in Stockholm
        assert "1 planned" in str(program.main.query_one("AccountLine").render())


# ---------------------------------------------------------------- the policy


async def test_a_nudge_takes_a_second_press_half_a_second_later(own: Desk, clock: MovableClock) -> None:
    async with running(own, clock) as program:
        await program.composing()
        await program.type(NUDGED)
        await program.press("ctrl+s")
        assert "Press Ctrl+S again" in program.verdict()
        await program.press("ctrl+s")  # at once: the key repeats
        assert program.rows() == []
        clock.ahead += own.clock.now() - own.clock.now()
        clock.jump_to(11, 41)
        await program.press("ctrl+s")
        await program.until(lambda: program.rows(SendState.SENT))


async def test_the_second_press_of_a_planned_post_is_of_the_key_that_keeps_its_time(
    own: Desk, clock: MovableClock
) -> None:
    chosen = datetime(2026, 11, 25, 10, 40, tzinfo=UTC)  # not the next recommended time
    async with running(own, clock) as program:
        await program.composing()
        await program.type(NUDGED)
        draft = program.main.composer.draft
        assert draft is not None
        program.main.composer.change(replace(draft, due=chosen))
        await program.press("ctrl+t")
        assert "Press Ctrl+T again" in program.verdict()
        await program.press("ctrl+s")
        assert "Press Ctrl+S again" in program.verdict()
        clock.jump_to(11, 41)
        await program.press("ctrl+s")
        await program.until(lambda: program.rows(SendState.QUEUED))
        assert [row.draft.due for row in program.rows()] == [chosen]


async def test_a_key_held_down_never_confirms(own: Desk, clock: MovableClock) -> None:
    async with running(own, clock) as program:
        await program.composing()
        await program.type(NUDGED)
        await program.press("ctrl+s")
        clock.jump_to(11, 41)  # the keyboard waits a while before it repeats
        await program.pilot.press("ctrl+s", "ctrl+s", "ctrl+s", "ctrl+s")
        await program.pilot.pause()
        assert program.main.composer._send_timer is None  # nothing is on its way to be sent
        assert program.rows() == []
        assert program.main.composer.is_open


async def test_a_changed_text_is_asked_about_anew(own: Desk, clock: MovableClock) -> None:
    async with running(own, clock) as program:
        await program.composing()
        await program.type(NUDGED)
        await program.press("ctrl+s")
        await program.type("!")
        clock.jump_to(11, 41)
        await program.press("ctrl+s")
        assert "Press Ctrl+S again" in program.verdict()
        assert program.rows() == []


async def test_a_slot_nudge_is_only_shown(own: Desk, clock: MovableClock) -> None:
    async with running(own, clock) as program:
        clock.jump_to(10, 15)
        await program.composing()
        await program.type("Mitt på förmiddagen")
        await program.until(lambda: "Recommended times" in program.verdict())
        await program.press("ctrl+s")
        await program.until(lambda: program.rows(SendState.SENT))


async def test_what_the_policy_stops_stays_a_draft(demo: Desk, clock: MovableClock) -> None:
    demo.accounts.confirm("masto", employer=Known.NO, real_name=Known.YES)
    demo.accounts.confirm("sky", employer=Known.NO, real_name=Known.YES)
    async with running(demo, clock) as program:
        await program.until(lambda: "BLOCKED" in program.meter())
        await program.composing()
        await program.type("Hej")
        await program.press("ctrl+s")
        await program.until(lambda: "Blocked" in program.verdict())
        assert program.rows() == []
        assert program.main.composer.is_open
        await program.drafts_are("Hej")
        await program.press("ctrl+s")
        assert len(demo.drafts.list()) == 1


async def test_a_fix_of_one_key_makes_a_stopped_draft_right(demo: Desk, clock: MovableClock) -> None:
    demo.accounts.confirm("masto", employer=Known.NO, real_name=Known.YES)
    demo.accounts.confirm("sky", employer=Known.NO, real_name=Known.YES)
    async with running(demo, clock) as program:
        await program.composing()
        await program.type("Hej")
        await program.until(lambda: program.offers())
        await program.fix("insert-signature")
        draft = program.main.composer.draft
        assert draft is not None
        assert draft.text == "Hej\n– Anna Ek, Harbour & Sons"
        assert "✓ OK" in program.verdict()
        await program.until(lambda: "IDENTIFIED" in program.meter())
        await program.press("ctrl+s")
        await program.until(lambda: len(program.rows(SendState.SENT)) == 2)


async def test_a_refusal_is_taken_back_when_the_profile_is_confirmed(demo: Desk, clock: MovableClock) -> None:
    for account in ("masto", "sky"):
        demo.accounts.confirm(account, employer=Known.NO, real_name=Known.NO)
    async with running(demo, clock) as program:
        await program.composing()
        await program.type("Hej")
        await program.press("ctrl+s")
        await program.until(lambda: "change the text, the account" in program.verdict())
        await program.fix("confirm-profile")
        for _account in range(2):
            await program.screen("ConfirmProfile")
            await program.press("e", "n", "enter")
        await program.screen("MainScreen")
        await program.until(lambda: program.verdict() and "change the text" not in program.verdict())


async def test_a_fix_can_be_undone_in_the_text(demo: Desk, clock: MovableClock) -> None:
    demo.accounts.confirm("masto", employer=Known.NO)
    async with running(demo, clock) as program:
        await program.composing()
        await program.type("Hej")
        await program.until(lambda: program.offers())
        await program.fix("insert-signature")
        await program.press("ctrl+z")
        area = program.main.query_one(TextArea)
        assert area.text == "Hej"


async def test_a_competitor_needs_the_employer_or_a_reason(demo: Desk, clock: MovableClock) -> None:
    demo.accounts.confirm("masto", employer=Known.NO)
    demo.accounts.confirm("sky", employer=Known.NO)
    demo.world.machine.declare(Machine.PRIVATE)
    async with running(demo, clock) as program:
        clock.jump_to(20, 15)
        await program.composing()
        await program.type("Quayline har en ny app")
        await program.press("ctrl+s")
        await program.screen("AskReason")
        await program.type("kort")
        await program.press("enter")
        assert program.screen_name == "AskReason"
        await program.type(" men det är en båt, inte firman")
        await program.press("enter")
        await program.until(lambda: len(program.rows(SendState.SENT)) == 2)
        assert {row.override_reason for row in program.rows()} == {"kort men det är en båt, inte firman"}


async def test_no_reason_sends_nothing(demo: Desk, clock: MovableClock) -> None:
    demo.accounts.confirm("masto", employer=Known.NO)
    demo.accounts.confirm("sky", employer=Known.NO)
    demo.world.machine.declare(Machine.PRIVATE)
    async with running(demo, clock) as program:
        clock.jump_to(20, 15)
        await program.composing()
        await program.type("Quayline har en ny app")
        await program.press("ctrl+s")
        await program.screen("AskReason")
        await program.press("escape")
        await program.screen("MainScreen")
        assert program.rows() == []
        draft = program.main.composer.draft
        assert draft is not None
        assert draft.text == "Quayline har en ny app"


async def test_the_silence_of_a_country_manager_is_a_quiet_line_once_a_day(home: Path, clock: MovableClock) -> None:
    from tests.ui.running import CONFIG

    config = CONFIG.replace('name = "Anna Ek"', 'name = "Anna Ek"\nrole = "landschef"\nrole_since = "2026-11-02"')
    async with running(own_desk(home, clock, config), clock) as program:
        assert "country manager" in str(program.main.query_one("NoticeLine").render())
        assert program.screen_name == "MainScreen"
        await program.press("escape")
        assert not program.main.query_one("NoticeLine").display
        clock.jump_to(13, 0)
        program.main.second_passed()
        assert not program.main.query_one("NoticeLine").display
    async with running(own_desk(home, clock), clock) as program:  # started again on the same day
        assert not program.main.query_one("NoticeLine").display
        clock.jump_to(9, 0, day=25)
        program.main.second_passed()
        assert program.main.query_one("NoticeLine").display
        await program.composing()
        await program.type("Nu är jag aktiv")
        await program.press("ctrl+s")
        await program.until(lambda: not program.main.query_one("NoticeLine").display)


@pytest.mark.parametrize("opens", ["c", "r"])
async def test_what_is_typed_in_one_burst_with_the_key_that_opens_it_is_text(
    demo: Desk, clock: MovableClock, opens: str
) -> None:
    """As it comes over a slow line. As keys it would boost and like, go to the top, and lose the words."""
    words = "ZbffZ gg wQ Q\nx."
    async with running(demo, clock) as program:
        await program.until(lambda: program.main.timeline.selected)
        for key in (opens, *words):
            name = {" ": "space", "\n": "enter", ".": "full_stop"}.get(key, key)
            program.app.post_message(Key(name, "\r" if key == "\n" else key))
        await program.until(lambda: words in written(program))
        assert program.screen_name == "MainScreen"
        assert program.rows() == []


@pytest.mark.parametrize("stands", [True, False], ids=["it stands", "it is being built"])
async def test_a_letter_on_its_way_up_from_the_timeline_when_the_composer_opens_is_text(
    own: Desk, clock: MovableClock, building: asyncio.Event, stands: bool
) -> None:
    """A sequence may begin with it: `g g` goes to the top."""
    async with running(own, clock) as program:
        if stands:
            building.set()
            await program.composing()
        else:
            await program.press("c")
        for each in "gut gg":
            program.main.timeline._forward_event(Key("space" if each == " " else each, each))  # as the program does
        building.set()
        await program.until(lambda: written(program) == "gut gg")


@pytest.mark.parametrize("held", [True, False], ids=["key by key", "in one burst"])
async def test_what_is_sent_before_the_composer_stands_is_sent(
    own: Desk, clock: MovableClock, building: asyncio.Event, held: bool
) -> None:
    """The letters before the key that sends are the post. One behind it had nowhere to go, and commands nothing."""
    async with running(own, clock) as program:
        keys = [Key(each, each) for each in "cHej"] + [Key("ctrl+s", None)]
        if held:
            await program.press("c")
            keys = [*keys[1:], Key("q", "q")]
        for key in keys:
            program.app.post_message(key)
        if held:
            await program.pilot.pause()
        building.set()
        await program.until(lambda: program.rows(SendState.SENT))
        assert [row.draft.text for row in program.rows()] == ["Hej"]
        await program.until(lambda: "Sent to notes." in program.says())
        assert not program.main.composer.is_open
        assert program.app.is_running


async def test_a_nudge_asks_before_the_composer_stands_too(own: Desk, clock: MovableClock) -> None:
    async with running(own, clock) as program:
        for key in (Key("c", "c"), *(Key(each, each) for each in NUDGED), Key("ctrl+s", None), Key("!", "!")):
            program.app.post_message(key)
        await program.until(lambda: written(program) == f"{NUDGED}!")
        assert program.rows() == []
        assert own.drafts.list() == []


async def test_what_is_closed_before_the_composer_stands_is_kept(own: Desk, clock: MovableClock) -> None:
    async with running(own, clock) as program:
        for key in (*(Key(each, each) for each in "cHej"), Key("escape", "\x1b")):
            program.app.post_message(key)
        await program.drafts_are("Hej")
        assert not program.main.composer.is_open


async def test_what_is_pasted_before_the_composer_stands_keeps_its_place(
    own: Desk, clock: MovableClock, building: asyncio.Event
) -> None:
    async with running(own, clock) as program:
        await program.press("c")
        for event in (Key("a", "a"), Paste("two\r\nlines"), Key("b", "b")):
            program.app.post_message(event)
        await program.pilot.pause()
        building.set()
        await program.until(lambda: written(program) == "atwo\nlinesb")


async def test_a_warning_begun_before_the_composer_stands_is_no_text(
    own: Desk, clock: MovableClock, building: asyncio.Event
) -> None:
    async with running(own, clock) as program:
        await program.press("c")
        for event in (Key("a", "a"), Key("alt+w", None), Key("b", "b"), Paste("two\nlines")):
            program.app.post_message(event)
        await program.pilot.pause()
        building.set()
        await program.until(lambda: written(program) == "a")
        draft = program.main.composer.draft
        assert draft is not None
        assert draft.cw == "btwo lines"


async def test_a_long_paste_is_there_to_its_end(own: Desk, clock: MovableClock) -> None:
    """What others write is cut at a length; the user's own words never are."""
    text = "\n".join(f"line {number} of a chronicle that is pasted" for number in range(1200))
    async with running(own, clock) as program:
        await program.composing()
        program.app.post_message(Paste(text))
        await program.until(lambda: written(program) == text)
        assert program.says() == []


async def test_it_is_seen_where_the_keys_go_while_the_composer_is_open(own: Desk, clock: MovableClock) -> None:
    """The timeline hears letters as commands; nothing else about the open composer would tell."""
    async with running(own, clock) as program:
        composer = program.main.composer

        def title() -> str:
            return str(composer.query_one("#title").render())

        await program.press("tab")  # closed it takes no keys
        assert not composer.has_focus
        await program.composing()
        await program.type("Hej")
        assert "writes on" not in title()
        await program.press("tab")
        assert program.main.timeline.has_focus
        assert composer.has_class("-aside")
        assert title().startswith(" Tab  writes on · Compose")
        await program.press("tab")  # the figures come next
        assert composer.has_class("-aside")
        await program.press("tab")
        await program.type("!")
        assert written(program) == "Hej!"
        assert not composer.has_class("-aside")
        assert title().startswith("Compose")


async def test_a_sequence_with_such_a_key_leaves_the_other_sequences_alone(home: Path, clock: MovableClock) -> None:
    """What a sequence takes never comes up to the program, so nothing waits for it."""
    config = CONFIG + '\n[keys]\ndrafts = "z c"\noutbox = "g o"\n'
    async with running(own_desk(home, clock, config), clock) as program:
        await program.press("z", "c")
        await program.screen("DraftsScreen")
        await program.press("escape")
        await program.screen("MainScreen")
        await program.press("g", "o")
        await program.screen("OutboxScreen")
        assert not program.main.composer.is_open


@pytest.mark.parametrize("width", [60, 120])
async def test_over_ssh_it_is_said_why_the_computer_counts_as_one_at_work(
    home: Path, clock: MovableClock, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "192.0.2.1 1 192.0.2.2 22")
    account = '[[accounts]]\nname = "work"\nservice = "mastodon"\nurl = "http://127.0.0.1:9"\n'
    clock.jump_to(20, 0)
    async with running(own_desk(home, clock, CONFIG + account), clock, size=(width, 36)) as program:
        await program.composing()
        composer = program.main.composer
        assert composer.draft is not None
        composer.change(replace(composer.draft, accounts=("work",)))
        await program.type("Hej")
        await program.until(
            lambda: "work computer: over SSH the computer you sit at can't be seen" in program.verdict()
        )
