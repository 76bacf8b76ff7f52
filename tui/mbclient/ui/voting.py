"""Voting in a poll, from the keyboard: one choice at once, several one after the other until they are given."""

from __future__ import annotations

from mbclient.core.desk import Desk
from mbclient.domain.errors import MbclientError
from mbclient.domain.poll import Poll
from mbclient.domain.post import Post
from mbclient.texts import _
from mbclient.texts.polls import choice_words
from mbclient.ui.host import Host
from mbclient.ui.screens.choose import Choose


class Voting:
    """A worker calls `in_poll_of`: it asks, votes and says what came of it."""

    def __init__(self, app: Host, desk: Desk) -> None:
        self._app = app
        self._desk = desk

    async def in_poll_of(self, post: Post) -> None:
        try:
            self._desk.actions.check_vote(post)
            assert post.poll is not None
            choices = await self._asked(post.poll)
            if choices:
                await self._desk.actions.vote(post, choices)
                self._app.say(_("Your vote is given."))
        except MbclientError as error:
            self._app.say(str(error), "warning")

    async def _asked(self, poll: Poll) -> list[int]:
        """The places of the choices; none where one goes back."""
        words = [choice_words(poll, choice) for choice in poll.choices]
        if not poll.multiple:
            question = _("Vote: it cannot be taken back")
            chosen = await self._app.push_screen_wait(Choose(question, words))
            return [] if chosen is None else [chosen]
        marked, at = set(poll.chosen), 0
        while True:
            lines = [f"[{'x' if place in marked else ' '}] {each}" for place, each in enumerate(words)]
            question = _("Choose any number, then vote: it cannot be taken back")
            chosen = await self._app.push_screen_wait(Choose(question, [*lines, _("Vote")], at=at))
            if chosen is None:
                return []
            if chosen == len(words):
                return sorted(marked - poll.chosen)
            at = chosen
            if chosen not in poll.chosen:
                marked ^= {chosen}
