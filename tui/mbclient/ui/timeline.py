"""The timeline: a widget that paints its own lines, so that a key costs what is visible and nothing ever jumps.

The design is the measured one of the speed facts, section 2: anchored state (`viewport.py`), a window on the source
(`window.py`), painted strips that are handed out again (`paint.py`); `scene.py` joins them. Keep border, padding and
opacity off this widget: they would bring back the toolkit's own pass over every line.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from mbclient.core.stores import Entry
from mbclient.domain.post import Post
from mbclient.ui.keys import KeySequences, bindings
from mbclient.ui.paint import Painter
from mbclient.ui.render import PLAIN, Dress, Words
from mbclient.ui.scene import Scene, Showing
from mbclient.ui.scrollmark import ScrollMark
from mbclient.ui.themes import palette_of
from mbclient.ui.viewport import Viewport
from mbclient.ui.window import TimelineSource

WHEEL_ROWS = 3


class Timeline(KeySequences, can_focus=True):
    """Entries of a source, newest first.

    Give it a source with `show`; tell it what happens with `entries_arrived`, `refresh_entry` and `words_changed`.
    """

    DEFAULT_CSS = """
    Timeline { width: 1fr; height: 1fr; background: $background; }
    """
    ALLOW_SELECT = False  # the painted strips carry no text offsets; copying goes by keys
    BINDINGS = bindings("down", "up", "top", "bottom", "page_up", "page_down", "thread", "next_unread", "reveal")

    unread_above: reactive[int] = reactive(0, repaint=False)
    """Entries newer than any that has been on screen: "12 new above"."""

    @dataclass
    class Selected(Message):
        """Another entry is selected; None when the timeline is empty."""

        entry: Entry | None

    @dataclass
    class Opened(Message):
        """The user wants the conversation around the entry."""

        entry: Entry

    @dataclass
    class LinkClicked(Message):
        """The user clicked on a link of the post. Always http or https; nothing has been opened."""

        url: str
        post: Post

    @dataclass
    class ReachedEnd(Message):
        """The oldest entry of the source is on screen: older ones may be fetched. Once per oldest entry."""

        oldest: Entry

    def __init__(self, words: Words, *, mark: ScrollMark | None = None, id: str | None = None) -> None:
        super().__init__(id=id)
        self._say = words
        self._mark = mark
        self._showing: Showing | None = None
        self._scene: Scene | None = None
        self._frame: list[Strip] = []
        self._told_selected: int | None = None
        self._told_end: int | None = None

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
    ) -> None:
        """Shows a source. `place`, `row`: what to select and where, as `selected_key` and `selected_row` gave it.

        Without a place the newest is selected. `read_to`: entries newer than this key are unread (default: than
        `place`, or none). `empty`: our words for when there is nothing. `dress`: what to say of an entry besides its
        post.
        """
        self._showing = Showing(source, place, read_to, row, empty, dress)
        self._scene = None
        self._told_selected = self._told_end = None
        self._measure(self.size)
        self._changed()

    @property
    def selected(self) -> Entry | None:
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
        if self._scene is not None:
            self._scene.arrived(entries)
            self._changed()

    def refresh_entry(self, key: int) -> None:
        """An entry has changed, or is gone: reads it again. The selected post stays where it is."""
        if self._scene is not None:
            self._scene.reread(key)
            self._changed()

    def refresh_post(self, post_id: str) -> None:
        """A post (`Post.id`) has changed, or is gone: reads again every entry near that shows it, on screen or not."""
        if self._scene is not None and (keys := self._scene.viewport.window.keys_of(post_id)):
            self._scene.reread(*keys)
            self._changed()

    def words_changed(self, words: Words | None = None) -> None:
        """The times, the matched terms, the language or the theme are others now: lays everything out again."""
        self._say = words or self._say
        self._measure(self.size, anew=True)
        self._changed()

    def select(self, key: int) -> None:
        """Selects the entry with this key, or the nearest."""
        self._move(lambda viewport: viewport.show_key(key))

    def move_by(self, steps: int) -> None:
        """Down by so many entries, or up."""
        self._move(lambda viewport: viewport.move(steps))

    # ---------------------------------------------------------------- actions

    def action_down(self) -> None:
        self.move_by(1)

    def action_up(self) -> None:
        self.move_by(-1)

    def action_top(self) -> None:
        self._move(Viewport.show_top)

    def action_bottom(self) -> None:
        self._move(Viewport.show_bottom)

    def action_page_up(self) -> None:
        self._move(lambda viewport: viewport.page(-1))

    def action_page_down(self) -> None:
        self._move(lambda viewport: viewport.page(1))

    def action_next_unread(self) -> None:
        if self._scene is not None:
            self._scene.next_unread()
            self._changed()

    def action_thread(self) -> None:
        if (entry := self.selected) is not None:
            self.post_message(self.Opened(entry))

    def action_reveal(self) -> None:
        """Uncovers what a warning hides, then the rest of a long post, then puts both back."""
        if self._scene is not None and (entry := self.selected) is not None:
            self._scene.reveal(entry)
            self._changed()

    # ---------------------------------------------------------------- the mouse

    def on_click(self, event: events.Click) -> None:
        scene = self._scene
        if scene is None or not 0 <= event.y < len(scene.rows):
            return
        entry, line = scene.rows[event.y]
        layout = scene.layout(entry)
        self.select(entry.key)
        for area in layout.links:
            if area.row == line and area.start <= event.x < area.end:
                self.post_message(self.LinkClicked(area.url, entry.post))
                return
        if line == layout.more_row:
            self.action_reveal()
        elif event.chain == 2:
            self.action_thread()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self._move(lambda viewport: viewport.scroll(WHEEL_ROWS))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self._move(lambda viewport: viewport.scroll(-WHEEL_ROWS))

    # ---------------------------------------------------------------- painting

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
        palette = palette_of(self.app.current_theme)
        painter = Painter(size.width, palette, self._say, self.app.get_line_filters())
        if scene is None:
            self._scene = Scene(self._showing, painter, size.height)
        else:
            scene.measure(painter, size.height)

    def _move(self, move: Callable[[Viewport], None]) -> None:
        if self._scene is not None:
            self._scene.move(move)
            self._changed()

    def _changed(self) -> None:
        """Paints what differs from the last frame and tells who listens."""
        scene = self._scene
        if scene is None:
            return
        before, self._frame = self._frame, scene.frame()
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
            self.post_message(self.Selected(scene.selected))


class TimelinePane(Horizontal):
    """A timeline with the column that shows where one is in it."""

    DEFAULT_CSS = """
    TimelinePane { width: 1fr; height: 1fr; }
    """

    def __init__(self, words: Words, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.scroll_mark = ScrollMark()
        self.timeline = Timeline(words, mark=self.scroll_mark)

    def compose(self) -> ComposeResult:
        yield self.timeline
        yield self.scroll_mark
