"""The keys that act on the selected post, for every screen that shows posts."""

from __future__ import annotations

from collections.abc import Callable, Set
from functools import cached_property

from textual.events import Key

from mbclient.core.desk import Desk
from mbclient.core.stores import Entry
from mbclient.domain.draft import Draft
from mbclient.domain.post import Post
from mbclient.texts import _
from mbclient.ui.deeds import Deeds
from mbclient.ui.host import Hosted
from mbclient.ui.keys import KeySequences
from mbclient.ui.timeline import Timeline

ON_A_POST = (
    "reply", "quote", "boost", "like", "bookmark", "open", "copy_link", "copy_markdown", "author", "media", "pictures",
    "why", "mute",
)  # fmt: skip
ON_AN_OWN_POST = ("edit", "delete")
ON_A_POLL = ("vote",)
OPENING = ("compose", "reply", "quote", "edit", "search")  # something that is written in


class PostKeys(Hosted, KeySequences):
    """A screen with a timeline. It gives `desk` and `timeline`; the actions are the table's."""

    desk: Desk
    to_open: Key | None = None
    """A key that opens something to write in, while the program has given it out and it has not come here yet."""

    _opening = 0  # such keys, on their way up to the program
    _possible: tuple[bool | None, ...] = ()  # an action on any post, one on an own post, a vote

    @property
    def timeline(self) -> Timeline:
        raise NotImplementedError  # every screen has its own

    @property
    def deeds(self) -> Deeds:
        return Deeds(self.mb, self.desk)

    @cached_property
    def _opening_keys(self) -> Set[str]:
        """Those that begin no sequence."""
        sequences = {key.split()[0] for action in self.key_table for key in action.keys if " " in key}
        return {key for action in OPENING for key in self.key_table[action].keys} - sequences

    def opens(self, event: Key) -> bool:
        """Whether it is a key for something to write in."""
        return event.key in self._opening_keys

    @property
    def is_opening(self) -> bool:
        """Whether such a key is on its way: what is typed behind it is text."""
        return self.to_open is not None or self._opening > 0

    @property
    def is_left(self) -> bool:
        """Whether a letter that is here yet was meant for what has been opened since."""
        return self.app.screen is not self.screen

    async def on_key(self, event: Key) -> None:
        """Behind a key that opens the composer or the search all is text, and begins no sequence: while that is on its
        way up to the program, and when it is there and a letter is still on its own.
        """
        if self._opening or (event.is_printable and self.is_left):
            event.prevent_default()
        if event is self.to_open:
            self.to_open = None
        self._opening += not self._typed and self.opens(event)

    def key_came_up(self, event: Key) -> None:
        """Of a key that nothing has taken, before the program makes a command of it; whichever screen is in front."""
        if self.opens(event):
            self._opening = max(0, self._opening - 1)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What has something to act on. On a post that it can do nothing with, a key says so."""
        entry = self.timeline.selected
        if action == "thread":
            return (None if entry is None else True) if self.timeline.has_focus else False
        on_a_post = action in (*ON_A_POST, *ON_AN_OWN_POST, *ON_A_POLL)
        return None if on_a_post and (entry is None or entry.gap is not None) else True

    def offers(self, action: str) -> bool:
        """Whether the line of keys names it: not where it would only say why it does nothing."""
        if action not in (*ON_AN_OWN_POST, *ON_A_POLL):
            return action != "undo" or self.deeds.has_undo()
        entry = self.timeline.selected
        if entry is None or entry.gap is not None:
            return False
        post = self.post_of(entry)
        if action in ON_AN_OWN_POST:
            return self.deeds.is_mine(post)
        return post.poll is not None and not post.poll.voted and not post.poll.is_over(self.desk.clock.now())

    def on_timeline_selected(self, message: Timeline.Selected) -> None:
        """Has the line of keys read anew where another kind of entry is selected: it costs a tenth of a key."""
        message.stop()  # the program would wake for each key, and has nothing to do with it
        possible = (self.check_action("reply", ()), self.offers("edit"), self.offers("vote"))
        if possible != self._possible:
            self._possible = possible
            self.refresh_bindings()

    def post_of(self, entry: Entry) -> Post:
        """What the keys act on when an entry is selected."""
        return entry.post

    def open_entry(self, entry: Entry) -> None:
        """What enter does."""
        self.deeds.thread(self.post_of(entry))

    def on_timeline_opened(self, message: Timeline.Opened) -> None:
        self.open_entry(message.entry)

    def action_thread(self) -> None:
        """At once: until a message of the timeline had come up, keys behind it would move in the list that is left."""
        if (entry := self.timeline.selected) is not None:
            self.open_entry(entry)

    def _on_selected(self, deed: Callable[[Post], None]) -> None:
        entry = self.timeline.selected
        if entry is not None and entry.gap is None:
            deed(self.post_of(entry))

    def _on_own(self, deed: Callable[[Post], None], refusal: str) -> None:
        self._on_selected(lambda post: deed(post) if self.deeds.is_mine(post) else self.mb.say(refusal))

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

    def action_copy_markdown(self) -> None:
        self._on_selected(self.deeds.copy_markdown)

    def action_author(self) -> None:
        self._on_selected(self.deeds.author)

    def action_media(self) -> None:
        self._on_selected(self.deeds.media)

    def action_pictures(self) -> None:
        self._on_selected(self.deeds.pictures)

    def action_why(self) -> None:
        self._on_selected(self.deeds.why)

    def action_mute(self) -> None:
        self._on_selected(self.deeds.mute)

    def action_vote(self) -> None:
        self._on_selected(self.deeds.vote)

    def action_delete(self) -> None:
        self._on_own(self.deeds.delete, _("Only a post of your own can be deleted."))

    def action_undo(self) -> None:
        self.deeds.undo()

    # ------------------------------------------------------------ writing

    def action_compose(self) -> None:
        self.write(self.desk.drafting.new)

    def action_reply(self) -> None:
        self._on_selected(lambda post: self.write(lambda: self.desk.drafting.reply(post), post))

    def action_quote(self) -> None:
        self._on_selected(lambda post: self.write(lambda: self.desk.drafting.quote(post), post))

    def action_edit(self) -> None:
        self._on_own(self.mb.edit_post, _("Only a post of your own can be edited."))

    def write(self, begin: Callable[[], Draft], context: Post | None = None) -> None:
        """Opens the composer of the main screen with a draft."""
        self.mb.write(begin, context)
