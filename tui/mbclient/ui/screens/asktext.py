"""One line to type, with what was there before; a wrong answer is said below it and stays to be mended."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static

from mbclient.texts import N_, _
from mbclient.ui.choices import Choices
from mbclient.ui.steps import Asking, Step
from mbclient.ui.wordsinput import WordsInput


class AskText(Asking[str]):
    """`check` gives the reason why an answer is no good, or nothing. `step`: where in a row of questions this one is.

    `offers`: proposals for a list with commas; choosing one puts it in, choosing it again takes it out. `goes_on`: the
    answer goes on with what was there before; else the first letter replaces it.
    """

    DEFAULT_CSS = """
    AskText { align: center middle; }
    AskText > Vertical { width: 90; max-width: 94%; height: auto; max-height: 90%; padding: 1 2; background: $surface;
                         border: round $primary; }
    AskText Choices { height: auto; max-height: 8; margin: 0 0 1 0; }
    """
    BINDINGS = [  # noqa: RUF012  # the toolkit's name
        *Asking.LEAVING,
        Binding("down", "to_offers", N_("To the proposals"), show=False),
    ]

    def __init__(
        self,
        question: str,
        value: str = "",
        check: Callable[[str], str] = lambda text: "",
        *,
        step: Step | None = None,
        offers: Sequence[str] = (),
        goes_on: bool = False,
    ) -> None:
        super().__init__(step)
        self._question = question
        self._value = value
        self._check = check
        self._offers = tuple(offers)
        self._goes_on = goes_on

    def compose(self) -> ComposeResult:
        with Vertical():
            if self.step is not None:
                yield Static(Content.assemble((f"{self.step.title}\n", "bold $primary")))
            yield Static(Content(self._question + "\n"))
            yield WordsInput(self._value, select_on_focus=not self._goes_on)
            if self._offers:
                yield Static(Content.assemble((_("Proposed: ↓ goes to them, Enter puts one in"), "$text-muted")))
                yield Choices()
            keys = self.keys(_("Enter keeps it, Esc skips it"), _("Enter keeps it, Esc goes back"))
            yield Static(Content(keys), id="below")

    def on_mount(self) -> None:
        if not self.query(Input):
            return  # left again before it was made
        self._show_offers()
        self.query_one(Input).focus()

    @on(Input.Changed)
    def _show_offers(self) -> None:
        if self._offers:
            inside = {term.casefold() for term in split_list(self.query_one(Input).value)}
            lines = [Content(f"{'[x]' if offer.casefold() in inside else '[ ]'} {offer}") for offer in self._offers]
            self.query_one(Choices).put(lines)

    @on(OptionList.OptionSelected)
    def _offer_chosen(self, message: OptionList.OptionSelected) -> None:
        field, offer = self.query_one(Input), self._offers[message.option_index]
        listed = split_list(field.value)
        kept = [term for term in listed if term.casefold() != offer.casefold()]
        field.value = ", ".join(kept if len(kept) < len(listed) else [*listed, offer])
        field.action_end()

    def action_to_offers(self) -> None:
        if self._offers:
            self.query(Choices).focus()

    @on(Input.Submitted)
    def _answered(self, message: Input.Submitted) -> None:
        problem = self._check(message.value)
        if problem:
            self.query_one("#below", Static).update(Content(problem))
            return
        self.dismiss(message.value)


def split_list(text: str) -> tuple[str, ...]:
    """What stands between commas, each once."""
    return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
