"""The figures at full size: a period, its plots, every measure, and what each was made of."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import date, timedelta

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import OptionList, Static

from mbclient.core.desk import Desk
from mbclient.core.figures import Day, Figures, minutes
from mbclient.core.figurewords import NO_DATA, Measure, day_words, duration, measures, share
from mbclient.domain.errors import MbclientError
from mbclient.texts import _, ngettext, times
from mbclient.ui.attending import Pausing
from mbclient.ui.choices import Choices
from mbclient.ui.keyline import KeyLine
from mbclient.ui.keys import bindings
from mbclient.ui.meterbar import MeterBar
from mbclient.ui.plots import bars, heat, spark
from mbclient.ui.wrap import fit

MAX_DAYS = 400
PLOT_ROWS = 9


class StatsScreen(Pausing, Screen[None]):
    """Keys 1 to 4 choose the period; enter opens a figure."""

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
        *bindings("back", "stats", "pause"),
        Binding("1", "period(0)", show=False),
        Binding("2", "period(1)", show=False),
        Binding("3", "period(2)", show=False),
        Binding("4", "own_period", show=False),
        Binding("h", "hours", show=False),
        Binding("delete", "forget", show=False),
    ]

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self._last = desk.statistics.today()
        self._first = self._last - timedelta(days=6)
        self._chosen = 1
        self._rows: list[Measure] = []
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
        yield KeyLine(besides=("back",))

    def on_mount(self) -> None:
        self.query_one(Choices).focus()
        self._count()

    def on_resize(self) -> None:
        self._show()

    # ------------------------------------------------------------ the period

    def action_period(self, number: int) -> None:
        """Today, seven days, four weeks."""
        self._chosen = number
        self._last = self.desk.statistics.today()
        self._first = self._last - timedelta(days=(0, 6, 27)[number])
        self._count()

    def action_hours(self) -> None:
        """On a narrow screen: the hours in place of the bars, and back."""
        self._hours = not self._hours
        self._show()

    @work(exclusive=True, group="ask")
    async def action_own_period(self) -> None:
        from mbclient.ui.screens.asktext import AskText

        question = _("From and to, such as 2026-11-01 2026-11-30")
        answer = await self.app.push_screen_wait(AskText(question, f"{self._first} {self._last}", _period_fault))
        if answer is not None:
            self._chosen = 3
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
        names = (_("today"), _("7 days"), _("4 weeks"), _("own range"))
        pieces: list[tuple[str, str]] = [(f"{_('Statistics: yours alone')}  ", "bold")]
        for number, name in enumerate(names):
            chosen = number == self._chosen
            pieces.append((f"{'▸' if chosen else ' '}{number + 1} {name} ", "bold" if chosen else "$text-muted"))
        span = day_words(self._first, today)
        if self._first != self._last:
            span = f"{span} – {day_words(self._last, today)}"
        keys = _("h hours · Delete deletes reading time")
        if self.desk.attention.paused:
            keys = f"{_('Reading time: paused')} · {keys}"
        pieces.append((f"\n{span}{f' · {note}' if note else ''}  {keys}", "$text-muted"))
        self.query_one("#screen-title", Static).update(Content.assemble(*pieces))

    # ------------------------------------------------------------ showing

    def _show(self) -> None:
        figures = self._figures
        if figures is None:
            return
        self.set_class(self.size.height < 22, "-no-plots")
        narrow = self.size.width < 100  # one plot at a time, `h` shows the other
        self.set_class(narrow and not self._hours, "-no-heat")
        self.set_class(narrow and self._hours, "-no-bars")
        room = self.size.width - 2 - (0 if narrow else 42)
        self.query_one("#bars", Static).update(_bars(figures, room))
        self.query_one("#heat", Static).update(self._heat())
        self._rows = [*measures(figures), *_tables(figures)]
        self.query_one(Choices).put([self._line(row, figures) for row in self._rows])

    def _line(self, row: Measure, figures: Figures) -> Content:
        course = _course(row.id, figures)
        drawn = spark(course[-28:]) if course and len(course) > 1 else ""
        left = 32 if self.size.width >= 80 else 26
        space = self.size.width - left - 5
        if len(row.value) + len(drawn) + 2 > space:
            drawn = ""  # the figure itself comes first
        room = max(8, min(60, space - (len(drawn) + 2 if drawn else 0)))
        pieces: list[tuple[str, str]] = [(f"{fit(row.title, left - 1):<{left}}", "bold"), (fit(row.value, room), "")]
        if drawn:
            pieces.append((f"{'':<{max(2, room - len(row.value) + 2)}}{drawn}", "$text-muted"))
        return Content.assemble(*pieces)

    def _heat(self) -> Content:
        policy = self.desk.judge.policy
        hours = self._by_hour
        if not hours:
            words = _("When you read: nothing was measured in these days.")
            return Content.assemble((f"{words}\n", "$text-muted"))
        known = [hour for _weekday, hour in hours]
        first, last = min(7, *known), max(18, *known)
        rows = [times.weekday_name(number) for number in range(7)]
        marked = [slot.hour for slot in policy.slots]
        lines = heat({key: length.total_seconds() for key, length in hours.items()}, rows, marked, first, last)
        title = _("When you read (▼ recommended times)")
        return Content.assemble((f"{title}\n", "bold"), "\n".join(lines))

    # ------------------------------------------------------------ what a figure is made of

    @on(OptionList.OptionSelected)
    def _opened(self, message: OptionList.OptionSelected) -> None:
        self.app.push_screen(MadeOfScreen(self._rows[message.option_index]))

    @work(exclusive=True, group="ask")
    async def action_forget(self) -> None:
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


class MadeOfScreen(Screen[None]):
    """One figure: its rule, and the parts that it adds up from."""

    DEFAULT_CSS = """
    MadeOfScreen { background: $background; }
    MadeOfScreen VerticalScroll { height: 1fr; padding: 1 2; }
    """
    BINDINGS = bindings("back")

    def __init__(self, measure: Measure) -> None:
        super().__init__()
        self._measure = measure

    def compose(self) -> ComposeResult:
        rule, *parts = self._measure.made_of or ("",)
        yield MeterBar()
        with VerticalScroll():
            yield Static(
                Content.assemble(
                    (f"{self._measure.title}: {self._measure.value}\n\n", "bold"),
                    (f"{rule}\n\n", "$text-muted"),
                    "\n".join(parts),
                )
            )
        yield KeyLine(besides=("back",))

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()

    def action_back(self) -> None:
        self.dismiss(None)


def _bars(figures: Figures, width: int) -> Content:
    days = figures.days
    title = _("Posts a day") if figures.limit is None else _("Posts a day, the line is the guideline")
    if len(days) == 1:
        return Content.assemble((f"{title}\n", "bold"), _one_day(days[0], figures.limit))
    names = [times.weekday(day.date)[:2] if len(days) <= 7 else str(day.date.day) for day in days]
    labels = [name if day.data else NO_DATA for name, day in zip(names, days, strict=True)]
    lines = bars(labels, [day.posts for day in days], figures.limit, max(24, min(width, 8 + 8 * len(days))), PLOT_ROWS)
    return Content.assemble((f"{title}\n", "bold"), "\n".join(lines))


def _one_day(day: Day, limit: int | None) -> str:
    if not day.data or limit is None:
        return "█ " * day.posts if day.data else "–"
    within, over = min(day.posts, limit), max(0, day.posts - limit)
    return f"{'█ ' * within}{'░ ' * (limit - within)}┃ {'█ ' * over}".rstrip()


def _tables(figures: Figures) -> Sequence[Measure]:
    """The services, the terms and the policy's words, each as one line to open."""
    services = [
        (
            f"{name or _('no post')}: "
            + _("{posts} posts sent, {work} of received were work, read {time}").format(
                posts=one.posts,
                work=share(one.inflow.work, one.inflow.received),
                time="–" if figures.reading is None else duration(one.reading.total),
            )
        )
        for name, one in figures.by_service.items()
    ]
    terms = [
        f"{term}: "
        + _("{n} posts, read {time}").format(
            n=one.received, time="–" if figures.reading is None else duration(one.reading)
        )
        for term, one in figures.by_term.items()
    ]
    findings = [
        f"{rule}: {', '.join(f'{outcome} {number}' for outcome, number in outcomes.items())}"
        for rule, outcomes in figures.findings.items()
    ]
    return (
        Measure("services", _("By service"), ", ".join(filter(None, figures.by_service)) or "–", ("", *services)),
        Measure(
            "terms",
            _("By work term"),
            ", ".join(figures.by_term) or "–",
            (_("Terms overlap: these do not add up."), *terms),
        ),
        Measure(
            "findings",
            _("What the policy said"),
            ", ".join(figures.findings) or "–",
            (_("For each rule how often what came of it; from the decision log, which you can delete."), *findings),
        ),
    )


def _course(measure: str, figures: Figures) -> list[float | None]:
    """Day by day, for a spark."""

    def read(value: Callable[[Day], float | None]) -> list[float | None]:
        return [value(day) if day.data else None for day in figures.days]

    match measure:
        case "posts":
            return read(lambda day: day.posts)
        case "work":
            return read(lambda day: day.inflow.work_percent)
        case "filtered":
            return read(lambda day: day.inflow.filtered)
        case "reading_work_time":
            return [None if day.reading is None else minutes(day.reading.in_work_time) for day in figures.days]
        case "reading_outside":
            return [None if day.reading is None else minutes(day.reading.outside) for day in figures.days]
        case _:
            return []


def _period(text: str) -> tuple[date, date]:
    first, last = text.replace("–", " ").split()
    return date.fromisoformat(first), date.fromisoformat(last)


def _period_fault(text: str) -> str:
    """Why this is no period, in words; empty when it is one."""
    try:
        first, last = _period(text)
    except ValueError:
        return _("write two dates, such as 2026-11-01 2026-11-30")
    if first > last:
        return _("the first day lies after the last; turn them round")
    if (last - first).days >= MAX_DAYS:
        return _("that is more than {n} days; choose a shorter time").format(n=MAX_DAYS)
    return ""
