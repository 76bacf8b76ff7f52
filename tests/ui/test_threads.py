"""A text too long for one post: offered as a thread, shown before it goes, sent by the usual key, told as one."""

from __future__ import annotations

from dataclasses import replace

from mbclient.core.desk import Desk
from mbclient.core.stores import SendState
from mbclient.domain.errors import RejectedError
from tests.ui.running import MovableClock, Program, running

SENTENCE = "This is one of the sentences that make a text too long for a single post. "
LONG = SENTENCE * 160  # 12,000 characters; the notebook takes 5,000


async def write(program: Program, text: str) -> None:
    await program.composing()
    draft = program.main.composer.draft
    assert draft is not None
    program.main.composer.change(replace(draft, text=text))
    await program.pilot.pause()


def parts(program: Program) -> list[str]:
    view = program.main.query_one("#parts")
    return str(view.render()).splitlines() if view.display else []


def title(program: Program) -> str:
    return str(program.main.composer.query_one("#title").render())


async def test_from_too_long_to_a_thread_in_the_timeline(own: Desk, clock: MovableClock) -> None:
    async with running(own, clock) as program:
        await write(program, LONG)
        assert "Alt+P makes it a thread of 3 parts" in program.verdict()
        await program.press("ctrl+s")
        assert not program.rows()
        assert "too many for notes; Alt+P makes it a thread of 3 parts" in program.verdict()
        await program.press("alt+p")
        assert " · thread" in title(program)
        assert [line[:14] for line in parts(program)] == [f"{n} ▏This is one" for n in (1, 2, 3)]
        assert all(line.endswith("for a single post.") and " … " in line for line in parts(program))
        assert "×3" in program.verdict()
        await program.press("alt+p")
        assert " · numbered thread" in title(program)
        assert [line[-4:] for line in parts(program)] == [" 1/3", " 2/3", " 3/3"]
        await program.press("ctrl+s")
        await program.until(lambda: len(program.rows(SendState.SENT)) == 3)
        await program.until(lambda: "3 of 8" in program.meter())
        assert [said for said in program.says() if said.startswith("Sent")] == ["Sent to notes."]
        rows = program.rows()
        posts = [own.world.stores.archive.post(f"notes:{row.remote_id}") for row in rows]
        assert [post.in_reply_to for post in posts if post] == [None, rows[0].remote_id, rows[1].remote_id]
        assert [str(post.text) for post in posts if post] == [row.draft.text for row in rows]


async def test_the_third_press_makes_it_one_post_again(own: Desk, clock: MovableClock) -> None:
    async with running(own, clock) as program:
        await write(program, LONG)
        for _press in range(3):
            await program.press("alt+p")
        assert not parts(program)
        assert "thread" not in title(program)
        assert "makes it a thread" in program.verdict()


async def test_a_kept_draft_is_still_a_thread(own: Desk, clock: MovableClock) -> None:
    async with running(own, clock) as program:
        await write(program, LONG)
        await program.press("alt+p", "alt+p")
        assert parts(program)
        await program.press("escape")
        assert not parts(program)
        [kept] = own.drafts.list()
        assert (kept.draft.threaded, kept.draft.numbered, kept.draft.text) == (True, True, LONG)


async def test_short_again_it_is_one_post(own: Desk, clock: MovableClock) -> None:
    async with running(own, clock) as program:
        await write(program, LONG)
        await program.press("alt+p")
        await program.until(lambda: parts(program))
        draft = program.main.composer.draft
        assert draft is not None
        program.main.composer.change(replace(draft, text="Hej"))
        await program.until(lambda: not parts(program))
        await program.press("ctrl+s")
        await program.until(lambda: program.rows(SendState.SENT))
        assert [row.draft.text for row in program.rows()] == ["Hej"]


async def test_what_stays_behind_a_failed_part_is_one_line_of_the_outbox(own: Desk, clock: MovableClock) -> None:
    service = own.accounts.service("notes")
    publish, asked = service.publish, []

    async def refusing(prepared: object) -> object:
        asked.append(prepared)
        if len(asked) == 2:
            raise RejectedError("too rude", status=422)
        return await publish(prepared)  # type: ignore[arg-type]

    service.publish = refusing  # type: ignore[method-assign, assignment]
    async with running(own, clock) as program:
        await write(program, LONG)
        await program.press("alt+p", "ctrl+s")
        await program.until(lambda: program.rows(SendState.HELD))
        assert any("Not sent to notes: too rude" in said for said in program.says())
        assert not any("waits for you" in said for said in program.says())
        await program.press("O")
        await program.screen("OutboxScreen")
        lines = program.app.screen.lines()  # type: ignore[attr-defined]
        assert [("failed · part 2 of 3" in str(line), "too rude" in str(line)) for line in lines] == [(True, True)]
        await program.press("r")
        await program.until(lambda: len(program.rows(SendState.SENT)) == 3)
        assert len(asked) == 4


async def test_on_a_small_screen_the_verdict_and_the_parts_are_both_seen(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock, size=(80, 24)) as program:
        await write(program, SENTENCE * 12)
        await program.press("alt+p", "alt+p")
        await program.until(lambda: len(parts(program)) >= 4)
        verdict, view = program.main.query_one("#verdict"), program.main.query_one("#parts")
        await program.until(lambda: view.region.y >= verdict.region.bottom > verdict.region.y)
        assert program.app.screen.find_widget(view).visible_region == view.region  # none of it is cut off
        assert view.region.height == len(parts(program))
