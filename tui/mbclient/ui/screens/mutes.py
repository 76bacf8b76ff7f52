"""What is muted and until when: add, lift, change the time."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence

from textual import on
from textual.binding import Binding
from textual.content import Content
from textual.widgets import OptionList

from mbclient.core import events
from mbclient.core.desk import Desk
from mbclient.core.preferences import Mute
from mbclient.texts import N_, _
from mbclient.ui.muting import Muting, mute_words, until_words
from mbclient.ui.screens.listing import ListScreen


class MutesScreen(ListScreen):
    """Those of config.toml stand here too, and say so. The list is short: the stock one is right for it."""

    BINDINGS = [  # noqa: RUF012  # the toolkit's name
        Binding("enter", "change", N_("Other time"), priority=True),
        Binding("a", "add", N_("Add")),
        Binding("d,delete", "lift", N_("Lift")),
    ]

    ON_A_LINE = frozenset({"change", "lift"})

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._mutes: Sequence[Mute] = ()
        self.title_text = _("Muted")
        self.empty_text = _("nothing is")
        self.advice_text = _("A mute hides an author, a conversation or a word, for a time; a adds one.")

    def _muting(self) -> Muting:
        return Muting(self.mb, self._desk)

    def lines(self) -> Sequence[Content]:
        now, zone = self._desk.clock.now(), self._desk.judge.policy.zone
        self._mutes = [mute for mute in self._desk.preferences.mutes if mute.fixed or mute.holds(now)]
        return [
            Content.assemble(
                (mute_words(mute), "bold"),
                (f"\n  {until_words(mute, now, zone)}", "$text-muted"),
                (" · " + _("set in config.toml") if mute.fixed else "", "$text-muted"),
            )
            for mute in self._mutes
        ]

    def hear(self, event: events.Event) -> None:
        if isinstance(event, events.FilterChanged):
            self.reload()

    def _mute(self) -> Mute | None:
        place = self.chosen
        return self._mutes[place] if place is not None and place < len(self._mutes) else None

    def _run(self, deed: Coroutine[object, object, None]) -> None:
        async def run() -> None:
            await deed
            if self.is_mounted:
                self.reload()

        self.app.run_worker(run(), group="deeds")

    @on(OptionList.OptionSelected)
    def action_change(self) -> None:
        mute = self._mute()
        if mute is not None:
            self._run(self._muting().change(mute))

    def action_add(self) -> None:
        self._run(self._muting().of_word())

    def action_lift(self) -> None:
        mute = self._mute()
        if mute is not None:
            self._run(self._muting().lift(mute))
