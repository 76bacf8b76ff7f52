"""The plots of the figures, as lines of text: bars with the limit line, hours by weekday, a spark. Colour adds nothing
that the characters do not say.

plotext draws bars and hours, Textual's own sparkline the sparks. Both are loaded when a plot is looked at: that takes
longer than the first paint may.
"""

from __future__ import annotations

import io
from collections.abc import Collection, Mapping, Sequence

SHADES = " ░▒▓█"
NOTHING = "·"
UNKNOWN = "–"
MARK = "▼"
WIDEST_BAR = 9  # with the gap beside it


def bars(labels: Sequence[str], values: Sequence[int | None], limit: int | None, width: int, height: int) -> list[str]:
    """A bar for each value, all as wide and as far apart, the limit as a line through them.

    None is not known: a dash stands there. Labels that would meet are left out. `width`, `height` in cells, axes
    included; no more values than `width` less the axis.
    """
    import plotext

    top = max([(limit or 0) + 1, *(value or 0 for value in values)])  # the line is never hidden by a bar of its height
    on_ground = limit is not None and 0 < 2 * limit * (height - 3) < top  # both on the lowest line
    ticks = [limit] if on_ground else [0, limit or top]
    axis = max(len(str(tick)) for tick in ticks) + 1
    room = max(1, min(WIDEST_BAR, (width - axis) // len(values)))  # for a bar and the gap beside it
    solid = max(1, room - (2 if room > 4 else 1))
    middles = [number * room + (room - solid) // 2 + (solid - 1) / 2 for number in range(len(values))]
    _empty(axis + room * len(values), height)  # a cell is a point
    plotext.bar(middles, [value or 0 for value in values], width=(solid - 1) / room, marker="█")
    unknown = [round(middle) for middle, value in zip(middles, values, strict=True) if value is None]
    plotext.scatter(unknown, [0] * len(unknown), marker=UNKNOWN)
    plotext.xlim(0, room * len(values) - 1)
    plotext.ylim(0, top)
    plotext.yticks(ticks)
    if limit:
        plotext.hline(limit)
    every = -(-(max(map(len, labels)) + 1) // room)
    told = range((len(values) - 1) % every, len(values), every)  # the last one is
    plotext.xticks([round(middles[number]) for number in told], [labels[number] for number in told])
    return _drawn()


def heat(
    values: Mapping[tuple[int, int], float],
    rows: Sequence[str],
    known: Collection[int],
    marked: Sequence[float],
    span: tuple[int, int],
) -> list[str]:
    """Weekdays down, hours across from the first of `span` to its last; `marked` times have a mark above.

    `values`: by (weekday, hour); darker is more, in quarters of the highest. `known`: weekdays of which something is;
    the others are left blank. `marked`: hours after midnight, 8.5 is half past eight. Two cells an hour, one where
    there are more than sixteen hours.
    """
    import plotext

    first, last = span
    hours = range(first, last + 1)
    wide = 2 if len(hours) <= 16 else 1
    top = max(values.values(), default=0)
    cells: dict[str, list[tuple[int, int]]] = {MARK: [(int((at - first) * wide), len(rows)) for at in marked]}
    for weekday in known:
        for hour in hours:
            shade = _shade(values.get((weekday, hour), 0), top)
            place = (hour - first) * wide
            cells.setdefault(shade, []).extend((place + cell, len(rows) - 1 - weekday) for cell in range(wide))
    _empty(max(map(len, rows)) + 1 + wide * len(hours), len(rows) + 3)  # a cell is a point each way
    plotext.xlim(0, wide * len(hours) - 1)
    plotext.ylim(0, len(rows))
    for shade, points in cells.items():
        inside = [point for point in points if 0 <= point[0] < wide * len(hours)]
        plotext.scatter([x for x, _y in inside], [y for _x, y in inside], marker=shade)
    told = hours[:: 2 if wide == 2 else 3]
    plotext.xticks([(hour - first) * wide for hour in told], [f"{hour:02}" for hour in told])
    plotext.yticks(range(len(rows)), list(reversed(rows)))
    return _drawn()


def _empty(width: int, height: int) -> None:
    """An empty plot of so many cells, axes included, whatever the library takes the terminal for."""
    import plotext

    plotext.clear_figure()
    plotext.theme("clear")
    plotext.limit_size(False, False)
    plotext.plot_size(width, height)


def _drawn() -> list[str]:
    """The plot as lines, with its axes at the left and below."""
    import plotext

    plotext.xaxes(True, False)
    plotext.yaxes(True, False)
    return [line.rstrip() for line in plotext.uncolorize(plotext.build()).splitlines()]


def _shade(value: float, top: float) -> str:
    if value <= 0 or top <= 0:
        return NOTHING
    return SHADES[max(1, min(4, -int(-value * 4 // top)))]


def spark(values: Sequence[float | None]) -> str:
    """A value a cell, against nothing and the highest; a dot where nothing is known."""
    from rich.console import Console
    from textual.renderables.sparkline import Sparkline

    data = [0.0, *(value or 0.0 for value in values)]  # the lowest of the scale is nothing, and is not shown
    drawn = Console(file=io.StringIO(), width=len(data)).render(Sparkline(data, width=len(data)))
    text = "".join(segment.text for segment in drawn)
    return "".join(NOTHING if value is None else cell for value, cell in zip(values, text[1:], strict=False))
