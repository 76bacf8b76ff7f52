"""post, check and what becomes of it, over the real local service in a folder of its own."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.cli.conftest import CommandLine
from tests.cli.shapes import CHECK, OUTBOX, POST, SENT, problems

TEXT_ONLY = '\n[policy.competitor_rule]\ndisclosure = "text"\n'


def test_a_post_goes_out_and_can_be_read_answered_liked_boosted_and_deleted(mb: CommandLine) -> None:
    sent = mb("post", "OpenSSL 3.5 ute #infosec", json=True)
    assert (sent.status, sent.err) == (0, "")
    assert problems(sent.object, SENT) == []
    post = sent.object["targets"]["notebook"]["id"]

    timeline = mb("timeline", json=True)
    assert timeline.status == 0
    (shown,) = timeline.objects
    assert problems(shown, POST) == []
    assert shown["id"] == post
    assert shown["terms"] == ["openssl", "#infosec"]

    reply = mb("post", "och 3.4", "--reply-to", post, json=True).object["targets"]["notebook"]["id"]
    thread = mb("thread", post, json=True).objects
    assert [problems(one, POST) for one in thread] == [[], []]
    assert [one["id"] for one in thread] == [post, reply]
    assert thread[1]["in_reply_to"] == post

    liked = mb("like", post, json=True).object
    assert problems(liked, POST) == []
    assert liked["mine"]["liked"]
    assert liked["counts"] == {"replies": 1, "boosts": 0, "likes": 1}
    assert not mb("unlike", post, json=True).object["mine"]["liked"]
    boosted = mb("boost", post, json=True)
    assert (boosted.status, boosted.err) == (0, "")
    assert boosted.object["mine"]["boosted"]
    assert not mb("unboost", post, json=True).object["mine"]["boosted"]

    assert mb("delete", post, json=True).object == {"schema": 1, "id": post, "deleted": True}
    assert post not in [one["id"] for one in mb("timeline", "--view", "Home", json=True).objects]
    assert mb("meter", "--format", "{count}").out == "2\n"  # a deleted post still counts


def test_a_quote(mb: CommandLine) -> None:
    post = mb("post", "Hej", json=True).object["targets"]["notebook"]["id"]
    sent = mb("post", "Så sant", "--quote", post, json=True)
    assert sent.status == 0
    newest = mb("timeline", "--view", "home", "--limit", "1", json=True).object
    assert (newest["kind"], newest["quote_of"]) == ("quote", post)


def test_a_check_answers_in_words_and_json_and_keeps_nothing(mb: CommandLine) -> None:
    answer = mb("check", "Grattis Blåbet!", json=True)
    assert answer.status == 0
    assert problems(answer.object, CHECK) == []
    assert answer.object["level"] == "nudge"
    assert [finding["id"] for finding in answer.object["findings"]] == ["P5-ID"]
    assert answer.object["length"] == {"notebook": {"used": 15, "limit": 5000}}
    assert "rule 5" in mb("check", "Grattis Blåbet!").out
    assert mb("outbox", "list").out == "the outbox is empty\n"
    assert mb("drafts", "list").out == "no drafts\n"


def test_check_and_dry_run_end_with_3_where_the_policy_stops(mb: CommandLine) -> None:
    mb.more_settings(TEXT_ONLY)
    for words in (("check", "Grattis Blåbet!"), ("post", "Grattis Blåbet!", "--dry-run")):
        answer = mb(*words, json=True)
        assert answer.status == 3
        assert answer.object["level"] == "require_disclosure"
        assert problems(answer.object, CHECK) == []
    assert mb("post", "Hej", "--dry-run").status == 0
    assert mb("outbox", "list", json=True).objects == []


@pytest.mark.parametrize(
    ("at", "findings"),
    [
        ("11:40", []),
        ("12.15", ["P2-SLOT"]),
        ("10:15", ["P2-SLOT"]),  # it has passed: as it was
        ("2026-11-28 12:15", []),  # a Saturday
        ("2026-11-24T11:15:00Z", ["P2-SLOT"]),
    ],
)
def test_check_at_a_time(mb: CommandLine, at: str, findings: list[str]) -> None:
    answer = mb("check", "Hej", "--at", at, json=True).object
    assert [finding["id"] for finding in answer["findings"]] == findings


def test_over_ssh_it_is_said_why_the_computer_counts_as_one_at_work(
    bare: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare.settings('[[accounts]]\nname = "work"\nservice = "mastodon"\nurl = "http://127.0.0.1:9"')
    monkeypatch.setenv("SSH_CONNECTION", "192.0.2.1 1 192.0.2.2 22")
    answer = bare("check", "Hej")
    assert answer.status == 3
    assert "work computer: over SSH the computer you sit at can't be seen" in answer.out


def test_the_policy_stops_a_post_and_keeps_the_words(mb: CommandLine) -> None:
    mb.more_settings(TEXT_ONLY)
    answer = mb("post", "Grattis Blåbet!", "--yes")
    assert (answer.status, answer.out) == (3, "")
    assert answer.err.startswith("mbclient: You mention Blåbet.")
    assert answer.err.count("\n") == 1
    (draft,) = mb("drafts", "list", json=True).objects
    assert draft["text"] == "Grattis Blåbet!"
    assert draft["id"] in answer.err
    assert mb("outbox", "list", json=True).objects == []


def test_a_reason_overrides_where_the_policy_lets_it(mb: CommandLine) -> None:
    mb.more_settings(TEXT_ONLY)
    assert mb("post", "Grattis Blåbet!", "--reason", "för kort").status == 3
    assert mb("post", "Grattis Blåbet!", "--reason", "de bad oss om det", json=True).status == 0
    (entry,) = [one for one in mb("policy", "log", json=True).objects if one.get("outcome") == "sent"]
    assert entry["override"] == {"id": "P5-ID", "ids": ["P5-ID"], "reason": "de bad oss om det"}


def test_a_nudge_asks_on_a_terminal_and_needs_yes_without_one(mb: CommandLine) -> None:
    rude = "Vi på Grönkvist tycker att Blåbet suger."
    answer = mb("post", rude)
    assert answer.status == 3
    assert "--yes" in answer.err
    assert mb("post", rude, "--yes").status == 0
    assert mb("post", rude, terminal=True, stdin="n\n").status == 3
    assert mb("post", rude, terminal=True, stdin="\n").status == 3
    said_yes = mb("post", rude, terminal=True, stdin="y\n")
    assert said_yes.status == 0
    assert "suger" in said_yes.err
    assert len(mb("drafts", "list", json=True).objects) == 3  # those that were refused; the sent ones are gone


def test_the_text_may_come_by_a_pipe(mb: CommandLine) -> None:
    assert mb("post", "-", stdin="rad ett\nrad två\n").status == 0
    assert mb("timeline", "--view", "home", json=True).object["text"] == "rad ett\nrad två"
    assert mb("check", stdin="Hej").status == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("post", ""), "there is no text"),
        (("post", "  \n "), "there is no text"),
        (("post", "Hej", "--account", "nobody"), "no account"),
        (("post", "Hej", "--at", "25:00"), "is no time"),
        (("post", "Hej", "--at", "2026-02-30 10:00"), "is no time"),
        (("post", "Hej", "--at", "2026-11-24 08:00"), "has passed"),
        (("post", "Hej", "--at", "2026-11-24 08.00"), "has passed"),
        (("post", "Hej", "--at", "9999-12-31 08:00"), "is too far away; write a year from 1970 to 2999"),
        (("post", "Hej", "--at", "15:00", "--next-time"), "two times"),
        (("post", "Hej", "--visibility", "publik"), "did you mean public"),
        (("post", "Hej", "--visibility", "secret"), "choose one of public"),
        (("post", "Hej", "--media", "no-such.png"), "no file"),
        (("post", "Hej", "--alt", "en bild"), "file before it"),
        (("post", "Hej", "--reply-to", "17"), "no post id"),
        (("post", "Hej", "--reply-to", "other:17"), "no account"),
        (("post", "Hej", "--reply-to", "notebook:1", "--quote", "notebook:1"), "either replies or quotes"),
        (("post", "Hej", "du"), "one word too many"),
        (("post", "Hej", "--cw"), "needs a value"),
        (("post", "Hej", "--cw", "--yes"), "needs a value"),
        (("post", "Hej", "--yes=1"), "takes no value"),
        (("post", "-x"), "there is no option '-x'"),
        (("post", "x" * 5001), "1 character too many"),
        (("timeline", "--limit", "0"), "no number from 1"),
        (("timeline", "--limit", "many"), "no number"),
        (("timeline", "--view", "17"), "no view"),
        (("timeline", "--account", "nobody", "--offline"), "no account"),
        (("search", " "), "nothing to search for"),
        (("search",), "QUERY is missing"),
        (("thread", "17"), "no post id"),
        (("like", "nobody:17"), "no account"),
        (("outbox", "cancel", "01J"), "no single outbox item"),
        (("drafts", "show", "01J"), "no single draft"),
        (("stats", "--from", "today"), "no date"),
        (("stats", "--to", "9999-12-31"), "'9999-12-31' is too far away; write a year from 1970 to 2999"),
        (("stats", "--from", "2026-11-24", "--to", "2026-11-01"), "after the last day"),
        (("account",), "account needs one more word"),
        (("account", "lst"), "did you mean list"),
        (("account", "add", "mastodn"), "did you mean mastodon"),
        (("account", "confirm", "notebook"), "nothing is confirmed"),
        (("account", "confirm", "notebook", "--employer", "maybe"), "choose one of yes, no"),
        (("account", "remove", "nobody"), "no account"),
        (("policy", "explain", "P9"), "no rule"),
        (("policy", "test", "no-such.jsonl"), "no-such.jsonl"),
        (("policy", "validate", "no-such.toml"), "no such file"),
        (("config", "validate", "no-such.toml"), "no such file"),
        (("machine", "declare", "mine"), "choose one of work, private"),
        (("meter", "--format", "{cuont}"), "unknown field"),
        (("meter", "--format", "{count"), "brace"),
        (("completions", "csh"), "SHELL"),
        (("--demo", "timeline"), "--demo"),
        (("keys", "--demo"), "--demo"),
    ],
)
def test_what_cannot_be_is_one_line_and_status_2(mb: CommandLine, words: tuple[str, ...], said: str) -> None:
    answer = mb(*words)
    assert answer.status == 2
    assert said in answer.err
    assert answer.err.startswith("mbclient: ")
    assert answer.err.count("\n") == 1
    assert answer.out == ""


def test_a_text_may_begin_with_a_dash(mb: CommandLine) -> None:
    assert mb("post", "- först detta").status == 0
    assert mb("post", "--", "--config").status == 0
    assert mb("post", "--cw=två ord", "--", "-5").status == 0
    assert [post["text"] for post in mb("timeline", "--view", "home", json=True).objects] == [
        "-5",
        "--config",
        "- först detta",
    ]


def test_planned_posts_wait_and_can_be_taken_back(mb: CommandLine) -> None:
    planned = mb("post", "Senare", "--at", "15:00", json=True)
    assert (planned.status, planned.err) == (0, "")
    assert problems(planned.object, SENT) == []
    assert planned.object["targets"]["notebook"]["state"] == "queued"
    (row,) = mb("outbox", "list", json=True).objects
    assert problems(row, OUTBOX) == []
    assert row["due"] == "2026-11-24T14:00:00Z"
    assert mb("meter", "--format", "{planned}").out == "1\n"
    assert mb("outbox", "flush").out == "nothing is due\n"
    cancelled = mb("outbox", "cancel", row["outbox"][:20], json=True).object
    assert problems(cancelled, OUTBOX) == []
    assert cancelled["state"] == "cancelled"
    assert mb("outbox", "cancel", row["outbox"]).status == 2


def test_what_was_cancelled_is_a_draft_again_and_listed_by_the_time_of_cancelling(mb: CommandLine) -> None:
    """Planned weeks before: it is not its age that counts."""
    planned = mb("post", "Om en månad", "--at", "2026-12-22 15:00", json=True).object["outbox"]
    mb.clock.at += timedelta(days=20)
    cancelled = mb("outbox", "cancel", planned)
    (draft,) = mb("drafts", "list", json=True).objects
    assert draft["text"] == "Om en månad"
    assert draft["id"] in cancelled.err
    assert [row["state"] for row in mb("outbox", "list", json=True).objects] == ["cancelled"]
    mb.clock.at += timedelta(days=8)
    assert mb("outbox", "list", json=True).objects == []


def test_the_next_recommended_time(mb: CommandLine) -> None:
    mb("post", "Senare", "--next-time")
    assert mb("outbox", "list", json=True).object["due"] == "2026-11-24T14:00:00Z"


def test_a_planned_post_goes_out_when_flushed_at_its_time(mb: CommandLine) -> None:
    mb("post", "Senare", "--at", "15:00")
    mb.clock.at = mb.clock.at.replace(hour=14, minute=1)
    flushed = mb("outbox", "flush", json=True)
    assert flushed.status == 0
    assert flushed.object["state"] == "sent"


def test_what_is_late_waits_for_the_user_and_a_retry_sends_it(mb: CommandLine) -> None:
    mb("post", "Senare", "--at", "15:00")
    mb.clock.at = mb.clock.at.replace(hour=15, minute=0)
    flushed = mb("outbox", "flush", json=True)
    assert flushed.status == 4
    assert flushed.object["state"] == "held"
    assert flushed.object["reason"]
    assert flushed.err.startswith("mbclient: notebook: waiting for you")
    again = mb("outbox", "retry", flushed.object["outbox"], json=True)
    assert again.status == 0
    assert again.object["state"] == "sent"


def test_what_a_service_refuses_fails_and_may_be_tried_again(mb: CommandLine) -> None:
    parent = mb("post", "Hej", json=True).object["targets"]["notebook"]["id"]
    mb("post", "Svar", "--reply-to", parent, "--at", "15:00")
    mb("delete", parent)
    mb.clock.at = mb.clock.at.replace(hour=14, minute=1)
    failed = mb("outbox", "flush", json=True)
    assert failed.status == 1
    assert failed.object["state"] == "failed"
    assert failed.object["reason"] in failed.err
    again = mb("outbox", "retry", failed.object["outbox"], json=True)
    assert (again.status, again.object["state"]) == (1, "failed")
    assert mb("outbox", "cancel", failed.object["outbox"]).status == 0


def test_while_another_program_sends_the_post_is_handed_over(mb: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mbclient.core.send.Sender.claim", lambda self: False)
    monkeypatch.setattr("mbclient.core.send.TURN_TRIES", 3)
    monkeypatch.setattr("mbclient.core.send.TURN_EVERY_S", 0)
    answer = mb("post", "Hej", json=True)
    assert answer.status == 4
    assert problems(answer.object, SENT) == []
    assert answer.object["targets"]["notebook"]["state"] == "queued"
    assert "another mbclient sends for this data folder and is busy" in answer.err
    flushed = mb("outbox", "flush", json=True)
    assert (flushed.status, flushed.object["state"]) == (4, "queued")


def test_a_command_that_finds_nothing_due_leaves_the_sending_to_the_other(
    mb: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mbclient.core.send.Sender.claim", lambda self: False)
    flushed = mb("outbox", "flush")
    assert (flushed.status, flushed.out) == (0, "")
    assert "has all that is due in hand" in flushed.err


def test_what_is_piped_is_kept_to_the_last_mark(mb: CommandLine) -> None:
    written = "x\u200fy co\u00adop\tz 👩‍💻"
    kept = mb("post", "-", "--next-time", stdin=written)
    assert (kept.status, kept.err) == (0, "")
    (row,) = mb("outbox", "list", json=True).objects
    assert row["text"] == written
    assert "xy coop" in mb("outbox", "list").out
    assert not set("\u200f\u00ad\t") & set(mb("outbox", "list").out)


def test_what_steers_terminals_is_no_text_and_that_is_said(mb: CommandLine) -> None:
    kept = mb("post", "-", "--next-time", stdin="a\x1bb\u202ec")
    assert kept.status == 0
    assert "control characters in the text were replaced" in kept.err
    (row,) = mb("outbox", "list", json=True).objects
    assert row["text"] == "a␛bc"


def test_one_of_a_kind_is_counted_as_one(mb: CommandLine) -> None:
    sent = mb("post", "openssl", json=True).object["targets"]["notebook"]["id"]
    mb("post", "ja", "--reply-to", sent)
    mb("like", sent)
    assert " · 1 reply · 1 like · liked by you" in mb("thread", sent).out
