"""Composing: what cannot be sent is said, nothing is widened or dropped, the gate holds, no refusal loses a word."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from mbclient.core.compose import StoppedError
from mbclient.core.stores import Arrival, SendState
from mbclient.domain.account import Known
from mbclient.domain.draft import Attachment, Draft, Kind, Written
from mbclient.domain.errors import RejectedError, UnreachableError, UsageError
from mbclient.domain.post import Author, Post, Visibility
from mbclient.domain.safetext import SafeText
from mbclient.policy.model import Level, Machine
from tests.core.fakes import TUESDAY, FakeService, Office, a_draft, a_post, mine

RUDE = "Vi på Grönkvist tycker att Blåbet suger."


def limit(office: Office, account: str, **fields: object) -> None:
    service = office.service(account)
    service.capabilities = replace(service.capabilities, **fields)  # type: ignore[arg-type]  # any field, by name


def private_evening(office: Office) -> None:
    office.clock.at = TUESDAY.replace(hour=19)
    office.computer.machine = Machine.PRIVATE


@pytest.mark.parametrize(
    ("draft", "problem"),
    [
        (Draft("Hej"), "no account is chosen"),
        (a_draft("  \n"), "there is no text yet"),
        (a_draft("x" * 61), "1 character too many for work"),
        (a_draft("x" * 58, cw="warn"), "2 characters too many for work"),
        (a_draft(media=(Attachment("a"), Attachment("b"))), "work takes 1 attachment"),
        (a_draft(kind=Kind.REPLY, reply_to="sky:9"), "work does not know the post sky:9"),
        (a_draft(kind=Kind.EDIT, edit_of="sky:9"), "work has not written the post sky:9"),
    ],
)
def test_problems_are_told_and_keep_the_draft(office: Office, draft: Draft, problem: str) -> None:
    check = office.desk.composer.check(draft)
    assert (check.problems, check.sendable) == ((problem,), False)
    with pytest.raises(UsageError, match="the draft is kept"):
        office.desk.composer.submit(draft, confirmed=True)
    assert [kept.draft for kept in office.desk.drafts.list()] == [draft]
    assert not office.desk.outbox.rows()


@pytest.mark.parametrize(
    ("missing", "draft", "problem"),
    [
        ({"visibilities": (Visibility.PUBLIC,)}, a_draft(visibility=Visibility.FOLLOWERS), "no visibility followers"),
        ({"content_warning": False}, a_draft(cw="spoiler"), "no content warning"),
        ({"quote": False}, a_draft(kind=Kind.QUOTE, quote_of="work:1"), "cannot quote"),
        ({"reply": False}, a_draft(kind=Kind.REPLY, reply_to="work:1"), "cannot reply"),
        ({"post": False, "reply": False}, a_draft(), "for reading only"),
        ({"post": False}, a_draft(), "takes replies only"),
    ],
)
def test_what_a_target_cannot_do_is_asked_never_dropped(
    office: Office, missing: dict[str, object], draft: Draft, problem: str
) -> None:
    limit(office, "work", **missing)
    assert [problem in each for each in office.desk.composer.check(draft).problems] == [True]


def test_a_service_that_takes_replies_alone_takes_a_reply(office: Office) -> None:
    limit(office, "work", post=False)
    assert office.desk.composer.check(a_draft(kind=Kind.REPLY, reply_to="work:1")).problems == ()


def test_one_counter_a_target(office: Office) -> None:
    limit(office, "sky", max_length=3)
    check = office.desk.composer.check(a_draft("Hejsan", "work", "sky"))
    assert {name: (one.used, one.limit) for name, one in check.lengths.items()} == {"work": (6, 60), "sky": (6, 3)}
    assert check.problems == ("3 characters too many for sky",)


def test_visibilities_are_those_that_every_target_has(office: Office) -> None:
    limit(office, "sky", visibilities=(Visibility.DIRECT, Visibility.PUBLIC))
    assert office.desk.composer.visibilities(a_draft("", "work", "sky")) == (Visibility.PUBLIC, Visibility.DIRECT)
    assert office.desk.composer.visibilities(Draft()) == ()


# ---------------------------------------------------------------- beginning


@pytest.mark.parametrize("visibility", list(Visibility))
def test_an_answer_is_never_wider_and_keeps_the_warning(office: Office, visibility: Visibility) -> None:
    post = a_post(
        visibility=visibility,
        cw=SafeText("politics"),
        mentions=(SafeText("cy@three.example"), SafeText("anna@one.example"), SafeText("bo@else.example")),
    )
    reply = office.desk.drafting.reply(post)
    assert (reply.visibility, reply.cw, reply.reply_to) == (visibility, "politics", "work:1")
    assert reply.text == "@bo@else.example @cy@three.example "
    assert office.desk.drafting.quote(post).visibility is visibility
    post = mine(visibility=visibility, cw=SafeText("politics"))
    written = office.desk.drafting.shown_as_written(post)
    assert written is not None
    edit = office.desk.drafting.edit(post, written)
    assert (edit.visibility, edit.cw, edit.text) == (visibility, "politics", "Mine")


def test_a_service_that_addresses_by_itself_needs_no_names(office: Office) -> None:
    limit(office, "work", reply_needs_mention=False)
    assert office.desk.drafting.reply(a_post()).text == ""


def test_what_a_service_lacks_is_refused_at_the_start(office: Office) -> None:
    limit(office, "work", quote=False, edit=False, boost=False)
    drafting = office.desk.drafting
    for begin in (drafting.quote, drafting.shown_as_written, office.desk.composer.submit_boost):
        with pytest.raises(UsageError):
            begin(a_post())


def test_who_may_not_be_answered_is_told_before_a_word_is_written(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And again for a draft that was begun before: the service's own reason, and what to do instead."""
    post = a_post()
    office.desk.world.stores.archive.store([Arrival(post, frozenset())])
    begun = replace(office.desk.drafting.reply(post), text="@bo@else.example svar")

    def unanswerable(asked: Post) -> RejectedError | None:
        return RejectedError("not to strangers", "use the browser") if asked.id == post.id else None

    monkeypatch.setattr(FakeService, "unanswerable", staticmethod(unanswerable), raising=False)
    with pytest.raises(UsageError, match="not to strangers; use the browser"):
        office.desk.drafting.reply(post)
    assert office.desk.composer.check(begun).problems == ("not to strangers; use the browser",)
    assert not office.desk.composer.check(a_draft("Hej")).problems


async def test_an_edit_begins_with_what_was_written_and_not_with_what_is_shown(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the service has to be asked for that and does not tell, there is nothing to begin with."""
    drafting, post = office.desk.drafting, mine(text=SafeText("@bo hej"), visibility=Visibility.DIRECT)
    assert drafting.shown_as_written(post) == await drafting.written(post) == Written("@bo hej")
    answers: list[Written | Exception] = [Written("@bo@else.example hej", "ej här"), UnreachableError("no network")]

    async def written(asked: Post) -> Written:
        assert asked is post
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(office.service("work"), "written", written, raising=False)
    assert drafting.shown_as_written(post) is None
    draft = drafting.edit(post, await drafting.written(post))
    assert (draft.text, draft.cw, draft.edit_of, draft.visibility) == (
        "@bo@else.example hej",
        "ej här",
        post.id,
        Visibility.DIRECT,
    )
    with pytest.raises(UnreachableError):
        await drafting.written(post)
    limit(office, "work", edit=False)
    with pytest.raises(UsageError):
        await drafting.written(post)


# ---------------------------------------------------------------- the gate


def test_a_nudge_wants_one_more_press(office: Office) -> None:
    draft = a_draft(RUDE)
    with pytest.raises(StoppedError, match="confirm to send anyway") as stopped:
        office.desk.composer.submit(draft)
    kept = office.desk.drafts.get(stopped.value.draft_id)
    assert kept is not None
    assert kept.draft == draft
    rows = office.desk.composer.submit(draft, confirmed=True, draft_id=stopped.value.draft_id)
    assert [row.state for row in rows] == [SendState.QUEUED]
    assert not office.desk.drafts.list()


def test_a_nudge_that_only_shows_itself_costs_nothing(office: Office) -> None:
    office.clock.at = TUESDAY - timedelta(hours=1)  # outside every recommended time
    assert office.desk.composer.check(a_draft()).verdict.level is Level.NUDGE
    assert office.desk.composer.submit(a_draft())


@pytest.mark.parametrize("reason", ["", "too short", "123456789 ", "1 2 3 4 5 6 7 8 9"])
async def test_a_reason_has_ten_characters_that_show(office: Office, reason: str) -> None:
    private_evening(office)
    office.desk.accounts.confirm("work", employer=Known.NO)
    draft = a_draft("Provade Blåbets nya app")
    assert office.desk.composer.may_override(office.desk.composer.check(draft))
    with pytest.raises(StoppedError, match="at least 10"):
        office.desk.composer.submit(draft, confirmed=True, reason=reason)
    (row,) = office.desk.composer.submit(draft, reason="1 2 3 4 5 6 7 8 9 0")
    assert row.override_reason == "1 2 3 4 5 6 7 8 9 0"
    await office.desk.sender.flush()
    logged = json.loads(json.dumps(office.desk.world.stores.log.entries()[-1]))
    assert (logged["outcome"], logged["override"]["id"], logged["override"]["reason"]) == (
        "sent",
        "P5-ID",
        "1 2 3 4 5 6 7 8 9 0",
    )


def test_rule_4_is_never_overridden(office: Office) -> None:
    office.desk.accounts.confirm("work", real_name=Known.NO)
    check = office.desk.composer.check(a_draft())
    assert (check.verdict.level, office.desk.composer.may_override(check)) == (Level.BLOCK, False)
    with pytest.raises(StoppedError, match="rule 4"):
        office.desk.composer.submit(a_draft(), confirmed=True, reason="a very long and honest reason")
    assert (len(office.desk.outbox.rows()), len(office.desk.drafts.list())) == (0, 1)


def test_one_target_stopped_stops_the_draft_until_it_is_removed(office: Office) -> None:
    office.desk.accounts.confirm("sky", real_name=Known.NO)
    draft = a_draft("Hej", "work", "sky")
    with pytest.raises(StoppedError):
        office.desk.composer.submit(draft, confirmed=True)
    left = office.desk.fixes.apply(draft, "drop-target", account="sky")
    assert left.accounts == ("work",)
    assert office.desk.composer.submit(left, confirmed=True)


def test_a_stopped_boost_keeps_no_draft_and_goes_with_a_reason(office: Office) -> None:
    private_evening(office)
    office.desk.accounts.confirm("work", employer=Known.NO)
    post = a_post(text="Blåbet öppnar")
    with pytest.raises(StoppedError):
        office.desk.composer.submit_boost(post)
    assert not office.desk.drafts.list()
    assert office.desk.composer.submit_boost(post, reason="they are partners").override_reason


def test_a_target_named_twice_is_one(office: Office) -> None:
    assert len(office.desk.composer.submit(a_draft("Hej", "work", "work"), confirmed=True)) == 1


def test_a_refusal_keeps_the_cursor(office: Office) -> None:
    kept = office.desk.composer.save(a_draft("x" * 61), cursor=7)
    with pytest.raises(UsageError):
        office.desk.composer.submit(a_draft("x" * 61), draft_id=kept)
    found = office.desk.drafts.get(kept)
    assert found is not None
    assert found.cursor == 7


# ---------------------------------------------------------------- fixes


def test_a_signature_makes_it_clear_who_speaks(office: Office) -> None:
    office.confirm("work", Known.NO, Known.NO, TUESDAY.date())
    composer = office.desk.composer
    fixed = office.desk.fixes.apply(a_draft(), "insert-signature")
    assert fixed.text == "Hej\n– Anna Ek, Grönkvist"
    assert composer.check(fixed).verdict.level is Level.ALLOW
    assert office.desk.fixes.apply(a_draft(), "choose-identified-account").accounts == ("sky",)


async def test_a_new_post_is_as_wide_as_its_accounts_post_by_themselves(office: Office) -> None:
    assert office.desk.drafting.new().visibility is Visibility.PUBLIC
    office.service("work").profile = replace(office.service("work").profile, default_visibility=Visibility.FOLLOWERS)
    await office.desk.accounts.verify("work")
    assert office.desk.drafting.new(("work",)).visibility is Visibility.FOLLOWERS
    assert office.desk.drafting.new(("sky", "work")).visibility is Visibility.FOLLOWERS
    assert office.desk.drafting.new(("sky",)).visibility is Visibility.PUBLIC


def test_a_signature_that_does_not_fit_is_not_offered(office: Office) -> None:
    office.confirm("work", Known.NO, Known.NO, TUESDAY.date())
    limit = office.desk.composer.check(a_draft("x")).lengths["work"].limit
    line = len("\n– Anna Ek, Grönkvist")
    fits, misfit = a_draft("x" * (limit - line)), a_draft("x" * (limit - line + 3))
    assert office.desk.fixes.can_apply(fits, "insert-signature")
    assert not office.desk.fixes.can_apply(misfit, "insert-signature")
    assert office.desk.fixes.too_long(misfit, "insert-signature") == {"work": 3}
    assert office.desk.fixes.too_long(misfit, "schedule-next-slot") == {}


def test_scheduling_fixes_allow_what_they_promise(office: Office) -> None:
    office.clock.at = TUESDAY - timedelta(hours=1)
    fixed = office.desk.fixes.apply(a_draft(), "schedule-next-slot")
    assert fixed.due == TUESDAY
    assert office.desk.composer.check(fixed).verdict.level is Level.ALLOW


def test_a_time_that_is_not_there_changes_nothing(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(office.desk.fixes), "when", lambda *_: None)
    draft = a_draft(due=TUESDAY + timedelta(days=1))
    assert office.desk.fixes.apply(draft, "schedule-next-slot") == draft
    assert not office.desk.fixes.can_apply(draft, "schedule-next-slot")


def test_a_boost_becomes_a_quote_of_the_same_post(office: Office) -> None:
    boost = Draft(accounts=("work",), kind=Kind.BOOST, boost_of="work:1")
    quote = office.desk.fixes.apply(boost, "quote-instead")
    assert (quote.kind, quote.quote_of, quote.boost_of) == (Kind.QUOTE, "work:1", "")


def test_an_unknown_fix_changes_nothing(office: Office) -> None:
    assert office.desk.fixes.apply(a_draft(), "dance") == a_draft()


async def test_an_edit_goes_only_to_the_account_that_wrote_it(office: Office) -> None:
    uri = "https://one.example/own"
    author = Author(SafeText("anna"), remote_id="me-work")
    for account, name in (("work", "10"), ("sky", "at10")):
        post = a_post(account, name, uri=uri, author=author)
        await office.desk.refresher.take([post], office.desk.accounts.get(account))
    draft = replace(office.desk.drafting.edit(a_post("work", "10"), Written("Hej")), accounts=("work", "sky"))
    assert office.desk.composer.check(draft).problems == ("sky has not written the post work:10",)


def test_a_reason_confirms_nothing_else(office: Office) -> None:
    """A stopping finding overridden, a nudge beside it still wants its own yes."""
    private_evening(office)
    office.desk.accounts.confirm("work", employer=Known.NO)
    draft = a_draft("Blåbet suger.")
    with pytest.raises(StoppedError, match="confirm to send anyway"):
        office.desk.composer.submit(draft, reason="they asked us to")
    assert office.desk.composer.submit(draft, reason="they asked us to", confirmed=True)


async def test_a_new_post_is_in_the_language_of_the_settings_and_an_edit_in_its_own(office: Office) -> None:
    begin = office.desk.drafting
    assert begin.new().lang == ""
    office.desk.preferences = replace(office.desk.preferences, post_language="sv")
    post = a_post("work", "1", lang="en")
    assert [draft.lang for draft in (begin.new(), begin.reply(post), begin.quote(post))] == ["sv"] * 3
    assert begin.edit(post, Written("Hej")).lang == "en"


async def test_a_draft_for_an_account_that_another_program_removes_is_checked_on(office: Office) -> None:
    """Named among the problems, and in nobody's way otherwise."""
    office.confirm("work", Known.NO, Known.NO, TUESDAY.date())
    draft = a_draft("Hej", "work", "sky")
    office.desk.world.accounts.remove("sky")
    composer, check = office.desk.composer, office.desk.composer.check(draft)
    assert any("sky" in problem for problem in check.problems)
    assert composer.visibilities(draft) == composer.visibilities(replace(draft, accounts=("work",))) != ()
    assert composer.poll_limits(draft) == composer.poll_limits(replace(draft, accounts=("work",)))
    assert composer.knows_languages(draft) is composer.knows_languages(replace(draft, accounts=("work",)))
    assert office.desk.attaching.alt_limit(draft) == office.desk.attaching.alt_limit(replace(draft, accounts=("work",)))
    for fix in ("insert-signature", "insert-employer"):
        assert office.desk.fixes.can_apply(draft, fix)
        assert office.desk.fixes.too_long(draft, fix) == {}
