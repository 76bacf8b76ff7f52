"""Does this account's profile show where you work and who you are? The user's word, for thirty days."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from mbclient.core.desk import Desk
from mbclient.domain.account import Known
from mbclient.domain.errors import MbclientError
from mbclient.texts import N_, _
from mbclient.ui.host import Hosted


class ConfirmProfile(Hosted, ModalScreen[bool]):
    """Two facts, a key each; enter keeps them."""

    DEFAULT_CSS = """
    ConfirmProfile { align: center middle; }
    ConfirmProfile > Vertical { width: 66; max-width: 92%; height: auto; padding: 1 2; background: $surface;
                                border: round $primary; }
    """
    BINDINGS = [  # noqa: RUF012  # the toolkit's name
        Binding("e", "flip('employer')", N_("Employer: shown, or not"), show=False),
        Binding("n", "flip('name')", N_("Name: shown, or not"), show=False),
        Binding("enter", "keep", N_("Keep it"), show=False),
        Binding("escape", "leave", N_("Back"), show=False),
    ]

    def __init__(self, desk: Desk, account: str) -> None:
        super().__init__()
        self._desk = desk
        self._account = account
        facts = desk.judge.account_facts()[account]
        self._employer = facts.employer_visible is Known.YES
        self._person = facts.real_name_visible is Known.YES

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(self._words())

    def _words(self) -> Content:
        policy = self._desk.judge.policy
        employer = policy.employer.name or _("your employer")
        person = policy.person_name or _("your name")
        return Content.assemble(
            (_("What does the profile of {account} show?").format(account=self._account), "bold"),
            "\n\n",
            (" e ", "reverse"),
            f" {'[x]' if self._employer else '[ ]'} " + _("where you work: {employer}").format(employer=employer),
            "\n",
            (" n ", "reverse"),
            f" {'[x]' if self._person else '[ ]'} " + _("who you are: {person}").format(person=person),
            "\n\n",
            (_("Enter keeps it for {n} days. The profile itself is changed at the service, not here.").format(
                n=policy.recheck_days), "$text-muted"),
        )  # fmt: skip

    def action_flip(self, fact: str) -> None:
        if fact == "employer":
            self._employer = not self._employer
        else:
            self._person = not self._person
        self.query_one(Static).update(self._words())

    def action_keep(self) -> None:
        try:
            self._desk.accounts.confirm(
                self._account,
                employer=Known.YES if self._employer else Known.NO,
                real_name=Known.YES if self._person else Known.NO,
            )
        except MbclientError as error:  # the question stands: Enter tries again
            self.mb.say(str(error), "error")
            return
        self.dismiss(True)

    def action_leave(self) -> None:
        self.dismiss(False)
