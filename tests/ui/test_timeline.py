"""The widget in a running app: keys, mouse, messages, sizes, themes, and text that is only text."""

from __future__ import annotations

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.pilot import Pilot

from mbclient.core.keytable import DEFAULT_KEYS
from mbclient.core.stores import Entry
from mbclient.domain.post import Author, Link, Media
from mbclient.domain.safetext import SafeText
from mbclient.ui.keys import keymap
from mbclient.ui.themes import DARK, textual_theme
from mbclient.ui.timeline import Timeline
from mbclient.ui.timelinepane import TimelinePane
from tests.ui.posts import STEP, WORDS, FakeSource, make_entry, showcase

MARKUP = [
    "[/]", "[@click=app.ring]klicka[/]", "[bold red]röd[/bold red]", "[link=https://x.example]y[/]", "[x] klart",
]  # fmt: skip


class Host(App[None]):
    """An app with nothing but the timeline; remembers what it was told."""

    def __init__(self, source: FakeSource, place: int | None = None, empty: str = "") -> None:
        super().__init__()
        self.source = source
        self.place = place
        self.empty = empty
        self.pane = TimelinePane(WORDS)
        self.timeline = self.pane.timeline
        self.told: list[object] = []
        self.rung = 0

    def compose(self) -> ComposeResult:
        yield self.pane

    def on_mount(self) -> None:
        self.register_theme(textual_theme("mbclient-dark", DARK, dark=True))
        self.theme = "mbclient-dark"
        self.timeline.show(self.source, place=self.place, empty=self.empty)
        self.timeline.focus()

    def on_timeline_selected(self, message: Timeline.Selected) -> None:
        self.told.append(message)

    def on_timeline_opened(self, message: Timeline.Opened) -> None:
        self.told.append(message)

    def on_timeline_link_clicked(self, message: Timeline.LinkClicked) -> None:
        self.told.append(message)

    def on_timeline_reached_end(self, message: Timeline.ReachedEnd) -> None:
        self.told.append(message)

    def action_ring(self) -> None:
        self.rung += 1

    def screen_rows(self) -> list[str]:
        """What the compositor puts on the screen."""
        return [strip.text for strip in self.screen._compositor.render_strips()]

    def timeline_rows(self) -> list[str]:
        width = self.timeline.size.width
        return [strip.crop(0, width).text for strip in self.screen._compositor.render_strips()]


async def press(pilot: Pilot[None], *keys: str) -> None:
    await pilot.press(*keys)
    await pilot.pause()


async def test_keys_move_the_selection_and_tell_it_and_two_clicks_open_it() -> None:
    app = Host(FakeSource(range(1, 301)))
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "j", "down", "k")
        assert app.timeline.selected_key == 299 * STEP
        await press(pilot, "G")
        assert app.timeline.selected_key == STEP
        assert any(isinstance(message, Timeline.ReachedEnd) for message in app.told)
        await press(pilot, "g", "g")
        assert app.timeline.selected_key == 300 * STEP
        await press(pilot, "pagedown", "space", "pageup")
        assert app.timeline.selected_key is not None
        assert app.timeline.selected_key < 300 * STEP
        told = [message.entry for message in app.told if isinstance(message, Timeline.Selected)]
        assert told[-1] == app.timeline.selected
        await pilot.click(app.timeline, offset=(2, 1), times=2)
        opened = app.told[-1]
        assert isinstance(opened, Timeline.Opened)
        assert opened.entry == app.timeline.selected


async def test_a_broken_off_sequence_leaves_the_next_key_alone() -> None:
    app = Host(FakeSource(range(1, 301)))
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "j", "g", "j", "g")
        assert app.timeline.selected_key == 298 * STEP
        await press(pilot, "g")
        assert app.timeline.selected_key == 300 * STEP


async def test_rebound_keys_and_sequences_are_heard() -> None:
    app = Host(FakeSource(range(1, 301)))
    table = DEFAULT_KEYS.rebound({"down": "t", "bottom": "z z"})
    async with app.run_test(size=(80, 24)) as pilot:
        app.set_keymap(keymap(table))
        app.timeline.key_table = table
        await press(pilot, "t", "j")
        assert app.timeline.selected_key == 299 * STEP
        await press(pilot, "z", "z")
        assert app.timeline.selected_key == STEP


async def test_arrivals_move_nothing_and_are_counted() -> None:
    app = Host(FakeSource(range(1, 1001)))
    async with app.run_test(size=(100, 30)) as pilot:
        await press(pilot, "j", "j")
        before = app.timeline_rows()
        fresh = [make_entry(number) for number in range(1001, 1051)]
        app.source.add(fresh)
        app.timeline.entries_arrived(fresh)
        await pilot.pause()
        assert app.timeline_rows() == before
        assert app.timeline.unread_above == 50
        await press(pilot, "n", "n")
        assert app.timeline.selected_key == 1002 * STEP
        await press(pilot, "home")
        assert app.timeline.unread_above == 0
        assert app.timeline.seen_key == 1050 * STEP


@pytest.mark.parametrize("width", [20, 40, 60, 80, 120, 200])
async def test_every_width_keeps_the_frame_straight(width: int) -> None:
    app = Host(FakeSource.of(showcase()))
    async with app.run_test(size=(width, 40)) as pilot:
        await pilot.pause()
        for row in app.screen._compositor.render_strips():
            assert row.cell_length == width
        rows = app.screen_rows()
        assert all(row[-1] in "│┃" for row in rows)
        assert "Anna Ek" in "".join(rows)


async def test_the_end_is_told_once_and_again_to_who_wants_further() -> None:
    app = Host(FakeSource(range(1, 4)))
    async with app.run_test(size=(80, 40)) as pilot:

        def ends() -> list[int]:
            return [message.oldest.key for message in app.told if isinstance(message, Timeline.ReachedEnd)]

        await press(pilot, "j", "j", "k", "j")
        assert ends() == [STEP]
        await press(pilot, "j")
        assert ends() == [STEP] * 2
        await press(pilot, "G", "pagedown")
        assert ends() == [STEP] * 4
        await press(pilot, "k", "g", "g", "up")
        assert ends() == [STEP] * 4


async def test_a_new_size_keeps_the_selected_post_on_screen() -> None:
    app = Host(FakeSource(range(1, 1001)), place=500 * STEP)
    async with app.run_test(size=(120, 40)) as pilot:
        await press(pilot, *"jjjjj")
        selected = app.timeline.selected_key
        for size in ((40, 12), (200, 60), (30, 5), (80, 24)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert app.timeline.selected_key == selected
            assert any(row.startswith("▌") for row in app.timeline_rows())


async def test_markup_in_a_post_is_text_and_clicks_all_over_do_nothing() -> None:
    entries = [
        Entry(
            (number + 1) * STEP,
            make_entry(
                1,
                text=SafeText(raw),
                author=Author(SafeText(f"a{raw}"), SafeText(raw)),
                boosted_by=Author(SafeText(raw)),
                media=(Media("image", SafeText(raw)),),
            ).post,
        )
        for number, raw in enumerate(MARKUP)
    ]
    app = Host(FakeSource.of(entries))
    async with app.run_test(size=(60, 36)) as pilot:
        await pilot.pause()
        rows = app.timeline_rows()
        for raw in MARKUP:
            assert sum(raw in row for row in rows) >= 4, "name, booster, text and description, each identical"
        for y, row in enumerate(rows):
            for x in range(4, min(len(row.rstrip()), 26), 11):
                await pilot.click(offset=(x, y))
        assert app.rung == 0
        assert app.is_running
        clicked = {message.url for message in app.told if isinstance(message, Timeline.LinkClicked)}
        assert clicked <= {"https://x.example"}, "an address in a text may be told, nothing else"


async def test_clicks_select_links_are_told_and_the_wheel_scrolls() -> None:
    linked = make_entry(
        2, text=SafeText("Läs rapporten nu"), links=(Link("https://example.org/r", SafeText("rapporten")),)
    )
    app = Host(FakeSource.of([make_entry(1), linked, make_entry(3)]))
    async with app.run_test(size=(80, 30)) as pilot:
        await pilot.pause()
        rows = app.timeline_rows()
        y = next(number for number, row in enumerate(rows) if "rapporten" in row)
        await pilot.click(offset=(rows[y].index("Läs"), y))
        assert app.timeline.selected_key == 2 * STEP
        await pilot.click(offset=(rows[y].index("rapporten"), y))
        assert [message.url for message in app.told if isinstance(message, Timeline.LinkClicked)] == [
            "https://example.org/r"
        ]
        assert "(example.org)" in rows[y]


async def test_the_wheel_scrolls_and_the_selection_stays_in_sight() -> None:
    app = Host(FakeSource(range(1, 301)))
    async with app.run_test(size=(80, 20)) as pilot:
        await pilot.pause()
        top = app.timeline_rows()[0]
        for _ in range(20):
            app.timeline.post_message(events.MouseScrollDown(app.timeline, 5, 5, 0, 0, 0, False, False, False))
        await pilot.pause()
        assert app.timeline_rows()[0] != top
        assert app.timeline.selected in app.timeline.on_screen


async def test_a_warning_and_a_long_post_open_with_the_reveal_key() -> None:
    covered = make_entry(
        1, text=SafeText("\n".join(f"rad {number:02}" for number in range(30))), cw=SafeText("om lunchen")
    )
    app = Host(FakeSource.of([covered]))
    async with app.run_test(size=(80, 40)) as pilot:
        await pilot.pause()
        assert "om lunchen" in "".join(app.timeline_rows())
        for expected in (("rad 00", "rad 29"), ("rad 29", "\0"), ("om lunchen", "rad 00")):
            await press(pilot, "x")
            shown = "".join(app.timeline_rows())
            assert expected[0] in shown
            assert expected[1] not in shown


async def test_a_theme_is_taken_over_at_once_and_no_color_has_no_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    light = {**DARK, "background": "#fafafa", "foreground": "#202020"}
    app = Host(FakeSource(range(1, 30)))
    async with app.run_test(size=(80, 20)) as pilot:
        await pilot.pause()
        app.register_theme(textual_theme("light", light, dark=False))
        app.theme = "light"
        await pilot.pause()
        assert (250, 250, 250) in colours_of(app, 6)
        app.theme = "textual-dark"
        await pilot.pause()
        assert (250, 250, 250) not in colours_of(app, 6)
    monkeypatch.setenv("NO_COLOR", "1")  # here the toolkit's own way with it; the program's is in test_no_colour.py
    app = Host(FakeSource(range(1, 30)))
    async with app.run_test(size=(80, 20)) as pilot:
        await pilot.pause()
        assert all(is_grey(style) for row in range(10) for style in colours_of(app, row))
        assert any(row.startswith("▌") for row in app.timeline_rows()), "the bar shows what is selected"


def colours_of(app: Host, row: int) -> list[tuple[int, ...]]:
    """Every colour, ink and paper, of a row of the timeline."""
    strip = app.timeline.render_lines(Region(0, row, app.timeline.size.width, 1))[0]
    styles = [segment.style for segment in strip if segment.style is not None]
    colours = [colour for style in styles for colour in (style.color, style.bgcolor) if colour is not None]
    return [tuple(colour.triplet) for colour in colours if colour.triplet is not None]


def is_grey(colour: tuple[int, ...]) -> bool:
    return max(colour) - min(colour) <= 1


async def test_an_empty_timeline_says_so_and_fills() -> None:
    app = Host(FakeSource(()), empty="Nothing here yet")
    async with app.run_test(size=(60, 12)) as pilot:
        await press(pilot, "j", "k", "G", "g", "g", "n", "x", "enter", "pagedown")
        assert "Nothing here yet" in "".join(app.timeline_rows())
        app.source.add([make_entry(1)])
        app.timeline.entries_arrived()
        await pilot.pause()
        assert app.timeline.selected_key == STEP
        assert "Anna Ek" in "".join(app.timeline_rows()) or "Bo Åström" in "".join(app.timeline_rows())


async def test_a_post_that_changed_off_screen_is_shown_as_it_is_now() -> None:
    app = Host(FakeSource(range(1, 301)))
    async with app.run_test(size=(80, 20)) as pilot:
        await press(pilot, "pagedown", "pagedown", "pagedown")
        before = app.timeline_rows()
        changed = make_entry(300, text=SafeText("ändrad sedan sist"))
        app.source.add([changed])
        app.source.remove(299 * STEP)
        for number in (300, 299):
            app.timeline.refresh_post(make_entry(number).post.id)
        await pilot.pause()
        assert app.timeline_rows() == before
        await press(pilot, "home")
        rows = "".join(app.timeline_rows())
        assert "ändrad sedan sist" in rows
        assert "299:" not in rows


async def test_the_mark_beside_shows_the_place() -> None:
    app = Host(FakeSource(range(1, 1001)))
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.pause()
        assert [row[-1] for row in app.screen_rows()].index("┃") == 0
        await press(pilot, "end")
        assert [row[-1] for row in app.screen_rows()][-1] == "┃"
        await press(pilot, "pageup")
        assert [row[-1] for row in app.screen_rows()][-1] == "│"
