"""The stats pane: today, fourteen days against the guideline, and how much of what came was work."""

from __future__ import annotations

from collections.abc import Iterable

from textual.binding import Binding
from textual.widget import Widget

from mbclient.core.figures import Day, Figures, minutes, percent
from mbclient.core.figurewords import duration
from mbclient.texts import N_, _, ngettext, times
from mbclient.ui.host import PLAIN
from mbclient.ui.painted import Pieces

_BLOCKS = " ▁▂▃▄▅▆▇█"
_ROWS = 4


class StatsPane(Widget, can_focus=True):
    """Light painted lines: nothing to mount, readable without colour. Enter or a click opens what they are made of."""

    DEFAULT_CSS = """
    StatsPane { width: 1fr; height: 1fr; min-height: 9; background: $background; color: $foreground; padding: 0 1;
                }
    """
    ALLOW_SELECT = False
    BINDINGS = [Binding("enter", "screen.stats", N_("Statistics"), show=False)]  # noqa: RUF012  # the toolkit's name

    def __init__(self) -> None:
        super().__init__(id="stats")
        self._figures: Figures | None = None
        self._paused = False

    async def on_click(self) -> None:
        await self.run_action("screen.stats")

    def show(self, figures: Figures, *, paused: bool = False) -> None:
        """`paused`: reading time is not measured now, by the user's key."""
        if (figures, paused) != (self._figures, self._paused):
            self._figures, self._paused = figures, paused
            self.refresh()

    def render(self) -> Pieces:
        figures = self._figures
        title = (_("Statistics: yours alone"), "bold underline $primary" if self.has_focus else "bold $primary")
        if figures is None:
            return Pieces(title)
        today = figures.days[-1]
        width = max(20, self.content_size.width)
        lines: list[tuple[str, str]] = [title, ("\n", "")]
        lines += [(_("Today"), "bold"), ("\n", ""), (f"{_today_words(today.posts, figures.limit)}\n", "")]
        lines += [(self._share(today.work, today.received), ""), *self._reading(today), ("\n\n", "")]
        lines += [(_("Posts a day, two weeks"), "bold"), ("\n", "")]
        plain = self.app.has_class(PLAIN)
        lines += _numbers(figures) if plain else self._bars(figures, width)
        lines += [("\n\n", ""), (_("Work share of what came in"), "bold"), ("\n", "")]
        lines.append((self._share(figures.work, figures.received), ""))
        for service, one in figures.by_service.items():
            if one.inflow.received:
                lines.append(("\n", ""))
                received, work = one.inflow.received, one.inflow.work
                words = [(f"{service}: {self._share(work, received)}", "")]
                lines += words if plain else self._meter(service, work, received, width)
        return Pieces(*_joined(lines))

    def _reading(self, today: Day) -> list[tuple[str, str]]:
        if self._paused:
            return [("\n", ""), (_("Reading time: paused"), "bold")]
        if today.reading is None:
            return []
        reading, said = today.reading, []
        if minutes(reading.in_work_time):
            words = _("Read {time} in work time, {related} on work")
            said.append(
                words.format(time=duration(reading.in_work_time), related=duration(reading.related_in_work_time))
            )
        if minutes(reading.outside):
            said.append(_("Read {time} outside work time").format(time=duration(reading.outside)))
        return [piece for words in said for piece in (("\n", ""), (words, ""))]

    def _share(self, work: int, received: int) -> str:
        share = percent(work, received)
        if share is None:
            return _("no posts received yet")
        return _("{work} of {received} received were work ({percent} %)").format(
            work=work, received=received, percent=share
        )

    def _bars(self, figures: Figures, width: int) -> list[tuple[str, str]]:
        """A column a day, the guideline as a dotted line; days off are dim. Numbers stand below."""
        days = figures.days[-min(len(figures.days), (width - 3) // 2) :]
        limit = figures.limit or 0
        top = max([limit, *(day.posts for day in days), 1])
        pieces: list[tuple[str, str]] = []
        limit_row = _ROWS - 1 - min(_ROWS - 1, (limit * _ROWS - 1) // top) if limit else -1
        for row in range(_ROWS):
            pieces.append((f"{limit if row == limit_row else '':>2}", "$text-muted"))
            for day in days:
                eighths = day.posts * _ROWS * 8 // top - (_ROWS - 1 - row) * 8
                block = _BLOCKS[max(0, min(8, eighths))]
                over = bool(limit) and day.posts > limit and day.workday
                blank = "┄" if row == limit_row else " "
                style = "$error" if over else "$success" if day.workday else "$text-muted"
                pieces.append((blank if block == " " else block, "$text-muted" if block == " " else style))
                pieces.append((blank, "$text-muted"))
            pieces.append(("\n", ""))
        pieces.append(("  ", ""))
        pieces += [(f"{_digit(day)} ", "bold" if day is days[-1] else "$text-muted") for day in days]
        pieces.append(("\n  ", ""))
        pieces += [(f"{times.weekday(day.date)[0]} ", "$text-muted") for day in days]
        return pieces

    def _meter(self, service: str, work: int, total: int, width: int) -> list[tuple[str, str]]:
        room = max(4, width - 22)
        filled = work * room // total if total else 0
        return [
            (f"{service[:10]:<11}", ""),
            ("█" * filled, "$success"),
            ("░" * (room - filled), "$text-muted"),
            (f" {work}/{total}", "$text-muted"),
        ]


def _joined(pieces: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """What stands side by side in one style is one piece, blanks in any: the toolkit paints piece by piece."""
    joined = [("", "")]
    for text, style in pieces:
        before, its = joined[-1]
        if style == its or text.isspace():
            joined[-1] = (before + text, its)
        elif before.isspace():
            joined[-1] = (before + text, style)
        else:
            joined.append((text, style))
    return joined


def _numbers(figures: Figures) -> list[tuple[str, str]]:
    """The columns in words, the newest day first; a day without data is left out."""
    today = figures.days[-1].date

    def words(day: Day) -> str:
        return f"{times.weekday(day.date)} {times.calendar_day(day.date, today)}: {_today_words(day.posts, None)}"

    told = [words(day) for day in reversed(figures.days) if day.data]
    return [("\n".join(told), "")]


def _today_words(posts: int, limit: int | None) -> str:
    if limit is None:
        return ngettext("{n} post", "{n} posts", posts).format(n=posts)
    return ngettext("{n} post of {limit}", "{n} posts of {limit}", posts).format(n=posts, limit=limit)


def _digit(day: Day) -> str:
    """A day without data has no figure."""
    return "·" if not day.data else str(day.posts) if day.posts < 10 else "+"
