"""The notifications on their screen: grouped, the new ones marked until they have been seen, with keys that act."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from mbclient.core.desk import Desk
from mbclient.core.events import NotificationsArrived
from mbclient.core.preferences import Mute
from mbclient.domain.post import Author, Media, Notification, NotificationKind, Post, Quoted
from mbclient.domain.safetext import SafeText
from mbclient.ui.tabs import AccountLine
from mbclient.ui.timeline import Timeline
from tests.ui.running import MovableClock, Program, running
from tests.ui.test_hiding import a_post, painted, title

LIKE, FOLLOW, REPLY = NotificationKind.LIKE, NotificationKind.FOLLOW, NotificationKind.REPLY


def told(
    clock: MovableClock, number: int, name: str, kind: NotificationKind = LIKE, post: Post | None = None
) -> Notification:
    author = Author(SafeText(f"{name}@else.example"), SafeText(name.title()), remote_id=name)
    return Notification("notes", f"n{number}", kind, clock.now() + timedelta(seconds=number), author, post)


def keep(own: Desk, notifications: Sequence[Notification]) -> None:
    own.world.stores.archive.store_notifications(notifications)


def mine(clock: MovableClock) -> Post:
    author = Author(SafeText("notes"), remote_id="notes")
    media = (Media("image", SafeText("a lock")),)
    return replace(a_post(clock, 1, "notes", "openssl 3.5\n\nis out"), author=author, media=media)


def some(clock: MovableClock) -> list[Notification]:
    post = mine(clock)
    answer = a_post(clock, 2, "dan", "thanks!", in_reply_to="1")
    names = ("bo", "eva", "cia")
    likes = [told(clock, number, name, LIKE, post) for number, name in enumerate(names, 1)]
    return [*likes, told(clock, 4, "bo", FOLLOW), told(clock, 5, "dan", REPLY, answer)]


def selected(program: Program) -> Post:
    entry = program.app.screen.query_one(Timeline).selected
    assert entry is not None
    return entry.post


async def opened(program: Program) -> None:
    await program.press("N")
    await program.screen("NotificationsScreen")
    await program.until(lambda: program.app.screen.query_one(Timeline).selected is not None)


def dots(program: Program) -> int:
    return painted(program).count("•")


async def test_likes_are_told_together_above_the_post(own: Desk, clock: MovableClock) -> None:
    keep(own, some(clock))
    async with running(own, clock) as program:
        await opened(program)
        assert title(program) == "Notifications · 3 · 3 new"
        lines = [line.strip("▌• ").rstrip() for line in painted(program).splitlines()]
        assert "↳ replied to you" in lines
        assert "♥ 3 people liked your post: Cia, Eva, Bo" in lines
        assert "│ openssl 3.5 is out" in lines
        assert "+ follows you" in lines


async def test_new_ones_are_marked_until_they_have_been_seen(own: Desk, clock: MovableClock) -> None:
    keep(own, some(clock))
    async with running(own, clock) as program:
        await opened(program)
        assert dots(program) == 3
        await program.until(lambda: all(each.read for each in own.reading.notifications()), "they are read on the disk")
        assert dots(program) == 3, "but marked as long as one looks"
        await program.press("escape")
        await opened(program)
        assert dots(program) == 0
        assert title(program) == "Notifications · 3"
        keep(own, [told(clock, 9, "dan", LIKE, mine(clock))])
        await program.press("escape")
        await opened(program)
        assert title(program) == "Notifications · 3 · 1 new"
        assert dots(program) == 1
        assert "♥ 4 people liked your post: Dan, Cia, Eva, Bo" in painted(program)


async def test_the_main_screen_tells_how_many_are_new(own: Desk, clock: MovableClock) -> None:
    def line() -> str:
        return str(program.main.query_one(AccountLine).render())

    keep(own, some(clock))
    async with running(own, clock) as program:
        await program.until(lambda: "3 notifications (N)" in line())
        await opened(program)
        await program.until(lambda: "notification" not in line())
        await program.press("escape")
        keep(own, [told(clock, 9, "dan", LIKE, mine(clock))])
        own.bus.publish(NotificationsArrived(1))
        await program.until(lambda: "1 notification (N)" in line())


async def test_what_comes_in_below_another_screen_has_not_been_seen(own: Desk, clock: MovableClock) -> None:
    keep(own, some(clock))
    async with running(own, clock) as program:
        await opened(program)
        await program.press("i")
        await program.screen("DetailsScreen")
        keep(own, [told(clock, 9, "eva", FOLLOW)])
        own.bus.publish(NotificationsArrived(1))
        await program.until(lambda: "1 notification (N)" in str(program.main.query_one(AccountLine).render()))
        assert [each.read for each in own.reading.notifications()].count(False) == 1
        await program.press("escape")
        await program.until(lambda: all(each.read for each in own.reading.notifications()))


async def test_what_comes_in_meanwhile_moves_nothing(own: Desk, clock: MovableClock) -> None:
    keep(own, some(clock))
    async with running(own, clock) as program:
        await opened(program)
        await program.press("j")
        before = selected(program)
        assert before.text == "+ follows you"
        row = program.app.screen.query_one(Timeline).selected_row
        keep(
            own,
            [
                told(clock, 9, "eva", FOLLOW),
                told(clock, 10, "eva", NotificationKind.MENTION, a_post(clock, 3, "eva", "hi")),
            ],
        )
        own.bus.publish(NotificationsArrived(2))
        await program.until(lambda: "+ 2 people follow you: Eva, Bo" in painted(program))
        assert selected(program).id == before.id
        assert program.app.screen.query_one(Timeline).selected_row == row
        assert dots(program) >= 3


async def test_keys_act_on_the_post_and_the_author_is_who_did_it(own: Desk, clock: MovableClock) -> None:
    keep(own, some(clock))
    async with running(own, clock) as program:
        await opened(program)
        await program.press("j", "j", "i")
        await program.screen("DetailsScreen")
        details = str(program.app.screen.query_one("VerticalScroll Static").render())
        assert "notes:1" in details
        assert "a lock" in details
        await program.press("escape", "a")
        await program.screen("Choose")
        await program.press("j", "enter")
        await program.screen("AuthorScreen")
        assert title(program).startswith("Eva · @eva@else.example")
        await program.press("escape")
        await program.screen("NotificationsScreen")
        await program.press("k", "enter")
        await program.screen("AuthorScreen")
        assert title(program).startswith("Bo · @bo@else.example")


async def test_a_muted_author_alone_is_hidden_and_my_own_words_hide_nothing(own: Desk, clock: MovableClock) -> None:
    keep(own, [*some(clock), told(clock, 6, "dan", NotificationKind.BOOST, mine(clock))])
    await own.use(replace(own.preferences, mutes=(Mute("from:dan@else.example"), Mute("openssl"))))
    async with running(own, clock) as program:
        await opened(program)
        assert title(program) == "Notifications · 4 · 4 new · 2 hidden by mutes – p shows them"
        quoting = a_post(clock, 4, "fia", "about openssl", quoted=Quoted(mine(clock).author, SafeText("mine")))
        keep(own, [told(clock, 7, "fia", NotificationKind.QUOTE, quoting)])
        own.bus.publish(NotificationsArrived(1))
        await program.until(lambda: "5 new · 3 hidden" in title(program), "what somebody wrote counts")
        assert "thanks!" not in painted(program)
        assert "3 people liked" in painted(program)
        await program.press("p")
        assert "thanks!" in painted(program)
        assert "boosted your post" in painted(program)


async def test_an_empty_list_has_a_word(own: Desk, clock: MovableClock) -> None:
    async with running(own, clock) as program:
        await program.press("N")
        await program.screen("NotificationsScreen")
        assert "No notifications yet." in painted(program)
        await program.press("f", "a", "p", "enter")
        assert program.screen_name == "NotificationsScreen"
