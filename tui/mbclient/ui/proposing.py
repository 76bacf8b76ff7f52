"""How a name or a tag that was begun in a draft could end: of those one has read lately, proposed while one writes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import work

from mbclient.core.desk import Desk
from mbclient.domain.draft import Draft
from mbclient.domain.errors import MbclientError
from mbclient.ui.host import Hosted

if TYPE_CHECKING:
    from mbclient.core.completing import Vocabulary
    from mbclient.ui.draftarea import DraftArea
    from mbclient.ui.endings import Endings


class Proposing(Hosted):
    """For the pane of a draft, which gives desk, draft and, once they are built, the area and the line below it."""

    _desk: Desk
    _draft: Draft | None
    _area: DraftArea | None
    _endings_line: Endings
    _vocabulary: Vocabulary | None = None

    @work(exclusive=True, group="vocabulary")
    async def _learn(self) -> None:
        """Whose names and which tags have been read lately; without them nothing is proposed."""
        from mbclient.core.completing import Vocabulary

        try:
            self._vocabulary = await asyncio.to_thread(self._desk.completing.vocabulary)
        except MbclientError:
            self._vocabulary = self._vocabulary or Vocabulary()
        if self._area is not None:
            self._area.look()  # a name may have been begun meanwhile

    def _endings(self, begun: str) -> Sequence[str] | None:
        if self._vocabulary is None or self._draft is None:
            return None
        return self._vocabulary.endings(begun, self._draft.accounts)

    def on_draft_area_proposed(self) -> None:
        if self._area is not None:
            self._endings_line.show(self._area.proposed, self._area.taken)

    def on_endings_chosen(self, message: Endings.Chosen) -> None:
        if self._area is not None:
            self._area.take(message.place)
            self.screen.set_focus(self._area)
