"""Notifications in groups, and which of them have been seen."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from mbclient.core.notices import grouped
from mbclient.domain.post import Author, Notification, NotificationKind
from mbclient.domain.safetext import SafeText
from tests.core.fakes import TUESDAY, Office, a_post

TOGETHER = {NotificationKind.LIKE, NotificationKind.BOOST, NotificationKind.FOLLOW}


def told(
    number: int, kind: NotificationKind = NotificationKind.LIKE, who: str = "bo", post: str = "1", account: str = "work"
) -> Notification:
    """The later the higher the number."""
    author = Author(SafeText(f"{who}@else.example"), SafeText(who))
    about = None if kind is NotificationKind.FOLLOW else a_post(account, post)
    return Notification(account, f"n{number}", kind, TUESDAY + timedelta(minutes=number), author, about)


def test_likes_of_one_post_are_one_group_with_everybody_once() -> None:
    groups = grouped([told(1, who="bo"), told(2, who="eva"), told(3, post="2"), told(4, who="bo"), told(5, who="cia")])
    assert [[each.name for each in group.authors] for group in groups] == [["cia", "bo", "eva"], ["bo"]]
    assert [group.at for group in groups] == [TUESDAY + timedelta(minutes=5), TUESDAY + timedelta(minutes=3)]


def test_followers_are_one_group_and_what_somebody_wrote_stands_alone() -> None:
    follow, mention, reply = NotificationKind.FOLLOW, NotificationKind.MENTION, NotificationKind.REPLY
    groups = grouped([told(1, follow), told(2, follow, "eva"), told(3, mention), told(4, mention), told(5, reply)])
    assert [(group.kind, len(group.members)) for group in groups] == [
        (reply, 1), (mention, 1), (mention, 1), (follow, 2)
    ]  # fmt: skip


def test_a_like_of_a_post_that_is_gone_stands_alone() -> None:
    gone = [replace(told(number), post=None) for number in (1, 2)]
    assert len(grouped(gone)) == 2


def test_the_accounts_are_kept_apart() -> None:
    assert len(grouped([told(1), told(2, account="sky")])) == 2


NOTIFICATIONS = st.lists(
    st.builds(
        told,
        st.integers(0, 99),
        st.sampled_from(NotificationKind),
        st.sampled_from(["bo", "eva", "cia"]),
        st.sampled_from(["1", "2"]),
        st.sampled_from(["work", "sky"]),
    ),
    max_size=12,
    unique_by=lambda each: each.remote_id,
)


@given(NOTIFICATIONS, st.integers(-1, 99))
def test_nothing_is_lost_or_told_twice_and_a_group_is_unread_as_long_as_one_in_it_is(
    notifications: list[Notification], seen: int
) -> None:
    marked = [replace(each, read=each.at <= TUESDAY + timedelta(minutes=seen)) for each in notifications]
    groups = grouped(marked)
    members = [each for group in groups for each in group.members]
    assert sorted(each.remote_id for each in members) == sorted(each.remote_id for each in marked)
    assert [group.at for group in groups] == sorted((group.at for group in groups), reverse=True)
    assert len({group.name for group in groups}) == len(groups)
    for group in groups:
        assert len({(each.account, each.kind) for each in group.members}) == 1
        assert len(group.members) == 1 or group.kind in TOGETHER
        assert group.unread == (group.at > TUESDAY + timedelta(minutes=seen))


def test_what_has_been_seen_is_read_for_good_and_never_becomes_unread(office: Office) -> None:
    office.desk.world.stores.archive.store_notifications([told(1), told(2), told(3)])

    def read() -> list[bool]:
        return [each.read for each in office.desk.reading.notifications()]

    assert read() == [False, False, False]
    office.desk.reading.notifications_seen(TUESDAY + timedelta(minutes=2))
    assert read() == [False, True, True]
    office.desk.reading.notifications_seen(TUESDAY)
    office.crash()
    assert read() == [False, True, True]
