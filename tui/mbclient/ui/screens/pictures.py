"""A post's pictures: their descriptions always, and the one that was asked for where the terminal can show it."""

from __future__ import annotations

import asyncio

from textual import on
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from mbclient.core.desk import Desk
from mbclient.domain.errors import MbclientError, MovedError
from mbclient.domain.post import Media, Post
from mbclient.texts import _
from mbclient.ui.choices import Choices
from mbclient.ui.hanging import Hanging
from mbclient.ui.host import Hosted
from mbclient.ui.keyline import KeyLine
from mbclient.ui.keys import bindings
from mbclient.ui.meterbar import MeterBar
from mbclient.ui.pictures import shown, unpacked, why_not
from mbclient.ui.render import media_words
from mbclient.ui.screens.ask import Ask
from mbclient.ui.spans import shown_host


class PicturesScreen(Hosted, Screen[None]):
    """Opening it asks for the first picture, enter for another; a host that is not the service's own is asked about."""

    DEFAULT_CSS = """
    PicturesScreen { background: $background; }
    PicturesScreen Choices { height: auto; max-height: 40%; border-bottom: solid $panel; }
    PicturesScreen #picture-word { padding: 0 2; height: auto; }
    PicturesScreen VerticalScroll { height: 1fr; padding: 0 2; align: center middle; }
    PicturesScreen VerticalScroll > * { width: auto; height: 100%; }
    """
    BINDINGS = bindings("back", "reveal")

    def __init__(self, desk: Desk, post: Post, covered: str = "") -> None:
        """`covered`: what stands instead until the user looks; nothing is fetched before."""
        super().__init__()
        self._desk = desk
        self._post = post
        self._covered = covered
        self._pictures = desk.pictures.of(post)

    def compose(self) -> ComposeResult:
        yield MeterBar()
        if self._covered:
            yield Static(Content.styled(self._covered, "bold $warning"), id="picture-word")
        else:
            yield Choices(*(Option(Hanging(_line(each))) for each in self._pictures))
            yield Static(Content(""), id="picture-word")
        yield VerticalScroll()
        yield KeyLine(besides=("back",))

    def on_mount(self) -> None:
        if self._covered:
            self.query_one(VerticalScroll).focus()
        else:
            self.query(Choices).focus()
            self._ask_for(self._pictures[0])

    async def action_reveal(self) -> None:
        """What a warning or a filter covers; there is no way back but leaving."""
        if self._covered:
            self._covered = ""
            await self.recompose()
            self.on_mount()

    @on(OptionList.OptionSelected)
    def _chosen(self, message: OptionList.OptionSelected) -> None:
        self._ask_for(self._pictures[message.option_index])

    def _ask_for(self, picture: Media, at: str = "") -> None:
        """`at`: where it stands, if its own address led away from there."""
        url = at or picture.url
        if reason := why_not(self._desk.preferences):
            self._say(reason)
            return
        host = self._desk.pictures.stranger(self._post, url)
        if not host:
            self._begin(picture)
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self._desk.pictures.allow(host)
                self._begin(picture)
            else:
                self._say(_("Nothing was fetched."))

        question = _("The picture stands at {host}, which is not your service's own. Fetch it?").format(
            host=shown_host(url)
        )
        self.mb.push_screen(Ask(question, url), answered)

    def _begin(self, picture: Media) -> None:
        self._say(_("Fetching from {host} …").format(host=shown_host(picture.url)))
        self.run_worker(self._show(picture), group="picture", exclusive=True)

    async def _show(self, picture: Media) -> None:
        room = self.query_one(VerticalScroll)
        await room.remove_children()
        try:
            data = await self._desk.pictures.fetch(self._post, picture)
            found = await asyncio.to_thread(unpacked, data)
            widget = shown(self.mb, found)
        except MbclientError as error:
            if isinstance(error, MovedError) and self.is_current:  # no question above what hides the screen
                self._ask_for(picture, error.url)
            else:
                self._say(str(error), "warning")
            return
        await room.mount(widget)
        number = next(at for at, each in enumerate(self._pictures, 1) if each is picture)
        self._say(_("Picture {number} of {count}").format(number=number, count=len(self._pictures)))

    def _say(self, text: str, style: str = "") -> None:
        if word := self.query("#picture-word"):
            word.first(Static).update(Content.styled(text, f"${style}") if style else Content(text))

    def action_back(self) -> None:
        self.dismiss(None)


def _line(picture: Media) -> Content:
    return Content.assemble((shown_host(picture.url) or "–", "bold"), f"  {media_words(picture)}")
