"""Muting by dialog: what, until when; kept beside config.toml, in effect at once, lifted at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from mbclient.core.desk import Desk
from mbclient.core.muting import HOUR, WEEK, added, as_choice, conversation, lifted, work_time_end
from mbclient.core.preferences import Mute
from mbclient.core.workterms import read_terms
from mbclient.domain.errors import UsageError
from mbclient.domain.post import Author, Post
from mbclient.domain.safetext import SafeText
from mbclient.texts import _, times
from mbclient.ui.screens.asktext import AskText
from mbclient.ui.screens.choose import Choose
from mbclient.ui.wrap import fit

if TYPE_CHECKING:
    from mbclient.ui.host import Host

_NOTE = 80  # cells of a conversation's first words


def until_words(mute: Mute, now: datetime, zone: tzinfo) -> str:
    """How long it lasts, in words."""
    if mute.until is None:
        return _("until you lift it")
    if not mute.holds(now):
        return _("is over")
    return _("until {when}").format(when=times.when(mute.until, now, zone))


def mute_words(mute: Mute) -> str:
    """What is muted, in words."""
    return mute.words if mute.term else _("conversation: {words}").format(words=mute.words)


class Muting:
    """The dialogs; each runs in a worker of the app, so that leaving a screen cancels no choice that was made."""

    def __init__(self, app: Host, desk: Desk) -> None:
        self._app = app
        self._desk = desk

    async def of_post(self, post: Post) -> None:
        """Asks what of a post to mute, and until when."""
        offers = [self._of_author(author) for author in (post.author, *(each.author for each in post.boosts[:1]))]
        lines = [words for words, _mute in offers]
        lines += [_("This conversation"), _("A word, a phrase, a tag …"), _("See and lift mutes")]
        chosen = await self._app.push_screen_wait(Choose(_("What shall be hidden?"), lines))
        if chosen is None:
            return
        if chosen < len(offers):
            await self._until(offers[chosen][1])
        elif chosen == len(offers):
            about = post.text if post.cw is None else post.cw
            note = fit(SafeText.line(f"@{post.author.handle}: {about}"), _NOTE)
            await self._until(Mute(thread=conversation(post, self._desk.parent), note=note))
        elif chosen == len(offers) + 1:
            await self.of_word()
        else:
            self._app.open_mutes()

    @staticmethod
    def _of_author(author: Author) -> tuple[str, Mute]:
        return _("Everything by {author}").format(author=f"@{author.handle}"), Mute(f"from:{author.handle}")

    async def of_word(self) -> None:
        """Asks for a term, and until when."""
        question = _(
            'What shall be hidden: a word, "a phrase", #tag, @handle, from:handle, domain:host, word*, lang:sv'
        )
        term = await self._app.push_screen_wait(AskText(question, "", _fault))
        if term is not None:
            await self._until(Mute(term.strip()))

    async def _until(self, mute: Mute) -> None:
        if mute.term and (fault := _fault(mute.term)):
            self._app.say(fault, "warning")
            return
        lengths = self._lengths()
        lines = [words for words, _until in lengths]
        question = _("Hide {what}").format(what=mute_words(mute))
        chosen = await self._app.push_screen_wait(Choose(question, lines))
        if chosen is not None:
            await self.keep(replace(mute, until=lengths[chosen][1]))

    def _lengths(self) -> Sequence[tuple[str, datetime | None]]:
        now, policy = self._desk.clock.now(), self._desk.judge.policy
        end = work_time_end(policy, now)
        until = _("until {when}")
        of_work: list[tuple[str, datetime | None]] = []
        if end is not None:
            words = _("to the end of work time, {when}").format(when=times.when(end, now, policy.zone))
            of_work.append((words, end))
        return [
            (
                _("for an hour, {until}").format(until=until.format(when=times.when(now + HOUR, now, policy.zone))),
                now + HOUR,
            ),
            *of_work,
            (
                _("for a week, {until}").format(until=until.format(when=times.when(now + WEEK, now, policy.zone))),
                now + WEEK,
            ),
            (_("until you lift it"), None),
        ]

    async def keep(self, mute: Mute) -> None:
        """One more, or another time for one that is there."""
        now = self._desk.clock.now()
        if await self._use(added(self._desk.preferences.mutes, mute, now)):
            words = until_words(mute, now, self._desk.judge.policy.zone)
            self._app.say(_("Muted {what} {until}.").format(what=mute_words(mute), until=words))

    async def change(self, mute: Mute) -> None:
        """Another time for a mute."""
        if self._fixed(mute):
            return
        await self._until(mute)

    async def lift(self, mute: Mute) -> None:
        """Takes a mute back; what it hid is there again."""
        if self._fixed(mute):
            return
        if await self._use(lifted(self._desk.preferences.mutes, mute)):
            self._app.say(_("No longer muted: {what}.").format(what=mute_words(mute)))

    def _fixed(self, mute: Mute) -> bool:
        if mute.fixed:
            self._app.say(_("This mute stands in config.toml; change it there."), "warning")
        return mute.fixed

    async def _use(self, mutes: tuple[Mute, ...]) -> bool:
        if not self._app.keep_choice("mutes", as_choice(mutes)):
            return False
        return await self._app.use_settings(replace(self._desk.preferences, mutes=mutes))


def _fault(term: str) -> str:
    """Why a term cannot be muted; empty when it can."""
    try:
        read_terms((term.strip(),))
    except UsageError as error:
        return str(error)
    return ""
