"""What must not be lost: drafts, outbox, ledger, decision log."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mbclient.core.stores import OutboxRow, SavedDraft, SendState, Stores
from mbclient.domain.draft import About, Attachment, Draft, Kind
from mbclient.domain.errors import StorageError
from mbclient.domain.poll import NewPoll
from mbclient.domain.post import Visibility
from mbclient.domain.safetext import own_text
from mbclient.policy.model import LedgerEntry, LedgerStatus
from mbclient.storage import open_stores
from mbclient.storage.codec import microseconds, repaired
from mbclient.storage.codec_own import decode_draft, decode_row, encode_draft, encode_row
from mbclient.storage.database import BUSY_S
from mbclient.storage.outbox import OutboxStore
from tests.storage.posts import NOON, FixedClock, moments, raw

drafts = st.builds(
    Draft,
    text=raw,
    accounts=st.lists(raw, max_size=3).map(tuple),
    kind=st.sampled_from(Kind),
    segments=st.integers(1, 9),
    visibility=st.sampled_from(Visibility),
    cw=raw,
    lang=raw,
    reply_to=raw,
    quote_of=raw,
    edit_of=raw,
    boost_of=raw,
    media=st.lists(st.builds(Attachment, raw, raw), max_size=2).map(tuple),
    due=st.none() | moments,
    about=st.builds(About, raw, raw),
    poll=st.none()
    | st.builds(NewPoll, st.lists(raw, max_size=3).map(tuple), st.booleans(), st.integers(1, 10**7), st.booleans()),
)


def mended(draft: Draft) -> Draft:
    return replace(
        draft,
        text=own_text(repaired(draft.text)),
        cw=own_text(repaired(draft.cw)),
        lang=repaired(draft.lang),
        reply_to=repaired(draft.reply_to),
        quote_of=repaired(draft.quote_of),
        edit_of=repaired(draft.edit_of),
        boost_of=repaired(draft.boost_of),
        accounts=tuple(map(repaired, draft.accounts)),
        media=tuple(Attachment(repaired(media.path), own_text(repaired(media.alt))) for media in draft.media),
        about=About(repaired(draft.about.text), repaired(draft.about.author)),
        poll=draft.poll
        and replace(draft.poll, choices=tuple(own_text(repaired(choice)) for choice in draft.poll.choices)),
    )


@given(drafts, st.none() | moments)
def test_a_draft_comes_back_as_it_was(draft: Draft, since: datetime | None) -> None:
    saved = SavedDraft("d", draft, 3, NOON, since)
    assert decode_draft("d", microseconds(NOON), 3, encode_draft(saved)) == replace(saved, draft=mended(draft))


def row(outbox: str = "01", account: str = "work", position: int = 0, **fields: Any) -> OutboxRow:
    known: dict[str, Any] = {
        "key": f"{outbox}-{account}-{position}",
        "draft": Draft("text", (account,)),
        "state": SendState.QUEUED,
        "created_at": NOON,
        "not_before": NOON + timedelta(seconds=5),
    }
    return OutboxRow(outbox, account, position=position, **{**known, **fields})


FULL = row(
    service="mastodon",
    attempts=2,
    prepared={"text": "å", "media": ["1"], "n": 1, "none": None},
    first_sent_at=NOON,
    sent_at=NOON + timedelta(microseconds=1),
    remote_id="9",
    url="https://m.example/9",
    reason="why",
    override_reason="because",
    override_digest="abc",
    cancelled_at=NOON + timedelta(microseconds=2),
)


class TestDrafts:
    def test_saved_again_is_one_and_the_newest_is_first(self, stores: Stores) -> None:
        first = SavedDraft("a", Draft("one"), 3, NOON)
        second = SavedDraft("b", Draft("two"), 0, NOON + timedelta(seconds=1))
        stores.drafts.save(first)
        stores.drafts.save(second)
        stores.drafts.save(replace(first, draft=Draft("one more")))
        assert [saved.draft.text for saved in stores.drafts.list()] == ["two", "one more"]
        assert stores.drafts.get("b") == second
        stores.drafts.delete("b")
        stores.drafts.delete("never there")
        assert stores.drafts.get("b") is None

    def test_another_start_has_them(self, stores: Stores, data_dir: Path, clock: FixedClock) -> None:
        stores.drafts.save(SavedDraft("a", Draft("kept"), 2, NOON))
        again = open_stores(data_dir, clock)
        assert again.drafts.get("a") == SavedDraft("a", Draft("kept"), 2, NOON)
        again.close()


class TestOutbox:
    @pytest.mark.parametrize("one", [row(), FULL, replace(FULL, prepared={})])
    def test_a_row_comes_back_as_it_was(self, stores: Stores, one: OutboxRow) -> None:
        stores.outbox.add([one])
        assert stores.outbox.rows() == [one]
        name = (one.outbox, one.account, one.position, one.key)
        assert decode_row(*name, one.state, 1_795_521_600_000_000, encode_row(one)) == one

    def test_all_rows_or_none(self, stores: Stores) -> None:
        stores.outbox.add([row("01")])
        for double in (row("01"), row("02", key="01-work-0")):
            with pytest.raises(StorageError, match="already"):
                stores.outbox.add([row("03"), double])
        assert [one.outbox for one in stores.outbox.rows()] == ["01"]

    def test_rows_by_state_and_act_oldest_first(self, stores: Stores) -> None:
        late = row("00", created_at=NOON + timedelta(hours=1), state=SendState.HELD)
        stores.outbox.add([late, row("02", position=0), row("02", position=1), row("01", "bsky")])
        assert [(one.outbox, one.position) for one in stores.outbox.rows()] == [
            ("02", 0),
            ("02", 1),
            ("01", 0),
            ("00", 0),
        ]
        assert stores.outbox.rows(states=(SendState.HELD, SendState.SENT)) == [late]
        assert len(stores.outbox.rows(outbox="02", states=(SendState.QUEUED,))) == 2
        assert stores.outbox.rows(outbox="nothing") == []

    def test_update(self, stores: Stores) -> None:
        stores.outbox.add([row()])
        changed = row(state=SendState.SENT, remote_id="7", sent_at=NOON)
        stores.outbox.update(changed)
        assert stores.outbox.rows() == [changed]
        with pytest.raises(StorageError, match="no longer"):
            stores.outbox.update(row("99"))

    def test_a_retry_by_hand_counts_from_now_and_may_have_a_key_of_its_own(self, stores: Stores) -> None:
        """A refusal may be replayed for the same key, and the wait is over when the user says again."""
        stores.outbox.add([row(state=SendState.FAILED)])
        again = row(key="another", state=SendState.QUEUED, created_at=NOON + timedelta(hours=2))
        stores.outbox.update(again)
        assert stores.outbox.rows() == [again]

    def test_only_one_of_two_takes_a_row_over(self, stores: Stores) -> None:
        outbox = stores.outbox
        assert isinstance(outbox, OutboxStore)
        outbox.add([row()])
        assert outbox.advance(row(state=SendState.CANCELLED), [SendState.QUEUED, SendState.HELD])
        assert not outbox.advance(row(state=SendState.SENDING), [SendState.QUEUED])
        assert outbox.rows()[0].state is SendState.CANCELLED

    def test_one_sender_a_folder(self, stores: Stores, data_dir: Path, clock: FixedClock) -> None:
        assert stores.outbox.claim_sending()
        assert stores.outbox.claim_sending()
        other = open_stores(data_dir, clock)
        assert not other.outbox.claim_sending()
        script = (
            "import sys, pathlib\n"
            "from mbclient.storage import open_stores\nfrom mbclient.core.clock import SystemClock\n"
            "stores = open_stores(pathlib.Path(sys.argv[1]), SystemClock())\n"
            "print(stores.outbox.claim_sending()); stores.close()"
        )
        done = subprocess.run([sys.executable, "-c", script, data_dir], capture_output=True, text=True, check=True)
        assert done.stdout == "False\n"
        stores.close()
        assert other.outbox.claim_sending()
        other.close()

    def test_many_threads_lose_nothing(self, stores: Stores) -> None:
        def work(number: int) -> None:
            for step in range(10):
                one = row(f"{number}-{step}")
                stores.outbox.add([one])
                stores.outbox.update(replace(one, state=SendState.SENT))
                stores.drafts.save(SavedDraft(f"{number}", Draft(str(step)), step, NOON))

        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(stores.outbox.rows(states=(SendState.SENT,))) == 40
        assert [saved.draft.text for saved in stores.drafts.list()] == ["9"] * 4


def entry(minute: float, account: str = "masto", **fields: Any) -> LedgerEntry:
    known: dict[str, Any] = {"service": account, "text": "Hej", "remote_id": f"{minute}"}
    return LedgerEntry(NOON + timedelta(minutes=minute), account, **{**known, **fields})


def all_entries(stores: Stores) -> list[LedgerEntry]:
    return list(stores.ledger.entries(NOON - timedelta(days=1), NOON + timedelta(days=1)))


class TestLedger:
    def test_the_same_post_again_changes_nothing_but_deleted(self, stores: Stores) -> None:
        own = entry(1, group="g", segments=2)
        stores.ledger.record([own])
        stores.ledger.record([entry(9, remote_id="1.0"[:1], text="other", segments=5), entry(2)])
        assert all_entries(stores) == [own, entry(2)]
        stores.ledger.record([entry(1, deleted=True)])
        stores.ledger.record([entry(1)])
        stores.ledger.mark_deleted("masto", "2")
        stores.ledger.mark_deleted("masto", "unknown")
        assert [one.deleted for one in all_entries(stores)] == [True, True]

    def test_from_until(self, stores: Stores) -> None:
        stores.ledger.record([entry(minute, text=str(minute)) for minute in (3, 1, 2)])
        found = stores.ledger.entries(NOON + timedelta(minutes=1), NOON + timedelta(minutes=3))
        assert [one.text for one in found] == ["1", "2"]

    @pytest.mark.parametrize(
        ("others", "groups"),
        [
            ([entry(8, "bsky", text="hej   https://x.example/2")], 1),
            ([entry(11, "bsky")], 2),
            ([entry(5, "masto", remote_id="x")], 2),
            ([entry(5, "other-masto", service="masto")], 2),
            ([entry(5, "bsky", text="Hopp")], 2),
            ([entry(5, "bsky"), entry(6, "bsky", remote_id="y")], 2),
            ([entry(5, "bsky"), entry(6, "x")], 1),
            ([entry(-9, "bsky"), entry(9, "x")], 2),
        ],
    )
    def test_posts_from_other_clients_form_groups_that_stay(
        self, stores: Stores, data_dir: Path, clock: FixedClock, others: list[LedgerEntry], groups: int
    ) -> None:
        """As W10 and W11: equal text, other service, within ten minutes of the first."""
        stores.ledger.record([entry(0, text="Hej https://x.example/1")])
        for one in others:
            stores.ledger.record([one])

        def grouped() -> list[str]:
            return [one.group or f"alone {one.account} {one.remote_id}" for one in all_entries(stores)]

        before = grouped()
        assert len(set(before)) == groups
        stores.ledger.record(others[::-1])
        again = open_stores(data_dir, clock, crosspost_window=timedelta(0))
        again.ledger.record([entry(0)])
        again.close()
        assert grouped() == before

    def test_a_post_seen_before_its_sending_was_told_is_ones_own(self, stores: Stores) -> None:
        stores.ledger.record([entry(1)])
        stores.ledger.record([entry(1, group="g"), entry(2, "bsky", group="g")])
        stores.ledger.record([entry(1, group="h")])
        assert [one.group for one in all_entries(stores)] == ["g", "g"]

    def test_what_was_sent_nobody_knew_where_is_not_counted_again_when_it_is_read(self, stores: Stores) -> None:
        own = entry(1, group="g", remote_id="")
        stores.ledger.record([own])
        stores.ledger.record(
            [entry(2, text="Annat"), entry(3, "bsky", text="Hej då"), entry(30), entry(4, text="hej "), entry(5)]
        )
        names = {one.remote_id: one.group for one in all_entries(stores) if one.account == "masto"}
        assert names == {"4": "g", "2": "", "5": "", "30": ""}  # the first alone, of these words and about then
        stores.ledger.record([entry(4, text="hej ")])
        assert len(all_entries(stores)) == 5

    def test_what_has_no_id_yet_is_told_by_its_act(self, stores: Stores) -> None:
        waiting = entry(1, remote_id="", group="g", status=LedgerStatus.UNKNOWN)
        stores.ledger.record([waiting, waiting, replace(waiting, account="bsky")])
        assert len(all_entries(stores)) == 2

    def test_a_role_is_seen_first_once(self, stores: Stores) -> None:
        assert stores.ledger.role_since("landschef", date(2026, 11, 1)) == date(2026, 11, 1)
        assert stores.ledger.role_since("landschef", date(2026, 12, 1)) == date(2026, 11, 1)
        assert stores.ledger.role_since("employee", date(2026, 12, 1)) == date(2026, 12, 1)

    def test_a_role_that_cannot_be_noted_is_of_today_and_noted_another_time(
        self, stores: Stores, data_dir: Path
    ) -> None:
        """The meter asks: it neither fails for it nor waits for whoever writes."""
        other = sqlite3.connect(data_dir / "mbclient.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        assert stores.ledger.role_since("landschef", date(2026, 11, 1)) == date(2026, 11, 1)
        assert time.monotonic() - began < BUSY_S / 2
        other.close()
        assert stores.ledger.role_since("landschef", date(2026, 12, 1)) == date(2026, 12, 1)
        assert stores.ledger.role_since("landschef", date(2026, 12, 2)) == date(2026, 12, 1)

    @settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(raw, raw, raw)
    def test_any_text_is_kept(self, stores: Stores, text: str, account: str, remote_id: str) -> None:
        one = entry(1, account, text=text, remote_id=remote_id or "r", service=account)
        stores.ledger.record([one])
        kept = {(known.account, known.remote_id): known.text for known in all_entries(stores)}
        assert (repaired(account), repaired(remote_id or "r")) in kept


class TestDecisionLog:
    def test_in_order_and_no_longer_than_retention(self, data_dir: Path) -> None:
        clock = FixedClock()
        stores = open_stores(data_dir, clock, log_retention=timedelta(days=90))
        for day in range(3):
            clock.time = NOON + timedelta(days=day)
            stores.log.append({"ts": clock.now().isoformat(), "level": "allow", "day": day, "findings": [{"id": "P4"}]})
        assert [one["day"] for one in stores.log.entries()] == [0, 1, 2]
        clock.time = NOON + timedelta(days=91)
        assert [one["day"] for one in stores.log.entries()] == [1, 2]
        stores.log.append({"ts": "no time", "day": 91})
        clock.time = NOON
        assert [one["day"] for one in stores.log.entries()] == [1, 2, 91]
        assert stores.log.delete(before=NOON + timedelta(days=2)) == 1
        assert stores.log.delete() == 2
        assert stores.log.entries() == []
        stores.close()

    def test_a_time_without_zone_is_utc(self, stores: Stores) -> None:
        stores.log.append({"ts": NOON.astimezone(UTC).replace(tzinfo=None).isoformat(), "text": "\ud800"})
        assert stores.log.entries()[0]["text"] == "\ufffd"
