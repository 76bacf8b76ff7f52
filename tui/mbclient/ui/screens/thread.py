"""The conversation around a post, and an author's posts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from textual import work
from textual.app import ComposeResult
from textual.containers import Horizontal

from mbclient.core.conversation import arranged
from mbclient.core.desk import Desk
from mbclient.core.keytable import KeyTable
from mbclient.core.preferences import Mute
from mbclient.core.stores import Entry
from mbclient.domain.errors import MbclientError
from mbclient.domain.post import Post
from mbclient.texts import _
from mbclient.ui.avatar import Avatar
from mbclient.ui.hiding import Hider
from mbclient.ui.render import Dress, Words
from mbclient.ui.screens.posts import PostsScreen
from mbclient.ui.tabs import posts_words


class ThreadScreen(PostsScreen):
    """The post at once, and what it answers as far as that is known here; the rest as soon as the service has answered.

    A hidden answer leaves a line in its place: what answers it would hang in the air. Whoever opens a muted
    conversation wants to see it.
    """

    PLACE = "thread"
    COVERS_IN_PLACE = True

    def __init__(self, desk: Desk, words: Words, keys: KeyTable, post: Post) -> None:
        super().__init__(desk, words, keys)
        self._post = post
        self._levels: Mapping[str, int] = {}

    def dress(self, entry: Entry) -> Dress:
        return replace(super().dress(entry), depth=self._levels.get(entry.post.id, 0))

    def hidden(self, posts: Sequence[Post]) -> Mapping[str, Hider]:
        """Not what was opened."""
        return {name: hider for name, hider in super().hidden(posts).items() if name != self._post.id}

    def spared(self, mute: Mute) -> bool:
        return bool(mute.thread) and mute == self.desk.reading.why(self._post).muted

    def title_words(self) -> str:
        return _("Thread · {author}").format(author=self._post.author.handle)

    def on_mount(self) -> None:
        self.show_posts([*self.desk.reading.above(self._post), self._post], select=self._post.id)
        self._load()

    @work(exclusive=True)
    async def _load(self) -> None:
        self.say_title(f"{self.title_words()} · {_('loading …')}")
        try:
            thread = await self.desk.reading.thread(self._post.id)
        except MbclientError as error:
            self.say_title(f"{self.title_words()} · {error}")
            return
        made = arranged(thread)
        posts, self._levels = [post for post, _level in made], {post.id: level for post, level in made}
        here = self.timeline.selected
        stays = here is not None and any(post.id == here.post.id for post in posts)
        self.show_posts(posts, select=here.post.id if here is not None and stays else thread.post.id, keep_row=stays)
        self.say_title(f"{self.title_words()} · {posts_words(len(posts))}")


class AuthorScreen(PostsScreen):
    """The posts of the one who wrote a post, page by page. Whoever looks at a muted author wants to see these."""

    DEFAULT_CSS = """
    AuthorScreen #heading { height: auto; background: $panel; }
    AuthorScreen #screen-title { width: 1fr; }
    """
    PLACE = "account"
    _older: str | None = None

    def __init__(self, desk: Desk, words: Words, keys: KeyTable, post: Post) -> None:
        super().__init__(desk, words, keys)
        self._post = post

    def heading(self) -> ComposeResult:
        with Horizontal(id="heading"):
            yield Avatar(self.desk, self._post)
            yield from super().heading()

    def spared(self, mute: Mute) -> bool:
        return mute.term.casefold() == f"from:{self._post.author.handle}".casefold()

    def title_words(self) -> str:
        author = self._post.author
        return f"{author.name or author.handle} · @{author.handle}"

    def on_mount(self) -> None:
        self.show_posts([self._post], select=self._post.id)
        self._load()

    @work(exclusive=True)
    async def _load(self) -> None:
        self.say_title(f"{self.title_words()} · {_('loading …')}")
        try:
            page = await self.desk.reading.author_posts(self._post)
        except MbclientError as error:
            self.say_title(f"{self.title_words()} · {error}")
            return
        self._older = page.older
        self.show_posts(page.posts, empty=_("No posts to show."))
        self._count()

    def older(self) -> None:
        if self._older is not None:
            self._load_older(self._older)

    @work(exclusive=True)
    async def _load_older(self, before: str) -> None:
        self.say_title(f"{self.title_words()} · {_('loading …')}")
        try:
            page = await self.desk.reading.author_posts(self._post, before)
        except MbclientError as error:
            self.say_title(f"{self.title_words()} · {error}")
            return
        self._older = page.older if page.older != before else None
        self.add_posts(page.posts)
        self._count()

    def _count(self) -> None:
        self.say_title(f"{self.title_words()} · {posts_words(len(self._posts))}")
