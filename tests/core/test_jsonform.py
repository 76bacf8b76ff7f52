"""The JSON of the commands: exactly the fields that scripts were promised, in their order."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from mbclient.core import jsonform
from mbclient.core.stores import SendState
from mbclient.domain.poll import Choice, Poll
from mbclient.domain.post import (
    Author,
    Booster,
    Counts,
    Link,
    Media,
    Mine,
    Notification,
    NotificationKind,
    PostKind,
    Quoted,
)
from mbclient.domain.safetext import SafeText
from tests.core.fakes import TUESDAY, Office, a_draft, a_post


def test_a_post() -> None:
    post = a_post(
        remote_id="109",
        text="plain",
        url="https://one.example/109",
        lang="sv",
        kind=PostKind.BOOST,
        boosted_by=Author(SafeText("cy"), SafeText("Cy"), "https://cy.example"),
        edited_at=TUESDAY,
        in_reply_to="108",
        quoted=Quoted(Author(SafeText("dee")), SafeText("quoted"), remote_id="107"),
        cw=SafeText(""),
        links=(Link("https://a.example"),),
        tags=(SafeText("infosec"),),
        media=(Media("image", SafeText("a cat"), "https://one.example/cat"),),
        counts=Counts(1, 2, 3),
        mine=Mine(liked=True, like_ref="secret"),
        also=("sky:at://x",),
        terms=("openssl",),
    )
    assert list(jsonform.post_json(post).items()) == [
        ("schema", 1),
        ("id", "work:109"),
        ("account", "work"),
        ("service", "mastodon"),
        ("remote_id", "109"),
        ("uri", "https://else.example/posts/work-109"),
        ("url", "https://one.example/109"),
        ("author", {"name": "Bo", "handle": "bo@else.example", "url": ""}),
        ("text", "plain"),
        ("lang", "sv"),
        ("created_at", "2026-11-24T10:35:00Z"),
        ("edited_at", "2026-11-24T10:40:00Z"),
        ("kind", "boost"),
        ("boosted_by", {"name": "Cy", "handle": "cy", "url": "https://cy.example"}),
        ("in_reply_to", "work:108"),
        ("quote_of", "work:107"),
        ("cw", ""),
        ("visibility", "public"),
        ("links", ["https://a.example"]),
        ("tags", ["infosec"]),
        ("media", [{"type": "image", "alt": "a cat", "url": "https://one.example/cat"}]),
        ("counts", {"replies": 1, "boosts": 2, "likes": 3}),
        ("mine", {"liked": True, "boosted": False, "bookmarked": False}),
        ("also", ["sky:at://x"]),
        ("terms", ["openssl"]),
    ]


def test_a_plain_post_has_every_field_too() -> None:
    plain = jsonform.post_json(a_post())
    for name in ("lang", "edited_at", "boosted_by", "in_reply_to", "quote_of", "cw"):
        assert plain[name] is None
    assert json.loads(json.dumps(plain)) == plain


def test_a_polls_choices_stand_in_the_text_as_they_always_have() -> None:
    poll = Poll((Choice(SafeText("ja"), 3), Choice(SafeText("nej"))))
    told = jsonform.post_json(a_post(text="Kaffe?", poll=poll))
    assert told["text"] == "Kaffe?\n\n○ ja (3)\n○ nej"
    assert told.keys() == jsonform.post_json(a_post()).keys()


def test_a_post_that_came_by_itself_names_who_boosted_it_and_is_no_boost() -> None:
    eva = Author(SafeText("eva@else.example"), SafeText("Eva"))
    told = jsonform.post_json(a_post(boosters=(Booster(eva),)))
    assert (told["kind"], told["boosted_by"]) == ("post", {"name": "Eva", "handle": "eva@else.example", "url": ""})


@pytest.mark.parametrize(
    ("when", "written"),
    [
        (None, None),
        (TUESDAY, "2026-11-24T10:40:00Z"),
        (TUESDAY + timedelta(microseconds=1500), "2026-11-24T10:40:00.001Z"),
        (datetime(2026, 11, 24, 12, tzinfo=timezone(timedelta(hours=1))), "2026-11-24T11:00:00Z"),
    ],
)
def test_instants(when: datetime | None, written: str | None) -> None:
    assert jsonform.instant(when) == written


def test_a_check(office: Office) -> None:
    office.clock.at = TUESDAY - timedelta(hours=1)
    check = office.desk.composer.check(a_draft())
    found = jsonform.check_json(check, office.desk.judge.policy, office.clock.now())
    assert list(found) == ["schema", "level", "findings", "per_target", "modes", "length"]
    (finding,) = json.loads(json.dumps(found))["findings"]
    message = finding.pop("message")
    assert finding == {
        "id": "P2-SLOT",
        "level": "nudge",
        "accounts": ["work"],
        "missing": [],
        "why": [],
        "fixes": ["schedule-next-slot"],
    }
    assert "rule 2" in message
    assert (found["per_target"], found["modes"]) == ({"work": "nudge"}, {"work": "identified"})
    assert found["length"] == {"work": {"used": 3, "limit": 60}}


def test_the_meter(office: Office) -> None:
    meter = jsonform.meter_json(office.desk.judge.status(), "text")
    assert json.loads(json.dumps(meter)) == {
        "schema": 1,
        "count": 0,
        "planned": 0,
        "limit": 8,
        "count_state": "ok",
        "current_slot": "2026-11-24T10:40:00Z",
        "next_slot": "2026-11-24T10:40:00Z",
        "work_time": True,
        "workday": True,
        "machine": "work",
        "modes": {"work": "identified"},
        "silence_workdays": None,
        "skew_s": 0,
        "text": "text",
    }


def test_what_was_sent_and_what_waits(office: Office) -> None:
    rows = office.desk.composer.submit(a_draft("Hej", "work", "sky", due=TUESDAY + timedelta(hours=1)), confirmed=True)
    work = replace(rows[0], state=SendState.SENT, remote_id="1", url="https://one.example/1", attempts=1)
    sky = replace(rows[1], reason="down")
    assert jsonform.sent_json((work, sky)) == {
        "schema": 1,
        "outbox": rows[0].outbox,
        "targets": {
            "work": {"state": "sent", "id": "work:1", "url": "https://one.example/1"},
            "sky": {"state": "queued", "reason": "down"},
        },
    }
    assert jsonform.outbox_json(sky) == {
        "schema": 1,
        "outbox": rows[0].outbox,
        "account": "sky",
        "state": "queued",
        "attempts": 0,
        "due": "2026-11-24T11:40:00Z",
        "next_try": "2026-11-24T11:40:00Z",
        "reason": "down",
        "text": "Hej",
    }
    assert jsonform.outbox_json(work)["next_try"] is None
    assert jsonform.sent_json(()) == {"schema": 1, "outbox": None, "targets": {}}


def test_an_account_and_a_notification(office: Office) -> None:
    account = office.desk.accounts.get("work")
    facts = {"employer_visible": "yes", "real_name_visible": "no"}
    assert list(jsonform.account_json(account, facts, "ok")) == [
        "schema",
        "name",
        "service",
        "url",
        "handle",
        "pseudonymous",
        "employer_visible",
        "real_name_visible",
        "state",
    ]
    notice = jsonform.notification_json(Notification("work", "n1", NotificationKind.FOLLOW, TUESDAY))
    assert (notice["id"], notice["author"], notice["post"]) == ("work:n1", None, None)
