"""Adding an account: where the address to sign in at can be read whole, and what is asked once is asked once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from textual.widgets import Input, Static

from mbclient.core.ports import LoginDialog, Profile, SignedIn, SignIn
from mbclient.domain.errors import SecretError
from mbclient.domain.safetext import SafeText
from mbclient.domain.secret import Secret
from mbclient.ui.choices import Choices
from mbclient.ui.screens.addaccount import AddAccountScreen
from tests.ui.running import MovableClock, Program, own_desk, own_launch, running

ADDRESS = "https://one.example/oauth/authorize?scope=" + "+".join(f"read%3A{n}" for n in range(40))
ANNA = SafeText("anna")


async def form(program: Program, service: str = "Mastodon") -> None:
    program.app.push_screen(AddAccountScreen(program.desk))
    await program.screen("AddAccountScreen")
    choices = program.app.screen.query_one(Choices)
    lines = [str(choices.get_option_at_index(place).prompt) for place in range(choices.option_count)]
    choices.highlighted = next(place for place, line in enumerate(lines) if line.startswith(service))
    await program.press("enter")
    await program.until(lambda: program.app.screen.query("#url"))


def progress(program: Program) -> str:
    return str(program.app.screen.query_one("#progress", Static).render())


@pytest.mark.parametrize("ssh", [True, False])
async def test_signing_in_with_a_browser_and_a_file_goes_once_through_each_step(
    home: Path, clock: MovableClock, monkeypatch: pytest.MonkeyPatch, ssh: bool
) -> None:
    """Over SSH a browser is left alone: it would open on the wrong computer, or over this screen."""
    monkeypatch.delenv("SSH_CONNECTION", raising=False)
    if ssh:
        monkeypatch.setenv("SSH_CONNECTION", "192.0.2.1 1 192.0.2.2 22")
    desk = own_desk(home, clock)
    asked: list[SignIn] = []
    opened: list[str] = []
    kept: list[bool] = []

    async def sign_in(request: SignIn, dialog: LoginDialog) -> SignedIn:
        asked.append(request)
        await dialog.show_address(ADDRESS)
        assert await dialog.ask_code() == "the code"
        return SignedIn(request.account, Secret("token"), Profile(ANNA, ANNA, ANNA, "1"))

    def keep(_account: str, _secret: Secret, *, allow_file: bool = False) -> None:
        kept.append(allow_file)
        if not allow_file:
            raise SecretError("there is no keyring")

    monkeypatch.setattr(desk.world.services, "sign_in", sign_in)
    monkeypatch.setattr(desk.world.secrets, "set", keep)
    async with running(desk, clock, own_launch(home), size=(60, 24)) as program:
        monkeypatch.setattr(program.app, "open_url", lambda url, new_tab=True: opened.append(url))
        await form(program)
        screen = program.app.screen
        screen.query_one("#url", Input).value = "one.example"
        await program.press("enter")
        await program.until(lambda: screen.query_one("#code").has_focus)
        assert opened == ([] if ssh else [ADDRESS])
        assert asked[0].paste is ssh
        rows = "".join(strip.text for strip in screen._compositor.render_strips())
        assert ADDRESS in rows  # from edge to edge: nothing but ends of rows within
        await program.until(lambda: screen.query_one("#code").region.bottom <= 22)
        await program.press(*"the", "space", *"code", "enter")
        await program.screen("Ask")
        await program.press("y")
        await program.until(lambda: "mastodon is ready." in program.says())
        assert len(asked) == 1
        assert kept == [False, True]


async def test_no_address_is_said_on_the_form_and_asked_for_there(home: Path, clock: MovableClock) -> None:
    async with running(own_desk(home, clock), clock, own_launch(home)) as program:
        await form(program)
        await program.press("shift+tab", "enter")
        await program.until(lambda: re.fullmatch(r"Write the server's address\.", progress(program)))
        assert program.app.screen.query_one("#url").has_focus


async def test_the_most_used_service_is_chosen_first_and_those_of_2009_stand_last(
    home: Path, clock: MovableClock
) -> None:
    async with running(own_desk(home, clock), clock, own_launch(home)) as program:
        program.app.push_screen(AddAccountScreen(program.desk))
        await program.screen("AddAccountScreen")
        choices = program.app.screen.query_one(Choices)
        names = [str(option.prompt).split("  ")[0] for option in choices.options]
        assert (names[:2], names[-2:]) == (["Mastodon", "Bluesky"], ["Bloggy", "Jaiku"])
        await program.press("enter")
        await program.until(lambda: program.app.screen.query("#url"))
        assert program.app.screen.query_one("#name", Input).value == "mastodon"
