"""The composer: what its keys do to the draft – fixes, targets, visibility, the editor, and sending."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from textual import work
from textual.timer import Timer

from mbclient.core.desk import Desk
from mbclient.core.keytable import KeyTable
from mbclient.domain.draft import Draft, Kind
from mbclient.domain.errors import MbclientError
from mbclient.domain.poll import NewPoll
from mbclient.domain.post import Post
from mbclient.policy.model import Level
from mbclient.texts import _
from mbclient.ui.awaiting import Awaiting
from mbclient.ui.draftpane import DraftPane
from mbclient.ui.draftwords import language_problem
from mbclient.ui.keys import bindings
from mbclient.ui.secondpress import SETTLE_S, Press, SecondPress

FIXES = ("fix_1", "fix_2", "fix_3", "fix_4")


class ComposerPane(Awaiting, DraftPane):
    """Nothing is sent that the policy stops; what it only reminds of takes one more press at most."""

    # Before the text area's own keys: it would take ctrl+e for the end of the line.
    BINDINGS = bindings(
        "send", "send_planned", "send_at", "editor", "targets", "next_target", "attach", "poll", "as_thread", "snippet",
        "post_language", "close", "visibility", "warning", *FIXES, priority=True,
    )  # fmt: skip

    def __init__(self, desk: Desk, keys: KeyTable) -> None:
        super().__init__(desk, keys, fix_keys=[keys[fix].shown_keys for fix in FIXES])
        self._pressed = SecondPress()
        self._reason: tuple[tuple[str, NewPoll | None], str] = (("", None), "")
        self._send_timer: Timer | None = None
        self._fixes_used: list[str] = []

    def begin(
        self, draft: Draft, *, draft_id: str = "", cursor: int | None = None, context: Post | None = None
    ) -> None:
        self._stop_sending()
        self._pressed.forget()
        self._reason, self._fixes_used = (("", None), ""), []
        super().begin(draft, draft_id=draft_id, cursor=cursor, context=context)

    def shut(self) -> None:
        self._stop_sending()
        self._pressed.forget()
        super().shut()

    # ------------------------------------------------------------ keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self.is_ready  # before that its keys are kept in their order with what is typed

    def action_close(self) -> None:
        """Closes; the draft stays on disk. What the disk does not take stays on the screen."""
        if not self.keep():
            return
        kept = bool(self._draft_id)
        self.shut()
        if kept:
            self.mb.say(_("Draft kept; {key} lists the drafts.").format(key=self._keys["drafts"].shown_keys))

    def action_fix_1(self) -> None:
        self._fix(0)

    def action_fix_2(self) -> None:
        self._fix(1)

    def action_fix_3(self) -> None:
        self._fix(2)

    def action_fix_4(self) -> None:
        self._fix(3)

    def _fix(self, number: int) -> None:
        draft = self.draft
        if draft is None or not self._loaded:
            return
        offers = self._verdict.offers
        if number >= len(offers):
            return
        offer = offers[number]
        self._fixes_used.append(offer.fix)
        if offer.fix == "confirm-profile":
            self._confirm_profile(draft)
        elif offer.fix == "not-a-competitor":
            self._ask_reason(draft)
        else:
            self.change(self._desk.fixes.apply(draft, offer.fix, account=offer.account))

    @work
    async def _confirm_profile(self, draft: Draft) -> None:
        from mbclient.ui.screens.confirm import ConfirmProfile

        for name in draft.accounts:
            await self.app.push_screen_wait(ConfirmProfile(self._desk, name))
        self._say_here("")  # a refusal from before may hold no more

    def action_visibility(self) -> None:
        """The next visibility that every target has; a reply is never made wider than what it answers."""
        draft = self.draft
        if draft is None:
            return
        shared = self._desk.composer.visibilities(draft)
        if self._answered is not None:
            shared = tuple(each for each in shared if each.width >= self._answered.visibility.width)
        if shared:
            place = shared.index(draft.visibility) if draft.visibility in shared else -1
            self.change(replace(draft, visibility=shared[(place + 1) % len(shared)]))

    def action_warning(self) -> None:
        """Shows or hides the line for a content warning."""
        if self._warning is None or self._area is None:
            return
        self.toggle_class("-warned")
        self.screen.set_focus(self._warning if self.has_class("-warned") else self._area)
        self._save_soon()
        self._show_check()

    @work
    async def action_targets(self) -> None:
        from mbclient.ui.screens.targets import TargetsScreen

        draft = self.draft
        if draft is None:
            return
        chosen: Sequence[str] | None = await self.app.push_screen_wait(TargetsScreen(self._desk, draft))
        if chosen is not None and self.draft is not None:
            self.change(replace(self.draft, accounts=tuple(chosen)))

    def action_next_target(self) -> None:
        """A reply, a quote and an edit belong to the account that has seen the post, and stay there."""
        draft = self.draft
        if draft is None:
            return
        if draft.reply_to or draft.quote_of or draft.edit_of:
            self._say_here(_("This answers or changes a post of {account}.").format(account=", ".join(draft.accounts)))
            return
        self.change(replace(draft, accounts=self._desk.accounts.next_names(draft.accounts)))

    @work
    async def action_attach(self) -> None:
        """Adds a file with its description, or changes those that are there."""
        from mbclient.ui.attaching import AttachingFiles

        draft = self.draft
        if draft is None:
            return
        media = await AttachingFiles(self.mb, self._desk).change(draft)
        if self.draft is not None:
            self.change(replace(self.draft, media=media))

    @work
    async def action_poll(self) -> None:
        """Adds a poll, or changes the one that is there."""
        from mbclient.ui.pollwriting import WritingPoll

        draft = self.draft
        if draft is None:
            return
        limits = self._desk.composer.poll_limits(draft)
        if limits is None or draft.kind is Kind.EDIT:
            refusal = _("None of these accounts has polls.")
            self._say_here(_("A poll stays as it was once the post is out.") if limits else refusal)
            return
        poll = await WritingPoll(self.mb, limits).change(draft.poll)
        if self.draft is not None:
            self.change(replace(self.draft, poll=poll))

    def action_as_thread(self) -> None:
        """A thread, then one with numbers, then one post again; short enough it is one post anyhow."""
        draft = self.draft
        if draft is not None:
            self.change(replace(draft, threaded=not draft.numbered, numbered=draft.threaded and not draft.numbered))

    @work
    async def action_snippet(self) -> None:
        """At the cursor; the area's own undo takes it back."""
        from mbclient.ui.screens.choose import Choose

        snippets = self._desk.preferences.snippets
        if not snippets:
            self._say_here(_("There are no snippets: write [[snippets]] into config.toml."))
            return
        lines = [f"{each.name}: {' '.join(each.text.split())}" for each in snippets]
        chosen = await self.app.push_screen_wait(Choose(_("Snippets"), lines))
        if chosen is not None and self._area is not None:
            from mbclient.core.snippets import filled_in

            self._area.insert(filled_in(snippets[chosen], self._desk.judge, self._desk.clock.now()))

    @work
    async def action_post_language(self) -> None:
        from mbclient.ui.screens.asktext import AskText

        draft = self.draft
        if draft is None:
            return
        if not self._desk.composer.knows_languages(draft):
            self._say_here(_("None of these accounts tells a post's language."))
            return
        question = _("The post's language by its short name, such as sv or en; empty says nothing.")
        answer = await self.app.push_screen_wait(AskText(question, draft.lang, language_problem))
        if answer is not None and self.draft is not None:
            self.change(replace(self.draft, lang=answer.strip().lower()))

    def action_editor(self) -> None:
        from mbclient.ui.editor import edit_outside

        draft = self.draft
        if draft is None or not self.keep():
            return
        try:
            text = edit_outside(self.app, draft.text)
        except MbclientError as error:
            self.mb.say(str(error), "error")
            return
        self.change(replace(draft, text=text))

    # ------------------------------------------------------------ sending

    def action_send(self) -> None:
        draft = self.draft
        if draft is not None:
            self._send(draft)

    def action_send_planned(self) -> None:
        """At the next recommended time."""
        draft = self.draft
        if draft is None:
            return
        due: datetime | None = self._desk.fixes.when("schedule-next-slot", self._desk.clock.now())
        if due is None:
            self.mb.say(_("There is no recommended time within a year."), "warning")
            return
        self._send(replace(draft, due=due, on_server=False))

    @work
    async def action_send_at(self) -> None:
        """Chooses the time; the send key sends, as ever."""
        from mbclient.ui.screens.when import WhenScreen

        draft = self.draft
        if draft is None:
            return
        keeps = bool(draft.accounts) and all(map(self._desk.composer.keeps_until_due, draft.accounts))
        server = keeps and draft.kind is not Kind.EDIT
        chosen = await self.app.push_screen_wait(WhenScreen(self._desk, server=server, on_server=draft.on_server))
        if chosen is not None and self.draft is not None:
            self.change(replace(self.draft, due=chosen.due, on_server=chosen.on_server))

    def _send(self, draft: Draft, *, reason: str = "") -> None:
        self._stop_sending()
        check = self._desk.composer.check(draft)
        if check.problems:
            self._say_here(self._hindrances(check))
            return
        said = (draft.text, draft.poll)
        reason = reason or (self._reason[1] if self._reason[0] == said else "")
        self._reason = (said, reason)  # a reason holds for the same words, over the second press too
        if check.verdict.level is Level.REQUIRE_DISCLOSURE and not reason and self._desk.composer.may_override(check):
            self._ask_reason(draft)
            return
        if check.verdict.needs_confirm and (reason or not check.verdict.stops):
            press = self._pressed.press(draft, self._desk.clock.monotonic())
            if press is Press.AGAIN:
                self._send_timer = self.set_timer(SETTLE_S, lambda: self._submit(draft, confirmed=True, reason=reason))
            else:
                key = self._keys["send" if draft == self.draft else "send_planned"].shown_keys
                self._say_here(_("Press {key} again to send anyway.").format(key=key))
            return
        self._submit(draft, reason=reason)

    def _stop_sending(self) -> None:
        if self._send_timer is not None:
            self._send_timer.stop()
            self._send_timer = None

    def _submit(self, draft: Draft, *, confirmed: bool = False, reason: str = "") -> None:
        from mbclient.core.compose import StoppedError

        try:
            self._desk.composer.submit(
                draft,
                confirmed=confirmed,
                reason=reason,
                undo_seconds=self._desk.preferences.undo_seconds,
                draft_id=self._draft_id,
                fixes_used=self._fixes_used,
            )
        except StoppedError as stopped:
            self._draft_id, self._saved = stopped.draft_id, draft
            self._desk.drafts.hold(self._draft_id)
            self._say_here(stopped.advice)
            return
        except MbclientError as error:
            self._say_here(str(error))
            return
        if draft.due is not None:
            told = (
                _("Planned for {when}, kept by the server: it goes out whether mbclient runs or not.")
                if draft.on_server
                else _("Planned for {when}. It goes out while an mbclient runs; nothing goes out while none runs.")
            )
            self.mb.say(told.format(when=self._when(draft.due)))
        self.shut()

    @work
    async def _ask_reason(self, draft: Draft) -> None:
        from mbclient.ui.screens.ask import AskReason

        reason = await self.app.push_screen_wait(AskReason(_("Why is it right to send this as it is?")))
        if reason:
            self._send(draft, reason=reason)
