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
from mbclient.domain.account import Account
from mbclient.domain.errors import MbclientError, SecretError
from mbclient.domain.secret import Secret
from mbclient.texts import _
from mbclient.ui.choices import Choices
from mbclient.ui.host import Hosted
from mbclient.ui.keyline import KeyLine
from mbclient.ui.keys import bindings
from mbclient.ui.meterbar import MeterBar
from mbclient.ui.screens.ask import Ask


class AddAccountScreen(Hosted, Screen[None]):
    """First the list of services, then one form; every refusal is said on the form and nothing typed is lost."""

    DEFAULT_CSS = """
    AddAccountScreen { background: $background; }
    AddAccountScreen #screen-title { height: auto; padding: 0 1; background: $panel; text-style: bold; }
    AddAccountScreen VerticalScroll { padding: 1 2; }
    AddAccountScreen Choices { height: auto; }
    AddAccountScreen Input { border: none; height: 1; background: $surface; margin-bottom: 1; }
    AddAccountScreen Input:focus { border: none; }
    AddAccountScreen Button { margin-top: 1; }
    AddAccountScreen #code { display: none; }
    AddAccountScreen.-browser #code { display: block; }
    AddAccountScreen #address { width: auto; color: $accent; }
    """
    BINDINGS = [*bindings("back"), Binding("ctrl+y", "copy_address", show=False)]  # noqa: RUF012  # the toolkit's name

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._names = tuple(desk.world.services.names())
        self._service = ""
        self._address = ""
        self._code: asyncio.Future[str] | None = None

    def compose(self) -> ComposeResult:
        yield MeterBar()
        services = self._desk.world.services
        yield Static(Content(_("Add an account")), id="screen-title")
        with VerticalScroll():
            yield Choices(*(Option(Content(services.title(name))) for name in self._names))
        yield KeyLine(besides=("back",))

    def on_mount(self) -> None:
        self.query_one(Choices).focus()

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
        handle = self._value("handle").removeprefix("@")
        self._sign_in(Account(self._value("name"), self._service, url, handle))

    @work(exclusive=True, group="sign-in")
    async def _sign_in(self, account: Account) -> None:
        typed = self._value("secret")
        secret = Secret(typed) if typed else None
        paste = "SSH_CONNECTION" in os.environ
        self._progress(_("Signing in …"))
        try:
            await self._desk.accounts.add(account, self, secret=secret, paste=paste)
        except SecretError as error:
            question = _("{problem}. Keep the secret in a file that only you can read?").format(problem=error.problem)
            if not await self.app.push_screen_wait(Ask(question)):
                self._progress(str(error))
                return
            try:
                await self._desk.accounts.add(account, self, secret=secret, paste=paste, allow_file=True)
            except MbclientError as again:
                self._progress(str(again))
                return
        except MbclientError as error:
            self._progress(str(error))
            return
        host = self.mb
        self.dismiss(None)
        host.say(_("{account} is ready.").format(account=account.name))
        host.welcome_account(account.name)

    def _progress(self, text: str) -> None:
        self.query_one("#progress", Static).update(Content(text))

    # ------------------------------------------------------------ the login's dialogue

    async def show_address(self, url: str) -> None:
        """Opens the browser and shows the address alone, unwrapped."""
        self._address = url
        self.add_class("-browser")
        self._progress(_("Your browser opens this address (ctrl+y copies it):"))
        self.query_one("#address", Static).update(Content(url))
        self.query_one("#code", Input).focus()
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

    def action_back(self) -> None:
        self.dismiss(None)
