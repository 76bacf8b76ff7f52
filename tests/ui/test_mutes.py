"""Muting on the screen: by a key on a post, lifted on its own screen, over at its time; told, counted, peeked at."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from textual.widgets import OptionList

from mbclient.core.desk import Desk
from mbclient.core.preferences import HiddenKinds, Mute
from mbclient.domain.post import Author, FilterAction, Filtered, Post
from mbclient.domain.safetext import SafeText
from mbclient.settings.choices import save_choice
from mbclient.texts import set_language
from tests.ui.running import MovableClock, Program, own_desk, own_launch, running


def lines(program: Program) -> list[str]:
    """Of the list on top."""
    listed = program.app.screen.query_one(OptionList)
    return [str(listed.get_option_at_index(place).prompt) for place in range(listed.option_count)]


async def choose(program: Program, words: str) -> None:
    """Takes the line that begins so."""
    await program.until(lambda: any(line.startswith(words) for line in lines(program)), words)
    place = next(place for place, line in enumerate(lines(program)) if line.startswith(words))
    await program.press(*["j"] * place, "enter")


async def with_posts(desk: Desk, clock: MovableClock) -> None:
    """Three by others in the archive, the third in answer to the second."""
    account, at = desk.accounts.get("notes"), clock.now()

    def post(number: int, name: str, text: str, **fields: Any) -> Post:
        author = Author(SafeText(f"{name}@else.example"), SafeText(name.title()), remote_id=name)
        uri = f"https://else.example/{number}"
        return Post(
            "notes", "local", str(number), uri, author, SafeText(text), at - timedelta(minutes=9 - number), **fields
        )

    posts = [
        post(1, "bo", "openssl today"),
        post(2, "eva", "football and openssl"),
        post(3, "cia", "#infosec", in_reply_to="2"),
    ]
    await desk.refresher.take(posts, account)


async def test_a_conversation_is_muted_by_a_key_and_lifted_on_its_screen(
    own: Desk, home: Path, clock: MovableClock
) -> None:
    await with_posts(own, clock)
    async with running(own, clock, own_launch(home)) as program:
        await program.until(lambda: len(program.texts()) == 3)
        await program.press("g", "g")
        await program.until(lambda: program.selected().remote_id == "3")
        await program.press("M")
        await choose(program, "This conversation")
        await choose(program, "until you lift it")
        await program.until(lambda: program.texts() == ["openssl today"])
        await program.until(lambda: "Work 1 of 3 · 2 hidden" in program.tabs(), "the count")
        await program.press("p")
        await program.until(lambda: len(program.texts()) == 3, "peeking")
        await program.press("g", "g", "i")
        await program.screen("DetailsScreen")
        said = str(program.app.screen.query_one("VerticalScroll Static").render())
        assert "hidden by your mute conversation: @cia@else.example: #infosec, until you lift it" in said
        await program.press("escape")
        await program.press("p", "H")
        await program.screen("MutesScreen")
        assert lines(program) == ["conversation: @cia@else.example: #infosec\n  until you lift it"]
        await program.press("d")
        await program.until(lambda: lines(program) == [])
        await program.press("escape")
        await program.until(lambda: len(program.texts()) == 3, "all is back")
        assert "0 hidden" in program.tabs()
    assert own_desk(home, clock).preferences.mutes == ()


async def test_a_mute_is_kept_and_ends_at_its_time(own: Desk, home: Path, clock: MovableClock) -> None:
    await with_posts(own, clock)
    async with running(own, clock, own_launch(home)) as program:
        await program.press("H")
        await program.screen("MutesScreen")
        await program.press("a")
        await program.screen("AskText")
        await program.type("a*b")
        await program.press("enter")
        await program.until(lambda: "can only end a word" in str(program.app.screen.query_one("#below").render()))
        await program.press(*["backspace"] * 3)
        await program.type("football")
        await program.press("enter")
        await program.screen("Choose")
        assert [line.partition(",")[0] for line in lines(program)] == [
            "for an hour", "to the end of work time", "for a week", "until you lift it"
        ]  # fmt: skip
        await choose(program, "to the end of work time, 17:00")
        await program.until(lambda: lines(program) == ["football\n  until 17:00"])
        await program.press("escape", "2")
        await program.until(lambda: "2 posts · 1 hidden" in program.tabs(), "home is muted too")
        kept = own_desk(home, clock).preferences.mutes
        assert [mute.term for mute in kept] == ["football"]
        clock.jump_to(16, 59)
        await program.until(lambda: "2 posts · 1 hidden" in program.tabs())
        clock.jump_to(17, 0, 1)
        await program.until(lambda: "3 posts" in program.tabs() and "hidden" not in program.tabs(), "it is over")


async def test_what_stands_in_config_toml_is_told_and_left_alone(home: Path, clock: MovableClock) -> None:
    own_desk(home, clock)
    file = home / "config.toml"
    file.write_text(file.read_text() + '\n[[mutes]]\nterm = "football"\n')
    desk = own_desk(home, clock)
    async with running(desk, clock, own_launch(home)) as program:
        await program.press("H")
        await program.screen("MutesScreen")
        assert lines(program) == ["football\n  until you lift it · set in config.toml"]
        await program.press("d")
        await program.until(lambda: "This mute stands in config.toml; change it there." in program.says())
        assert desk.preferences.mutes == (Mute("football", fixed=True),)
    desk.world.stores.close()


async def test_a_filter_of_the_service_is_told_by_name(own: Desk, clock: MovableClock) -> None:
    account = own.accounts.get("notes")
    hide = Filtered("notes", SafeText("Sport"), FilterAction.HIDE, ("home",))
    author = Author(SafeText("bo@else.example"), remote_id="bo")
    post = Post(
        "notes", "local", "1", "https://else.example/1", author, SafeText("openssl"), clock.now(), filtered=(hide,)
    )
    await own.refresher.take([post], account)
    async with running(own, clock) as program:
        await program.until(lambda: "Work 0 of 1 · 1 hidden" in program.tabs())
        await program.press("p", "i")
        await program.screen("DetailsScreen")
        said = str(program.app.screen.query_one("VerticalScroll Static").render())
        assert "hidden by the filter Sport of notes" in said


async def test_boosts_and_replies_are_hidden_in_the_views_that_are_named(
    own: Desk, home: Path, clock: MovableClock
) -> None:
    await with_posts(own, clock)
    async with running(own, clock, own_launch(home)) as program:
        await own.use(replace(own.preferences, hide=HiddenKinds(boosts=("home",))))
        await program.press("2")
        await program.until(lambda: program.tabs().rstrip().endswith("3 posts"))
        await program.press("p")
        await program.until(lambda: "Nothing is hidden in this view." in program.says())


async def test_in_swedish_too(own: Desk, home: Path, clock: MovableClock) -> None:
    await with_posts(own, clock)
    set_language("sv")
    async with running(own, clock, replace(own_launch(home), set_language=None), size=(60, 24)) as program:
        set_language("sv")
        await program.press("M")
        await choose(program, "Det här samtalet")
        await choose(program, "tills du häver det")
        await program.until(lambda: program.desk.preferences.mutes)


def test_a_saved_conversation_is_read_back(home: Path, clock: MovableClock) -> None:
    desk = own_desk(home, clock)
    from mbclient import bootstrap

    setup = bootstrap.read_settings(config=str(home / "config.toml"), data_dir=str(home / "data"), lenient=True)
    save_choice(setup.paths, "mutes", [{"thread": ("notes:1",), "note": "Bo"}])
    desk.world.stores.close()
    desk = own_desk(home, clock)
    assert desk.preferences.mutes == (Mute(thread=("notes:1",), note="Bo"),)
    desk.world.stores.close()


async def test_a_conversations_words_end_with_an_ellipsis_where_they_are_cut(
    own: Desk, home: Path, clock: MovableClock
) -> None:
    (account,) = own.accounts.all()
    author = Author(SafeText("bo@else.example"), SafeText("Bo"))
    text = SafeText("openssl " + "and so on " * 12)
    await own.refresher.take(
        [Post("notes", "local", "1", "https://else.example/1", author, text, clock.now())], account
    )
    async with running(own, clock, own_launch(home)) as program:
        await program.until(lambda: len(program.texts()) == 1)
        await program.press("M")
        await choose(program, "This conversation")
        await choose(program, "until you lift it")
        await program.until(lambda: own.preferences.mutes)
        (mute,) = own.preferences.mutes
        assert mute.note.startswith("@bo@else.example: openssl and so on")
        assert mute.note.endswith("…")
        assert len(mute.note) <= 80
