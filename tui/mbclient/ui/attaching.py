"""Files of a draft, from the keyboard: a path, then what it shows; later its description again, or away with it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from mbclient.core.desk import Desk
from mbclient.domain.draft import Attachment, Draft
from mbclient.domain.errors import MbclientError
from mbclient.domain.safetext import SafeText
from mbclient.texts import _
from mbclient.ui.host import Host
from mbclient.ui.screens.asktext import AskText
from mbclient.ui.screens.choose import Choose


class AttachingFiles:
    """A worker calls `change`, and gives what comes back to the composer."""

    def __init__(self, app: Host, desk: Desk) -> None:
        self._app = app
        self._desk = desk
        self._asked_twice = False

    async def change(self, draft: Draft) -> tuple[Attachment, ...]:
        """The draft's files as they shall be; the same when nothing was changed."""
        if not draft.media:
            return await self._add(draft)
        names = [file_name(each) for each in draft.media]
        lines = [
            _("Attach another file"),
            *(_("Describe {file}").format(file=name) for name in names),
            *(_("Remove {file}").format(file=name) for name in names),
        ]
        chosen = await self._app.push_screen_wait(Choose(_("Attachments"), lines))
        if chosen is None:
            return draft.media
        if chosen == 0:
            return await self._add(draft)
        place = (chosen - 1) % len(names)
        before, this, after = draft.media[:place], draft.media[place], draft.media[place + 1 :]
        if chosen > len(names):
            return (*before, *after)
        alt = await self._describe(draft, this)
        return draft.media if alt is None else (*before, replace(this, alt=alt), *after)

    async def _add(self, draft: Draft) -> tuple[Attachment, ...]:
        attaching = self._desk.attaching

        def problem(text: str) -> str:
            try:
                attaching.read_path(text, draft)
            except MbclientError as error:
                return str(error)
            return ""

        question = _("File to attach: its path. Many terminals write it when you drop the file here.")
        typed = await self._app.push_screen_wait(AskText(question, check=problem))
        if typed is None:
            return draft.media
        file = Attachment(str(attaching.read_path(typed, draft)))
        alt = await self._describe(draft, file)
        return (*draft.media, replace(file, alt=alt or ""))

    async def _describe(self, draft: Draft, file: Attachment) -> str | None:
        """Asked of every file; leaving it out takes a second press. None: as it was."""
        limit = self._desk.attaching.alt_limit(draft)
        if not limit:
            return ""
        self._asked_twice = False

        def problem(text: str) -> str:
            if len(text) > limit:
                return _("{n} characters at most; these are {used}").format(n=limit, used=len(text))
            if text.strip() or self._asked_twice:
                return ""
            self._asked_twice = True
            return _("Without a description, who cannot see it misses it. Enter again leaves it out.")

        question = _("What does {file} show? Say it to somebody who cannot see it.").format(file=file_name(file))
        answer = await self._app.push_screen_wait(AskText(question, file.alt, problem, goes_on=True))
        return None if answer is None else answer.strip()


def file_name(file: Attachment) -> str:
    """The name alone, safe to show."""
    return SafeText.line(Path(file.path).name)
