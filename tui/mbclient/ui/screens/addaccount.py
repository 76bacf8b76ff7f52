"""Adding an account: service, what it needs, sign in. The address stands alone on its line; a pasted code works too."""

from __future__ import annotations

import asyncio
import os
import re

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Button, Input, OptionList, Static
from textual.widgets.option_list import Option

from mbclient.core.desk import Desk
from mbclient.core.ports import LoginForm
from mbclient.domain.account import Account
from mbclient.domain.errors import MbclientError, SecretError
from mbclient.domain.secret import Secret
from mbclient.texts import N_, _
from mbclient.ui.choices import Choices
from mbclient.ui.hanging import Hanging
from mbclient.ui.host import Hosted
from mbclient.ui.keyline import KeyLine
from mbclient.ui.keys import bindings
from mbclient.ui.meterbar import MeterBar
from mbclient.ui.screens.ask import Ask

HOW_AT = 23  # the column of how one signs in


class AddAccountScreen(Hosted, Screen[None]):
    """First the list of services, then one form; every refusal is said on the form and nothing typed is lost."""

    DEFAULT_CSS = """
    AddAccountScreen { background: $background; }
    AddAccountScreen #screen-title { height: auto; padding: 0 1; background: $panel; text-style: bold; }
    AddAccountScreen VerticalScroll { padding: 1 0; }
    AddAccountScreen VerticalScroll > * { margin: 0 2; }
    AddAccountScreen Choices { height: auto; }
    AddAccountScreen Input { border: none; height: 1; background: $surface; margin: 0 2 1 2; }
    AddAccountScreen Input:focus { border: none; }
    AddAccountScreen Button { margin: 1 2 0 2; }
    AddAccountScreen #code { display: none; }
    AddAccountScreen.-browser #code { display: block; }
    AddAccountScreen.-browser VerticalScroll { scrollbar-size: 0 0; }
    AddAccountScreen #address { margin: 0; color: $accent; }
    """
    BINDINGS = [*bindings("back"), Binding("ctrl+y", "copy_address", N_("Copy the address"), show=False)]  # noqa: RUF012  # the toolkit's name

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._names: list[str] = []
        self._broken: list[str] = []
        self._service = ""
        self._address = ""
        self._code: asyncio.Future[str] | None = None

    def compose(self) -> ComposeResult:
        yield MeterBar()
        yield Static(Content(_("Add an account")), id="screen-title")
        with VerticalScroll():
            yield Choices(*(Option(Hanging(line, HOW_AT)) for line in self._services()))
        yield KeyLine(besides=("back",))

    def _services(self) -> list[Content]:
        """A line each: its title, and how one signs in. One that cannot be loaded takes none of the others along."""
        services = self._desk.world.services
        found = []
        for name in services.names():
            try:
                form = services.login_form(name)
                found.append((form.rank, services.title(name), name, _how(form)))
            except MbclientError as error:
                self._broken.append(str(error))
        found.sort()
        self._names = [name for _rank, _title, name, _way in found]
        return [
            Content.assemble((f"{title:<{HOW_AT - 1}} ", "bold"), (how, "$text-muted"))
            for _rank, title, _name, how in found
        ]

    def on_mount(self) -> None:
        self.query(Choices).focus()
        for broken in self._broken:
            self.mb.say(broken, "warning")

    @on(OptionList.OptionSelected)
    @work(exclusive=True)
    async def _service_chosen(self, message: OptionList.OptionSelected) -> None:
        self._service = self._names[message.option_index]
        form = self._desk.world.services.login_form(self._service)
        box = self.query_one(VerticalScroll)
        await box.remove_children()
        fields = [
            Static(Content(_("A short name of your own for it"))),
            Input(self._free_name(), id="name"),
        ]
        if form.url or form.url_required:
            fields += [Static(Content(_("The server's address"))), Input(form.url, placeholder="https://", id="url")]
        if form.handle_required:
            fields += [Static(Content(_("Your handle"))), Input(id="handle")]
        if form.secret:
            fields += [Static(Content(form.secret)), Input(password=True, id="secret")]
        await box.mount_all(
            [
                *fields,
                Button(_("Sign in"), variant="primary", id="sign-in"),
                Static(Content(""), id="progress"),
                Static(Content(""), id="address"),
                Input(placeholder=_("paste the code here, or the address the browser ended at"), id="code"),
            ]
        )
        box.query(Input).last().blur()
        (
            box.query("#url, #handle, #secret").first()
            if box.query("#url, #handle, #secret")
            else box.query_one("#name")
        ).focus()

    def _free_name(self) -> str:
        taken = {account.name for account in self._desk.accounts.all()}
        names = (self._service, *(f"{self._service}-{number}" for number in range(2, 100)))
        return next(name for name in names if name not in taken)

    def _value(self, name: str) -> str:
        found = self.query(f"#{name}")
        return found.first(Input).value.strip() if found else ""

    @on(Button.Pressed, "#sign-in")
    @on(Input.Submitted, "#name, #url, #handle, #secret")
    def _sign_in_asked(self) -> None:
        url = self._value("url")
        if url and not re.match(r"[a-z]+://", url):
            url = f"https://{url}"
        name, needed = self._value("name"), self._desk.world.services.login_form(self._service).url_required
        if needed and not url and self._desk.accounts.known(name, self._service) is None:
            self._progress(_("Write the server's address."))
            self.query_one("#url", Input).focus()
            return
        handle = self._value("handle").removeprefix("@")
        self._sign_in(Account(name, self._service, url, handle))

    @work(exclusive=True, group="sign-in")
    async def _sign_in(self, account: Account) -> None:
        typed = self._value("secret")
        secret = Secret(typed) if typed else None
        paste = _over_ssh()
        self._progress(_("Signing in …"))
        try:
            await self._desk.accounts.add(account, self, secret=secret, paste=paste, ask_file=self._may_use_file)
        except MbclientError as error:
            self._progress(str(error))
            return
        host = self.mb
        self.dismiss(None)
        host.say(_("{account} is ready.").format(account=account.name))
        host.welcome_account(account.name)

    async def _may_use_file(self, error: SecretError) -> bool:
        question = _("{problem}. Keep the secret in a file that only you can read?").format(problem=error.problem)
        return await self.app.push_screen_wait(Ask(question))

    def _progress(self, text: str) -> None:
        self.query_one("#progress", Static).update(Content(text))

    # ------------------------------------------------------------ the login's dialogue

    async def show_address(self, url: str) -> None:
        """Opens the browser and shows the address alone and whole, from edge to edge: what is marked with the mouse
        has nothing but ends of lines within, and those a browser drops.

        Over SSH no browser is opened: it would be on the wrong computer, or in the place of this screen.
        """
        self._address = url
        self.add_class("-browser")
        if _over_ssh():
            self._progress(_("Open this address in a browser (Ctrl+Y copies it):"))
        else:
            self._progress(_("Your browser opens this address (Ctrl+Y copies it):"))
        self.query_one("#address", Static).update(Content(url))
        code = self.query_one("#code", Input)
        code.focus()
        self.call_after_refresh(code.scroll_visible, animate=False)  # a long address moves it down
        if not _over_ssh():
            self.app.open_url(url)

    async def ask_code(self) -> str:
        """Waits for the pasted code; the login cancels it when the browser came back by itself."""
        self._code = asyncio.get_running_loop().create_future()
        return await self._code

    @on(Input.Submitted, "#code")
    def _code_pasted(self, message: Input.Submitted) -> None:
        if self._code is not None and not self._code.done() and message.value.strip():
            self._code.set_result(message.value.strip())

    def action_copy_address(self) -> None:
        if self._address:
            self.app.copy_to_clipboard(self._address)
            self.mb.say(_("Address copied, if this terminal lets programs copy."))

    def action_back(self) -> None:
        self.dismiss(None)


def _over_ssh() -> bool:
    return "SSH_CONNECTION" in os.environ


def _how(form: LoginForm) -> str:
    """How one signs in, as far as the form tells."""
    if form.browser:
        return _("with the browser, a password or a key") if form.secret else _("with the browser")
    if form.secret:
        return _("with a password or a key")
    return _("by its address, without signing in") if form.url_required else _("on this computer, without signing in")
