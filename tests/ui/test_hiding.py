"""What the services' filters hide and cover in the timeline, and what they and mutes hide on the other screens."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from textual.widgets import Static

from mbclient.core.desk import Desk
from mbclient.core.ports import HOME, Feed, Page, Thread
from mbclient.core.preferences import Mute
from mbclient.domain.post import Author, FilterAction, Filtered, Link, Media, Post, PostKind
from mbclient.domain.safetext import SafeText
from mbclient.texts import set_language
from mbclient.ui.choices import Choices
from mbclient.ui.scrollmark import ScrollMark
from mbclient.ui.timeline import Timeline
from tests.ui.running import MovableClock, Program, running

URL = "https://else.example/@bo/1"
SPORT = Filtered("notes", SafeText("Sport"), FilterAction.HIDE)


def painted(program: Program) -> str:
    """The timeline of the screen on top."""
    timeline = program.app.screen.query_one(Timeline)
    return "\n".join("".join(part.text for part in strip) for strip in timeline.render_lines(timeline.size.region))


def texts(program: Program) -> list[str]:
    """The posts there."""
    return [str(entry.post.text) for entry in program.app.screen.query_one(Timeline).on_screen]


def title(program: Program) -> str:
    return str(program.app.screen.query_one("#screen-title", Static).render())


def a_post(clock: MovableClock, number: int, name: str, text: str, **fields: object) -> Post:
    author = Author(SafeText(f"{name}@else.example"), SafeText(name.title()), remote_id=name)
    uri, at = f"https://else.example/{number}", clock.now() - timedelta(minutes=9 - number)
    return Post("notes", "local", str(number), uri, author, SafeText(text), at, **fields)  # type: ignore[arg-type]  # fields by name


def conversation(clock: MovableClock) -> list[Post]:
    """A question, two answers to it, and one to the second."""
    reply = PostKind.REPLY
    return [
        a_post(clock, 1, "bo", "openssl?"),
        a_post(clock, 2, "eva", "football!", kind=reply, in_reply_to="1"),
        a_post(clock, 3, "cia", "hockey!", kind=reply, in_reply_to="1", filtered=(SPORT,)),
        a_post(clock, 4, "dan", "openssl, yes", kind=reply, in_reply_to="3"),
    ]


@pytest.fixture
async def talking(own: Desk, clock: MovableClock, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The conversation's first post is here, its service gives the rest; football is muted."""
    posts = conversation(clock)
    await own.refresher.take(posts[:1], own.accounts.get("notes"))
    await own.use(replace(own.preferences, mutes=(Mute("football"),)))
    service = own.accounts.service("notes")

    async def thread(post: Post) -> Thread:
        return Thread((), post, tuple(posts[1:]))

    async def page(feed: Feed = HOME, **_rest: object) -> Page:
        return Page(tuple(posts) if feed.kind == "author" else ())

    monkeypatch.setattr(service, "thread", thread)
    monkeypatch.setattr(service, "page", page)
    return own


# ---------------------------------------------------------------- the timeline


async def with_filters(own: Desk, clock: MovableClock, *filtered: Filtered) -> None:
    await own.refresher.take([a_post(clock, 1, "bo", "openssl", filtered=filtered)], own.accounts.get("notes"))


async def test_a_cover_is_opened_with_its_key_and_over_at_its_time(own: Desk, clock: MovableClock) -> None:
    until = clock.now() + timedelta(hours=1)
    await with_filters(own, clock, Filtered("notes", SafeText("Sport"), FilterAction.WARN, ("home",), until))
    async with running(own, clock) as program:
        await program.until(lambda: "▸ Filtered: Sport – x shows it" in painted(program), "the cover")
        assert "openssl" not in painted(program)
        assert "Work 1 of 1 · 0 hidden" in program.tabs()
        await program.press("x")
        assert "▾ Filtered: Sport" in painted(program)
        assert "openssl" in painted(program)
        await program.press("x")
        assert "openssl" not in painted(program)
        await program.press("i")
        await program.screen("DetailsScreen")
        assert "by the filter Sport of notes" in str(program.app.screen.query_one("VerticalScroll Static").render())
        await program.press("escape")
        clock.ahead += timedelta(hours=2)
        await program.until(lambda: "openssl" in painted(program), "it is over")
        assert "Filtered" not in painted(program)


async def test_hiding_wins_over_covering(own: Desk, clock: MovableClock) -> None:
    await with_filters(own, clock, Filtered("notes", SafeText("Film"), FilterAction.WARN), SPORT)
    async with running(own, clock) as program:
        await program.until(lambda: "Work 0 of 1 · 1 hidden" in program.tabs())
        await program.press("p")
        await program.until(lambda: "▸ Filtered: Film – x shows it" in painted(program), "peeking leaves the cover on")
        assert "hidden · " in painted(program)


async def test_where_the_filter_hides_ones_own_post_it_says_so(own: Desk, clock: MovableClock) -> None:
    async with running(own, clock) as program:
        await program.until(lambda: "Nothing here yet." in painted(program), "nothing has come that could match")
        await program.composing()
        await program.type("Hej")
        await program.press("ctrl+s")
        await program.until(lambda: "Your posts have none of your work terms" in painted(program))
        await program.press("p")
        await program.until(lambda: program.texts() == ["Hej"])


async def test_where_no_post_that_came_matches_it_says_so_and_not_before_one_came(
    own: Desk, clock: MovableClock
) -> None:
    async with running(own, clock) as program:
        await program.until(lambda: "Nothing here yet." in painted(program))
        await own.refresher.take([a_post(clock, 1, "bo", "lunch")], own.accounts.get("notes"))
        await program.until(lambda: "Nothing here matches your work terms yet." in painted(program))


async def test_an_empty_view_says_why_and_has_no_place_in_it(own: Desk, clock: MovableClock) -> None:
    posts = [a_post(clock, number, "bo", f"openssl {number}") for number in range(1, 30)]
    await own.refresher.take(posts, own.accounts.get("notes"))
    async with running(own, clock) as program:
        column = program.main.query_one(ScrollMark)

        def mark() -> str:
            return "".join(strip.text for strip in column.render_lines(column.size.region))

        await program.until(lambda: "┃" in mark())
        await program.press("4")
        await program.until(lambda: "Nothing here yet." in painted(program))
        assert "┃" not in mark()
        await own.use(replace(own.preferences, mutes=(Mute("openssl"),)))
        await program.press("2")
        await program.until(lambda: "All of it is hidden here." in painted(program))
        assert "Press p to peek at it." in painted(program)
        await program.press("p")
        await program.until(lambda: "┃" in mark())


# ---------------------------------------------------------------- a thread


async def test_in_a_thread_a_line_stands_for_a_hidden_answer(talking: Desk, clock: MovableClock) -> None:
    async with running(talking, clock) as program:
        await program.until(lambda: texts(program) == ["openssl?"])
        await program.press("enter")
        await program.screen("ThreadScreen")
        await program.until(lambda: len(texts(program)) == 4)
        assert "▸ @eva@else.example: hidden by your mute football – x shows it" in painted(program)
        assert "▸ @cia@else.example: hidden by the filter Sport – x shows it" in painted(program)
        assert "football!" not in painted(program)
        assert title(program).endswith("4 posts · 2 hidden by mutes and filters – p shows them")
        await program.press("j", "x")
        assert "football!" in painted(program)
        assert "hockey!" not in painted(program)
        await program.press("x")
        assert "football!" not in painted(program)
        await program.press("p")
        assert "hockey!" in painted(program)
        assert painted(program).count("hidden · ") == 2
        assert title(program).endswith("2 hidden, peeking")
        await program.press("j", "i")
        await program.screen("DetailsScreen")
        said = str(program.app.screen.query_one("VerticalScroll Static").render())
        assert "Here               hidden by the filter Sport of notes" in said


async def test_answers_to_answers_stand_further_in(talking: Desk, clock: MovableClock) -> None:
    async with running(talking, clock) as program:
        await program.until(lambda: texts(program) == ["openssl?"])
        await program.press("enter")
        await program.screen("ThreadScreen")
        await program.until(lambda: len(texts(program)) == 4)
        lines = painted(program).splitlines()
        assert any(line.startswith("   ┊ ▸ @cia@else.example") for line in lines)
        assert any(line.startswith("   ┊ ┊ openssl, yes") for line in lines)


async def test_what_is_muted_on_the_spot_goes_at_once_and_comes_back(talking: Desk, clock: MovableClock) -> None:
    async with running(talking, clock) as program:
        await program.until(lambda: texts(program) == ["openssl?"])
        await program.press("enter")
        await program.screen("ThreadScreen")
        await program.until(lambda: len(texts(program)) == 4)
        await talking.use(replace(talking.preferences, mutes=(Mute("yes"),)))
        await program.until(lambda: "@dan@else.example: hidden by your mute yes" in painted(program))
        assert "football!" in painted(program)
        await talking.use(replace(talking.preferences, mutes=()))
        await program.until(lambda: title(program).endswith("1 hidden by filters – p shows it"))


async def test_a_muted_conversation_that_is_opened_is_shown(talking: Desk, clock: MovableClock) -> None:
    await talking.use(replace(talking.preferences, mutes=(Mute(thread=("https://else.example/1",)),)))
    async with running(talking, clock) as program:
        await program.press("p", "enter")
        await program.screen("ThreadScreen")
        await program.until(lambda: len(texts(program)) == 4)
        assert "football!" in painted(program)
        assert title(program).endswith("4 posts · 1 hidden by filters – p shows it")


# ---------------------------------------------------------------- an author's posts


async def test_an_authors_posts_lack_what_is_hidden_and_the_title_says_so(talking: Desk, clock: MovableClock) -> None:
    async with running(talking, clock) as program:
        await program.until(lambda: texts(program) == ["openssl?"])
        await program.press("a")
        await program.screen("AuthorScreen")
        await program.until(lambda: texts(program) == ["openssl?", "openssl, yes"])
        assert title(program).endswith("4 posts · 2 hidden by mutes and filters – p shows them")
        await program.press("j", "p")
        selected = program.app.screen.query_one(Timeline).selected
        assert selected is not None
        assert selected.post.text == "openssl, yes"
        assert len(texts(program)) == 4
        await program.press("k", "p")
        selected = program.app.screen.query_one(Timeline).selected
        assert selected is not None
        assert selected.post.text == "openssl, yes", "the next that is shown"


async def test_who_looks_at_a_muted_author_sees_the_posts(talking: Desk, clock: MovableClock) -> None:
    await talking.use(replace(talking.preferences, mutes=(Mute("from:bo@else.example"),)))
    async with running(talking, clock) as program:
        await program.press("p", "a")
        await program.screen("AuthorScreen")
        await program.until(lambda: "openssl?" in texts(program))


# ---------------------------------------------------------------- search


async def test_a_search_lacks_what_is_hidden_and_says_so(talking: Desk, clock: MovableClock) -> None:
    await talking.refresher.take(conversation(clock), talking.accounts.get("notes"))
    async with running(talking, clock) as program:
        await program.press("slash")
        await program.screen("SearchScreen")
        assert "What you write is looked up in the archive at once." in painted(program)
        await program.type("football")
        await program.until(lambda: "1 hidden by mutes – p shows it" in title(program))
        assert "All of it is hidden here." in painted(program)
        await program.press("tab")
        await program.until(lambda: isinstance(program.app.focused, Timeline))
        await program.press("p")
        assert texts(program) == ["football!"]


async def test_where_nothing_is_hidden_the_key_says_so(talking: Desk, clock: MovableClock) -> None:
    await talking.use(replace(talking.preferences, mutes=()))
    async with running(talking, clock) as program:
        await program.press("slash")
        await program.screen("SearchScreen")
        await program.type("openssl")
        await program.until(lambda: texts(program) == ["openssl?"])
        await program.press("tab")
        await program.until(lambda: isinstance(program.app.focused, Timeline))
        await program.press("p")
        await program.until(lambda: "Nothing is hidden here." in program.says())


@pytest.mark.parametrize("size", [(40, 24), (60, 24), (200, 40)])
async def test_at_every_width_in_swedish_too(talking: Desk, clock: MovableClock, size: tuple[int, int]) -> None:
    async with running(talking, clock, size=size) as program:
        set_language("sv")
        await program.until(lambda: texts(program) == ["openssl?"])
        await program.press("enter")
        await program.screen("ThreadScreen")
        await program.until(lambda: "p visar dem" in title(program))
        assert "xvisardet" in "".join(painted(program).replace("┊", "").split())


# ---------------------------------------------------------------- details


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"filtered": (replace(SPORT, action=FilterAction.WARN),)}, "Filtered: Sport – x shows it"),
        ({"cw": SafeText("about sport")}, "covered by a warning; x shows it"),
    ],
)
async def test_details_keep_the_cover_on(own: Desk, clock: MovableClock, fields: dict[str, object], words: str) -> None:
    picture = Media("image", SafeText("a stadium"), "https://files.example/1.png")
    links = (Link("https://sport.example/"),)
    post = a_post(clock, 1, "bo", "openssl scores", media=(picture,), links=links, url=URL, **fields)
    await own.refresher.take([post], own.accounts.get("notes"))
    async with running(own, clock) as program:
        await program.until(lambda: program.texts() == ["openssl scores"])
        await program.press("i")
        await program.screen("DetailsScreen")

        def said() -> str:
            screen = program.app.screen
            shown = [str(each.render()) for each in screen.query("VerticalScroll Static").results(Static)]
            return "\n".join((*shown, *(str(option.prompt) for option in screen.query_one(Choices).options)))

        assert words in said()
        for secret in ("scores", "stadium", "sport.example"):
            assert secret not in said()
        await program.press("x")
        for secret in ("scores", "stadium", "sport.example"):
            assert secret in said()
        assert isinstance(program.app.focused, Choices)
        await program.press("escape")
        await program.screen("MainScreen")
