"""What the tests of words share: both languages, the catalogue as it is written now, a policy and a day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from mbclient.policy.model import CountState, Machine, Mode, Organisation, Policy, Status
from mbclient.texts import set_language
from mbclient.texts.build_catalogues import compile_all

STOCKHOLM = ZoneInfo("Europe/Stockholm")


@pytest.fixture(scope="session", autouse=True)
def _catalogues() -> None:
    """The installed .mo may be older than the .po beside it."""
    compile_all()


@pytest.fixture(autouse=True)
def _english_afterwards() -> Iterator[None]:
    yield
    set_language("en")


@pytest.fixture
def policy() -> Policy:
    return Policy(zone=STOCKHOLM, employer=Organisation(name="Grönkvist"), person_name="Anna Ek")


def at(clock: str, day: str = "2026-11-24") -> datetime:
    """A wall time in Stockholm as a UTC instant; the day is a Tuesday unless said otherwise."""
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=STOCKHOLM).astimezone(UTC)


def status_of(**changes: Any) -> Status:
    """Tuesday 10:28 at work, three posts sent, the next time 11:40; then what the test changes."""
    usual = Status(
        now=at("10:28"),
        count=3,
        planned=0,
        limit=8,
        count_state=CountState.OK,
        current_slot=None,
        current_until=None,
        next_slot=at("11:40"),
        work_time=True,
        workday=True,
        machine=Machine.WORK,
        modes={"masto": Mode.IDENTIFIED},
        why=("work-time", "work-computer"),
        skew=timedelta(0),
    )
    return replace(usual, **changes)
