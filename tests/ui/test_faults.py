"""Faults are told without data, and text from outside is only text wherever one clicks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mbclient.core import events
from mbclient.core.desk import Desk
from mbclient.core.guard import Guard
from mbclient.core.ports import HOME, Feed, Page
from mbclient.domain.post import Author, Link
from mbclient.domain.safetext import SafeText
from mbclient.ui.app import MbclientApp
from mbclient.ui.launch import Launch, Themes
from mbclient.ui.start import run
from tests.ui.posts import make_post
from tests.ui.running import THEME, MovableClock, Program, own_desk, running


def painted(program: Program) -> str:
    """The words on the screen, wherever they break."""
    timeline = program.main.timeline
    rows = ("".join(part.text for part in strip) for strip in timeline.render_lines(timeline.size.region))
    return " ".join(word for row in rows for word in row.replace("▌", " ").split())


# ---------------------------------------------------------------- faults


async def test_a_fault_shows_no_locals_keeps_the_draft_and_comes_out(
    own: Desk, home: Path, clock: MovableClock, capfd: pytest.CaptureFixture[str]
) -> None:
    class Slip(Exception):
        pass

    def fail() -> None:
        secret = "hunter2-hunter2"
        raise Slip(len(secret))

    async def use() -> None:
        async with running(own, clock) as program:
            await program.composing()
            await program.type("kvar efter felet")
            program.app.call_later(fail)
            await program.until(lambda: program.app.fault is not None)

    with pytest.raises(Slip):
        await use()
    assert [saved.draft.text for saved in own_desk(home, clock).drafts.list()] == ["kvar efter felet"]
    out, err = capfd.readouterr()
    assert "hunter2" not in out + err
    assert "Traceback" not in out + err


async def test_a_fault_before_there_is_a_screen_comes_out_as_itself(
    own: Desk, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_app: MbclientApp) -> None:
        raise RuntimeError("slip")

    monkeypatch.setattr(MbclientApp, "on_load", broken)
    with pytest.raises(RuntimeError, match="slip"):
        async with running(own, clock):
            pass


def test_run_raises_the_fault(home: Path, clock: MovableClock, monkeypatch: pytest.MonkeyPatch) -> None:
    fault = RuntimeError("slip")

    def broken(app: MbclientApp) -> None:
        app.fault = fault

    monkeypatch.setattr(MbclientApp, "run", broken)
    with pytest.raises(RuntimeError, match="slip"):
        run(own_desk(home, clock), Launch(theme=THEME))


async def test_an_adapter_that_errs_costs_neither_the_screen_nor_the_other_accounts(
    demo: Desk, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault is noted and said; what is being written stays."""
    noted: list[str] = []

    def report(fault: Exception) -> str:
        noted.append(type(fault).__name__)
        return "a fault, noted"

    async def slip(*_asked: object, **_named: object) -> Page:
        raise KeyError("s3cret-canary")

    monkeypatch.setattr(demo.accounts.service("masto"), "page", slip)
    async with running(demo, clock, Launch(theme=THEME, themes=lambda: Themes((THEME,)), report=report)) as program:
        await program.composing()
        await program.type("kvar")
        await program.until(lambda: noted, "the first round has met it")
        await program.app.refresh_services()
        health = {state.account: state.health for state in demo.account_states()}
        others = {health[name] for name in health.keys() - {"masto"}}
        assert noted == ["KeyError"], "what is the same is noted once an hour"
        assert program.says().count("a fault, noted") == 1
        assert others == {events.AccountHealth.OK}
        assert health["masto"] is events.AccountHealth.STALE
        assert (program.app.is_running, program.app.fault) == (True, None)
        draft = program.main.composer.draft
        assert draft is not None
        assert draft.text == "kvar"


async def test_an_adapter_that_errs_below_the_oldest_post_or_in_a_hole_costs_not_the_screen(
    own: Desk, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hole says so in its line, and loads once the adapter can."""
    errs = True
    posts = [make_post(number, account="notes", text=SafeText(f"openssl {number}")) for number in range(9, 0, -1)]

    async def page(_feed: Feed = HOME, *, before: str | None = None, **_rest: object) -> Page:
        if before is None:
            return Page(tuple(posts[:3]), older="below")
        if errs:
            raise KeyError(before)
        return Page(tuple(posts[3:6]))

    monkeypatch.setattr(own.accounts.service("notes"), "page", page)
    await own.refresher.refresh()
    await own.refresher.take(posts[6:], own.accounts.get("notes"))
    own.world.stores.gaps.mark("notes", posts[2].created_at, posts[6].created_at, "hole")
    launch = Launch(theme=THEME, themes=lambda: Themes((THEME,)), report=lambda fault: f"noted: {fault}")
    async with running(own, clock, launch) as program:
        await program.press("2", "G")
        await program.until(lambda: "noted: 'below'" in program.says())
        await program.press("g", "g", "j", "j", "j")
        selected = program.main.timeline.selected
        assert selected is not None
        assert selected.gap is not None
        await program.press("enter")
        await program.until(lambda: "could not be loaded: a fault in mbclient itself" in painted(program))
        assert program.app.fault is None
        errs = False
        await program.press("enter")
        await program.until(lambda: "9 posts" in program.tabs())


async def test_a_thread_whose_adapter_errs_costs_that_screen_alone(
    demo: Desk, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted: list[str] = []

    async def slip(*_asked: object, **_named: object) -> Page:
        raise KeyError("s3cret-canary")

    def report(fault: Exception) -> str:
        noted.append(type(fault).__name__)
        return "a fault, noted"

    for account in demo.accounts.all():
        monkeypatch.setattr(demo.accounts.service(account.name), "thread", slip)
    async with running(demo, clock, Launch(theme=THEME, themes=lambda: Themes((THEME,)), report=report)) as program:
        await program.press("enter")
        await program.screen("ThreadScreen")
        await program.until(lambda: noted, "the thread was asked for")
        await program.press("escape")
        await program.screen("MainScreen")
        await program.until(lambda: "a fault, noted" in program.says())
        assert (noted, program.app.is_running, program.app.fault) == (["KeyError"], True, None)


async def test_what_goes_on_behind_the_screen_is_begun_again_after_a_fault(
    own: Desk, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[int] = []

    async def serve(undo_seconds: float, guard: Guard) -> None:
        begun.append(len(begun))
        if len(begun) < 3:
            raise RuntimeError("slip")
        await served(undo_seconds, guard)

    served = own.sender.serve
    monkeypatch.setattr(own.sender, "serve", serve)
    monkeypatch.setattr("mbclient.ui.border.AGAIN_S", 0.01)
    launch = Launch(theme=THEME, themes=lambda: Themes((THEME,)), report=lambda fault: str(fault))
    async with running(own, clock, launch) as program:
        assert begun == [0, 1, 2]
        assert program.says().count("slip") == 1


async def test_notices_of_the_start_are_said_as_plain_text(own: Desk, clock: MovableClock) -> None:
    launch = Launch(theme=THEME, themes=lambda: Themes((THEME,)), notices=("[@click=app.quit]settings[/] [/] broken",))
    async with running(own, clock, launch) as program:
        assert "[@click=app.quit]settings[/] [/] broken" in program.says()


# ---------------------------------------------------------------- hostile text

HOSTILE = "[@click=app.ring]x[/] [/] [bold red]y[/bold] [link=https://a.example]z[/] [@click=app.simulate_key('q')]q[/]"


@pytest.mark.parametrize("size", [(60, 24), (120, 30)])
async def test_hostile_text_clicked_everywhere_runs_nothing(
    demo: Desk, clock: MovableClock, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    rung: list[str] = []
    monkeypatch.setattr(MbclientApp, "action_ring", lambda self: rung.append("ring"), raising=False)
    opened: list[str] = []
    async with running(demo, clock, size=size) as program:
        monkeypatch.setattr(program.app, "open_url", opened.append)
        simulated: list[str] = []
        monkeypatch.setattr(program.app, "simulate_key", simulated.append)
        account = demo.accounts.get("masto")
        post = program.main.timeline.on_screen[0].post
        hostile = replace(
            post, account="masto", service="mastodon", remote_id="h", uri="https://a.example/h", also=(),
            author=Author(SafeText("[@click=app.ring]h[/]@a.example"), SafeText(HOSTILE)), boosted_by=None,
            text=SafeText(f"openssl {HOSTILE}\n" * 2), created_at=clock.now(), cw=None,
            links=(Link("https://a.example/[@click=app.ring]", SafeText(HOSTILE)),),
        )  # fmt: skip
        demo.refresher.fill(account, [hostile])
        state = events.AccountState("sky", events.AccountHealth.STALE, reason=HOSTILE)
        demo.refresher.states["sky"] = state
        demo.bus.publish(events.AccountChanged(state))
        demo.bus.publish(events.Notice(HOSTILE, "error"))
        demo.bus.publish(events.FilterChanged())
        await program.pilot.pause()
        await program.press("g", "g")
        await program.until(lambda: "app.ring" in "".join(program.texts()))
        await program.until(lambda: HOSTILE in program.says())
        await program.composing("r")
        await program.until(lambda: "app.ring" in str(program.main.query_one("#title").render()))
        for row in range(size[1] - 1):  # the last row is the keys' own, which are clicked on purpose
            for column in range(0, size[0], 3):
                widget, _region = program.app.screen.get_widget_at(column, row)
                style = program.app.screen.get_style_at(column, row)
                assert "@click" not in style.meta, (widget, column, row)
        assert rung == []
        for row in range(size[1] - 1):
            await program.pilot.click(offset=(size[0] // 3, row))
        assert rung == []
        assert simulated == []
        assert all(address.startswith("https://") for address in opened)
        assert program.app.is_running


@pytest.mark.parametrize("key", ["enter", "i", "a", "r", "M"])
async def test_hostile_text_stays_text_on_the_screens_behind_the_keys(
    demo: Desk, clock: MovableClock, key: str
) -> None:
    async with running(demo, clock) as program:
        account = demo.accounts.get("masto")
        post = program.main.timeline.on_screen[0].post
        hostile = replace(
            post, account="masto", service="mastodon", remote_id="h", uri="https://a.example/h", also=(),
            url="https://a.example/h", author=Author(SafeText("[/]@a.example"), SafeText(HOSTILE)), boosted_by=None,
            text=SafeText(f"openssl {HOSTILE}"), created_at=clock.now(), cw=None, links=(), media=(),
        )  # fmt: skip
        demo.refresher.fill(account, [hostile])
        demo.bus.publish(events.FilterChanged())
        await program.press("g", "g")
        await program.until(lambda: "app.ring" in "".join(program.texts()))
        await program.press(key)
        await program.pilot.pause()
        for row in range(36):
            for column in range(0, 120, 5):
                assert "@click" not in program.app.screen.get_style_at(column, row).meta
        assert program.app.is_running
        assert program.app.fault is None
