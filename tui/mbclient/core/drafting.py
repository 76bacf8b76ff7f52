"""Drafting: what a draft begins as, whether it stands alone, answers, quotes or changes a post."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mbclient.core.abilities import Rewriting
from mbclient.core.accounts import Accounts
from mbclient.core.beyond import Beyond
from mbclient.core.stores import Archive
from mbclient.domain.draft import About, Draft, Kind, Written
from mbclient.domain.errors import UsageError
from mbclient.domain.post import Post, Visibility
from mbclient.texts import _


class Drafting:
    """Every way to begin. Nothing is kept or judged here (`Composer`)."""

    def __init__(self, accounts: Accounts, archive: Archive, language: Callable[[], str]) -> None:
        """`language`: of new posts, by its short name; empty leaves it to the accounts."""
        self._language = language
        self._accounts = accounts
        self._beyond = Beyond(accounts, archive)

    def new(self, accounts: Sequence[str] = ()) -> Draft:
        """As wide as the accounts post by their own settings, as far as these have been read; never wider than one."""
        names = tuple(accounts) or self._accounts.default_names()
        usual = (self._accounts.usual_visibility(name) for name in names)
        widest = max(usual, key=lambda each: each.width, default=Visibility.PUBLIC)
        return Draft(accounts=names, visibility=widest, lang=self._language())

    def reply(self, post: Post) -> Draft:
        """Addressed to the author, never wider than the post answered, its warning kept.

        Raises `UsageError` where the service would not take an answer to this post.
        """
        account = self._accounts.get(post.account)
        refusal = self._beyond.refusal(account.name, post)
        if refusal is not None:
            raise UsageError(refusal.problem, refusal.advice)
        names = [str(post.author.handle), *(str(handle) for handle in post.mentions)]
        mine = account.handle.casefold()
        others = dict.fromkeys(name for name in names if name and name.casefold() != mine)
        prefix = "".join(f"@{name} " for name in others) if self._mentions_in_text(account.name) else ""
        return Draft(
            text=prefix,
            accounts=(account.name,),
            kind=Kind.REPLY,
            visibility=post.visibility,
            cw=str(post.cw or ""),
            lang=self._language(),
            reply_to=post.id,
            about=About(str(post.whole_text), str(post.author.handle)),
        )

    def _mentions_in_text(self, account: str) -> bool:
        """Bluesky addresses a reply by its parent; everyone else by the names in the text."""
        return self._accounts.service(account).capabilities.reply_needs_mention

    def quote(self, post: Post) -> Draft:
        if not self._accounts.service(post.account).capabilities.quote:
            raise UsageError(
                _("{account} cannot quote").format(account=post.account), _("reply, or put the link in a post")
            )
        return Draft(
            accounts=(post.account,),
            kind=Kind.QUOTE,
            visibility=post.visibility,
            lang=self._language(),
            quote_of=post.id,
            about=About(str(post.whole_text), str(post.author.handle)),
        )

    def shown_as_written(self, post: Post) -> Written | None:
        """What an edit begins with, where the words shown are those written; None where the service has to be asked.

        Raises `UsageError` where it edits none.
        """
        service = self._accounts.service(post.account)
        if not service.capabilities.edit:
            raise UsageError(
                _("{account} cannot edit a post").format(account=post.account), _("delete it and write it again")
            )
        return None if isinstance(service, Rewriting) else Written(str(post.text), str(post.cw or ""))

    async def written(self, post: Post) -> Written:
        """What an edit begins with. As shown a mention may lack its host, and would become another person's; a link
        lacks its address, and formatting is gone. So where these cannot be had, no edit begins: raises `ServiceError`.
        """
        known = self.shown_as_written(post)
        if known is not None:
            return known
        service = self._accounts.service(post.account)
        assert isinstance(service, Rewriting)
        return await service.written(post)

    def edit(self, post: Post, written: Written) -> Draft:
        return Draft(
            text=written.text,
            accounts=(post.account,),
            kind=Kind.EDIT,
            visibility=post.visibility,
            cw=written.cw,
            lang=post.lang or "",
            edit_of=post.id,
        )
