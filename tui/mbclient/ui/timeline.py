"""The timeline: a widget that paints its own lines, so that a key costs what is visible and nothing ever jumps.

The design is the measured one of the speed facts, section 2: anchored state (`viewport.py`), a window on the source
(`window.py`), painted strips that are handed out again (`paint.py`); `scene.py` joins them. Keep border, padding and
opacity off this widget: they would bring back the toolkit's own pass over every line.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from textual import events
from textual.geometry import Offset, Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from mbclient.core.stores import Entry
from mbclient.domain.post import Post
from mbclient.ui import covering
from mbclient.ui.arriving import Arrivals
from mbclient.ui.keys import KeySequences, bindings
from mbclient.ui.paint import Painter
from mbclient.ui.readahead import ReadAhead
from mbclient.ui.render import PLAIN, Dress, Words
from mbclient.ui.scene import Scene, Showing
from mbclient.ui.scrollmark import ScrollMark
from mbclient.ui.sheet import GUTTER
from mbclient.ui.themes import palette_of
from mbclient.ui.viewport import Viewport
from mbclient.ui.window import TimelineSource

WHEEL_ROWS = 3
MOVES = ("down", "up", "top", "bottom", "page_up", "page_down", "next_unread")  # none opens what may want the next key


class Timeline(KeySequences, Widget, can_focus=True):
    """Entries of a source, newest first.

    Give it a source with `show`; tell it what happens with `entries_arrived`, `refresh_entry`, `minute_passed` and
    `words_changed`.
    """

    DEFAULT_CSS = """
    Timeline { width: 1fr; height: 1fr; background: $background; }
    """
    ALLOW_SELECT = False  # the painted strips carry no text offsets; copying goes by keys
    BINDINGS = bindings(*MOVES, "reveal")

    unread_above: reactive[int] = reactive(0, repaint=False)
    """Entries newer than any that has been on screen: "12 new above"."""

    class Selected(Message):
        """Another entry is selected; None when the timeline is empty."""

        def __init__(self, entry: Entry | None) -> None:
            super().__init__()
            self.entry = entry

    class Opened(Message):
        """The user clicked twice on the entry, and wants the conversation around it."""

        def __init__(self, entry: Entry) -> None:
            super().__init__()
            self.entry = entry

    class LinkClicked(Message):
        """The user clicked on a link of the post. Always http or https; nothing has been opened."""

        def __init__(self, url: str, post: Post) -> None:
            super().__init__()
            self.url = url
            self.post = post

    class ReachedEnd(Message):
        """The oldest entry of the source is on screen: older ones may be fetched. Once per oldest entry, and again for
        each key that would go further down.
        """

        def __init__(self, oldest: Entry) -> None:
            super().__init__()
            self.oldest = oldest

    def __init__(self, words: Words, *, mark: ScrollMark | None = None, id: str | None = None) -> None:
        super().__init__(id=id)
        self._say = words
        self._mark = mark
        self._showing: Showing | None = None
        self._scene: Scene | None = None
        self._before: Scene | None = None  # what the next scene goes on from
        self._frame: list[Strip] = []
        self._told_selected: int | None = None
        self._told_end: int | None = None
        self._ahead = ReadAhead(lambda: self._scene if self.is_running else None)
        self._arrivals = Arrivals(self._show_arrivals)
        self.untouched = True  # since `show`: nobody has moved in it, or opened anything

    # ---------------------------------------------------------------- what is shown

    def show(
        self,
        source: TimelineSource,
        *,
        place: int | None = None,
        read_to: int | None = None,
        row: int = 0,
        empty: str = "",
        dress: Callable[[Entry], Dress] = lambda _entry: PLAIN,
        again: bool = False,
    ) -> None:
        """Shows a source. `place`, `row`: what to select and where, as `selected_key` and `selected_row` gave it.

        Without a place the newest is selected. `read_to`: entries newer than this key are unread (default: than
        `place`, or none). `empty`: our words for when there is nothing. `dress`: what to say of an entry besides its
        post. `again`: they are the posts that were shown till now, under other rules: what is open stays open, and
        what is unread unread.
        """
        self._arrivals.take()  # the source has them
        self._showing = Showing(source, place, read_to, row, empty, dress)
        self._before = (self._scene or self._before) if again else None
        self._scene = None
        self._told_selected = self._told_end = None
        self.untouched = True
        self._measure(self.size)
        self._changed()

    def begin_anew(self) -> None:
        """The source from its newest entry on, all of it read: as if it had been shown only now."""
        if self._showing is not None:
            self._arrivals.take()
            self._showing, self._scene = replace(self._showing, place=None, read_to=None, row=0), None
            self._measure(self.size)
            self._changed()

    @property
    def selected(self) -> Entry | None:
        if self._scene is None:
            self._measure(self.size)  # asked for before it is painted: the first line of keys tells what can be done
        return self._scene.selected if self._scene is not None else None

    @property
    def selected_key(self) -> int | None:
        """The reading place: what `show` takes to come back here."""
        return self._scene.viewport.selected if self._scene is not None else None

    @property
    def selected_row(self) -> int:
        """The screen row where the selected entry begins, negative when that is above."""
        row = self._scene.viewport.selected_row() if self._scene is not None else None
        return row or 0

    @property
    def seen_key(self) -> int | None:
        """The newest key that has been on screen: what `show` takes as `read_to`."""
        return self._scene.marks.seen if self._scene is not None else None

    @property
    def on_screen(self) -> tuple[Entry, ...]:
        """The entries of which something is visible, from the top."""
        if self._scene is None:
            return ()
        return tuple({entry.key: entry for entry, _line in self._scene.rows}.values())

    # ---------------------------------------------------------------- what happens

    def entries_arrived(self, entries: Sequence[Entry] = ()) -> None:
        """The source has more entries: these, or unknown ones. What the reader sees does not move."""
        if entries and self._scene is not None:
            self._arrivals.add(entries)
        else:
            self._arrivals.take()  # they are read with the others
            self._change(lambda scene: scene.arrived(()))

    def _show_arrivals(self) -> None:
        if self.is_running:
            self._change(lambda _scene: None)

    def _change(self, change: Callable[[Scene], object]) -> None:
        """After what has arrived, and painted with it."""
        if self._scene is not None:
            self._take_in(self._scene)
            change(self._scene)
            self._changed()

    def _take_in(self, scene: Scene) -> bool:
        """Before anything else happens to the scene: what has arrived, in the order told. Whether anything has."""
        entries = self._arrivals.take()
        if entries:
            scene.arrived(entries)
        return bool(entries)

    def refresh_entry(self, key: int) -> None:
        """An entry has changed, or is gone: reads it again. The selected post stays where it is."""
        self._change(lambda scene: scene.reread(key))

    def entry_placed(self, before: int, now: int) -> None:
        """An entry has another key now. What the reader sees does not move."""
        self._change(lambda scene: scene.placed(before, now))

    def refresh_post(self, post_id: str) -> None:
        """A post (`Post.id`) has changed, or is gone: reads again every entry near that shows it, on screen or not."""
        if (scene := self._scene) is None:
            return
        came = self._take_in(scene)
        if keys := scene.viewport.window.keys_of(post_id):
            scene.reread(*keys)
        if came or keys:
            self._changed()

    def words_changed(self, words: Words | None = None) -> None:
        """The times, the matched terms, the language or the theme are others now: lays everything out again."""
        self._say = words or self._say
        self._measure(self.size, anew=True)
        self._changed()

    def minute_passed(self) -> None:
        """Times in words may be others: lays out anew those posts that have another."""
        self._change(Scene.time_passed)

    def speak_plainly(self, plain: bool) -> None:
        """The plain reading mode has begun or ended."""
        if plain is not self._say.plain:
            self.words_changed(replace(self._say, plain=plain))

    def sit(self, density: str) -> None:
        """How close the posts stand: compact, normal or airy."""
        if density != self._say.density:
            self.words_changed(replace(self._say, density=density))

    def select(self, key: int) -> None:
        """Selects the entry with this key, or the nearest."""
        self._move(lambda viewport: viewport.show_key(key))

    def move_by(self, steps: int) -> None:
        """Down by so many entries, or up."""
        move = self._move_down if steps > 0 else self._move
        move(lambda viewport: viewport.move(steps))

    # ---------------------------------------------------------------- actions

    def action_down(self) -> None:
        self.move_by(1)

    def action_up(self) -> None:
        self.move_by(-1)

    def action_top(self) -> None:
        self._move(Viewport.show_top)

    def action_bottom(self) -> None:
        self._move_down(Viewport.show_bottom)

    def action_page_up(self) -> None:
        self._move(lambda viewport: viewport.page(-1), self.size.height)

    def action_page_down(self) -> None:
        self._move_down(lambda viewport: viewport.page(1), self.size.height)

    def action_next_unread(self) -> None:
        self.untouched = self.untouched and self._scene is None
        self._change(Scene.next_unread)

    def action_reveal(self) -> None:
        """Uncovers what a warning hides, then the rest of a long post, then puts both back."""
        if (entry := self.selected) is not None:
            self.untouched = False
            self._change(lambda scene: covering.say_if_nothing_is(self, scene.reveal(entry)))

    # ---------------------------------------------------------------- the mouse

    def on_click(self, event: events.Click) -> None:
        scene = self._scene
        if scene is None or not 0 <= event.y < len(scene.rows):
            return
        entry, line = scene.rows[event.y]
        layout = scene.layout(entry)
        self.select(entry.key)
        if (url := layout.link_at(line, event.x)) is not None:
            self.post_message(self.LinkClicked(url, entry.post))
        elif line == layout.more_row:
            self.action_reveal()
        elif event.chain == 2 and (opened := self.selected) is not None:
            self.post_message(self.Opened(opened))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self._move(lambda viewport: viewport.scroll(WHEEL_ROWS))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self._move(lambda viewport: viewport.scroll(-WHEEL_ROWS))

    # ---------------------------------------------------------------- painting

    def place_cursor(self) -> None:
        """The terminal's own cursor to where the selected entry begins: screen readers and magnifiers follow it."""
        if self.has_focus and self.is_attached and self.app.screen is self.screen:  # covered, it keeps its focus
            row = min(max(self.selected_row, 0), max(self.size.height - 1, 0))
            self.app.cursor_position = self.region.offset + Offset(GUTTER, row)

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, lambda _theme: self.words_changed())

    def on_resize(self, event: events.Resize) -> None:
        self._measure(event.size)
        self._changed()

    def render_lines(self, crop: Region) -> list[Strip]:
        """The visible strips, the very same objects in each frame."""
        width, height = self.size
        if self._showing is None:
            return [Strip.blank(crop.width, self.rich_style)] * crop.height
        if self._scene is None or self._scene.painter.width != width or len(self._frame) != height:
            self._measure(self.size)  # painted before the resize event has come
            self._frame = self._scene.frame() if self._scene is not None else []
        strips = self._frame[crop.y : crop.bottom]
        if crop.x or crop.width != width:
            strips = [strip.crop(crop.x, crop.right) for strip in strips]
        return strips

    def _measure(self, size: Size, *, anew: bool = False) -> None:
        """Fits the scene to a size; begins what `show` asked for once there is a size."""
        if not size or self._showing is None:
            return
        scene = self._scene
        if scene is not None and not anew and scene.painter.width == size.width:
            if scene.viewport.height != size.height:
                scene.measure(scene.painter, size.height)
            return
        painter = Painter(size.width, palette_of(self.app.current_theme), self._say, self.app.get_line_filters())
        if scene is None:
            self._scene, self._before = Scene(self._showing, painter, size.height, self._before), None
        else:
            scene.measure(painter, size.height)

    def _move(self, move: Callable[[Viewport], None], next_rows: int = 0) -> None:
        """`next_rows`: as `ReadAhead.moved` has it."""
        scene = self._scene
        if scene is None:
            return
        before = scene.rows
        self.untouched = False
        self._take_in(scene)
        scene.move(move)
        self._changed()
        self._ahead.moved(before, scene, next_rows)

    def _move_down(self, move: Callable[[Viewport], None], next_rows: int = 0) -> None:
        """Whoever wants further down than the end asks for older ones once more."""
        scene = self._scene
        before = (scene.rows, scene.viewport.selected) if scene is not None else None
        self._move(move, next_rows)
        if scene is not None and before == (scene.rows, scene.viewport.selected):
            self._told_end = None
            self._tell(scene)

    def _changed(self) -> None:
        """Paints what differs from the last frame and tells who listens."""
        scene = self._scene
        if scene is None:
            return
        before, self._frame = self._frame, scene.frame()
        self.place_cursor()
        changed = [row for row, strip in enumerate(self._frame) if row >= len(before) or strip is not before[row]]
        if len(before) != len(self._frame) or 2 * len(changed) > len(before):
            self.refresh()
        elif changed:
            self.refresh(*(Region(0, row, self.size.width, 1) for row in changed))
        self._tell(scene)

    def _tell(self, scene: Scene) -> None:
        """Messages and numbers that follow from the frame."""
        viewport, window, marks = scene.viewport, scene.viewport.window, scene.marks
        if scene.rows:
            top, last = scene.rows[0][0], scene.rows[-1][0]
            first = window.above(top.key)
            if marks.on_screen(top.key):
                marks.above = first
            if self._mark is not None:
                self._mark.show(first, window.above(last.key) - first + 1, window.total)
            if last.key != self._told_end and window.older(last.key) is None:
                self._told_end = last.key
                self.post_message(self.ReachedEnd(last))
        elif self._mark is not None:
            self._mark.show(0, 0, 0)
        self.unread_above = marks.above
        if viewport.selected != self._told_selected:
            self._told_selected = viewport.selected
            if viewport.selected is not None:
                marks.selected(viewport.selected)
            self.screen.post_message(self.Selected(scene.selected))  # nobody on the way there listens
