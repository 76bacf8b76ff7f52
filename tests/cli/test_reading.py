"""timeline, search, notifications, stats and filter test: what is read, in JSON and in words."""

from __future__ import annotations

import csv
import json
import re
from datetime import UTC, datetime

import pytest

from mbclient.core.ports import Page
from mbclient.domain.errors import UnreachableError
from mbclient.domain.poll import Choice, Poll
from mbclient.domain.post import Author, FilterAction, Filtered, Post
from mbclient.domain.safetext import SafeText
from mbclient.services.local.adapter import LocalService
from tests.cli.conftest import CommandLine
from tests.cli.shapes import POST, problems

HOSTILE = "röd \x1b[31mtext\x1b]0;titel\x07\x9b5m \u202egnol\u202c \x00slut"


def test_views_by_name_and_number(mb: CommandLine) -> None:
    mb("post", "OpenSSL är ute")
    mb("post", "Lunch?")
    mb("post", "Ny CVE")
    texts = {
        view: [p["text"] for p in mb("timeline", "--view", view, json=True).objects] for view in ("1", "HOME", "5")
    }
    assert texts == {"1": ["OpenSSL är ute"], "HOME": ["Ny CVE", "Lunch?", "OpenSSL är ute"], "5": ["Ny CVE"]}
    assert len(mb("timeline", "--view", "security", "--offline", json=True).objects) == 1
    assert len(mb("timeline", "--view", "home", "--limit", "2", json=True).objects) == 2
    words = mb("timeline").out
    assert "OpenSSL är ute" in words
    assert "2 posts hidden by the filter" in words


def test_what_is_kept_is_shown_when_every_service_fails(mb: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    mb("post", "OpenSSL är ute")

    async def fail(self: LocalService, *args: object, **options: object) -> None:
        raise UnreachableError("notebook does not answer", "try again later", account="notebook")

    monkeypatch.setattr(LocalService, "page", fail)
    answer = mb("timeline", json=True)
    assert answer.status == 1
    assert answer.err == "mbclient: notebook does not answer; try again later\n"
    assert [post["text"] for post in answer.objects] == ["OpenSSL är ute"]
    assert mb("timeline", "--offline").status == 0


def test_what_filters_at_the_service_want_covered_is_named_and_what_they_hide_is_counted(
    mb: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def post(number: int, action: FilterAction) -> Post:
        who, now = Author(SafeText("bo@else.example"), remote_id="bo"), datetime.now(UTC)
        filtered = (Filtered("notebook", SafeText("Sport"), action),)
        return Post("notebook", "local", f"9{number}", "", who, SafeText(f"openssl {number}"), now, filtered=filtered)

    async def page(self: LocalService, *args: object, **options: object) -> Page:
        return Page((post(1, FilterAction.WARN), post(2, FilterAction.HIDE)))

    monkeypatch.setattr(LocalService, "page", page)
    words = mb("timeline").out
    assert "  [Filtered: Sport]\n  openssl 1\n" in words
    assert "openssl 2" not in words
    assert "1 post hidden by the filter" in words


def test_a_poll_is_told_in_words(mb: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    who, now = Author(SafeText("bo@else.example"), remote_id="bo"), datetime.now(UTC)
    choices = (Choice(SafeText("ja\x1b[31m"), 3), Choice(SafeText("nej"), 1, mine=True))
    post = Post("notebook", "local", "9", "", who, SafeText("openssl?"), now, poll=Poll(choices, closed=True))

    async def page(self: LocalService, *args: object, **options: object) -> Page:
        return Page((post,))

    monkeypatch.setattr(LocalService, "page", page)
    told = (
        "  openssl?\n  ○ ja␛[31m: 75 %, 3 votes\n  ○ nej: 25 %, 1 vote, your vote\n"
        "  4 votes · the poll is over · you have voted\n"
    )
    assert told in mb("timeline").out


def test_search_here_and_at_the_services(mb: CommandLine) -> None:
    mb("post", "Vi har släppt två punkt noll")
    mb("post", "Något annat")
    for remote in ((), ("--remote",)):
        (found,) = mb("search", *remote, "släppt", json=True).objects
        assert problems(found, POST) == []
        assert found["text"] == "Vi har släppt två punkt noll"
    assert mb("search", '"två punkt"', json=True).objects
    assert mb("search", "två", "punkt", json=True).objects
    nothing = mb("search", "finnsinte")
    assert (nothing.status, nothing.out) == (0, "nothing found\n")


def test_a_search_that_ended_early_says_so(mb: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    mb("post", "明日の会議")
    mb("post", "Något annat")
    monkeypatch.setattr("mbclient.storage.archive._CHUNK", 1)
    monkeypatch.setattr("mbclient.storage.archive.LOOKED_AT", 1)
    found = mb("search", "会議")
    assert (found.status, found.out) == (0, "nothing found\n")
    assert "the search ended early: older posts were not searched" in found.err
    assert mb("search", "annat").err == ""


def test_notifications(mb: CommandLine) -> None:
    mb("account", "add", "local", "--name", "anna", "--handle", "anna")
    mb("account", "add", "local", "--name", "bo", "--handle", "bo")
    mb("post", "Hej @anna", "--account", "bo")
    found = mb("notifications", json=True).objects
    assert [(one["account"], one["kind"], one["post"]["text"]) for one in found] == [("anna", "mention", "Hej @anna")]
    assert "mentioned you" in mb("notifications").out


@pytest.mark.parametrize("terminal", [False, True])
def test_no_control_character_from_outside_leaves(mb: CommandLine, terminal: bool) -> None:
    """Colours on a terminal are the only sequences there are; JSON has none at all."""
    mb.more_settings('\n[[views]]\nname = "Rå"\nterms = ["röd"]\n')
    post = mb("post", HOSTILE, json=True).object["targets"]["notebook"]["id"]
    mb("post", HOSTILE, "--at", "15:00")
    mb("check", HOSTILE)
    mb.more_settings('\n[policy.competitor_rule]\ndisclosure = "text"\n')
    assert mb("post", f"{HOSTILE} Blåbet").status == 3
    draft = mb("drafts", "list", json=True).object["id"]
    for words in (
        ("timeline", "--view", "home"),
        ("search", "röd"),
        ("thread", post),
        ("outbox", "list"),
        ("drafts", "list"),
        ("drafts", "show", draft),
        ("policy", "log"),
        ("like", f"notebook:{HOSTILE}"),
        ("post", "Hej", "--account", HOSTILE),
        (HOSTILE,),
    ):
        for as_json in (False, True):
            answer = mb(*words, json=as_json, terminal=terminal)
            for text in (answer.out, answer.err):
                plain = re.sub(r"\x1b\[\d*m|\r\x1b\[K", "", text) if terminal else text
                assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", plain), words
                if as_json and not terminal:
                    assert "\x1b" not in text


def test_colours_only_on_a_terminal_that_wants_them(mb: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    mb("post", "OpenSSL är ute")
    assert "\x1b[1m" in mb("timeline", terminal=True).out
    assert "\x1b" not in mb("timeline").out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in mb("timeline", terminal=True).out


@pytest.mark.parametrize("width", ["24", "60", "200"])
def test_words_keep_to_the_width(mb: CommandLine, width: str, monkeypatch: pytest.MonkeyPatch) -> None:
    mb("post", "OpenSSL " + "en lång mening som måste brytas " * 8 + "https://long.example/" + "x" * 300)
    monkeypatch.setenv("COLUMNS", width)
    for words in (("timeline",), ("check", "Grattis Blåbet!"), ("policy", "show"), ("doctor",), ("keys",)):
        longest = max(len(line) for line in mb(*words).out.splitlines())
        assert longest <= int(width), words


def test_figures_of_the_days_asked_for(mb: CommandLine) -> None:
    mb("post", "Hej")
    found = mb("stats", json=True).object
    assert (found["from"], found["to"], found["posts"]) == ("2026-11-11", "2026-11-24", 1)
    counted = {"posts": 1, "received": 0, "work": 0, "filtered": 0, "muted": 0, "hidden_words": 0, "workday": True}
    assert counted.items() <= found["days"][-1].items()
    assert found["reading_minutes_work_time"] is found["days"][-1]["composing_minutes"] is None  # not measured
    assert (found["days"][0]["posts"], found["days"][0]["received"]) == (None, None)  # before anything was recorded
    assert "–" in mb("stats").out.splitlines()[0]
    mb.clock.at = mb.clock.at.replace(year=2027, month=3)
    assert mb("stats", json=True).object["posts"] == 0
    long_ago = mb("stats", "--from", "2026-11-01", "--to", "2026-11-30", json=True).object
    assert (len(long_ago["days"]), long_ago["posts"]) == (30, 1)
    assert "1 in 1 day with data" in mb("stats", "--from", "2026-11-24", "--to", "2026-11-24").out


def test_figures_as_a_table_for_a_spreadsheet(mb: CommandLine) -> None:
    mb("post", "Hej")
    rows = list(csv.DictReader(mb("stats", "--csv").out.splitlines()))
    assert len(rows) == 14
    assert (rows[0]["posts"], rows[-1]["posts"], rows[-1]["workday"]) == ("", "1", "1")
    both = mb("stats", "--csv", json=True)
    assert (both.status, both.err) == (2, "mbclient: --csv and --json are two answers; choose one\n")


def test_terms_can_be_tried_on_posts(mb: CommandLine) -> None:
    mb("post", "OpenSSL är ute")
    mb("post", "Lunch?")
    mb("post", "giveaway: openssl-mugg")
    posts = mb("timeline", "--view", "home", json=True).out
    marked = mb("filter", "test", stdin=posts, json=True).objects
    assert [(one["text"], one["terms"], one["shown"], one["hidden_by"]) for one in marked] == [
        ("giveaway: openssl-mugg", ["openssl"], False, "giveaway"),
        ("Lunch?", [], False, None),
        ("OpenSSL är ute", ["openssl"], True, None),
    ]
    assert set(marked[0]) == {*POST, "shown", "hidden_by"}
    assert "1 of 3 posts are shown" in mb("filter", "test", stdin=posts).out
    only_text = json.dumps({"text": "en CVE till"})
    assert mb("filter", "test", "--view", "Security", stdin=only_text, json=True).object["terms"] == ["cve"]


@pytest.mark.parametrize("line", ["{", "[]", '{"id": 1}', '{"text": 5}', '{"text": "x", "kind": "poem"}', "null"])
def test_a_line_that_is_no_post_is_named(mb: CommandLine, line: str) -> None:
    answer = mb("filter", "test", stdin=f'{{"text": "ja"}}\n{line}\n')
    assert answer.status == 2
    assert answer.err.startswith("mbclient: line 2 is no post;")


def test_a_mute_is_said_and_a_change_of_the_settings_counts_at_the_next_command(mb: CommandLine) -> None:
    posts = '{"text": "football and openssl"}\n'
    own = "OpenSSL och fotboll"
    mb("post", own)
    mb.config.write_text(mb.config.read_text() + '\n[[mutes]]\nterm = "football"\n[hide]\nboosts = ["home"]\n')
    (marked,) = mb("filter", "test", stdin=posts, json=True).objects
    assert (marked["shown"], marked["hidden_by"], marked["terms"]) == (False, "football", ["openssl"])
    assert [post["text"] for post in mb("timeline", "--offline", json=True).objects] == [own]
    mb.config.write_text(mb.config.read_text().replace('terms = ["openssl"', 'terms = ["fotboll"', 1))
    (seen,) = mb("timeline", "--offline", json=True).objects
    assert seen["terms"] == ["fotboll"]


def test_filter_test_shows_in_home_what_home_shows(mb: CommandLine) -> None:
    mb.more_settings('\n[hide]\nboosts = ["home"]\n[[mutes]]\nterm = "spam"\n')
    posts = "\n".join(
        json.dumps(post)
        for post in ({"text": "lunch"}, {"text": "openssl 4"}, {"text": "spam"}, {"text": "x", "kind": "boost"})
    )
    marked = mb("filter", "test", "--view", "Home", stdin=posts, json=True).objects
    assert [post["shown"] for post in marked] == [True, True, False, False]
    assert [post["terms"] for post in marked] == [[], ["openssl"], [], []]
    assert [post["hidden_by"] for post in marked] == [None, None, "spam", "boost"]
    assert "2 of 4 posts are shown" in mb("filter", "test", "--view", "Home", stdin=posts).out


def test_filter_test_of_an_own_view_hides_what_the_view_hides(mb: CommandLine) -> None:
    mb.more_settings('\n[[views]]\nname = "Bugs"\nterms = ["bug"]\naccounts = ["masto"]\nhide_boosts = true\n')
    given = [
        {"text": "a bug"},
        {"text": "a bug", "kind": "boost"},
        {"text": "a bug", "account": "other"},
        {"text": "x"},
    ]
    posts = "\n".join(map(json.dumps, given))
    marked = mb("filter", "test", "--view", "Bugs", stdin=posts, json=True).objects
    assert [post["shown"] for post in marked] == [True, False, False, False]
