"""What the desktop is told: who writes to the user, once, from now on, and in working hours alone if so wished."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mbclient.core.preferences import AlertWishes
from mbclient.domain.post import Author, Notification, NotificationKind
from mbclient.domain.safetext import SafeText
from tests.core.fakes import Office, a_post

BO = Author(SafeText("bo@else.example"), SafeText("Bo Ek"), remote_id="bo")


@pytest.fixture
def awake(office: Office) -> Office:
    office.prefer(alerts=AlertWishes(desktop=True))
    return office


def come(
    office: Office,
    *names: str,
    kind: NotificationKind = NotificationKind.MENTION,
    ago: timedelta = timedelta(0),
    read: bool = False,
) -> None:
    at = office.clock.now() - ago
    post = a_post(text="the secret plan")
    office.desk.world.stores.archive.store_notifications(
        [Notification("work", name, kind, at, BO, post, read=read) for name in names]
    )


def told(office: Office) -> list[tuple[str, str]]:
    return [(alert.title, alert.body) for alert in office.desk.alerts.due()]


def test_who_and_where_and_never_what(awake: Office) -> None:
    come(awake, "1")
    assert told(awake) == [("Bo Ek mentions you", "work")]


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (NotificationKind.REPLY, ["Bo Ek replies to you"]),
        (NotificationKind.QUOTE, ["Bo Ek quotes you"]),
        (NotificationKind.LIKE, []),
        (NotificationKind.FOLLOW, []),
        (NotificationKind.BOOST, []),
    ],
)
def test_only_what_calls_for_somebody(awake: Office, kind: NotificationKind, words: list[str]) -> None:
    come(awake, "1", kind=kind)
    assert [title for title, _body in told(awake)] == words


def test_nothing_is_told_twice_and_nothing_old(awake: Office) -> None:
    come(awake, "before", ago=timedelta(hours=1))
    assert told(awake) == []
    come(awake, "1")
    assert len(told(awake)) == 1
    assert told(awake) == []


def test_what_came_since_the_program_began_is_told_however_late_it_is_asked_for(awake: Office) -> None:
    come(awake, "1")
    awake.clock.pass_(minutes=5)
    assert len(told(awake)) == 1


def test_what_was_read_elsewhere_is_not_told(awake: Office) -> None:
    come(awake, "1", read=True)
    assert told(awake) == []


def test_many_at_once_are_one(awake: Office) -> None:
    come(awake, *map(str, range(4)))
    assert told(awake) == [("4 write to you", "work")]


def test_it_is_quiet_after_work_and_makes_up_for_nothing(awake: Office) -> None:
    awake.clock.pass_(hours=9)
    come(awake, "1")
    assert told(awake) == []
    awake.prefer(alerts=AlertWishes(desktop=True, quiet_outside_work=False))
    assert told(awake) == []
    come(awake, "2")
    assert len(told(awake)) == 1


def test_nothing_is_told_unasked(office: Office) -> None:
    come(office, "1")
    assert told(office) == []
    office.prefer(alerts=AlertWishes(desktop=True))
    assert told(office) == []


def test_a_name_from_outside_is_one_short_line(awake: Office) -> None:
    rude = Author(SafeText("x"), SafeText("a\nb" + "c" * 500), remote_id="x")
    awake.desk.world.stores.archive.store_notifications(
        [Notification("work", "1", NotificationKind.MENTION, awake.clock.now(), rude, a_post())]
    )
    title = told(awake)[0][0]
    assert "\n" not in title
    assert len(title) < 100
