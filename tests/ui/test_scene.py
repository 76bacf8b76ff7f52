"""The screen's rules without a terminal: nothing jumps, the selected post is visible, cost does not grow with N."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime
from operator import methodcaller

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.strip import Strip

from mbclient.core.stores import Entry, Gap
from mbclient.domain.safetext import SafeText
from mbclient.ui.paint import GAPS, Painter
from mbclient.ui.render import Words
from mbclient.ui.scene import Scene, Showing
from mbclient.ui.themes import DARK, palette
from mbclient.ui.viewport import Viewport
from mbclient.ui.window import MOST, EntryWindow
from tests.ui.posts import NOON, STEP, WORDS, FakeSource, make_entry

PALETTE = palette(DARK)


def scene_of(
    source: FakeSource, width: int = 80, height: int = 24, place: int | None = None, words: Words = WORDS
) -> Scene:
    scene = Scene(Showing(source, place), Painter(width, PALETTE, words), height)
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
    operation = chance.randrange(13)
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
        words = replace(WORDS, density=chance.choice(("compact", "normal", "airy")))
        scene.measure(Painter(chance.randint(20, 200), PALETTE, words), chance.randint(3, 60))
    elif operation == 9:
        key = chance.choice(source.keys)
        scene.move(lambda viewport: viewport.show_key(key))
    elif operation == 10 and scene.selected is not None:
        scene.reveal(scene.selected)
    elif operation == 11:
        known = scene.viewport.selected if chance.random() < 0.3 else chance.choice(source.keys)
        now = chance.randint(1, newest) * STEP + 1
        if known is not None and known in source.keys and now not in source.keys:  # else it is held already
            selected, keys = scene.viewport.selected, [entry.key for entry, _line in scene.rows]
            source.move(known, now)
            scene.placed(known, now)
            assert scene.viewport.selected == selected, "it has changed by itself"
            if not keys[-1] < now < keys[0]:
                assert [entry.key for entry, _line in scene.viewport.rows()] == keys
    else:
        before = scene.frame()
        rows = list(scene.rows)
        fresh = [make_entry(number) for number in range(newest + 1, newest + 51)]
        source.add(fresh)
        held = scene.viewport.window._held  # asked for anew, they are where they belong
        scene.arrived(fresh if held or chance.random() < 0.7 else ())
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
@given(
    st.integers(0, 40),
    st.integers(20, 200),
    st.integers(1, 60),
    st.sampled_from(sorted(GAPS)),
    st.randoms(use_true_random=False),
)
def test_short_timelines_and_odd_sizes(
    number: int, width: int, height: int, density: str, chance: random.Random
) -> None:
    source = FakeSource(range(1, number + 1))
    scene = scene_of(source, width, height, words=replace(WORDS, density=density))
    check(scene, scene.frame())
    for _ in range(15):
        steps = chance.choice([1, -1, 5, -5])
        how = chance.choice(["move", "page", "scroll"])
        scene.move(methodcaller(how, steps))
        check(scene, scene.frame())


def test_posts_stand_closer_or_wider_apart() -> None:
    """As many posts more as the lines between them give; wide apart the rule has air on both sides."""
    source = FakeSource(range(1, 200))
    shown = {}
    for density in GAPS:
        scene = scene_of(source, 100, 60, words=replace(WORDS, density=density))
        frame = texts(scene.frame())
        shown[density] = len({entry.key for entry, _line in scene.rows})
        rules = [row for row, line in enumerate(frame) if line.strip(" ─") == "" and "─" in line]
        if density == "compact":
            assert not rules
        if density == "airy":
            assert rules
            assert all(not frame[row - 1].strip() for row in rules)
            assert all(not frame[row + 1].strip() for row in rules if row + 1 < len(frame))
    assert shown["compact"] > shown["normal"] > shown["airy"]


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


def test_above_a_window_stands_what_is_above_though_one_of_these_is_held_within() -> None:
    source = FakeSource(range(1, 301))
    window = EntryWindow(source)
    window.load_around(100 * STEP)
    top = window.newest_key
    assert top is not None
    source.move(100 * STEP, top + STEP + 1)
    window.hold(100 * STEP, top + STEP + 1)
    entry = window.newer(top)
    assert entry is not None
    assert entry.key == top + STEP
    shown = [each.key for each in window.downwards(entry)]
    assert shown == sorted({*range(STEP, top + STEP + 1, STEP)}, reverse=True), "each once, and nothing left out"


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


def test_what_is_said_where_there_is_nothing_is_never_cut() -> None:
    told = "Tryck c för att skriva det första inlägget, eller , för att lägga till ett konto."
    scene = Scene(Showing(FakeSource(()), empty=told), Painter(40, PALETTE, WORDS), 9)
    assert " ".join(" ".join(texts(scene.frame())).split()) == told


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


def test_a_hole_is_nothing_unread() -> None:
    source = FakeSource(range(1, 101))
    hole = Entry(61 * STEP, make_entry(61).post, gap=Gap("work", 61 * STEP, NOON, NOON, "c"))
    source.add([hole])
    scene = scene_of(source, place=60 * STEP)
    scene.marks.selected(60 * STEP)
    scene.next_unread()
    assert scene.viewport.selected == 62 * STEP


def test_under_other_rules_what_is_open_stays_open_and_what_is_unread_unread() -> None:
    covered = make_entry(52, cw=SafeText("careful"), text=SafeText("the covered words"))
    source = FakeSource(range(1, 101))
    source.add([covered])
    scene = scene_of(source, place=50 * STEP)
    scene.move(lambda viewport: viewport.move(-2))
    scene.reveal(covered)
    scene.marks.on_screen(scene.rows[0][0].key)
    before = texts(scene.frame())
    assert any("the covered words" in text for text in before)
    assert any("new above" in text for text in before)
    source.add([make_entry(101)])
    showing = Showing(source, 52 * STEP, 100 * STEP, scene.viewport.selected_row() or 0)
    after = Scene(showing, scene.painter, scene.viewport.height, scene)
    assert texts(after.frame()) == before
    assert after.marks.above == 101 - (after.marks.seen or 0) // STEP


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


@pytest.mark.parametrize("down", [True, False])
def test_a_key_finds_what_it_shows_read_and_laid_out(down: bool) -> None:
    source = FakeSource(range(1, 2001))
    scene = scene_of(source, place=make_entry(1000).key)
    window = scene.viewport.window
    scene.prepare(24, down=down)
    before = window.pages_read
    for _page in range(60):
        read, laid_out = window.pages_read, scene.painter.laid_out
        scene.move(lambda viewport: viewport.page(1 if down else -1))
        scene.frame()
        assert (window.pages_read, scene.painter.laid_out) == (read, laid_out)
        scene.prepare(24, down=down)
    assert window.pages_read > before + 2, "they were read between the keys"


@pytest.mark.parametrize("down", [True, False])
def test_no_step_waits_for_the_source(down: bool) -> None:
    scene = scene_of(FakeSource(range(1, 2001)), place=make_entry(1000).key)
    window, before = scene.viewport.window, scene.viewport.window.pages_read
    for _step in range(300):
        read = window.pages_read
        scene.move(lambda viewport: viewport.move(1 if down else -1))
        scene.frame()
        assert window.pages_read == read
        if scene.runs_out(down=down):
            scene.prepare(0, down=down)
            assert not scene.runs_out(down=down)
    assert window.pages_read > before + 2, "it was asked between the keys"


def test_at_the_end_there_is_nothing_to_prepare() -> None:
    scene = scene_of(FakeSource(range(1, 2001)))
    laid_out, read = scene.painter.laid_out, scene.viewport.window.pages_read
    assert not scene.runs_out(down=False)
    scene.prepare(24, down=False)
    assert (scene.painter.laid_out, scene.viewport.window.pages_read) == (laid_out, read)


@pytest.mark.parametrize("plain", [True, False])
def test_another_minute_lays_out_what_has_another_time_in_words(plain: bool) -> None:
    late = False

    def when(at: datetime) -> str:
        return "a minute later" if late and at.minute % 2 else f"{at:%H:%M}"

    scene = scene_of(FakeSource(range(1, 201)), words=replace(WORDS, when=when, plain=plain), place=make_entry(100).key)
    before, laid_out, shown = scene.frame(), scene.painter.laid_out, {entry.key: entry for entry, _line in scene.rows}
    row = scene.viewport.selected_row()
    late = True
    scene.time_passed()
    after = scene.frame()
    odd = sum(entry.post.sorted_at.minute % 2 for entry in shown.values())
    assert 0 < odd < len(shown)
    assert scene.painter.laid_out <= laid_out + odd + 1, "one may have come in where a time takes fewer lines"
    assert scene.viewport.selected_row() == row
    assert sum("a minute later" in text.replace("\n", " ") for text in texts(after)) > 0
    if not plain:
        changed = [one for one, other in zip(before, after, strict=True) if one is not other]
        assert len(changed) < len(after)
    laid_out = scene.painter.laid_out
    scene.time_passed()
    assert scene.frame() == after
    assert scene.painter.laid_out == laid_out
