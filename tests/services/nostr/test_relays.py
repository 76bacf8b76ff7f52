"""What relays really answer, and that none of them is believed (Nostr facts 2 to 4)."""

from __future__ import annotations

import asyncio
import json
import random
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mbclient.core.ports import Feed, PostDeleted, StreamOpened
from mbclient.domain.errors import (
    AuthError,
    OutcomeUnknownError,
    RateLimitedError,
    RejectedError,
    ServiceError,
    UnreachableError,
    UnsupportedError,
    UsageError,
)
from mbclient.domain.post import NotificationKind, Post, PostKind, Visibility
from mbclient.services.kit import Kit
from mbclient.services.nostr import nip19
from mbclient.services.nostr import relay as relay_module
from mbclient.services.nostr.events import signed
from mbclient.services.nostr.service import Nostr
from tests.services.contract import all_newer, all_older, assert_safe, outgoing, unique
from tests.services.nostr.relay_server import Double
from tests.services.nostr.support import ANNA, BO, EVE, now, opened, person

Two = tuple[Double, Double]


# ---------------------------------------------------------------- no trust


async def test_what_two_relays_have_is_shown_once(anna: Nostr, relays: Two) -> None:
    event = await relays[0].write(BO, 1, "hej", at=now())
    await relays[1].store(event.raw())
    assert [post.remote_id for post in (await anna.page()).posts] == [event.id]


async def test_lies_of_a_relay_are_skipped_and_counted(anna: Nostr, relays: Two) -> None:
    good = await relays[0].write(BO, 1, "hej", at=now())
    forged = signed(BO, now(), 1, [], "jag slutar").raw() | {"sig": "0" * 128}
    changed = good.raw() | {"content": "annat"}
    stranger = signed(EVE, now(), 1, [], "köp!").raw()
    relays[1].extra = [forged, changed, stranger]
    page = await anna.page()
    assert [post.text for post in page.posts] == ["hej"]
    assert page.skipped >= 3


async def test_a_forged_copy_does_not_hide_the_genuine_one(anna: Nostr, relays: Two) -> None:
    good = signed(BO, now(), 1, [], "hej")
    relays[0].extra = [good.raw() | {"sig": "0" * 128}]
    await relays[1].store(good.raw())
    assert [post.text for post in (await anna.page()).posts] == ["hej"]


async def test_a_lone_surrogate_is_skipped(anna: Nostr, relays: Two) -> None:
    relays[0].say = ['["EVENT","m1",{"id":"' + "0" * 64 + '","content":"\\ud800"}]', ["EOSE", "$SUB"]]
    assert (await anna.page()).posts == ()


async def test_a_relay_that_never_stops_is_stopped(anna: Nostr, relays: Two) -> None:
    await anna.session.lists()
    spam = [signed(BO, now() - number, 1, [], f"nr {number}").raw() for number in range(60)]
    relays[0].extra = spam
    page = await anna.page(limit=10)
    assert len(page.posts) == 10


async def test_a_repost_with_a_false_note_inside_is_not_shown(anna: Nostr, relays: Two) -> None:
    note = signed(EVE, now(), 1, [], "äkta").raw() | {"content": "falsk"}
    await relays[0].write(BO, 6, json.dumps(note), [["e", note["id"], ""], ["p", EVE.pubkey]], at=now())
    page = await anna.page()
    assert (page.posts, page.skipped) == ((), 1)


async def test_reposts_with_and_without_their_note(anna: Nostr, relays: Two) -> None:
    note = signed(EVE, now() - 50, 1, [], "citerad")
    there = await relays[1].write(EVE, 1, "hämtad", at=now() - 60)
    one = await relays[0].write(BO, 6, json.dumps(note.raw()), [["e", note.id, ""], ["p", EVE.pubkey]], at=now() - 5)
    two = await relays[0].write(BO, 6, "", [["e", there.id, ""], ["p", EVE.pubkey]], at=now() - 9)
    posts = (await anna.page()).posts
    assert [(post.kind, post.text, post.boost_id) for post in posts] == [
        (PostKind.BOOST, "citerad", one.id),
        (PostKind.BOOST, "hämtad", two.id),
    ]
    for post in posts:
        assert_safe(post)


async def test_only_the_author_can_take_a_post_back(anna: Nostr, relays: Two) -> None:
    """The second relay does not heed deletions; Eve's is none of hers."""
    event = signed(BO, now() - 10, 1, [], "ångrad")
    await relays[1].store(event.raw())
    await relays[0].write(EVE, 5, "", [["e", event.id]], at=now())
    assert len((await anna.page()).posts) == 1
    await relays[0].write(BO, 5, "", [["e", event.id]], at=now())
    assert (await anna.page()).posts == ()


# ---------------------------------------------------------------- pages


async def test_a_whole_page_in_one_second(anna: Nostr, relays: Two) -> None:
    at = now() - 500
    for relay in relays:
        relay.cap = 4
    ids = {(await relays[number % 2].write(BO, 1, f"nr {number}", at=at)).id for number in range(8)}
    older = (await relays[0].write(BO, 1, "äldre", at=at - 1)).id
    posts = await all_older(anna, await anna.page(limit=3), 3)
    assert len(posts) == len({post.remote_id for post in posts})
    assert {post.remote_id for post in posts} >= ids - {older}
    assert older in {post.remote_id for post in posts}


async def test_a_late_and_backdated_post_is_still_found(anna: Nostr, relays: Two) -> None:
    await relays[0].write(BO, 1, "först", at=now() - 5)
    page = await anna.page()
    assert page.newer is not None
    late = await relays[1].write(BO, 1, "sen", at=now() - 300)
    again = await anna.page(after=page.newer)
    assert [post.remote_id for post in again.posts] == [late.id]


async def test_a_date_in_the_future_moves_no_place(anna: Nostr, relays: Two) -> None:
    await relays[0].write(BO, 1, "om ett år", at=now() + 31_000_000)
    page = await anna.page()
    assert page.newer is not None
    fresh = await relays[0].write(BO, 1, "nu", at=now())
    again = await anna.page(after=page.newer)
    assert [post.remote_id for post in again.posts] == [fresh.id]
    assert again.newer is not None
    assert (await anna.page(after=again.newer)).posts == ()


async def test_what_a_relay_had_while_it_was_away_is_caught_up(kit: Kit) -> None:
    async with Double() as one, Double() as two:
        service = await opened(kit, [one, two])
        await one.write(BO, 1, "först", at=now() - 4000)
        page = await service.page()
        assert page.newer is not None
        only_there = await two.write(BO, 1, "bara här", at=now() - 3000)
        two.hang_up = 1
        await one.write(BO, 1, "senare", at=now() - 5)
        page = await service.page(after=page.newer)
        assert [post.text for post in page.posts] == ["senare"]
        assert page.newer is not None
        page = await service.page(after=page.newer)
        assert [post.remote_id for post in page.posts] == [only_there.id]
        await service.aclose()


async def test_many_new_posts_leave_a_gap_that_closes(anna: Nostr, relays: Two) -> None:
    await relays[0].write(BO, 1, "känd", at=now() - 5000)
    page = await anna.page()
    assert page.newer is not None
    ids = [(await relays[n % 2].write(BO, 1, f"nr {n}", at=now() - 4000 + n)).id for n in range(30)]
    first = await anna.page(after=page.newer, limit=6)
    assert not first.complete
    posts = await all_newer(anna, page.newer, 6, {post.entry_id for post in page.posts})
    assert sorted(post.remote_id for post in posts) == sorted(ids)


@pytest.mark.parametrize("cursor", ["", "x", "[]", "{}", '{"since":1,"known":[]}', "9" * 30])
async def test_a_cursor_of_nonsense_is_refused(anna: Nostr, cursor: str) -> None:
    with pytest.raises(RejectedError):
        await anna.page(after=cursor)
    with pytest.raises(RejectedError):
        await anna.page(before=cursor)


async def test_a_relay_that_is_down_delays_nobody(anna: Nostr, relays: Two) -> None:
    await relays[0].write(BO, 1, "hej", at=now())
    relays[1].down = 100
    assert [post.text for post in (await anna.page()).posts] == ["hej"]
    for _number in range(5):
        await anna.page()
    assert relays[1].down >= 100 - relay_module.FAILURES - 1  # then it is left alone


async def test_more_follows_than_one_question_can_name(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is left out, the pages join without a gap, and the stream hears all."""
    monkeypatch.setattr("mbclient.services.nostr.events.MAX_AUTHORS", 3)
    people = [person(f"p{number}") for number in range(8)]
    async with Double() as relay:
        service = await opened(kit, [relay], follows=people)
        ids = [
            (await relay.write(each, 1, f"nr {turn}", at=now() - 900 + 100 * place + turn)).id
            for place, each in enumerate(people)
            for turn in range(4)
        ]
        posts = await all_older(service, await service.page(limit=5), 5)
        assert [post.remote_id for post in posts] == ids[::-1]
        named = [len(each.get("authors", ())) for message in relay.asked for each in message[2:]]
        assert max(named) == 3
        async with asyncio.timeout(20), aclosing(service.stream()) as events:
            assert isinstance(await anext(events), StreamOpened)
            last = await relay.write(people[-1], 1, "den sista", at=now())
            heard = await anext(events)
            assert isinstance(heard, Post)
            assert heard.remote_id == last.id
        await service.aclose()


async def test_feeds(anna: Nostr, relays: Two) -> None:
    tagged = await relays[1].write(EVE, 1, "om #OpenSSL", [["t", "openssl"]], at=now())
    assert [post.remote_id for post in (await anna.page(Feed("tag", "#OpenSSL"))).posts] == [tagged.id]
    assert [post.remote_id for post in (await anna.page(Feed("author", EVE.pubkey))).posts] == [tagged.id]
    with pytest.raises(UnsupportedError):
        await anna.page(Feed("list", "1"))


# ---------------------------------------------------------------- sending to several


async def test_one_yes_is_a_yes(anna: Nostr, relays: Two) -> None:
    relays[0].refuse = "blocked: no"
    published = await anna.publish(await anna.prepare(outgoing("hej")))
    assert published.remote_id in relays[1].events


@pytest.mark.parametrize(
    ("reason", "error"),
    [
        ("blocked: you are banned", RejectedError),
        ("pow: difficulty 20 needed", RejectedError),
        ("invalid: created_at is in the future", RejectedError),
        ("restricted: members only", RejectedError),
        ("mute: nobody hears you", RejectedError),
        ("no colon", RejectedError),
        ("rate-limited: slow down", RateLimitedError),
        ("auth-required: who are you", AuthError),
        ("error: database is locked", UnreachableError),
        ("unsupported: no such kind", UnsupportedError),
    ],
)
@pytest.mark.parametrize("terse", [False, True])
async def test_refusals_have_their_names(
    anna: Nostr, relays: Two, reason: str, error: type[Exception], terse: bool
) -> None:
    for relay in relays:
        relay.refuse, relay.terse = reason + "\x1b[31m", terse
    with pytest.raises(error) as caught:
        await anna.publish(await anna.prepare(outgoing("hej")))
    assert isinstance(caught.value, ServiceError)
    assert reason.partition(":")[2] in str(caught.value)
    assert "\x1b" not in str(caught.value)
    assert caught.value.account == "nostr"


async def test_what_waiting_mends_goes_before_what_is_final(anna: Nostr, relays: Two) -> None:
    relays[0].refuse, relays[1].refuse = "blocked: no", "rate-limited: slow down"
    with pytest.raises(RateLimitedError):
        await anna.publish(await anna.prepare(outgoing("hej")))


async def test_no_answer_is_no_refusal(anna: Nostr, relays: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay_module, "ANSWER_S", 0.3)
    relays[0].refuse, relays[1].mute = "blocked: no", True
    prepared = await anna.prepare(outgoing("hej"))
    with pytest.raises(OutcomeUnknownError):
        await anna.publish(prepared)
    relays[0].refuse, relays[1].mute = "", False
    assert await anna.find(prepared) is None
    await anna.publish(prepared)
    assert await anna.find(prepared) is not None


async def test_sending_again_sends_the_very_same_event(anna: Nostr, relays: Two) -> None:
    """One relay calls a duplicate true, the other false: both have it. Kept as JSON in between, as the outbox does."""
    relays[1].terse = True
    prepared = await anna.prepare(outgoing(unique()))
    await anna.publish(prepared)
    again = await anna.publish(json.loads(json.dumps(prepared)))
    for relay in relays:
        assert [raw["id"] for raw in relay.sent] == [again.remote_id, again.remote_id]
        assert relay.sent[0] == relay.sent[1]


async def test_what_was_changed_on_disk_is_not_sent(anna: Nostr, relays: Two) -> None:
    prepared = json.loads(json.dumps(await anna.prepare(outgoing("hej"))))
    prepared["event"]["content"] = "annat"
    with pytest.raises(RejectedError):
        await anna.publish(prepared)
    assert not relays[0].sent


SECRET = ANNA.nsec().reveal()


@pytest.mark.parametrize(
    "words",
    [
        {"text": f"min nyckel är {SECRET}"},
        {"text": f"#{SECRET}"},
        {"text": f"https://njump.me/{SECRET}"},
        {"text": SECRET[:20] + "\x08" + SECRET[20:]},  # what is taken out before signing would make it whole
        {"text": "hej", "cw": f"om {SECRET}"},
        {"text": "hej", "cw": SECRET[:20] + "\x08" + SECRET[20:].upper()},
    ],
)
async def test_a_key_is_never_posted(words: dict[str, str], anna: Nostr) -> None:
    with pytest.raises(RejectedError, match="private key") as caught:
        await anna.prepare(outgoing(**words))
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "fields", [{"visibility": Visibility.FOLLOWERS}, {"due": datetime.now(UTC)}, {"media": ("x.png",)}]
)
async def test_what_is_not_there_is_said(anna: Nostr, fields: dict[str, Any]) -> None:
    with pytest.raises(UnsupportedError):
        await anna.prepare(outgoing("hej", **fields))


async def test_the_clock_of_the_servers_dates_a_post(anna: Nostr, kit: Kit) -> None:
    kit.http.dates.extend([("relay.example", -3600.0)] * 3)
    prepared = await anna.prepare(outgoing("hej"))
    event = prepared["event"]
    assert isinstance(event, dict)
    assert abs(event["created_at"] - (now() - 3600)) < 60


async def test_a_link_to_somebody_names_nobody(anna: Nostr) -> None:
    name = nip19.npub(BO.pubkey)
    for text, named in ((f"läs https://njump.me/{name}", []), (f"läs {name}", [["p", BO.pubkey]])):
        event = (await anna.prepare(outgoing(text)))["event"]
        assert isinstance(event, dict)
        assert [tag for tag in event["tags"] if tag[0] == "p"] == named


async def test_tags_of_a_note(anna: Nostr, relays: Two) -> None:
    root = await relays[0].write(EVE, 1, "rot", at=now() - 30)
    tags = [["e", root.id, "", "root"], ["p", EVE.pubkey], ["p", ANNA.pubkey]]
    parent = await relays[0].write(BO, 1, "svar", tags, at=now() - 20)
    post = await anna.post(parent.id)
    prepared = await anna.prepare(outgoing("#OpenSSL och #openssl", reply_to=post, cw="tråkigt", lang="sv"))
    event = prepared["event"]
    assert isinstance(event, dict)
    made = [tag for tag in event["tags"] if tag[0] != "e"]
    assert [tag[:2] + tag[3:4] for tag in event["tags"] if tag[0] == "e"] == [
        ["e", root.id, "root"],
        ["e", parent.id, "reply"],
    ]
    assert sorted(made) == sorted(
        [
            ["p", BO.pubkey],
            ["p", EVE.pubkey],
            ["t", "openssl"],
            ["content-warning", "tråkigt"],
            ["L", "ISO-639-1"],
            ["l", "sv", "ISO-639-1"],
        ]
    )
    published = await anna.publish(prepared)
    back = await anna.post(published.remote_id)
    assert (back.lang, back.cw, back.in_reply_to, back.tags) == ("sv", "tråkigt", parent.id, ("openssl",))
    thread = await anna.thread(back)
    assert [each.remote_id for each in thread.ancestors] == [root.id, parent.id]


async def test_who_is_named_gets_it_where_they_read(anna: Nostr, relays: Two) -> None:
    async with Double() as theirs:
        await relays[0].write(BO, 10002, "", [["r", theirs.url, "read"], ["r", "ws://127.0.0.1:9", "write"]], at=now())
        event = await relays[0].write(BO, 1, "hej", at=now())
        prepared = await anna.prepare(outgoing("svar", reply_to=await anna.post(event.id)))
        published = await anna.publish(prepared)
        assert published.remote_id in theirs.events


async def test_the_own_list_adds_relays(kit: Kit) -> None:
    async with Double() as one, Double() as two:
        await one.write(ANNA, 10002, "", [["r", two.url], ["r", "http://x"], ["r"]], at=now() - 100)
        service = await opened(kit, [one])
        published = await service.publish(await service.prepare(outgoing("hej")))
        assert published.remote_id in one.events
        assert published.remote_id in two.events
        await service.aclose()


async def test_a_like_is_one_like(anna: Nostr, relays: Two) -> None:
    event = await relays[0].write(BO, 1, "hej", at=now())
    post = await anna.post(event.id)
    first = await anna.set_liked(post, True)
    second = await anna.set_liked(post, True)
    assert first == second
    (reaction,) = [raw for raw in relays[0].events.values() if raw["kind"] == 7]
    assert reaction["content"] == "+"
    assert [tag[0] for tag in reaction["tags"]] == ["e", "p", "k"]
    await anna.set_liked(post, False)
    assert not [raw for raw in relays[1].events.values() if raw["kind"] == 7]
    with pytest.raises(UsageError):
        await anna.delete(post)


# ---------------------------------------------------------------- signing in to a relay


async def test_signing_in_where_it_is_asked(kit: Kit) -> None:
    async with Double(auth=True) as relay:
        service = await opened(kit, [relay])
        await relay.write(BO, 1, "hej", at=now())
        assert [post.text for post in (await service.page()).posts] == ["hej"]
        published = await service.publish(await service.prepare(outgoing("hej")))
        assert published.remote_id in relay.events
        signed_in = [message[1] for message in relay.asked if message[0] == "AUTH"]
        assert len(signed_in) == 1
        tags = dict(map(tuple, signed_in[0]["tags"]))
        assert (signed_in[0]["kind"], tags) == (22242, {"relay": relay.url, "challenge": "challenge1"})
        await service.aclose()


# ---------------------------------------------------------------- search, notifications


async def test_search_only_where_a_relay_has_it(kit: Kit) -> None:
    async with Double(search=False) as without, Double() as with_it:
        service = await opened(kit, [without, with_it])
        await service.load_capabilities()
        await without.write(BO, 1, "openssl här", at=now())
        there = await with_it.write(EVE, 1, "OpenSSL där", at=now())
        with_it.extra = [signed(EVE, now(), 1, [], "något annat").raw()]
        assert [post.remote_id for post in (await service.search("openssl")).posts] == [there.id]
        await service.aclose()


async def test_a_relay_that_is_down_is_as_it_was(kit: Kit) -> None:
    """An outage on the day's look lifts no limit, for this run and the next; what the others say anew counts."""
    async with Double() as down, Double(search=False) as other:
        down.document = {"limitation": {"max_content_length": 1000}, "supported_nips": [50]}
        service = await opened(kit, [down, other])
        await service.load_capabilities()
        down.untold = True
        for limit in (800, 1200):
            other.document = {"limitation": {"max_content_length": limit}}
            for each in (service, await opened(kit, [down, other])):
                can = await each.load_capabilities()
                assert (can.max_length, can.search) == (min(limit, 1000), True)
        await service.aclose()


async def test_where_no_relay_can_search_tags_are_found_all_the_same(kit: Kit) -> None:
    async with Double(search=False) as relay:
        service = await opened(kit, [relay])
        await service.load_capabilities()
        assert service.capabilities.search
        with pytest.raises(UnsupportedError, match="search for a #hashtag"):
            await service.search("openssl")
        tagged = await relay.write(EVE, 1, "#openssl", [["t", "openssl"]], at=now())
        assert [post.remote_id for post in (await service.search("#OpenSSL")).posts] == [tagged.id]
        for words in ("#openssl\tcve", "#"):
            with pytest.raises(UnsupportedError):
                await service.search(words)
        await service.aclose()


async def test_notifications_by_kind(anna: Nostr, relays: Two) -> None:
    mine = await relays[0].write(ANNA, 1, "mitt", at=now() - 100)
    me = ["p", ANNA.pubkey]
    made = {
        NotificationKind.REPLY: await relays[0].write(BO, 1, "svar", [["e", mine.id, "", "root"], me], at=now() - 5),
        NotificationKind.QUOTE: await relays[1].write(BO, 1, "se", [["q", mine.id], me], at=now() - 4),
        NotificationKind.MENTION: await relays[0].write(EVE, 1, "hej", [me], at=now() - 3),
        NotificationKind.LIKE: await relays[1].write(EVE, 7, "+", [["e", mine.id], me], at=now() - 2),
        NotificationKind.BOOST: await relays[0].write(EVE, 6, "", [["e", mine.id, ""], me], at=now() - 1),
    }
    await relays[0].write(ANNA, 1, "jag själv", [me], at=now())
    crowd = [me, *(["p", f"{number:064x}"] for number in range(40))]
    await relays[0].write(EVE, 1, "till alla", crowd, at=now())
    page = await anna.notifications()
    assert {item.kind: item.remote_id for item in page.notifications} == {kind: e.id for kind, e in made.items()}
    about = {item.kind: item.post.text for item in page.notifications if item.post}
    assert (about[NotificationKind.LIKE], about[NotificationKind.REPLY]) == ("mitt", "svar")


async def test_own_posts_of_every_relay(anna: Nostr, relays: Two) -> None:
    since = datetime.now(UTC) - timedelta(hours=1)
    for relay in relays:
        relay.cap = 3
    ids = [(await relays[n % 2].write(ANNA, 1, f"nr {n}", at=now() - 100 + n)).id for n in range(10)]
    await relays[0].write(ANNA, 1, "i går", at=now() - 90_000)
    gone = signed(ANNA, now(), 1, [], "ångrad")
    await relays[1].store(gone.raw())
    await relays[0].write(ANNA, 5, "", [["e", gone.id]], at=now())
    assert [post.remote_id for post in await anna.own_posts(since)] == ids[::-1]


# ---------------------------------------------------------------- the stream


async def test_a_broken_line_of_the_stream_is_mended_without_a_gap(
    anna: Nostr, relays: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mbclient.services.nostr.streaming.AGAIN_S", (0.05,))
    await relays[0].write(BO, 1, "gammal", at=now() - 60)
    async with asyncio.timeout(20), aclosing(anna.stream()) as events:
        assert isinstance(await anext(events), StreamOpened)
        first = await relays[0].write(BO, 1, "ett", at=now())
        await relays[1].store(first.raw())
        told = await anext(events)
        assert isinstance(told, Post)
        assert told.remote_id == first.id
        await relays[0].cut()
        missed = await relays[0].write(BO, 1, "två", at=now())  # while nobody listens there
        told = await anext(events)
        assert isinstance(told, Post)
        assert told.remote_id == missed.id
        await relays[1].write(BO, 5, "", [["e", missed.id]], at=now())
        assert await anext(events) == PostDeleted(missed.id)


async def test_the_stream_ends_with_the_last_relay(anna: Nostr, relays: Two) -> None:
    async with asyncio.timeout(20), aclosing(anna.stream()) as events:
        assert isinstance(await anext(events), StreamOpened)
        for relay in relays:
            relay.down = 100
            await relay.cut()
        with pytest.raises(UnreachableError):
            await anext(events)


# ---------------------------------------------------------------- anything at all


def mutated(value: Any, chance: random.Random) -> Any:
    """The value with one thing wrong somewhere."""
    if isinstance(value, dict) and value and chance.random() < 0.8:
        name = chance.choice(sorted(value))
        return value | {name: mutated(value[name], chance)}
    if isinstance(value, list) and value and chance.random() < 0.8:
        place = chance.randrange(len(value))
        return [*value[:place], mutated(value[place], chance), *value[place + 1 :]]
    return chance.choice([None, True, -1, 1e400, "", "x" * 300, [], {}, [[]], 10**400, "\x1b[31m", {"id": []}])


@pytest.mark.parametrize("seed", range(10))
async def test_mutated_answers_harm_nothing_but_themselves(anna: Nostr, relays: Two, seed: int) -> None:
    chance = random.Random(seed)
    await relays[1].write(BO, 1, "hel", at=now())
    good = signed(BO, now(), 1, [["t", "x"], ["e", "a" * 64, "", "root"], ["imeta", "url x"]], "hej").raw()
    odd = [
        signed(BO, now(), 1, [["q", "x"], ["e"], [], ["l", "\x1b"], ["content-warning"]], "\x1b[2J nostr:npub1x").raw(),
        signed(BO, now(), 6, [["e", "x"]], '{"id":' * 50).raw(),
        signed(BO, now(), 0, [], '{"name": 5, "display_name": []}').raw(),
    ]
    for _number in range(10):
        answers = [mutated(["EVENT", "$SUB", good], chance) for _each in range(5)]
        relays[0].say = [*(each if isinstance(each, list) else [each] for each in answers), ["EOSE", "$SUB"]]
        relays[0].extra = odd
        page = await anna.page()
        assert "hel" in [post.text for post in page.posts]
        for post in page.posts:
            assert_safe(post)
