"""Search: the archive while one types, the services when asked."""

from __future__ import annotations

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Input, Static

from mbclient.domain.errors import MbclientError
from mbclient.texts import _
from mbclient.ui.keyline import KeyLine
from mbclient.ui.meterbar import MeterBar
from mbclient.ui.screens.posts import PostsScreen
from mbclient.ui.timeline import TimelinePane


class SearchScreen(PostsScreen):
    """Typing searches the archive at once; enter asks the services too."""

    DEFAULT_CSS = """
    SearchScreen Input { border: none; height: 1; padding: 0 1; background: $surface; }
    SearchScreen Input:focus { border: none; }
    """
    PLACE = "public"
    BINDINGS = [Binding("slash", "again", show=False)]  # noqa: RUF012  # the toolkit's name

    def compose(self) -> ComposeResult:
        yield MeterBar()
        yield Static(Content(self.title_words()), id="screen-title")
        yield Input(placeholder=_('word, "a phrase", word* · enter asks the services'), id="query")
        yield TimelinePane(self._words, id="posts")
        yield KeyLine(self.key_table, besides=("back",))

    AUTO_FOCUS = "Input"

    def title_words(self) -> str:
        return _("Search")

    def on_mount(self) -> None:
        self.show_posts([], empty=_("What you write is looked up in the archive at once."), focus=False)

    def action_again(self) -> None:
        self.query_one(Input).focus()

    @on(Input.Changed, "#query")
    def _query_changed(self, message: Input.Changed) -> None:
        if not message.value.strip():
            return
        try:
            entries = self.desk.reading.search(message.value)
        except MbclientError as error:
            self.say_title(str(error))
            return
        posts = [entry.post for entry in entries]
        self.show_posts(posts, empty=_("Nothing in the archive. Enter asks the services."), focus=False)
        self.say_title(f"{self.title_words()} · {_('{n} in the archive').format(n=len(posts))}")

    @on(Input.Submitted, "#query")
    @work(exclusive=True)
    async def _ask_services(self, message: Input.Submitted) -> None:
        self.say_title(f"{self.title_words()} · {_('asking the services …')}")
        try:
            found = await self.desk.reading.search_services(message.value)
        except MbclientError as error:
            self.say_title(str(error))
            self.timeline.focus()
            return
        self.show_posts(found.posts, empty=_("The services found nothing."))
        failed = "".join(f" · {error.account}: {error.problem}" for error in found.errors)
        self.say_title(f"{self.title_words()} · {_('{n} from the services').format(n=len(found.posts))}{failed}")
