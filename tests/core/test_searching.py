"""Searching the services: side by side, a post once, and nobody's fault takes anything from the rest."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbclient.core.ports import Page
from mbclient.core.reading import merged
from mbclient.domain.errors import (
    AuthError,
    MbclientError,
    SecretError,
    UnreachableError,
    UnsupportedError,
    UsageError,
)
from mbclient.domain.post import Post
from tests.core.fakes import TUESDAY, Office, a_post

SHARED = "https://else.example/posts/shared"


def found(office: Office, account: str, *posts: Post) -> None:
    office.service(account).found["openssl"] = Page(posts)


async def test_a_post_that_two_accounts_find_is_shown_once_and_names_both(office: Office) -> None:
    found(office, "work", a_post("work", "1", uri=SHARED), a_post("work", "2"))
    found(office, "sky", a_post("sky", "9", uri=SHARED, created_at=TUESDAY))
    answer = await office.desk.reading.search_services("openssl")
    assert [(post.id, post.also) for post in answer.posts] == [("sky:9", ("work:1",)), ("work:2", ())]
    assert answer.errors == {}


@pytest.mark.parametrize(
    "error",
    [UnreachableError("no route", account="sky"), AuthError("signed out", account="sky"), SecretError("locked")],
    ids=lambda error: type(error).__name__,
)
async def test_whoever_fails_takes_nothing_from_the_rest(office: Office, error: MbclientError) -> None:
    found(office, "work", a_post("work", "1"))
    office.remote.fault("sky", "search", error)
    answer = await office.desk.reading.search_services("openssl")
    assert ([post.id for post in answer.posts], answer.errors) == (["work:1"], {"sky": error})


async def test_who_searches_for_tags_alone_is_no_failure(office: Office) -> None:
    found(office, "work", a_post("work", "1"))
    no_words = UnsupportedError("tags alone", account="sky")
    office.remote.fault("sky", "search", no_words)
    answer = await office.desk.reading.search_services("openssl")
    assert [post.id for post in answer.posts] == ["work:1"]
    assert (answer.errors, answer.unable) == ({}, {"sky": no_words})


async def test_when_nobody_searches_for_such_it_is_said(office: Office) -> None:
    """Unless something else went wrong too: then that is what one has to know."""
    no_words = UnsupportedError("tags alone", account="sky")
    office.remote.fault("sky", "search", no_words)
    with pytest.raises(UnsupportedError, match="tags alone"):
        await office.desk.reading.search_services("openssl", accounts=("sky",))
    away = UnreachableError("no route", account="work")
    office.remote.fault("sky", "search", no_words)
    office.remote.fault("work", "search", away)
    answer = await office.desk.reading.search_services("openssl")
    assert (answer.posts, answer.errors, answer.unable) == ((), {"work": away}, {"sky": no_words})


async def test_an_account_whose_adapter_is_gone_is_named(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    found(office, "work", a_post("work", "1"))
    service, gone = office.desk.accounts.service, UsageError("there is no service bluesky")

    def without(name: str) -> object:
        if name == "sky":
            raise gone
        return service(name)

    monkeypatch.setattr(office.desk.accounts, "service", without)
    answer = await office.desk.reading.search_services("openssl")
    assert ([post.id for post in answer.posts], answer.errors) == (["work:1"], {"sky": gone})


async def test_all_are_asked_at_once(office: Office) -> None:
    work, sky = office.service("work"), office.service("sky")
    work.hang, sky.hang = {"search"}, {"search"}
    asking = asyncio.create_task(office.desk.reading.search_services("openssl"))
    await asyncio.gather(work.reached.wait(), sky.reached.wait())
    work.go.set()
    sky.go.set()
    assert (await asking).posts == ()


async def test_who_cannot_search_is_not_asked(office: Office) -> None:
    for name in ("work", "sky"):
        service = office.service(name)
        service.capabilities = replace(service.capabilities, search=False)
    with pytest.raises(UsageError, match="none of these accounts can search"):
        await office.desk.reading.search_services("openssl")
    with pytest.raises(UsageError, match="nothing to search for"):
        await office.desk.reading.search_services(" ")
    with pytest.raises(UsageError):
        await office.desk.reading.search_services("openssl", accounts=("nobody",))
    assert office.remote.requests("work", "search") == 0


@given(st.lists(st.tuples(st.sampled_from(["work", "sky", "den"]), st.integers(0, 4), st.booleans())))
def test_merging_loses_no_post_and_tells_none_twice(given_posts: list[tuple[str, int, bool]]) -> None:
    """Known to everybody by an address, or by an account's own number alone."""
    posts = [
        a_post(account, str(number), uri=f"{SHARED}/{number}" if addressed else "", created_at=TUESDAY - timedelta(1))
        for account, number, addressed in given_posts
    ]
    once = merged(posts)
    names = [post.uri or post.id for post in once]
    assert names == list(dict.fromkeys(post.uri or post.id for post in posts))
    for post in once:
        everybody = [each.id for each in posts if (each.uri or each.id) == (post.uri or post.id)]
        assert [post.id, *post.also] == list(dict.fromkeys(everybody))
