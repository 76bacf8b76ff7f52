"""Taking back what waits to be sent: its words are a draft before it is cancelled, whatever ends in between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from mbclient.core.compose import Composer
from mbclient.core.stores import OutboxRow, SendState
from mbclient.core.unsent import Unsent
from mbclient.domain.draft import Draft
from mbclient.domain.errors import MbclientError
from mbclient.domain.lazydataclass import dataclass


@dataclass(frozen=True, slots=True)
class TakenBack:
    """The cancelled rows, and the draft that their words are kept under; empty for a boost, which has none."""

    rows: Sequence[OutboxRow]
    draft_id: str = ""


class TakingBack:
    """Each way raises what cancelling raises; whatever was cancelled until then is a draft all the same."""

    def __init__(self, composer: Composer, unsent: Unsent) -> None:
        self._composer = composer
        self._unsent = unsent

    def here(self, outbox: str) -> TakenBack:
        """What has not left this machine. Raises `UsageError`, `StorageError`."""
        keeping = self._keep(outbox)
        try:
            return self._done(keeping, self._unsent.cancel(outbox))
        except MbclientError:
            self._failed(keeping, outbox)
            raise

    async def anywhere(self, outbox: str, *, until: datetime | None = None) -> TakenBack:
        """Likewise, and what a server keeps until its time. `until`: the draft keeps a time that is after this moment.

        Raises `ServiceError` besides.
        """
        keeping = self._keep(outbox)
        try:
            return self._done(keeping, await self._unsent.take_back(outbox), until)
        except MbclientError:
            self._failed(keeping, outbox)
            raise

    def _keep(self, outbox: str) -> tuple[str, Sequence[OutboxRow]]:
        rows = [row for row in self._unsent.find(outbox) if row.state not in (SendState.SENT, SendState.CANCELLED)]
        draft = self._composer.taken_back(rows)
        return (self._composer.save(draft) if draft is not None else "", rows)

    def _done(
        self, keeping: tuple[str, Sequence[OutboxRow]], cancelled: Sequence[OutboxRow], until: datetime | None = None
    ) -> TakenBack:
        """The draft is for the accounts that it was taken back from, and no other."""
        draft_id, rows = keeping
        draft = self._composer.taken_back(cancelled)
        if draft is None:
            if draft_id:
                self._composer.discard(draft_id)
            return TakenBack(cancelled)
        self._composer.save(_planned(draft, rows, until), id=draft_id, cursor=len(draft.text))
        return TakenBack(cancelled, draft_id)

    def _failed(self, keeping: tuple[str, Sequence[OutboxRow]], outbox: str) -> None:
        before = {row.name for row in keeping[1]}
        now = self._unsent.find(outbox) if before else ()
        self._done(keeping, [row for row in now if row.name in before and row.state is SendState.CANCELLED])


def _planned(draft: Draft, rows: Sequence[OutboxRow], until: datetime | None) -> Draft:
    """With its time, where that is still to come and wanted."""
    if until is None:
        return draft
    first = rows[0].draft
    return replace(draft, due=first.due, on_server=first.on_server) if first.due and first.due > until else draft
