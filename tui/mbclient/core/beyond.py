"""What a draft asks of an account that its service cannot do: said, never silently dropped or widened."""

from __future__ import annotations

from mbclient.core.abilities import Choosing
from mbclient.core.accounts import Accounts
from mbclient.core.polling import poll_problems
from mbclient.core.stores import Archive
from mbclient.domain.draft import Draft, Kind
from mbclient.domain.errors import ServiceError
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.post import Post
from mbclient.texts import _, ngettext


@dataclass(frozen=True, slots=True)
class Beyond:
    """Asks the accounts' capabilities, and the archive for the posts that a draft points at."""

    accounts: Accounts
    archive: Archive

    def problems(self, name: str, draft: Draft) -> list[str]:
        """Why this account cannot send it: said, never silently dropped or widened."""
        can = self.accounts.service(name).capabilities
        found: list[str] = []
        if draft.visibility not in can.visibilities:
            found.append(
                _("{account} has no visibility {visibility}: choose another or remove the account").format(
                    account=name, visibility=draft.visibility.value
                )
            )
        if draft.cw and not can.content_warning:
            found.append(_("{account} has no content warning: remove the warning or the account").format(account=name))
        if draft.kind is Kind.QUOTE and not can.quote:
            found.append(_("{account} cannot quote").format(account=name))
        if draft.kind is Kind.REPLY and not can.reply:
            found.append(_("{account} cannot reply").format(account=name))
        if draft.reply_to and (answered := self.archive.post(self.seen_by(draft.reply_to, name))) is not None:
            refusal = self.refusal(name, answered)
            found.extend([str(refusal)] if refusal is not None else [])
        if not can.post and not can.reply:
            found.append(_("{account} is for reading only").format(account=name))
        elif not can.post and draft.kind is not Kind.REPLY:
            found.append(_("{account} takes replies only: remove the account").format(account=name))
        if len(draft.media) > can.max_media:
            found.append(
                ngettext("{account} takes {n} attachment", "{account} takes {n} attachments", can.max_media).format(
                    account=name, n=can.max_media
                )
            )
        found.extend(poll_problems(name, can, draft))
        found.extend(
            _("{account} does not know the post {id}").format(account=name, id=pointed)
            for pointed in (draft.reply_to, draft.quote_of)
            if pointed and not self.seen_by(pointed, name)
        )
        if draft.edit_of and not draft.edit_of.startswith(f"{name}:"):  # having seen it is not having written it
            found.append(_("{account} has not written the post {id}").format(account=name, id=draft.edit_of))
        return found

    def refusal(self, account: str, post: Post) -> ServiceError | None:
        """Why the service would not take an answer to this post; None where it may be sent."""
        service = self.accounts.service(account)
        return service.unanswerable(post) if isinstance(service, Choosing) else None

    def seen_by(self, id: str, account: str) -> str:
        """The id under which this account knows a post that several accounts have seen; empty if it does not."""
        if id.startswith(f"{account}:"):
            return id
        post = self.archive.post(id)
        return next((other for other in post.also if other.startswith(f"{account}:")), "") if post else ""
