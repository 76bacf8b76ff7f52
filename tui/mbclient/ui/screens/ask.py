"""Two small questions: yes or no, and a reason."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from mbclient.core.compose import MIN_REASON
from mbclient.domain.safetext import SafeText
from mbclient.texts import N_, _
from mbclient.ui.wordsinput import WordsInput
from mbclient.ui.wrap import fit

SHOWN = 400  # cells of what it is about


class Ask(ModalScreen[bool]):
    """A question with its subject below; `y` is yes, everything else is no."""

    DEFAULT_CSS = """
    Ask { align: center middle; }
    Ask > Vertical { width: 64; max-width: 90%; height: auto; max-height: 80%; padding: 1 2; background: $surface;
                     border: round $primary; }
    """
    BINDINGS = [  # noqa: RUF012  # the toolkit's name
        Binding("y", "answer(True)", N_("Yes"), show=False),
        Binding("n,escape,enter", "answer(False)", N_("No"), show=False),
    ]

    def __init__(self, question: str, subject: str = "") -> None:
        super().__init__()
        self._question = question
        self._subject = subject

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(Content.assemble((self._question, "bold"), "\n"))
            if self._subject:
                yield Static(Content(f"{fit(SafeText(self._subject), SHOWN)}\n"))
            yield Static(Content.assemble((" y ", "reverse"), _(" yes   "), (" n ", "reverse"), _(" no")))

    def action_answer(self, yes: bool) -> None:
        self.dismiss(yes)


class AskReason(ModalScreen[str]):
    """A reason of at least ten characters, kept in the decision log on this machine; empty is a no."""

    DEFAULT_CSS = """
    AskReason { align: center middle; }
    AskReason > Vertical { width: 64; max-width: 90%; height: auto; padding: 1 2; background: $surface;
                           border: round $primary; }
    """
    BINDINGS = [Binding("escape", "leave", N_("Back"), show=False)]  # noqa: RUF012  # the toolkit's name

    def __init__(self, question: str) -> None:
        super().__init__()
        self._question = question

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(Content.assemble((self._question, "bold"), "\n"))
            yield WordsInput(placeholder=_("at least {n} characters; Enter sends, Esc goes back").format(n=MIN_REASON))
            yield Static(Content(""), id="reason-problem")

    def action_leave(self) -> None:
        self.dismiss("")

    @on(Input.Submitted)
    def _answered(self, message: Input.Submitted) -> None:
        if len("".join(message.value.split())) < MIN_REASON:
            problem = _("A reason needs at least {n} characters.").format(n=MIN_REASON)
            self.query_one("#reason-problem", Static).update(Content(problem))
            return
        self.dismiss(message.value)
