"""What becomes of an outbox row, on disk before anybody is told: kept, held, sent; counted and logged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mbclient.core import parts
from mbclient.core.accounts import Accounts
from mbclient.core.events import Bus, FactsChanged, OutboxChanged, PostChanged
from mbclient.core.judge import Judge
from mbclient.core.ports import Clock, Json, Published
from mbclient.core.refresh import Refresher
from mbclient.core.stores import Archive, Ledger, Outbox, OutboxRow, SendState
from mbclient.domain.draft import Kind
from mbclient.domain.errors import UsageError
from mbclient.domain.post import Post
from mbclient.domain.safetext import SafeText
from mbclient.policy.model import LedgerEntry

_NOT_OVER = tuple(state for state in SendState if state not in (SendState.SENT, SendState.CANCELLED))


class Rows:
    """The one way to another state."""

    def __init__(
        self,
        outbox: Outbox,
        archive: Archive,
        ledger: Ledger,
        accounts: Accounts,
        judge: Judge,
        refresher: Refresher,
        clock: Clock,
        bus: Bus,
    ) -> None:
        self.outbox = outbox
        self.archive = archive
        self._ledger = ledger
        self._accounts = accounts
        self.judge = judge
        self._refresher = refresher
        self._clock = clock
        self.bus = bus

    def stored(self, row: OutboxRow) -> OutboxRow:
        """The row as it stands on disk now."""
        return next(known for known in self.outbox.rows(outbox=row.outbox) if known.name == row.name)

    def before(self, row: OutboxRow) -> OutboxRow | None:
        """The part of a thread that this one answers; None for a first one, and for a single post."""
        return parts.before(self.outbox, row)

    def hold_reason(self, row: OutboxRow) -> str | None:
        """Why the policy holds it now, in words; of a thread it reads the whole text."""
        return self.judge.hold_reason(self._whole(row), self._clock.now())

    def _whole(self, row: OutboxRow) -> OutboxRow:
        if not row.part:
            return row
        return replace(row, draft=replace(row.draft, text=parts.joined(parts.siblings(self.outbox, row))))

    def looked_for(self, row: OutboxRow) -> Json:
        """What `Service.find` is asked with: what was prepared, and as `taken` what other rows of the account became.

        A service that tells posts by their words would else take an earlier post of the same words for this one.
        """
        assert row.prepared is not None
        return {**row.prepared, "taken": self.taken(row)}

    def taken(self, row: OutboxRow) -> list[str]:
        """The posts that the account's other rows became."""
        return [remote_id for name, remote_id in self.outbox.sent_ids(row.account) if name != row.name]

    def keep(self, row: OutboxRow, expected: Sequence[SendState] = _NOT_OVER) -> OutboxRow:
        """Stores the row; what the user cancelled meanwhile stays cancelled, and is what is given back.

        That a post is out is true whatever was wanted, and whatever is found out later.
        """
        if row.state is SendState.SENT:
            self.outbox.update(row)
        elif not self.outbox.advance(row, expected):
            return self.stored(row)
        self.bus.publish(OutboxChanged(row))
        return row

    def begin(self, row: OutboxRow) -> OutboxRow | None:
        """`sending`, on disk, before the first byte; None: somebody else has cancelled or taken it meanwhile."""
        started = replace(row, state=SendState.SENDING, first_sent_at=row.first_sent_at or self._clock.now(), reason="")
        if not self.outbox.advance(started, (SendState.QUEUED, SendState.UNKNOWN)):
            return None
        self.bus.publish(OutboxChanged(started))
        return started

    def hold(self, row: OutboxRow, reason: str) -> OutboxRow:
        """It is the user's turn."""
        held = self.keep(replace(row, state=SendState.HELD, reason=reason))
        self.log(held, "held")
        return held

    async def sent(self, row: OutboxRow, published: Published) -> OutboxRow:
        """It is out: counted, shown, logged."""
        row = replace(
            row,
            state=SendState.SENT,
            sent_at=published.at,
            remote_id=published.remote_id,
            url=published.url,
            scheduled_id="",
            reason="",
        )
        if row.draft.kind is not Kind.EDIT:
            self._ledger.record([_ledger_entry(row, published)])
        row = self.keep(row)
        if published.post is not None:
            await self._show(row, published.post)
        if row.position + 1 >= row.draft.segments:  # a thread is one line of the log
            self.log(row, "sent")
        self.bus.publish(FactsChanged())
        return row

    async def _show(self, row: OutboxRow, post: Post) -> None:
        """Among the account's posts, unless it was removed while this one was on its way."""
        try:
            account = self._accounts.get(row.account)
        except UsageError:
            return
        if row.draft.kind is Kind.EDIT:
            self.archive.update(post)
        await self._refresher.take([post], account)
        if row.draft.kind is Kind.EDIT:  # known by now with its new words, so taking it told nobody
            self.bus.publish(PostChanged(post))

    def log(self, row: OutboxRow, outcome: str) -> None:
        """One line of the decision log on what became of the row."""
        draft = self._whole(row).draft
        verdict = self.judge.check(replace(draft, due=None), self._clock.now(), without=(row.outbox,))
        if outcome == "cancelled" and any(one.state is SendState.SENT for one in self.outbox.rows(outbox=row.outbox)):
            outcome = "partial"
        self.judge.record(
            row.draft,
            verdict,
            outcome,
            draft_id=row.outbox,
            reason=row.override_reason,
            fixes_used=row.fixes_used,
        )


def _ledger_entry(row: OutboxRow, published: Published) -> LedgerEntry:
    return LedgerEntry(
        at=published.at,
        account=row.account,
        service=row.service,
        kind=row.draft.kind,
        segments=row.draft.segments,
        group=row.outbox,
        visibility=row.draft.visibility,
        text=SafeText(row.draft.text),  # as the service will show it: it is one post with that
        remote_id=published.remote_id,
    )
