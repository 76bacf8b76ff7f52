"""A data folder in which every field that others, or a paste, can write holds one of these texts, and the way to every
screen that shows them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import cycle
from pathlib import Path

from mbclient import bootstrap
from mbclient.core.desk import Desk
from mbclient.core.events import AccountHealth, AccountState
from mbclient.core.muting import as_choice
from mbclient.core.preferences import Mute
from mbclient.core.stores import OutboxRow, SavedDraft, SendState
from mbclient.domain.draft import Draft
from mbclient.domain.poll import Choice, NewPoll, Poll
from mbclient.domain.post import (
    Author,
    FilterAction,
    Filtered,
    Link,
    Media,
    Notification,
    NotificationKind,
    Post,
    PostKind,
    Quoted,
)
from mbclient.domain.safetext import SafeText
from mbclient.settings.choices import save_choice
from mbclient.ui.screens.addaccount import AddAccountScreen
from mbclient.ui.screens.ask import Ask, AskReason
from mbclient.ui.screens.asktext import AskText
from mbclient.ui.screens.choose import Choose
from mbclient.ui.screens.confirm import ConfirmProfile
from mbclient.ui.screens.details import DetailsScreen
from mbclient.ui.screens.leave import LeaveScreen
from mbclient.ui.screens.pictures import PicturesScreen
from mbclient.ui.screens.targets import TargetsScreen
from mbclient.ui.screens.welcome import WelcomeScreen
from mbclient.ui.screens.when import WhenScreen
from tests.ui.running import CONFIG, Program

ACCOUNT = "notes"


def a_post(desk: Desk, text: str, number: int, other: str) -> Post:
    """Every field that a service fills."""
    said, name = SafeText(text), SafeText.line(other, max_characters=80)
    handle = SafeText(f"{SafeText.line(other, max_characters=40)}@a.example")
    author = Author(handle, name, remote_id=f"p{number}", avatar="https://a.example/x.png?[@click=app.quit]")
    kinds = (PostKind.POST, PostKind.REPLY, PostKind.QUOTE, PostKind.BOOST)
    kind = kinds[number % len(kinds)]
    at = desk.clock.now() - timedelta(minutes=number)
    return Post(
        account=ACCOUNT, service="local", remote_id=f"h{number}", uri=f"https://a.example/{number}", author=author,
        text=said, created_at=at, url=f"https://a.example/{number}", kind=kind,
        boosted_by=author if number % 4 == 3 else None,
        boost_id=f"b{number}" if number % 4 == 3 else "",
        in_reply_to=f"h{number + 1}" if number % 4 == 1 else None,
        quoted=Quoted(author, said, "https://a.example/q", "q") if number % 4 == 2 else None,
        cw=name if number % 5 == 4 else None, edited_at=at if number % 3 == 0 else None, lang="sv",
        links=(Link(f"https://a.example/{number}?x=[@click=app.quit]", said),), tags=(name,), mentions=(name,),
        media=(Media("image", said, "https://a.example/x.png"),), terms=("openssl",),
        filtered=(Filtered(ACCOUNT, name, FilterAction.WARN),) if number % 7 == 6 else (),
        poll=Poll((Choice(said, 2, mine=True), Choice(name))) if number % 2 else None,
    )  # fmt: skip


def fill(desk: Desk, texts: Sequence[str]) -> None:
    """Posts, notifications, drafts, outbox rows of every state, mutes, and a reason of an account's trouble."""
    kept = [text.encode("utf-8", "replace").decode() for text in texts]  # no file takes half a character
    others = cycle([*kept[1:], kept[0]])
    posts = [a_post(desk, text, number, next(others)) for number, text in enumerate(kept)]
    desk.refresher.fill(desk.accounts.get(ACCOUNT), posts)
    kinds = tuple(NotificationKind)
    now = desk.clock.now()
    desk.world.stores.archive.store_notifications(
        [
            Notification(
                ACCOUNT, f"n{number}", kinds[number % len(kinds)], now, post.author, post, SafeText(text[:300])
            )
            for number, (post, text) in enumerate(zip(posts, kept, strict=True))
        ]
    )
    for number, text in enumerate(kept):
        poll = NewPoll((text, "[@click=app.quit]"))
        draft = Draft(text=text, accounts=(ACCOUNT,), cw=SafeText.line(text, max_characters=60), poll=poll)
        desk.world.stores.drafts.save(SavedDraft(f"d{number}", draft, 0, now))
        states = (SendState.HELD, SendState.FAILED, SendState.SENT, SendState.CANCELLED)
        row = OutboxRow(
            f"o{number}", ACCOUNT, f"k{number}", draft, states[number % len(states)], now, now,
            reason=str(SafeText.line(text)), url="https://a.example/sent", remote_id=f"s{number}",
        )  # fmt: skip
        desk.world.stores.outbox.add([row])
    mutes = tuple(Mute(thread=(f"https://b.example/{n}",), note=str(SafeText.line(t))) for n, t in enumerate(kept[:20]))
    desk.preferences = replace(desk.preferences, mutes=mutes)
    desk.refresher.states[ACCOUNT] = AccountState(ACCOUNT, AccountHealth.STALE, reason=str(SafeText.line(kept[0])))


def by(*keys: str) -> Callable[[Program, str], Awaitable[None]]:
    """Opened by these keys from the main screen."""

    async def way(program: Program, text: str) -> None:
        await program.press(*keys)

    return way


def pushed(make: Callable[[Program, str], object]) -> Callable[[Program, str], Awaitable[None]]:
    """Opened as the program does it somewhere, with an outside text where it takes one."""

    async def way(program: Program, text: str) -> None:
        program.app.push_screen(make(program, text))

    return way


async def _made_of(program: Program, text: str) -> None:
    await program.press("s")
    await program.screen("StatsScreen")
    await program.until(lambda: program.app.screen.query("OptionList"))
    await program.press("j", "enter")


async def _search(program: Program, text: str) -> None:
    await program.press("slash")
    await program.screen("SearchScreen")
    await program.type("openssl")
    await program.press("enter")


def _details(program: Program, text: str) -> object:
    filtered = Filtered(ACCOUNT, SafeText.line(text), FilterAction.HIDE)
    post = a_post(program.desk, text, 2, text)
    return DetailsScreen(program.desk, post, program.main.view, "x", filtered)


def _pictures(program: Program, text: str) -> object:
    """Without an address: no question comes up over it."""
    post = replace(a_post(program.desk, text, 2, text), media=(Media("image", SafeText(text)),))
    return PicturesScreen(program.desk, post)


WAYS: dict[str, Callable[[Program, str], Awaitable[None]]] = {
    "MainScreen": by(),
    "MainScreen, figures": by("S"),
    "MainScreen, composing": by("c"),
    "MainScreen, replying": by("r"),
    "ThreadScreen": by("enter"),
    "AuthorScreen": by("a"),
    "DetailsScreen": pushed(_details),
    "PicturesScreen": pushed(_pictures),
    "SearchScreen": _search,
    "NotificationsScreen": by("N"),
    "OutboxScreen": by("O"),
    "PlannedScreen": by("T"),
    "DraftsScreen": by("D"),
    "StatsScreen": by("s"),
    "MadeOfScreen": _made_of,
    "SettingsScreen": by("comma"),
    "HelpScreen": by("question_mark"),
    "MutesScreen": by("H"),
    "Palette": by("ctrl+p"),
    "Choose": pushed(lambda program, text: Choose(text, [text, text])),
    "Ask": pushed(lambda program, text: Ask(text, text)),
    "AskReason": pushed(lambda program, text: AskReason(text)),
    "AskText": pushed(lambda program, text: AskText(text, text, lambda _typed: text)),
    "TargetsScreen": pushed(lambda program, text: TargetsScreen(program.desk, Draft(text, (ACCOUNT,)))),
    "WhenScreen": pushed(lambda program, text: WhenScreen(program.desk, server=True)),
    "ConfirmProfile": pushed(lambda program, text: ConfirmProfile(program.desk, ACCOUNT)),
    "LeaveScreen": pushed(
        lambda program, text: LeaveScreen(program.desk, program.app.keys, program.rows(SendState.HELD)[:3])
    ),
    "WelcomeScreen": pushed(lambda program, text: WelcomeScreen(program.desk, program.app.launch)),
    "AddAccountScreen": pushed(lambda program, text: AddAccountScreen(program.desk)),
}


async def open_screen(program: Program, way: str, text: str) -> None:
    """From the main screen to one of `WAYS`, until it stands."""
    await WAYS[way](program, text)
    await program.screen(way.partition(",")[0])
    await program.pilot.pause()


def home_with(folder: Path, texts: Sequence[str], config: str = CONFIG) -> Path:
    """The folder of a program that has ended, by the real clock."""
    folder.mkdir(mode=0o700)
    file = folder / "config.toml"
    file.write_text(config, "utf-8")
    setup = bootstrap.read_settings(config=str(file), data_dir=str(folder / "data"))
    desk = bootstrap.build(setup)
    fill(desk, texts)
    save_choice(setup.paths, "mutes", as_choice(desk.preferences.mutes))
    desk.world.stores.close()
    return folder
