"""Who one is, where and when one works, on which computer, and what work is about: asked at the start and later.

Each answer is kept at once and counts at once; each question can be skipped. What the company or config.toml fixes is
not asked.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

from mbclient.core.desk import Desk
from mbclient.core.events import FactsChanged
from mbclient.core.workterms import read_terms
from mbclient.domain.errors import MbclientError
from mbclient.policy.model import Machine
from mbclient.policy.values import Wrong, intervals
from mbclient.texts import _
from mbclient.texts.explain import hours_text
from mbclient.ui.host import Host
from mbclient.ui.screens.asktext import AskText, split_list
from mbclient.ui.screens.choose import Choose
from mbclient.ui.steps import Asking, Step

OFFICE_DAYS = ("mon", "tue", "wed", "thu", "fri")
_HOURS = re.compile(r"(\d{1,2})(?:[:.](\d\d))?\s*[-–]\s*(\d{1,2})(?:[:.](\d\d))?", re.ASCII)

A = TypeVar("A")
Question = Callable[[Step], Awaitable[None]]


class _TurnedBackError(Exception):
    """The question before is wanted again."""


class AboutYou:
    """The questions; workers call them. `step`: where in the row a question is, when it is one of several."""

    def __init__(self, app: Host, desk: Desk) -> None:
        self._app = app
        self._desk = desk

    async def first_steps(self) -> None:
        """All that is not settled yet, in a row."""
        proposals = asyncio.ensure_future(self._proposals())
        questions: list[tuple[tuple[str, ...], Question]] = [
            (("policy.person.name",), self.name),
            (("policy.employer.name",), self.employer),
            ((), self.machine),
            (tuple(f"policy.work.{day}" for day in OFFICE_DAYS), self.hours),
            (("work_filter.terms",), lambda step: self.terms(step, proposals)),
        ]
        open_now = [ask for keys, ask in questions if not any(map(self.fixed, keys))]
        place = 0
        while place < len(open_now):
            try:
                await open_now[place](Step(place + 1, len(open_now)))
                place += 1
            except _TurnedBackError:
                place -= 1
        proposals.cancel()
        self._app.say(_("All of this can be changed in the settings."))

    def fixed(self, key: str) -> str:
        """Why a setting cannot be changed here; empty when it can."""
        if key in self._app.launch.locked():
            return _("{key} is fixed in config.toml; change it there.").format(key=key)
        if key.removeprefix("policy.") in self._desk.judge.loaded.locked:
            return _("Your company's policy sets this.")
        if key.startswith("policy.work.") and not self._desk.judge.policy.user_may_set_hours:
            return _("Your company's policy sets this.")
        return ""

    # ------------------------------------------------------------ each question

    async def name(self, step: Step | None = None) -> None:
        question = _("Your name, as you sign with it. In working hours it should be clear who you are.")
        await self._text(question, "policy.person.name", self._desk.judge.policy.person_name, step)

    async def employer(self, step: Step | None = None) -> None:
        question = _("Where you work: the employer's name, as you write it.")
        await self._text(question, "policy.employer.name", self._desk.judge.policy.employer.name, step)

    async def machine(self, step: Step | None = None) -> None:
        """Declared for this computer alone; the system's own file cannot be overruled."""
        question = _("Whose computer is this?")
        lines = (_("a work computer: the rules on identity hold at any hour"), _("a private computer"))
        chosen = await self._asked(Choose(question, lines, step=step))
        if chosen is not None:
            self.declare((Machine.WORK, Machine.PRIVATE)[chosen])

    def declare(self, machine: Machine) -> None:
        try:
            self._desk.world.machine.declare(machine)
            self._desk.judge.record_fact("machine", machine.value)
        except MbclientError as error:  # it may be declared all the same, and only the log did not take it
            self._app.say(str(error), "warning")
        self._desk.bus.publish(FactsChanged())

    async def hours(self, step: Step | None = None) -> None:
        """The same for Monday to Friday; whoever works otherwise writes it into config.toml."""
        question = _("Your hours, Monday to Friday, such as 08:00-17:00. With a break: 08:00-12:00, 13:00-17:00.")
        week = self._desk.judge.policy.week
        answer = await self._asked(AskText(question, hours_text(week[0]) if week[0] else "", hours_problem, step=step))
        if answer is None:
            return
        wanted = read_hours(answer)
        if wanted and all(self._app.keep_choice(f"policy.work.{day}", list(wanted)) for day in OFFICE_DAYS):
            self._desk.bus.publish(FactsChanged())

    async def terms(self, step: Step | None = None, proposals: Awaitable[tuple[str, ...]] | None = None) -> None:
        await self._list_of_terms("terms", step, await (proposals or self._proposals()))

    async def excluded(self) -> None:
        await self._list_of_terms("exclude", None, ())

    # ------------------------------------------------------------ within

    async def _asked(self, screen: Asking[A]) -> A | None:
        answer = await self._app.push_screen_wait(screen)
        if screen.turned_back:
            raise _TurnedBackError
        return answer

    async def _text(self, question: str, key: str, value: str, step: Step | None) -> None:
        answer = await self._asked(AskText(question, value, step=step))
        if answer is None or answer.strip() == value:
            return
        if self._app.keep_choice(key, answer.strip()):
            self._desk.bus.publish(FactsChanged())

    async def _proposals(self) -> tuple[str, ...]:
        try:
            return tuple(await self._desk.suggestions.work_terms())
        except MbclientError:  # no proposals; what is wrong with the disk is told where it matters
            return ()

    async def _list_of_terms(self, which: str, step: Step | None, offers: tuple[str, ...]) -> None:
        work = self._desk.preferences.work_filter
        before = work.terms if which == "terms" else work.exclude
        question = _('Terms, one after a comma. Tags #x, "phrases", @handles, from:handle, domain:host, word*, lang:sv')
        if step:
            question = _("What your work is about: posts with these words are in the view Work.") + "\n" + question
        asked = AskText(question, ", ".join(before), terms_problem, step=step, offers=offers, goes_on=True)
        answer = await self._asked(asked)
        wanted = before if answer is None else split_list(answer)
        if wanted == before or not self._app.keep_choice(f"work_filter.{which}", list(wanted)):
            return
        work = replace(work, terms=wanted) if which == "terms" else replace(work, exclude=wanted)
        await self._app.use_settings(replace(self._desk.preferences, work_filter=work))


def read_hours(text: str) -> tuple[str, ...]:
    """As config.toml has them; empty when one cannot be read or they overlap."""
    spans = []
    for part in split_list(text):
        found = _HOURS.fullmatch(part)
        if found is None:
            return ()
        first, last = (f"{hour:0>2}:{minute or '00'}" for hour, minute in (found.group(1, 2), found.group(3, 4)))
        spans.append(f"{first}-{last}")
    try:
        intervals(spans)
    except Wrong:
        return ()
    return tuple(spans)


def hours_problem(text: str) -> str:
    return "" if read_hours(text) else _("Write hours such as 08:00-17:00, none overlapping another.")


def terms_problem(text: str) -> str:
    """Why the terms cannot be used; empty when they can."""
    try:
        read_terms(split_list(text))
    except MbclientError as error:
        return str(error)
    return ""
