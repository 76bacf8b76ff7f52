"""The poll of a draft, from the keyboard: its choices one after the other, then what else may be said of it."""

from __future__ import annotations

from dataclasses import replace

from mbclient.core.polling import LEAST
from mbclient.domain.lengths import grapheme_length
from mbclient.domain.poll import NewPoll, PollLimits
from mbclient.domain.safetext import SafeText, own_text
from mbclient.texts import _
from mbclient.texts.polls import open_for
from mbclient.ui.host import Host
from mbclient.ui.screens.asktext import AskText
from mbclient.ui.screens.choose import Choose

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
TIMES = (5 * _MINUTE, 30 * _MINUTE, _HOUR, 6 * _HOUR, 12 * _HOUR, _DAY, 3 * _DAY, 7 * _DAY, 14 * _DAY)
_USUAL = _DAY


class WritingPoll:
    """A worker calls `change`, and gives what comes back to the composer. `limits`: what suits every account."""

    def __init__(self, app: Host, limits: PollLimits) -> None:
        self._app = app
        self._limits = limits

    async def change(self, poll: NewPoll | None) -> NewPoll | None:
        """The poll as it shall be; None for none."""
        if poll is None:
            choices = await self._add(())
            return NewPoll(choices, seconds=self._usual_time()) if choices else None
        at = 0
        while True:
            shown = map(SafeText.line, poll.choices)
            listed = (_("Choice {n}: {choice}").format(n=n, choice=each) for n, each in enumerate(shown, 1))
            ways = self._ways(poll)
            chosen = await self._app.push_screen_wait(Choose(_("Poll"), [*listed, *ways.values()], at=at))
            if chosen is None:
                return poll
            at, number = chosen, chosen - len(poll.choices)
            way = list(ways)[number] if number >= 0 else ""
            if not way:
                poll = replace(poll, choices=await self._mend(poll.choices, chosen))
            elif way == "add":
                poll = replace(poll, choices=await self._add(poll.choices))
            elif way == "several":
                poll = replace(poll, multiple=not poll.multiple)
            elif way == "hide":
                poll = replace(poll, hide_totals=not poll.hide_totals)
            elif way == "untimed":
                poll = replace(poll, seconds=0)
            elif way == "time":
                poll = replace(poll, seconds=await self._time(poll.seconds))
            if way == "remove" or not poll.choices:
                return None

    def _ways(self, poll: NewPoll) -> dict[str, str]:
        """What may be done with the poll besides its choices, in words."""
        ways = {"add": _("Add choices")}
        if self._limits.multiple or poll.multiple:
            ways["several"] = _("Allow one choice") if poll.multiple else _("Allow several choices")
        if self._limits.hide_totals or poll.hide_totals:
            ways["hide"] = _("Show the votes at once") if poll.hide_totals else _("Hide the votes until it is over")
        if self._limits.timed:
            words = _("Open for {time}: change it") if poll.seconds else _("Say how long it is open")
            ways["time"] = words.format(time=open_for(poll.seconds))
        elif poll.seconds:
            ways["untimed"] = _("Let the service decide how long it is open")
        return {**ways, "remove": _("Remove the poll")}

    async def _add(self, choices: tuple[str, ...]) -> tuple[str, ...]:
        """Asks until nothing is answered, or there is room for no more."""
        while len(choices) < self._limits.choices:
            words = _("Choice {n} of at most {most}; an empty line ends")
            if len(choices) < LEAST:
                words = _("Choice {n} of at most {most}")
            question = words.format(n=len(choices) + 1, most=self._limits.choices)
            answer = await self._ask(question, "", choices)
            if not answer:
                break
            choices = (*choices, answer)
        return choices

    async def _mend(self, choices: tuple[str, ...], place: int) -> tuple[str, ...]:
        before, after = choices[:place], choices[place + 1 :]
        question = _("Choice {n}; an empty line removes it").format(n=place + 1)
        answer = await self._ask(question, choices[place], (*before, *after))
        if answer is None:
            return choices
        return (*before, answer, *after) if answer else (*before, *after)

    async def _ask(self, question: str, value: str, others: tuple[str, ...]) -> str | None:
        def problem(text: str) -> str:
            choice = _cleaned(text)
            if not (choice or value) and 0 < len(others) < LEAST:
                return _("A poll has two choices or more; Esc ends it here.")
            if choice in others:
                return _("The poll has this choice already.")
            used = grapheme_length(choice)
            if used > self._limits.length:
                return _("{n} characters at most; these are {used}").format(n=self._limits.length, used=used)
            return ""

        answer = await self._app.push_screen_wait(AskText(question, value, problem))
        return None if answer is None else _cleaned(answer)

    async def _time(self, seconds: int) -> int:
        times = self._times()
        chosen = await self._app.push_screen_wait(Choose(_("How long is the poll open?"), list(map(open_for, times))))
        return seconds if chosen is None else times[chosen]

    def _times(self) -> list[int]:
        shortest, longest = self._limits.shortest, self._limits.longest
        return [each for each in TIMES if each >= shortest and (not longest or each <= longest)] or [shortest]

    def _usual_time(self) -> int:
        return 0 if not self._limits.timed else min(self._times(), key=lambda each: abs(each - _USUAL))


def _cleaned(text: str) -> str:
    """One line, as it will be sent."""
    return " ".join(own_text(text).split())
