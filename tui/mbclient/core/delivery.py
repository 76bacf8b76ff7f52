"""One outbox row on its way: judged once more, on disk before its first byte, and whatever came of it.

A row is `sending` on disk before its first byte. Unknown is read back, or repeated only where the service makes a
repeat harmless (reliability facts 3).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

from mbclient.core.accounts import Accounts
from mbclient.core.events import PostChanged
from mbclient.core.handover import Handover
from mbclient.core.polling import poll_problems
from mbclient.core.ports import Clock, Outgoing, Published, Service
from mbclient.core.restored import look
from mbclient.core.rows import Rows
from mbclient.core.stores import OutboxRow, SendState
from mbclient.core.waits import JITTER, READ_BACK_PAUSE, READ_BACKS, backoff
from mbclient.domain.capabilities import Idempotency
from mbclient.domain.draft import Kind
from mbclient.domain.errors import (
    AuthError,
    CapReachedError,
    MbclientError,
    OutcomeUnknownError,
    RateLimitedError,
    RejectedError,
    SecretError,
    ServiceError,
    StorageError,
    UnreachableError,
    UsageError,
)
from mbclient.domain.post import Mine, Post
from mbclient.texts import _

LONGEST_WAIT = timedelta(hours=1)  # of a limit; beyond it the user decides
KEY_MARGIN = timedelta(minutes=5)


class Delivery:
    """Takes one row one step further; every step is on disk when it returns.

    `shut`: accounts that can take no more for now, and why: signed out, or limited for longer than is waited.
    """

    def __init__(self, rows: Rows, handover: Handover, accounts: Accounts, clock: Clock) -> None:
        self._rows = rows
        self._handover = handover
        self._accounts = accounts
        self._clock = clock
        self._missed: dict[str, int] = {}
        self._unwritten: dict[str, Callable[[], Awaitable[OutboxRow]]] = {}
        self.shut: dict[str, str] = {}

    def gave_up(self, row: OutboxRow) -> bool:
        """An unknown outcome was looked up often enough: it is the user's turn."""
        return row.state is SendState.UNKNOWN and self._missed.get(row.name, 0) >= READ_BACKS

    def forget(self, row: OutboxRow) -> None:
        """The user has decided: how often it was looked up no longer counts."""
        self._missed.pop(row.name, None)

    def knows(self, row: OutboxRow) -> bool:
        """What came of its request is known here, and the disk did not take it yet."""
        return row.state is SendState.SENDING and row.name in self._unwritten

    async def handle(self, row: OutboxRow) -> OutboxRow:
        """Sends a queued row, settles an unknown one, writes down what is known of one that is sending; gives it as it
        then stands.
        """
        if self.knows(row):
            return await self._write_down(row, self._unwritten[row.name])
        self._unwritten.pop(row.name, None)  # of an earlier try whose state was kept before the disk failed
        try:
            service = self._accounts.service(row.account)
            if row.scheduled_id:
                return await self._handover.look(service, row)
            if row.state is SendState.UNKNOWN:
                return await self._settle(service, row)
            return await self._send(service, row)
        except UsageError as error:  # the account was removed: the words stay
            return self._rows.keep(replace(row, state=SendState.FAILED, reason=str(error)))

    def broken_off(self, row: OutboxRow) -> OutboxRow:
        """After a fault in the adapter or in ours that ended `handle`: another try, later; unsure where it had begun.

        What was settled before the fault stays as it is.
        """
        self._unwritten.pop(row.name, None)
        row = self._rows.stored(row)
        if row.state not in (SendState.QUEUED, SendState.UNKNOWN, SendState.SENDING):
            return row
        begun = row.state is SendState.SENDING  # it is counted already, and may be out
        attempts = row.attempts if begun else row.attempts + 1
        later = self._clock.now() + timedelta(seconds=backoff(attempts))
        state = SendState.UNKNOWN if begun else row.state
        reason = _("a fault in mbclient itself")
        return self._rows.keep(
            replace(row, state=state, attempts=attempts, not_before=later, reason=reason), (row.state,)
        )

    # ------------------------------------------------------------ one row

    async def _send(self, service: Service, row: OutboxRow) -> OutboxRow:
        held = self._rows.hold_reason(row)
        if held is not None:
            return self._rows.hold(row, held)
        before = self._rows.before(row)
        if before is not None and not before.remote_id:
            reason = _(
                "the part before is out, and {account} does not say where: cancel this one and answer it yourself"
            )
            return self._rows.hold(row, reason.format(account=row.account))
        row = replace(self._following(row), attempts=row.attempts + 1)
        if row.draft.kind is Kind.BOOST:
            return await self._boost(service, row)
        if row.first_sent_at is not None:  # an earlier try may have arrived
            settled = await self._look_first(service, row)
            if settled is not None:
                return settled
        try:
            prepared = row.prepared or await service.prepare(await self._outgoing(service, row))
        except MbclientError as error:
            return self._not_taken(row, error)
        # Preparing may have taken long (an upload): the policy is asked again right before the request (5.2).
        held = self._rows.hold_reason(row)
        if held is not None:
            return self._rows.hold(replace(row, prepared=prepared), held)
        return await self._publish(service, replace(row, prepared=prepared))

    def _following(self, row: OutboxRow) -> OutboxRow:
        """A later part of a thread answers the one before it, which is out."""
        before = self._rows.before(row)
        if before is None:
            return row
        return replace(row, draft=replace(row.draft, reply_to=f"{before.account}:{before.remote_id}"))

    async def _look_first(self, service: Service, row: OutboxRow) -> OutboxRow | None:
        """The row as it stands if the look settles it; None: it is not there, and may go."""
        try:
            if row.prepared is not None:
                found, like = await service.find(self._rows.looked_for(row)), ""
            elif row.draft.kind is Kind.EDIT:  # a second time it changes nothing
                return None
            else:
                seen = await look(service, row, self._rows.taken(row))
                found, like = seen.same, seen.like
        except MbclientError as error:
            return self._not_looked_up(row, error)
        if found is not None:
            return await self._sent(row, found)
        if not like:
            return None
        reason = _("{url} may be this post already: cancel this one, or retry to send it all the same").format(url=like)
        return self._rows.hold(replace(row, first_sent_at=None), reason)  # the user's next word is an informed one

    async def _boost(self, service: Service, row: OutboxRow) -> OutboxRow:
        """Boosting twice is boosting once on every service, so a lost answer only means another try."""
        begun = self._rows.begin(row)
        if begun is None:
            return self._rows.stored(row)
        answer: tuple[Post, Mine] | MbclientError | None
        try:
            post = await self._known(service, begun.draft.boost_of)
            answer = None if post is None else (post, await service.set_boosted(post, True))
        except MbclientError as error:
            answer = error
        return await self._write_down(begun, partial(self._boosted, begun, answer))

    async def _boosted(self, row: OutboxRow, answer: tuple[Post, Mine] | MbclientError | None) -> OutboxRow:
        if answer is None:
            return self._rows.keep(replace(row, state=SendState.FAILED, reason=_("the post is gone")))
        if isinstance(answer, OutcomeUnknownError):
            later = self._clock.now() + timedelta(seconds=backoff(row.attempts))
            return self._rows.keep(replace(row, state=SendState.QUEUED, reason=answer.problem, not_before=later))
        if isinstance(answer, MbclientError):
            return self._not_taken(row, answer)
        post, mine = answer
        sent = self._rows.keep(replace(row, state=SendState.SENT, sent_at=self._clock.now(), reason=""))
        counts = replace(post.counts, boosts=post.counts.boosts + (not post.mine.boosted))
        await self._show(replace(post, mine=mine, counts=counts))
        self._rows.log(sent, "sent")
        return sent

    async def _show(self, post: Post) -> None:
        """A post that is known here, as what went out has made it."""
        await asyncio.to_thread(self._rows.archive.update, post)
        self._rows.bus.publish(PostChanged(post))

    async def _outgoing(self, service: Service, row: OutboxRow) -> Outgoing:
        draft = row.draft
        if draft.poll is not None and service.capabilities.poll is None:
            can = await service.load_capabilities()
            if can.poll is None:  # no adapter is given what its service would pass over in silence
                raise UsageError("; ".join(poll_problems(row.account, can, draft)))
        return Outgoing(
            key=row.key,
            text=draft.text,
            composed_at=row.created_at,
            cw=draft.cw,
            lang=draft.lang,
            visibility=draft.visibility,
            reply_to=await self._known(service, draft.reply_to),
            quote_of=await self._known(service, draft.quote_of),
            edit_of=await self._known(service, draft.edit_of),
            media=draft.media,
            due=draft.due if draft.on_server else None,
            poll=draft.poll,
        )

    async def _known(self, service: Service, id: str) -> Post | None:
        if not id:
            return None
        account, _colon, remote_id = id.partition(":")
        post = self._rows.archive.post(id)
        if post is not None and post.account == account and post.remote_id == remote_id:
            return post
        return await service.post(remote_id)

    async def _publish(self, service: Service, row: OutboxRow) -> OutboxRow:
        """The request itself. After it nobody is surer than the service's word makes them."""
        begun = self._rows.begin(row)
        if begun is None:
            return self._rows.stored(row)
        assert begun.prepared is not None
        try:
            answer: Published | MbclientError = await service.publish(begun.prepared)
        except MbclientError as error:
            answer = error
        return await self._write_down(begun, partial(self._published, begun, row, answer))

    async def _published(self, begun: OutboxRow, before: OutboxRow, answer: Published | MbclientError) -> OutboxRow:
        if isinstance(answer, OutcomeUnknownError):
            later = self._clock.now() + timedelta(seconds=backoff(begun.attempts))
            return self._rows.keep(replace(begun, state=SendState.UNKNOWN, reason=answer.problem, not_before=later))
        if isinstance(answer, MbclientError):
            # Nothing of this try was taken: what was certain before it still is, what was not is still not.
            return self._not_taken(replace(begun, first_sent_at=before.first_sent_at), answer)
        sent = await self._sent(begun, answer)
        answered = self._rows.archive.post(begun.draft.reply_to)
        if answered is not None and begun.draft.kind is not Kind.EDIT and not answer.scheduled:
            await self._show(replace(answered, counts=replace(answered.counts, replies=answered.counts.replies + 1)))
        return sent

    async def _write_down(self, row: OutboxRow, write: Callable[[], Awaitable[OutboxRow]]) -> OutboxRow:
        """What came of a request. Where the disk fails just now it stays known, and is written when `handle` has the
        row again: nothing needs to be looked for, and nothing goes a second time. Raises `StorageError`.
        """
        self._unwritten[row.name] = write
        try:
            done = await write()
        except StorageError as error:
            if not self.knows(self._rows.stored(row)):  # what came of it is kept; what follows from that is not
                del self._unwritten[row.name]
                raise
            problem = _("{why}; what {account} answered cannot be kept yet").format(
                why=error.problem, account=row.account
            )
            raise StorageError(problem, _("do not send it again: mbclient finds out what became of it")) from error
        del self._unwritten[row.name]
        return done

    def _not_taken(self, row: OutboxRow, error: MbclientError) -> OutboxRow:
        """The server did not take it: try later, or say why not."""
        now = self._clock.now()
        reason = str(error)
        if isinstance(error, CapReachedError):  # the account is open to a post that costs less
            return self._rows.keep(replace(row, state=SendState.HELD, reason=reason))
        if isinstance(error, RateLimitedError) and error.until - now <= LONGEST_WAIT:
            wait = max(error.until - now, timedelta(seconds=backoff(row.attempts))) * (1 + JITTER.random() / 10)
            return self._rows.keep(replace(row, state=SendState.QUEUED, not_before=now + wait, reason=reason))
        if isinstance(error, UnreachableError | OutcomeUnknownError):  # unknown: an upload's, and no post was asked for
            later = now + timedelta(seconds=backoff(row.attempts))
            return self._rows.keep(replace(row, state=SendState.QUEUED, not_before=later, reason=reason))
        if isinstance(error, AuthError | RateLimitedError):  # signed out, or for longer than is waited by itself
            self.shut[row.account] = reason
            return self._rows.keep(replace(row, state=SendState.HELD, reason=reason))
        if isinstance(error, RejectedError | UsageError | ServiceError):
            return self._rows.keep(replace(row, state=SendState.FAILED, reason=reason))
        return self._rows.keep(replace(row, state=SendState.HELD, reason=reason))  # no secret, no disk: the user's turn

    def _not_looked_up(self, row: OutboxRow, error: MbclientError) -> OutboxRow:
        """Whatever refuses the look says nothing of the post: as unsure as before, and never failed."""
        if isinstance(error, RejectedError | UsageError) and row.prepared is None:
            return self._rows.hold(row, str(error))
        if isinstance(error, RejectedError | UsageError):
            later = self._clock.now() + timedelta(seconds=backoff(row.attempts))
            return self._rows.keep(replace(row, state=SendState.UNKNOWN, not_before=later, reason=str(error)))
        return self._not_taken(row, error)

    async def _settle(self, service: Service, row: OutboxRow) -> OutboxRow:
        """An unknown outcome: repeat where harmless, else read back; never blindly again."""
        now = self._clock.now()
        if row.draft.kind is Kind.BOOST:
            return await self._send(service, row)
        assert row.prepared is not None
        can = service.capabilities
        age = now - (row.first_sent_at or row.created_at)
        harmless = can.idempotency is Idempotency.CLIENT_ID or (
            can.idempotency is Idempotency.KEY and timedelta(0) <= age < timedelta(minutes=can.key_minutes) - KEY_MARGIN
        )
        try:
            found = await service.find(self._rows.looked_for(row))
            if found is not None:
                return await self._sent(row, found)
        except (ServiceError, SecretError) as error:  # no keyring now says nothing of the post
            later = now + timedelta(seconds=backoff(row.attempts + 1))
            return self._rows.keep(replace(row, attempts=row.attempts + 1, reason=error.problem, not_before=later))
        if harmless:
            held = self._rows.hold_reason(row)
            if held is not None:
                return self._rows.hold(row, held)
            return await self._publish(service, replace(row, attempts=row.attempts + 1))
        missed = self._missed[row.name] = self._missed.get(row.name, 0) + 1
        reason = row.reason
        if missed >= READ_BACKS:
            reason = _("unsure whether it was sent: not found when looked up; retry or cancel it yourself")
        return self._rows.keep(replace(row, reason=reason, not_before=now + READ_BACK_PAUSE))

    async def _sent(self, row: OutboxRow, published: Published) -> OutboxRow:
        self._missed.pop(row.name, None)
        if row.draft.on_server or published.scheduled:
            return await self._handover.answered(row, published)
        return await self._rows.sent(row, published)
