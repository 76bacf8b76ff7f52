"""Filters set at the server: the shapes of their matches, their ends and contexts, and what was taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mbclient.core.preferences import Preferences
from mbclient.core.sieve import Around, Sieve
from mbclient.domain.errors import AuthError
from mbclient.domain.post import FilterAction, Filtered
from mbclient.domain.safetext import SafeText
from mbclient.services.kit import Kit
from mbclient.services.mastodon.filters import AGAIN
from mbclient.services.mastodon.service import Mastodon
from tests.services.contract import assert_safe
from tests.services.kit import StoppedClock
from tests.services.mastodon.conftest import opened
from tests.services.mastodon.test_statuses import DECODER, status
from tests.services.mastodon_server import MastodonServer
from tests.services.mastodon_shapes import Filter

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
SPORT = {
    "id": "20060",
    "title": "Sport",
    "context": ["home", "thread"],
    "expires_at": "2026-11-24T11:00:00.000Z",
    "filter_action": "hide",
}


def match(words: object = ("fotboll",), **changes: Any) -> dict[str, Any]:
    """An entry of `filtered`, with some fields of the filter changed."""
    return {"filter": SPORT | changes, "keyword_matches": words, "status_matches": None}


def decoded(*matches: object) -> tuple[Filtered, ...]:
    post = DECODER.post(status(filtered=list(matches)))
    assert_safe(post)
    return post.filtered


# ---------------------------------------------------------------- shapes


def test_every_field() -> None:
    (found,) = decoded(match())
    ends = NOW + timedelta(hours=1)
    assert found == Filtered("work", SafeText("Sport"), FilterAction.HIDE, ("home", "thread"), ends, "20060")


@pytest.mark.parametrize(
    ("given", "action"),
    [("warn", "warn"), ("hide", "hide"), ("blur", "blur"), ("explode", "warn"), (None, "warn"), (7, "warn")],
)
def test_an_unknown_action_warns(given: object, action: str) -> None:
    assert decoded(match(filter_action=given))[0].action.value == action


@pytest.mark.parametrize(
    ("changes", "words", "title"),
    [
        ({"title": "\x1b[31mSport\u202e\n!"}, [], "␛[31mSport !"),
        ({"title": ""}, ["fotboll", 7, "hockey\x07"], "fotboll, hockey␇"),
        ({"title": " "}, None, "without a name"),
        ({"title": None}, "fotboll", "without a name"),
        ({"title": "x" * 5000}, [], "x" * 100),
    ],
)
def test_titles_are_cleaned_and_never_empty(changes: dict[str, Any], words: object, title: str) -> None:
    assert decoded(match(words, **changes))[0].title == title


@pytest.mark.parametrize(
    ("context", "contexts"),
    [(["home", "explore"], ("home", "explore")), (["new\x1b"], ("new␛",)), (None, ()), ([7, ""], ()), ("home", ())],
)
def test_a_filter_for_elsewhere_does_not_act_everywhere(context: object, contexts: tuple[str, ...]) -> None:
    assert decoded(match(context=context))[0].contexts == contexts


@pytest.mark.parametrize("ends", [None, "", "never", 7])
def test_without_an_end_it_has_none(ends: object) -> None:
    assert decoded(match(expires_at=ends))[0].until is None


def test_nonsense_leaves_its_neighbours() -> None:
    found = decoded(None, 7, [], {}, {"filter": None}, {"filter": 7}, match(id=7), match(id={}), match(id=7))
    assert [each.id for each in found] == ["7", ""]
    assert DECODER.post(status(filtered="x")).filtered == ()
    assert len(decoded(*(match(id=str(number)) for number in range(1000)))) == 50


@pytest.mark.parametrize(("wrapper", "boosted"), [([match()], []), ([], [match()]), ([match()], [match()])])
def test_a_boost_has_the_filters_of_the_boosted_status(wrapper: list[object], boosted: list[object]) -> None:
    post = DECODER.post(status(id="9", filtered=wrapper, reblog=status(filtered=boosted)))
    assert [each.id for each in post.filtered] == ["20060"]


def test_what_hides_the_quoted_status_covers_the_quoting_one() -> None:
    quote = {"state": "accepted", "quoted_status": status(id="8", filtered=[match()])}
    post = DECODER.post(status(filtered=[match(id="1", filter_action="blur")], quote=quote))
    assert [(each.id, each.action) for each in post.filtered] == [
        ("1", FilterAction.BLUR), ("20060", FilterAction.WARN)
    ]  # fmt: skip


# ---------------------------------------------------------------- with a server


def sieve_of(service: Mastodon, now: datetime = NOW) -> Sieve:
    return Sieve(Preferences(), Around(now=lambda: now, filters=lambda _account: service.capabilities.filters))


async def test_a_match_hides_until_its_end_and_while_the_filter_stands(
    server: MastodonServer, service: Mastodon
) -> None:
    ends = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
    server.filters = [
        Filter("1", "Sport", ["fotboll"], "hide", ["home"], ends),
        Filter("2", "Film", ["bio"], "warn", ["home", "public"]),
        Filter("3", "Över", ["fotboll"], "hide", expires_at=datetime.now(UTC) - timedelta(hours=1)),
    ]
    server.write(server.people["bo"], "bio")
    server.write(server.people["bo"], "fotboll i dag")
    page = await service.page()
    assert service.capabilities.filters == frozenset("123")
    sport, film = page.posts
    assert [(str(each.title), each.until) for each in sport.filtered] == [("Sport", ends)]
    sieve = sieve_of(service, datetime.now(UTC))
    assert sieve.why(sport, "home").filtered == sport.filtered[0]
    assert sieve.hidden([sport], "thread") == {}
    assert sieve.covers(film) == film.filtered
    assert sieve.covers(film, "thread") == ()
    assert sieve_of(service, ends).why(sport, "home").shown
    found = await service.search("fotboll")
    assert found.posts[0].filtered == sport.filtered


async def test_a_filter_taken_back_at_the_server_hides_nothing_here(server: MastodonServer, kit: Kit) -> None:
    clock = StoppedClock(NOW)
    service = opened(server, replace(kit, clock=clock))
    server.filters = [Filter("1", "Sport", ["fotboll"], "hide")]
    server.write(server.people["bo"], "fotboll")
    (post,) = (await service.page()).posts
    assert not sieve_of(service).why(post, "home").shown
    server.filters = []
    clock.time += AGAIN
    await service.page(after="0")
    assert sieve_of(service).why(post, "home").shown


async def test_a_filter_made_after_the_list_was_read_acts(server: MastodonServer, service: Mastodon) -> None:
    await service.page()
    assert service.capabilities.filters == frozenset()
    server.filters = [Filter("7", "Nytt", ["fotboll"], "hide")]
    server.write(server.people["bo"], "fotboll")
    (post,) = (await service.page()).posts
    assert service.capabilities.filters == frozenset("7")
    assert not sieve_of(service).why(post, "home").shown


async def test_the_list_is_read_now_and_then(server: MastodonServer, kit: Kit) -> None:
    clock = StoppedClock(NOW)
    service = opened(server, replace(kit, clock=clock))
    for minutes in (0, 1, 9):
        clock.time = NOW + timedelta(minutes=minutes)
        await service.page()
    assert len(server.asked("GET", "/api/v2/filters")) == 1
    clock.time = NOW + AGAIN
    await service.page()
    assert len(server.asked("GET", "/api/v2/filters")) == 2


@pytest.mark.parametrize("kind", ["hometown", "pixelfed", "snac"])
async def test_a_server_without_filters_is_asked_once(kind: str, tmp_path: Path, kit: Kit) -> None:
    clock = StoppedClock(NOW)
    async with MastodonServer(kind) as server:
        service = opened(server, replace(kit, clock=clock))
        await service.page()
        clock.time += AGAIN
        await service.page()
        assert service.capabilities.filters is None
        assert len(server.asked("GET", "/api/v2/filters")) == 1


@pytest.mark.parametrize(("status_code", "kind"), [(403, "status"), (500, "status"), (429, "status"), (0, "garbage")])
async def test_where_the_list_fails_the_timeline_is_shown(
    server: MastodonServer, service: Mastodon, status_code: int, kind: str
) -> None:
    server.filters = [Filter("1", "Sport", ["fotboll"], "hide")]
    server.write(server.people["bo"], "fotboll")
    server.fault("GET", "/api/v2/filters", kind, status=status_code, body={"error": "no"})
    (post,) = (await service.page()).posts
    assert service.capabilities.filters is None
    assert not sieve_of(service).why(post, "home").shown


async def test_a_dead_token_is_said(server: MastodonServer, service: Mastodon) -> None:
    server.revoked.add("anna-token")
    with pytest.raises(AuthError):
        await service.page()
