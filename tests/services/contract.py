"""What every adapter keeps, as one suite of tests to subclass.

How to use it, in `tests/services/<service>/test_contract.py`:

    class MyBench(Bench):                 # the service under test and the world around it
        async def seed(self, texts): ...

    class TestContract(AdapterContract):
        @pytest.fixture
        async def bench(self) -> AsyncIterator[Bench]:
            ...                           # start or reset the server, open the Service signed in as "me"
            yield MyBench(service)

Required of a bench: `service`, `seed`, `reply_as_other`, `count`. The rest has a default that skips the test with the
reason given there: say why in a `skip` of your own where a server cannot be made to fail. What a service cannot do is
read from `service.capabilities` (call `load_capabilities` in the fixture where the server decides), never from its
name. A server that needs a moment (an index, a queue) is waited for with `eventually`; set `patience` to the seconds
it may take. Each test wants a fresh "me" with an empty home, or at least one where nobody else posts meanwhile.
"""

from __future__ import annotations

import asyncio
import contextlib
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from mbclient.core.abilities import Rewriting, Scheduling, Voting
from mbclient.core.ports import Service, StreamOpened
from mbclient.domain.capabilities import Idempotency
from mbclient.domain.draft import Written
from mbclient.domain.errors import (
    AuthError,
    OutcomeUnknownError,
    RateLimitedError,
    RejectedError,
    ServiceError,
    UnreachableError,
    UnsupportedError,
)
from mbclient.domain.poll import NewPoll
from mbclient.domain.post import NotificationKind, Post, PostKind, Visibility
from mbclient.domain.safetext import SafeText
from tests.hostile.mutations import Fuzz
from tests.services.bench import (
    Bench,
    all_newer,
    all_older,
    assert_all_safe,
    assert_safe,
    assert_toggles,
    eventually,
    outgoing,
    unique,
)

__all__ = ["AdapterContract", "Bench", "all_newer", "all_older", "assert_safe", "eventually", "outgoing", "unique"]

HOSTILE = "before \x1b]0;owned\x07 \x9b31m [@click=app.quit]x[/] \u202eevil\u202c \x00after"


def needs_posting(service: Service) -> None:
    if not service.capabilities.post:
        pytest.skip("nothing can be posted here")


class AdapterContract:
    """The suite. Subclass it as `Test…` with a `bench` fixture (the module's docstring shows how)."""

    @pytest.fixture
    def service(self, bench: Bench) -> Service:
        return bench.service

    async def publish(self, bench: Bench, text: str, **fields: object) -> Post:
        """Publishes and reads the post back."""
        service = bench.service
        if not ("reply_to" in fields and service.capabilities.reply):
            needs_posting(service)
        published = await service.publish(await service.prepare(outgoing(text, **fields)))

        async def read() -> Post | None:
            try:
                return await service.post(published.remote_id)
            except RejectedError:
                return None

        post = await eventually(read, lambda found: found is not None, bench.patience)
        assert post is not None
        return post

    # ------------------------------------------------------------ reading

    async def test_home_is_newest_first(self, bench: Bench, service: Service) -> None:
        ids = await bench.seed([unique() for _ in range(5)])
        page = await service.page()
        assert [post.remote_id for post in page.posts if post.remote_id in ids] == ids[::-1]
        assert page.skipped == 0
        for post in page.posts:
            assert_safe(post)
            assert post.account == service.account.name
            assert post.service == service.account.service

    async def test_older_pages_have_no_gap_and_no_double(self, bench: Bench, service: Service) -> None:
        ids = await bench.seed([unique() for _ in range(13)])
        posts = await all_older(service, await service.page(limit=5), 5)
        assert [post.remote_id for post in posts if post.remote_id in ids] == ids[::-1]

    async def test_newer_pages_have_no_gap_and_no_double(self, bench: Bench, service: Service) -> None:
        await bench.seed([unique() for _ in range(3)])
        page = await service.page(limit=5)
        assert page.newer is not None
        ids = await bench.seed([unique() for _ in range(12)])
        posts = await all_newer(service, page.newer, 5, {post.entry_id for post in page.posts})
        assert sorted(post.remote_id for post in posts) == sorted(ids)
        by_time = sorted(posts, key=lambda post: post.sorted_at)
        assert {post.remote_id for post in by_time} == set(ids)

    async def test_nothing_newer_is_an_empty_page(self, bench: Bench, service: Service) -> None:
        await bench.seed([unique()])
        page = await service.page()
        assert page.newer is not None
        again = await service.page(after=page.newer)
        assert (again.posts, again.newer, again.complete) == ((), None, True)

    async def test_a_hostile_text_arrives_cleaned(self, bench: Bench, service: Service) -> None:
        ids = await bench.seed([HOSTILE])
        post = next(post for post in (await service.page()).posts if post.remote_id == ids[0])
        assert_safe(post)
        assert "[@click=app.quit]x[/]" in post.text  # markup is only text, and none of it is lost
        assert not {"\x1b", "\x07", "\x9b", "\x00", "\u202e"} & set(post.text)

    async def test_nonsense_is_skipped_and_counted(self, bench: Bench, service: Service) -> None:
        ids = await bench.seed([unique(), unique()])
        await bench.spoil()
        page = await service.page()
        assert page.skipped >= 1
        assert {post.remote_id for post in page.posts} >= set(ids)

    async def test_one_post(self, bench: Bench, service: Service) -> None:
        text = unique()
        ids = await bench.seed([text])
        post = await service.post(ids[0])
        assert post.text == text
        assert_safe(post)

    async def test_an_unknown_post_is_refused(self, bench: Bench, service: Service) -> None:
        ids = await bench.seed([unique()])
        with pytest.raises(RejectedError):
            await service.post(ids[0][:-1] + ("1" if ids[0][-1] != "1" else "2") + "0")

    async def test_search(self, bench: Bench, service: Service) -> None:
        if not service.capabilities.search:
            pytest.skip("no search here")
        word = f"needle{uuid4().hex[:8]}"
        ids = await bench.seed([f"a {word} in it", unique()])

        async def ask() -> list[str]:
            return [post.remote_id for post in (await service.search(word)).posts]

        try:
            found = await eventually(ask, bool, bench.patience)
        except UnsupportedError:
            pytest.skip("no search for words here")
        assert found == [ids[0]]

    async def test_profile(self, service: Service) -> None:
        profile = await service.verify()
        assert isinstance(profile.text, SafeText)
        assert profile.handle
        assert profile.remote_id

    async def test_capabilities_are_kept(self, service: Service) -> None:
        assert await service.load_capabilities() == service.capabilities

    # ------------------------------------------------------------ writing

    async def test_a_post_appears_in_home_and_among_own_posts(self, bench: Bench, service: Service) -> None:
        begun = datetime.now(UTC) - timedelta(seconds=5)
        text = unique("Hej å ä ö 👩‍👩‍👧")
        post = await self.publish(bench, text)
        assert post.text == text
        assert post.kind == PostKind.POST

        async def home() -> list[str]:
            return [found.remote_id for found in (await service.page()).posts]

        async def own() -> list[str]:
            return [found.remote_id for found in await service.own_posts(begun)]

        assert post.remote_id in await eventually(home, lambda ids: post.remote_id in ids, bench.patience)
        assert (await eventually(own, lambda ids: post.remote_id in ids, bench.patience)).count(post.remote_id) == 1
        assert not await service.own_posts(datetime.now(UTC) + timedelta(hours=1))

    async def test_a_reply_joins_the_thread(self, bench: Bench, service: Service) -> None:
        if not service.capabilities.reply:
            pytest.skip("no replies here")
        (parent_id,) = await bench.seed([unique("parent")])
        parent = await service.post(parent_id)
        reply = await self.publish(bench, unique("reply"), reply_to=parent)
        assert reply.kind == PostKind.REPLY
        assert reply.in_reply_to == parent_id
        if not service.capabilities.thread:
            return

        async def below() -> list[str]:
            return [post.remote_id for post in (await service.thread(parent)).descendants]

        assert await eventually(below, bool, bench.patience) == [reply.remote_id]

        async def above() -> list[str]:
            with contextlib.suppress(RejectedError):  # an index may know the reply below its parent before it knows it
                return [post.remote_id for post in (await service.thread(reply)).ancestors]
            return []

        assert await eventually(above, bool, bench.patience) == [parent_id]

    async def test_a_reply_to_me_notifies(self, bench: Bench, service: Service) -> None:
        if not service.capabilities.notifications:
            pytest.skip("no notifications here")
        post = await self.publish(bench, unique())
        reply = await bench.reply_as_other(post, unique("answer"))

        async def ask() -> list[tuple[NotificationKind, str]]:
            page = await service.notifications()
            return [(item.kind, item.post.remote_id) for item in page.notifications if item.post]

        found = await eventually(ask, bool, bench.patience)
        assert [remote_id for kind, remote_id in found if kind in ("mention", "reply")] == [reply]

    async def test_quote(self, bench: Bench, service: Service) -> None:
        if not service.capabilities.quote:
            pytest.skip("no quotes here")
        text = unique("quoted")
        (quoted_id,) = await bench.seed([text])
        post = await self.publish(bench, unique("look"), quote_of=await service.post(quoted_id))
        assert post.kind == PostKind.QUOTE
        assert post.quoted is not None
        assert (post.quoted.remote_id, post.quoted.text) == (quoted_id, text)

    async def test_edit(self, bench: Bench, service: Service) -> None:
        if not service.capabilities.edit:
            pytest.skip("no edits here")
        post = await self.publish(bench, unique("befroe"))
        edited = await self.publish(bench, unique("before"), edit_of=post)
        assert edited.remote_id == post.remote_id
        assert (await service.post(post.remote_id)).text == edited.text
        assert edited.edited_at is not None

    async def test_an_edit_begins_with_what_was_written(self, bench: Bench, service: Service) -> None:
        """As it is shown a post may be without the hosts of mentions, addresses and markup: sent again, these went."""
        if not service.capabilities.edit:
            pytest.skip("no edits here")
        text = unique("@cy@remote.example and https://example.org/a/path/that/is/long?x=1&y=2 **so** <b>\n\n(that)")
        post = await self.publish(bench, text)
        written = await service.written(post) if isinstance(service, Rewriting) else Written(post.text)
        assert written == Written(text)

    async def test_each_visibility_is_kept(self, bench: Bench, service: Service) -> None:
        for visibility in service.capabilities.visibilities:
            text = bench.addressee * (visibility is Visibility.DIRECT) + unique(visibility)
            post = await self.publish(bench, text, visibility=visibility)
            assert post.visibility == visibility

    async def test_content_warning(self, bench: Bench, service: Service) -> None:
        if not service.capabilities.content_warning:
            pytest.skip("no content warnings here")
        post = await self.publish(bench, unique(), cw="careful", visibility=Visibility.PUBLIC)
        assert post.cw == "careful"

    async def test_a_poll_goes_out_with_its_question_and_is_found_by_both(self, bench: Bench, service: Service) -> None:
        limits = service.capabilities.poll
        if limits is None or not service.capabilities.post:
            pytest.skip("no polls here")
        text, begun = unique("Kaffe?"), datetime.now(UTC)
        choices = tuple(str(number) * limits.length for number in range(10, 10 + limits.choices))
        choices = tuple(choice[: limits.length] for choice in choices)
        poll = NewPoll(choices, multiple=limits.multiple, seconds=limits.timed * max(limits.shortest, 3600))
        prepared = await service.prepare(outgoing(text, poll=poll))
        other = await service.prepare(outgoing(text, poll=replace(poll, choices=("ja", "nej"))))
        published = await service.publish(prepared)
        post = await service.post(published.remote_id)
        assert_safe(post)
        assert post.text == text
        assert post.poll is not None
        assert [(choice.text, choice.votes, choice.mine) for choice in post.poll.choices] == [
            (choice, 0, False) for choice in choices
        ]
        assert post.poll.multiple == limits.multiple
        assert post.poll.ends is not None
        assert not limits.timed or abs((post.poll.ends - begun).total_seconds() - poll.seconds) < 300
        found = await service.find(prepared)
        assert found is not None
        assert found.remote_id == published.remote_id
        assert await service.find(other) is None

    async def test_a_choice_too_many_is_refused(self, bench: Bench, service: Service) -> None:
        limits = service.capabilities.poll
        if limits is None or not service.capabilities.post:
            pytest.skip("no polls here")
        poll = NewPoll(tuple(map(str, range(limits.choices + 1))), seconds=limits.timed * max(limits.shortest, 3600))
        with pytest.raises(RejectedError):
            await self.publish(bench, unique(), poll=poll)

    @pytest.mark.parametrize("chosen", [(1,), (0, 2)])
    async def test_a_vote_is_given_once(self, bench: Bench, service: Service, chosen: tuple[int, ...]) -> None:
        if not isinstance(service, Voting) or service.capabilities.poll is None:
            pytest.skip("no voting here")
        name = await bench.seed_poll(unique(), ("ja", "nej", "vet ej"), multiple=len(chosen) > 1)
        post = await service.post(name)
        assert post.poll is not None
        assert (post.poll.chosen, post.poll.voted) == (frozenset(), False)
        for _time in (1, 2):  # a repeat adds nothing
            assert (await service.vote(post, chosen)).chosen == frozenset(chosen)
        poll = (await service.post(name)).poll
        assert poll is not None
        assert poll.chosen == frozenset(chosen)
        assert [choice.votes for choice in poll.choices] == [int(place in chosen) for place in range(3)]
        if len(chosen) == 1:
            assert poll.voted
            with pytest.raises(RejectedError):
                await service.vote(post, (2,))

    async def test_nobody_votes_once_a_poll_is_over(self, bench: Bench, service: Service) -> None:
        if not isinstance(service, Voting) or service.capabilities.poll is None:
            pytest.skip("no voting here")
        name = await bench.seed_poll(unique(), ("ja", "nej"))
        post = await service.post(name)
        await bench.end_poll(name)
        with pytest.raises(RejectedError):
            await service.vote(post, (0,))
        poll = (await service.post(name)).poll
        assert poll is not None
        assert poll.is_over(datetime.now(UTC))

    async def test_deleting_twice_is_fine(self, bench: Bench, service: Service) -> None:
        if not service.capabilities.delete:
            pytest.skip("nothing can be deleted here")
        text = unique()
        post = await self.publish(bench, text)
        await service.delete(post)
        await service.delete(post)
        assert await bench.count(text) == 0

    async def test_a_post_for_later_is_kept_listed_and_taken_back(self, bench: Bench, service: Service) -> None:
        if not service.capabilities.schedule:
            pytest.skip("no schedule here")
        assert isinstance(service, Scheduling)
        text, due = unique(), datetime.now(UTC).replace(microsecond=0) + timedelta(hours=2)
        published = await service.publish(await service.prepare(outgoing(text, due=due)))
        assert (published.scheduled, published.at) == (True, due)
        assert await bench.count(text) == 0
        assert published.remote_id in [waiting.id for waiting in await service.scheduled()]
        assert await service.unschedule(published.remote_id)
        assert not await service.unschedule(published.remote_id)
        assert published.remote_id not in [waiting.id for waiting in await service.scheduled()]
        assert await bench.count(text) == 0

    async def test_like_toggles(self, bench: Bench, service: Service) -> None:
        if not service.capabilities.like:
            pytest.skip("no likes here")
        (post_id,) = await bench.seed([unique()])
        await assert_toggles(bench, post_id, service.set_liked, lambda post: post.mine.liked)

    async def test_boost_toggles(self, bench: Bench, service: Service) -> None:
        if not service.capabilities.boost:
            pytest.skip("no boosts here")
        (post_id,) = await bench.seed([unique()])
        await assert_toggles(bench, post_id, service.set_boosted, lambda post: post.mine.boosted)

    async def test_bookmark_toggles(self, bench: Bench, service: Service) -> None:
        if not service.capabilities.bookmark:
            pytest.skip("no bookmarks here")
        (post_id,) = await bench.seed([unique()])
        await assert_toggles(bench, post_id, service.set_bookmarked, lambda post: post.mine.bookmarked)

    async def test_measure_agrees_with_the_server(self, bench: Bench, service: Service) -> None:
        needs_posting(service)
        limit = service.capabilities.max_length
        fits, over = bench.text(limit), bench.text(limit + 1)
        assert (service.measure(fits).used, service.measure(fits).over) == (limit, 0)
        assert service.measure(over).over == 1
        await self.publish(bench, fits)
        with pytest.raises(RejectedError):
            await self.publish(bench, over)
        assert await bench.count(over) == 0

    async def test_publishing_again_never_doubles(self, bench: Bench, service: Service) -> None:
        needs_posting(service)
        text = unique()
        prepared = await service.prepare(outgoing(text))
        first = await service.publish(prepared)
        if service.capabilities.idempotency is Idempotency.READ_BACK:
            found = await eventually(lambda: service.find(prepared), bool, bench.patience)
            assert found is not None
            assert found.remote_id == first.remote_id
            return
        with contextlib.suppress(OutcomeUnknownError):  # then find() is asked, as the outbox does
            assert (await service.publish(prepared)).remote_id == first.remote_id
        assert await bench.count(text) == 1
        assert await service.find(prepared) is not None

    async def test_two_equal_posts_are_two(self, bench: Bench, service: Service) -> None:
        needs_posting(service)
        text = unique()
        first, second = outgoing(text), outgoing(text)
        for each in (first, second):
            with contextlib.suppress(RejectedError):  # some services refuse the same text twice
                await service.publish(await service.prepare(each))
        assert await bench.count(text) in (1, 2)
        assert await service.find(await service.prepare(first)) is not None

    async def test_find_tells_what_has_arrived(self, bench: Bench, service: Service) -> None:
        await self.publish(bench, unique())
        prepared = await service.prepare(outgoing(unique("a < b & c https://example.org/a?b=1")))
        assert await service.find(prepared) is None
        published = await service.publish(prepared)
        found = await eventually(lambda: service.find(prepared), bool, bench.patience)
        assert found is not None
        assert found.remote_id == published.remote_id

    async def test_a_lost_answer_is_found_by_reading_back(self, bench: Bench, service: Service) -> None:
        needs_posting(service)
        text = unique()
        prepared = await service.prepare(outgoing(text))
        await bench.lose_answer()
        with pytest.raises(OutcomeUnknownError):
            await service.publish(prepared)
        found = await eventually(lambda: service.find(prepared), bool, bench.patience)
        assert found is not None
        assert await bench.count(text) == 1

    # ------------------------------------------------------------ faults

    @pytest.mark.parametrize(
        ("fault", "error"),
        [
            ("auth", AuthError),
            ("limited", RateLimitedError),
            ("down", UnreachableError),
            ("refused", RejectedError),
            ("garbage", UnreachableError),
        ],
    )
    async def test_faults_have_their_names(
        self, bench: Bench, service: Service, fault: str, error: type[ServiceError]
    ) -> None:
        await service.page()
        await bench.fail(fault)
        with pytest.raises(error) as caught:
            await service.page()
        assert caught.value.account == service.account.name
        assert "\n" not in str(caught.value)
        if fault != "limited":  # after that one, waiting is right
            await bench.later()
            await service.page()  # one fault is one fault

    @pytest.mark.slow
    async def test_wrong_answers_crash_nothing(
        self, bench: Bench, service: Service, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
    ) -> None:
        """10,000 for each adapter; 5,000 for each dialect of one that has several."""
        (name,) = await bench.seed([f"{unique()} https://example.org/x #tag"])
        post = next(post for post in (await service.page()).posts if post.remote_id == name)
        fuzz = Fuzz(monkeypatch)
        await fuzz.record_reading(service, post)
        survived = await fuzz.run(5_000 if hasattr(request.node, "callspec") else 10_000, assert_all_safe)
        if not fuzz.given:
            pytest.skip("nothing is asked over HTTP here")
        assert survived > fuzz.given / 20  # most answers are read past what is wrong in them

    async def test_stream(self, bench: Bench, service: Service) -> None:
        if not service.capabilities.stream:
            pytest.skip("no stream here")
        text = unique("streamed")
        async with asyncio.timeout(20), aclosing(service.stream()) as events:
            assert isinstance(await anext(events), StreamOpened)
            (name,) = await bench.seed([text])
            async for event in events:  # a service may tell of more than posts
                if isinstance(event, Post) and event.remote_id == name:
                    assert_safe(event)
                    break
