"""The first start: three ways to begin, all of which work at once."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from mbclient.core.desk import Desk
from mbclient.texts import N_, _
from mbclient.ui.choices import Choices
from mbclient.ui.host import Host, Hosted
from mbclient.ui.launch import Launch


class WelcomeScreen(Hosted, ModalScreen[None]):
    """Escape is the notebook, without a question: nobody has to decide anything."""

    DEFAULT_CSS = """
    WelcomeScreen { align: center middle; }
    WelcomeScreen > Vertical { width: 70; max-width: 94%; height: auto; padding: 1 2; background: $surface;
                               border: round $primary; }
    WelcomeScreen Choices { height: auto; }
    """
    BINDINGS = [Binding("escape", "notebook", N_("Use the local notebook"), show=False)]  # noqa: RUF012  # the toolkit's name

    def __init__(self, desk: Desk, launch: Launch) -> None:
        super().__init__()
        self._desk = desk
        self._launch = launch

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(
                Content.assemble(
                    (_("Welcome to mbclient"), "bold $primary"),
                    "\n\n",
                    _("Microblogs at work: one timeline with what matters for your work, and the company's policy"),
                    _(" as a help, never a warden. Everything stays on this computer."),
                    "\n\n",
                    (_("What is measured: "), "bold"),
                    _("your posts a day, and how long posts are in front of you, by service and work term."),
                    " ",
                    _("Never what you type. It lies in mbclient's own file, for you alone; s shows and deletes it,"),
                    " ",
                    _("P pauses it, the settings (,) switch it off."),
                    "\n",
                )
            )
            yield Choices(
                Option(_choice(_("Add an account"), _("Mastodon, Bluesky and others")), id="add"),
                Option(_choice(_("Try the demo"), _("made-up posts, no account, no network")), id="demo"),
                Option(
                    _choice(_("Use the local notebook"), _("write for yourself; add accounts later")), id="notebook"
                ),
            )

    def on_mount(self) -> None:
        self.query(Choices).focus()

    @on(OptionList.OptionSelected)
    def _chosen(self, message: OptionList.OptionSelected) -> None:
        app = self.mb
        if message.option.id == "demo":
            app.leave("demo")
            return
        self.dismiss(None)
        if message.option.id == "add":
            app.call_later(self._add_account, app)
        else:
            app.first_steps()

    def _add_account(self, app: Host) -> None:
        """Who turns back is asked again. Called by the program: a screen that has gone hears no answer."""
        from mbclient.ui.screens.addaccount import AddAccountScreen

        def unless_added(_left: None) -> None:
            if self._desk.accounts.only_notebook:
                app.push_screen(WelcomeScreen(self._desk, self._launch))

        app.push_screen(AddAccountScreen(self._desk), unless_added)

    def action_notebook(self) -> None:
        self.dismiss(None)


def _choice(title: str, words: str) -> Content:
    return Content.assemble((f"{title}  ", "bold"), (words, "$text-muted"))
