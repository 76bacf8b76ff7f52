"""The toolkit's compositor, asking only those widgets for their lines that show in what is painted.

The toolkit's own asks every widget that shares the clip of what changed, which is all of the screen: for a moved
selection it renders and cuts the meter, the figures, the line of keys and all that lies covered under them too, half of
what a key costs. What is painted stays the same; tests/ui/test_compositor.py holds it against the toolkit's.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby, pairwise
from operator import itemgetter
from typing import TypeVar

from rich.console import Console
from textual import events
from textual._compositor import ChopsUpdate, Compositor, CompositorUpdate
from textual._time import get_time
from textual.geometry import Region, Size
from textual.message import Message
from textual.messages import Layout, Update
from textual.screen import UPDATE_PERIOD, Screen
from textual.strip import Strip
from textual.widgets._toast import ToastRack

from mbclient.core import pieces

Span = tuple[int, int, int]  # a row, the column where it begins, the one behind its end
Chops = dict[int, Strip | None]  # by the column where each begins; None until something is found to show there
_NOT_WANTED = Strip([])
Result = TypeVar("Result")


class LeanCompositor(Compositor):
    """For a screen that is painted with every key: `Screen._compositor`."""

    def render_partial_update(self) -> ChopsUpdate | None:
        spans = list(self._regions_to_spans(self._dirty_regions))
        self._dirty_regions.clear()
        return self._update(spans) if spans else None

    def render_full_update(self, simplify: bool = False) -> CompositorUpdate:  # type: ignore[override]
        """Each widget's line at its own column here too. The toolkit writes a row in one go: where a terminal draws an
        emoji of several wider than its parts are counted, all that stands to the right of it was shifted.

        The toolkit promises a `LayoutUpdate`; whoever calls it takes any `CompositorUpdate`, as of a partial one.
        """
        if simplify:
            return super().render_full_update(simplify)  # for a picture
        self._dirty_regions.clear()
        width, height = self.size
        return self._update([(y, 0, width) for y in range(height)])

    def _update(self, spans: list[Span]) -> ChopsUpdate:
        return LeanUpdate(self._chops(spans), spans, [cuts[1:] for cuts in self.cuts])

    def _render_chops(self, crop: Region, is_rendered_line: Callable[[int], bool]) -> Sequence[Mapping[int, Strip]]:
        rows = filter(is_rendered_line, range(crop.y, crop.bottom))
        return self._chops([(y, crop.x, crop.right) for y in rows])  # type: ignore[return-value]  # as the toolkit's

    def _chops(self, spans: Sequence[Span]) -> Sequence[Chops]:
        """By row what shows in the spans; None in them where no widget is."""
        cuts = self.cuts
        chops: list[Chops] = [{}] * len(cuts)
        if not spans:
            return chops
        for y, here in groupby(spans, key=itemgetter(0)):
            chops[y] = dict.fromkeys(cuts[y][:-1], _NOT_WANTED)
            for _y, start, end in here:
                chops[y] |= {left: None for left, right in pairwise(cuts[y]) if left < end and right > start}
        rows = sorted({y for y, _start, _end in spans})
        unfilled = sum(strip is None for y in rows for strip in chops[y].values())
        leftmost, rightmost = min(start for _y, start, _end in spans), max(end for _y, _start, end in spans)
        for widget, (region, clip) in self.visible_widgets.items():  # from the front to the back
            shown = region.intersection(clip)
            first, last = shown.column_span
            if last <= leftmost or first >= rightmost:
                continue  # beside all of them, as the figures are: no row need be looked at
            pieces = [
                (y, cuts[y][bisect_left(cuts[y], first) : bisect_right(cuts[y], last)])
                for y in rows[bisect_left(rows, shown.y) : bisect_left(rows, shown.bottom)]
            ]
            if any(chops[y][column] is None for y, columns in pieces for column in columns[:-1]):
                strips = widget.render_lines(shown.translate(-region.offset))
                for y, columns in pieces:
                    if y - shown.y < len(strips):
                        unfilled -= _lay(chops[y], columns, strips[y - shown.y])
                if not unfilled:
                    break  # all that lies further back is covered
        return chops


class CoveredScreen(Screen[Result]):
    """A screen that other screens are opened over while it goes on changing."""

    def on_screen_suspend(self) -> None:
        """What has been said is said on by the upper screen: below a question it would stand twice. The toolkit shows
        it here again when this screen is the upper one."""
        for rack in self.query_children(ToastRack):
            rack.display = False

    def _compositor_refresh(self) -> None:
        """What has changed under another screen is painted there, beside what has changed in that one. The toolkit
        paints it instead: a post of the upper screen stood there as it had been until it changed again.
        """
        upper = self.app.screen
        if self is upper or self not in self.app._background_screens:
            super()._compositor_refresh()
        elif regions := self._compositor._dirty_regions:
            upper._set_dirty(*regions)
            upper._dirty_widgets.add(upper)
            upper.check_idle()
            regions.clear()
            self._dirty_widgets.clear()


class LeanScreen(CoveredScreen[None]):
    """A screen that `LeanCompositor` paints. At another size of the terminal it is laid out with the class of its width
    from the first, and not once more for hearing of its own new size, as the toolkit does.

    Its first layout and painting, and those at another size, are of everything. The toolkit would do both once more,
    for what its parts had asked for before, for their hearing of their sizes, and for the screen being a new one: 60 M
    instructions of a start, and half the time of a resize.
    """

    _painted_at: float | None = None  # whole, in the time of messages; never where it was covered at its first layout
    _is_resized = _is_laid_out_whole = False  # just now
    _counted_key, _frames_left = 0.0, 0  # when the key came whose frames are counted; how many are to come

    def __init__(self) -> None:
        super().__init__()
        self._compositor = LeanCompositor()

    def on_mount(self) -> None:
        for rack in self.query(ToastRack):  # a test may have none
            rack.display = bool(self.app._notifications)  # as it will be set: not laid out for that

    def _on_screen_resume(self, event: events.ScreenResume) -> None:
        event.prevent_default()  # it is called here, and no second time
        is_first = self._painted_at is None
        super()._on_screen_resume(event)
        if is_first and self._painted_at is not None:
            self._repaint_required = False

    def _refresh_layout(self, size: Size | None = None, scroll: bool = False) -> None:
        self._is_laid_out_whole = self._is_resized or self._compositor.root is None
        super()._refresh_layout(size, scroll)
        self._is_laid_out_whole = False

    async def _on_idle(self, event: events.Idle) -> None:
        """What a key has changed is painted at once. The toolkit paints at the beats of a clock that runs on for one
        beat after each frame: a key that came just after new posts were painted waited for the next beat, and where the
        loop was busy then, for the one after.
        """
        is_shown = self is self.app.screen and not self.app._batch_count
        if is_shown and self._dirty_widgets and not self._layout_required and self._takes_a_keys_frame():
            event.prevent_default()
            self._on_timer_update()
        else:
            await super()._on_idle(event)

    def _takes_a_keys_frame(self) -> bool:
        """Each key has two: the first may be of something else. Keys that come faster than frames share them."""
        came_at = pieces.key_came_at()
        if came_at != self._counted_key:
            self._frames_left = 2 if came_at - self._counted_key >= UPDATE_PERIOD else 0
            self._counted_key = came_at
        if not self._frames_left:
            return False
        self._frames_left -= 1
        return True

    def _compositor_refresh(self) -> None:
        if self._is_laid_out_whole and self is self.app.screen:
            self._painted_at = get_time()
            for part in self._compositor.full_map:
                part._layout_required = part._repaint_required = False
        super()._compositor_refresh()
        pieces.key_painted()

    async def _on_layout(self, message: Layout) -> None:
        self._leave_out_if_done(message)

    async def _on_update(self, message: Update) -> None:
        self._leave_out_if_done(message)

    def _leave_out_if_done(self, message: Message) -> None:
        """Asked for before the last painting of everything."""
        if self._painted_at is not None and message.time <= self._painted_at:
            message.stop().prevent_default()

    def _screen_resized(self, size: Size) -> None:
        if size != self._compositor.size:
            points = self.app.HORIZONTAL_BREAKPOINTS or []
            here = set(self._get_breakpoint_classes(size.width, points))
            self.update_classes({name: name in here for _width, name in points}, animate=False)
            for part in self._compositor.full_map:
                part._check_refresh()  # what it asks for is heard before the one layout that there is
            self._is_resized = True
            super()._screen_resized(size)
            self._is_resized = False


class LeanUpdate(ChopsUpdate):
    """Writes what the toolkit's does, without the cursor's way to chops of which nothing is in the span."""

    def render_segments(self, console: Console) -> str:
        written: list[str] = []
        for y, start, end in self.spans:
            for right, (left, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=True):
                if strip is None or left >= end or right <= start:
                    continue
                if left < start or right > end:
                    strip = strip.crop(0, min(right, end) - left)
                written.append(f"\x1b[{y + 1};{left + 1}H{strip.render(console)}")
        return "".join(written)


def _lay(chops: Chops, columns: Sequence[int], strip: Strip) -> int:
    """Fills with a widget's line what nothing in front of it has filled; gives how many pieces that were."""
    left = columns[0]
    if len(columns) == 2 and strip.cell_length == columns[1] - left:  # uncut
        pieces: Sequence[Strip] = (strip,)
    else:
        pieces = strip.divide([column - left for column in columns[1:]])
    filled = 0
    for column, piece in zip(columns, pieces, strict=False):
        if chops[column] is None:
            chops[column] = piece
            filled += 1
    return filled
