"""What all adapters stand on: an account's errors, lists with nonsense in them, own posts among home."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbclient.core.ports import HOME, Feed, Page, Profile
from mbclient.domain.account import Account
from mbclient.domain.errors import AuthError, OutcomeUnknownError, RejectedError, ServiceError, UnreachableError
from mbclient.domain.post import Author, Post
from mbclient.domain.safetext import SafeText
from mbclient.services.accountapi import AccountApi
from mbclient.services.bare import OWN_AT_ONCE, Bare
from mbclient.services.decoding import understood
from mbclient.services.fields import Garbage
from mbclient.services.kit import Kit
from mbclient.services.person import signed_in
from tests.services.wire import Reply, Request, Wire

ANNA = Account("work", "example", "https://board.example", "anna", "1")
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def api(kit: Kit) -> AccountApi:
    return AccountApi(ANNA, kit, ANNA.url)


# ---------------------------------------------------------------- what is said


@pytest.mark.parametrize(
    ("make", "kind", "said"),
    [
        (lambda api: api.signed_out("no"), AuthError, "no; sign in again: mbclient account add example --name work"),
        (lambda api: api.signed_out("no", "ask them"), AuthError, "no; ask them"),
        (lambda api: api.garbled(), UnreachableError, "board.example answered with something else than asked for"),
        (lambda api: api.unsure(), OutcomeUnknownError, "board.example answered without the post; it is looked up"),
        (lambda api: api.too_long(7, 5), RejectedError, "the post has 7 characters, and board.example takes 5"),
        (lambda api: api.unsupported("edit", "why"), ServiceError, "board.example cannot do that (edit); why"),
    ],
)
def test_each_names_the_account_and_what_to_do(
    api: AccountApi, make: Callable[[AccountApi], ServiceError], kind: type[ServiceError], said: str
) -> None:
    error = make(api)
    assert isinstance(error, kind)
    assert str(error).startswith(said)
    assert error.account == "work"


async def test_a_plain_request_leaves_out_what_is_not_given_and_raises_by_meaning(kit: Kit) -> None:
    seen: list[Request] = []

    async def handle(request: Request) -> Reply:
        seen.append(request)
        return Reply(401 if request.path == "/locked" else 200, {"error": "members only"})

    async with Wire(handle) as wire:
        api = AccountApi(replace(ANNA, url=wire.url), kit, wire.url)
        answer = await api.plain("GET", "/list", params={"a": "1", "b": None, "c": ""})
        assert answer.ok
        assert seen[0].query == {"a": "1", "c": ""}
        assert "authorization" not in seen[0].headers
        with pytest.raises(AuthError, match="members only; sign in again: mbclient account add example --name work"):
            await api.plain("GET", f"{wire.url}/locked")


def test_the_one_thing_of_an_answer_is_a_fault_when_read_and_unsure_when_sent(api: AccountApi) -> None:
    assert api.only(int, "7") == 7
    for sent, kind in ((False, UnreachableError), (True, OutcomeUnknownError)):
        with pytest.raises(kind):
            api.only(_none, "x", sent=sent)


def _none(raw: object) -> NoReturn:
    raise Garbage("nothing of it")


@given(st.lists(st.one_of(st.integers(), st.text(max_size=3), st.none()), max_size=60))
async def test_nonsense_takes_none_of_its_neighbours_along(raw: list[object]) -> None:
    def number(value: object) -> int:
        return value if isinstance(value, int) else _none(value)

    good, skipped = await understood(raw, number)
    assert good == [value for value in raw if isinstance(value, int)]
    assert len(good) + skipped == len(raw)


def test_another_ones_login_makes_no_account() -> None:
    profile = Profile(SafeText("anna@board.example"), SafeText("Anna"), SafeText(""), "7")
    whole = signed_in(ANNA, None, profile)
    assert (whole.account.handle, whole.account.remote_id) == ("anna@board.example", "7")
    with pytest.raises(AuthError, match=r"signed in as anna@board\.example, but work is bo"):
        signed_in(replace(ANNA, handle="bo"), None, profile)


# ---------------------------------------------------------------- own posts among home


class Board(Bare):
    """Home is `posts`, so many a page."""

    posts: tuple[Post, ...] = ()
    a_page = OWN_AT_ONCE

    async def page(
        self, feed: Feed = HOME, *, before: str | None = None, after: str | None = None, limit: int = 40
    ) -> Page:
        start = int(before or 0)
        end = start + min(limit, self.a_page)
        return Page(self.posts[start:end], str(end) if end < len(self.posts) else None)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 99)), max_size=30), st.integers(0, 99), st.integers(1, 7))
async def test_own_posts_are_found_among_home_however_it_is_cut(
    hours: list[tuple[bool, int]], since: int, a_page: int
) -> None:
    """All of mine from then on, and nobody else's; home is newest first."""
    posts = [
        Post("work", "example", str(number), str(number), Author(SafeText("x"), remote_id="1" if mine else "2"),
             SafeText("x"), NOON + timedelta(hours=hour))
        for number, (mine, hour) in enumerate(hours)
    ]  # fmt: skip
    posts.sort(key=lambda post: post.created_at, reverse=True)
    board = Board(ANNA, None)  # type: ignore[arg-type]  # no request is made
    board.posts, board.a_page = tuple(posts), a_page
    floor = NOON + timedelta(hours=since)
    wanted = [post for post in posts if post.author.remote_id == "1" and post.created_at >= floor]
    assert list(await board.own_posts(floor)) == wanted
    board = Board(replace(ANNA, remote_id=""), None)  # type: ignore[arg-type]  # no request is made
    board.posts = tuple(posts)
    assert await board.own_posts(floor) == ()
