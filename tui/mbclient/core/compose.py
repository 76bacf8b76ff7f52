"""Composing: a draft, its verdict, its length on every target, its way into the outbox."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mbclient.core.accounts import Accounts
from mbclient.core.events import Bus, OutboxChanged
from mbclient.core.ids import idempotency_key, ulid
from mbclient.core.judge import Judge, text_digest
from mbclient.core.ports import Clock
from mbclient.core.stores import Archive, Drafts, Outbox, OutboxRow, SavedDraft, SendState
from mbclient.domain.capabilities import SCHEDULE_AHEAD, Length
from mbclient.domain.draft import About, Draft, Kind
from mbclient.domain.errors import MbclientError, UsageError
from mbclient.domain.post import Post, Visibility
from mbclient.policy.model import Finding, Level, Verdict
from mbclient.texts import _, ngettext
from mbclient.texts.findings import finding_text

JUST_NOW = timedelta(minutes=1)
_AHEAD_MIN = SCHEDULE_AHEAD // timedelta(minutes=1)
MIN_REASON = 10  # non-space characters of an override's reason (policy facts 10)


class StoppedError(MbclientError):
    """The policy does not let this draft go as it is; the draft is kept under `draft_id`.

    `unconfirmed`: a yes is all that is missing.
    """

    def __init__(
        self, verdict: Verdict, draft_id: str, problem: str, advice: str, *, unconfirmed: bool = False
    ) -> None:
        super().__init__(problem, advice)
        self.verdict = verdict
        self.draft_id = draft_id
        self.unconfirmed = unconfirmed


@dataclass(frozen=True, slots=True)
class Check:
    """All that the composer shows about a draft. `problems`: why it cannot be sent at all, policy aside."""

    verdict: Verdict
    lengths: Mapping[str, Length]
    problems: tuple[str, ...] = ()

    @property
    def sendable(self) -> bool:
        return not self.problems and not self.verdict.stops


class Composer:
    """Every way to write: new, reply, quote, edit; every way out: checked, confirmed, kept."""

    def __init__(
        self,
        accounts: Accounts,
        judge: Judge,
        archive: Archive,
        drafts: Drafts,
        outbox: Outbox,
        clock: Clock,
        bus: Bus,
    ) -> None:
        self._accounts = accounts
        self._judge = judge
        self._archive = archive
        self._drafts = drafts
        self._outbox = outbox
        self._clock = clock
        self._bus = bus

    # ------------------------------------------------------------ beginning

    def new(self, accounts: Sequence[str] = ()) -> Draft:
        """As wide as the accounts post by their own settings, as far as these have been read; never wider than one."""
        names = tuple(accounts) or self._accounts.default_names()
        usual = (self._accounts.usual_visibility(name) for name in names)
        return Draft(accounts=names, visibility=max(usual, key=lambda each: each.width, default=Visibility.PUBLIC))

    def reply(self, post: Post) -> Draft:
        """Addressed to the author, never wider than the post answered, its warning kept (DESIGN 3.7)."""
        account = self._accounts.get(post.account)
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
            reply_to=post.id,
            about=About(str(post.text), str(post.author.handle)),
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
            quote_of=post.id,
            about=About(str(post.text), str(post.author.handle)),
        )

    def edit(self, post: Post) -> Draft:
        if not self._accounts.service(post.account).capabilities.edit:
            raise UsageError(
                _("{account} cannot edit a post").format(account=post.account), _("delete it and write it again")
            )
        return Draft(
            text=str(post.text),
            accounts=(post.account,),
            kind=Kind.EDIT,
            visibility=post.visibility,
            cw=str(post.cw or ""),
            lang=post.lang or "",
            edit_of=post.id,
        )

    # ------------------------------------------------------------ judging

    def check(self, draft: Draft, now: datetime | None = None) -> Check:
        """Quick enough for every pause in typing; no network."""
        lengths: dict[str, Length] = {}
        problems: list[str] = []
        if not draft.accounts:
            problems.append(_("no account is chosen"))
        if not draft.text.strip() and not draft.media and draft.kind not in (Kind.BOOST, Kind.LIKE):
            problems.append(_("there is no text yet"))
        for name in dict.fromkeys(draft.accounts):
            try:
                length = self._accounts.service(name).measure(draft.text, draft.cw, reply=bool(draft.reply_to))
            except UsageError as error:  # a name that is no account, or a service that is not installed
                problems.append(str(error))
                continue
            lengths[name] = length
            if length.over:
                problems.append(
                    ngettext(
                        "{n} character too many for {account}", "{n} characters too many for {account}", length.over
                    ).format(n=length.over, account=name)
                )
            problems.extend(self._beyond(name, draft))
        problems.extend(self._time_problems(draft))
        return Check(self._judge.check(draft, now), lengths, tuple(problems))

    def _time_problems(self, draft: Draft) -> list[str]:
        """Why its time cannot be kept: it has passed, or a server would publish at once or not at all."""
        if draft.due is None:
            return []
        now = self._judge.corrected_now()
        if draft.due < now - JUST_NOW:
            return [_("its time has passed: choose another, or none")]
        if not draft.on_server:
            return []
        found = [
            _("{account} cannot keep posts until their time: plan it here, or remove the account").format(account=name)
            for name in dict.fromkeys(draft.accounts)
            if not self.keeps_until_due(name)
        ]
        if draft.kind in (Kind.EDIT, Kind.BOOST):
            found.append(_("only a new post can be kept by a server"))
        elif draft.due < now + SCHEDULE_AHEAD:
            found.append(_("servers keep posts for a time at least {n} minutes ahead").format(n=_AHEAD_MIN))
        return found

    def keeps_until_due(self, account: str) -> bool:
        """Whether the account's own server truly keeps a post until its time, and publishes it then."""
        try:
            return self._accounts.service(account).capabilities.schedule
        except UsageError:
            return False

    def _beyond(self, name: str, draft: Draft) -> list[str]:
        """What the draft asks of a service that it cannot do: said, never silently dropped or widened."""
        can = self._accounts.service(name).capabilities
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
        found.extend(
            _("{account} does not know the post {id}").format(account=name, id=pointed)
            for pointed in (draft.reply_to, draft.quote_of)
            if pointed and not self.seen_by(pointed, name)
        )
        if draft.edit_of and not draft.edit_of.startswith(f"{name}:"):  # having seen it is not having written it
            found.append(_("{account} has not written the post {id}").format(account=name, id=draft.edit_of))
        return found

    def seen_by(self, id: str, account: str) -> str:
        """The id under which this account knows a post that several accounts have seen; empty if it does not."""
        if id.startswith(f"{account}:"):
            return id
        post = self._archive.post(id)
        return next((other for other in post.also if other.startswith(f"{account}:")), "") if post else ""

    def visibilities(self, draft: Draft) -> tuple[Visibility, ...]:
        """Those that every target has, from wide to narrow."""
        sets = [set(self._accounts.service(name).capabilities.visibilities) for name in draft.accounts]
        return tuple(each for each in Visibility if sets and all(each in one for one in sets))

    def may_override(self, check: Check) -> bool:
        """Whether a reason would let this draft through as it is."""
        return self._overridable(_strict(check.verdict))

    def _overridable(self, strict: Sequence[Finding]) -> bool:
        return bool(strict) and all(self._judge.may_override(finding) for finding in strict)

    # ------------------------------------------------------------ keeping

    def save(self, draft: Draft, *, id: str = "", cursor: int | None = None) -> str:
        """Keeps a draft on disk and gives its id. Without a `cursor` the one kept before stays, else the text's end."""
        now = self._clock.now()
        kept = id or ulid(now)
        if cursor is None:
            before = self._drafts.get(kept) if id else None
            cursor = min(before.cursor, len(draft.text)) if before else len(draft.text)
        self._drafts.save(SavedDraft(kept, draft, cursor, now))
        return kept

    def discard(self, id: str) -> None:
        self._drafts.delete(id)

    # ------------------------------------------------------------ sending

    def submit(
        self,
        draft: Draft,
        *,
        confirmed: bool = False,
        reason: str = "",
        undo_seconds: float = 0,
        draft_id: str = "",
        fixes_used: Sequence[str] = (),
    ) -> Sequence[OutboxRow]:
        """Puts the draft into the outbox, one committed row a target, and forgets the saved draft.

        The group is named like the draft it was: sending the same draft once more is refused, whatever a crash or a
        second press left behind.

        Raises `UsageError` for what no service could send, `StoppedError` where the policy stops it or a nudge wants
        to be confirmed; in both cases the draft is kept on disk.
        """
        draft = replace(draft, accounts=tuple(dict.fromkeys(draft.accounts)))
        check = self.check(draft)
        if check.problems:
            kept = self.save(draft, id=draft_id)
            raise UsageError("; ".join(check.problems), _("the draft is kept: {id}").format(id=kept))
        overridden = self._gate(draft, check.verdict, confirmed, reason, draft_id)
        now = self._clock.now()
        group = draft_id or ulid(now)
        here = None if draft.on_server else draft.due  # what a server shall keep goes to it at once
        start = here or now + timedelta(seconds=undo_seconds)
        rows = [
            OutboxRow(
                outbox=group,
                account=name,
                key=idempotency_key(),
                draft=self._for_target(draft, name),
                state=SendState.QUEUED,
                created_at=now,
                not_before=start,
                service=self._accounts.get(name).service,
                override_reason=reason if overridden else "",
                override_digest=text_digest(draft.text) if overridden else "",
                fixes_used=tuple(fixes_used),
            )
            for name in draft.accounts
        ]
        self._outbox.add(rows)
        if draft_id:
            self._drafts.delete(draft_id)
        for row in rows:
            self._bus.publish(OutboxChanged(row))
        return rows

    def submit_boost(self, post: Post, *, reason: str = "", undo_seconds: float = 0) -> OutboxRow:
        """A boost waits in the outbox like a post, so that it can be taken back before its first byte.

        Raises `UsageError` where the service has none, `StoppedError` where rule 4 or 5 stops it.
        """
        if not self._accounts.service(post.account).capabilities.boost:
            raise UsageError(_("{account} has no boosts").format(account=post.account))
        draft = Draft(
            accounts=(post.account,),
            kind=Kind.BOOST,
            boost_of=post.id,
            about=About(str(post.text), str(post.author.handle)),
        )
        verdict = self._judge.check(draft)
        overridden = self._gate(draft, verdict, confirmed=True, reason=reason, draft_id="")
        now = self._clock.now()
        row = OutboxRow(
            outbox=ulid(now),
            account=post.account,
            key=idempotency_key(),
            draft=draft,
            state=SendState.QUEUED,
            created_at=now,
            not_before=now + timedelta(seconds=undo_seconds),
            service=post.service,
            override_reason=reason if overridden else "",
            override_digest=text_digest(draft.text) if overridden else "",
        )
        self._outbox.add([row])
        self._bus.publish(OutboxChanged(row))
        return row

    def taken_back(self, rows: Sequence[OutboxRow]) -> Draft | None:
        """What cancelled rows were made of, for the composer; None for a boost, which has no words."""
        written = [row for row in rows if row.draft.kind is not Kind.BOOST]
        if not written:
            return None
        return replace(written[0].draft, accounts=tuple(row.account for row in written), due=None, on_server=False)

    def _for_target(self, draft: Draft, account: str) -> Draft:
        """The draft as this one account sends it: the ids are those under which it knows the posts."""

        def known(id: str) -> str:
            return self.seen_by(id, account) if id else ""

        return replace(
            draft,
            accounts=(account,),
            reply_to=known(draft.reply_to),
            quote_of=known(draft.quote_of),
            edit_of=known(draft.edit_of),
        )

    def _gate(self, draft: Draft, verdict: Verdict, confirmed: bool, reason: str, draft_id: str) -> bool:
        """Lets through or raises; True when a reason overrode a finding. A reason never confirms what wants a yes."""
        strict = _strict(verdict)
        asking = [finding for finding in verdict.findings if finding.needs_confirm]
        if strict:
            may = self._overridable(strict)
            if not may or len("".join(reason.split())) < MIN_REASON:
                advice = (
                    _("change the draft, or give a reason of at least {n} characters").format(n=MIN_REASON)
                    if may
                    else _("change the text, the account, or the time")
                )
                self._stop(
                    draft, verdict, finding_text(strict[0], self._judge.policy, self._clock.now()), advice, draft_id
                )
        if asking and not confirmed:
            said = finding_text(asking[0], self._judge.policy, self._clock.now())
            self._stop(draft, verdict, said, _("confirm to send anyway"), draft_id, unconfirmed=True)
        return bool(strict)

    def _stop(
        self, draft: Draft, verdict: Verdict, problem: str, advice: str, draft_id: str, *, unconfirmed: bool = False
    ) -> None:
        kept = draft_id if draft.kind is Kind.BOOST else self.save(draft, id=draft_id)
        self._judge.record(draft, verdict, "held", draft_id=kept)
        raise StoppedError(verdict, kept, problem, advice, unconfirmed=unconfirmed)


def _strict(verdict: Verdict) -> list[Finding]:
    """The findings that stop a draft unless a reason may override them."""
    return [finding for finding in verdict.findings if finding.level >= Level.REQUIRE_DISCLOSURE]
