"""What clocks do to planned posts and to the count: change days, another zone, sleep over midnight, wrong clocks.

Policy facts 3.1 and 5.2, reliability facts 4.3. A computer that sleeps stops the clock that undo and back-off go by,
and not the one on its wall.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from mbclient.core import instants
from mbclient.core.stores import OutboxRow, SendState
from mbclient.domain.account import Known
from mbclient.domain.errors import UnreachableError
from tests.core.fakes import CONFIG, TUESDAY, Office, a_draft

SECOND = timedelta(seconds=1)


def office_in(folder: Path, zone: str) -> Office:
    """An office whose policy goes by this zone."""
    where = f'[policy]\ntimezone = "{zone}"\n\n[policy.employer]'
    return Office(folder / "office", config=CONFIG.replace("[policy.employer]", where))


def the_row(office: Office) -> OutboxRow:
    (row,) = office.desk.outbox.rows()
    return row


async def flushed(office: Office, at: datetime) -> SendState:
    """The row's state once what is due at this instant has been handled."""
    office.clock.steady += max(0.0, (at - office.clock.at).total_seconds())
    office.clock.at = at
    await office.desk.sender.flush()
    return the_row(office).state


# ---------------------------------------------------------------- change days


CHANGES = [  # the evening before, by the wall; the wall clock of the next day, and its instant
    ("Europe/Stockholm", "2026-03-28 20:00", "2026-03-29 08:40", "2026-03-29T06:40Z"),
    ("Europe/Stockholm", "2026-03-28 20:00", "2026-03-29 02:30", "2026-03-29T01:30Z"),  # there is no 02:30: 03:30
    ("Europe/Stockholm", "2026-10-24 20:00", "2026-10-25 08:40", "2026-10-25T07:40Z"),
    ("Europe/Stockholm", "2026-10-24 20:00", "2026-10-25 02:30", "2026-10-25T00:30Z"),  # twice: the first
    ("America/Havana", "2026-03-07 20:00", "2026-03-08 00:30", "2026-03-08T05:30Z"),  # midnight is left out
    ("America/Havana", "2026-10-31 20:00", "2026-11-01 11:40", "2026-11-01T16:40Z"),
    ("Australia/Lord_Howe", "2026-10-03 20:00", "2026-10-04 08:40", "2026-10-03T21:40Z"),  # by half an hour
    ("Pacific/Apia", "2011-12-29 20:00", "2011-12-31 08:40", "2011-12-30T18:40Z"),  # a day is left out
    ("Africa/Cairo", "2026-04-23 20:00", "2026-04-24 00:30", "2026-04-23T22:30Z"),  # midnight is left out here, too
]


@pytest.mark.parametrize(("zone", "evening", "wall", "instant"), CHANGES)
async def test_a_post_planned_over_a_change_day_goes_when_the_wall_clock_says(
    tmp_path: Path, zone: str, evening: str, wall: str, instant: str
) -> None:
    office = office_in(tmp_path, zone)
    office.clock.at = datetime.fromisoformat(evening).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    for account in ("work", "sky"):
        office.desk.accounts.confirm(account, employer=Known.YES, real_name=Known.YES)  # as of this day
    due = instants.future(wall, office.desk.judge.policy, office.clock.at)
    assert due == datetime.fromisoformat(instant)
    office.desk.composer.submit(a_draft(due=due), confirmed=True)
    assert await flushed(office, due - SECOND) is SendState.QUEUED
    assert await flushed(office, due) is SendState.SENT
    office.close()


@pytest.mark.parametrize("zone", ["Europe/Stockholm", "America/Havana", "Australia/Lord_Howe", "Africa/Cairo"])
async def test_the_recommended_times_keep_their_wall_clock_all_year(tmp_path: Path, zone: str) -> None:
    """Planning again and again at the next time: every one is on the wall where the company has it."""
    office = office_in(tmp_path, zone)
    office.clock.at = datetime(2026, 3, 1, tzinfo=UTC)
    walls = set()
    for day in range(0, 360, 3):
        slot = office.desk.fixes.when("schedule-next-slot", office.clock.at + timedelta(days=day))
        assert slot is not None
        walls.add(f"{slot.astimezone(ZoneInfo(zone)):%H:%M}")
    assert walls <= {"08:40", "11:40", "15:00"}
    office.close()


# ---------------------------------------------------------------- another zone


@pytest.fixture
def machine_zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """The computer's own zone may be set; it is as before afterwards."""
    yield monkeypatch
    monkeypatch.undo()
    time.tzset()


async def test_the_computer_travels_and_nothing_moves(office: Office, machine_zone: pytest.MonkeyPatch) -> None:
    due = TUESDAY + timedelta(hours=2)
    office.desk.composer.submit(a_draft("sent"), confirmed=True)
    await office.desk.sender.flush()
    office.desk.composer.submit(a_draft("planned", due=due), confirmed=True)
    before = office.desk.judge.status()
    for zone in ("Asia/Tokyo", "Pacific/Kiritimati", "America/Los_Angeles", "UTC"):
        machine_zone.setenv("TZ", zone)
        time.tzset()
        assert office.desk.judge.status() == before
        planned = [row.draft.due for row in office.desk.timetable.planned()]
        assert planned == [due]
    office.clock.pass_(hours=2)
    await office.desk.sender.flush()
    assert office.remote.texts("work") == ["sent", "planned"]


async def test_the_company_sets_another_zone_while_it_runs(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Planned posts keep their instant; which day they and the sent ones count on is the new zone's."""
    office.clock.at = TUESDAY.replace(hour=21, minute=0)  # 22:00 in Stockholm, 06:00 on Wednesday in Tokyo
    due = office.clock.at + timedelta(hours=1, minutes=30)
    office.desk.composer.submit(a_draft("sent"), confirmed=True)
    await office.desk.sender.flush()
    office.desk.composer.submit(a_draft("planned", due=due), confirmed=True)
    status = office.desk.judge.status()
    assert (status.count, status.planned) == (1, 1)
    company = tmp_path / "company.toml"
    company.write_text('timezone = "America/New_York"\n', "utf-8")
    monkeypatch.setenv("MBCLIENT_COMPANY_POLICY", str(company))
    office.crash()
    assert office.desk.judge.policy.zone_name == "America/New_York"
    assert [row.draft.due for row in office.desk.timetable.planned()] == [due]
    company.write_text('timezone = "Europe/Helsinki"\n', "utf-8")  # 23:00 now; due at 00:30 on Wednesday
    status = office.desk.judge.status()
    assert office.desk.judge.policy.zone_name == "Europe/Helsinki"
    assert (status.count, status.planned) == (1, 0)
    office.clock.pass_(hours=1, minutes=30)
    await office.desk.sender.flush()
    assert office.remote.texts("work") == ["sent", "planned"]
    status = office.desk.judge.status()
    assert (status.count, status.planned) == (1, 0)  # a new day has begun there


# ---------------------------------------------------------------- asleep


def sleep(office: Office, **span: float) -> None:
    """The computer is suspended for so long: its steady clock stands."""
    office.clock.at += timedelta(**span)


@pytest.mark.parametrize(("slept", "state"), [(70, SendState.SENT), (75, SendState.SENT), (76, SendState.HELD)])
async def test_asleep_over_a_due_time(office: Office, slept: float, state: SendState) -> None:
    """Due an hour from now: a quarter of an hour late goes, later asks."""
    office.desk.composer.submit(a_draft(due=TUESDAY + timedelta(hours=1)), confirmed=True)
    sleep(office, minutes=slept)
    await office.desk.sender.flush()
    assert the_row(office).state is state
    assert office.remote.texts("work") == (["Hej"] if state is SendState.SENT else [])


async def test_asleep_over_midnight(office: Office) -> None:
    """What was planned for last night waits for the user, is on no day's count, and goes when they say so."""
    office.clock.at = TUESDAY.replace(hour=21, minute=0)  # 22:00
    outbox = office.desk.composer.submit(a_draft(due=TUESDAY.replace(hour=22)), confirmed=True)[0].outbox
    assert office.desk.judge.status().planned == 1
    sleep(office, hours=9, minutes=40)
    await office.desk.sender.flush()
    assert the_row(office).state is SendState.HELD
    status = office.desk.judge.status()
    assert (status.count, status.planned) == (0, 0)
    office.desk.unsent.retry(outbox)
    await office.desk.sender.flush()
    assert the_row(office).state is SendState.SENT
    assert office.desk.judge.status().count == 1  # on Wednesday


async def test_asleep_within_the_seconds_of_undo(office: Office) -> None:
    """The seconds that were left are left on waking; after an hour it waits for the user instead."""
    office.desk.composer.submit(a_draft("short"), undo_seconds=5, confirmed=True)
    await office.desk.sender.flush()
    office.clock.pass_(seconds=2)
    sleep(office, minutes=30)
    await office.desk.sender.flush()
    assert not office.remote.accepted
    office.clock.pass_(seconds=3)
    await office.desk.sender.flush()
    assert office.remote.texts("work") == ["short"]
    office.desk.composer.submit(a_draft("long"), undo_seconds=5, confirmed=True)
    await office.desk.sender.flush()
    sleep(office, hours=8)
    office.clock.pass_(seconds=6)
    await office.desk.sender.flush()
    assert office.remote.texts("work") == ["short"]
    assert [row.state for row in office.desk.outbox.rows()] == [SendState.SENT, SendState.HELD]


# ---------------------------------------------------------------- wrong clocks


@pytest.mark.parametrize("hours", [-26, -2, 2, 26])
async def test_a_clock_set_while_a_post_waits_sends_nothing_before_its_seconds(office: Office, hours: float) -> None:
    office.desk.composer.submit(a_draft(), undo_seconds=5, confirmed=True)
    await office.desk.sender.flush()
    office.clock.at += timedelta(hours=hours)
    for _second in range(4):
        await office.desk.sender.flush()
        assert not office.remote.accepted
        office.clock.pass_(seconds=1)
    office.clock.pass_(seconds=1)
    await office.desk.sender.flush()
    sent = hours < 1  # more than an hour since send was pressed, as far as anybody can tell: the user is asked
    assert the_row(office).state is (SendState.SENT if sent else SendState.HELD)


@pytest.mark.parametrize("hours", [-2, 2])
async def test_a_back_off_is_as_long_as_it_was_however_the_clock_is_set(office: Office, hours: float) -> None:
    office.remote.fault("work", "prepare", *[UnreachableError("down")] * 4)
    office.desk.composer.submit(a_draft(), confirmed=True)
    for _time in range(2):  # the second time it is seen to wait
        await office.desk.sender.flush()
    office.clock.at += timedelta(hours=hours)
    for _second in range(60):
        await office.desk.sender.flush()
        office.clock.pass_(seconds=1)
    asked = office.remote.requests("work", "prepare")
    assert 2 <= asked <= 6 if hours < 0 else asked == 1  # two hours on, it is too old to go by itself
    assert the_row(office).state is (SendState.SENT if hours < 0 else SendState.HELD)


@pytest.mark.parametrize("off", [-3 * 3600, -240, -61, 61, 240, 3 * 3600])
async def test_a_planned_post_goes_by_the_servers_clock(office: Office, off: float) -> None:
    """This clock is `off` seconds behind theirs: not a second before its time there, and not late either."""
    office.services.skew = [("one", float(off)), ("two", float(off))]
    due = office.desk.judge.corrected_now() + timedelta(hours=4)
    office.desk.composer.submit(a_draft(due=due), confirmed=True)
    ours = due - timedelta(seconds=off)
    assert await flushed(office, ours - SECOND) is SendState.QUEUED
    assert await flushed(office, ours) is SendState.SENT


@pytest.mark.parametrize("off", [-60, 60])
async def test_a_minute_is_no_wrong_clock(office: Office, off: float) -> None:
    office.services.skew = [("one", float(off)), ("two", float(off))]
    due = TUESDAY + timedelta(hours=4)
    office.desk.composer.submit(a_draft(due=due), confirmed=True)
    assert await flushed(office, due - SECOND) is SendState.QUEUED
    assert await flushed(office, due) is SendState.SENT


async def test_a_clock_found_to_be_hours_behind_makes_late_what_it_had_kept(office: Office) -> None:
    """The servers tell that it has passed already: the user is asked."""
    due = TUESDAY + timedelta(hours=1)
    office.desk.composer.submit(a_draft(due=due), confirmed=True)
    office.services.skew = [("one", 7200.0), ("two", 7200.0)]
    assert await flushed(office, TUESDAY + SECOND) is SendState.HELD


async def test_the_count_is_of_the_day_that_the_servers_have(office: Office) -> None:
    """Two minutes to midnight here, past it there: yesterday's posts no longer count."""
    office.clock.at = TUESDAY.replace(hour=22, minute=50)
    office.desk.composer.submit(a_draft(), confirmed=True)
    await office.desk.sender.flush()
    office.clock.at = TUESDAY.replace(hour=22, minute=58)
    assert office.desk.judge.status().count == 1
    office.services.skew = [("one", 300.0), ("two", 300.0)]
    assert office.desk.judge.status().count == 0
