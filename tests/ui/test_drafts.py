"""What is written is never lost, and is what one meant: kept drafts, replies, targets, warnings, the outside editor."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from textual import events
from textual.widgets import Input, TextArea

from mbclient.core.desk import Desk
from mbclient.core.stores import SavedDraft, SendState
from mbclient.domain.errors import StorageError
from mbclient.domain.post import Visibility
from mbclient.ui.choices import Choices
from mbclient.ui.draftarea import DraftArea
from mbclient.ui.keyline import KeyLine
from tests.ui.running import MovableClock, Program, own_desk, running


def offered(program: Program) -> set[str]:
    """The actions of the keys that the last line shows."""
    return {item.action for item in program.app.screen.query_one(KeyLine).shown}


# ---------------------------------------------------------------- nothing is lost


async def test_a_draft_is_on_disk_within_a_second_of_typing(own: Desk, clock: MovableClock) -> None:
    async with running(own, clock) as program:
        await program.composing()
        await program.type("halvfärdig")
        await program.drafts_are("halvfärdig")
        await program.type(" mening")
        await program.drafts_are("halvfärdig mening")
        assert program.main.composer.is_open


async def test_closing_keeps_the_draft_and_the_list_opens_it_again(own: Desk, clock: MovableClock) -> None:
    async with running(own, clock) as program:
        await program.composing()
        await program.type("spara mig")
        await program.press("escape")
        assert not program.main.composer.is_open
        assert "1 kept draft" in str(program.main.query_one("#title").render())
        await program.press("D")
        await program.screen("DraftsScreen")
        await program.until(lambda: {"open", "discard"} <= offered(program))
        await program.press("enter")
        await program.until(lambda: (draft := program.main.composer.draft) and draft.text == "spara mig")
        await program.press("ctrl+s")
        await program.until(lambda: program.rows(SendState.SENT))
        assert list(own.drafts.list()) == []


async def test_a_reply_opened_and_closed_untouched_leaves_no_draft(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        await program.press("j", "j")
        await program.composing("r")
        await program.press("escape")
        assert list(demo.drafts.list()) == []


async def test_leaving_and_starting_again_keeps_draft_and_place(home: Path, clock: MovableClock) -> None:
    async with running(own_desk(home, clock), clock) as program:
        for text in ("ett openssl", "två openssl", "tre openssl"):
            await program.composing()
            await program.type(text)
            await program.press("ctrl+s")
            await program.until(lambda: not program.rows(SendState.QUEUED, SendState.SENDING))
        await program.until(lambda: len(program.texts()) == 3)
        await program.press("G")
        before = program.main.timeline.selected
        await program.composing()
        await program.type("påbörjad")
        await program.press("left", "left")
        await program.press("tab")  # q is a letter in the composer
        await program.until(lambda: program.main.timeline.has_focus)
        await program.press("q")
    async with running(own_desk(home, clock), clock) as program:
        assert program.main.timeline.selected == before
        assert [saved.draft.text for saved in program.desk.drafts.list()] == ["påbörjad"]
        assert "3 of 8" in program.meter()
        await program.until(lambda: place(program) == ("påbörjad", 6), "the draft is open again")
        await program.press("escape")
        assert "1 kept draft" in str(program.main.query_one("#title").render())
        await program.press("q")
    async with running(own_desk(home, clock), clock) as program:
        assert not program.main.composer.is_open  # it was closed on purpose


def place(program: Program) -> tuple[str, int] | None:
    """The text in the composer and the cursor in it, once it has the keys."""
    area = program.app.focused
    return (area.text, area.place()) if isinstance(area, DraftArea) else None


async def test_a_killed_program_leaves_its_draft_for_the_next(home: Path, clock: MovableClock) -> None:
    killed = own_desk(home, clock)
    async with running(killed, clock) as program:
        await program.composing()
        await program.type("mitt i en men")
        await program.drafts_are("mitt i en men")
        await program.press("home")
        await program.until(lambda: killed.drafts.list()[0].cursor == 0, "the cursor is kept as well")
        program.main.composer.keep = lambda: True  # type: ignore[method-assign]  # it dies without a word
    async with running(own_desk(home, clock), clock) as program:
        await program.until(lambda: place(program) == ("mitt i en men", 0), "the draft is open again")
        await program.type("x")
        await program.drafts_are("xmitt i en men")


async def test_everything_of_a_draft_comes_back(home: Path, clock: MovableClock) -> None:
    async with running(own_desk(home, clock), clock) as program:
        await program.composing()
        await program.type("med varning")
        await program.press("alt+w")
        await program.type("osten")
        await program.drafts_are("med varning")
        await program.until(lambda: program.desk.drafts.list()[0].draft.cw == "osten")
        draft = program.main.composer.draft
    async with running(own_desk(home, clock), clock) as program:
        await program.until(lambda: program.main.composer.draft == draft)


async def test_a_sent_draft_does_not_come_back(home: Path, clock: MovableClock) -> None:
    async with running(own_desk(home, clock), clock) as program:
        await program.composing()
        await program.type("iväg")
        await program.drafts_are("iväg")
        await program.press("ctrl+s")
        await program.until(lambda: program.rows(SendState.SENT))
    async with running(own_desk(home, clock), clock) as program:
        assert not program.main.composer.is_open
        assert list(program.desk.drafts.list()) == []


async def test_two_programs_never_write_one_draft(home: Path, clock: MovableClock) -> None:
    async with running(own_desk(home, clock), clock) as program:
        await program.composing()
        await program.type("min")
        await program.drafts_are("min")
        other = own_desk(home, clock)
        saved = other.drafts.list()[0]
        assert not other.drafts.hold(saved.id)
        assert list(other.drafts.left_open()) == []
        other.world.stores.close()

    first = own_desk(home, clock)
    assert first.drafts.hold(saved.id)
    async with running(own_desk(home, clock), clock) as program:
        assert not program.main.composer.is_open
        for key in ("enter", "d"):
            await program.press("D")
            await program.screen("DraftsScreen")
            await program.press(key)
            await program.until(lambda: any("Another mbclient" in text for text in program.says()))
            await program.press("escape")
        assert [kept.id for kept in program.desk.drafts.list()] == [saved.id]
    first.world.stores.close()


async def test_a_full_disk_never_closes_over_a_draft(
    own: Desk, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(saved: SavedDraft) -> None:
        raise StorageError("the disk is full", "make room")

    async with running(own, clock) as program:
        await program.composing()
        with monkeypatch.context() as patch:
            patch.setattr(own.drafts, "save", full)
            await program.type("ryms inte")
            await program.until(lambda: "not on disk: the disk is full" in program.verdict())
            await program.press("escape")
            assert program.main.composer.is_open
            await program.app.action_quit()
            assert program.app.is_running
        await program.press("escape")
        await program.drafts_are("ryms inte")
        assert not program.main.composer.is_open


async def test_another_draft_keeps_the_one_before(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        await program.composing()
        await program.type("först")
        await program.press("tab")
        await program.until(lambda: program.main.timeline.has_focus)
        await program.composing("r")
        assert [saved.draft.text for saved in demo.drafts.list()] == ["först"]
        draft = program.main.composer.draft
        assert draft is not None
        assert draft.reply_to


# ---------------------------------------------------------------- what a draft is


async def test_a_reply_is_addressed_and_never_wider(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        post = next(entry.post for entry in program.main.timeline.on_screen if entry.post.account == "masto")
        program.app.write(lambda: demo.drafting.reply(replace(post, visibility=Visibility.FOLLOWERS)), post)
        await program.until(lambda: program.main.composer.has_focus_within)
        draft = program.main.composer.draft
        assert draft is not None
        assert draft.text.startswith(f"@{post.author.handle} ")
        assert draft.visibility is Visibility.FOLLOWERS
        assert str(post.author.name or post.author.handle) in str(program.main.query_one("#title").render())


async def test_visibility_goes_round_those_that_all_targets_have(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        await program.composing()
        await program.press("alt+v")
        draft = program.main.composer.draft
        assert draft is not None
        assert draft.visibility is Visibility.PUBLIC  # Bluesky has no other
        program.main.composer.change(replace(draft, accounts=("masto",)))
        await program.press("alt+v")
        draft = program.main.composer.draft
        assert draft is not None
        assert draft.visibility is Visibility.UNLISTED
        assert "unlisted" in str(program.main.query_one("#title").render())


async def test_a_warning_goes_along(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        await program.composing()
        await program.type("Detaljer")
        await program.press("alt+w")
        assert isinstance(program.app.focused, Input)
        await program.type("Driften")
        draft = program.main.composer.draft
        assert draft is not None
        assert draft.cw == "Driften"
        await program.press("ctrl+s")
        await program.until(lambda: "sky has no content warning" in program.verdict())
        assert program.rows() == []


async def test_targets_are_chosen_with_their_identity(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        await program.composing()
        await program.press("ctrl+o")
        await program.screen("TargetsScreen")
        await program.press("space", "enter")  # the first, which was chosen, is not any more
        await program.screen("MainScreen")
        draft = program.main.composer.draft
        assert draft is not None
        assert draft.accounts == ("sky",)
        await program.until(lambda: "1 of 1" in program.meter() or "accounts" not in program.meter())


async def test_targets_that_another_program_removes_are_left_out(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        await program.composing()
        await program.press("ctrl+o")
        await program.screen("TargetsScreen")
        choices = program.app.screen.query_one(Choices)
        assert choices.option_count == len(demo.accounts.all())
        for account in demo.accounts.all():
            if account.name != "sky":
                demo.world.accounts.remove(account.name)
        await program.press("space")
        assert choices.option_count == 1
        await program.press("enter")
        await program.screen("MainScreen")
        draft = program.main.composer.draft
        assert draft is not None
        assert draft.accounts == ("sky",)


async def test_quote_and_edit_say_when_a_service_cannot(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        await program.press("4")
        await program.until(lambda: program.main.timeline.selected is not None)
        post = next(entry.post for entry in program.main.timeline.on_screen if entry.post.account == "sky")
        program.app.edit_post(post)
        await program.until(lambda: any("cannot edit" in text for text in program.says()))
        assert not program.main.composer.is_open


async def test_own_posts_can_be_edited_and_others_not(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        await program.press("e")
        assert not program.main.composer.is_open
        await program.press("4")
        await program.until(lambda: program.main.timeline.selected is not None)
        masto = next(entry for entry in program.main.timeline.on_screen if entry.post.account == "masto")
        program.main.timeline.select(masto.key)
        await program.composing("e")
        draft = program.main.composer.draft
        assert draft is not None
        assert draft.edit_of == masto.post.id
        assert "Edit" in str(program.main.query_one("#title").render())


async def test_an_edit_stands_in_the_timeline_once_it_is_sent(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        await program.press("4")
        await program.until(lambda: program.main.timeline.selected is not None)
        masto = next(entry for entry in program.main.timeline.on_screen if entry.post.account == "masto")
        program.main.timeline.select(masto.key)
        await program.composing("e")
        await program.type(" Again.")
        await program.press("ctrl+s")
        await program.until(lambda: program.rows(SendState.SENT))
        await program.until(lambda: program.selected().text.endswith(" Again."))
        assert program.selected().id == masto.post.id
        await program.until(program.says)
        assert program.says() == ["The edit is out on masto."]


async def test_pasted_control_characters_never_enter(own: Desk, clock: MovableClock) -> None:
    async with running(own, clock) as program:
        await program.composing()
        area = program.main.query_one(TextArea)
        area.post_message(events.Paste("rad ett\r\nrad \x1b]52;c;aGVq\x07två\u202e"))
        await program.until(lambda: "två" in area.text)
        assert area.text.startswith("rad ett\nrad ")
        assert not {"\x1b", "\x07", "\r", "\u202e"} & set(area.text)
        assert any("Control characters" in text for text in program.says())


async def test_the_length_of_each_target_is_counted(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        await program.composing()
        program.main.query_one(TextArea).insert("å" * 301)
        await program.until(lambda: "301/300" in program.verdict())
        assert "301/500" in program.verdict()
        await program.press("ctrl+s")
        assert "1 character too many for sky" in program.verdict()
        assert program.rows() == []


# ---------------------------------------------------------------- the outside editor


def editor(folder: Path, script: str) -> str:
    """A program that gets the file as its argument."""
    path = folder / "editor"
    path.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    path.chmod(0o700)
    return str(path)


@pytest.fixture
def suspended(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test's driver has no terminal to hand over; nothing is drawn meanwhile anyway."""
    monkeypatch.setattr("textual.drivers.headless_driver.HeadlessDriver.can_suspend", property(lambda self: True))


@pytest.mark.usefixtures("suspended")
@pytest.mark.parametrize(
    ("script", "text", "said"),
    [
        ('printf "skrivet ute\\n" > "$1"', "skrivet ute", ""),
        ('printf "\\033]0;x\\007kvar" > "$1"', None, "Control characters"),
        ('printf "x\\342\\200\\217y\\tz" > "$1"', "x\u200fy\tz", ""),
        ("exit 3", "kvar", "status 3"),
        ('rm "$1"', "kvar", "removed its file"),
        ('printf "ute" > "$1"; kill -INT $PPID', "ute", ""),
        ('[ "$(stat -c %a "$1" "$(dirname "$1")" | xargs)" = "600 700" ] && printf privat > "$1"', "privat", ""),
    ],
    ids=[
        "writes",
        "control characters",
        "marks and tabs",
        "fails",
        "removes the file",
        "is interrupted",
        "a private file",
    ],
)
async def test_the_users_own_editor(
    own: Desk,
    home: Path,
    clock: MovableClock,
    monkeypatch: pytest.MonkeyPatch,
    script: str,
    text: str | None,
    said: str,
) -> None:
    monkeypatch.setenv("EDITOR", editor(home, script))
    async with running(own, clock) as program:
        await program.composing()
        await program.type("kvar")
        await program.press("ctrl+e")
        draft = program.main.composer.draft
        assert draft is not None
        assert "\x1b" not in draft.text
        assert text is None or draft.text == text
        if said:
            await program.until(lambda: any(said in each for each in program.says()))


@pytest.mark.usefixtures("suspended")
@pytest.mark.parametrize("command", ["/no/such-editor", "'/usr/bin/vim", "vim \\", '""'])
async def test_an_editor_that_does_not_start_leaves_the_draft(
    own: Desk, clock: MovableClock, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setenv("EDITOR", command)
    async with running(own, clock) as program:
        await program.composing()
        await program.type("kvar")
        await program.press("ctrl+e")
        await program.until(lambda: any("does not start" in text for text in program.says()))
        draft = program.main.composer.draft
        assert draft is not None
        assert draft.text == "kvar"


@pytest.mark.usefixtures("suspended")
async def test_an_editor_of_only_spaces_is_none(
    own: Desk, home: Path, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VISUAL", "  ")
    monkeypatch.setenv("EDITOR", editor(home, 'printf ute > "$1"'))
    async with running(own, clock) as program:
        await program.composing()
        await program.press("ctrl+e")
        draft = program.main.composer.draft
        assert draft is not None
        assert draft.text == "ute"


async def test_without_room_for_the_editors_file_the_draft_is_left(
    own: Desk, home: Path, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(own, clock) as program:
        await program.composing()
        await program.type("kvar")
        monkeypatch.setattr("tempfile.tempdir", str(home / "no-such-folder"))
        await program.press("ctrl+e")
        await program.until(lambda: any("TMPDIR could not be used" in text for text in program.says()))
        draft = program.main.composer.draft
        assert draft is not None
        assert draft.text == "kvar"


async def test_where_no_editor_can_be_shown_it_is_said(own: Desk, clock: MovableClock) -> None:
    async with running(own, clock) as program:
        await program.composing()
        await program.press("ctrl+e")
        await program.until(lambda: any("cannot be handed" in text for text in program.says()))
