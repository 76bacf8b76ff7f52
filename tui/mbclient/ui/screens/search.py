"""Search: the archive while one types, the services when asked."""

from __future__ import annotations

import asyncio

from textual import events, on, work
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input, Static

from mbclient.core.reading import merged
from mbclient.core.stores import Hits
from mbclient.domain.errors import MbclientError
from mbclient.texts import N_, _
from mbclient.ui.keyline import KeyLine
from mbclient.ui.keys import bindings
from mbclient.ui.meterbar import MeterBar
from mbclient.ui.screens.posts import PostsScreen
from mbclient.ui.timelinepane import TimelinePane

PAGE = 40
EMPTY = N_("What you write is looked up in the archive at once.")


class SearchScreen(PostsScreen):
    """Typing searches the archive at once, and going down brings what is older; enter asks the services too."""

    DEFAULT_CSS = """
    SearchScreen Input { border: none; height: 1; padding: 0 1; background: $surface; }
    SearchScreen Input:focus { border: none; }
    """
    PLACE = "public"
    _query = _ahead = ""
    _is_open = False  # the line has had the keys since it was asked for
    _oldest: int | None = None  # the key of the last one that was found, while there may be more
    BINDINGS = bindings("search")

    def compose(self) -> ComposeResult:
        yield MeterBar()
        yield Static(Content(self.title_words()), id="screen-title")
        yield Input(placeholder=_('word, "a phrase", word* · Enter asks the services'), id="query")
        yield TimelinePane(self._words, id="posts")
        yield KeyLine(self.key_table, besides=("back",))

    AUTO_FOCUS = "Input"

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Letters are the question's, also before the line says so."""
        return not self._is_open and character is not None and character.isprintable()

    async def on_key(self, event: events.Key) -> None:
        if event is self.to_open:
            self.to_open = None  # here as well: what the line takes comes no further
        if not self._opening:
            self._take_late(event)

    def key_came_up(self, event: events.Key) -> None:
        super().key_came_up(event)
        if self.is_active:
            self._take_late(event)

    def _take_late(self, event: events.Key) -> None:
        """Letters that were typed before the line could take them belong there, and are no keys."""
        if not event.is_printable or not event.character:
            return
        if self._is_open and not self.query_one(Input).has_focus:
            return
        event.stop()
        event.prevent_default()
        self._ahead += event.character
        if self._is_open:
            self._write()

    def on_descendant_focus(self) -> None:
        self._is_open = True
        self._write()

    def _write(self) -> None:
        """What came ahead, as if it were typed now."""
        line, (ahead, self._ahead) = self.query_one(Input), (self._ahead, "")
        if ahead:
            line.replace(ahead, *sorted(line.selection))

    def title_words(self) -> str:
        return _("Search")

    def on_mount(self) -> None:
        self.show_posts([], empty=_(EMPTY), focus=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "search":
            return self._is_open and not isinstance(self.focused, Input)  # which has the keys, or is about to
        return super().check_action(action, parameters)

    def action_search(self) -> None:
        """For something else."""
        self._is_open = False  # what was searched for before is selected with the focus, and is to be replaced
        self.set_focus(self.query_one(Input))

    @on(Input.Changed, "#query")
    def _query_changed(self, message: Input.Changed) -> None:
        if message.value.strip():
            self._look_up(message.value)
            return
        self.workers.cancel_node(self)
        self._oldest = None
        self.show_posts([], empty=_(EMPTY), focus=False)
        self.say_title(self.title_words())

    @work(exclusive=True)
    async def _look_up(self, query: str) -> None:
        """In a thread: the beginning of a word may have very many."""
        try:
            entries = await self._in_archive(query)
        except MbclientError as error:
            self.say_title(str(error))
            return
        self._query = query
        empty = _("Nothing in the archive. Enter asks the services.")
        if entries.ended_early:
            empty = _(
                "Nothing among the newest posts; ended early, older ones were not searched. Enter asks the services."
            )
        self.show_posts([entry.post for entry in entries], empty=empty, focus=False)
        self._found(entries)

    def older(self) -> None:
        if self._oldest is not None:
            self._look_further(self._query, self._oldest)

    @work(exclusive=True)
    async def _look_further(self, query: str, before: int) -> None:
        try:
            entries = await asyncio.to_thread(self.desk.reading.search, query, limit=PAGE, before=before)
        except MbclientError as error:
            self.say_title(str(error))
            return
        self.add_posts([entry.post for entry in entries])
        self._found(entries)

    def _found(self, entries: Hits) -> None:
        """Whether there is more below a page, and how many there are so far."""
        self._oldest = entries[-1].key if len(entries) == PAGE else None
        self.say_title(f"{self.title_words()} · {_found_words(len(self._posts), entries)}")

    @on(Input.Submitted, "#query")
    @work(exclusive=True)
    async def _ask_services(self, message: Input.Submitted) -> None:
        """What they find joins what the archive has: many find little, and some nothing at all."""
        self._oldest = None
        self.say_title(f"{self.title_words()} · {_('asking the services …')}")
        try:
            entries = await self._in_archive(message.value)
            known = [entry.post for entry in entries]
            self.show_posts(known)
            found = await self.desk.reading.search_services(message.value)
        except MbclientError as error:
            self.say_title(str(error))
            return
        selected = self.timeline.selected
        posts = sorted(merged([*known, *found.posts]), key=lambda post: post.sorted_at, reverse=True)
        self.show_posts(
            posts,
            select=selected.post.id if selected is not None and not self.timeline.untouched else "",
            empty=_("The services found nothing."),
            focus=False,  # since the question the user may have gone on to the next
            keep_row=True,
        )
        told = [
            _found_words(len(known), entries),
            _("{n} from the services").format(n=len(found.posts)),
            *(f"{name}: {error.problem}" for name, error in found.errors.items()),
        ]
        if found.unable:
            told.append(_("cannot search for that: {accounts}").format(accounts=", ".join(found.unable)))
        self.say_title(" · ".join((self.title_words(), *told)))

    async def _in_archive(self, query: str) -> Hits:
        return await asyncio.to_thread(self.desk.reading.search, query, limit=PAGE)


def _found_words(n: int, page: Hits) -> str:
    """How many there are so far. `page`: the last of them."""
    if page.ended_early:
        return _("{n} in the archive; ended early, older posts were not searched").format(n=n)
    more = len(page) == PAGE
    return (_("the newest {n} in the archive") if more else _("{n} in the archive")).format(n=n)
