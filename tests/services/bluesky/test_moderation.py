"""Muted words, hidden posts, label settings and labels: what they hide, cover or leave, and what was taken back."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbclient.core.preferences import Preferences
from mbclient.core.sieve import Around, Sieve
from mbclient.domain.post import FilterAction, Filtered
from mbclient.services.bluesky import views
from mbclient.services.bluesky.moderation import Moderation
from mbclient.services.bluesky.preferences import AGAIN
from mbclient.services.bluesky.service import Bluesky
from mbclient.services.kit import Kit
from tests.services.bluesky.double import Double
from tests.services.bluesky.support import opened_double
from tests.services.bluesky.test_views import ACCOUNT, DID, JUNK, MODERATION, URI, author, label, places, quoted, view
from tests.services.contract import assert_safe
from tests.services.kit import StoppedClock, kit_in

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
LATER = "2026-11-24T11:00:00.000Z"
ADULTS = {"$type": "app.bsky.actor.defs#adultContentPref", "enabled": True}
Object = dict[str, Any]


def words(*items: object) -> Object:
    return {"$type": "app.bsky.actor.defs#mutedWordsPref", "items": list(items)}


def word(value: str, *targets: str, **more: object) -> Object:
    return {"id": "3k", "value": value, "targets": list(targets or ("content", "tag")), "actorTarget": "all"} | more


def setting(name: str, visibility: str, **more: object) -> Object:
    return {"$type": "app.bsky.actor.defs#contentLabelPref", "label": name, "visibility": visibility} | more


def matched(preferences: Sequence[object], **more: object) -> tuple[Filtered, ...]:
    """What these preferences find in a view."""
    rules = Moderation.read("bsky", [each for each in preferences if isinstance(each, dict)])
    shown = view(**more)
    post = views.post(ACCOUNT, shown)
    filtered = rules.of(post, shown)
    assert_safe(replace(post, filtered=filtered))
    return filtered


def actions(filtered: Sequence[Filtered]) -> list[tuple[str, str]]:
    return [(str(each.title), each.action.value) for each in filtered]


# ---------------------------------------------------------------- muted words


@pytest.mark.parametrize(
    ("muted", "text", "hides"),
    [
        ("fotboll", "Fotboll i dag!", True),
        ("fotboll", "en fotbollsplan", False),
        ("fotboll", "(fotboll)", True),
        ("sign in", "please sign-in here", True),
        ("signin", "please sign-in here", True),
        ("in", "please sign-in here", True),
        ("sig", "please sign-in here", False),
        ("två ord", "här är två\n ord", True),
        ("två ord", "två långa ord", False),
        ("s@ssy", "so s@ssy today", True),
        ("🏈", "match🏈!", True),
        ("c", "abc", True),
        ("#infosec", "infosec", True),
        (" ", "a b", False),
        ("STRASSE", "die straße", True),
    ],
)
def test_words(muted: str, text: str, hides: bool) -> None:
    found = matched([words(word(muted))], record={"text": text})
    assert bool(found) == hides
    assert all(each.action is FilterAction.HIDE for each in found)


def test_languages_without_spaces_are_searched_anywhere() -> None:
    assert matched([words(word("会議"))], record={"text": "明日会議です", "langs": ["ja"]})
    assert not matched([words(word("会議"))], record={"text": "明日会議です", "langs": ["sv"]})


def test_tags_are_met_whole_and_a_word_for_tags_alone_leaves_the_text() -> None:
    tagged = {"text": "se bild", "tags": ["Fotboll"]}
    assert matched([words(word("fotboll", "tag"))], record=tagged)
    assert matched([words(word("fotboll", "content"))], record=tagged)
    assert not matched([words(word("fotboll", "tag"))], record={"text": "fotboll"})
    assert not matched([words(word("boll", "tag"))], record=tagged)


def test_descriptions_cards_and_quoted_words_count() -> None:
    picture = {"thumb": "https://a.example/t", "fullsize": "https://a.example/f", "alt": "En fotboll"}
    images = {"$type": "app.bsky.embed.images#view", "images": [picture]}
    record = {"$type": "app.bsky.embed.record#view", "record": quoted()}
    assert matched([words(word("fotboll"))], embed=images)
    assert matched([words(word("citerat"))], embed=record)


@pytest.mark.parametrize(
    ("target", "follows", "hides"),
    [("all", True, True), ("all", False, True), ("exclude-following", True, False), ("exclude-following", False, True)],
)
def test_those_one_follows_may_be_spared(target: str, follows: bool, hides: bool) -> None:
    viewer = {"following": "at://x"} if follows else {}
    found = matched([words(word("hej", actorTarget=target))], author=author(viewer=viewer))
    assert bool(found) == hides


def test_a_word_has_its_name_its_end_and_an_id_that_stands_in_the_list() -> None:
    preferences = [words(word("Hej\x1b[31m", expiresAt=LATER), word("hej", expiresAt=LATER), word(""), {}, 7)]
    rules = Moderation.read("bsky", preferences)
    (found,) = matched(preferences)
    assert (found.account, found.title, found.until) == ("bsky", "hej", NOW + timedelta(hours=1))
    assert found.id in rules.ids
    assert found.id not in Moderation.read("bsky", []).ids


ALPHABET = st.text("ab -#☃å", min_size=1, max_size=6)


@given(ALPHABET, st.text("ab -#☃å\n", max_size=20), st.text("ab -☃\n", max_size=20))
def test_a_word_that_stands_alone_is_met_and_one_that_stands_nowhere_is_not(
    muted: str, before: str, after: str
) -> None:
    bare = " ".join(muted.split()).removeprefix("#").strip()
    if bare:
        assert matched([words(word(muted))], record={"text": f"{before} {bare} {after}"})
    text = "".join(letter for letter in f"{before} {after}" if letter not in muted)
    assert not matched([words(word(muted))], record={"text": text})


# ---------------------------------------------------------------- hidden posts, muted accounts


def test_posts_that_were_hidden_are() -> None:
    hidden = [{"$type": "app.bsky.actor.defs#hiddenPostsPref", "items": [URI, 7]}]
    assert actions(matched(hidden)) == [("posts that you hid", "hide")]
    assert matched(hidden)[0].id in Moderation.read("bsky", hidden).ids


def test_muted_accounts_are_hidden_where_the_server_shows_them() -> None:
    assert actions(matched([], author=author(viewer={"muted": True}))) == [("accounts that you muted", "hide")]


# ---------------------------------------------------------------- labels


@pytest.mark.parametrize("place", ["post", "author"])
@pytest.mark.parametrize(("value", "action"), [("!hide", "hide"), ("!warn", "warn")])
def test_the_moderations_own_words_are_honoured(place: str, value: str, action: str) -> None:
    labels = [label(value)]
    found = matched([], labels=labels) if place == "post" else matched([], author=author(labels=labels))
    assert [each.action.value for each in found] == [action]
    assert found[0].id == ""


@pytest.mark.parametrize(
    ("preferences", "labels", "own", "found"),
    [
        ([], ["porn"], [], [("labelled: porn", "hide")]),
        ([], [], ["sexual"], [("labelled: sexual", "hide")]),
        ([], ["nudity"], [], []),
        ([ADULTS], ["porn"], [], [("labelled: porn", "hide")]),
        ([ADULTS], ["sexual"], ["graphic-media"], [("labelled: graphic-media", "blur"), ("labelled: sexual", "blur")]),
        ([ADULTS, setting("porn", "warn")], ["porn"], [], [("labelled: porn", "blur")]),
        ([ADULTS, setting("porn", "show")], ["porn"], ["porn"], []),
        ([ADULTS, setting("gore", "hide")], ["graphic-media"], [], [("labelled: graphic-media", "hide")]),
        ([ADULTS, setting("nudity", "warn")], ["nudity"], [], [("labelled: nudity", "blur")]),
        ([ADULTS, setting("nudity", "never heard of")], ["nudity"], [], []),
        ([setting("porn", "ignore")], ["porn"], [], [("labelled: porn", "hide")]),
        ([ADULTS, setting("sexual", "hide", labelerDid=MODERATION)], ["sexual"], [], [("labelled: sexual", "hide")]),
        ([ADULTS, setting("sexual", "hide", labelerDid="did:x")], ["sexual"], [], [("labelled: sexual", "blur")]),
        ([ADULTS], ["spam", "!no-unauthenticated", "bot"], [], []),
    ],
)
def test_label_settings(
    preferences: list[object], labels: list[str], own: list[str], found: list[tuple[str, str]]
) -> None:
    record = {"labels": {"$type": "com.atproto.label.defs#selfLabels", "values": [{"val": value} for value in own]}}
    filtered = matched(preferences, labels=[label(value) for value in labels], record=record)
    assert actions(filtered) == found
    ids = Moderation.read("bsky", [each for each in preferences if isinstance(each, dict)]).ids
    assert all(each.id in ids for each in filtered)


def test_nobody_moderates_themselves_and_what_was_taken_back_is_gone() -> None:
    assert matched([], labels=[label("!hide", DID), label("!warn", DID)]) == ()
    assert matched([], record={"labels": {"values": [{"val": "!hide"}, {"val": "!warn"}]}}) == ()
    assert matched([], labels=[label("!hide", neg=True), label("porn", neg=True)]) == ()


def test_a_setting_that_was_changed_lifts_what_it_covered() -> None:
    (blurred,) = matched([ADULTS], labels=[label("sexual")])
    assert blurred.id in Moderation.read("bsky", [ADULTS]).ids
    assert blurred.id not in Moderation.read("bsky", [ADULTS, setting("sexual", "ignore")]).ids


WHOLE: list[Any] = [
    ADULTS,
    setting("porn", "hide", labelerDid=MODERATION),
    words(word("hej", expiresAt=LATER)),
    {"$type": "app.bsky.actor.defs#hiddenPostsPref", "items": [URI]},
]
PLACES = [place for place in places(WHOLE) if place]


@given(st.lists(st.tuples(st.sampled_from(PLACES), JUNK), min_size=1, max_size=3))
def test_nonsense_in_the_preferences_does_no_harm(changes: list[tuple[tuple[Any, ...], Any]]) -> None:
    preferences: Any = copy.deepcopy(WHOLE)
    for way, junk in changes:
        inner = preferences
        try:
            for key in way[:-1]:
                inner = inner[key]
            inner[way[-1]] = copy.deepcopy(junk)
        except (KeyError, IndexError, TypeError):
            continue
    matched(preferences, labels=[label("porn"), label("!warn")])


# ---------------------------------------------------------------- with a server


@pytest.fixture
async def kit(tmp_path: Path) -> AsyncIterator[Kit]:
    async with kit_in(tmp_path) as kit:
        yield replace(kit, clock=StoppedClock(datetime.now(UTC)))


@pytest.fixture
async def double() -> AsyncIterator[Double]:
    async with Double() as double:
        yield double


def shown(service: Bluesky, post: Any, place: str = "home") -> bool:
    sieve = Sieve(Preferences(), Around(filters=lambda _account: service.capabilities.filters))
    return not sieve.hidden([post], place)


async def test_every_way_to_a_post_applies_the_rules(double: Double, kit: Kit) -> None:
    double.preferences = [words(word("fotboll"))]
    first = double.write(double.other, "Hej")
    ref = first.ref
    answer = double.write(double.other, "fotboll", reply={"root": ref, "parent": ref})
    service = await opened_double(double, kit)
    home = await service.page()
    found = [
        *(await service.search("fotboll")).posts,
        await service.post(answer.uri),
        *(await service.thread(home.posts[1])).descendants,
        home.posts[0],
    ]
    assert [post.remote_id for post in found] == [answer.uri] * 4
    assert not any(shown(service, post) for post in found)
    assert shown(service, home.posts[1])
    assert double.calls("app.bsky.actor.getPreferences") == 1


async def test_nobody_is_shown_anything_before_the_rules_are_known(double: Double, kit: Kit) -> None:
    double.preferences = [words(word("fotboll"))]
    double.write(double.other, "fotboll")
    service = await opened_double(double, kit)
    pages = await asyncio.gather(service.page(), service.search("fotboll"), service.page())
    assert not any(shown(service, post) for page in pages for post in page.posts)
    assert double.calls("app.bsky.actor.getPreferences") == 1


async def test_a_word_taken_back_there_hides_nothing_here(double: Double, kit: Kit) -> None:
    double.preferences = [words(word("fotboll"), word("hockey"))]
    double.write(double.other, "fotboll")
    service = await opened_double(double, kit)
    (post,) = (await service.page()).posts
    assert not shown(service, post)
    double.preferences = [words(word("hockey"))]
    await service.page()
    assert not shown(service, post), "asked again only now and then"
    clock = kit.clock
    assert isinstance(clock, StoppedClock)
    clock.time += AGAIN
    await service.page()
    assert shown(service, post)


@pytest.mark.parametrize(("kind", "status"), [("error", 500), ("error", 501), ("garbage", 200), ("drop-before", 0)])
async def test_without_preferences_the_posts_are_shown(double: Double, kit: Kit, kind: str, status: int) -> None:
    double.write(double.other, "fotboll")
    service = await opened_double(double, kit)
    for _again in range(2):  # a read is tried once more
        double.fault("app.bsky.actor.getPreferences", kind, status)
    (post,) = (await service.page()).posts
    assert shown(service, post)
    assert service.capabilities.filters is None
