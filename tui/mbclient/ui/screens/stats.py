"""The figures at full size: a period, its plots, every measure; each opens to what it was made of."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import OptionList, Static

from mbclient.core.desk import Desk
from mbclient.core.figures import MAX_DAYS, Figures
from mbclient.core.figuretables import Table, tables
from mbclient.core.figurewords import Measure, day_words, measures
from mbclient.core.instants import YEARS, too_far
from mbclient.core.keynames import shown_key
from mbclient.core.keytable import KeyTable, Scope
from mbclient.domain.errors import MbclientError
from mbclient.texts import N_, _, ngettext
from mbclient.ui.attending import Pausing
from mbclient.ui.choices import Choices
from mbclient.ui.compositor import CoveredScreen
from mbclient.ui.figureplots import TITLE, days_in_words, figure_line, posts_a_day, when_read
from mbclient.ui.hanging import Hanging
from mbclient.ui.host import PLAIN
from mbclient.ui.keyline import KeyLine
from mbclient.ui.keys import KeySequences, bindings
from mbclient.ui.meterbar import MeterBar
from mbclient.ui.screens.madeof import MadeOfScreen
from mbclient.ui.wrap import NO_BREAK

DAYS = {"figures_today": 1, "figures_week": 7, "figures_month": 28}  # of the periods up to today, by action


class StatsScreen(Pausing, KeySequences, CoveredScreen[None]):
    """A key chooses the period; enter opens a figure."""

    DEFAULT_CSS = """
    StatsScreen { background: $background; }
    StatsScreen #screen-title { height: auto; padding: 0 1; background: $panel; }
    StatsScreen #plots { height: auto; padding: 1 1 0 1; }
    StatsScreen #bars { width: 1fr; height: auto; color: $success; }
    StatsScreen #heat { width: 42; height: auto; color: $primary; padding-left: 2; }
    StatsScreen.-no-heat #heat, StatsScreen.-no-bars #bars { display: none; }
    StatsScreen.-no-plots #plots { display: none; }
    StatsScreen Choices { height: 1fr; }
    """
    BINDINGS = [  # noqa: RUF012  # the toolkit's name
        Binding("enter", "open", N_("Open"), priority=True),
        *bindings("back", "stats", "pause", "figures_today", "figures_week", "figures_month", "figures_range"),
        *bindings("figures_hours", "figures_forget"),
    ]
    key_scopes = (Scope.FIGURES, Scope.ANYWHERE)

    def __init__(self, desk: Desk, keys: KeyTable) -> None:
        super().__init__()
        self.desk = desk
        self.key_table = keys
        self._choose("figures_week")
        self._rows: list[Measure | Table] = []
        self._figures: Figures | None = None
        self._by_hour: dict[tuple[int, int], timedelta] = {}
        self._hours = False  # on a narrow screen: the hours instead of the bars

    def compose(self) -> ComposeResult:
        yield MeterBar()
        yield Static(Content(""), id="screen-title")
        with Horizontal(id="plots"):
            yield Static(Content(""), id="bars")
            yield Static(Content(""), id="heat")
        yield Choices()
        yield KeyLine(self.key_table, besides=("back",))

    def on_mount(self) -> None:
        if not self.query(Choices):
            return  # left again before it was made
        self.query(Choices).focus()
        self._count()

    def on_resize(self) -> None:
        self._show()
        self.refresh_bindings()

    @property
    def _narrow(self) -> bool:
        """One plot at a time."""
        return self.size.width < 100 and not self.app.has_class(PLAIN)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Where both plots fit, or none is drawn, there is nothing to change."""
        return self._narrow if action == "figures_hours" else super().check_action(action, parameters)

    # ------------------------------------------------------------ the period

    def action_figures_today(self) -> None:
        self._use("figures_today")

    def action_figures_week(self) -> None:
        self._use("figures_week")

    def action_figures_month(self) -> None:
        self._use("figures_month")

    def _use(self, period: str) -> None:
        self._choose(period)
        self._count()

    def _choose(self, period: str) -> None:
        self._chosen = period
        self._last = self.desk.statistics.today()
        self._first = self._last - timedelta(days=DAYS[period] - 1)

    def action_figures_hours(self) -> None:
        """On a narrow screen: the hours in place of the bars, and back."""
        self._hours = not self._hours
        self._show()

    @work(exclusive=True, group="ask")
    async def action_figures_range(self) -> None:
        from mbclient.ui.screens.asktext import AskText

        question = _("From and to, such as 2026-11-01 2026-11-30")
        answer = await self.app.push_screen_wait(AskText(question, f"{self._first} {self._last}", _period_fault))
        if answer is not None:
            self._chosen = "figures_range"
            self._first, self._last = _period(answer)
            self._count()

    @work(exclusive=True, group="figures")
    async def _count(self) -> None:
        self._title(_("counting …"))
        try:
            await self.desk.attention.keep()
        except MbclientError as error:  # a locked file: what is on the disk can be read all the same
            self.mb.say(str(error), "error")
        statistics, period = self.desk.statistics, (self._first, self._last)
        try:
            self._figures = await asyncio.to_thread(statistics.between, *period)
            self._by_hour = await asyncio.to_thread(statistics.hours, *period)
        except MbclientError as error:
            self.mb.say(str(error), "error")
        if self.part(Choices) is not None:
            self._title()
            self._show()

    def _title(self, note: str = "") -> None:
        today = self.desk.statistics.today()
        periods = (
            ("figures_today", _("today")),
            ("figures_week", _("7 days")),
            ("figures_month", _("4 weeks")),
            ("figures_range", _("own range")),
        )
        pieces: list[tuple[str, str]] = [(f"{_('Statistics: yours alone')}  ", "bold")]
        for action, name in periods:
            chosen = action == self._chosen
            key = shown_key(self.key_table[action].keys[0]) if self.key_table[action].keys else " "
            one = f"{'▸' if chosen else ' '}{key} {name}".replace(" ", NO_BREAK)
            pieces.append((f"{one} ", "bold" if chosen else "$text-muted"))
        span = day_words(self._first, today)
        if self._first != self._last:
            span = f"{span} – {day_words(self._last, today)}"
        notes = [span, *([_("Reading time: paused")] if self.desk.attention.paused else []), *([note] if note else [])]
        pieces.append((f"\n{' · '.join(notes)}", "$text-muted"))
        if title := self.query("#screen-title"):
            title.first(Static).update(Hanging(Content.assemble(*pieces), 0))

    # ------------------------------------------------------------ showing

    def speak_plainly(self, plain: bool) -> None:
        """The plain reading mode was switched: words for what is drawn, or the other way round."""
        self._show()
        self.refresh_bindings()

    def _show(self) -> None:
        figures, choices, plots = self._figures, self.part(Choices), list(self.query("#plots > Static").results(Static))
        if figures is None or choices is None or len(plots) < 2:  # not counted yet, or left: its parts go one by one
            return
        bars, heat = plots
        plain = self.app.has_class(PLAIN)
        self.set_class(self.size.height < 22 and not plain, "-no-plots")
        narrow = self._narrow
        self.set_class(narrow and not self._hours, "-no-heat")
        self.set_class(narrow and self._hours, "-no-bars")
        room = self.size.width - 2 - (0 if narrow else 42)
        if plain:  # the hours are a line of the list
            bars.update(days_in_words(figures))
        else:
            bars.update(posts_a_day(figures, room))
            heat.update(when_read(figures, self._by_hour, self.desk.judge.policy.slots))
        self._rows = [*measures(figures), *tables(figures, self._by_hour)]
        lines = [figure_line(row, figures, self.size.width, plain=plain) for row in self._rows]
        choices.put(lines, 2 if plain else TITLE)

    # ------------------------------------------------------------ what a figure is made of

    def action_open(self) -> None:
        self.query_one(Choices).action_select()

    @on(OptionList.OptionSelected)
    def _opened(self, message: OptionList.OptionSelected) -> None:
        self.app.push_screen(MadeOfScreen(self._rows[message.option_index]))

    @work(exclusive=True, group="ask")
    async def action_figures_forget(self) -> None:
        """Deletes all reading time, after a yes."""
        from mbclient.ui.screens.ask import Ask

        question = _("Delete all measured reading time?")
        if not await self.app.push_screen_wait(Ask(question, _("Posts, drafts and the policy's log stay."))):
            return
        try:
            days = await self.desk.attention.forget()
        except MbclientError as error:
            self.mb.say(str(error), "error")
            return
        words = ngettext("Reading time of {n} day deleted.", "Reading time of {n} days deleted.", days)
        self.mb.say(words.format(n=days))
        self._count()

    def pause_changed(self) -> None:
        self._title()

    def action_back(self) -> None:
        self.dismiss(None)

    def action_stats(self) -> None:
        self.dismiss(None)


def _period(text: str) -> tuple[date, date]:
    first, last = text.replace("–", " ").split()
    return date.fromisoformat(first), date.fromisoformat(last)


def _period_fault(text: str) -> str:
    """Why this is no period, in words; empty when it is one."""
    try:
        first, last = _period(text)
    except ValueError:
        return _("write two dates, such as 2026-11-01 2026-11-30")
    if not {first.year, last.year} <= set(YEARS):
        return str(too_far(text))
    if first > last:
        return _("the first day lies after the last; turn them round")
    if (last - first).days >= MAX_DAYS:
        return _("that is more than {n} days; choose a shorter time").format(n=MAX_DAYS)
    return ""
