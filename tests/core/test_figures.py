"""The employee's own figures, against days and posts counted by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbclient.core.figures import half_up, minutes, percent
from mbclient.core.figurestores import Activity, ReadingPiece
from mbclient.core.figurewords import measures
from mbclient.core.preferences import Mute, WorkFilter
from mbclient.domain.account import Account
from mbclient.domain.post import Author, PostKind
from mbclient.domain.safetext import SafeText
from tests.core.fakes import TUESDAY, Office, a_post, mine

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("part", "whole", "expected"), [(0, 0, None), (0, 7, 0), (1, 8, 13), (1, 3, 33), (2, 3, 67), (7, 7, 100)]
)
def test_percent_rounds_half_up(part: int, whole: int, expected: int | None) -> None:
    assert percent(part, whole) == expected


async def test_days_posts_and_work_share(office: Office) -> None:
    account, sky = office.desk.accounts.get("work"), office.desk.accounts.get("sky")
    late = TUESDAY.replace(hour=23, minute=30) - timedelta(days=1)  # 00:30 on Tuesday in Stockholm
    await office.desk.refresher.take([a_post(remote_id="a", text="openssl", created_at=late)], account)
    await office.desk.refresher.take([a_post(remote_id="b", text="lunch")], account)
    await office.desk.refresher.take([a_post("sky", "c", created_at=TUESDAY - timedelta(days=3))], sky)
    office.service("work").own = [mine(remote_id="o1"), mine(remote_id="o2", created_at=late)]
    await office.desk.refresher.own_posts(account, TUESDAY - timedelta(days=2))
    figures = office.desk.statistics.figures(4)
    assert [(day.date, day.posts, day.received, day.work, day.workday) for day in figures.days] == [
        (date(2026, 11, 21), 0, 1, 0, False),
        (date(2026, 11, 22), 0, 0, 0, False),
        (date(2026, 11, 23), 0, 0, 0, True),
        (date(2026, 11, 24), 2, 2, 1, True),
    ]
    services = {name: (one.posts, one.inflow.received, one.inflow.work) for name, one in figures.by_service.items()}
    assert services == {"bluesky": (0, 1, 0), "mastodon": (2, 2, 1)}
    assert (figures.received, figures.work, figures.work_percent, figures.limit) == (3, 1, 33, 8)


def test_no_data_is_not_zero(office: Office) -> None:
    assert office.desk.statistics.figures().work_percent is None
    assert len(office.desk.statistics.figures().days) == 14
    assert not office.desk.statistics.figures().data


async def test_a_day_on_which_the_program_did_not_run_is_no_data(office: Office) -> None:
    account = office.desk.accounts.get("work")
    await office.desk.refresher.take([a_post(created_at=TUESDAY - timedelta(days=3))], account)
    assert [day.data for day in office.desk.statistics.figures(4).days] == [True, False, False, True]


async def test_days_before_the_first_record_are_no_data(office: Office) -> None:
    account = office.desk.accounts.get("work")
    await office.desk.refresher.take([a_post(created_at=TUESDAY - timedelta(days=2))], account)
    office.desk.world.stores.reading.ran(TODAY - timedelta(days=1))  # nothing came, and that is known
    assert [day.data for day in office.desk.statistics.figures(4).days] == [False, True, True, True]
    office.service("work").own = [mine(remote_id="o1", created_at=TUESDAY - timedelta(days=3))]
    await office.desk.refresher.own_posts(account, TUESDAY - timedelta(days=5))
    assert [day.data for day in office.desk.statistics.figures(5).days] == [False, True, True, True, True]


# ---------------------------------------------------------------- what is hidden


async def test_what_hides_a_post_is_told_apart(office: Office) -> None:
    account = office.desk.accounts.get("work")
    office.prefer(mutes=(Mute("from:loud@else.example"),))
    office.desk.sieve.use(office.desk.preferences)
    loud = Author(SafeText("loud@else.example"), remote_id="loud")
    posts = [
        a_post(remote_id="1", text="openssl 4 is out"),
        a_post(remote_id="2", text="what a fine lunch that was"),
        a_post(remote_id="3", text="openssl giveaway today"),  # excluded
        a_post(remote_id="4", text="openssl again and again", author=loud),
    ]
    await office.desk.refresher.take(posts, account)
    inflow = office.desk.statistics.figures(1).inflow
    assert (inflow.received, inflow.filtered, inflow.muted) == (4, 2, 1)
    assert inflow.hidden_words == 6 + 3 + 4
    assert office.desk.statistics.figures(1).saved_minutes == 0  # 13 words at 200 a minute


async def test_what_only_a_pseudonymous_account_has_seen_is_in_no_figure(office: Office) -> None:
    await office.desk.refresher.take([a_post(remote_id="1", uri="https://else.example/1")], _account(office, "work"))
    both = a_post("sky", "2", uri="https://else.example/1")
    await office.desk.refresher.take([both, a_post("sky", "3")], _account(office, "sky"))
    assert office.desk.statistics.figures(1).received == 2
    office.desk.world.accounts.save(replace(_account(office, "sky"), pseudonymous=True))
    assert office.desk.statistics.figures(1).received == 1


async def test_terms_are_counted_each(office: Office) -> None:
    office.prefer(work_filter=WorkFilter(terms=("openssl", "cve")))
    office.desk.sieve.use(office.desk.preferences)
    posts = [a_post(remote_id=str(n), text=text) for n, text in enumerate(("openssl cve", "cve", "lunch"))]
    await office.desk.refresher.take(posts, _account(office, "work"))
    terms = office.desk.statistics.figures(1).by_term
    assert {term: one.inflow.received for term, one in terms.items()} == {"cve": 2, "openssl": 1}


# ---------------------------------------------------------------- recommended times, limit, reading, cost


async def test_slot_adherence_counts_posts_in_work_time_that_are_no_replies(office: Office) -> None:
    at = TUESDAY.replace(hour=7, minute=45)  # 08:45 in Stockholm: in the window of 08:40
    sent = [
        mine(remote_id="1", text="one", created_at=at),
        mine(remote_id="2", text="two", created_at=at + timedelta(minutes=30)),
        mine(remote_id="3", text="three", created_at=at.replace(hour=5)),  # before work
        mine(remote_id="4", text="four", created_at=at + timedelta(hours=1), kind=PostKind.REPLY, in_reply_to="9"),
    ]
    office.service("work").own = sent
    await office.desk.refresher.own_posts(_account(office, "work"), TUESDAY - timedelta(days=1))
    figures = office.desk.statistics.figures(1)
    assert (figures.slots, figures.slot_percent) == ((2, 1), 50)
    (opened,) = (measure.made_of for measure in measures(figures) if measure.id == "slots")
    assert opened[1:] == ("Tue 24 Nov: 50 % (1 of 2)",)


async def test_days_over_the_limit_are_workdays_with_data(office: Office) -> None:
    saturday = TUESDAY - timedelta(days=3)
    office.service("work").own = [
        mine(remote_id=f"{day.day}-{n}", text=f"{day.day} {n}", created_at=day + timedelta(minutes=n))
        for day, number in ((TUESDAY, 9), (TUESDAY - timedelta(days=1), 8), (saturday, 20))
        for n in range(number)
    ]
    await office.desk.refresher.own_posts(_account(office, "work"), TUESDAY - timedelta(days=5))
    assert office.desk.statistics.figures(14).workdays == (1, 2)


def test_reading_minutes_and_what_they_cost(office: Office) -> None:
    def piece(minutes: float, *terms: str, work: bool = True, service: str = "mastodon") -> ReadingPiece:
        return ReadingPiece(TUESDAY, timedelta(minutes=minutes), TODAY, work, Activity.READING, service, terms)

    log = office.desk.world.stores.reading
    log.add([piece(45, "openssl"), piece(30), piece(15, service="bluesky"), piece(20, "openssl", work=False)])
    log.add([ReadingPiece(TUESDAY, timedelta(minutes=7), TODAY, True, Activity.COMPOSING)])
    figures = office.desk.statistics.figures(2)
    yesterday, today = figures.days
    assert yesterday.reading is None  # not measured is not zero
    assert today.reading == figures.reading
    assert figures.reading is not None
    assert [minutes(each) for each in (figures.reading.in_work_time, figures.reading.outside)] == [90, 20]
    assert minutes(figures.reading.related) == 65
    assert minutes(figures.reading.composing) == 7
    assert sum((one.reading.total for one in figures.by_service.values()), timedelta()) == figures.reading.total
    assert figures.cost is None
    opened = {measure.id: measure.made_of for measure in measures(replace(figures, rate=400))}
    assert "Tue 24 Nov: 7 min" in opened["composing"]
    assert "Tue 24 Nov: 600 SEK, of it 300 on posts without a work term" in opened["cost"]
    priced = replace(figures, rate=400)
    assert priced.cost == (600, 300)
    shown = {measure.id: measure.value for measure in measures(replace(priced, currency="SEK"))}
    assert shown["cost"] == "600 SEK, of it 300 on posts without a work term"
    assert shown["reading_work_time"] == "1 h 30 min, 45 min of it on work (50 %)"


def test_a_share_of_less_than_a_minute_is_not_told(office: Office) -> None:
    office.desk.world.stores.reading.add(
        [ReadingPiece(TUESDAY, timedelta(seconds=9), TODAY, True, Activity.READING, "mastodon")]
    )
    shown = {measure.id: measure.value for measure in measures(office.desk.statistics.figures(2))}
    assert shown["reading_work_time"] == "0 min"


def test_without_data_every_figure_is_a_dash(office: Office) -> None:
    values = {measure.id: measure.value for measure in measures(office.desk.statistics.figures())}
    assert set(values.values()) == {"–"}, values
    assert len(values) == 11


@given(st.integers(0, 10_000), st.integers(1, 10_000))
def test_half_up_is_the_nearest_whole_number(part: int, whole: int) -> None:
    found = half_up(part, whole)
    assert (2 * found - 1) * whole <= 2 * part < (2 * found + 1) * whole


def _account(office: Office, name: str) -> Account:
    return office.desk.accounts.get(name)
