"""Reading by keyboard on the main screen and the screens behind its keys."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from textual.widgets import Input

from mbclient.core.criteria import WORK
from mbclient.core.desk import Desk
from mbclient.core.events import PlaceMoved
from mbclient.core.reading import Found
from mbclient.core.stores import SendState
from mbclient.domain.safetext import SafeText
from mbclient.ui.choices import Choices
from mbclient.ui.keyline import KeyLine
from mbclient.ui.screens.search import SearchScreen
from mbclient.ui.themes import palette_of
from tests.ui.posts import make_post
from tests.ui.running import MovableClock, running

# ---------------------------------------------------------------- views


async def test_each_view_keeps_its_place(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        await program.press("j", "j")
        work = program.selected()
        await program.press("2")
        assert program.main.view.id == "home"
        await program.press("j", "j", "j", "j", "j")
        home = program.selected()
        await program.press("w")
        assert program.selected() == work
        await program.press("w")
        assert program.selected() == home
        await program.press("5")
        assert program.main.view.title == "Security"
        await program.press("1")
        assert program.selected() == work
        await program.press("9")
        assert program.main.view.id == WORK
        await program.until(lambda: any("no view 9" in text for text in program.says()))


async def test_a_view_read_further_elsewhere_is_opened_there_and_never_moved_under_ones_eyes(
    demo: Desk, clock: MovableClock
) -> None:
    async with running(demo, clock) as program:
        await program.press("2", "end")
        low = program.selected()
        newest = demo.reading.page(demo.reading.query(program.main.view), limit=9)[-1]
        demo.reading.keep_place("home", newest.key)
        demo.bus.publish(PlaceMoved("home"))
        await program.pilot.pause()
        assert program.selected() == low
        await program.press("1")
        demo.reading.keep_place("home", newest.key)
        demo.bus.publish(PlaceMoved("home"))
        await program.pilot.pause()
        await program.press("2")
        await program.until(lambda: program.selected().id == newest.post.id)


async def test_a_click_on_a_tab_shows_its_view(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        await program.pilot.click("ViewTabs", offset=(program.tabs().index("4 Mine") + 3, 0))
        await program.until(lambda: program.main.view.id == "mine")


async def test_peeking_shows_hidden_posts_in_place_and_marked(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        await program.press("j", "j", "j")
        place = program.selected()
        shown = {entry.post.id for entry in program.main.timeline.on_screen}
        await program.press("p")
        assert program.main.peeking
        assert "peeking" in program.tabs()
        assert program.selected() == place
        painted = "\n".join("".join(s.text for s in strip) for strip in program.main.timeline.render_lines(
            program.main.timeline.size.region))  # fmt: skip
        cut = painted.lstrip().startswith("─")  # of the topmost only the last line is left
        hidden = [entry for entry in program.main.timeline.on_screen[cut:] if WORK not in entry.views]
        assert hidden
        assert painted.count("hidden · ") == len(hidden)
        await program.press("escape")
        assert not program.main.peeking
        assert program.selected() == place
        assert {entry.post.id for entry in program.main.timeline.on_screen} & shown
        await program.press("2", "p")
        assert not program.main.peeking


async def test_each_view_lights_up_its_own_terms(own: Desk, clock: MovableClock) -> None:
    await own.refresher.take(
        [make_post(1, account="notes", text=SafeText("openssl: cve fixed"))], own.accounts.get("notes")
    )
    async with running(own, clock) as program:
        lit = {}
        for view in ("1", "5"):
            await program.press(view)
            await program.until(lambda: program.main.timeline.on_screen)
            timeline = program.main.timeline
            style = palette_of(program.app.current_theme).selected["term"]
            lit[program.main.view.id] = [
                part.text
                for strip in timeline.render_lines(timeline.size.region)
                for part in strip
                if part.style == style
            ]
        assert lit == {"work": ["openssl"], "Security": ["cve"]}


async def test_new_posts_are_counted_above_and_move_nothing(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        await program.press("2", "j", "j")
        before = program.texts()
        service = demo.accounts.service("den")
        clock.ahead += timedelta(minutes=5)
        await program.press("full_stop")
        await program.until(lambda: "new ↑" in program.tabs())
        assert service is demo.accounts.service("den")
        assert program.texts() == before
        number = program.main.timeline.unread_above
        assert f"{number} new ↑" in program.tabs()
        await program.press("g", "g")
        await program.until(lambda: "new ↑" not in program.tabs())


async def test_counts_are_not_asked_for_at_every_key(
    demo: Desk, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(demo, clock) as program:
        workers = program.app.workers
        await program.until(
            lambda: program.main._later is None and not any(worker.group == "counts" for worker in workers),
            "what came in at the start is counted",
        )
        monkeypatch.delattr(type(demo.reading), "counts")  # whoever asks fails the program
        await program.press("j", "j", "j", "k")


# ---------------------------------------------------------------- on a post


async def test_like_and_bookmark_are_taken_back_by_the_same_key(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        masto = next(entry for entry in program.main.timeline.on_screen if entry.post.account == "masto")
        program.main.timeline.select(masto.key)
        for key, mark in (("f", "liked"), ("B", "bookmarked")):
            await program.press(key)
            await program.until(lambda mark=mark: getattr(program.selected().mine, mark))  # type: ignore[misc]
            await program.press(key)
            await program.until(lambda mark=mark: not getattr(program.selected().mine, mark))  # type: ignore[misc]


async def test_a_boost_waits_and_can_be_taken_back(demo: Desk, clock: MovableClock) -> None:
    demo.preferences = replace(demo.preferences, undo_seconds=30)
    async with running(demo, clock) as program:
        await program.press("b")
        await program.until(lambda: program.rows(SendState.QUEUED))
        assert "sending in" in str(program.main.query_one("AccountLine").render())
        await program.press("u")
        await program.until(lambda: program.rows(SendState.CANCELLED))
        assert not program.main.composer.is_open
        assert not program.selected().mine.boosted


async def test_a_boost_goes_out_and_back(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        await program.press("b")
        await program.until(lambda: program.selected().mine.boosted)
        await program.press("b")
        await program.until(lambda: not program.selected().mine.boosted)


async def test_only_own_posts_are_deleted_and_only_after_a_yes(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        await program.press("delete")
        assert program.screen_name == "MainScreen"
        await program.press("4")
        await program.until(lambda: program.main.timeline.selected is not None)
        post = program.selected()
        await program.press("delete")
        await program.screen("Ask")
        await program.press("enter")  # enter is a no
        await program.screen("MainScreen")
        assert demo.reading.known(post.id) is not None
        await program.press("delete")
        await program.screen("Ask")
        await program.press("y")
        await program.until(lambda: demo.reading.known(post.id) is None)
        await program.until(lambda: any("still counts" in text for text in program.says()))


async def test_the_line_of_keys_is_read_anew_only_for_another_kind_of_post(demo: Desk, clock: MovableClock) -> None:
    """Speed facts G7: it asks each of sixty keys whether it is possible, which most moves of the selection leave."""
    async with running(demo, clock) as program:
        await program.press("2")
        timeline = program.main.timeline
        await program.until(lambda: len(timeline.on_screen) > 2)
        read: list[object] = []
        program.main.bindings_updated_signal.subscribe(timeline, read.append)
        others = [entry for entry in timeline.on_screen if not program.main.deeds.is_mine(entry.post)]
        entries = [entry for entry in others if entry.post.poll is None][:3]  # there one can vote
        timeline.select(entries[0].key)
        await program.pilot.pause()
        read.clear()
        for entry in entries[1:]:
            timeline.select(entry.key)
            await program.pilot.pause()
        assert not read
        own = next(entry for entry in program.main.source.page(limit=200) if program.main.deeds.is_mine(entry.post))
        timeline.select(own.key)  # it can be deleted
        await program.until(lambda: bool(read))


async def test_a_post_of_a_removed_account_is_nobodys(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        den = next(entry for entry in program.main.timeline.on_screen if entry.post.account == "den")
        demo.world.accounts.remove("den")
        program.main.timeline.select(den.key)
        await program.press("e", "delete")
        assert program.screen_name == "MainScreen"
        await program.press("f")
        await program.until(program.says)


async def test_the_browser_gets_web_addresses_only(
    demo: Desk, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    async with running(demo, clock) as program:
        monkeypatch.setattr(program.app, "open_url", opened.append)
        url = program.selected().url
        await program.press("o")
        assert opened == [url]
        for bad in ("file:///etc/passwd", "javascript:alert(1)", "ssh://x", "//host/x", "-o /tmp/x", "https:"):
            program.main.deeds.open_address(bad)
        assert opened == [url]
        await program.press("y")
        assert program.app.clipboard == url


async def test_muting_an_author_takes_their_posts_out_of_work(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        author = program.selected().author
        await program.press("M")
        await program.screen("Choose")
        await program.press("enter")
        await program.until(lambda: "for an hour" in str(program.app.screen.query_one(Choices).options[0].prompt))
        await program.press("enter")
        await program.until(lambda: f"from:{author.handle}" in [mute.term for mute in demo.preferences.mutes])
        await program.until(
            lambda: all(entry.post.author.handle != author.handle for entry in program.main.timeline.on_screen)
        )


# ---------------------------------------------------------------- other screens


async def test_a_thread_opens_at_its_post_and_escape_comes_back(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        await program.press("j")
        post = program.selected()
        await program.press("enter")
        await program.screen("ThreadScreen")
        timeline = program.app.screen.timeline  # type: ignore[attr-defined]  # ThreadScreen's
        await program.until(lambda: len(timeline.on_screen) > 1)
        assert timeline.selected.post.id == post.id
        await program.press("r")
        await program.until(lambda: program.main.composer.has_focus_within)
        assert program.screen_name == "MainScreen"
        draft = program.main.composer.draft
        assert draft is not None
        assert draft.reply_to == post.id


async def test_search_answers_while_one_types_and_enter_asks_the_services(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        await program.press("slash")
        await program.screen("SearchScreen")
        assert isinstance(program.app.focused, Input)
        await program.type("openssl")
        title = program.app.screen.query_one("#screen-title")
        await program.until(lambda: "in the archive" in str(title.render()))
        timeline = program.app.screen.timeline  # type: ignore[attr-defined]  # SearchScreen's
        assert all("openssl" in entry.post.text.casefold() for entry in timeline.on_screen)
        await program.press("enter")
        await program.until(lambda: "from the services" in str(title.render()))
        assert timeline.has_focus
        await program.press("slash")
        assert isinstance(program.app.focused, Input)
        await program.press("escape")
        assert program.screen_name == "MainScreen"


async def test_what_the_services_find_joins_what_the_archive_has(
    demo: Desk, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many a server finds nothing: what stood there must not go for that."""
    name = demo.accounts.all()[0].name
    known = [entry.post for entry in demo.reading.search("openssl")]
    other = make_post(3, account=name, text=SafeText("openssl, from far away"))
    answers = [Found((), {}), Found((other, known[0]), {})]

    async def search_services(_query: str) -> Found:
        return answers.pop(0)

    monkeypatch.setattr(demo.reading, "search_services", search_services)
    async with running(demo, clock) as program:
        await program.press("slash")
        await program.screen("SearchScreen")
        await program.type("openssl")
        title = program.app.screen.query_one("#screen-title")
        here = f"{len(known)} in the archive"

        def told(words: str) -> bool:
            return words in str(title.render())

        for found, keys in ((0, ["enter"]), (2, ["slash", "enter"])):
            await program.press(*keys)
            words = f"{here} · {found} from the services"
            await program.until(partial(told, words))
            assert isinstance(program.app.screen, SearchScreen)
            showing = program.app.screen.timeline._showing
            assert showing is not None
            shown = {entry.post.id for entry in showing.source.page(limit=len(known) + 1)}
            assert shown == {post.id for post in known} | ({other.id} if found else set())


@pytest.mark.parametrize("query", ['"', "AND", "*", "(", "NEAR(", "col:x", "\u0000", "[/]"])
async def test_search_takes_anything(demo: Desk, clock: MovableClock, query: str) -> None:
    async with running(demo, clock) as program:
        await program.press("slash")
        await program.screen("SearchScreen")
        program.app.screen.query_one(Input).value = query
        await program.pilot.pause()
        assert program.screen_name == "SearchScreen"


async def test_notifications_are_posts_and_followers_are_not(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        await program.until(lambda: demo.reading.notifications(limit=100))
        await program.press("N")
        await program.screen("NotificationsScreen")
        timeline = program.app.screen.timeline  # type: ignore[attr-defined]  # NotificationsScreen's
        entries = timeline._showing.source.entries
        follower = next(entry for entry in entries if not entry.post.uri)
        timeline.select(follower.key)
        await program.press("f", "b", "i", "Q", "r")
        assert program.screen_name == "NotificationsScreen"
        assert program.rows() == []
        assert not program.main.composer.is_open
        await program.press("enter")  # several of them: which one?
        await program.screen("Choose")
        await program.press("enter")
        await program.screen("AuthorScreen")


async def test_why_tells_terms_links_and_media(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        await program.press("i")
        await program.screen("DetailsScreen")
        words = str(program.app.screen.query("Static").first().render())
        assert "shown: matches" in words
        await program.press("escape")
        await program.screen("MainScreen")
        await program.press("p")
        hidden = next(entry for entry in program.main.timeline.on_screen if WORK not in entry.views)
        program.main.timeline.select(hidden.key)
        await program.press("i")
        await program.screen("DetailsScreen")
        assert "hidden: no work term matches" in str(program.app.screen.query("Static").first().render())


async def test_details_name_everybody_who_boosted_it_and_when(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        await program.press("2")
        boosted = next(entry for entry in program.main.source.page(limit=200) if entry.post.boosts)
        program.main.timeline.select(boosted.key)
        (boost,) = boosted.post.boosts
        await program.press("i")
        await program.screen("DetailsScreen")
        words = str(program.app.screen.query("Static").first().render())
        assert f"Boosted by         {boost.author.name} @{boost.author.handle}, " in words


async def test_the_outbox_retries_cancels_and_gives_back(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        draft = replace(demo.drafting.new(("masto",)), text="planerat", due=clock.now() + timedelta(hours=3))
        demo.composer.submit(draft)
        other = replace(draft, text="också planerat")
        demo.composer.submit(other)
        await program.press("O")
        await program.screen("OutboxScreen")
        lines = program.app.screen.query_one("Choices")
        assert lines.option_count == 2  # type: ignore[attr-defined]  # Choices'
        await program.press("c")
        await program.until(lambda: lines.option_count == 1)  # type: ignore[attr-defined]
        assert [saved.draft.text for saved in demo.drafts.list()] == ["planerat"]
        await program.press("e")
        await program.until(lambda: (now := program.main.composer.draft) and now.text == "också planerat")
        assert not program.rows(SendState.QUEUED)


async def test_drafts_are_deleted_after_a_question(demo: Desk, clock: MovableClock) -> None:
    demo.composer.save(replace(demo.drafting.new(), text="[bold]bort[/bold] med mig"))
    async with running(demo, clock) as program:
        await program.press("D")
        await program.screen("DraftsScreen")
        await program.press("d")
        await program.screen("Ask")
        await program.press("y")
        await program.until(lambda: list(demo.drafts.list()) == [])
        await program.screen("DraftsScreen")
        await program.press("enter", "escape")
        await program.screen("MainScreen")


async def test_privacy_covers_everything_until_any_key(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        program.app.say("a secret in a notification")
        await program.press("O")
        await program.screen("OutboxScreen")
        await program.press("Z")
        await program.screen("PrivacyScreen")
        program.app.say("another secret")
        await program.pilot.pause()
        shown = program.app.export_screenshot()
        assert "secret" not in shown
        assert "Covered" in shown
        await program.press("q")  # uncovers, and does not leave
        await program.screen("OutboxScreen")
        assert program.app.is_running


async def test_a_post_is_copied_as_markdown(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        await program.until(program.texts)
        commands = {command.title: command for command in program.app.get_system_commands(program.app.screen)}
        await commands["Markdown"].callback()
        await program.until(lambda: "Copied as Markdown." in program.says())
        assert program.app.clipboard.startswith("> ")
        assert f"](<{program.selected().url}>)" in program.app.clipboard


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("v", "This post has no poll."),
        ("x", "This post has nothing to uncover."),
        ("e", "Only a post of your own can be edited."),
        ("delete", "Only a post of your own can be deleted."),
        ("7", "There is no view 7."),
    ],
)
async def test_a_key_that_can_do_nothing_with_a_post_says_why(
    own: Desk, clock: MovableClock, key: str, said: str
) -> None:
    (account,) = own.accounts.all()
    await own.refresher.take([make_post(1, text=SafeText("openssl"), account=account.name)], account)
    async with running(own, clock) as program:
        await program.until(lambda: program.texts() == ["openssl"])
        await program.press(key)
        await program.until(lambda: program.says() == [said], "the sentence")
        assert program.screen_name == "MainScreen"
        offered = {item.action for item in program.app.screen.query_one(KeyLine)._read()}
        assert not {"vote", "edit", "delete"} & offered
        await program.press("i")
        await program.screen("DetailsScreen")
