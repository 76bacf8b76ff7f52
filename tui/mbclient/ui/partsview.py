"""What a thread would be, under the text: where each part begins and where it ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from mbclient.domain.safetext import SafeText
from mbclient.domain.splitting import Part
from mbclient.texts import _
from mbclient.ui.wrap import fit

SHOWN = 6  # parts a target; on a small screen there is no room for more
_BETWEEN = " … "


class PartsView(Widget):
    """Painted; the pane shows it while there is more than one part."""

    DEFAULT_CSS = """
    PartsView { height: auto; width: 1fr; padding: 0 1; background: $background; }
    """
    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__(id="parts")
        self._content = Content("")

    def show(self, threads: Mapping[str, Sequence[Part]], width: int) -> None:
        """The parts by account; accounts that cut it alike are told together. `width`: cells of a line."""
        alike: dict[tuple[Part, ...], list[str]] = {}
        for name, parts in threads.items():
            alike.setdefault(tuple(parts), []).append(name)
        lines: list[Content] = []
        for these, names in alike.items():
            if len(alike) > 1:
                lines.append(Content.assemble((", ".join(names), "bold")))
            lines += [_line(place, len(these), part.text, width) for place, part in enumerate(these[:SHOWN], 1)]
            if len(these) > SHOWN:
                lines.append(Content.assemble((_("and {n} more").format(n=len(these) - SHOWN), "$text-muted")))
        self._content = Content("\n").join(lines)
        self.refresh(layout=True)

    def render(self) -> Content:
        return self._content


def _line(place: int, total: int, text: str, width: int) -> Content:
    number = f"{place:>{len(str(total))}} ▏"
    return Content.assemble((number, "$text-muted"), (_both_ends(SafeText(text), width - cell_len(number) - 2), ""))


def _both_ends(text: str, width: int) -> str:
    """The text on one line of so many cells, without its middle if need be."""
    words = text.split()
    whole = " ".join(words)
    if cell_len(whole) <= width:
        return whole
    half = max(4, (width - len(_BETWEEN)) // 2)
    tail = ""
    while words and cell_len(longer := f"{words.pop()} {tail}".rstrip()) <= half:
        tail = longer
    return f"{fit(whole, half).removesuffix('…').rstrip()}{_BETWEEN}{tail}"
