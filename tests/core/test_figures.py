"""The employee's own figures, against days and posts counted by hand."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from mbclient.core.figures import percent
from tests.core.fakes import TUESDAY, Office, a_post, mine


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
    assert figures.by_service == {"bluesky": (1, 0), "mastodon": (2, 1)}
    assert (figures.received, figures.work, figures.work_percent, figures.limit) == (3, 1, 33, 8)


def test_no_data_is_not_zero(office: Office) -> None:
    assert office.desk.statistics.figures().work_percent is None
    assert len(office.desk.statistics.figures().days) == 14
    assert not office.desk.statistics.figures().data


async def test_days_before_the_first_record_are_no_data(office: Office) -> None:
    account = office.desk.accounts.get("work")
    await office.desk.refresher.take([a_post(created_at=TUESDAY - timedelta(days=2))], account)
    assert [day.data for day in office.desk.statistics.figures(4).days] == [False, True, True, True]
    office.service("work").own = [mine(remote_id="o1", created_at=TUESDAY - timedelta(days=3))]
    await office.desk.refresher.own_posts(account, TUESDAY - timedelta(days=5))
    assert [day.data for day in office.desk.statistics.figures(5).days] == [False, True, True, True, True]
