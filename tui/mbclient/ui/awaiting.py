"""The composer while a service is asked how a post was written: open, with nothing to write in yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events
from textual.widgets import Static

from mbclient.domain.draft import Draft
from mbclient.domain.post import Post
from mbclient.ui.draftwords import in_vain_title, waiting_title

if TYPE_CHECKING:
    from mbclient.ui.draftpane import DraftPane

    _Pane = DraftPane
else:
    _Pane = object  # as for `Hosted`


class Awaiting(_Pane):
    """For the pane of a draft. It has the keys at once: what is typed meanwhile follows the words when they are here.

    Where they do not come it stays, and says why, until it is closed: the timeline would take the rest of a sentence
    that is being typed for commands.
    """

    _waited: Draft | None = None  # the draft whose words are asked for
    _in_vain = False  # there will be none

    def wait(self, draft: Draft, context: Post) -> bool:
        """Opens. False where what stood there before could not be kept."""
        self._waited, self._in_vain = draft, False
        self.begin(draft, context=context)
        if self._draft is not draft:
            self._waited = None
            return False
        self.add_class("-waiting")
        self.screen.set_focus(self)
        key = self._keys["close"].shown_keys
        self.query_one("#title", Static).update(waiting_title(", ".join(draft.accounts), key))
        return True

    def waits_for(self, draft: Draft) -> bool:
        """Not any more once it was closed, or something else begun."""
        return self._waited is draft and not self._in_vain

    def begin_waited_for(self, draft: Draft) -> None:
        """The words are here. Who has gone on to another pane meanwhile stays there."""
        aside = self.screen.focused
        self._wait_no_more()
        self._draft = self._saved = draft
        self._saved_place = len(draft.text)
        self.set_class(bool(draft.cw), "-warned")
        if self._area is None:
            return  # it is being built, and takes them then
        self._load(draft, None)
        if aside is not None and aside is not self:
            self.screen.set_focus(aside)

    def waited_in_vain(self, why: str) -> None:
        """There will be no words."""
        self._in_vain = True
        self.query_one("#title", Static).update(in_vain_title(why, self._keys["close"].shown_keys))

    def _wait_no_more(self) -> None:
        self._waited = None
        self.remove_class("-waiting")

    def begin(
        self, draft: Draft, *, draft_id: str = "", cursor: int | None = None, context: Post | None = None
    ) -> None:
        if draft is not self._waited:
            self._wait_no_more()
        super().begin(draft, draft_id=draft_id, cursor=cursor, context=context)

    def shut(self) -> None:
        self._wait_no_more()
        super().shut()

    def _load(self, draft: Draft, cursor: int | None) -> None:
        if self._waited is None:
            super()._load(draft, cursor)

    def _take(self, event: events.Key | events.Paste) -> None:
        """Closing is done at once: who waits long wants out, not to go through the text first."""
        if self._waited is not None and isinstance(event, events.Key) and event.key in self._keys["close"].keys:
            event.stop()
            event.prevent_default()
            self.shut()
        else:
            super()._take(event)
