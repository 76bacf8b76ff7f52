"""What came back from a copy after damage may have gone since: it waits, says why, and is looked for before it goes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from mbclient.core.stores import SendState
from mbclient.domain.draft import Attachment, Draft, Kind
from mbclient.domain.errors import RejectedError, UnreachableError
from mbclient.domain.post import Post
from tests.core.fakes import Office, a_draft, mine
from tests.core.test_sending import row_of, send, states

TEXT = "Läs https://one.example/a, @bo@else.example"


async def damaged_after_sending(office: Office, draft: Draft, *, sent: bool = True) -> str:
    """Queued, copied, sent (or not), and then the file is lost: the copy gives it back as it was."""
    office.clock.pass_(days=1)
    outbox = office.desk.composer.submit(draft, confirmed=True)[0].outbox
    office.desk.world.stores.copy()
    if sent:
        office.desk.sender.claim()
        await office.desk.sender.flush()
        assert states(office) == {"work": SendState.SENT}
    damage(office)
    return outbox


def damage(office: Office) -> None:
    office.close()
    (office.folder / "data" / "mbclient.db").write_bytes(b"gone" * 5000)
    office.desk = office._start()
    assert office.desk.sender.claim()
    office.clock.pass_(minutes=5)


def shown(office: Office, text: str) -> Post:
    at = office.clock.now() - timedelta(minutes=4)
    return mine(remote_id="1", text=text, created_at=at, url="https://one.example/1")


async def test_it_waits_with_its_reason_and_the_retry_finds_what_was_sent(office: Office) -> None:
    outbox = await damaged_after_sending(office, a_draft(TEXT))
    await office.desk.sender.flush()
    assert (states(office), office.remote.texts("work")) == ({"work": SendState.HELD}, [TEXT])
    assert "restored after damage" in row_of(office).reason
    office.service("work").own = [shown(office, TEXT)]
    (again,) = office.desk.unsent.retry(outbox)
    assert again.reason == ""  # what the user has answered is no longer asked
    await office.desk.sender.flush()
    assert (states(office), office.remote.texts("work")) == ({"work": SendState.SENT}, [TEXT])
    assert row_of(office).remote_id == "1"


async def test_it_is_found_though_what_one_reads_is_cleaned(office: Office) -> None:
    written = "x\u200fy co\u00adop\tz"
    outbox = await damaged_after_sending(office, a_draft(written))
    office.service("work").own = [shown(office, written)]
    office.desk.unsent.retry(outbox)
    await office.desk.sender.flush()
    assert (states(office), office.remote.texts("work")) == ({"work": SendState.SENT}, [written])


async def test_what_was_not_sent_goes_at_the_users_word(office: Office) -> None:
    outbox = await damaged_after_sending(office, a_draft(TEXT), sent=False)
    earlier = shown(office, TEXT)
    office.service("work").own = [mine(remote_id="0", text=TEXT, created_at=earlier.created_at - timedelta(days=1))]
    office.desk.unsent.retry(outbox)
    await office.desk.sender.flush()
    assert (states(office), office.remote.texts("work")) == ({"work": SendState.SENT}, [TEXT])


async def test_one_that_may_be_it_is_asked_about_once(office: Office) -> None:
    """Servers write addresses and handles otherwise: the user knows whether it is the same."""
    outbox = await damaged_after_sending(office, a_draft("Läs https://one.example/a @bo@else.example"), sent=False)
    office.service("work").own = [shown(office, "läs https://l.example/short  @bo")]
    office.desk.unsent.retry(outbox)
    await office.desk.sender.flush()
    row = row_of(office)
    assert (row.state, office.remote.accepted) == (SendState.HELD, [])
    assert "https://one.example/1 may be this post already" in row.reason
    office.desk.unsent.retry(outbox)
    await office.desk.sender.flush()
    assert (states(office), len(office.remote.accepted)) == ({"work": SendState.SENT}, 1)


async def test_thanks_to_somebody_else_are_not_taken_for_it(office: Office) -> None:
    """The same two words are written under many posts: only those under this one are certainly it."""
    answer = a_draft("Tack!", kind=Kind.REPLY, reply_to="work:7")
    outbox = await damaged_after_sending(office, answer, sent=False)
    office.service("work").own = [replace(shown(office, "Tack!"), in_reply_to="8")]
    office.desk.unsent.retry(outbox)
    await office.desk.sender.flush()
    assert (row_of(office).state, office.remote.accepted) == (SendState.HELD, [])
    assert "https://one.example/1 may be this post already" in row_of(office).reason


async def test_the_answer_to_the_same_post_is_it(office: Office) -> None:
    answer = a_draft("Tack!", kind=Kind.REPLY, reply_to="work:7")
    outbox = await damaged_after_sending(office, answer, sent=False)
    under = {"1": "8", "2": "7"}
    office.service("work").own = [
        replace(shown(office, "Tack!"), remote_id=name, in_reply_to=parent) for name, parent in under.items()
    ]
    office.desk.unsent.retry(outbox)
    await office.desk.sender.flush()
    assert (row_of(office).state, row_of(office).remote_id) == (SendState.SENT, "2")
    assert office.remote.accepted == []


async def test_pictures_alone_are_asked_about(office: Office) -> None:
    """No words tell one from another."""
    outbox = await damaged_after_sending(office, a_draft("", media=(Attachment("/none.png", "en bild"),)), sent=False)
    office.service("work").own = [shown(office, "")]
    office.desk.unsent.retry(outbox)
    await office.desk.sender.flush()
    assert (row_of(office).state, office.remote.accepted) == (SendState.HELD, [])


async def test_another_rows_post_is_not_taken_for_it(office: Office) -> None:
    """The same words twice, on purpose: the first is known to be out, so the second is still to go."""
    first = await send(office, "Hej")
    assert first
    office.clock.pass_(days=1)
    outbox = await damaged_after_sending(office, a_draft("Hej"), sent=False)
    office.service("work").own = [shown(office, "Hej")]  # the id of the first
    office.desk.unsent.retry(outbox)
    await office.desk.sender.flush()
    assert office.remote.texts("work") == ["Hej", "Hej"]


async def test_what_cannot_be_looked_for_is_not_sent(office: Office) -> None:
    outbox = await damaged_after_sending(office, a_draft(TEXT))
    office.remote.fault("work", "own_posts", RejectedError("not for you", status=403))
    office.desk.unsent.retry(outbox)
    await office.desk.sender.flush()
    assert (row_of(office).state, "not for you" in row_of(office).reason) == (SendState.HELD, True)
    office.remote.fault("work", "own_posts", UnreachableError("away"))
    office.desk.unsent.retry(outbox)
    await office.desk.sender.flush()
    assert row_of(office).state is SendState.QUEUED
    assert office.remote.texts("work") == [TEXT]
    office.service("work").own = [shown(office, TEXT)]
    office.clock.pass_(minutes=1)
    await office.desk.sender.flush()
    assert (row_of(office).state, office.remote.texts("work")) == (SendState.SENT, [TEXT])


async def test_a_planned_one_may_be_moved_and_is_still_looked_for(office: Office) -> None:
    due = office.clock.now() + timedelta(days=2)
    outbox = await damaged_after_sending(office, a_draft("Senare", due=due), sent=False)
    office.desk.unsent.move(outbox, due + timedelta(minutes=10))
    office.clock.at, office.clock.steady = due + timedelta(minutes=11), office.clock.steady + 60 * 60 * 48
    office.service("work").own = [shown(office, "Senare")]
    await office.desk.sender.flush()
    assert (row_of(office).state, office.remote.accepted) == (SendState.SENT, [])


async def test_an_edit_that_came_back_needs_no_look(office: Office) -> None:
    outbox = await damaged_after_sending(office, a_draft("Rättat", kind=Kind.EDIT, edit_of="work:7"))
    office.remote.asked.clear()
    office.desk.unsent.retry(outbox)
    await office.desk.sender.flush()
    assert states(office) == {"work": SendState.SENT}
    assert office.remote.requests("work", "own_posts") == 0
    assert office.remote.edited == {("work", "7"): "Rättat"}


@pytest.mark.parametrize("sent", [True, False])
async def test_a_draft_that_came_back_is_looked_for_when_it_is_sent(office: Office, sent: bool) -> None:
    office.clock.pass_(days=1)
    draft = a_draft(TEXT)
    name = office.desk.composer.save(draft)
    office.desk.world.stores.copy()
    if sent:
        office.desk.composer.submit(draft, confirmed=True, draft_id=name)
        office.desk.sender.claim()
        await office.desk.sender.flush()
    damage(office)
    office.service("work").own = [shown(office, TEXT)] if sent else []
    assert [kept.id for kept in office.desk.drafts.list()] == [name]
    office.desk.composer.save(draft, id=name, cursor=0)  # what is written on keeps the mark
    office.desk.composer.submit(draft, confirmed=True, draft_id=name)
    await office.desk.sender.flush()
    assert states(office) == {"work": SendState.SENT}
    assert (office.remote.texts("work"), office.remote.requests("work", "own_posts")) == ([TEXT], 1)
