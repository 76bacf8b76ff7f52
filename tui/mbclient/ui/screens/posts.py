"""A screen that shows a list of posts with the timeline's keys: thread, author, search, notifications build on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from mbclient.core import events
from mbclient.core.desk import Desk
from mbclient.core.keynames import shown_key
from mbclient.core.keytable import KeyTable
from mbclient.core.preferences import Mute
from mbclient.core.stores import Entry
from mbclient.domain.post import Post
from mbclient.texts import _
from mbclient.ui.attending import InFront
from mbclient.ui.compositor import LeanScreen
from mbclient.ui.hiding import Hidden, Hider
from mbclient.ui.keyline import KeyLine
from mbclient.ui.keys import bindings
from mbclient.ui.meterbar import MeterBar
from mbclient.ui.postkeys import ON_A_POLL, ON_A_POST, ON_AN_OWN_POST, PostKeys
from mbclient.ui.render import PLAIN, Dress, Words
from mbclient.ui.sources import FIRST, PostsSource
from mbclient.ui.timeline import Timeline
from mbclient.ui.timelinepane import TimelinePane


class PostsScreen(PostKeys, InFront, LeanScreen):
    """Title above, posts below, escape back. A subclass fills it with `show_posts`."""

    DEFAULT_CSS = """
    PostsScreen { background: $background; }
    PostsScreen #screen-title { height: auto; padding: 0 1; background: $panel; text-style: bold; }
    """
    BINDINGS = [  # noqa: RUF012  # the toolkit's name
        *bindings("thread", "back", "peek", "compose", *ON_A_POST, *ON_AN_OWN_POST, *ON_A_POLL, "undo"),
    ]

    AUTO_FOCUS = "Timeline"

    PLACE = "home"  # as filters at the services name it
    COVERS_IN_PLACE = False  # a line stands for a hidden post, because its place among the others says something

    def __init__(self, desk: Desk, words: Words, keys: KeyTable) -> None:
        super().__init__()
        self.desk = desk
        self.key_table = keys
        self._words = replace(words, covers=lambda post: desk.reading.covers(post, self.PLACE))
        self._source = PostsSource(())
        self._posts: Sequence[Post] = ()
        self._hidden = Hidden()
        self._gone: set[str] = set()
        self._title = ""
        self._empty = ""
        self.peeking = False

    def compose(self) -> ComposeResult:
        yield MeterBar()
        yield from self.heading()
        yield TimelinePane(self._words, id="posts")
        yield KeyLine(self.key_table, besides=("back",))

    def heading(self) -> ComposeResult:
        """The title's line, and what a subclass has beside it."""
        yield Static(Content(self.title_words()), id="screen-title")

    def title_words(self) -> str:
        """What stands above; outside text in it is plain."""
        return ""

    @property
    def timeline(self) -> Timeline:
        return self.query_one("#posts", TimelinePane).timeline

    def say_title(self, text: str) -> None:
        """What stands above, with what is hidden told behind it."""
        self._title = text
        hidden = self._hidden.words(shown_key(self.key_table["peek"].keys[0]), peeking=self.peeking)
        for line in self.query("#screen-title").results(Static):  # none while the screen is being taken down
            line.update(Content(f"{text} · {hidden}" if hidden else text))

    def show_posts(
        self, posts: Sequence[Post], *, select: str = "", empty: str = "", focus: bool = True, keep_row: bool = False
    ) -> None:
        """The posts from the top, less what is hidden; `select`: the id of the one to stand on.

        `keep_row`: on the row of the screen that is selected now.
        """
        self._posts, self._empty = posts, empty
        self._show(select, keep_row=keep_row)
        if focus:
            self.timeline.focus()

    def hidden(self, posts: Sequence[Post]) -> Mapping[str, Hider]:
        """What hides posts on this screen, by their ids."""
        return self.desk.reading.hidden(posts, self.PLACE, self.spared)

    def spared(self, mute: Mute) -> bool:
        """Whether a mute counts for nothing here, because the user went to see what it hides elsewhere."""
        return False

    def _show(self, select: str, *, keep_row: bool = False) -> None:
        self._hidden = Hidden(self.hidden(self._posts))
        in_place = self.peeking or self.COVERS_IN_PLACE
        shown = [post for post in self._posts if in_place or post not in self._hidden]
        self._source = PostsSource(shown)
        self.timeline.show(
            self._source,
            place=self._source.key_of(select) if select else None,
            read_to=FIRST - self.unread(shown),
            row=self.timeline.selected_row if keep_row else 0,
            empty=_("All of it is hidden here.") if self._posts and not shown else self._empty,
            dress=self.dress,
        )
        self.say_title(self._title or self.title_words())

    def unread(self, posts: Sequence[Post]) -> int:
        """How many of them, from the top, are unread."""
        return 0

    def dress(self, entry: Entry) -> Dress:
        """What the screen says of an entry besides its post."""
        gone = entry.post.id in self._gone
        if entry.post not in self._hidden:
            return Dress(gone=True) if gone else PLAIN
        if self.peeking:
            return Dress(hidden=True, gone=gone)
        return Dress(cover=self._hidden.cover(entry.post, self._words.reveal_key), gone=gone)

    def action_why(self) -> None:
        entry = self.timeline.selected
        if entry is not None:
            self.deeds.why(self.post_of(entry), self._hidden.by.get(entry.post.id))

    def action_peek(self) -> None:
        """Hidden posts in their places, marked as hidden; again to hide them."""
        if not self._hidden.by:
            self.mb.say(_("Nothing is hidden here."))
            return
        self.peeking = not self.peeking
        self._show_again()

    def _show_again(self) -> None:
        """The same posts; the selected one stays where it is, or the next that is shown is selected."""
        entry = self.timeline.selected
        self._show(entry.post.id if entry is not None else "", keep_row=True)
        if entry is None or self._source.key_of(entry.post.id) is not None:
            return
        ids = [post.id for post in self._posts]
        below = ids[ids.index(entry.post.id) + 1 :] if entry.post.id in ids else []
        keys = (self._source.key_of(post_id) for post_id in below)
        key = next((key for key in keys if key is not None), None)
        if key is not None:
            self.timeline.select(key)

    def hear(self, event: events.Event) -> None:
        """A post that changed is shown as it is now; rules that changed hide and show at once."""
        if isinstance(event, events.PostChanged):
            self._posts = [event.post if post.id == event.post.id else post for post in self._posts]
            key = self._source.put(event.post)
            if key is not None:
                self.timeline.refresh_entry(key)
        elif isinstance(event, events.PostRemoved):
            self._mark_gone(event.id)
        elif isinstance(event, events.FilterChanged):
            self._show_again()

    def _mark_gone(self, post_id: str) -> None:
        """A deleted post stays where it is, marked: whoever is at it loses neither the words nor the place."""
        if any(post.id == post_id for post in self._posts):
            self._gone.add(post_id)
            self.timeline.refresh_post(post_id)

    # ------------------------------------------------------------ more of them

    def add_posts(self, posts: Sequence[Post]) -> None:
        """More below the others, which stay as they are; what stands there already is left out."""
        known = {post.id for post in self._posts}
        more = [post for post in posts if post.id not in known]
        self._posts = [*self._posts, *more]
        self._hidden = Hidden({**self._hidden.by, **self.hidden(more)})
        in_place = self.peeking or self.COVERS_IN_PLACE
        self.timeline.entries_arrived(self._source.add([p for p in more if in_place or p not in self._hidden]))

    def older(self) -> None:
        """The last of the posts is on screen: a subclass that can have more gets them."""

    @on(Timeline.ReachedEnd)
    def _reached_end(self) -> None:
        self.older()

    def action_back(self) -> None:
        self.dismiss(None)

    @on(Timeline.LinkClicked)
    def _link(self, message: Timeline.LinkClicked) -> None:
        self.deeds.open_link(message.url, message.post)
