"""Kept drafts: enter opens one in the composer, d deletes it after a question."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on, work
from textual.binding import Binding
from textual.content import Content
from textual.widgets import OptionList

from mbclient.core.desk import Desk
from mbclient.core.keytable import KeyTable
from mbclient.core.stores import SavedDraft
from mbclient.domain.errors import MbclientError
from mbclient.domain.safetext import SafeText
from mbclient.texts import N_, _, times
from mbclient.ui.screens.ask import Ask
from mbclient.ui.screens.listing import ListScreen
from mbclient.ui.wrap import fit

SHOWN = 300  # cells of a text


class DraftsScreen(ListScreen):
    """Newest first."""

    BINDINGS = [  # noqa: RUF012  # the toolkit's name
        Binding("enter", "open", N_("Open"), priority=True),
        Binding("d,delete", "discard", N_("Delete")),
    ]

    ON_A_LINE = frozenset({"open", "discard"})

    def __init__(self, desk: Desk, keys: KeyTable) -> None:
        super().__init__()
        self._desk = desk
        self._drafts: Sequence[SavedDraft] = ()
        self.title_text = _("Drafts")
        self.empty_text = _("none are kept")
        self.advice_text = _("A post that you close without sending is kept here, and so is one that you take back.")

    def lines(self) -> Sequence[Content]:
        self._drafts = list(self._desk.drafts.list())
        zone = self._desk.judge.policy.zone
        now = self._desk.clock.now()
        return [
            Content.assemble(
                (times.age(saved.saved_at, now, zone), "$text-muted"),
                (f"  → {', '.join(saved.draft.accounts)}\n", "bold"),
                f"  {fit(SafeText.line(saved.draft.text), SHOWN)}",
            )
            for saved in self._drafts
        ]

    def _chosen_draft(self) -> SavedDraft | None:
        place = self.chosen
        return self._drafts[place] if place is not None and place < len(self._drafts) else None

    @on(OptionList.OptionSelected)
    def action_open(self) -> None:
        saved = self._chosen_draft()
        if saved is not None and self._is_ours(saved):
            self.dismiss(saved.id)

    def _is_ours(self, saved: SavedDraft) -> bool:
        """Two programs never write one draft; says so if another one does."""
        if self._desk.drafts.hold(saved.id):
            return True
        self.mb.say(_("Another mbclient has this draft open; close it there first."), "warning")
        return False

    @work
    async def action_discard(self) -> None:
        saved = self._chosen_draft()
        if saved is None or not self._is_ours(saved):
            return
        if saved.id == self.mb.open_draft:
            self.mb.say(_("This draft is open in the composer; close it there first."), "warning")
            return
        if await self.app.push_screen_wait(Ask(_("Delete this draft?"), saved.draft.text)):
            try:
                self._desk.composer.discard(saved.id)
            except MbclientError as error:
                self.mb.say(str(error), "error")
            self.reload()
        else:
            self._desk.drafts.let_go(saved.id)
