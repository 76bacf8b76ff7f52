"""Which accounts a post goes to, with each one's identity beside it."""

from __future__ import annotations

from dataclasses import replace

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static

from mbclient.core.accounts import READ_ONLY
from mbclient.core.desk import Desk
from mbclient.domain.account import Account
from mbclient.domain.draft import Draft
from mbclient.texts import N_, _
from mbclient.texts.findings import mode_word
from mbclient.ui.choices import Choices
from mbclient.ui.draftwords import MODE_SIGNS


class TargetsScreen(ModalScreen[tuple[str, ...] | None]):
    """Space chooses, enter takes the choice, escape leaves it as it was."""

    DEFAULT_CSS = """
    TargetsScreen { align: center middle; }
    TargetsScreen > Vertical { width: 60; max-width: 90%; height: auto; max-height: 80%; padding: 1 2;
                               background: $surface; border: round $primary; }
    TargetsScreen Choices { height: auto; }
    """
    BINDINGS = [  # noqa: RUF012  # the toolkit's name
        Binding("space", "choose", N_("Choose the account, or not"), show=False, priority=True),
        Binding("enter,ctrl+o", "take", N_("Take them"), show=False, priority=True),
        Binding("escape", "leave", N_("Back"), show=False),
    ]

    def __init__(self, desk: Desk, draft: Draft) -> None:
        super().__init__()
        self._desk = desk
        self._draft = draft
        self._shown: list[Account] = []
        self._chosen = {account.name for account in self._accounts() if account.name in draft.accounts}

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(
                Content.assemble((_("Send to"), "bold"), (_("   Space chooses, Enter takes them"), "$text-muted"))
            )
            yield Choices()

    def _accounts(self) -> list[Account]:
        """As they are now: another program may add and remove some while this stands open."""
        return [account for account in self._desk.accounts.all() if account.service not in READ_ONLY]

    def _line(self, account: Account) -> Content:
        """Chosen or not, in a sign; the identity before the handle, which may be long."""
        name = account.name
        verdict = self._desk.judge.check(replace(self._draft, accounts=(name,)))
        mode = verdict.modes.get(name)
        sign = MODE_SIGNS[mode][0] if mode is not None else "·"
        identity = mode_word(mode) if mode is not None else ""
        return Content.assemble(
            "[x] " if name in self._chosen else "[ ] ",
            (name, "bold"),
            "  ",
            f"{sign} {identity}  {account.service} {account.handle}",
        )

    def on_mount(self) -> None:
        if not self.query(Choices):
            return  # left again before it was made
        self._show()
        self.query(Choices).focus()

    def _show(self) -> None:
        self._shown = self._accounts()
        self.query_one(Choices).put([self._line(account) for account in self._shown])

    def action_choose(self) -> None:
        place = self.query_one(Choices).highlighted
        if place is not None:
            self._chosen ^= {self._shown[place].name}
            self._show()

    @on(OptionList.OptionSelected)
    def _clicked(self, message: OptionList.OptionSelected) -> None:
        self.action_choose()

    def action_take(self) -> None:
        self.dismiss(tuple(account.name for account in self._accounts() if account.name in self._chosen))

    def action_leave(self) -> None:
        self.dismiss(None)
