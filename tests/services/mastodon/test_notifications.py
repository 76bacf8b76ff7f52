"""Notifications and profiles of the API as the domain's own."""

from __future__ import annotations

from typing import Any

import pytest

from mbclient.domain.post import NotificationKind, Visibility
from mbclient.services.mastodon.fields import Garbage
from tests.services.mastodon.test_statuses import DECODER, status


@pytest.mark.parametrize(
    ("name", "changes", "kind"),
    [
        ("mention", {}, NotificationKind.MENTION),
        ("mention", {"in_reply_to_account_id": "1"}, NotificationKind.REPLY),
        ("mention", {"in_reply_to_account_id": "2"}, NotificationKind.MENTION),
        ("favourite", {}, NotificationKind.LIKE),
        ("reblog", {}, NotificationKind.BOOST),
        ("quote", {}, NotificationKind.QUOTE),
        ("follow", {}, NotificationKind.FOLLOW),
        ("poll", {}, NotificationKind.OTHER),
        ("follow_request", {}, NotificationKind.OTHER),
        ("pleroma:emoji_reaction", {}, NotificationKind.OTHER),
    ],
)
def test_notifications(name: str, changes: dict[str, Any], kind: NotificationKind) -> None:
    raw = {
        "id": "n1",
        "type": name,
        "created_at": "2026-11-24T08:00:00.000Z",
        "account": status()["account"],
        "status": None if name == "follow" else status(**changes),
    }
    found = DECODER.notification(raw)
    assert found.kind == kind
    assert found.author is not None
    assert (found.post is None) is (name == "follow")
    assert found.detail == (name if kind is NotificationKind.OTHER else "")


def test_a_notification_survives_a_post_of_nonsense() -> None:
    raw = {"id": 7, "type": "favourite", "created_at": "2026-11-24T08:00:00Z", "account": 3, "status": {"id": None}}
    found = DECODER.notification(raw)
    assert (found.remote_id, found.author, found.post) == ("7", None, None)
    for name in ("id", "type", "created_at"):
        with pytest.raises(Garbage):
            DECODER.notification(raw | {name: None})


def test_a_profile_is_what_rule_4_looks_at() -> None:
    raw = {
        "id": "1",
        "acct": "anna",
        "display_name": "Anna Ek",
        "note": "<p>Utvecklare på <b>Example AB</b></p>",
        "fields": [{"name": "Arbetsgivare", "value": '<a href="https://example.org">example.org</a>'}, None],
        "source": {"privacy": "private"},
    }
    profile = DECODER.profile(raw)
    assert profile.text == "Anna Ek\nUtvecklare på Example AB\nArbetsgivare: https://example.org"
    assert (profile.handle, profile.default_visibility) == ("anna@mastodon.example", Visibility.FOLLOWERS)
    wrongs: list[object] = [{}, {"id": "1"}, {"acct": "anna"}, None, []]
    for wrong in wrongs:
        with pytest.raises(Garbage):
            DECODER.profile(wrong)
