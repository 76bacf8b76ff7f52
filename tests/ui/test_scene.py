"""The screen's rules without a terminal: nothing jumps, the selected post is visible, cost does not grow with N."""

from __future__ import annotations

import random
from operator import methodcaller

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.strip import Strip

from mbclient.core.stores import Entry
from mbclient.domain.safetext import SafeText
from mbclient.ui.paint import Painter
from mbclient.ui.scene import Scene, Showing
from mbclient.ui.themes import DARK, palette
from mbclient.ui.viewport import Viewport
from mbclient.ui.window import MOST, EntryWindow
from tests.ui.posts import STEP, WORDS, FakeSource, make_entry

PALETTE = palette(DARK)


def scene_of(source: FakeSource, width: int = 80, height: int = 24, place: int | None = None) -> Scene:
    scene = Scene(Showing(source, place), Painter(width, PALETTE, WORDS), height)
    scene.frame()
    return scene


def texts(frame: list[Strip]) -> list[str]:
    return [strip.text for strip in frame]


def check(scene: Scene, frame: list[Strip]) -> None:
    """What must hold after everything that can happen."""
    assert len(frame) == scene.viewport.height
    assert all(strip.cell_length == scene.painter.width for strip in frame)
    if scene.viewport.window.total:
        assert scene.viewport.selected in [entry.key for entry, _line in scene.rows]
        bars = [row for row, strip in enumerate(frame) if strip.text.startswith("▌")]
        assert bars
        assert bars == list(range(bars[0], bars[-1] + 1))
        assert len({(entry.key, line) for entry, line in scene.rows}) == len(scene.rows)
        assert [entry.key for entry, _line in scene.rows] == sorted((e.key for e, _l in scene.rows), reverse=True)


def do_anything(scene: Scene, source: FakeSource, chance: random.Random, newest: int) -> int:
    """One random operation; gives the newest number there is now."""
    operation = chance.randrange(12)
    if operation <= 3:
        steps = chance.choice([1, 1, 1, 3, -1, -1, -2])
        scene.move(lambda viewport: viewport.move(steps))
    elif operation <= 5:
        pages = chance.choice([1, -1])
        scene.move(lambda viewport: viewport.page(pages))
    elif operation == 6:
        far = chance.choice([3, -3, 10, -40])
        scene.move(lambda viewport: viewport.scroll(far))
    elif operation == 7:
        scene.move(chance.choice([Viewport.show_top, Viewport.show_bottom]))
    elif operation == 8:
        scene.measure(Painter(chance.randint(20, 200), PALETTE, WORDS), chance.randint(3, 60))
    elif operation == 9:
        key = chance.choice(source.keys)
        scene.move(lambda viewport: viewport.show_key(key))
    elif operation == 10 and scene.selected is not None:
        scene.reveal(scene.selected)
    else:
        before = scene.frame()
        rows = list(scene.rows)
        fresh = [make_entry(number) for number in range(newest + 1, newest + 51)]
        source.add(fresh)
        scene.arrived(fresh if chance.random() < 0.7 else ())
        after = scene.frame()
        assert texts(after) == texts(before), "what the reader sees moved"
        assert scene.rows == rows
        newest += 50
    return newest


@pytest.mark.parametrize("number", [1_000, 100_000])
def test_400_random_operations_keep_the_selected_post_on_screen_and_move_nothing(number: int) -> None:
    source = FakeSource(range(1, number + 1))
    scene = scene_of(source)
    chance = random.Random(number)
    newest = number
    for _ in range(400):
        newest = do_anything(scene, source, chance, newest)
        check(scene, scene.frame())


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 40), st.integers(20, 200), st.integers(1, 60), st.randoms(use_true_random=False))
def test_short_timelines_and_odd_sizes(number: int, width: int, height: int, chance: random.Random) -> None:
    source = FakeSource(range(1, number + 1))
    scene = scene_of(source, width, height)
    check(scene, scene.frame())
    for _ in range(15):
        steps = chance.choice([1, -1, 5, -5])
        how = chance.choice(["move", "page", "scroll"])
        scene.move(methodcaller(how, steps))
        check(scene, scene.frame())


def work(number: int) -> tuple[int, int]:
    """Posts laid out and pages read for the same keys at two lengths."""
    scene = scene_of(FakeSource(range(1, number + 1)), 120, 40)
    for move in (lambda v: v.move(1), lambda v: v.page(1), lambda v: v.move(-1)):
        for _ in range(60):
            scene.move(move)
            scene.frame()
    for end in (Viewport.show_bottom, Viewport.show_top):
        scene.move(end)
        scene.frame()
    return scene.painter.laid_out, scene.viewport.window.pages_read


def test_the_work_of_a_key_does_not_depend_on_the_number_of_posts() -> None:
    small, large = work(1_000), work(100_000)
    assert large[1] == small[1] <= 30
    assert abs(large[0] - small[0]) <= small[0] // 10
    assert small[0] < 800


def test_the_same_strips_are_handed_out_again() -> None:
    scene = scene_of(FakeSource(range(1, 200)))
    first = scene.frame()
    assert all(one is other for one, other in zip(first, scene.frame(), strict=True))
    scene.move(lambda viewport: viewport.move(1))
    changed = [row for row, (one, other) in enumerate(zip(first, scene.frame(), strict=True)) if one is not other]
    assert len(changed) <= 14, "only the two posts whose selection changed"
    laid_out = scene.painter.laid_out
    scene.move(lambda viewport: viewport.move(-1))
    assert all(one is other for one, other in zip(first, scene.frame(), strict=True))
    assert scene.painter.laid_out == laid_out


def test_the_window_stays_small() -> None:
    window = EntryWindow(FakeSource(range(1, 5_001)))
    entry: Entry | None = window.load_newest()
    seen = 0
    while entry is not None:
        seen += 1
        assert window.above(entry.key) == seen - 1
        entry = window.older(entry.key)
        assert len(window._entries) <= MOST
    assert seen == 5_000
    entry = window.load_oldest()
    back = 0
    while entry is not None:
        back += 1
        entry = window.newer(entry.key)
    assert back == 5_000


def test_a_post_taller_than_the_screen_is_scrolled_through() -> None:
    tall = make_entry(2, text=SafeText("\n".join(f"rad {number:02}" for number in range(40))))
    source = FakeSource.of([make_entry(1), tall, make_entry(3)])
    scene = scene_of(source, 60, 10)
    scene.move(lambda viewport: viewport.move(1))
    assert scene.selected == tall
    scene.reveal(tall)
    seen = set()
    for _ in range(12):
        seen |= {text.strip("▌ ") for text in texts(scene.frame()) if "rad" in text}
        if scene.selected != tall:
            break
        scene.move(lambda viewport: viewport.move(1))
    assert {f"rad {number:02}" for number in range(40)} <= seen
    assert scene.selected is not None
    assert scene.selected.key == STEP
    scene.move(lambda viewport: viewport.move(-1))
    assert "rad 39" in "".join(texts(scene.frame())), "coming from below one sees its end"


def test_arrivals_are_counted_and_the_line_of_the_unread_moves_only_with_the_reader() -> None:
    source = FakeSource(range(1, 101))
    scene = scene_of(source)
    scene.marks.on_screen(100 * STEP)
    for first in (101, 104):
        fresh = [make_entry(number) for number in range(first, first + 3)]
        source.add(fresh)
        scene.arrived(fresh)
    assert scene.marks.above == 6
    assert not any("new above" in text for text in texts(scene.frame()))
    scene.move(lambda viewport: viewport.move(-1))
    assert scene.viewport.selected == 101 * STEP
    assert any("new above" in text for text in texts(scene.frame()))
    scene.marks.selected(101 * STEP)
    scene.next_unread()
    assert scene.viewport.selected == 102 * STEP


def test_arrivals_in_the_middle_are_put_in_order() -> None:
    source = FakeSource([number * 2 for number in range(1, 200)])
    scene = scene_of(source)
    late = [make_entry(number) for number in (391, 389, 5)]
    source.add(late)
    scene.arrived(late)
    check(scene, scene.frame())
    assert 391 * STEP in [entry.key for entry, _line in scene.rows]
    assert scene.viewport.window.total == 202


def test_the_first_arrivals_fill_an_empty_timeline() -> None:
    source = FakeSource(())
    scene = Scene(Showing(source, empty="Nothing here yet\nAdd an account"), Painter(40, PALETTE, WORDS), 9)
    frame = texts(scene.frame())
    assert [text.strip() for text in frame if text.strip()] == ["Nothing here yet", "Add an account"]
    source.add([make_entry(1), make_entry(2)])
    scene.arrived([make_entry(1), make_entry(2)])
    check(scene, scene.frame())
    assert scene.viewport.selected == 2 * STEP


def test_a_changed_post_is_painted_anew_and_a_removed_one_goes_while_the_selection_stays() -> None:
    source = FakeSource(range(1, 101))
    scene = scene_of(source)
    scene.move(lambda viewport: viewport.move(2))
    row = scene.viewport.selected_row()
    source.add([make_entry(100, text=SafeText("ändrad\ntill\nflera\nrader\nän\nförr"))])
    scene.frame()
    scene.reread(100 * STEP)
    assert any("förr" in text for text in texts(scene.frame()))
    assert scene.viewport.selected_row() == row
    source.remove(98 * STEP)
    scene.reread(98 * STEP)
    check(scene, scene.frame())
    assert scene.viewport.selected == 97 * STEP


def test_the_reading_place_is_found_again_even_if_its_post_is_gone() -> None:
    source = FakeSource(range(1, 1001))
    assert scene_of(source, place=500 * STEP).viewport.selected == 500 * STEP
    source.remove(500 * STEP)
    scene = scene_of(source, place=500 * STEP)
    assert scene.viewport.selected == 499 * STEP
    assert scene.marks.is_unread(501 * STEP)
    check(scene, scene.frame())
