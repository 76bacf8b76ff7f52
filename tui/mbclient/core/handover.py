"""Posts that a server itself keeps until their time: handed over, looked for afterwards, taken back.

Such a post goes out though no mbclient runs, and the policy cannot be asked again then: it was judged as of its time
when it was handed over (policy facts 5.2). Until it is seen it stays in the outbox and in every plan.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from mbclient.core.abilities import Scheduling, Waiting
from mbclient.core.accounts import Accounts
from mbclient.core.events import FactsChanged, Notice
from mbclient.core.ports import Clock, Published, Service
from mbclient.core.rows import Rows
from mbclient.core.stores import OutboxRow, SendState
from mbclient.core.waits import READ_BACK_PAUSE, READ_BACKS, backoff
from mbclient.domain.errors import SecretError, ServiceError, UsageError
from mbclient.texts import _

LOOK_AFTER = timedelta(seconds=60)  # the due time: servers publish what is due once a minute or so


class Handover:
    """One row at a time; every step is on disk when it returns."""

    def __init__(self, rows: Rows, accounts: Accounts, clock: Clock) -> None:
        self._rows = rows
        self._accounts = accounts
        self._clock = clock
        self._missed: dict[str, int] = {}

    async def answered(self, row: OutboxRow, published: Published) -> OutboxRow:
        """What the server made of a post that it was to keep: kept, or published at once all the same."""
        if published.scheduled:
            return self._waits(row, published, published.at + LOOK_AFTER)
        if published.at < (row.draft.due or published.at):
            text = _("{account} published the post at once instead of waiting for its time").format(account=row.account)
            self._rows.bus.publish(Notice(text, "warning"))
        return await self._rows.sent(row, published)

    def _waits(self, row: OutboxRow, held: Published, look_at: datetime) -> OutboxRow:
        """Queued still; the time is the server's word."""
        draft = replace(row.draft, due=held.at)
        waiting = replace(row, state=SendState.QUEUED, draft=draft, not_before=look_at, reason="")
        kept = self._rows.keep(replace(waiting, scheduled_id=held.remote_id))
        self._missed.pop(row.name, None)
        self._rows.bus.publish(FactsChanged())
        return kept

    async def look(self, service: Service, row: OutboxRow) -> OutboxRow:
        """Whether a post is out whose time has come; its server may hold it longer, or not at all."""
        now = self._clock.now()
        try:
            found = await self._at_server(service, row)
        except (ServiceError, SecretError) as error:
            later = now + timedelta(seconds=backoff(row.attempts + 1))
            row = replace(row, attempts=row.attempts + 1, not_before=later, reason=error.problem)
            return self._rows.keep(row)
        if found is not None:
            if found.scheduled:
                return self._waits(row, found, max(found.at + LOOK_AFTER, now + READ_BACK_PAUSE))
            return await self._rows.sent(row, found)
        missed = self._missed[row.name] = self._missed.get(row.name, 0) + 1
        if missed < READ_BACKS:
            return self._rows.keep(replace(row, not_before=now + READ_BACK_PAUSE))
        del self._missed[row.name]
        reason = _("the server neither holds it nor shows it: it was taken back there, or refused at its time")
        gone = replace(row, state=SendState.FAILED, scheduled_id="", first_sent_at=None, reason=reason)
        return self._rows.keep(gone)

    async def _at_server(self, service: Service, row: OutboxRow) -> Published | None:
        """The post as the server has it: waiting still, at whatever time it was moved to, or out."""
        for held in await scheduling(service).scheduled():
            if held.id == row.scheduled_id:
                return Published(held.id, "", "", held.due, scheduled=True)
        return await service.find(self._rows.looked_for(row))

    async def recall(self, row: OutboxRow) -> OutboxRow:
        """Takes back what a server holds; gives the row as it then stands: cancelled, or sent where it was quicker.

        Raises `ServiceError`, `SecretError`: as far as anybody knows the server holds it still.
        """
        service = self._accounts.service(row.account)
        if not await scheduling(service).unschedule(row.scheduled_id):
            found = await self._at_server(service, row)
            if found is not None and not found.scheduled:
                return await self._rows.sent(row, found)
        ended = replace(row, state=SendState.CANCELLED, scheduled_id="", reason="", cancelled_at=self._clock.now())
        done = self._rows.keep(ended)
        self._rows.log(done, "cancelled")
        return done

    async def held_by(self, account: str) -> Sequence[Waiting]:
        """All that the account's server holds, whoever put it there. Raises `ServiceError`, `UsageError`."""
        return await scheduling(self._accounts.service(account)).scheduled()

    async def drop(self, account: str, scheduled_id: str) -> bool:
        """Takes back what another program handed over; False: it is not there."""
        return await scheduling(self._accounts.service(account)).unschedule(scheduled_id)


def scheduling(service: Service) -> Scheduling:
    """The service as one with a schedule of its own. Raises `UsageError` where it has none."""
    if not service.capabilities.schedule or not isinstance(service, Scheduling):
        raise UsageError(
            _("{account} cannot keep posts until their time").format(account=service.account.name),
            _("plan them here"),
        )
    return service
