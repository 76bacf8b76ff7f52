"""Mutes and filters: what they hide and for how long, that counts stay honest, and that lifting one undoes it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbclient.core import resift
from mbclient.core.events import FactsChanged, FilterChanged
from mbclient.core.muting import Muter, added, as_choice, conversation, lifted, line_of, work_time_end
from mbclient.core.preferences import HiddenKinds, Mute, Preferences, View, WorkFilter
from mbclient.core.sieve import Around, Sieve
from mbclient.core.stores import ViewQuery, hidden_mark
from mbclient.domain.account import Account
from mbclient.domain.errors import UsageError
from mbclient.domain.post import Author, Booster, FilterAction, Filtered, Post, PostKind
from mbclient.domain.safetext import SafeText
from tests.core.fakes import TUESDAY, Office, a_post, mine

ME = Account("work", "mastodon", "https://one.example", "anna@one.example", "me-work")
HOUR = timedelta(hours=1)
EVERY = (ViewQuery("work"), ViewQuery("home"), ViewQuery("Security", ("work",)), ViewQuery("mine"))


def nobody(_post: Post) -> Post | None:
    return None


def hidden_in(sieve: Sieve, post: Post, account: Account = ME) -> set[str]:
    (arrival,) = sieve.sort([post], account)
    return {view for view in ("work", "home", "mentions", "mine", "Own") if hidden_mark(view) in arrival.views}


def sieve_with(*mutes: Mute, **others: object) -> Sieve:
    preferences = Preferences(mutes=mutes, **others)  # type: ignore[arg-type]  # fields by name
    return Sieve(preferences, Around(now=lambda: TUESDAY))


# ---------------------------------------------------------------- what a mute concerns


@pytest.mark.parametrize(
    ("mute", "post", "hidden"),
    [
        (Mute("football"), a_post(text="Football again"), {"work", "home"}),
        (Mute("football"), a_post(text="a footballer"), set()),
        (Mute("from:bo@else.example"), a_post(), {"work", "home"}),
        (Mute("football", until=TUESDAY + HOUR), a_post(text="football"), {"work", "home"}),
        (Mute("football", until=TUESDAY), a_post(text="football"), set()),
        (Mute("football"), mine(text="my football"), set()),
        (Mute("hello"), a_post(mentions=(SafeText("anna@one.example"),)), {"work", "home", "mentions"}),
    ],
)
def test_what_a_mute_hides(mute: Mute, post: Post, hidden: set[str]) -> None:
    assert hidden_in(sieve_with(mute), post) == hidden


EVA, NILS = (Author(SafeText(f"{name}@else.example"), remote_id=name) for name in ("eva", "nils"))
BY_EVA = a_post(kind=PostKind.BOOST, boosted_by=EVA, boost_id="b-eva", boosted_at=TUESDAY)
BY_NILS = replace(BY_EVA, boosted_by=NILS, boost_id="b-nils")
BY_BOTH = replace(BY_EVA, boosters=(Booster(NILS, "b-nils"),))


@pytest.mark.parametrize(
    ("muted", "hidden"),
    [
        (("from:eva@else.example",), False),
        (("from:nils@else.example",), False),
        (("from:eva@else.example", "from:nils@else.example"), True),
        (("from:bo@else.example",), True),
        (("hello",), True),
    ],
)
def test_what_several_boosted_is_hidden_when_all_of_them_are_muted(muted: tuple[str, ...], *, hidden: bool) -> None:
    sieve = sieve_with(*map(Mute, muted))
    assert (sieve.why(BY_BOTH).muted is not None) is hidden
    assert bool(sieve.hidden([BY_BOTH], "thread")) is hidden


@pytest.mark.parametrize("order", [(BY_EVA, BY_NILS), (BY_NILS, BY_EVA)])
async def test_a_muted_boost_hides_nothing_that_another_one_shows(office: Office, order: tuple[Post, ...]) -> None:
    """In any order, and after the archive was sifted anew."""
    await office.desk.use(replace(office.desk.preferences, mutes=(Mute("from:nils@else.example"),)))
    told: list[object] = []
    office.desk.bus.listen(told.append)
    for boost in order:
        await office.desk.refresher.take([boost], office.desk.accounts.get("work"))
    assert len(office.desk.reading.page(ViewQuery())) == 1
    assert told.count(FilterChanged()) == (order[0] is BY_NILS), "what was hidden is asked for again"
    await office.desk.resifter.run()
    assert len(office.desk.reading.page(ViewQuery())) == 1
    await office.desk.use(replace(office.desk.preferences, mutes=(Mute("hello"),)))
    assert not office.desk.reading.page(ViewQuery())


ITSELF = replace(BY_EVA, kind=PostKind.REPLY, boosted_by=None, boost_id="", boosted_at=None)


@pytest.mark.parametrize("order", [(BY_EVA, ITSELF), (ITSELF, BY_EVA)])
@pytest.mark.parametrize(
    ("wanted", "shown"),
    [
        ({"mutes": (Mute("from:eva@else.example"),)}, True),
        ({"mutes": (Mute("from:bo@else.example"),)}, False),
        ({"hide": HiddenKinds(boosts=("home",))}, True),
        ({"hide": HiddenKinds(replies=("home",))}, True),
        ({"hide": HiddenKinds(boosts=("home",), replies=("home",))}, False),
        ({"work_filter": WorkFilter(exclude=("from:eva@else.example",))}, True),
        ({"work_filter": WorkFilter(exclude=("from:bo@else.example",))}, False),
    ],
)
async def test_what_has_come_in_several_ways_is_hidden_when_all_of_them_are(
    office: Office, wanted: dict[str, Any], shown: bool, order: tuple[Post, ...]
) -> None:
    """In any order, after an edit, and after the archive was sifted anew."""
    await office.desk.use(replace(office.desk.preferences, **wanted))
    query, account = ViewQuery("work" if "work_filter" in wanted else "home"), office.desk.accounts.get("work")
    edited = replace(order[1], text=SafeText("hello again"), edited_at=TUESDAY)
    for post in (*order, edited):
        await office.desk.refresher.take([post], account)
    assert len(office.desk.reading.page(query)) == shown
    await office.desk.resifter.run()
    assert len(office.desk.reading.page(query)) == shown


def test_a_muted_post_keeps_its_terms_and_its_views() -> None:
    sieve = sieve_with(Mute("football"), work_filter=WorkFilter(("openssl",)))
    (arrival,) = sieve.sort([a_post(text="openssl and football")], ME)
    assert arrival.post.terms == ("openssl",)
    assert arrival.views == {"work", hidden_mark("work"), hidden_mark("home")}
    why = sieve.why(a_post(text="openssl and football"))
    assert (why.shown, why.terms, why.muted) == (False, ("openssl",), Mute("football"))
    assert sieve.why(a_post(text="openssl and football"), own=True).shown


def test_of_several_the_longest_is_told() -> None:
    short, long, ever = Mute("a", until=TUESDAY + HOUR), Mute("b", until=TUESDAY + 2 * HOUR), Mute("c")
    muter = Muter((short, long))
    assert muter.match(a_post(text="a b"), TUESDAY, nobody) == long
    assert Muter((short, ever, long)).match(a_post(text="a b c"), TUESDAY, nobody) == ever


def test_nothing_is_compiled_again_for_a_post(monkeypatch: pytest.MonkeyPatch) -> None:
    sieve = sieve_with(*(Mute(f"word{number}") for number in range(500)))

    def refuse(*_args: object) -> None:
        raise AssertionError("a term was read again")

    monkeypatch.setattr("mbclient.core.muting.read_terms", refuse)
    monkeypatch.setattr("mbclient.core.criteria.read_terms", refuse)
    assert hidden_in(sieve, a_post(text="word499")) == {"work", "home"}
    assert hidden_in(sieve, a_post(text="word500")) == set()


def test_a_bad_term_is_refused_and_the_rules_before_stay() -> None:
    sieve = sieve_with(Mute("football"))
    with pytest.raises(UsageError, match="from:"):
        sieve.use(Preferences(mutes=(Mute("from:"),)))
    assert not sieve.why(a_post(text="football")).shown


# ---------------------------------------------------------------- conversations


def chain(length: int, account: str = "work") -> list[Post]:
    """A post, an answer, an answer to that …"""
    return [
        a_post(account, str(number), kind=PostKind.REPLY if number else PostKind.POST, **answers(number))
        for number in range(length)
    ]


def answers(number: int) -> dict[str, Any]:
    return {"in_reply_to": str(number - 1)} if number else {}


def test_a_conversation_is_muted_with_all_its_branches() -> None:
    posts = chain(5)
    known = {post.remote_id: post for post in posts}
    other_branch = a_post(remote_id="9", in_reply_to="1", kind=PostKind.REPLY)
    alone = a_post(remote_id="8")

    def parent(post: Post) -> Post | None:
        return known.get(post.in_reply_to or "")

    muter = Muter((Mute(thread=conversation(posts[3], parent)),))
    for post in (*posts, other_branch):
        assert muter.match(post, TUESDAY, parent) is not None, post.remote_id
    assert muter.match(alone, TUESDAY, parent) is None


def test_the_same_number_on_another_server_is_another_post() -> None:
    muter = Muter((Mute(thread=conversation(a_post(remote_id="9", in_reply_to="5"), nobody)),))
    assert muter.match(a_post(remote_id="10", in_reply_to="5"), TUESDAY, nobody) is not None
    assert muter.match(a_post("sky", "10", in_reply_to="5"), TUESDAY, nobody) is None


def test_services_that_name_the_root_by_an_address_are_heard_by_every_account() -> None:
    root = "at://did:plc:bo/app.bsky.feed.post/1"
    muter = Muter((Mute(thread=conversation(a_post("sky", "x", root=(root, "c")), nobody)),))
    assert muter.match(a_post("work", "y", root=(root, "c"), in_reply_to="at://z"), TUESDAY, nobody) is not None


def test_answers_in_a_circle_end() -> None:
    one, two = a_post(remote_id="1", in_reply_to="2"), a_post(remote_id="2", in_reply_to="1")
    assert set(line_of(one, lambda post: two if post.remote_id == "1" else one)) >= {one.uri, two.uri}


async def test_an_answer_that_arrives_with_its_question_is_muted(office: Office) -> None:
    account = office.desk.accounts.get("work")
    posts = chain(60)
    await mute(office, Mute(thread=(posts[0].uri,)))
    await office.desk.refresher.take(list(reversed(posts)), account)
    assert office.desk.reading.counts(ViewQuery("home")).shown == 0
    assert office.desk.reading.counts(ViewQuery("home")).hidden == 60


# ---------------------------------------------------------------- kinds, a view at a time


def test_boosts_and_replies_are_hidden_where_it_is_wanted() -> None:
    boost, reply = a_post(kind=PostKind.BOOST), a_post(kind=PostKind.REPLY)
    own = View("Own", hide_replies=True)
    sieve = sieve_with(views=(own,), hide=HiddenKinds(boosts=("Home", "own")), work_filter=WorkFilter(hide_boosts=True))
    assert hidden_in(sieve, boost) == {"home", "Own", "work"}
    assert hidden_in(sieve, reply) == {"Own"}
    assert sieve.why(reply, "Own").hidden_kind == "reply"
    assert sieve.why(reply).shown


# ---------------------------------------------------------------- filters at the service


def a_filter(action: FilterAction = FilterAction.HIDE, **fields: object) -> Filtered:
    return Filtered("work", SafeText("Sport"), action, **fields)  # type: ignore[arg-type]  # fields by name


@pytest.mark.parametrize(
    ("filtered", "hidden"),
    [
        (a_filter(), {"work", "home", "mentions"}),
        (a_filter(FilterAction.WARN), set()),
        (a_filter(FilterAction.BLUR), set()),
        (a_filter(contexts=("home",)), {"work", "home"}),
        (a_filter(contexts=("notifications",)), {"mentions"}),
        (a_filter(contexts=("thread", "public")), set()),
        (a_filter(until=TUESDAY), set()),
        (a_filter(until=TUESDAY + HOUR), {"work", "home", "mentions"}),
        (a_filter(id="1"), {"work", "home", "mentions"}),
        (a_filter(id="2"), set()),
    ],
)
def test_a_filter_acts_in_its_contexts_until_its_end_and_while_it_stands(filtered: Filtered, hidden: set[str]) -> None:
    sieve = Sieve(Preferences(), Around(now=lambda: TUESDAY, filters=lambda _account: frozenset({"1"})))
    post = a_post(mentions=(SafeText("anna@one.example"),), filtered=(filtered,))
    assert hidden_in(sieve, post) == hidden
    assert sieve.why(post).filtered == (filtered if "work" in hidden else None)
    assert hidden_in(sieve, replace(post, author=mine().author)) == set()


def test_a_filter_that_warns_covers() -> None:
    warn, blur, over = a_filter(FilterAction.WARN), a_filter(FilterAction.BLUR), a_filter(until=TUESDAY)
    post = a_post(filtered=(warn, blur, replace(over, action=FilterAction.WARN), a_filter()))
    assert sieve_with().covers(post) == (warn, blur)


PLACES = ("home", "notifications", "public", "thread", "account")
FILTERS = st.builds(
    a_filter,
    st.sampled_from(FilterAction),
    contexts=st.lists(st.sampled_from((*PLACES, "elsewhere")), max_size=2, unique=True).map(tuple),
    until=st.none() | st.integers(-2, 2).map(lambda hours: TUESDAY + hours * HOUR),
    id=st.sampled_from(["", "1", "2"]),
)


@given(filters=st.lists(FILTERS, max_size=5), place=st.sampled_from(PLACES), known=st.none() | st.just(frozenset("1")))
def test_one_filter_that_hides_is_enough_and_what_is_over_elsewhere_or_lifted_does_nothing(
    filters: list[Filtered], place: str, known: frozenset[str] | None
) -> None:
    sieve = Sieve(Preferences(), Around(now=lambda: TUESDAY, filters=lambda _account: known))
    post = a_post(filtered=tuple(filters))
    acting = [
        each
        for each in filters
        if (each.until is None or each.until > TUESDAY)
        and (not each.contexts or place in each.contexts)
        and (known is None or each.id in ("", "1"))
    ]
    hiding = [each for each in acting if each.action is FilterAction.HIDE]
    assert sieve.hidden([post], place) == ({post.id: hiding[0]} if hiding else {})
    assert {each.action for each in sieve.covers(post, place)} == {each.action for each in acting} - {FilterAction.HIDE}


def test_mutes_that_do_not_count_somewhere_leave_the_others() -> None:
    author, word = Mute("from:bo@else.example"), Mute("football")
    sieve, post = sieve_with(author, word), a_post(text="football")
    assert sieve.hidden([post], "account") == {post.id: author}
    assert sieve.hidden([post], "account", lambda mute: mute == author) == {post.id: word}
    assert sieve.hidden([post], "account", lambda _mute: True) == {}


def test_an_answer_to_an_answer_that_a_service_just_gave_belongs_to_its_muted_conversation() -> None:
    posts = chain(4)
    sieve = sieve_with(Mute(thread=(posts[0].uri,)))
    assert set(sieve.hidden(posts, "thread")) == {post.id for post in posts}


# ---------------------------------------------------------------- the archive


async def mute(office: Office, *mutes: Mute) -> None:
    await office.desk.use(replace(office.desk.preferences, mutes=mutes))


def shown(office: Office) -> dict[str, list[str]]:
    return {query.view: [entry.post.id for entry in office.desk.reading.page(query, limit=500)] for query in EVERY}


async def filled(office: Office, number: int = 6) -> None:
    account = office.desk.accounts.get("work")
    words = ("openssl", "cve football", "football", "lunch", "openssl cve", "openssl football")
    posts = [a_post(remote_id=str(n), text=words[n % len(words)]) for n in range(number)]
    await office.desk.refresher.take([*posts, mine(remote_id="me", text="football openssl")], account)


async def test_counts_stay_honest_and_peeking_shows_all(office: Office) -> None:
    await filled(office, 300)
    before = office.desk.reading.counts(ViewQuery("work"))
    assert (before.shown, before.received) == (151, 301)
    await mute(office, Mute("football"))
    counts = office.desk.reading.counts(ViewQuery("work"))
    assert (counts.shown, counts.hidden, counts.received) == (101, 200, 301)
    home = office.desk.reading.counts(ViewQuery("home"))
    assert (home.shown, home.hidden) == (151, 150)
    assert len(office.desk.reading.page(ViewQuery("home", peek=True), limit=500)) == 301


@given(
    terms=st.lists(st.sampled_from(["football", "openssl", "from:bo", "lunch", '"cve football"', "o*"]), max_size=3),
    hours=st.none() | st.integers(1, 48),
)
def test_muting_and_lifting_is_nothing(terms: list[str], hours: int | None) -> None:
    until = None if hours is None else TUESDAY + hours * HOUR
    before = (Mute("already"), Mute("fixed", fixed=True))
    mutes: tuple[Mute, ...] = before
    for term in terms:
        mutes = added(mutes, Mute(term, until=until), TUESDAY)
    for term in terms:
        mutes = lifted(mutes, Mute(term))
    assert mutes == before


async def test_muting_and_lifting_leaves_the_archive_as_it_was(office: Office) -> None:
    await filled(office, 260)
    before = shown(office), [entry.views for entry in office.desk.reading.page(ViewQuery(peek=True), limit=500)]
    for each in (Mute("football"), Mute("from:bo"), Mute(thread=("work:3",)), Mute("openssl", until=TUESDAY + HOUR)):
        await mute(office, each)
        assert shown(office) != before[0]
    await mute(office)
    assert (shown(office), [e.views for e in office.desk.reading.page(ViewQuery(peek=True), limit=500)]) == before


@given(st.lists(st.sampled_from(["football", "openssl", "lunch", "cve"]), min_size=1), st.booleans())
def test_what_no_rule_hides_is_shown_and_what_one_hides_is_not(words: list[str], boost: bool) -> None:
    post = a_post(text=" ".join(words), kind=PostKind.BOOST if boost else PostKind.POST)
    sieve = sieve_with(Mute("football"), hide=HiddenKinds(boosts=("home",)))
    assert ("home" in hidden_in(sieve, post)) == ("football" in words or boost)
    assert sieve.why(post, "home").shown == ("home" not in hidden_in(sieve, post))


async def test_where_terms_mean_more_than_in_the_version_before_all_is_sifted_once(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    resifter = office.desk.resifter
    await resifter.freshen()
    resifter._rules = None  # another start
    assert not await resifter.freshen()
    monkeypatch.setattr(resift, "MEANING", resift.MEANING + 1)
    resifter._rules = None
    assert await resifter.freshen()
    assert not await resifter.freshen()


async def test_a_mute_ends_in_the_running_program(office: Office) -> None:
    await filled(office)
    everything = shown(office)
    await mute(office, Mute("football", until=TUESDAY + HOUR))
    hidden = shown(office)
    assert hidden != everything
    office.clock.pass_(minutes=59)
    assert not await office.desk.resifter.freshen()
    assert shown(office) == hidden
    told: list[object] = []
    office.desk.bus.listen(lambda event: told.append(event) if isinstance(event, FilterChanged) else None)
    office.clock.pass_(minutes=2)
    assert await office.desk.resifter.freshen()
    assert shown(office) == everything
    assert told
    assert not await office.desk.resifter.freshen()


async def test_a_quiet_second_looks_at_nothing_and_an_end_is_seen_in_its_second(office: Office) -> None:
    resifter, looks = office.desk.resifter, 0
    assert not resifter.known_stale(), "nothing is known yet"
    await filled(office)
    await mute(office, Mute("football", until=TUESDAY + HOUR))
    await resifter.freshen()
    real = resifter.stale

    def stale() -> bool:
        nonlocal looks
        looks += 1
        return real()

    with patch.object(resifter, "stale", stale):
        for _second in range(5):
            assert not resifter.known_stale()
            office.clock.pass_(seconds=1)
        assert looks == 1
        office.desk.bus.publish(FactsChanged())
        assert not resifter.known_stale()
        assert looks == 2, "whatever is told may bear on it"
        office.clock.pass_(hours=1)
        assert resifter.known_stale()


async def test_a_mute_that_ended_while_the_program_was_off_is_over_at_the_start(office: Office) -> None:
    office.config.write_text(office.config.read_text() + '[[mutes]]\nterm = "football"\nuntil = 2026-11-24T12:00:00Z\n')
    office.crash()
    await filled(office)
    await office.desk.resifter.freshen()
    hidden = shown(office)
    office.crash()
    assert not await office.desk.resifter.freshen()
    office.clock.pass_(hours=3)
    office.crash()
    assert await office.desk.resifter.freshen()
    assert sum(map(len, shown(office).values())) > sum(map(len, hidden.values()))


async def test_a_filter_ends_or_is_lifted_at_its_service(office: Office) -> None:
    account = office.desk.accounts.get("work")
    service = office.service("work")
    service.capabilities = replace(service.capabilities, filters=frozenset({"1", "2"}))
    await office.desk.refresher.refresh()
    await office.desk.resifter.freshen()
    ends = a_filter(id="1", until=TUESDAY + HOUR)
    await office.desk.refresher.take(
        [a_post(filtered=(ends,)), a_post(remote_id="2", filtered=(a_filter(id="2"),))], account
    )
    assert shown(office)["home"] == []
    office.clock.pass_(hours=2)
    assert await office.desk.resifter.freshen()
    assert shown(office)["home"] == ["work:1"]
    service.capabilities = replace(service.capabilities, filters=frozenset({"1"}))
    assert await office.desk.resifter.freshen()
    assert set(shown(office)["home"]) == {"work:1", "work:2"}


async def test_a_filter_that_ended_while_the_program_was_off_is_over_at_the_start(office: Office) -> None:
    """Though no service can be asked yet what became of it."""
    await office.desk.resifter.freshen()
    ends = a_filter(until=TUESDAY + HOUR)
    await office.desk.refresher.take([a_post(filtered=(ends,))], office.desk.accounts.get("work"))
    office.crash()
    assert not await office.desk.resifter.freshen()
    assert shown(office)["home"] == []
    office.clock.pass_(hours=2)
    office.crash()
    assert await office.desk.resifter.freshen()
    assert shown(office)["home"] == ["work:1"]


# ---------------------------------------------------------------- keeping them


def test_the_same_thing_is_muted_once_and_what_is_over_goes() -> None:
    old, fixed = Mute("old", until=TUESDAY), Mute("football", fixed=True)
    mutes = added((old, fixed, Mute("football", until=TUESDAY + HOUR)), Mute("football"), TUESDAY)
    assert mutes == (fixed, Mute("football"))
    assert lifted(mutes, Mute("football")) == (fixed,)
    assert as_choice((*mutes, Mute(thread=("work:1",), note="Bo", until=TUESDAY))) == [
        {"term": "football"},
        {"thread": ("work:1",), "note": "Bo", "until": TUESDAY},
    ]


@pytest.mark.parametrize(
    ("now", "end"),
    [
        ("2026-11-24T10:40:00", "2026-11-24T16:00:00"),
        ("2026-11-24T17:00:00", "2026-11-25T16:00:00"),
        ("2026-11-27T18:00:00", "2026-11-30T16:00:00"),
    ],
)
def test_work_time_ends_today_or_on_the_next_workday(office: Office, now: str, end: str) -> None:
    policy = office.desk.judge.policy
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert work_time_end(policy, at) == datetime.fromisoformat(end).replace(tzinfo=UTC)
