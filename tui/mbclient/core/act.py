"""What one does to posts that exist: like, bookmark, unboost, vote, delete. Shown at once, taken back if refused."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from mbclient.core.abilities import Voting
from mbclient.core.accounts import Accounts
from mbclient.core.events import Bus, PostChanged, PostRemoved
from mbclient.core.intake import COUNTED_KINDS, Intake, seen_entry
from mbclient.core.ports import Clock
from mbclient.core.sieve import is_author
from mbclient.core.stores import Archive, Ledger
from mbclient.domain.account import Account
from mbclient.domain.errors import MbclientError, RejectedError, UsageError
from mbclient.domain.post import Counts, Mine, Post
from mbclient.texts import _


class Actions:
    """Deeds on posts; every one is safe to repeat."""

    def __init__(
        self, accounts: Accounts, archive: Archive, ledger: Ledger, intake: Intake, bus: Bus, clock: Clock
    ) -> None:
        self._clock = clock
        self._voting: set[str] = set()
        self._accounts = accounts
        self._archive = archive
        self._ledger = ledger
        self._intake = intake
        self._bus = bus

    async def like(self, post: Post, on: bool) -> Post:
        """Likes are never judged (policy facts 5.3)."""
        self._able(post, "like", _("{account} has no likes"))
        change = (1 if on else -1) if on is not post.mine.liked else 0
        counts = replace(post.counts, likes=max(0, post.counts.likes + change))
        return await self._do(post, replace(post.mine, liked=on), counts, "set_liked", on)

    async def bookmark(self, post: Post, on: bool) -> Post:
        self._able(post, "bookmark", _("{account} has no bookmarks"))
        return await self._do(post, replace(post.mine, bookmarked=on), post.counts, "set_bookmarked", on)

    async def unboost(self, post: Post) -> Post:
        """Takes a boost back at once; boosting itself goes through the outbox (`Composer.submit_boost`)."""
        self._able(post, "boost", _("{account} has no boosts"))
        counts = replace(post.counts, boosts=max(0, post.counts.boosts - post.mine.boosted))
        settled = await self._do(post, replace(post.mine, boosted=False), counts, "set_boosted", False)
        account = self._accounts.get(post.account)
        for boost in post.boosts:  # a service may say so, or not
            if boost.boost_id and boost.account in ("", account.name) and is_author(account, boost.author):
                await self._intake.deleted(boost.boost_id, account)
        return settled

    def check_vote(self, post: Post) -> None:
        """Raises `UsageError` with the reason why there is no voting in this post's poll, or none any more."""
        poll = post.poll
        if poll is None:
            raise UsageError(_("this post has no poll"))
        if poll.is_over(self._clock.now()):
            raise UsageError(_("the poll is over"))
        if poll.voted:
            own = not any(choice.mine for choice in poll.choices)
            raise UsageError(_("nobody votes in their own poll") if own else _("you have voted in this poll"))
        if not isinstance(self._accounts.service(post.account), Voting):
            raise UsageError(
                _("{account} has no voting from here").format(account=post.account), _("open the post in the browser")
            )

    async def vote(self, post: Post, choices: Sequence[int]) -> Post:
        """By the places of the choices. It cannot be taken back, so it is shown once it stands, and asked for once.

        Raises `UsageError` as `check_vote` does. Where the service refuses it, the poll is shown as it stands there.
        """
        self.check_vote(post)
        service = self._accounts.service(post.account)
        assert isinstance(service, Voting)
        if post.id in self._voting:
            raise UsageError(_("your vote is on its way"))
        self._voting.add(post.id)
        try:
            return await self._settled(replace(post, poll=await service.vote(post, choices)))
        except RejectedError:  # over by now, or voted in from elsewhere
            with suppress(MbclientError):
                await self._settled(replace(post, poll=(await service.post(post.remote_id)).poll))
            raise
        finally:
            self._voting.discard(post.id)

    async def _settled(self, post: Post) -> Post:
        await asyncio.to_thread(self._archive.update, post)
        self._tell(post)
        return post

    def _able(self, post: Post, what: str, problem: str) -> None:
        if not getattr(self._accounts.service(post.account).capabilities, what):
            raise UsageError(problem.format(account=post.account))

    async def _do(self, post: Post, mine: Mine, counts: Counts, verb: str, on: bool) -> Post:
        """Shows the wished state, asks the service, then shows what is true."""
        service = self._accounts.service(post.account)
        call = {
            "set_liked": service.set_liked,
            "set_boosted": service.set_boosted,
            "set_bookmarked": service.set_bookmarked,
        }[verb]
        self._tell(replace(post, mine=mine, counts=counts))
        try:
            settled = replace(post, mine=await call(post, on), counts=counts)
        except MbclientError:
            self._tell(post)
            raise
        return await self._settled(settled)

    def _tell(self, post: Post) -> None:
        self._bus.publish(PostChanged(post))

    async def delete(self, post: Post) -> None:
        """Own posts only; the day's count keeps it (policy facts 7)."""
        account = self._accounts.get(post.account)
        if _is_anothers(post, account):
            raise UsageError(_("{id} is not your own post").format(id=post.id))
        await self._accounts.service(post.account).delete(post)
        await self._intake.remove(post)
        if post.kind in COUNTED_KINDS:  # one that no refresh has told the ledger of yet counts all the same
            await asyncio.to_thread(self._ledger.record, [seen_entry(post, account)])
        await asyncio.to_thread(self._ledger.mark_deleted, post.account, post.remote_id)
        self._bus.publish(PostRemoved(post.id))


def _is_anothers(post: Post, account: Account) -> bool:
    """Known to be written by somebody else; where nothing is known the server decides."""
    if post.author.remote_id and account.remote_id:
        return post.author.remote_id != account.remote_id
    mine, author = account.handle.casefold(), str(post.author.handle).casefold()
    if "@" not in mine:
        author = author.partition("@")[0]
    return bool(mine) and author != mine
