"""A screen that shows a list of posts with the timeline's keys: thread, author, search, notifications build on it."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from mbclient.core import events
from mbclient.core.desk import Desk
from mbclient.core.keytable import KeyTable
from mbclient.domain.post import Post
from mbclient.texts import _
from mbclient.ui.attending import InFront
from mbclient.ui.keyline import KeyLine
from mbclient.ui.keys import bindings
from mbclient.ui.meterbar import MeterBar
from mbclient.ui.postkeys import ON_A_POST, ON_AN_OWN_POST, PostKeys
from mbclient.ui.render import Words
from mbclient.ui.sources import PostsSource
from mbclient.ui.timeline import Timeline, TimelinePane


class PostsScreen(PostKeys, InFront, Screen[None]):
    """Title above, posts below, escape back. A subclass fills it with `show_posts`."""

    DEFAULT_CSS = """
    PostsScreen { background: $background; }
    PostsScreen #screen-title { height: auto; padding: 0 1; background: $panel; text-style: bold; }
    """
    BINDINGS = [  # noqa: RUF012  # the toolkit's name
        *bindings("back", "compose", *ON_A_POST, *ON_AN_OWN_POST, "undo"),
    ]

    AUTO_FOCUS = "Timeline"

    def __init__(self, desk: Desk, words: Words, keys: KeyTable) -> None:
        super().__init__()
        self.desk = desk
        self.key_table = keys
        self._words = words
        self._source = PostsSource(())

    def compose(self) -> ComposeResult:
        yield MeterBar()
        yield Static(Content(self.title_words()), id="screen-title")
        yield TimelinePane(self._words, id="posts")
        yield KeyLine(self.key_table, besides=("back",))

    def title_words(self) -> str:
        """What stands above; outside text in it is plain."""
        return ""

    @property
    def timeline(self) -> Timeline:
        return self.query_one("#posts", TimelinePane).timeline

    def say_title(self, text: str) -> None:
        self.query_one("#screen-title", Static).update(Content(text))

    def show_posts(self, posts: Sequence[Post], *, select: str = "", empty: str = "", focus: bool = True) -> None:
        """The posts from the top; `select`: the id of the one to stand on."""
        self._source = PostsSource(posts)
        newest = len(posts)
        self.timeline.show(
            self._source, place=self._source.key_of(select) if select else None, read_to=newest, empty=empty
        )
        if focus:
            self.timeline.focus()

    def hear(self, event: events.Event) -> None:
        """A post that changed is shown as it is now."""
        if isinstance(event, events.PostChanged):
            key = self._source.put(event.post)
            if key is not None:
                self.timeline.refresh_entry(key)
        elif isinstance(event, events.PostRemoved):
            self.say_title(_("{title} · a post was deleted").format(title=self.title_words()))

    def action_back(self) -> None:
        self.dismiss(None)

    @on(Timeline.LinkClicked)
    def _link(self, message: Timeline.LinkClicked) -> None:
        self.deeds.open_address(message.url)

    @on(Timeline.Opened)
    def _opened(self, message: Timeline.Opened) -> None:
        self.deeds.thread(message.entry.post)

    @on(Timeline.Selected)
    def _selected(self) -> None:
        self.refresh_bindings()
