"""Questions in a row: where one is among them, and the way back to the one before."""

from __future__ import annotations

from typing import Generic, NamedTuple, TypeVar

from textual.binding import Binding
from textual.screen import ModalScreen

from mbclient.texts import N_, _

A = TypeVar("A")


class Step(NamedTuple):
    """`number` counts from 1."""

    number: int
    total: int

    @property
    def title(self) -> str:
        return _("First steps · {n} of {total}").format(n=self.number, total=self.total)


class Asking(ModalScreen[A | None], Generic[A]):
    """A question, alone or one of several; None where it was left. `turned_back`: for the one before."""

    LEAVING = (
        Binding("escape", "leave", N_("Back"), show=False),
        Binding("pageup", "turn_back", N_("The question before, among the first steps"), show=False, priority=True),
    )

    def __init__(self, step: Step | None) -> None:
        super().__init__()
        self.step = step
        self.turned_back = False

    def keys(self, taken: str, alone: str) -> str:
        """`taken`: the words for enter and escape where the question is one of several, `alone` where it is not."""
        if self.step is None:
            return alone
        return taken if self.step.number == 1 else taken + _(", PgUp goes back")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action != "turn_back" or (self.step is not None and self.step.number > 1)

    def action_leave(self) -> None:
        self.dismiss(None)

    def action_turn_back(self) -> None:
        self.turned_back = True
        self.dismiss(None)
