"""Composing: a draft, its verdict, its length on every target, its way into the outbox."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime, timedelta

from mbclient.core.accounts import Accounts
from mbclient.core.beyond import Beyond
from mbclient.core.events import Bus, OutboxChanged
from mbclient.core.ids import idempotency_key, ulid
from mbclient.core.judge import Judge, text_digest
from mbclient.core.parts import as_thread, longest_part, posts_of, thread_of, unsent
from mbclient.core.polling import shared_limits
from mbclient.core.ports import Clock
from mbclient.core.stores import Archive, Drafts, Outbox, OutboxRow, SavedDraft, SendState
from mbclient.domain.capabilities import SCHEDULE_AHEAD, Length
from mbclient.domain.draft import About, Draft, Kind
from mbclient.domain.errors import MbclientError, UsageError
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.poll import PollLimits
from mbclient.domain.post import Post, Visibility
from mbclient.domain.safetext import SafeText
from mbclient.domain.splitting import Part
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
    """All that the composer shows about a draft. `problems`: why it cannot be sent at all, policy aside.

    `threads`: the parts, by account, where it goes as a thread; `lengths` is then that of the longest. `offered`: how
    many parts a thread would have that nobody has asked for, and without which it cannot be sent; 0 is no such offer.
    """

    verdict: Verdict
    lengths: Mapping[str, Length]
    problems: tuple[str, ...] = ()
    threads: Mapping[str, tuple[Part, ...]] = field(default_factory=dict)
    offered: int = 0

    @property
    def sendable(self) -> bool:
        return not self.problems and not self.verdict.stops


class Composer:
    """What becomes of a draft: checked, kept, and confirmed on its way out."""

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
        self._beyond = Beyond(accounts, archive)
        self._drafts = drafts
        self._outbox = outbox
        self._clock = clock
        self._bus = bus

    # ------------------------------------------------------------ judging

    def check(self, draft: Draft, now: datetime | None = None) -> Check:
        """Quick enough for every pause in typing; no network."""
        lengths: dict[str, Length] = {}
        problems: list[str] = []
        threads: dict[str, tuple[Part, ...]] = {}
        offers: list[int] = []
        if not draft.accounts:
            problems.append(_("no account is chosen"))
        if not SafeText.line(draft.text) and not draft.media and draft.kind not in (Kind.BOOST, Kind.LIKE):
            problems.append(_("there is no text yet"))
        for name in dict.fromkeys(draft.accounts):
            try:
                service = self._accounts.service(name)
            except UsageError as error:  # a name that is no account, or a service that is not installed
                problems.append(str(error))
                continue
            length = service.measure(draft.text, draft.cw, reply=bool(draft.reply_to))
            found = thread_of(service, draft) if length.over else ()
            if draft.threaded and found:
                threads[name] = found
                length = longest_part(service, draft, found)
            lengths[name] = length
            if length.over:
                offers.append(len(found))
                problems.append(
                    ngettext(
                        "{n} character too many for {account}", "{n} characters too many for {account}", length.over
                    ).format(n=length.over, account=name)
                )
            problems.extend(self._beyond.problems(name, draft))
        problems.extend(self._time_problems(draft))
        judged = as_thread(draft, max(map(len, threads.values()), default=1))
        offered = max(offers) if offers and all(offers) else 0
        return Check(self._judge.check(judged, now), lengths, tuple(problems), threads, offered)

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

    def seen_by(self, id: str, account: str) -> str:
        """The id under which this account knows a post that several accounts have seen; empty if it does not."""
        return self._beyond.seen_by(id, account)

    def knows_languages(self, draft: Draft) -> bool:
        """Whether any target tells readers which language a post is in."""
        return any(service.capabilities.language for _name, service in self._accounts.services_there(draft.accounts))

    def poll_limits(self, draft: Draft) -> PollLimits | None:
        """What a poll may be on every target that has polls; None where none has."""
        found = (service.capabilities.poll for _name, service in self._accounts.services_there(draft.accounts))
        limits = [each for each in found if each is not None]
        return shared_limits(limits) if limits else None

    def visibilities(self, draft: Draft) -> tuple[Visibility, ...]:
        """Those that every target has, from wide to narrow."""
        services = self._accounts.services_there(draft.accounts)
        sets = [set(service.capabilities.visibilities) for _name, service in services]
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
        before = self._drafts.get(id) if id else None
        if cursor is None:
            cursor = min(before.cursor, len(draft.text)) if before else len(draft.text)
        self._drafts.save(SavedDraft(kept, draft, cursor, now, before.maybe_sent_since if before else None))
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
        """Puts the draft into the outbox, one committed row a target and part of a thread, and forgets the saved draft.

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
        overriding = self._gate(draft, check.verdict, confirmed, reason, draft_id)
        targets = [posts_of(self._for_target(draft, name), check.threads.get(name, ())) for name in draft.accounts]
        return self._queue(draft, targets, overriding, undo_seconds, draft_id, fixes_used)

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
            about=About(str(post.whole_text), str(post.author.handle)),
        )
        verdict = self._judge.check(draft)
        overriding = self._gate(draft, verdict, confirmed=True, reason=reason, draft_id="")
        (row,) = self._queue(draft, [posts_of(draft, ())], overriding, undo_seconds)
        return row

    def _queue(
        self,
        draft: Draft,
        targets: Sequence[Sequence[tuple[Draft, str]]],
        overriding: str,
        undo_seconds: float,
        draft_id: str = "",
        fixes_used: Sequence[str] = (),
    ) -> Sequence[OutboxRow]:
        """Commits what each target is sent, in order, with its piece of the text. `overriding`: the reason given."""
        now = self._clock.now()
        saved = self._drafts.get(draft_id) if draft_id else None
        group = draft_id or ulid(now)
        here = None if draft.on_server else draft.due  # what a server shall keep goes to it at once
        rows = [
            OutboxRow(
                outbox=group,
                account=post.accounts[0],
                key=idempotency_key(),
                draft=post,
                state=SendState.QUEUED,
                created_at=now,
                not_before=here or now + timedelta(seconds=undo_seconds),
                service=self._accounts.get(post.accounts[0]).service,
                first_sent_at=saved.maybe_sent_since if saved else None,
                override_reason=overriding,
                override_digest=text_digest(draft.text) if overriding else "",
                fixes_used=tuple(fixes_used),
                position=position,
                part=part,
            )
            for posts in targets
            for position, (post, part) in enumerate(posts)
        ]
        self._outbox.add(rows)
        if draft_id:
            self._drafts.delete(draft_id)
        for row in rows:
            self._bus.publish(OutboxChanged(row))
        return rows

    def taken_back(self, rows: Sequence[OutboxRow]) -> Draft | None:
        """What cancelled rows were made of, for the composer; None for a boost, which has no words."""
        written = [row for row in rows if row.draft.kind is not Kind.BOOST]
        if not written:
            return None
        return unsent(written, self._outbox)

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

    def _gate(self, draft: Draft, verdict: Verdict, confirmed: bool, reason: str, draft_id: str) -> str:
        """Lets through or raises; gives the reason where it overrode a finding. It never confirms what wants a yes."""
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
        return reason if strict else ""

    def _stop(
        self, draft: Draft, verdict: Verdict, problem: str, advice: str, draft_id: str, *, unconfirmed: bool = False
    ) -> None:
        kept = draft_id if draft.kind is Kind.BOOST else self.save(draft, id=draft_id)
        self._judge.record(draft, verdict, "held", draft_id=kept)
        raise StoppedError(verdict, kept, problem, advice, unconfirmed=unconfirmed)


def _strict(verdict: Verdict) -> list[Finding]:
    """The findings that stop a draft unless a reason may override them."""
    return [finding for finding in verdict.findings if finding.level >= Level.REQUIRE_DISCLOSURE]
