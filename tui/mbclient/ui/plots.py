"""The plots of the figures, as lines of text: bars with the limit line, hours by weekday, a spark. Colour adds nothing
that the characters do not say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

SHADES = " ░▒▓█"
_SPARKS = "▁▂▃▄▅▆▇█"


def bars(labels: Sequence[str], values: Sequence[int], limit: int | None, width: int, height: int) -> list[str]:
    """A bar for each value, the limit as a line through all of them. `width`, `height` in cells, axes included."""
    import plotext  # only when a plot is looked at: it takes longer to load than the first paint may

    plotext.clear_figure()
    plotext.theme("clear")
    plotext.plot_size(width, height)
    plotext.bar(list(labels), list(values), width=0.6, marker="█")
    top = max([(limit or 0) + 1, *values])  # one more than the limit: its line is never hidden by a bar of its height
    plotext.ylim(0, top)
    plotext.yticks([0, limit] if limit else [0, top])
    if limit:
        plotext.hline(limit)
    plotext.xaxes(True, False)
    plotext.yaxes(True, False)
    return [line.rstrip() for line in plotext.uncolorize(plotext.build()).splitlines()]


def heat(
    values: Mapping[tuple[int, int], float], rows: Sequence[str], marked: Sequence[int], first: int, last: int
) -> list[str]:
    """Weekdays down, hours from `first` to `last` across; `marked` hours have a mark above.

    `values`: by (weekday, hour); darker is more, in quarters of the highest. Two cells an hour, one where there are
    more than sixteen hours.
    """
    margin = max(map(len, rows)) + 1
    top = max(values.values(), default=0)
    hours = range(first, last + 1)
    wide = 2 if len(hours) <= 16 else 1
    every = 2 if wide == 2 else 3  # hours between two numbers
    numbers = "".join(f"{hour:02}".ljust(every * wide) for hour in hours if (hour - first) % every == 0)
    marks = "".join(("▼" if hour in marked else " ").ljust(wide) for hour in hours)
    lines = [" " * margin + marks.rstrip(), " " * margin + numbers.rstrip()]
    for weekday, name in enumerate(rows):
        cells = "".join(wide * _shade(values.get((weekday, hour), 0), top) for hour in hours)
        lines.append(f"{name:<{margin}}{cells}".rstrip())
    return lines


def _shade(value: float, top: float) -> str:
    if value <= 0 or top <= 0:
        return "·"
    return SHADES[max(1, min(4, -int(-value * 4 // top)))]


def spark(values: Sequence[float | None]) -> str:
    """A value a cell, against the highest; a dot where nothing is known."""
    top = max((value for value in values if value is not None), default=0)
    return "".join("·" if value is None else _SPARKS[int(value * 7 / top + 0.5) if top else 0] for value in values)
