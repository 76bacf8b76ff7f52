"""A status of the API as a post: the shapes of real servers, and every nonsense."""

from __future__ import annotations

import json
import random
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mbclient.domain.poll import Choice, Poll
from mbclient.domain.post import PostKind, Visibility
from mbclient.domain.safetext import SafeText
from mbclient.services.mastodon.fields import Garbage
from mbclient.services.mastodon.statuses import Decoder, each
from tests.services.contract import assert_safe
from tests.services.mastodon_server import MastodonServer

DECODER = Decoder("work", "mastodon.example", me="1")
LINK = "https://example.org/x"


def status(**changes: Any) -> dict[str, Any]:
    """A status as Mastodon 4.5 sends it, with some fields changed."""
    whole: dict[str, Any] = {
        "id": "115600000000000001",
        "created_at": "2026-11-24T08:00:00.123Z",
        "in_reply_to_id": None,
        "in_reply_to_account_id": None,
        "sensitive": False,
        "spoiler_text": "",
        "visibility": "public",
        "language": "sv",
        "uri": "https://mastodon.example/users/bo/statuses/115600000000000001",
        "url": "https://mastodon.example/@bo/115600000000000001",
        "replies_count": 1,
        "reblogs_count": 2,
        "favourites_count": 3,
        "edited_at": None,
        "favourited": True,
        "reblogged": False,
        "bookmarked": True,
        "content": f'<p>Hej <a href="{LINK}">{LINK}</a></p>',
        "reblog": None,
        "account": {
            "id": "2",
            "username": "bo",
            "acct": "bo",
            "display_name": "Bo Lind",
            "bot": False,
            "url": "https://mastodon.example/@bo",
        },
        "media_attachments": [
            {"id": "5", "type": "image", "url": "https://files.example/5.png", "description": "En häst"}
        ],
        "mentions": [
            {"id": "1", "username": "anna", "acct": "anna"},
            {"id": "9", "username": "eva", "acct": "eva@other.example"},
        ],
        "tags": [{"name": "ops", "url": "https://mastodon.example/tags/ops"}],
        "poll": None,
        "quote": None,
    }
    return whole | changes


def test_every_field() -> None:
    post = DECODER.post(status())
    assert_safe(post)
    assert (post.account, post.service, post.id) == ("work", "mastodon", "work:115600000000000001")
    assert (post.kind, post.text, post.lang, post.visibility) == (
        PostKind.POST,
        f"Hej {LINK}",
        "sv",
        Visibility.PUBLIC,
    )
    assert post.created_at == datetime(2026, 11, 24, 8, 0, 0, 123000, UTC)
    assert (post.author.handle, post.author.name, post.author.remote_id) == ("bo@mastodon.example", "Bo Lind", "2")
    assert [link.url for link in post.links] == [LINK]
    assert post.mentions == ("anna@mastodon.example", "eva@other.example")
    assert post.tags == ("ops",)
    assert [(media.type, media.alt, media.url) for media in post.media] == [
        ("image", "En häst", "https://files.example/5.png")
    ]
    assert (post.counts.replies, post.counts.boosts, post.counts.likes) == (1, 2, 3)
    assert (post.mine.liked, post.mine.boosted, post.mine.bookmarked) == (True, False, True)
    assert (post.cw, post.edited_at, post.in_reply_to, post.quoted, post.boosted_by) == (None,) * 5


def test_a_boost() -> None:
    wrapper = status(
        id="115600000000000009",
        created_at="2026-11-24T09:00:00.000Z",
        content="",
        reblog=status(),
        account={"id": "3", "acct": "carla@far.example", "display_name": "Carla"},
    )
    post = DECODER.post(wrapper)
    assert (post.kind, post.remote_id, post.boost_id) == (PostKind.BOOST, "115600000000000001", "115600000000000009")
    assert post.boosted_by is not None
    assert post.boosted_by.handle == "carla@far.example"
    assert post.sorted_at == post.boosted_at == datetime(2026, 11, 24, 9, tzinfo=UTC)
    assert post.author.handle == "bo@mastodon.example"
    assert not post.mine.boosted


def test_my_own_boost_is_mine() -> None:
    post = DECODER.post(status(id="9", reblog=status(), account={"id": "1", "acct": "anna"}))
    assert (post.mine.boosted, post.mine.boost_ref) == (True, "9")


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"in_reply_to_id": "7"}, PostKind.REPLY),
        ({"in_reply_to_id": 7}, PostKind.REPLY),
        ({"quote": {"state": "accepted", "quoted_status": status(id="8")}}, PostKind.QUOTE),
        ({"quote": {"state": "accepted", "quoted_status": status(id="8")}, "in_reply_to_id": "7"}, PostKind.QUOTE),
        ({"quote": {}}, PostKind.POST),
        ({"quote": None}, PostKind.POST),
    ],
)
def test_kinds(changes: dict[str, Any], kind: PostKind) -> None:
    assert DECODER.post(status(**changes)).kind == kind


def test_a_quote_hides_its_own_line() -> None:
    content = f'<p class="quote-inline">RE: <a href="{LINK}">{LINK}</a></p><p>mine</p>'
    quoted = status(id="8", content="<p>theirs</p>", quote={"state": "accepted", "quoted_status": status()})
    post = DECODER.post(status(content=content, quote={"state": "accepted", "quoted_status": quoted}))
    assert post.quoted is not None
    assert (post.text, post.quoted.text, post.quoted.remote_id, post.quoted.state) == (
        "mine",
        "theirs",
        "8",
        "accepted",
    )
    assert post.quote_of == "8"
    assert post.links == ()


@pytest.mark.parametrize(("said", "known"), [("private", Visibility.FOLLOWERS), ("public", Visibility.PUBLIC)])
def test_who_may_read_what_is_quoted_is_kept(said: str, known: Visibility) -> None:
    post = DECODER.post(status(quote={"state": "accepted", "quoted_status": status(id="8", visibility=said)}))
    assert post.quoted is not None
    assert post.quoted.visibility is known


@pytest.mark.parametrize(
    "state", ["pending", "rejected", "revoked", "deleted", "unauthorized", "blocked_account", "new\x1b"]
)
def test_a_quote_without_its_post_says_why(state: str) -> None:
    post = DECODER.post(status(quote={"state": state, "quoted_status": None, "quoted_status_id": "8"}))
    assert post.quoted is not None
    assert post.quoted.text == ""
    assert post.quoted.state == SafeText.line(state)
    assert post.quoted.remote_id == "8"
    assert_safe(post)


def test_a_quote_as_the_forks_send_it() -> None:
    post = DECODER.post(status(quote=status(id="8", content="<p>theirs</p>")))
    assert post.quoted is not None
    assert (post.quoted.text, post.quoted.state) == ("theirs", "accepted")


@pytest.mark.parametrize(
    ("name", "visibility"),
    [
        ("public", Visibility.PUBLIC),
        ("unlisted", Visibility.UNLISTED),
        ("private", Visibility.FOLLOWERS),
        ("direct", Visibility.DIRECT),
        ("local", Visibility.FOLLOWERS),
        ("mutuals_only", Visibility.FOLLOWERS),
        ("list:7", Visibility.DIRECT),
        ("something new", Visibility.DIRECT),
        (None, Visibility.DIRECT),
    ],
)
def test_an_unknown_visibility_is_never_wider(name: str | None, visibility: Visibility) -> None:
    assert DECODER.post(status(visibility=name)).visibility == visibility


@pytest.mark.parametrize(
    ("name", "visibility"),
    [("public", Visibility.FOLLOWERS), ("unlisted", Visibility.FOLLOWERS), ("direct", Visibility.DIRECT)],
)
def test_what_stays_on_its_server_is_no_public_post(name: str, visibility: Visibility) -> None:
    """Of glitch-soc, Hometown and GoToSocial."""
    assert DECODER.post(status(visibility=name, local_only=True)).visibility == visibility
    assert DECODER.post(status(visibility=name, local_only=False)).visibility == name


POLL = {
    "id": "34830",
    "expires_at": "2026-11-25T08:00:00.000Z",
    "expired": False,
    "multiple": True,
    "votes_count": 5,
    "voters_count": 4,
    "voted": True,
    "own_votes": [1],
    "options": [{"title": "Ja", "votes_count": 3}, {"title": "Nej\x1b[31m\nalls", "votes_count": 2}],
}


def test_a_poll() -> None:
    post = DECODER.post(status(content="<p>Kaffe?</p>", poll=POLL))
    assert_safe(post)
    assert post.text == "Kaffe?"
    assert post.poll == Poll(
        (Choice(SafeText("Ja"), 3), Choice(SafeText("Nej␛[31m alls"), 2, mine=True)),
        multiple=True,
        ends=datetime(2026, 11, 25, 8, tzinfo=UTC),
        voters=4,
        voted=True,
        id="34830",
    )
    assert post.whole_text == "Kaffe?\n\n○ Ja (3)\n○ Nej␛[31m alls (2)"


def test_a_poll_whose_figures_are_hidden_or_that_has_none() -> None:
    hidden = {**POLL, "expired": True, "options": [{"title": "Ja", "votes_count": None}, {"title": "Nej"}]}
    poll = DECODER.post(status(content="", poll={**hidden, "voters_count": None, "own_votes": None})).poll
    assert poll is not None
    assert (poll.votes, poll.voters, poll.share(poll.choices[0]), poll.closed) == (None, None, None, True)
    assert DECODER.post(status(content="", poll=hidden)).whole_text == "○ Ja\n○ Nej"
    assert DECODER.post(status(poll={**POLL, "options": []})).poll is None
    assert DECODER.post(status(poll="x")).poll is None


def test_a_quoted_poll_is_legible() -> None:
    quoted = status(id="4", content="<p>Kaffe?</p>", poll=POLL)
    post = DECODER.post(status(quote={"state": "accepted", "quoted_status": quoted}))
    assert post.quoted is not None
    assert post.quoted.text == "Kaffe?\n\n○ Ja (3)\n○ Nej␛[31m alls (2)"


@pytest.mark.parametrize(
    ("account", "handle", "name"),
    [
        ({"acct": "bo", "display_name": ""}, "bo@mastodon.example", "bo"),
        ({"acct": "bo", "display_name": "\u200b\u202e "}, "bo@mastodon.example", "bo"),
        ({"acct": "@bo@x.example", "display_name": "Bo\nLind"}, "bo@x.example", "Bo Lind"),
        ({"username": "bo", "display_name": "B"}, "bo@mastodon.example", "B"),
        ({"acct": "b o\x1b", "display_name": "B"}, "bo␛@mastodon.example", "B"),
    ],
)
def test_authors(account: dict[str, Any], handle: str, name: str) -> None:
    author = DECODER.post(status(account={"id": "2", **account})).author
    assert (author.handle, author.name) == (handle, name)


@pytest.mark.parametrize(
    ("changes", "uri"),
    [
        ({"uri": "tag:x,2026:1"}, "tag:x,2026:1"),
        ({"uri": None}, "https://mastodon.example/@bo/115600000000000001"),
        ({"uri": "a b"}, "https://mastodon.example/@bo/115600000000000001"),
        ({"uri": "x\x1b[31m", "url": None}, "mastodon:mastodon.example:115600000000000001"),
        ({"uri": 7, "url": "javascript:x"}, "mastodon:mastodon.example:115600000000000001"),
    ],
)
def test_uris(changes: dict[str, Any], uri: str) -> None:
    assert DECODER.post(status(**changes)).uri == uri


def test_ids_are_strings() -> None:
    post = DECODER.post(status(id=115600000000000000001, account={"id": 2**60, "acct": "bo"}))
    assert (post.remote_id, post.author.remote_id) == ("115600000000000000001", str(2**60))


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-11-24T08:00:00.123Z", datetime(2026, 11, 24, 8, 0, 0, 123000, UTC)),
        ("2026-11-24T08:00:00+00:00", datetime(2026, 11, 24, 8, tzinfo=UTC)),
        ("2026-11-24T09:00:00+01:00", datetime(2026, 11, 24, 8, tzinfo=UTC)),
        ("2026-11-24T08:00:00", datetime(2026, 11, 24, 8, tzinfo=UTC)),
        ("2026-11-24", datetime(2026, 11, 24, tzinfo=UTC)),
    ],
)
def test_times(text: str, at: datetime) -> None:
    assert DECODER.post(status(created_at=text)).created_at == at


@pytest.mark.parametrize(
    "raw",
    [
        None,
        7,
        "x",
        [],
        {},
        {"id": "1"},
        status(id=None),
        status(id=""),
        status(id="a b"),
        status(id="x" * 300),
        status(id=True),
        status(id=1.5),
        status(created_at=None),
        status(created_at="yesterday"),
        status(created_at=1764000000),
        status(created_at="0001-01-01T00:00:00+14:00"),
        status(account=None),
        status(account={}),
        status(account={"acct": "\u202e"}),
        status(reblog={"id": "1"}),
        status(id=None, reblog=status()),
    ],
)
def test_nonsense_is_skipped(raw: object) -> None:
    with pytest.raises(Garbage):
        DECODER.post(raw)
    assert [post.remote_id for post in each([status(id="1"), raw, status(id="2")], DECODER.post)] == ["1", "2"]


NOTHING: list[Any] = [
    None,
    0,
    -1,
    2**70,
    1.5,
    True,
    "",
    "x",
    "\x1b]0;x\x07",
    "\u202e",
    [],
    [[]],
    {},
    {"a": 1},
    [None],
    "9" * 5000,
]


def mutated(value: Any, chance: random.Random) -> Any:
    """The value with something wrong somewhere in it."""
    if isinstance(value, dict) and value and chance.random() < 0.9:
        name = chance.choice(list(value))
        if chance.random() < 0.1:
            return {key: inner for key, inner in value.items() if key != name}
        return value | {name: mutated(value[name], chance)}
    if isinstance(value, list) and value and chance.random() < 0.7:
        place = chance.randrange(len(value))
        return [*value[:place], mutated(value[place], chance), *value[place + 1 :]]
    return chance.choice(NOTHING)


@pytest.mark.parametrize("rounds", [1_000, pytest.param(10_000, marks=pytest.mark.slow)])
def test_mutations_crash_nothing_and_take_no_neighbour(rounds: int) -> None:
    chance = random.Random(rounds)
    quoting = status(
        id="3",
        quote={"state": "accepted", "quoted_status": status(id="4")},
        poll={"options": [{"title": "a", "votes_count": 1}]},
    )
    shapes = [status(), status(id="2", reblog=status()), quoting]
    before, after = status(id="before"), status(id="after")
    for _number in range(rounds):
        raw = chance.choice(shapes)
        for _wrong in range(chance.randint(1, 4)):
            raw = mutated(raw, chance)
        posts = each([before, raw, after], DECODER.post)
        assert (posts[0].remote_id, posts[-1].remote_id) == ("before", "after")
        for post in posts:
            assert_safe(post)


@given(st.text(max_size=200))
@settings(max_examples=200)
def test_any_text_in_any_place_is_safe(text: str) -> None:
    raw = status(
        content=text,
        spoiler_text=text,
        language=text,
        uri=text,
        url=text,
        account={"id": "2", "acct": "b" + text, "display_name": text, "url": text},
        mentions=[{"acct": text}],
        tags=[{"name": text}],
        media_attachments=[{"type": text, "url": text, "description": text}],
        poll={"options": [{"title": text}]},
    )
    post = DECODER.post(json.loads(json.dumps(raw)))
    assert_safe(post)
    assert post.url.isprintable()
    assert post.uri.isprintable()


async def test_a_page_of_forty_is_quick() -> None:
    """A page must not hold up a key: some 10 ms of decoding here, in slices; a slip to 10 times that shows."""
    async with MastodonServer() as server:
        anna, bo = server.people["anna"], server.people["bo"]
        text = "Hej @anna #ops " + "ord " * 60 + "https://example.com/" + "x" * 60
        raw = [server.status(server.write(bo, text), anna) for _number in range(40)]
    begun = time.process_time()
    assert len(each(raw, DECODER.post)) == 40
    assert time.process_time() - begun < 0.2
