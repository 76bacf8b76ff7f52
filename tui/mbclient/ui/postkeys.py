"""The keys that act on the selected post, for every screen that shows posts."""

from __future__ import annotations

from collections.abc import Callable

from mbclient.core.desk import Desk
from mbclient.core.stores import Entry
from mbclient.domain.draft import Draft
from mbclient.domain.post import Post
from mbclient.ui.deeds import Deeds
from mbclient.ui.host import Hosted
from mbclient.ui.keys import KeySequences
from mbclient.ui.timeline import Timeline

ON_A_POST = ("reply", "quote", "boost", "like", "bookmark", "open", "copy_link", "author", "media", "why", "mute")
ON_AN_OWN_POST = ("edit", "delete")


class PostKeys(Hosted, KeySequences):
    """A screen with a timeline. It gives `desk` and `timeline`; the actions are the table's."""

    desk: Desk

    @property
    def timeline(self) -> Timeline:
        raise NotImplementedError  # every screen has its own

    @property
    def deeds(self) -> Deeds:
        return Deeds(self.mb, self.desk)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What is possible now; the footer dims the rest."""
        if action not in (*ON_A_POST, *ON_AN_OWN_POST):
            return True
        entry = self.timeline.selected
        if entry is None or entry.gap is not None:
            return None
        return True if action in ON_A_POST or self.deeds.is_mine(self.post_of(entry)) else None

    def post_of(self, entry: Entry) -> Post:
        """What the keys act on when an entry is selected."""
        return entry.post

    def _on_selected(self, deed: Callable[[Post], None]) -> None:
        entry = self.timeline.selected
        if entry is not None and entry.gap is None:
            deed(self.post_of(entry))

    def action_like(self) -> None:
        self._on_selected(self.deeds.like)

    def action_boost(self) -> None:
        self._on_selected(self.deeds.boost)

    def action_bookmark(self) -> None:
        self._on_selected(self.deeds.bookmark)

    def action_open(self) -> None:
        self._on_selected(self.deeds.open_post)

    def action_copy_link(self) -> None:
        self._on_selected(self.deeds.copy_link)

    def action_author(self) -> None:
        self._on_selected(self.deeds.author)

    def action_media(self) -> None:
        self._on_selected(self.deeds.media)

    def action_why(self) -> None:
        self._on_selected(self.deeds.why)

    def action_mute(self) -> None:
        self._on_selected(self.deeds.mute)

    def action_delete(self) -> None:
        self._on_selected(self.deeds.delete)

    def action_undo(self) -> None:
        self.deeds.undo()

    # ------------------------------------------------------------ writing

    def action_compose(self) -> None:
        self.write(self.desk.composer.new)

    def action_reply(self) -> None:
        self._on_selected(lambda post: self.write(lambda: self.desk.composer.reply(post), post))

    def action_quote(self) -> None:
        self._on_selected(lambda post: self.write(lambda: self.desk.composer.quote(post), post))

    def action_edit(self) -> None:
        self._on_selected(lambda post: self.write(lambda: self.desk.composer.edit(post), post))

    def write(self, begin: Callable[[], Draft], context: Post | None = None) -> None:
        """Opens the composer of the main screen with a draft."""
        self.mb.write(begin, context)
