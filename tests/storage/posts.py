"""Posts for these tests: short to write, and Hypothesis strategies for every field."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from mbclient.core.stores import Arrival
from mbclient.domain.poll import Choice, Poll
from mbclient.domain.post import (
    Author,
    Booster,
    Counts,
    FilterAction,
    Filtered,
    Link,
    Media,
    Mine,
    Notification,
    NotificationKind,
    Post,
    PostKind,
    Quoted,
    Visibility,
)
from mbclient.domain.safetext import SafeText

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


class FixedClock:
    """A clock that tests set."""

    def __init__(self, now: datetime = NOON) -> None:
        self.time = now

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return self.time.timestamp()


def post(number: int, text: str = "", *, account: str = "work", **fields: Any) -> Post:
    """The post `number`, `number` minutes after noon, as `account` sees it: same uri for every account."""
    known: dict[str, Any] = {
        "account": account,
        "service": "mastodon",
        "remote_id": f"{account}-{number}",
        "uri": f"https://m.example/{number}",
        "author": Author(SafeText("anna@m.example"), SafeText("Anna")),
        "text": SafeText(text or f"post number {number}"),
        "created_at": NOON + timedelta(minutes=number),
    }
    return Post(**{**known, **fields})


def arrival(one: Post, *views: str, terms: dict[str, tuple[str, ...]] | None = None) -> Arrival:
    return Arrival(one, frozenset(views), terms or {})


# ---------------------------------------------------------------- strategies

# any code point at all: surrogates and NUL are what the store must mend
raw = st.text(st.characters(), max_size=30)
safe = st.builds(SafeText, raw)
moments = st.datetimes(
    min_value=datetime(1990, 1, 1),  # noqa: DTZ001 - Hypothesis makes them aware
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001 - as above
    timezones=st.just(UTC),
)
authors = st.builds(Author, safe, safe, raw, raw, st.booleans(), raw, st.booleans())
numbers = st.integers(0, 2**60)
posts = st.builds(
    Post,
    account=raw,
    service=raw,
    remote_id=raw,
    uri=raw,
    author=authors,
    text=safe,
    created_at=moments,
    url=raw,
    kind=st.sampled_from(PostKind),
    boosted_by=st.none() | authors,
    boost_id=raw,
    boosted_at=st.none() | moments,
    boosters=st.lists(st.builds(Booster, authors, raw, st.none() | moments, raw), max_size=2).map(tuple),
    edited_at=st.none() | moments,
    lang=st.none() | raw,
    in_reply_to=st.none() | raw,
    quoted=st.none() | st.builds(Quoted, authors, safe, raw, raw, raw, st.none() | st.sampled_from(Visibility)),
    cw=st.none() | safe,
    sensitive=st.booleans(),
    visibility=st.sampled_from(Visibility),
    links=st.lists(st.builds(Link, raw, safe), max_size=3).map(tuple),
    tags=st.lists(safe, max_size=3).map(tuple),
    mentions=st.lists(safe, max_size=3).map(tuple),
    media=st.lists(st.builds(Media, raw, safe, raw), max_size=3).map(tuple),
    counts=st.builds(Counts, numbers, numbers, numbers),
    mine=st.builds(Mine, st.booleans(), st.booleans(), st.booleans(), raw, raw),
    version=raw,
    root=st.none() | st.tuples(raw, raw),
    filtered=st.lists(
        st.builds(
            Filtered,
            raw,
            safe,
            st.sampled_from(FilterAction),
            st.lists(raw, max_size=2).map(tuple),
            st.none() | moments,
            raw,
        ),
        max_size=2,
    ).map(tuple),
    poll=st.none()
    | st.builds(
        Poll,
        st.lists(st.builds(Choice, safe, st.none() | numbers, st.booleans()), max_size=3).map(tuple),
        st.booleans(),
        st.none() | moments,
        st.booleans(),
        st.none() | numbers,
        st.booleans(),
        raw,
    ),
)
notifications = st.builds(
    Notification,
    account=raw,
    remote_id=raw,
    kind=st.sampled_from(NotificationKind),
    at=moments,
    author=st.none() | authors,
    post=st.none() | posts,
    detail=safe,
    read=st.booleans(),
)
