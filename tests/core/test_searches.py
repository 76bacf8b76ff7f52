"""Work terms as searches on the services: each has its turn, and what fits joins the Work view."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from mbclient.core import searches, watch
from mbclient.core.ports import Page
from mbclient.core.stores import ViewQuery
from mbclient.domain.errors import (
    AuthError,
    MbclientError,
    RateLimitedError,
    RejectedError,
    UnreachableError,
    UnsupportedError,
    UsageError,
)
from mbclient.domain.post import PostKind
from tests.core.fakes import TUESDAY, Office, a_post

NINE = [f"term{number}" for number in range(9)]


class Asked(dict[str, Page]):
    """What a service finds; remembers what it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.queries: list[str] = []

    def get(self, key: str, default: object = None) -> Page:
        self.queries.append(key)
        return super().get(key) or Page()


def listen(office: Office) -> Asked:
    asked = Asked()
    office.service("work").found = asked
    return asked


async def terms(office: Office, *terms: str, **changes: object) -> None:
    work = replace(office.desk.preferences.work_filter, terms=terms, **changes)  # type: ignore[arg-type]  # by name
    await office.desk.use(replace(office.desk.preferences, work_filter=work))


async def refresh(office: Office) -> MbclientError | None:
    (done,) = await office.desk.refresher.refresh(["work"])
    return done.error


def ids(office: Office, view: str) -> list[str]:
    return [entry.post.id for entry in office.desk.reading.page(ViewQuery(view, peek=True))]


async def test_what_is_found_joins_the_work_view(office: Office) -> None:
    listen(office)["openssl"] = Page((a_post(remote_id="s1", text="openssl 4"),))
    assert await refresh(office) is None
    assert (ids(office, "work"), ids(office, "home")) == (["work:s1"], ["work:s1"])


async def test_what_the_terms_do_not_want_after_all_comes_in_nowhere(office: Office) -> None:
    """Services find word stems, parts of words, and what is excluded here."""
    await terms(office, "openssl", exclude=("giveaway",), hide_boosts=True)
    listen(office)["openssl"] = Page(
        (
            a_post(remote_id="s1", text="openssl 4"),
            a_post(remote_id="s2", text="opensslish"),
            a_post(remote_id="s3", text="openssl giveaway"),
            a_post(remote_id="s4", text="openssl", kind=PostKind.BOOST),
        )
    )
    await refresh(office)
    assert ids(office, "home") == ["work:s1"]


async def test_every_term_has_its_turn(office: Office) -> None:
    await terms(office, *NINE)
    asked = listen(office)
    for _turn in range(3):
        await refresh(office)
        office.clock.pass_(minutes=10)
    assert asked.queries == [*NINE, *NINE[:6]]


async def test_ten_minutes_apart_also_when_the_program_starts_anew(office: Office) -> None:
    await terms(office, *NINE)
    asked = listen(office)
    await refresh(office)
    office.clock.pass_(minutes=9)
    await refresh(office)
    assert asked.queries == NINE[:5]
    office.crash()
    await terms(office, *NINE)
    asked = listen(office)
    await refresh(office)
    assert asked.queries == []
    office.clock.pass_(seconds=40)  # no need to be exact to the second
    await refresh(office)
    assert asked.queries == [*NINE[5:], NINE[0]]


async def test_other_terms_begin_from_the_first_and_a_clock_set_back_stops_nothing(office: Office) -> None:
    await terms(office, *NINE)
    asked = listen(office)
    await refresh(office)
    office.clock.pass_(days=-1)
    await terms(office, "other", "terms")
    await refresh(office)
    assert asked.queries == [*NINE[:5], "other", "terms"]


@pytest.mark.parametrize(
    ("error", "goes_on"),
    [
        (RejectedError("not that one"), True),
        (UnsupportedError("no words, tags alone"), True),
        (UsageError("too long a query"), True),
        (UnreachableError("no route"), False),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_a_search_that_fails_takes_nothing_from_the_timeline_or_the_next_term(
    office: Office, error: MbclientError, goes_on: bool
) -> None:
    await terms(office, "openssl", "#infosec")
    asked = listen(office)
    office.remote.fault("work", "search", error)
    assert await refresh(office) is None
    assert asked.queries == (["#infosec"] if goes_on else [])


@pytest.mark.parametrize(
    "error", [AuthError("signed out"), RateLimitedError("slow", until=TUESDAY + timedelta(hours=1))]
)
async def test_limits_and_dead_tokens_are_the_accounts_state(office: Office, error: MbclientError) -> None:
    office.remote.fault("work", "search", error)
    assert await refresh(office) is error


async def test_nothing_is_asked_that_is_not_wanted_or_cannot_be(office: Office) -> None:
    asked = listen(office)
    await terms(office, "openssl", search_services=False)
    await refresh(office)
    await terms(office, "from:ciso@one.example", search_services=True)
    await refresh(office)
    service = office.service("work")
    service.capabilities = replace(service.capabilities, search=False)
    await terms(office, "openssl")
    await refresh(office)
    assert asked.queries == []


def test_a_poll_beside_a_stream_is_no_second_too_early() -> None:
    assert (searches.EVERY - searches.EARLY).total_seconds() < watch.LIVE_POLL_S
